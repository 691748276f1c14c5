"""The reader against servers that are odd, small, large, hostile or half broken."""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import aclosing
from email.utils import formatdate
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp import web

from fleetui.clients.kube import reader as reader_module
from fleetui.clients.kube.connect import Connector
from fleetui.clients.kube.gathering import GATHER_S
from fleetui.clients.kube.reader import KubeReader
from fleetui.clients.system import SystemClock
from fleetui.model.details import MachineDetails, PodDetails
from fleetui.model.fault import ClusterError, FaultKind, GoneError
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.ports.reader import Change, Kind, Page
from tests.clients.scripted import Handler, LowChance, StillClock, reading, serving, status, write_kubeconfig

Answer = Callable[[web.BaseRequest], web.StreamResponse]


def _always(response: Callable[[], web.Response]) -> Handler:
    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        return response()

    return handle


def _by_path(answers: dict[str, Answer]) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        answer = answers.get(request.path)
        return answer(request) if answer else status(404, f"no {request.path}", reason="NotFound")

    return handle


def _pod(name: str, *, namespace: str = "team", version: int = 5, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, "uid": name, "resourceVersion": str(version)}, **more}


def _node(name: str, *, ready: str = "True", **spec: Any) -> dict[str, Any]:
    meta = {
        "name": name,
        "uid": name,
        "resourceVersion": "5",
        "labels": {
            "node-role.kubernetes.io/control-plane": "",
            "node-role.kubernetes.io/": "",
            "kubernetes.io/role": "infra",
        },
    }
    state = {
        "conditions": [{"type": "Ready", "status": ready}],
        "addresses": [{"type": "Hostname", "address": "h"}, {"type": "InternalIP", "address": "10.0.0.1"}],
        "nodeInfo": {
            "kubeletVersion": "v1.36.3",
            "osImage": "Debian",
            "kernelVersion": "6.1",
            "containerRuntimeVersion": "containerd://2",
        },
    }
    return {"metadata": meta, "spec": spec, "status": state}  # fmt: skip


def _list(items: list[Any], *, version: int = 10, **meta: Any) -> web.Response:
    return web.json_response({"kind": "List", "metadata": {"resourceVersion": str(version), **meta}, "items": items})


async def _pages(reader: KubeReader, kind: Kind, *, preview: bool = True) -> list[Page]:
    return [page async for page in reader.list_all(kind, preview=preview)]


# -- lists -------------------------------------------------------------------------------------------------------------


async def test_objects_that_cannot_be_read_are_counted_and_the_others_stay(tmp_path: Path) -> None:
    body = json.dumps({
        "kind": "PodList", "metadata": {"resourceVersion": "10"},
        "items": [_pod("a"), _pod("b", spec={"containers": "text"}), _pod("c\N{SNOWMAN}", spec={"containers": None}),
                  _pod("d"), None, _pod("e", metadata=None)],
    }, ensure_ascii=False).encode().replace(b'"d"', b'"\xff"')  # fmt: skip
    async with (
        serving(_always(lambda: web.Response(body=body, content_type="application/json"))) as server,
        reading(server.url, tmp_path) as reader,
    ):
        page = await reader.list_page(Kind.PODS, limit=500)
    assert [item.name for item in page.items] == ["a", "c\N{SNOWMAN}"]
    assert page.undecodable == 4


async def test_hostile_text_in_every_field_is_harmless(tmp_path: Path) -> None:
    evil = "\x1b]0;x\x07\x9b\u202e\u200b" + "x" * 1_000_000
    pod = _pod(evil, namespace=evil, spec={"nodeName": evil}, status={"phase": evil, "podIP": evil, "reason": evil})
    pod["metadata"] |= {"uid": evil, "labels": {evil: evil}}
    pod["metadata"]["ownerReferences"] = [{"kind": evil, "name": evil, "controller": True}]
    node = _node(evil)
    node["metadata"] |= {"labels": {evil: evil}, "annotations": {"fleetui.dev/lock": json.dumps({"by": evil})}}
    node["status"] = {"nodeInfo": dict.fromkeys(("kubeletVersion", "osImage", "kernelVersion"), evil)}
    handle = _by_path({"/api/v1/pods": lambda _: _list([pod]), "/api/v1/nodes": lambda _: _list([node])})
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        rows = [(await reader.list_page(kind, limit=9)).items[0] for kind in Kind]
    for row in rows:
        text = repr(row)
        assert not [bad for bad in ("\\x1b", "\\x07", "\\x9b", "\\u202e", "\\u200b") if bad in text]
        assert len(text) < 10_000


