"""Signs that are machines': who is not Ready, whether they share a failure domain, what they run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from fleetui.model.cluster import support_ends
from fleetui.model.diagnosis.clue import Clue, listed, not_seen, seen, unseen
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.machine import Machine
from fleetui.model.quantity import counted

_SOURCE = "nodes"
ZONE = "topology.kubernetes.io/zone"
MANY = 3
"""Machines that must have gone together before one cause is likelier than as many as there are machines."""
SKEW = 3
"""Minor versions that a kubelet may be older than its API server (kubernetes.io, version skew policy); never newer."""


def unwell(evidence: Evidence) -> tuple[Machine, ...]:
    """Not Ready, or never reported; only meaningful without a doubt about ``nodes``."""
    return tuple(machine for machine in evidence.machines if machine.ready is not True)


def not_ready(evidence: Evidence) -> Clue:
    if doubt := evidence.doubt("nodes"):
        return unseen(doubt, source=_SOURCE)
    names = [machine.name for machine in unwell(evidence)]
    if names:
        text = f"{len(names)} of {counted(len(evidence.machines), 'machine')} not Ready: {listed(names)}"
        return seen(text, source=_SOURCE, names=names)
    return not_seen(f"all {counted(len(evidence.machines), 'machine')} Ready", source=_SOURCE)


def domain_gone(evidence: Evidence) -> Clue:
    """All machines of one failure domain, at least two, while another domain is well."""
    if doubt := evidence.doubt("nodes"):
        return unseen(doubt, source=_SOURCE)
    domains = _domains(evidence.machines)
    dark = {zone: rows for zone, rows in domains.items() if len(rows) > 1 and not any(row.ready for row in rows)}
    if dark and len(dark) < len(domains):
        names = [row.name for rows in dark.values() for row in rows]
        return seen(
            f"every machine of {listed(sorted(dark))} is not Ready: {listed(names)}", source=_SOURCE, names=names
        )
    if not domains:
        return unseen(f"which machines share a failure domain: they carry no {ZONE}", source=_SOURCE)
    return not_seen(f"no failure domain of {len(domains)} is dark as a whole", source=_SOURCE)


def _domains(machines: Iterable[Machine]) -> Mapping[str, list[Machine]]:
    found: dict[str, list[Machine]] = defaultdict(list)
    for machine in machines:
        if zone := machine.label(ZONE):
            found[zone].append(machine)
    return found


def many_gone(evidence: Evidence) -> Clue:
    """Half of the machines at once, while the API server answers: their way to it, rather than each of them."""
    if doubt := evidence.doubt("nodes"):
        return unseen(doubt, source=_SOURCE)
    gone = unwell(evidence)
    if len(gone) >= MANY and 2 * len(gone) >= len(evidence.machines):
        names = [machine.name for machine in gone]
        return seen(f"{len(gone)} of {len(evidence.machines)} machines not Ready at once", source=_SOURCE, names=names)
    return not_seen(f"{len(gone)} of {len(evidence.machines)} not Ready", source=_SOURCE)


def cordoned_by_nobody(evidence: Evidence) -> Clue:
    """Cordons that no operation holds: somebody has forgotten them, or is at it by hand."""
    if doubt := evidence.doubt("nodes"):
        return unseen(doubt, source=_SOURCE)
    left = forgotten(evidence)
    if left:
        names = [machine.name for machine in left]
        by = next((f", by {machine.cordoned_by}" for machine in left if machine.cordoned_by), "")
        return seen(f"cordoned, and no operation holds it{by}: {listed(names)}", source=_SOURCE, names=names)
    return not_seen("no forgotten cordon", source=_SOURCE)


def forgotten(evidence: Evidence) -> tuple[Machine, ...]:
    return tuple(
        machine
        for machine in evidence.machines
        if machine.cordoned and not machine.locked and not evidence.cluster.busy
    )


def skewed(evidence: Evidence) -> Clue:
    """Kubelets outside of the version skew policy."""
    if doubt := evidence.doubt("nodes"):
        return unseen(doubt, source=_SOURCE)
    server = _minor(evidence.cluster.version or "")
    if server is None:
        return unseen("the API server's version is not known", source=_SOURCE)
    odd = [m for m in evidence.machines if (own := _minor(m.version)) is not None and not 0 <= server - own <= SKEW]
    if odd:
        names = [machine.name for machine in odd]
        text = f"kubelet {odd[0].version} beside an API server {evidence.cluster.version}: {listed(names)}"
        return seen(text, source=_SOURCE, names=names)
    return not_seen("every kubelet is within the version skew policy", source=_SOURCE)


def mixed(evidence: Evidence) -> Clue:
    """Kubelets of several versions, patches too."""
    if doubt := evidence.doubt("nodes"):
        return unseen(doubt, source=_SOURCE)
    by_version: dict[str, list[str]] = defaultdict(list)
    for machine in evidence.machines:
        if machine.version:
            by_version[machine.version].append(machine.name)
    if len(by_version) > 1:
        few = min(by_version, key=lambda version: len(by_version[version]))
        versions = ", ".join(sorted(by_version))
        text = f"kubelets of {len(by_version)} versions: {versions}; {few} on {listed(by_version[few])}"
        return seen(text, source=_SOURCE, names=by_version[few])
    return not_seen("all kubelets are of one version", source=_SOURCE)


def _minor(version: str) -> int | None:
    """36 of ``v1.36.3``; no second major version is in sight."""
    parts = version.lstrip("v").split(".")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else None


def unsupported(evidence: Evidence) -> Clue:
    """Its minor version gets no more patches."""
    version = evidence.cluster.version
    ends = support_ends(version)
    if version is None or ends is None:
        return unseen("until when its version is maintained is not known", source="version")
    if ends < _day(evidence.now):
        return seen(f"{version} is not maintained since {ends}", source="version")
    return not_seen(f"{version} is maintained until {ends}", source="version")


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()
