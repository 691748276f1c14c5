"""Signs that are the API server's own: whether it answers us, and with what. Everybody's way to it counts too."""

from fleetui.model.alerts.pipeline import USUAL_RHYTHM, Level
from fleetui.model.cluster import Cluster
from fleetui.model.diagnosis.clue import Clue, listed, not_seen, seen, unseen
from fleetui.model.diagnosis.etcd_signs import margin_of
from fleetui.model.diagnosis.evidence import UNREACHED, Evidence
from fleetui.model.fault import FaultKind
from fleetui.model.freshness import Source, Trust
from fleetui.model.quantity import counted

_SOURCE = "readyz"
TOGETHER = 2
"""Clusters that must have fallen silent with this one, and be at least half of the others, before our own way is the
likelier cause."""


def _fault(evidence: Evidence, kinds: frozenset[FaultKind], words: str) -> Clue:
    if evidence.reached is None:
        return unseen(f"its API server: {evidence.silence}", source=_SOURCE)
    if evidence.fault in kinds and evidence.cluster.fault is not None:
        return seen(f"{words}: {evidence.silence}; {evidence.cluster.fault.detail}", source=_SOURCE)
    return not_seen("its API server answers" if evidence.reached else evidence.silence, source=_SOURCE)


def refused(evidence: Evidence) -> Clue:
    """The host answers, and nothing listens there."""
    return _fault(evidence, frozenset({FaultKind.REFUSED}), "nothing listens at its API server")


def server_error(evidence: Evidence) -> Clue:
    """It answers, and says itself that it is not well."""
    return _fault(evidence, frozenset({FaultKind.SERVER_ERROR}), "its API server answers with an error")


def unreachable(evidence: Evidence) -> Clue:
    """No way to it."""
    if evidence.hung:
        return not_seen("it takes our connection", source=_SOURCE)
    return _fault(evidence, UNREACHED, "nothing comes back from its API server")


def hung(evidence: Evidence) -> Clue:
    """It takes the connection and says nothing: frozen, overloaded, or a proxy before nobody."""
    if evidence.reached is False and not evidence.hung:
        return not_seen("it does not hang", source=_SOURCE)
    return _fault(evidence, frozenset({FaultKind.TIMEOUT}), "its API server takes the connection and says nothing")


def barred(evidence: Evidence) -> Clue:
    """It is alive, or not, and we are not let in to see: our login, our configuration, its certificate."""
    if evidence.fault is not None and (evidence.fault.needs_a_person or evidence.fault is FaultKind.INTERNAL):
        return unseen(f"its API server: {evidence.silence}", source=_SOURCE)
    return not_seen("nothing bars us", source=_SOURCE)


def silent_together(evidence: Evidence) -> Clue:
    """Half of the fleet has fallen silent in the same way."""
    if not evidence.unreached:
        return not_seen("it is not silent for want of a way", source=_SOURCE)
    asked = [other for other in evidence.others if other.trust in (Trust.LIVE, Trust.STALE, Trust.SILENT)]
    silent = [other.name for other in asked if _unreached(other)]
    if len(silent) >= TOGETHER and 2 * len(silent) >= len(asked):
        return seen(f"so are {len(silent)} of {len(asked)} others: {listed(silent)}", source=_SOURCE)
    return not_seen(f"{len(asked) - len(silent)} of {len(asked)} others answer", source=_SOURCE)


def _unreached(cluster: Cluster) -> bool:
    return cluster.trust is Trust.SILENT and cluster.fault is not None and cluster.fault.kind in UNREACHED


def alive_for_others(evidence: Evidence) -> Clue:
    """Somebody else still hears the cluster: then it lives, and the way from here is cut."""
    if evidence.fault in UNREACHED and not evidence.unreached and not evidence.hung:
        return unseen("whether the way or the server is at fault is not known yet", source=_SOURCE)
    if not evidence.unreached:
        return not_seen("it is not silent for want of a way", source=_SOURCE)
    etcd = evidence.etcd
    left = margin_of(evidence)
    if etcd is not None and left is not None and left.can_lose >= 0:
        how = "answer us" if etcd.source is Source.POLLED else f"are well as {etcd.source_name} scrapes them"
        return seen(f"its etcd members {how}: {left.text}", source=f"etcd {etcd.source_name}")
    if way := _watchdog(evidence):
        return seen(f"its Prometheus goes on speaking: Watchdog of {way} is on time", source="alerts")
    return unseen("whether anybody else hears it: no etcd and no Watchdog of its own tells")


def _watchdog(evidence: Evidence) -> str:
    """The cluster's own Watchdog, where it is alive; one for all clusters says nothing about this one."""
    found = evidence.pipeline
    name = evidence.cluster.name
    for watchdog in found.watchdogs if found is not None else ():
        own = any(value == name for _, value in watchdog.route)
        if own and watchdog.level(evidence.now, USUAL_RHYTHM) is Level.OK:
            return name
    return ""


def control_plane_thin(evidence: Evidence) -> Clue:
    """Machines of the control plane that are not Ready."""
    if doubt := evidence.doubt("nodes"):
        return unseen(doubt, source="nodes")
    known = [machine for machine in evidence.machines if machine.control_plane]
    if not known:
        return unseen("no machine carries the control-plane role: it is managed elsewhere", source="nodes")
    down = [machine.name for machine in known if machine.ready is not True]
    if down:
        text = f"{len(known) - len(down)} of {counted(len(known), 'control-plane machine')} Ready, not {listed(down)}"
        return seen(text, source="nodes", names=down)
    return not_seen(f"all {counted(len(known), 'control-plane machine')} Ready", source="nodes")