async def test_whole_nodes_where_the_server_prints_no_tables(tmp_path: Path) -> None:
    nodes = [_node("a", unschedulable=True), _node("b", ready="Unknown"), {"metadata": {"name": "c", "uid": "c"}}]
    async with serving(_always(lambda: _list(nodes))) as server, reading(server.url, tmp_path) as reader:
        page = await reader.list_page(Kind.MACHINES, limit=500)
    a, b, c = (cast(Machine, item) for item in page.items)
    assert [a.status, b.status, c.status] == ["Ready,SchedulingDisabled", "NotReady", "Unknown"]
    assert a.roles == ("control-plane", "infra")
    assert (a.version, a.internal_ip, a.os_image, a.kernel) == ("v1.36.3", "10.0.0.1", "Debian", "6.1")
    assert c.ready is None


async def test_whole_nodes_where_the_table_has_no_status(tmp_path: Path) -> None:
    table = {
        "kind": "Table",
        "metadata": {"resourceVersion": "10"},
        "columnDefinitions": [{"name": "Name"}, {"name": "Age"}],
        "rows": [{"cells": ["a", "3d"], "object": {"metadata": {"name": "a"}}}],
    }

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        return web.json_response(table) if "as=Table" in request.headers["Accept"] else _list([_node("a")])

    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        for _ in range(2):
            (machine,) = (await reader.list_page(Kind.MACHINES, limit=500)).items
            assert machine.status == "Ready"
    assert len(server.seen) == 3


async def test_an_answer_that_is_no_list_is_not_kubernetes(tmp_path: Path) -> None:
    async with (
        serving(_always(lambda: web.Response(text="<html>log in</html>"))) as server,
        reading(server.url, tmp_path) as reader,
    ):
        with pytest.raises(ClusterError) as raised:
            await reader.list_page(Kind.PODS, limit=5)
    assert raised.value.fault.word == "not Kubernetes (200)"
    assert "log in" in raised.value.fault.detail


NAMESPACES = [f"team-{number}" for number in range(6)]


def _many(*, namespaces: Answer, per_namespace: int = 400) -> Handler:
    """2,400 pods in pages of 500, and by namespace from memory."""
    pods = [_pod(f"{name}-{n}", namespace=name) for name in NAMESPACES for n in range(per_namespace)]

    def page(request: web.BaseRequest) -> web.Response:
        start, limit = int(request.query.get("continue", 0)), int(request.query["limit"])
        left = len(pods) - start - limit
        more = {"continue": str(start + limit), "remainingItemCount": left} if left > 0 else {}
        return _list(pods[start : start + limit], version=50, **more)

    def one(request: web.BaseRequest) -> web.Response:
        assert request.query["resourceVersion"] == "0"
        name = request.path.split("/")[4]
        return _list([pod for pod in pods if pod["metadata"]["namespace"] == name], version=40)

    paths: dict[str, Answer] = {f"/api/v1/namespaces/{name}/pods": one for name in NAMESPACES}
    return _by_path({"/api/v1/pods": page, "/api/v1/namespaces": namespaces, **paths})


def _names(pages: list[Page]) -> list[str]:
    return [item.name for page in pages for item in page.items]


async def test_many_pods_come_by_namespace_after_a_first_page(tmp_path: Path) -> None:
    handle = _many(namespaces=lambda _: _list([{"metadata": {"name": name}} for name in NAMESPACES]))
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        pages = await _pages(reader, Kind.PODS)
    assert len(pages[0].items) == 100
    assert len(set(_names(pages))) == 2_400
    assert len(_names(pages)) == 2_500
    assert min(int(page.resource_version) for page in pages) == 40
    assert [seen.path for seen in server.seen].count("/api/v1/pods") == 1


async def test_without_a_preview_every_object_comes_once(tmp_path: Path) -> None:
    handle = _many(namespaces=lambda _: _list([{"metadata": {"name": name}} for name in NAMESPACES]))
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        names = _names(await _pages(reader, Kind.PODS, preview=False))
    assert len(names) == len(set(names)) == 2_400


@pytest.mark.parametrize("preview", [True, False])
@pytest.mark.parametrize(
    "namespaces",
    [
        pytest.param(lambda _: status(403, "no namespaces for you", reason="Forbidden"), id="forbidden"),
        pytest.param(lambda _: _list([{"metadata": {"name": "one"}}]), id="too few"),
        pytest.param(lambda _: _list([{"metadata": {"name": f"n{n}"}} for n in range(200)]), id="too many"),
        pytest.param(lambda _: web.Response(text="nonsense"), id="nonsense"),
    ],
)
async def test_pages_where_namespaces_are_of_no_help(tmp_path: Path, namespaces: Answer, preview: bool) -> None:
    async with serving(_many(namespaces=namespaces)) as server, reading(server.url, tmp_path) as reader:
        names = _names(await _pages(reader, Kind.PODS, preview=preview))
    assert len(names) == len(set(names)) == 2_400
    assert [seen.query.get("continue") for seen in server.seen if seen.path == "/api/v1/pods"][1:] == [
        "100", "600", "1100", "1600", "2100"]  # fmt: skip


