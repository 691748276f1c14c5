"""The lens's boards: control plane, etcd, alerts, machines, pods, operations of one cluster, a few lines each. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from fleetui.console.boxes import Box
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, line
from fleetui.console.inspector import work_lines
from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.grouping import grouped, listed
from fleetui.model.alerts.pipeline import Level
from fleetui.model.cluster import Health
from fleetui.model.details import Condition
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.machine_signs import unwell
from fleetui.model.duration import age_text
from fleetui.model.freshness import Trust
from fleetui.model.health.etcd import Member
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.machine import Machine
from fleetui.model.table.alert_cells import alert_health, state_text, what
from fleetui.model.table.cell_text import HEALTH_SIGNS, HEALTH_STYLES, percent_text, source_text
from fleetui.model.table.etcd_cells import fsync_style, fsync_text, is_late, role, share_style, share_text

SHOWN = 5
"""Lines of a board; the rest is a number, and one key away."""

Reasons = Mapping[str, Condition]
"""By a machine's uid, why it is not Ready, where that was read."""


def boards(evidence: Evidence, reasons: Reasons, *, cells: int, glyphs: Glyphs) -> tuple[Box, ...]:
    """Three that change first in an outage, then three that follow. ``cells``: inside of one."""
    return (
        control_plane(evidence, glyphs),
        etcd(evidence, glyphs),
        alerts(evidence, glyphs),
        machines(evidence, reasons, glyphs),
        pods(evidence, glyphs),
        operations(evidence, glyphs, cells),
    )


def sign(level: Health, glyphs: Glyphs) -> tuple[str, str]:
    """Glyph and style of a verdict; calm is the ``ok`` glyph, subdued."""
    name = HEALTH_SIGNS[level]
    return (getattr(glyphs, name) if name else glyphs.ok, HEALTH_STYLES[level] or "ok")


def _said(level: Health, text: str, glyphs: Glyphs, about: str = "") -> Line:
    glyph, style = sign(level, glyphs)
    return line((f"{glyph} ", style), text, (f"  {about}" if about else "", "muted"))


def _unknown(why: str, glyphs: Glyphs) -> tuple[Line, ...]:
    return (line((f"{glyphs.unknown} ", "unknown"), (why, "unknown")),)


def _cut(lines: list[Line]) -> tuple[Line, ...]:
    """The first, and how many more there are."""
    if len(lines) <= SHOWN:
        return tuple(lines)
    return (*lines[: SHOWN - 1], line((f"  {len(lines) - SHOWN + 1} more", "muted")))


def control_plane(evidence: Evidence, glyphs: Glyphs) -> Box:
    """The API server as we hear it, and the machines that carry the role."""
    cluster = evidence.cluster
    lines: list[Line] = []
    if evidence.reached:
        ms = "" if cluster.api_latency_s is None else f"{cluster.api_latency_s * 1000:.0f} ms"
        lines.append(_said(Health.CALM, "API answers", glyphs, f"{ms} {cluster.version or ''}".strip()))
    else:
        level = Health.BROKEN if cluster.trust is Trust.SILENT else Health.UNKNOWN
        lines.append(_said(level, f"API {evidence.silence}", glyphs))
    title = line(("Control plane", "strong"))
    if doubt := evidence.doubt("nodes"):
        return title, (*lines, *_unknown(doubt, glyphs))
    known = [machine for machine in evidence.machines if machine.control_plane]
    if not known:
        return title, (*lines, line(("no machine has the role: managed elsewhere", "muted")))
    return title, _cut([*lines, *(_machine(machine, None, glyphs) for machine in _worst_first(known))])


def _worst_first(machines: Iterable[Machine]) -> list[Machine]:
    return sorted(machines, key=lambda machine: (machine.ready is True, machine.name))


def _machine(machine: Machine, why: Condition | None, glyphs: Glyphs) -> Line:
    level = Health.CALM if machine.ready else Health.BROKEN if machine.ready is False else Health.UNKNOWN
    reason = ", ".join(part for part in (why.reason, why.message) if part) if why is not None else ""
    about = "  ".join(part for part in (machine.state, machine.operation, reason) if part)
    return _said(level, machine.name, glyphs, about)


def etcd(evidence: Evidence, glyphs: Glyphs) -> Box:
    """Quorum margin in the title, a line a member."""
    state = evidence.etcd
    if state is None or evidence.etcd_doubt:
        return line(("etcd", "strong")), _unknown(evidence.etcd_doubt, glyphs)
    title = line(("etcd: ", "strong"), (state.word, HEALTH_STYLES[state.level] or "strong"))
    source = source_text(state.source_name, state.sampled_at, evidence.now, late=is_late(state, evidence.now))
    figures = line(
        ("db ", "muted"), (share_text(state, 0), share_style(state, 0) or "text"),
        (" of quota  fsync ", "muted"), (fsync_text(state, 0), fsync_style(state, 0) or "text"),
        (f"  {source}", "muted"),
    )  # fmt: skip
    members = [_member(state, member, glyphs) for member in state.members]
    return title, (figures, *_cut(members or _findings(state, glyphs)))


