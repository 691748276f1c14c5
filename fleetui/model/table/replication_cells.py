"""What the cells of a replica's row say. A lag is shown of one that receives alone: of any other it is a question mark,
and of what cannot lag a dash."""

from fleetui.model.amount import number_text
from fleetui.model.health.replication import Finding, Replica
from fleetui.model.health.replication_figure import amount_text, figure_level, figure_text, seconds_text
from fleetui.model.health.replication_kind import Role
from fleetui.model.health.replication_reading import Figure, Link
from fleetui.model.health.sample import LATE_AFTER
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import NOTHING, UNKNOWN, Json

_HOW = {"at most": "<", "about": "~"}
_LINK_STYLES = {Link.UP: "", Link.BROKEN: "danger", Link.UNKNOWN: "unknown", Link.NONE: "faint"}


def instance_text(row: Replica) -> str:
    """Of a kind with one row a cluster: the kind."""
    return row.instance or row.title


def role_text(row: Replica, _: float) -> str:
    return UNKNOWN if row.role is None else NOTHING if _only_state(row) else row.role.value


def role_style(row: Replica, _: float) -> str:
    return "unknown" if row.role is None else "faint" if _only_state(row) else ""


def link_text(row: Replica, _: float) -> str:
    return row.link.value


def link_style(row: Replica, _: float) -> str:
    return _LINK_STYLES[row.link]


def lag_text(row: Replica, _: float) -> str:
    """``0 s``, ``<31 s`` (at most), ``~60 s`` (estimated)."""
    if not _may_lag(row):
        return NOTHING
    return UNKNOWN if row.lag_s is None else f"{_HOW.get(row.lag_how, '')}{seconds_text(row.lag_s)}"


def lag_style(row: Replica, now: float) -> str:
    if not _may_lag(row):
        return "faint"
    if row.lag_s is None:
        return "unknown"
    return "stale" if is_late(row, now) else _lag_level(row)


def backlog(row: Replica) -> float | None:
    return row.backlog if row.lags else None


def backlog_text(row: Replica, _: float) -> str:
    if not _may_lag(row) or not row.backlog_unit:
        return NOTHING
    if row.backlog is None:
        return UNKNOWN
    return amount_text(row.backlog, row.backlog_unit) if row.backlog_unit == "B" else number_text(row.backlog)


def backlog_style(row: Replica, now: float) -> str:
    if not _may_lag(row) or not row.backlog_unit:
        return "faint"
    if row.backlog is None:
        return "unknown"
    return "stale" if is_late(row, now) else _lag_level(row)


def is_late(row: Replica, now: float) -> bool:
    """Its last sample is older than its scrape's usual."""
    age = row.age_s(now)
    return age is not None and age > LATE_AFTER * row.period_s


def haystack(row: Replica) -> str:
    said = (row.instance, row.cluster, row.group, row.kind, row.title, row.word, row.reason, row.source)
    return "\n".join(said).lower()


def figures_json(row: Replica) -> Json:
    return [_figure_json(figure) for figure in row.figures]


def findings_json(row: Replica) -> Json:
    return [_finding_json(finding) for finding in row.findings]


def _figure_json(figure: Figure) -> Json:
    rule = figure.rule
    return {
        "id": rule.id,
        "title": rule.title,
        "value": figure.value,
        "unit": rule.unit or None,
        "text": figure_text(figure),
        "of": figure.of or None,
        "health": figure_level(rule, figure.value).value if rule.judged else None,
    }


def _finding_json(finding: Finding) -> Json:
    return {
        "level": finding.level.value,
        "word": finding.word,
        "detail": finding.detail or None,
        "step": finding.step or None,
    }


def _may_lag(row: Replica) -> bool:
    """One whose role is not known may."""
    return row.role is None or row.role.follows


def _only_state(row: Replica) -> bool:
    return row.role is Role.MEMBER and not row.backlog_unit


def _lag_level(row: Replica) -> str:
    lagging = next((finding for finding in row.findings if finding.word == "lagging"), None)
    return HEALTH_STYLES[lagging.level] if lagging is not None else ""