async def test_a_namespace_that_fails_fails_the_list(tmp_path: Path) -> None:
    handle = _many(namespaces=lambda _: _list([{"metadata": {"name": name}} for name in [*NAMESPACES, "odd"]]))
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        with pytest.raises(ClusterError) as raised:
            await _pages(reader, Kind.PODS)
    assert raised.value.fault.word == "404 pods"


async def test_leaving_a_list_half_way_ends_its_requests(tmp_path: Path) -> None:
    handle = _many(namespaces=lambda _: _list([{"metadata": {"name": name}} for name in NAMESPACES]))
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        async with aclosing(cast(Any, reader.list_all(Kind.PODS))) as pages:
            async for page in pages:
                if len(page.items) != 100:  # behind the first page: namespaces are being asked
                    break
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "list by namespace"]


# -- watches -----------------------------------------------------------------------------------------------------------


def _watching(*pieces: bytes, hold: bool = False) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        if hold:
            await asyncio.Event().wait()
        return response

    return handle


async def _changes(reader: KubeReader, kind: Kind = Kind.PODS) -> list[Change]:
    return [change async for batch in reader.watch(kind, resource_version="5") for change in batch]


EVENT = json.dumps({"type": "ADDED", "object": _pod("p")}).encode() + b"\n"


async def test_a_watch_asks_for_bookmarks_from_its_version_for_a_random_time(tmp_path: Path) -> None:
    async with serving(_watching(EVENT)) as server, reading(server.url, tmp_path) as reader:
        assert len(await _changes(reader)) == 1
    assert server.seen[0].query == {
        "watch": "1", "allowWatchBookmarks": "true", "resourceVersion": "5", "timeoutSeconds": "300"}  # fmt: skip


async def test_changes_that_follow_closely_are_gathered(tmp_path: Path) -> None:
    """The first two are told at once; what comes while the clock is asleep comes as one batch."""
    first_read, asleep, written = asyncio.Event(), asyncio.Event(), asyncio.Event()

    class Clock(SystemClock):
        def monotonic(self) -> float:
            return 0.0

        async def sleep(self, seconds: float) -> None:
            if seconds == GATHER_S and not asleep.is_set():
                asleep.set()
                await written.wait()
                for _ in range(50):  # turns of the loop, in which the connection is read
                    await asyncio.sleep(0)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(EVENT)
        await first_read.wait()
        await response.write(EVENT)
        await asleep.wait()
        for _ in range(10):
            await response.write(EVENT)
        written.set()
        return response

    sizes: list[int] = []
    async with serving(handle) as server, reading(server.url, tmp_path, clock=Clock()) as reader:
        async for batch in reader.watch(Kind.PODS, resource_version="5"):
            sizes.append(len(batch))
            first_read.set()
    assert sizes == [1, 1, 10]


async def test_a_watch_that_ends_in_the_middle_of_a_line_brings_what_was_whole(tmp_path: Path) -> None:
    async with serving(_watching(EVENT[:9], EVENT[9:] + EVENT[:30])) as server, reading(server.url, tmp_path) as reader:
        assert len(await _changes(reader)) == 1


async def test_a_silent_watch_ends_so_that_the_next_one_may_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader_module, "SILENCE_S", 0.2)
    async with serving(_watching(EVENT, hold=True)) as server, reading(server.url, tmp_path) as reader:
        assert len(await _changes(reader)) == 1


