"""Signs that are pods': who waits for a place, who was put out, who waits for a volume."""

from collections.abc import Callable

from fleetui.model.diagnosis.clue import Clue, listed, not_seen, seen, unseen
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.duration import age_text
from fleetui.model.pod import Pod
from fleetui.model.quantity import counted

_SOURCE = "pods"
PLACED_WITHIN_S = 60.0
"""A scheduler that is well places a pod in a second; a minute leaves time for a machine to be made."""
BACKLOG_S = 600.0
"""A pod that has waited so long is not placed without somebody's help."""
BACKLOG = 5
"""As many that wait over a minute are a backlog, however short."""
STARTED_WITHIN_S = 300.0
"""Images and volumes take a minute or two; then the kubelet has retried, and says why in the pod's events."""


def _those(evidence: Evidence, wanted: Callable[[Pod], bool]) -> list[Pod] | Clue:
    """The pods of a kind, oldest first; the clue that they are not to be seen."""
    if doubt := evidence.doubt("pods"):
        return unseen(doubt, source=_SOURCE)
    return sorted((pod for pod in evidence.pods if wanted(pod)), key=lambda pod: pod.created or evidence.now)


def _say(found: list[Pod], what: str, evidence: Evidence) -> Clue:
    names = [f"{pod.namespace}/{pod.name}" for pod in found]
    oldest = age_text(found[0].created, evidence.now)
    return seen(
        f"{counted(len(found), 'pod')} {what}, the oldest {oldest}: {listed(names)}", source=_SOURCE, names=names
    )


def _waits(evidence: Evidence) -> Callable[[Pod], bool]:
    def waits(pod: Pod) -> bool:
        old = pod.created is not None and evidence.now - pod.created > PLACED_WITHIN_S
        return old and pod.status == "Pending" and not pod.node and pod.deleting_since is None

    return waits


def unplaced(evidence: Evidence) -> Clue:
    """Any pod that no machine has been found for within a minute."""
    found = _those(evidence, _waits(evidence))
    if isinstance(found, Clue):
        return found
    return _say(found, "without a machine", evidence) if found else not_seen("every pod has its place", source=_SOURCE)


def backlog(evidence: Evidence) -> Clue:
    """Many of them, or one for long."""
    found = _those(evidence, _waits(evidence))
    if isinstance(found, Clue):
        return found
    long = found and found[0].created is not None and evidence.now - found[0].created > BACKLOG_S
    if long or len(found) >= BACKLOG:
        return _say(found, "in the queue", evidence)
    return not_seen("no backlog of pods", source=_SOURCE)


def evicted(evidence: Evidence) -> Clue:
    """Put out by a kubelet that ran short of disk, memory or process ids."""
    found = _those(evidence, lambda pod: pod.status == "Evicted")
    if isinstance(found, Clue):
        return found
    if not found:
        return not_seen("no pod was evicted for want of room", source=_SOURCE)
    machines = tuple(dict.fromkeys(pod.node for pod in found if pod.node))
    on = f" on {listed(machines)}" if machines else ""
    return seen(f"{counted(len(found), 'pod')} evicted by a machine short of room{on}", source=_SOURCE, names=machines)


def out_of_memory(evidence: Evidence) -> Clue:
    """Killed at its limit, or because the machine had no memory left."""
    found = _those(evidence, lambda pod: pod.status == "OOMKilled")
    if isinstance(found, Clue):
        return found
    if not found:
        return not_seen("no container was killed for its memory", source=_SOURCE)
    return _say(found, "killed for their memory" if len(found) > 1 else "killed for its memory", evidence)


def not_started(evidence: Evidence) -> Clue:
    """Placed and not begun for minutes: most often a volume that does not attach or mount."""

    def stuck(pod: Pod) -> bool:
        old = pod.created is not None and evidence.now - pod.created > STARTED_WITHIN_S
        return old and bool(pod.node) and pod.status in ("ContainerCreating", "PodInitializing")

    found = _those(evidence, stuck)
    if isinstance(found, Clue):
        return found
    return (
        _say(found, "placed and not begun", evidence) if found else not_seen("every placed pod began", source=_SOURCE)
    )