def _member(state: EtcdState, member: Member, glyphs: Glyphs) -> Line:
    if member.said is None:
        why = member.fault.word if member.fault is not None else member.status.why
        return _said(Health.BROKEN if member.certainly_down else Health.UNKNOWN, member.host, glyphs, why)
    leaderless = not member.said.leader or member.said.no_leader
    raised = [alarm.kind.value for alarm in state.direct.alarms if alarm.member == member.id] if state.direct else []
    level = Health.BROKEN if raised or leaderless else Health.CALM
    behind = state.lag_of(member)
    about = [role(state, member), f"term {member.said.term}", *(f"{behind:,} behind" for _ in [0] if behind), *raised]
    return _said(level, member.host, glyphs, "  ".join(about))


def _findings(state: EtcdState, glyphs: Glyphs) -> list[Line]:
    """Of an etcd that is only scraped: what its verdict says."""
    return [_said(one.level, one.word, glyphs, one.detail) for one in state.findings]


def alerts(evidence: Evidence, glyphs: Glyphs) -> Box:
    """Groups of this cluster, the most urgent first; a dead pipeline before all of them."""
    title = line(("Alerts", "strong"))
    if evidence.alerts is None or evidence.pipeline is None:
        return title, _unknown(evidence.alerts_doubt, glyphs)
    doubt = evidence.alerts_doubt
    worse = Health.BROKEN if evidence.pipeline.level is Level.DEAD else Health.UNKNOWN
    head = [_said(worse, doubt, glyphs)] if doubt else []
    shown = [alert for alert in listed(evidence.alerts) if not alert.phase.over]
    groups = [_group(group.alerts, evidence.now, glyphs) for group in grouped(shown)]
    if not groups and not doubt:
        return title, (line(("none", "muted")),)
    return title, _cut([*head, *groups])


def _group(alerts: tuple[Alert, ...], now: float, glyphs: Glyphs) -> Line:
    first = alerts[0]
    glyph, style = sign(alert_health(first), glyphs)
    many = f" x{len(alerts)}" if len(alerts) > 1 else ""
    about = "  ".join(
        part
        for part in (
            first.call.value,
            state_text(first, now),
            age_text(first.since, now),
            what(first) if not many else "",
        )
        if part
    )
    return line((f"{glyph} ", style), f"{first.name}{many}", (f"  {about}", "muted"))


def machines(evidence: Evidence, reasons: Reasons, glyphs: Glyphs) -> Box:
    """How many are Ready, and each that is not, with the reason where it was read."""
    if doubt := evidence.doubt("nodes"):
        return line(("Machines", "strong")), _unknown(doubt, glyphs)
    gone = _worst_first(unwell(evidence))
    held = [machine for machine in evidence.machines if machine.cordoned and machine.ready]
    total = len(evidence.machines)
    title = line(("Machines: ", "strong"), (f"{total - len(gone)}/{total} Ready", "danger" if gone else "strong"))
    lines = [_machine(machine, reasons.get(machine.uid), glyphs) for machine in gone]
    lines += [
        _said(Health.BUSY if m.locked else Health.WARNING, m.name, glyphs, m.cordoned_by or "cordoned") for m in held
    ]
    return title, _cut(lines) or (line(("none is out", "muted")),)


def pods(evidence: Evidence, glyphs: Glyphs) -> Box:
    """The share that is ready, and by their words those that are not."""
    cluster = evidence.cluster
    if doubt := evidence.doubt("pods"):
        return line(("Pods", "strong")), _unknown(doubt, glyphs)
    share = ""
    if cluster.pods_ready is not None and cluster.pods_total:
        share = f": {percent_text(cluster.pods_ready, cluster.pods_total)} of {cluster.pods_total:,} ready"
    counts = Counter(pod.status for pod in evidence.pods if not pod.healthy and not pod.finished)
    lines = [
        _said(Health.WARNING, f"{count:,} {status}", glyphs, next(p.name for p in evidence.pods if p.status == status))
        for status, count in counts.most_common()
    ]
    return line((f"Pods{share}", "strong")), _cut(lines) or (line(("none is in trouble", "muted")),)


def operations(evidence: Evidence, glyphs: Glyphs, cells: int) -> Box:
    cluster = evidence.cluster
    lines: list[Line] = []
    for work in cluster.works:
        lines += work_lines(work, now=evidence.now, glyphs=glyphs, cells=cells)
    if not lines and cluster.operation:
        lines = [line((f"{glyphs.busy} {cluster.operation}", "busy"))]
    return line(("Operations", "strong")), _cut(lines) or (line(("none under way", "muted")),)
