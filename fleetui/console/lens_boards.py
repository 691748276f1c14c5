"""The lens's boards: control plane, etcd, alerts, machines, pods, operations of one cluster, a few lines each; beside
them those that are measured. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from fleetui.console.boxes import Box
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, line
from fleetui.console.inspector import work_lines
from fleetui.console.lens_box import Keys, cut, sign, titled, told, unknown
from fleetui.console.lens_figures import figures, replication, service_levels
from fleetui.console.vitals_text import how_text
from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.grouping import grouped, listed
from fleetui.model.alerts.pipeline import Level
from fleetui.model.cluster import Health
from fleetui.model.details import Condition
from fleetui.model.diagnosis.clue import listed as names_listed
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.machine_signs import unwell
from fleetui.model.duration import age_text
from fleetui.model.freshness import Trust
from fleetui.model.health.etcd import AlarmKind, Member
from fleetui.model.health.etcd_machine import member_trouble
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.machine import Machine
from fleetui.model.table.alert_cells import alert_health, state_text, what
from fleetui.model.table.cell_text import HEALTH_STYLES, percent_text, source_text
from fleetui.model.table.etcd_cells import fsync_style, fsync_text, is_late, role, share_style, share_text
from fleetui.model.vitals import Heard, is_quiet, quiet_of

Reasons = Mapping[str, Condition]
"""By a machine's uid, why it is not Ready, where that was read."""


def boards(evidence: Evidence, reasons: Reasons, *, keys: Keys, cells: int, glyphs: Glyphs) -> tuple[Box, ...]:
    """Three that change first in an outage, three that follow, three that are measured. ``cells``: inside of one."""
    return (
        control_plane(evidence, glyphs),
        etcd(evidence, glyphs, keys),
        alerts(evidence, glyphs, keys),
        machines(evidence, reasons, glyphs, keys),
        pods(evidence, glyphs, keys),
        operations(evidence, glyphs, cells, keys),
        service_levels(evidence, glyphs, keys),
        figures(evidence, glyphs, keys),
        replication(evidence, glyphs, keys),
    )


def control_plane(evidence: Evidence, glyphs: Glyphs) -> Box:
    """The API server as we hear it, and the machines that carry the role."""
    cluster = evidence.cluster
    lines: list[Line] = []
    if evidence.reached:
        ms = "" if cluster.api_latency_s is None else f"{cluster.api_latency_s * 1000:.0f} ms"
        lines.append(told(Health.CALM, "API answers", glyphs, f"{ms} {cluster.version or ''}".strip()))
    else:
        level = Health.BROKEN if cluster.trust is Trust.SILENT else Health.UNKNOWN
        lines.append(told(level, f"API {evidence.silence}", glyphs))
    title = line(("Control plane", "strong"))
    if doubt := evidence.doubt("nodes"):
        return title, (*lines, *unknown(doubt, glyphs))
    known = [machine for machine in _worst_first(evidence.machines) if machine.control_plane]
    if not known:
        return title, (*lines, line(("no machine has the role: managed elsewhere", "muted")))
    dead = [machine for machine in known if machine.ready and member_trouble(evidence.etcd, machine.name)]
    first = [machine for machine in known if not machine.ready] + dead
    rest = [machine for machine in known if machine not in first]
    return title, cut([*lines, *(_machine(machine, None, glyphs, evidence.etcd) for machine in (*first, *rest))])


def _worst_first(machines: Iterable[Machine]) -> list[Machine]:
    return sorted(machines, key=lambda machine: (machine.ready is True, machine.name))


def _machine(machine: Machine, why: Condition | None, glyphs: Glyphs, etcd: EtcdState | None = None) -> Line:
    level = Health.CALM if machine.ready else Health.BROKEN if machine.ready is False else Health.UNKNOWN
    reason = ", ".join(part for part in (why.reason, why.message) if part) if why is not None else ""
    member = member_trouble(etcd, machine.name)
    said = member[1] if member is not None else ""
    if member is not None and machine.ready:
        level = member[0]
    about = "  ".join(part for part in (machine.state, said, machine.operation, reason) if part)
    return told(level, machine.name, glyphs, about)


def etcd(evidence: Evidence, glyphs: Glyphs, keys: Keys) -> Box:
    """Quorum margin in the title, a line a member."""
    state = evidence.etcd
    if state is None or evidence.etcd_doubt:
        return titled("etcd", keys, "etcd"), unknown(evidence.etcd_doubt, glyphs)
    title = titled("etcd", keys, "etcd", state.word, HEALTH_STYLES[state.level] or "strong")
    source = source_text(state.source_name, state.sampled_at, evidence.now, late=is_late(state, evidence.now))
    share = line(
        ("db ", "muted"), (share_text(state, 0), share_style(state, 0) or "text"),
        (" of quota  fsync ", "muted"), (fsync_text(state, 0), fsync_style(state, 0) or "text"),
        (f"  {source}", "muted"),
    )  # fmt: skip
    members = [_member(state, member, glyphs) for member in state.members]
    return title, (*_read_only(state, glyphs), share, *cut(members or _findings(state, glyphs)))


def _read_only(state: EtcdState, glyphs: Glyphs) -> tuple[Line, ...]:
    """One member raises the alarm; what it stops is the whole cluster, through every member."""
    raised = state.direct.alarms if state.direct is not None else ()
    full = {alarm.member for alarm in raised if alarm.kind is AlarmKind.NOSPACE}
    who = [member.host for member in state.members if member.id in full]
    if not who:
        return ()
    return (told(Health.BROKEN, "the whole cluster refuses writes", glyphs, f"alarm of {names_listed(who)}"),)


