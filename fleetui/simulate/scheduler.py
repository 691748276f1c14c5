"""A simple scheduler: filters as the real one does (Ready, cordon, taints, selector, requests), then prefers the node
with the fewest pods of the same owner and zone, then the emptiest."""

from collections import Counter
from collections.abc import Iterable

from msgspec.structs import replace

from fleetui.model.drain import Taint
from fleetui.model.labels import ZONE_LABEL
from fleetui.simulate.objects import NO_EXECUTE, NO_SCHEDULE, Node, Pairs, Pod, PodTemplate, Toleration
from fleetui.simulate.state import Load, State

_EMPTY = Load()


def place_all(state: State) -> list[Pod]:
    """Gives every unplaced pod that fits a node; notes on the others why not. Returns those placed, as stored."""
    return [placed for pod in state.unplaced() if (placed := _place(state, pod)) is not None]


def _place(state: State, pod: Pod) -> Pod | None:
    refusals: Counter[str] = Counter()
    fitting: list[Node] = []
    for node in state.nodes():
        why = refusal(node, pod.template, state.loads.get(node.name, _EMPTY))
        if why:
            refusals[why] += 1
        else:
            fitting.append(node)
    if fitting:
        best = min(fitting, key=_preference(state, pod))
        return state.put(replace(pod, node=best.name, unschedulable=""))
    message = _unschedulable(refusals)
    if message != pod.unschedulable:
        state.put(replace(pod, unschedulable=message))
    return None


def refusal(node: Node, template: PodTemplate, load: Load) -> str:
    """Why the node cannot take it, in the real scheduler's words; empty when it can."""
    taint = untolerated(node.taints, template.tolerations)
    if node.unschedulable:
        return "node(s) were unschedulable"
    if not node.ready:
        return "node(s) were not ready"
    if taint is not None:
        return f"node(s) had untolerated taint(s) {{{taint.key}: {taint.value}}}"
    if not selected(node, template.node_selector):
        return "node(s) didn't match Pod's node affinity/selector"
    return _shortage(node, template, load)


def _shortage(node: Node, template: PodTemplate, load: Load) -> str:
    hardware = node.hardware
    if load.cpu_m + template.cpu_m > hardware.cpu_m:
        return "Insufficient cpu"
    if load.memory + template.memory > hardware.memory:
        return "Insufficient memory"
    if load.gpus + template.gpus > hardware.gpus:
        return "Insufficient nvidia.com/gpu"
    return "Too many pods" if load.pods >= hardware.pods else ""


def untolerated(taints: Iterable[Taint], tolerations: tuple[Toleration, ...]) -> Taint | None:
    """The first taint that keeps the pod away, None when none does."""
    for taint in taints:
        if taint.effect in (NO_SCHEDULE, NO_EXECUTE) and not any(tolerates(each, taint) for each in tolerations):
            return taint
    return None


def tolerates(toleration: Toleration, taint: Taint) -> bool:
    return toleration.key in ("", taint.key) and toleration.effect in ("", taint.effect)


def selected(node: Node, selector: Pairs) -> bool:
    return not selector or set(selector) <= set(node.labels)


_Preference = tuple[int, int, float, str]


class _preference:  # noqa: N801 - reads as the key function it is
    """Orders nodes for one pod, best first; the name decides what is left, so that a history repeats."""

    def __init__(self, state: State, pod: Pod) -> None:
        siblings = state.pods_of(pod.owner.uid) if pod.owner is not None else ()
        placed = [sibling.node for sibling in siblings if sibling.node and sibling.active]
        self._nodes = Counter(placed)
        self._zones = Counter(_zone(state.node(name)) for name in placed)
        self._loads = state.loads

    def __call__(self, node: Node) -> _Preference:
        load = self._loads.get(node.name, _EMPTY)
        fullness = load.cpu_m / max(1, node.hardware.cpu_m) + load.memory / max(1, node.hardware.memory)
        return self._nodes[node.name], self._zones[_zone(node)], fullness, node.name


def _zone(node: Node | None) -> str:
    if node is None:
        return ""
    return next((value for key, value in node.labels if key == ZONE_LABEL), "")


def _unschedulable(refusals: Counter[str]) -> str:
    total = sum(refusals.values())
    if not total:
        return "no nodes available to schedule pods"
    reasons = ", ".join(sorted(f"{count} {why}" for why, count in refusals.items()))
    return f"0/{total} nodes are available: {reasons}."
