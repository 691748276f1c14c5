"""The verdict on one instance, in the order in which things can be known: is it scraped, does it answer, who is it,
does it receive, and only then how far it is behind."""

from collections.abc import Iterator

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.board import LEVELS
from fleetui.model.health.replication import Finding, Replica
from fleetui.model.health.replication_figure import amount_text, figure_level, figure_text, limit_text, seconds_text
from fleetui.model.health.replication_kind import Role
from fleetui.model.health.replication_lag import Lag, lag_of
from fleetui.model.health.replication_reading import Figure, Link, Reading

_CALM_WORDS = {
    Role.PRIMARY: "primary",
    Role.ARBITER: "votes",
    Role.MEMBER: "well",
}


def judge(one: Reading, *, now: float) -> Replica:
    """``now`` is Unix seconds by our clock."""
    known = one.young(now) and one.alive is not False
    link = one.link.link if known or one.link.link is Link.NONE else Link.UNKNOWN
    receives = one.role is not None and one.role.follows and link is Link.UP
    lag = lag_of(one) if receives else Lag(None)
    found = sorted(_findings(one, lag, now=now), key=lambda finding: LEVELS.index(finding.level))
    backlog = one.kind.backlog
    return Replica(
        kind=one.kind.name,
        title=one.kind.title,
        cluster=one.cluster,
        group=one.group,
        instance=one.instance,
        source=one.source,
        level=found[0].level,
        word=found[0].word,
        reason=found[0].detail,
        step=found[0].step,
        role=one.role,
        link=link,
        link_how=one.link.how if link is one.link.link else "",
        lag_s=lag.seconds,
        lag_how=lag.how,
        backlog=one.backlog if known else None,
        backlog_unit=backlog.unit if backlog is not None else "",
        lag_as=one.seconds_as,
        backlog_as=one.backlog_as,
        figures=tuple(figure for figure in one.figures if not figure.rule.of or one.role in figure.rule.of),
        findings=tuple(found),
        sampled_at=one.seen_at,
        period_s=one.period_s,
    )


def _findings(one: Reading, lag: Lag, *, now: float) -> Iterator[Finding]:
    """At least one."""
    unseen = _unseen(one, now=now)
    if unseen is not None:
        yield unseen
        return
    if one.alive is False:
        yield Finding(
            Health.BROKEN, "down", "its exporter answers, and it does not answer its exporter", one.kind.steps.down
        )
        return
    yield _state(one, lag)
    yield from _leadership(one)
    yield from filter(None, (_of_figure(one, figure) for figure in one.figures))


def _unseen(one: Reading, *, now: float) -> Finding | None:
    step = one.kind.steps.silent
    if one.silent or one.seen_at is None:
        why = f": {one.error}" if one.error else ""
        return Finding(Health.UNKNOWN, "silent", f"it was scraped within the hour and is not now{why}", step)
    if one.young(now):
        return None
    age = format_duration(now - one.seen_at)
    return Finding(Health.UNKNOWN, "stale", f"its last sample is {age} old, of one each {one.period_s:.0f}s", step)


def _state(one: Reading, lag: Lag) -> Finding:
    if one.role is None:
        return Finding(Health.UNKNOWN, "role unknown", "its exporter does not say what it is", one.kind.exporter)
    if one.role.follows:
        return _follower(one, lag)
    judged = [figure for figure in one.figures if figure.rule.judged and figure.value is not None]
    if not one.kind.replicates and not judged:
        return Finding(
            Health.UNKNOWN, "state unknown", "none of the figures that are judged is there", one.kind.exporter
        )
    named = (figure_text(figure) for figure in judged if figure.rule.words)
    return Finding(Health.CALM, _CALM_WORDS[one.role] if one.kind.replicates else next(named, "well"))


def _follower(one: Reading, lag: Lag) -> Finding:
    rule, steps = one.kind.link, one.kind.steps
    if one.link.link is Link.BROKEN:
        word = rule.broken if rule is not None else "link broken"
        return Finding(
            Health.BROKEN, word, f"{one.link.how}; what its exporter says of its lag means nothing", steps.broken
        )
    if one.link.link is not Link.UP:
        behind = _told_behind(one)
        if behind is not None:
            return behind
        return Finding(Health.UNKNOWN, "link unknown", one.link.how, rule.enable if rule is not None else "")
    if lag.level is Health.UNKNOWN:
        return Finding(
            Health.UNKNOWN, "lag unknown", "it receives, and nobody says how far it is behind", one.kind.exporter
        )
    if lag.level is Health.CALM:
        return Finding(Health.CALM, "in step")
    return Finding(lag.level, "lagging", _behind_text(one, lag), steps.lagging)


def _told_behind(one: Reading) -> Finding | None:
    """Nobody knows whether it receives; that it is far behind is known all the same."""
    lag = lag_of(one)
    if lag.level in (Health.UNKNOWN, Health.CALM):
        return None
    return Finding(lag.level, "lagging", f"{_behind_text(one, lag)}; {one.link.how}", one.kind.steps.lagging)


def _behind_text(one: Reading, lag: Lag) -> str:
    """``at most 31 s and 6.4 MiB behind``."""
    parts = []
    if lag.seconds is not None:
        parts.append(f"{lag.how} {seconds_text(lag.seconds)}".strip())
    if one.backlog is not None and one.kind.backlog is not None:
        parts.append(amount_text(one.backlog, one.kind.backlog.unit))
    return f"{' and '.join(parts)} behind"


def _leadership(one: Reading) -> Iterator[Finding]:
    if not one.kind.one_primary or one.primaries is None or one.primaries == 1:
        return
    step = one.kind.steps.leaderless
    if one.primaries == 0:
        yield Finding(Health.BROKEN, "no primary", "nobody in its group takes writes", step)
    else:
        yield Finding(Health.BROKEN, "two primaries", f"{one.primaries} of its group take writes", step)


def _of_figure(one: Reading, figure: Figure) -> Finding | None:
    """What a judged figure adds; nothing while it is calm, or not there."""
    rule = figure.rule
    if not rule.judged or (rule.of and one.role not in rule.of):
        return None
    level = figure_level(rule, figure.value)
    if level in (Health.UNKNOWN, Health.CALM):
        return None
    of = f" ({figure.of})" if figure.of else ""
    word = rule.word or (figure_text(figure) if rule.words else rule.title)
    return Finding(level, word, f"{rule.title}{of}: {figure_text(figure)}{limit_text(rule, level)}", rule.step)
