"""Whether what is left can carry what must move: sums over the remaining machines, and the biggest pod on one of them.

Sums alone deceive: ten machines with one free core each do not carry a pod that asks for four, and an empty machine
with a taint carries nobody who does not tolerate it. So sums are made over the machines that let the pods in
(``placement``).
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fleetui.model.drain import NodeState, PodState
from fleetui.model.labels import ZONE_LABEL
from fleetui.model.placement import lets_in


class Room(msgspec.Struct, frozen=True):
    """CPU in cores, memory in bytes. None is unknown."""

    cpu: float | None
    memory: float | None


class Squeeze(msgspec.Struct, frozen=True):
    """How tight it gets, on the scarcer of CPU and memory, in % of today's allocatable."""

    left_pct: float
    needed_pct: float
    scarce: str

    @property
    def fits(self) -> bool:
        return self.needed_pct <= self.left_pct


def requests(pods: Iterable[PodState]) -> Room:
    known = tuple(pods)
    return Room(sum(pod.cpu for pod in known), sum(pod.memory for pod in known))


def squeeze(*, today: Room, rest: Room, requested: Room, moved: Room) -> Squeeze | None:
    """``rest``: allocatable without the targets; ``requested``: what runs there now. None when a number is missing."""
    candidates = [
        tight
        for tight in (
            _squeeze("cpu", today.cpu, rest.cpu, requested.cpu, moved.cpu),
            _squeeze("memory", today.memory, rest.memory, requested.memory, moved.memory),
        )
        if tight is not None
    ]
    if len(candidates) < 2:
        return None
    return min(candidates, key=lambda tight: tight.left_pct - tight.needed_pct)


def _squeeze(
    scarce: str, today: float | None, rest: float | None, requested: float | None, moved: float | None
) -> Squeeze | None:
    if not today or rest is None or requested is None or moved is None:
        return None
    return Squeeze(100 * rest / today, 100 * (requested + moved) / today, scarce)


class Cohort(msgspec.Struct, frozen=True):
    """Pods that must all find room on the same machines: nowhere else are they let in."""

    machines: frozenset[str]
    """Empty: no machine that stays lets them in."""
    pods: tuple[PodState, ...]


def cohorts(moved: Iterable[PodState], staying: Iterable[NodeState]) -> tuple[Cohort, ...]:
    """For every set of machines that some pod is confined to, the pods that fit no machine outside it; those that ask
    for most cores first. ``staying``: the machines that take pods once the targets are empty."""
    nodes = tuple(staying)
    pods = tuple(moved)
    allowed: dict[object, frozenset[str]] = {}
    for pod in pods:
        rules = _rules(pod)
        if rules not in allowed:
            allowed[rules] = frozenset(node.name for node in nodes if lets_in(node, pod))
    found = (
        Cohort(machines, tuple(pod for pod in pods if _is_confined(allowed[_rules(pod)], machines)))
        for machines in dict.fromkeys(allowed[_rules(pod)] for pod in pods)
    )
    return tuple(sorted(found, key=lambda cohort: -sum(pod.cpu for pod in cohort.pods)))


def _is_confined(allowed: frozenset[str], machines: frozenset[str]) -> bool:
    """Pods that no machine lets in take no room from the others."""
    return allowed == machines or (bool(allowed) and allowed < machines)


def _rules(pod: PodState) -> object:
    """Pods with the same rules are let in by the same machines."""
    return pod.tolerations, pod.node_selector, pod.node_terms


def already_out(nodes: Iterable[NodeState], *, among: frozenset[str]) -> tuple[NodeState, ...]:
    """Those ``among`` these names that carry nothing today: cordoned, or not Ready. What is left without them is what
    is left today."""
    return tuple(node for node in nodes if node.name in among and (node.unschedulable or not node.ready))


def hosts(nodes: Iterable[NodeState], *, without: frozenset[str]) -> tuple[NodeState, ...]:
    """Machines that can take pods, roomiest first: schedulable, Ready, not among ``without``."""
    usable = (node for node in nodes if node.ready and not node.unschedulable and node.name not in without)
    return tuple(sorted(usable, key=lambda node: (-(node.cpu or 0.0), -(node.memory or 0.0), node.name)))


def biggest(pods: Sequence[PodState]) -> PodState | None:
    """The pod that is hardest to place: by CPU, then memory; None when none asks for anything."""
    asking = [pod for pod in pods if pod.cpu or pod.memory]
    return max(asking, key=lambda pod: (pod.cpu, pod.memory)) if asking else None


def fits_on(pod: PodState, node: NodeState, running: Iterable[PodState]) -> bool | None:
    """Whether the pod's requests fit beside what runs there; None when the node does not say what it has."""
    if node.cpu is None or node.memory is None:
        return None
    used = requests(other for other in running if other.phase not in ("Succeeded", "Failed"))
    return (
        used.cpu is not None
        and used.memory is not None
        and (used.cpu + pod.cpu <= node.cpu and used.memory + pod.memory <= node.memory)
    )


def domains(
    nodes: Iterable[NodeState], *, without: frozenset[str], label: str = ZONE_LABEL
) -> Mapping[str, tuple[int, int]]:
    """For each failure domain that loses a machine: (usable machines it keeps, usable machines it has). A machine that
    is ``already_out`` is in neither."""
    everything = tuple(nodes)
    before = hosts(everything, without=frozenset())
    touched = {zone for node in everything if node.name in without and (zone := dict(node.labels).get(label))}
    counts: dict[str, tuple[int, int]] = {}
    for zone in sorted(touched):
        members = [node for node in before if dict(node.labels).get(label) == zone]
        counts[zone] = (sum(node.name not in without for node in members), len(members))
    return counts
