"""What ``d`` shows: the words of a cluster, a machine or a pod, from its row, a reading made now and this session's
history. A reading that fails leaves what the row knows, and says why."""

from fleetui.console.ink import Line, fit, line, wrap
from fleetui.console.session import Session
from fleetui.model.cluster import Cluster, Health
from fleetui.model.cluster_description import cluster_sections
from fleetui.model.description import fault_facts
from fleetui.model.details import Details, MachineDetails, PodDetails
from fleetui.model.fault import ClusterError, Fault
from fleetui.model.history import Transition
from fleetui.model.machine import Machine
from fleetui.model.machine_description import machine_sections
from fleetui.model.pod import Pod
from fleetui.model.pod_description import pod_sections
from fleetui.model.section import Fact, Section, present, section

LABEL_CELLS = 28
"""At most; a longer label stands on a line of its own."""


async def describe(session: Session, item: Cluster | Machine | Pod) -> tuple[Section, ...]:
    """Of a cluster nothing is read: its row is all that is known of it."""
    now = session.clock.now()
    if isinstance(item, Cluster):
        cluster = session.clusters.get(item.name, item)
        return cluster_sections(cluster, transitions=_history(session, item), now=now)
    details, fault = await _read(session, item)
    return present(section("not read now", *fault_facts(fault))) + _sections(session, item, details)


async def _read(session: Session, item: Machine | Pod) -> tuple[Details | None, Fault | None]:
    try:
        return await session.fleet.details(item), None
    except ClusterError as error:
        return None, error.fault


def _sections(session: Session, item: Machine | Pod, details: Details | None) -> tuple[Section, ...]:
    cluster, history, now = session.clusters.get(item.cluster), _history(session, item), session.clock.now()
    if isinstance(item, Pod):
        read = details if isinstance(details, PodDetails) else None
        return pod_sections(item, read, cluster=cluster, transitions=history, now=now)
    of_node = details if isinstance(details, MachineDetails) else None
    etcd = etcd_told(session, item)
    return machine_sections(item, of_node, cluster=cluster, transitions=history, etcd=etcd, now=now)


def etcd_told(session: Session, machine: Machine) -> tuple[Health, str] | None:
    """What is wrong with the etcd member on it, as far as somebody has asked in this session. Asks nobody."""
    if not (machine.control_plane and session.boards_imported):
        return None
    from fleetui.model.health.etcd_machine import member_told

    rows = getattr(session.fleet.board("etcd"), "rows", None)
    state = rows.part(machine.cluster).get(machine.cluster) if rows is not None else None
    return member_told(state, machine.name, session.clock.now())


def _history(session: Session, item: Cluster | Machine | Pod) -> tuple[Transition, ...]:
    """What this session has seen of it, newest first."""
    kind = {Cluster: "cluster", Machine: "machine", Pod: "pod"}[type(item)]
    cluster = item.name if isinstance(item, Cluster) else item.cluster
    seen = (one for one in session.fleet.history(0.0) if (one.cluster, one.kind) == (cluster, kind))
    return tuple(one for one in seen if kind == "cluster" or one.uid == item.uid)


def section_lines(sections: tuple[Section, ...], cells: int) -> tuple[Line, ...]:
    """Headings, and below each its facts with the values aligned and wrapped."""
    lines: list[Line] = []
    for one in sections:
        lines += [*([()] if lines else []), line((one.title, "heading" if lines else "strong"))]
        room = min(LABEL_CELLS, max(len(fact.label) for fact in one.facts) + 2, max(4, cells // 3))
        for fact in one.facts:
            lines += _fact_lines(fact, room, cells)
    return tuple(lines)


def _fact_lines(fact: Fact, room: int, cells: int) -> list[Line]:
    said = wrap(fact.text, max(12, cells - room - 2), fact.tone or "text")
    indented: list[Line] = [((" " * (room + 2), "text"), *more) for more in said]
    if len(fact.label) >= room:
        return [fit(line((f"  {fact.label}", "muted")), cells), *indented]
    return [((f"  {fact.label.ljust(room)}", "muted"), *said[0]), *indented[1:]]
