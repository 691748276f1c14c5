"""A replica in words: the verdict with the first safe step, the evidence for its role, link and lag, its other figures,
and how old all of that is."""

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_figure import amount_text, figure_level, figure_text, seconds_text
from fleetui.model.health.replication_reading import Figure, Link
from fleetui.model.section import Fact, Section, present, section

_TONES = {Health.BROKEN: "danger", Health.WARNING: "warn", Health.UNKNOWN: "unknown"}
_LINK_TONES = {Link.BROKEN: "danger", Link.UNKNOWN: "unknown"}


def replication_sections(row: Replica, *, now: float) -> tuple[Section, ...]:
    known = [figure for figure in row.figures if figure.value is not None]
    missing = [figure.rule.title for figure in row.figures if figure.value is None and figure.rule.judged]
    return present(
        section(row.instance or row.title, *_verdict(row)),
        section("evidence", *_evidence(row, now)),
        section("also", *(Fact(each.word, each.detail, _TONES.get(each.level, "")) for each in row.findings[1:])),
        section("figures", *map(_figure, known), Fact("not there", ", ".join(missing), "faint")),
    )


def _verdict(row: Replica) -> tuple[Fact, ...]:
    return (
        Fact("verdict", row.word, _TONES.get(row.level, "")),
        Fact("because", row.reason),
        Fact("first", row.step if row.level is not Health.CALM else "", "accent"),
    )


def _evidence(row: Replica, now: float) -> tuple[Fact, ...]:
    age = row.age_s(now)
    said = "nothing now" if age is None else f"sample {format_duration(age)} old, one each {row.period_s:.0f}s"
    return (
        Fact("kind", f"{row.title} ({row.kind})"),
        Fact("where", row.where),
        Fact("role", row.role.value if row.role is not None else "nobody says"),
        Fact("link", _link(row), _LINK_TONES.get(row.link, "")),
        Fact("behind", _behind(row)),
        Fact("said by", f"{row.source}: {said}", "muted"),
    )


def _link(row: Replica) -> str:
    if row.link is Link.NONE:
        return ""
    word = "nobody knows" if row.link is Link.UNKNOWN else row.link.value
    return f"{word}: {row.link_how}" if row.link_how else word


def _behind(row: Replica) -> str:
    if not row.lags:
        return ""
    if row.lag_s is None:
        known = "" if row.backlog is None else f"{amount_text(row.backlog, row.backlog_unit)}, "
        return f"{known}nobody knows how long"
    missing = "" if row.backlog is None else f", {amount_text(row.backlog, row.backlog_unit)}"
    return f"{row.lag_how} {seconds_text(row.lag_s)}{missing}".strip()


def _figure(figure: Figure) -> Fact:
    rule = figure.rule
    of = f" ({figure.of})" if figure.of else ""
    tone = _TONES.get(figure_level(rule, figure.value), "") if rule.judged else ""
    return Fact(rule.title, f"{figure_text(figure)}{of}", tone)