def _member(state: EtcdState, member: Member, glyphs: Glyphs) -> Line:
    if member.said is None:
        why = member.fault.word if member.fault is not None else member.status.why
        return told(Health.BROKEN if member.certainly_down else Health.UNKNOWN, member.host, glyphs, why)
    leaderless = not member.said.leader or member.said.no_leader
    raised = [alarm.kind.value for alarm in state.direct.alarms if alarm.member == member.id] if state.direct else []
    level = Health.BROKEN if raised or leaderless else Health.CALM
    behind = state.lag_of(member)
    about = [role(state, member), f"term {member.said.term}", *(f"{behind:,} behind" for _ in [0] if behind), *raised]
    return told(level, member.host, glyphs, "  ".join(about))


def _findings(state: EtcdState, glyphs: Glyphs) -> list[Line]:
    """Of an etcd that is only scraped: what its verdict says."""
    return [told(one.level, one.word, glyphs, one.detail) for one in state.findings]


def alerts(evidence: Evidence, glyphs: Glyphs, keys: Keys) -> Box:
    """Groups of this cluster, the most urgent first; a dead pipeline before all of them."""
    title = titled("Alerts", keys, "alerts")
    if evidence.alerts is None or evidence.pipeline is None:
        return title, unknown(evidence.alerts_doubt, glyphs)
    doubt = evidence.alerts_doubt
    dead = Heard(evidence.pipeline).level(evidence.cluster.name) is Level.DEAD
    head = [told(Health.BROKEN if dead else Health.UNKNOWN, doubt, glyphs)] if doubt else []
    head += [told(Health.WARNING, late, glyphs) for late in (evidence.alerts_late,) if late and not doubt]
    shown = [alert for alert in listed(evidence.alerts) if not alert.phase.over]
    groups = [_group(group.alerts, evidence.now, glyphs) for group in grouped(shown)]
    if not groups and not head:
        return title, (line(("none", "muted")),)
    return title, cut([*head, *groups])


def _group(alerts: tuple[Alert, ...], now: float, glyphs: Glyphs) -> Line:
    first = alerts[0]
    glyph, style = _alert_sign(first, glyphs)
    many = f" x{len(alerts)}" if len(alerts) > 1 else ""
    quiet = f", {how_text(quiet_of(first), now)}" if is_quiet(first) and not first.phase.over else ""
    said = first.phase.value if quiet and first.phase is Phase.FIRING else state_text(first, now)
    parts = (f"{first.call.value}{quiet}", said, age_text(first.began, now), what(first) if not many else "")
    about = "  ".join(part for part in parts if part)
    return line((f"{glyph} ", style), f"{first.name}{many}", (f"  {about}", "muted"))


def _alert_sign(alert: Alert, glyphs: Glyphs) -> tuple[str, str]:
    """What fires and is told to nobody is not well: somebody is at it, or it was put aside."""
    if not is_quiet(alert) or alert.phase.over:
        return sign(alert_health(alert), glyphs)
    return (glyphs.busy, "busy") if alert.hush in (Hush.ACKED, Hush.PLANNED) else (glyphs.idle, "muted")


def machines(evidence: Evidence, reasons: Reasons, glyphs: Glyphs, keys: Keys) -> Box:
    """How many are Ready, and each that is not, with the reason where it was read."""
    if doubt := evidence.doubt("nodes"):
        return titled("Machines", keys, "machines"), unknown(doubt, glyphs)
    gone = _worst_first(unwell(evidence))
    held = [machine for machine in evidence.machines if machine.cordoned and machine.ready]
    total = len(evidence.machines)
    ready = f"{total - len(gone)}/{total} Ready"
    title = titled("Machines", keys, "machines", ready, "danger" if gone else "strong")
    lines = [_machine(machine, reasons.get(machine.uid), glyphs) for machine in gone]
    lines += [
        told(Health.BUSY if m.locked else Health.WARNING, m.name, glyphs, m.cordoned_by or "cordoned") for m in held
    ]
    return title, cut(lines) or (line(("none is out", "muted")),)


def pods(evidence: Evidence, glyphs: Glyphs, keys: Keys) -> Box:
    """The share that is ready, and by their words those that are not."""
    cluster = evidence.cluster
    if doubt := evidence.doubt("pods"):
        return titled("Pods", keys, "pods"), unknown(doubt, glyphs)
    share = ""
    if cluster.pods_ready is not None and cluster.pods_total:
        share = f"{percent_text(cluster.pods_ready, cluster.pods_total)} of {cluster.pods_total:,} ready"
    counts = Counter(pod.status for pod in evidence.pods if not pod.healthy and not pod.finished)
    lines = [
        told(Health.WARNING, f"{count:,} {status}", glyphs, next(p.name for p in evidence.pods if p.status == status))
        for status, count in counts.most_common()
    ]
    return titled("Pods", keys, "pods", share), cut(lines) or (line(("none is in trouble", "muted")),)


def operations(evidence: Evidence, glyphs: Glyphs, cells: int, keys: Keys) -> Box:
    cluster = evidence.cluster
    lines: list[Line] = []
    for work in cluster.works:
        lines += work_lines(work, now=evidence.now, glyphs=glyphs, cells=cells)
    if not lines and cluster.operation:
        lines = [line((f"{glyphs.busy} {cluster.operation}", "busy"))]
    return titled("Operations", keys, "operations"), cut(lines) or (line(("none under way", "muted")),)
