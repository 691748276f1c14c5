"""How tight it gets on the machines that stay, from direct reads: the facts behind ``model.capacity``."""

import asyncio

import msgspec

from fleetui.control.facts import Facts
from fleetui.model.capacity import Cohort, Room, Squeeze, cohorts, hosts, requests, squeeze
from fleetui.model.drain import NodeState, PodState
from fleetui.model.operation import Headroom
from fleetui.model.placement import lets_in

COHORTS = 6
"""Sets of machines weighed apart, those whose pods ask for most first; each costs a sum over the cluster."""


class Weighing(msgspec.Struct, frozen=True):
    """The tightest set of machines, and what was left out of the sums."""

    squeeze: Squeeze | None
    """None when a number is missing."""
    headroom: Headroom
    machines: int
    """In the set."""
    hosts: int
    """Machines that stay and take pods."""
    homeless: tuple[PodState, ...] = ()
    """Pods that no machine that stays lets in."""
    unweighed: int = 0
    """Pods whose set of machines was one too many."""


async def weigh(facts: Facts) -> Weighing:
    """Once for a plan, however many ask. Raises ClusterError."""
    return await facts.once("weighing", lambda: _weigh(facts))


async def _weigh(facts: Facts) -> Weighing:
    nodes = await facts.nodes()
    pods = [pod for target in facts.intent.targets for pod in await facts.living(target)]
    staying = hosts(nodes, without=facts.target_names)
    everywhere = Cohort(frozenset(node.name for node in staying), tuple(pods))
    found = cohorts(pods, staying) or (everywhere,)
    housed = [cohort for cohort in found if cohort.machines] or [everywhere]
    weighed = housed[:COHORTS]
    rooms = await asyncio.gather(*(_rooms(facts, cohort, nodes) for cohort in weighed))
    tight, tightest, cohort = min(
        ((squeeze(**room), room, cohort) for room, cohort in zip(rooms, weighed, strict=True)),
        key=lambda it: _margin(it[0]),
    )
    known = {pod.uid for cohort in weighed for pod in cohort.pods}
    homeless = tuple(pod for cohort in found if not cohort.machines for pod in cohort.pods)
    return Weighing(
        squeeze=tight,
        headroom=_headroom(tightest),
        machines=len(cohort.machines),
        hosts=len(staying),
        homeless=homeless,
        unweighed=len({pod.uid for pod in pods} - known - {pod.uid for pod in homeless}),
    )


def _margin(tight: Squeeze | None) -> float:
    """What is not known is the worst."""
    return tight.left_pct - tight.needed_pct if tight else float("-inf")


async def _rooms(facts: Facts, cohort: Cohort, nodes: tuple[NodeState, ...]) -> dict[str, Room]:
    """What ``capacity.squeeze`` wants to know, for the machines of one cohort."""
    others = frozenset(node.name for node in nodes) - cohort.machines
    theirs = {node.name for node in nodes if node.name in facts.target_names and _is_theirs(node, cohort)}
    today, rest = await asyncio.gather(facts.capacity(without=others - theirs), facts.capacity(without=others))
    return {
        "today": Room(today.allocatable_cpu, today.allocatable_memory),
        "rest": Room(rest.allocatable_cpu, rest.allocatable_memory),
        "requested": Room(rest.requested_cpu, rest.requested_memory),
        "moved": requests(cohort.pods),
    }


def _is_theirs(node: NodeState, cohort: Cohort) -> bool:
    return not cohort.pods or any(lets_in(node, pod) for pod in cohort.pods)


def _headroom(rooms: dict[str, Room]) -> Headroom:
    rest, requested, going = rooms["rest"], rooms["requested"], rooms["moved"]
    return Headroom(
        cpu_left=rest.cpu,
        cpu_needed=_sum(requested.cpu, going.cpu),
        memory_left=rest.memory,
        memory_needed=_sum(requested.memory, going.memory),
    )


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other