async def test_a_server_that_never_answers_a_watch_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader_module, "SILENCE_S", 0.2)

    async def hang(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    async with serving(hang) as server, reading(server.url, tmp_path) as reader:
        with pytest.raises(ClusterError) as raised:
            await _changes(reader)
    assert raised.value.fault.kind is FaultKind.TIMEOUT


@pytest.mark.parametrize(
    "handle",
    [
        _always(lambda: status(410, "too old", reason="Expired")),
        _watching(EVENT, json.dumps({"type": "ERROR", "object": {"kind": "Status", "code": 410}}).encode() + b"\n"),
    ],
)
async def test_410_in_either_form_is_gone(tmp_path: Path, handle: Handler) -> None:
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        with pytest.raises(GoneError):
            await _changes(reader)


async def test_a_megabyte_in_an_event_arrives_as_a_row(tmp_path: Path) -> None:
    pod = _pod("p", status={"phase": "x" * 1_000_000})
    line = json.dumps({"type": "MODIFIED", "object": pod}).encode() + b"\n"
    async with serving(_watching(line[:500_000], line[500_000:])) as server, reading(server.url, tmp_path) as reader:
        (change,) = await _changes(reader)
    assert len(cast(Pod, change.item).status) < 300


# -- the rest ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [-90, 0, 45])
async def test_the_skew_of_the_servers_clock(tmp_path: Path, ahead: int) -> None:
    def answer() -> web.Response:
        return web.Response(text="ok", headers={"Date": formatdate(time.time() + ahead, usegmt=True)})

    async with serving(_always(answer)) as server, reading(server.url, tmp_path) as reader:
        ready = await reader.readyz()
    assert ready.skew_s is not None
    assert abs(ready.skew_s - ahead) <= 1
    assert 0 < ready.latency_s < 3


@pytest.mark.parametrize(("ahead", "skew"), [(-90.0, -89.5), (0.0, 0.0), (45.0, 44.5)])
async def test_a_slow_answer_is_no_skew(tmp_path: Path, ahead: float, skew: float) -> None:
    """The server names the time half-way through four seconds, and names the whole second only."""
    clock = StillClock()

    async def slow(_: web.BaseRequest) -> web.StreamResponse:
        clock.passed += 2.0
        date = formatdate(clock.now() + ahead, usegmt=True)
        clock.passed += 2.0
        return web.Response(text="ok", headers={"Date": date})

    async with serving(slow) as server, reading(server.url, tmp_path, clock=clock) as reader:
        ready = await reader.readyz()
    assert ready.latency_s == 4.0
    assert ready.skew_s == skew


async def test_not_ready_names_the_check_that_fails(tmp_path: Path) -> None:
    body = "[+]ping ok\n[-]etcd failed: reason withheld\n[-]informer-sync failed\nreadyz check failed\n"
    async with (
        serving(_always(lambda: web.Response(status=500, text=body))) as server,
        reading(server.url, tmp_path) as reader,
    ):
        with pytest.raises(ClusterError) as raised:
            await reader.readyz()
    assert raised.value.fault.word == "not ready: etcd"
    assert "etcd, informer-sync failed" in raised.value.fault.detail


async def test_a_server_that_keeps_readyz_from_us_is_up(tmp_path: Path) -> None:
    handle = _always(lambda: status(403, "no", reason="Forbidden"))
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        assert (await reader.readyz()).latency_s > 0


async def test_a_login_page_is_not_ready(tmp_path: Path) -> None:
    handle = _always(lambda: web.Response(status=403, text="log in"))
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        with pytest.raises(ClusterError):
            await reader.readyz()


async def test_an_identity_that_may_not_be_read_is_empty(tmp_path: Path) -> None:
    handle = _always(lambda: status(403, "no", reason="Forbidden"))
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        identity = await reader.identify()
    assert (identity.uid, identity.version) == ("", "")


async def test_a_description_is_harmless_line_by_line(tmp_path: Path) -> None:
    pod = _pod("p", spec={"evil": "\x1b[2J\u202e", "big": "x" * 1_000_000})
    pod["metadata"]["managedFields"] = [{"manager": "m"}]
    handle = _always(lambda: web.json_response(pod))
    async with serving(handle) as server, reading(server.url, tmp_path) as reader:
        text = await reader.describe(Kind.PODS, namespace="a b", name="p")
    assert server.seen[0].path == "/api/v1/namespaces/a b/pods/p"
    assert "managedFields" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert max(map(len, text.splitlines())) <= 2_000


async def test_details_without_the_right_to_the_rest_are_the_object_and_what_was_refused(tmp_path: Path) -> None:
    conditions = [
        {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown", "message": "stopped \x1b[2J posting",
         "lastTransitionTime": "2027-01-15T07:46:00Z"}
    ]  # fmt: skip
    told = {"conditions": conditions, "allocatable": {"pods": "110"}}
    answers: dict[str, Answer] = {
        "/api/v1/nodes/n": lambda _: web.json_response({"metadata": {"name": "n", "uid": "u"}, "status": told}),
        "/api/v1/pods": lambda _: status(403, "pods is forbidden", reason="Forbidden"),
        "/api/v1/events": lambda _: web.json_response(
            {"items": [
                {"type": "Warning", "reason": "Late", "lastTimestamp": None, "eventTime": "2027-01-15T07:47:00.5Z"},
                {"type": "Normal", "reason": "Early", "lastTimestamp": "2027-01-15T07:46:00Z", "count": 3},
            ]}
        ),
    }  # fmt: skip
    async with serving(_by_path(answers)) as server, reading(server.url, tmp_path) as reader:
        details = await reader.details(Kind.MACHINES, namespace="", name="n")
    assert isinstance(details, MachineDetails)
    assert details.pods is None
    assert [fault.what for fault in details.refused] == ["pods"]
    assert details.pod_room == 110
    (ready,) = details.conditions
    assert (ready.status, ready.reason, ready.since) == ("Unknown", "NodeStatusUnknown", 1_800_000_000.0 - 840)
    assert "\x1b" not in ready.message
    assert [(one.reason, one.count, one.warning) for one in details.happenings or ()] == [
        ("Early", 3, False),
        ("Late", 1, True),
    ]


async def test_a_container_that_crashes_says_how_it_ended(tmp_path: Path) -> None:
    crashed = {"exitCode": 137, "reason": "OOMKilled", "finishedAt": "2027-01-15T07:59:00Z"}
    body = _pod("p", status={
        "phase": "Running",
        "containerStatuses": [
            {"name": "api", "image": "api:1", "ready": False, "restartCount": 17, "lastState": {"terminated": crashed},
             "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}}
        ],
        "initContainerStatuses": [
            {"name": "init", "ready": True, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
        ],
    })  # fmt: skip
    answers: dict[str, Answer] = {
        "/api/v1/namespaces/team/pods/p": lambda _: web.json_response(body),
        "/apis/policy/v1/namespaces/team/poddisruptionbudgets": lambda _: web.json_response({"items": None}),
        "/api/v1/namespaces/team/events": lambda _: web.Response(text="not json"),
    }
    async with serving(_by_path(answers)) as server, reading(server.url, tmp_path) as reader:
        details = await reader.details(Kind.PODS, namespace="team", name="p")
    assert isinstance(details, PodDetails)
    init, api = details.containers
    assert (init.init, init.state, init.exit_code) == (True, "terminated", 0)
    assert (api.state, api.reason, api.restarts) == ("waiting", "CrashLoopBackOff", 17)
    assert (api.last_exit_code, api.last_reason, api.last_ended) == (137, "OOMKilled", 1_800_000_000.0 - 60)
    assert details.budgets == ()
    assert details.happenings is None
    assert len(details.refused) == 1


# -- kubeconfigs that change -------------------------------------------------------------------------------------------


async def _token_server(token: str) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        good = request.headers["Authorization"] == f"Bearer {token}"
        return web.Response(text="ok") if good else status(401, "Unauthorized")

    return handle


async def test_a_login_that_rewrites_the_kubeconfig_is_picked_up(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    async with serving(await _token_server("fresh")) as server, reading(server.url, tmp_path) as reader:
        with pytest.raises(ClusterError):
            await reader.readyz()
        with pytest.raises(ClusterError):
            await reader.readyz()
        write_kubeconfig(file, url=server.url, token="fresh")
        assert (await reader.readyz()).latency_s > 0


async def test_a_broken_context_is_a_fault_until_it_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    async with serving(await _token_server("tok")) as server:
        write_kubeconfig(file, url="ftp://wrong")
        connector = Connector((file,), clock=SystemClock(), chance=LowChance())
        reader = connector.open_reader("scripted", name="scripted")
        with pytest.raises(ClusterError) as raised:
            await reader.readyz()
        assert raised.value.fault.kind is FaultKind.CONFIG
        write_kubeconfig(file, url=server.url)
        assert (await reader.readyz()).latency_s > 0
        await reader.close()
        await connector.close()


async def test_contexts_to_one_server_share_its_connections(tmp_path: Path) -> None:
    file = tmp_path / "kubeconfig"
    ports: set[int] = set()

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.Response(text="ok")

    async with serving(handle) as server:
        config = json.loads(write_kubeconfig(file, url=server.url).read_text())
        config["contexts"] += [{"name": f"alias-{n}", "context": config["contexts"][0]["context"]} for n in range(3)]
        file.write_text(json.dumps(config))
        connector = Connector((file,), clock=SystemClock(), chance=LowChance())
        readers = [connector.open_reader(name, name=name) for name in connector.contexts.names]
        for reader in readers:
            await reader.readyz()
        assert len(ports) == 1
        for reader in readers[:-1]:
            await reader.close()
        await readers[-1].readyz()
        await readers[-1].close()
        await connector.close()
