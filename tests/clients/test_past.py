"""Reading the past from servers that are large, odd, or say things that no real one says on command."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from fleetui.clients.kube import past
from fleetui.model.fault import ClusterError, FaultKind
from fleetui.model.incident.past import MAY_NOT, NOT_SERVED
from tests.clients.scripted import reading, serving, status

NOON, EARLIER = "2027-01-15T08:00:00Z", "2027-01-14T08:00:00Z"
AT = 1_800_000_000.0
EVIL = "x\x1b]0;owned\x07\u202e"


def thing(name: str, made: str = EARLIER, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop", "creationTimestamp": made, **more}}


def wrote(manager: str, fields: str, **more: Any) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "time": NOON, "fieldsV1": {fields: {}}, **more}


def listed(*items: Any, token: str = "") -> Any:
    return {"items": list(items), "metadata": {"continue": token}}


class Server:
    """By resource, the pages; all others are empty."""

    def __init__(self, **pages: list[Any] | int) -> None:
        self._pages = pages

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        resource = request.path.rpartition("/")[2]
        found = self._pages.get(resource, [])
        if isinstance(found, int):
            return status(found, "no", reason="No")
        at = int(dict(request.query).get("continue", "0"))
        return web.json_response(found[at] if at < len(found) else listed())


async def changes(tmp_path: Path, server: Server) -> tuple[list[tuple[str, str, str, str]], dict[str, str], list[Any]]:
    async with serving(server) as scripted, reading(scripted.url, tmp_path) as reader:
        told = await reader.changes(since=AT - 7200)
    said = [(one.kind, one.place, one.text, one.who) for one in told.said]
    return said, {lack.what: lack.why for lack in told.lacks}, scripted.seen


async def test_only_what_somebody_wants_is_a_change_and_reports_are_not(tmp_path: Path) -> None:
    managers = [
        wrote("kubectl-edit", "f:spec"),
        wrote("kube-controller-manager", "f:status", subresource="status"),
        wrote("labeller", "f:metadata"),
        wrote("argocd", "f:spec", operation="Apply"),
        {**wrote("long-ago", "f:spec"), "time": EARLIER},
    ]
    said, _, seen = await changes(tmp_path, Server(deployments=[listed(thing("web", managedFields=managers))]))
    assert said == [
        ("Deployment", "shop/web", "edited", "kubectl-edit"),
        ("Deployment", "shop/web", "applied", "argocd"),
    ]
    assert all("as=PartialObjectMetadataList" in one.headers["Accept"] for one in seen)


async def test_what_was_just_made_is_not_told_as_edited_too(tmp_path: Path) -> None:
    made = thing("web", NOON, managedFields=[wrote("helm", "f:spec")])
    said, _, _ = await changes(tmp_path, Server(deployments=[listed(made)]))
    assert said == [("Deployment", "shop/web", "made", "helm")]


async def test_pages_are_followed_and_what_is_beyond_the_last_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "MOST_PAGES", 3)
    pages = [listed(thing(f"c{number}", NOON), token=str(number + 1)) for number in range(4)]
    said, lacks, _ = await changes(tmp_path, Server(configmaps=pages))
    assert [place for _, place, _, _ in said] == ["shop/c0", "shop/c1", "shop/c2"]
    assert "the rest was not read" in lacks["configmaps"]


async def test_what_is_refused_or_not_served_is_named_and_the_rest_told(tmp_path: Path) -> None:
    server = Server(secrets=403, controllerrevisions=404, daemonsets=500, nodes=[listed(thing("n1", NOON))])
    said, lacks, _ = await changes(tmp_path, server)
    assert [kind for kind, *_ in said] == ["Node"]
    assert lacks["secrets"] == MAY_NOT
    assert lacks["controllerrevisions"] == NOT_SERVED
    assert lacks["daemonsets"].startswith("500")


async def test_an_answer_that_is_no_list_is_named(tmp_path: Path) -> None:
    _, lacks, _ = await changes(tmp_path, Server(nodes=["<html>"]))
    assert set(lacks) == {"nodes"}


async def test_a_login_that_has_ended_is_an_error_of_the_whole(tmp_path: Path) -> None:
    async with serving(Server(nodes=401)) as scripted, reading(scripted.url, tmp_path) as reader:
        with pytest.raises(ClusterError) as raised:
            await reader.changes(since=0.0)
    assert raised.value.fault.kind is FaultKind.UNAUTHORIZED


async def test_hostile_names_arrive_harmless(tmp_path: Path) -> None:
    evil = thing(EVIL, NOON, namespace=EVIL, managedFields=[wrote(EVIL, "f:spec")])
    said, _, _ = await changes(tmp_path, Server(deployments=[listed(evil)]))
    assert not set("".join(said[0])) & {"\x1b", "\x07", "\u202e"}


async def test_an_event_without_a_time_is_left_out_and_a_series_counts(tmp_path: Path) -> None:
    about = {"involvedObject": {"kind": "Node", "name": "n1"}, "reason": "R", "message": EVIL, "type": "Warning"}
    series = {**about, "series": {"count": 9, "lastObservedTime": "2027-01-15T08:00:00.000001Z"}}
    async with serving(Server(events=[listed(about, series)])) as scripted, reading(scripted.url, tmp_path) as reader:
        told = await reader.events(since=AT - 60)
    assert {(one.name, one.count, one.warning) for one in told.said} == {("n1", 9, True)}
    assert "\x1b" not in told.said[0].text
