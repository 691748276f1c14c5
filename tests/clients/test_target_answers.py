"""What a write's answer leaves open: a server or a balancer that says 502, 503 or 504 may have made the change."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from fleetui.clients.kube.connect import Connector
from fleetui.clients.system import SystemClock
from fleetui.control.effects import outcome_of
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import ClusterError
from fleetui.model.journal import EffectOutcome
from fleetui.ports.target import TargetCluster
from tests.clients.scripted import LowChance, Scripted, serving, status, write_kubeconfig


async def _patch(target: TargetCluster) -> int:
    patch = b'{"spec":{"unschedulable":true}}'
    return (await target.patch_node("wk-1", uid="u", resource_version="5", patch=patch)).code


async def _evict(target: TargetCluster) -> int:
    return (await target.evict("pay", "db", uid="u", grace_s=None, dry_run=False)).code


WRITES: dict[str, Callable[[TargetCluster], Awaitable[int]]] = {"patch": _patch, "evict": _evict}
ASKED = {"patch": ("PATCH", "/api/v1/nodes/wk-1"), "evict": ("POST", "/api/v1/namespaces/pay/pods/db/eviction")}


@asynccontextmanager
async def _target(folder: Path, answer: web.Response) -> AsyncIterator[tuple[TargetCluster, Scripted]]:
    """The real adapter before a server that answers every request so."""

    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        return answer

    async with serving(handle) as server:
        connector = Connector(
            (write_kubeconfig(folder / "kubeconfig", url=server.url),), clock=SystemClock(), chance=LowChance()
        )
        target = connector.open_target(ClusterRef("scripted", "scripted"))
        try:
            yield target, server
        finally:
            await target.close()
            await connector.close()


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("body", ["status", "page"])
@pytest.mark.parametrize("code", [502, 503, 504])
async def test_an_answer_that_leaves_open_whether_it_was_done_is_no_answer(
    code: int, body: str, write: str, tmp_path: Path
) -> None:
    said = status(code, "the backend went away", reason="ServiceUnavailable")
    page = web.Response(status=code, text="<html>Bad gateway</html>", content_type="text/html")
    async with _target(tmp_path, said if body == "status" else page) as (target, server):
        with pytest.raises(ClusterError):
            await WRITES[write](target)
    assert [(seen.method, seen.path) for seen in server.seen] == [ASKED[write]], "asked once: only a probe may say more"


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("code", "reason", "message"),
    [(500, "Timeout", "request did not complete"), (500, "InternalError", "etcdserver: request timed out")],
)
async def test_so_is_a_500_of_a_server_that_gave_up_waiting(
    code: int, reason: str, message: str, write: str, tmp_path: Path
) -> None:
    async with _target(tmp_path, status(code, message, reason=reason)) as (target, _):
        with pytest.raises(ClusterError):
            await WRITES[write](target)


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(
    ("code", "reason", "message"),
    [
        (403, "Forbidden", "not you"),
        (409, "Conflict", "the object has been modified"),
        (429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget."),
        (500, "InternalError", 'admission webhook "guard.example.com" denied the request: no'),
    ],
)
async def test_a_refusal_is_an_answer_with_its_code(
    code: int, reason: str, message: str, write: str, tmp_path: Path
) -> None:
    async with _target(tmp_path, status(code, message, reason=reason)) as (target, _):
        assert await WRITES[write](target) == code
    assert outcome_of(code, message) is EffectOutcome.REFUSED
