"""One node or pod with what belongs to it, for somebody who asks: the object, its neighbours, its budgets, its events.

The object itself must come; of the rest, what we may not read is left out and named.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec

from fleetui.clients.kube import faults
from fleetui.clients.kube.link import Link
from fleetui.clients.kube.objects import seconds
from fleetui.clients.kube.quantity import quantity
from fleetui.clients.kube.session import Call, Query
from fleetui.clients.kube.target_objects import WireBudget, WireNode, WirePod, budget, node_state, pod_state
from fleetui.model.details import Condition, ContainerDetails, Happening, MachineDetails, PodDetails
from fleetui.model.fault import ClusterError, Fault
from fleetui.model.text import clean, clean_message

T = TypeVar("T")
R = TypeVar("R")

MOST_PODS = 1_000
"""Of one node: ten times what a kubelet takes by default."""
MOST_EVENTS = 200


class WireCondition(msgspec.Struct, rename="camel"):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""
    last_transition_time: datetime | None = None


class WireRun(msgspec.Struct, rename="camel"):
    """``running``, ``waiting`` and ``terminated`` in one: each leaves out what it does not have."""

    reason: str = ""
    message: str = ""
    exit_code: int | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None


class WireState(msgspec.Struct):
    running: WireRun | None = None
    waiting: WireRun | None = None
    terminated: WireRun | None = None


class WireContainer(msgspec.Struct, rename="camel"):
    name: str = ""
    image: str = ""
    ready: bool = False
    restart_count: int = 0
    state: WireState = msgspec.field(default_factory=WireState)
    last_state: WireState = msgspec.field(default_factory=WireState)


class ObjectStatus(msgspec.Struct, rename="camel"):
    conditions: list[WireCondition] | None = None
    reason: str = ""
    message: str = ""
    allocatable: dict[str, str | int | float] | None = None
    container_statuses: list[WireContainer] | None = None
    init_container_statuses: list[WireContainer] | None = None


class Said(msgspec.Struct):
    """The part of a node or pod that a drain does not need."""

    status: ObjectStatus = msgspec.field(default_factory=ObjectStatus)


class WireEvent(msgspec.Struct, rename="camel"):
    type: str = ""
    reason: str = ""
    message: str = ""
    count: int | None = None
    last_timestamp: datetime | None = None
    event_time: datetime | None = None


class _Pods(msgspec.Struct):
    items: list[WirePod] | None = None


class _Budgets(msgspec.Struct):
    items: list[WireBudget] | None = None


class _Events(msgspec.Struct):
    items: list[WireEvent] | None = None


async def machine_details(link: Link, name: str) -> MachineDetails:
    """Raises ClusterError when the node itself cannot be read."""
    on_it = [("fieldSelector", f"spec.nodeName={name}"), ("limit", str(MOST_PODS))]
    body, (pods, no_pods), (events, no_events) = await asyncio.gather(
        _body(link, f"/api/v1/nodes/{quote(name)}", "nodes"),
        _part(link, "/api/v1/pods", on_it, "pods", _Pods),
        _part(link, "/api/v1/events", _about("Node", name), "events", _Events),
    )
    node, said = await _decode(link, body, WireNode), await _decode(link, body, Said)
    room = quantity((said.status.allocatable or {}).get("pods"))
    return MachineDetails(
        node=node_state(node),
        conditions=_conditions(said.status.conditions),
        pod_room=None if room is None else int(room),
        pods=None if pods is None else tuple(pod_state(pod) for pod in pods.items or ()),
        happenings=_happenings(events),
        refused=tuple(fault for fault in (no_pods, no_events) if fault is not None),
    )


async def pod_details(link: Link, namespace: str, name: str) -> PodDetails:
    """Raises ClusterError when the pod itself cannot be read."""
    place = f"/namespaces/{quote(namespace)}"
    body, (budgets, no_budgets), (events, no_events) = await asyncio.gather(
        _body(link, f"/api/v1{place}/pods/{quote(name)}", "pods"),
        _part(link, f"/apis/policy/v1{place}/poddisruptionbudgets", (), "poddisruptionbudgets", _Budgets),
        _part(link, f"/api/v1{place}/events", _about("Pod", name), "events", _Events),
    )
    pod, said = await _decode(link, body, WirePod), await _decode(link, body, Said)
    status = said.status
    return PodDetails(
        pod=pod_state(pod),
        conditions=_conditions(status.conditions),
        containers=(
            *(_container(found, init=True) for found in status.init_container_statuses or ()),
            *(_container(found, init=False) for found in status.container_statuses or ()),
        ),
        reason=clean(status.reason),
        message=clean_message(status.message),
        budgets=None if budgets is None else tuple(budget(item) for item in budgets.items or ()),
        happenings=_happenings(events),
        refused=tuple(fault for fault in (no_budgets, no_events) if fault is not None),
    )


def _about(kind: str, name: str) -> Query:
    return [("fieldSelector", f"involvedObject.kind={kind},involvedObject.name={name}"), ("limit", str(MOST_EVENTS))]


async def _body(link: Link, path: str, what: str) -> bytes:
    return (await link.get(Call(path, what=what))).body


async def _part(link: Link, path: str, query: Query, what: str, kind: type[T]) -> tuple[T | None, Fault | None]:
    """What belongs to the object; the reason when it cannot be had."""
    try:
        answer = await link.get(Call(path, query, what=what))
        return await _decode(link, answer.body, kind), None
    except ClusterError as error:
        return None, error.fault


async def _decode(link: Link, body: bytes, kind: type[T]) -> T:
    try:
        return await asyncio.to_thread(msgspec.json.decode, body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise faults.not_kubernetes(await link.host(), clean_message(str(error))) from error


def _conditions(found: list[WireCondition] | None) -> tuple[Condition, ...]:
    return tuple(
        Condition(
            type=clean(one.type),
            status=clean(one.status),
            since=seconds(one.last_transition_time),
            reason=clean(one.reason),
            message=clean_message(one.message),
        )
        for one in found or ()
    )


def _container(found: WireContainer, *, init: bool) -> ContainerDetails:
    word, now = _state(found.state)
    _, before = _state(found.last_state)
    return ContainerDetails(
        name=clean(found.name),
        image=clean(found.image),
        ready=found.ready,
        restarts=found.restart_count,
        state=word,
        reason=clean(now.reason),
        message=clean_message(now.message),
        since=seconds(now.finished_at or now.started_at),
        exit_code=now.exit_code,
        last_exit_code=before.exit_code,
        last_reason=clean(before.reason),
        last_ended=seconds(before.finished_at),
        init=init,
    )


_STATES: tuple[tuple[str, Callable[[WireState], WireRun | None]], ...] = (
    ("running", lambda state: state.running),
    ("terminated", lambda state: state.terminated),
    ("waiting", lambda state: state.waiting),
)


def _state(state: WireState) -> tuple[str, WireRun]:
    for word, of in _STATES:
        run = of(state)
        if run is not None:
            return word, run
    return "", WireRun()


def _happenings(found: _Events | None) -> tuple[Happening, ...] | None:
    if found is None:
        return None
    said = [
        Happening(
            at=seconds(event.last_timestamp or event.event_time),
            reason=clean(event.reason),
            message=clean_message(event.message),
            warning=event.type == "Warning",
            count=event.count or 1,
        )
        for event in found.items or ()
    ]
    return tuple(sorted(said, key=lambda one: one.at or 0.0))
