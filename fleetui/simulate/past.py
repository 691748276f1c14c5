"""What a simulated cluster remembers, for a client in the same process: as the real one says it over the wire."""

from collections.abc import Iterator
from typing import cast

from fleetui.model.fault import ClusterError, FaultKind
from fleetui.model.incident.past import MAY_NOT, Happened, Told
from fleetui.model.incident.record import LackOf
from fleetui.model.text import clean, clean_message
from fleetui.simulate.gate import Gate, raise_for
from fleetui.simulate.kinds import EMPTY
from fleetui.simulate.objects import Event, Resource, Workload
from fleetui.simulate.request import List
from fleetui.simulate.wire_text import whole_second

READ = ("deployments", "statefulsets", "daemonsets", "replicasets", "nodes", *(kind.resource for kind in EMPTY))


async def events(gate: Gate, *, since: float) -> Told:
    things, lack = await _listed(gate, "events")
    found = (cast("Event", thing) for thing in things)
    said = [_event(one) for one in found if one.type == "Warning" or one.about_kind == "Node"]
    return Told(tuple(sorted((one for one in said if one.at >= since), key=lambda one: one.at)), lack)


async def changes(gate: Gate, *, since: float) -> Told:
    said: list[Happened] = []
    lacks: list[LackOf] = []
    for resource in READ:
        things, lack = await _listed(gate, resource)
        said += [one for thing in things for one in _changes(thing) if one.at >= since]
        lacks += lack
    return Told(tuple(sorted(said, key=lambda one: one.at)), tuple(lacks))


async def _listed(gate: Gate, resource: str) -> tuple[tuple[Resource, ...], tuple[LackOf, ...]]:
    try:
        answer = await gate.ask(List(resource, ""), verb="list", resource=resource)
        raise_for(answer.status, resource)
    except ClusterError as error:
        if error.fault.kind is not FaultKind.FORBIDDEN:
            raise
        return (), (LackOf(resource, MAY_NOT),)
    return tuple(answer.items), ()


def _event(one: Event) -> Happened:
    namespace, name = one.about
    text = clean_message(f"{one.reason}: {one.message}")
    at = whole_second(one.last) or 0.0
    return Happened(
        at, one.about_kind, clean(namespace), clean(name), text, clean(one.source), one.type == "Warning", one.count
    )


def _changes(thing: Resource) -> Iterator[Happened]:
    born = whole_second(thing.created) or 0.0
    if isinstance(thing, Workload) and thing.kind == "ReplicaSet":
        if thing.owner is not None:
            yield Happened(born, thing.owner.kind, thing.namespace, thing.owner.name, f"rolls out {thing.name}")
        return
    kind = thing.kind if isinstance(thing, Workload) else "Node"
    yield Happened(born, kind, thing.namespace, thing.name, "made" if kind != "Node" else "joined")
    if isinstance(thing, Workload) and thing.edited_at is not None:
        at = whole_second(thing.edited_at) or 0.0
        yield Happened(at, kind, thing.namespace, thing.name, "edited", thing.edited_by)
