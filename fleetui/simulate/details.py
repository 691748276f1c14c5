"""One simulated node or pod with what belongs to it, in the words of ``model.details``."""

from collections.abc import Callable
from typing import TypeVar, cast

from fleetui.model.details import Condition, ContainerDetails, Happening, MachineDetails, PodDetails
from fleetui.model.fault import ClusterError, Fault
from fleetui.model.text import clean, clean_message
from fleetui.simulate import rows
from fleetui.simulate.gate import Gate, raise_for
from fleetui.simulate.objects import Condition as NodeCondition
from fleetui.simulate.objects import Container, ContainerStatus, DisruptionBudget, Event, Node, Pod, Resource
from fleetui.simulate.request import Get, List
from fleetui.simulate.wire_text import whole_second

T = TypeVar("T", bound=Resource)

EXIT_CODE = 1
"""Of every simulated container that failed."""


async def machine_details(gate: Gate, name: str) -> MachineDetails:
    answer = await gate.ask(Get("nodes", name), verb="get", resource="nodes")
    raise_for(answer.status, "nodes")
    node = cast("Node", answer.item)
    pods, no_pods = await _part(gate, "pods", "", Pod, lambda pod: pod.node == name)
    events, no_events = await _part(gate, "events", "", Event, _about("Node", name))
    return MachineDetails(
        node=rows.node_state(node),
        conditions=tuple(map(_node_condition, node.conditions)),
        pod_room=node.hardware.pods,
        pods=None if pods is None else tuple(map(rows.pod_state, pods)),
        happenings=_happenings(events),
        refused=tuple(fault for fault in (no_pods, no_events) if fault is not None),
    )


async def pod_details(gate: Gate, namespace: str, name: str) -> PodDetails:
    answer = await gate.ask(Get("pods", name, namespace), verb="get", resource="pods")
    raise_for(answer.status, "pods")
    pod = cast("Pod", answer.item)
    budgets, no_budgets = await _part(gate, "poddisruptionbudgets", namespace, DisruptionBudget, lambda _: True)
    events, no_events = await _part(gate, "events", namespace, Event, _about("Pod", name))
    return PodDetails(
        pod=rows.pod_state(pod),
        conditions=tuple(_pod_conditions(pod)),
        containers=tuple(map(_container, pod.template.containers, pod.containers)),
        budgets=None if budgets is None else tuple(map(rows.budget_state, budgets)),
        happenings=_happenings(events),
        refused=tuple(fault for fault in (no_budgets, no_events) if fault is not None),
    )


def _about(kind: str, name: str) -> Callable[[Event], bool]:
    return lambda event: event.about_kind == kind and event.about[1] == name


async def _part(
    gate: Gate, resource: str, namespace: str, _: type[T], chosen: Callable[[T], bool]
) -> tuple[tuple[T, ...] | None, Fault | None]:
    """What belongs to the object; the reason when it cannot be had."""
    request = List(resource, namespace, chosen=cast("Callable[[Resource], bool]", chosen))
    try:
        answer = await gate.ask(request, verb="list", resource=resource)
        raise_for(answer.status, resource)
    except ClusterError as error:
        return None, error.fault
    return cast("tuple[T, ...]", tuple(answer.items)), None


def _node_condition(found: NodeCondition) -> Condition:
    since = whole_second(found.since)
    return Condition(found.type, found.status, since, clean(found.reason), clean_message(found.message))


def _pod_conditions(pod: Pod) -> list[Condition]:
    """Those that say whether it has found a place and is ready; the wire says more."""
    if not pod.node:
        said = clean_message(pod.unschedulable)
        return [Condition("PodScheduled", "False", whole_second(pod.created), "Unschedulable", said)] if said else []
    since = whole_second(pod.ready_changed if pod.ready_changed is not None else pod.started)
    why = ("", "") if pod.ready else ("ContainersNotReady", "containers with unready status")
    return [
        Condition("Ready", "True" if pod.ready else "False", since, *why),
        Condition("PodScheduled", "True", whole_second(pod.created)),
    ]


def _container(container: Container, status: ContainerStatus) -> ContainerDetails:
    failed = status.last_exit is not None
    return ContainerDetails(
        name=clean(container.name),
        image=clean(container.image),
        ready=status.ready,
        restarts=status.restarts,
        state=status.state,
        reason=clean(status.reason),
        since=None if status.state == "waiting" else whole_second(status.since),
        exit_code=0 if status.state == "terminated" else None,
        last_exit_code=EXIT_CODE if failed else None,
        last_reason="Error" if failed else "",
        last_ended=whole_second(status.last_exit),
    )


def _happenings(events: tuple[Event, ...] | None) -> tuple[Happening, ...] | None:
    if events is None:
        return None
    return tuple(
        Happening(
            whole_second(one.last), clean(one.reason), clean_message(one.message), one.type == "Warning", one.count
        )
        for one in sorted(events, key=lambda one: one.last)
    )
