"""Whether the alert pipeline lives: an empty list is only good news when it would have told otherwise.

Measured: with a frozen Prometheus an alert that was still true vanished from Alertmanager after 207 s, and was
announced as resolved, 15 s before the Watchdog itself vanished. So the sign of life is not that the Watchdog is there,
but when it was last sent.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.evidence import AlertmanagerSays, Posted, PrometheusSays
from fleetui.model.alerts.label_set import ALERTNAME, USUAL, Labels, Scheme, get, text
from fleetui.model.alerts.page_or_ticket import SEVERITY, WATCHDOGS
from fleetui.model.duration import format_duration
from fleetui.model.fault import FaultKind

_NOT_THE_ROUTE = frozenset({ALERTNAME, SEVERITY, "namespace"})
"""Labels of a Watchdog that say nothing about the way that it came; operators of Prometheus enforce a namespace."""


class Level(StrEnum):
    OK = "ok"
    UNKNOWN = "unknown"
    """Nothing proves that it lives, nothing that it does not."""
    LATE = "late"
    DEAD = "dead"


_WORST_FIRST = (Level.DEAD, Level.LATE, Level.UNKNOWN, Level.OK)


class Rhythm(msgspec.Struct, frozen=True):
    """How often the pipeline should speak, in seconds."""

    evaluate_s: float = 30.0
    """Prometheus' evaluation interval; kube-prometheus sets 30 s."""
    resend_s: float = 60.0
    """--rules.alert.resend-delay; 1m by default."""

    @property
    def late_after_s(self) -> float:
        """A living pipeline sends every alert again after the delay and at most two evaluations; 65 s measured."""
        return self.resend_s + 2 * self.evaluate_s

    @property
    def dead_after_s(self) -> float:
        return 2 * self.late_after_s

    @property
    def settle_s(self) -> float:
        """How long after its return a pipeline needs to say again what is true: four evaluations."""
        return 4 * self.evaluate_s


USUAL_RHYTHM = Rhythm()


class Silent(msgspec.Struct, frozen=True):
    """A cluster that is on the roster and sends no metrics: none of its alerts can fire."""

    cluster: str
    since: float | None
    """Unix seconds; None when nobody knows."""


class Trouble(msgspec.Struct, frozen=True):
    """One thing that is wrong with the pipeline."""

    level: Level
    what: str
    """One line: ``Watchdog of eu-1 last sent 4m ago``."""
    remedy: str
    since: float | None = None
    cluster: str = ""
    """Whose alerts it concerns; empty for more than one."""
    awaited: bool = False
    """A first answer that has not come yet, and nothing worse."""
    rule: str = ""
    """The one rule that it keeps from telling; all others go on."""
    partial: bool = False
    """Some of what it would tell is missing, and nobody can say what."""


class Watchdog(msgspec.Struct, frozen=True):
    """One way from rules to Alertmanagers, and when it last proved itself."""

    route: Labels
    """What the alerts that come this way carry too: ``cluster``, ``prometheus``. Empty for all."""
    sent_at: float
    """Unix seconds by our clock, in the Alertmanager that heard it last."""
    present: bool = True
    """An Alertmanager that answers has it now. One that was restarted has forgotten it, and all other alerts too."""

    def covers(self, labels: Labels) -> bool:
        return set(self.route) <= set(labels)

    def level(self, now: float, rhythm: Rhythm) -> Level:
        quiet = now - self.sent_at
        if quiet > rhythm.dead_after_s:
            return Level.DEAD
        return Level.LATE if quiet > rhythm.late_after_s or not self.present else Level.OK


class Pipeline(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict at one moment."""

    at: float
    level: Level
    troubles: tuple[Trouble, ...] = ()
    """Worst first."""
    watchdogs: tuple[Watchdog, ...] = ()
    """All ever seen in this session: one that is gone has no sign of life any more."""
    living: tuple[Watchdog, ...] = ()
    failed: frozenset[str] = frozenset()
    """Names of sources that gave no answer."""
    evaluating: frozenset[str] = frozenset()
    """Names of Prometheis that answer and evaluate on time."""
    silent: frozenset[str] = frozenset()
    """Clusters."""

    def trusts_end_of(self, alert: Alert) -> bool:
        """Whether it is over when nobody mentions it any more. Its cluster must send metrics, somebody who knew of it
        must have answered, and its rule must be seen to be evaluated or its way to Alertmanager to be alive."""
        answering = set(alert.sources) - self.failed
        if alert.cluster in self.silent or not answering:
            return False
        if answering & self.evaluating:
            return True
        delivered = answering & set(alert.alertmanagers)
        ways = [watchdog for watchdog in self.watchdogs if watchdog.covers(alert.labels)]
        return bool(delivered and ways) and all(way in self.living for way in ways)


def pipeline(
    prometheis: Iterable[PrometheusSays],
    alertmanagers: Iterable[AlertmanagerSays],
    *,
    now: float,
    rhythm: Rhythm = USUAL_RHYTHM,
    scheme: Scheme = USUAL,
    silent: Iterable[Silent] = (),
    known: Iterable[Watchdog] = (),
) -> Pipeline:
    """``known`` are the watchdogs of the verdict before this one: one that vanishes is the first to be missed. Answers
    are those of the last round of questions; who missed it is in them with a fault, not with an answer from before."""
    asked, told, quiet = tuple(prometheis), tuple(alertmanagers), tuple(silent)
    watchdogs = _watchdogs(told, known, scheme)
    troubles = [
        *_of_watchdogs(watchdogs, told, now, rhythm, scheme),
        *_of_alertmanagers(told),
        *(trouble for answer in asked for trouble in _of_prometheus(answer, rhythm)),
        *(_of_silent(cluster, now) for cluster in quiet),
    ]
    worst = min((trouble.level for trouble in troubles), key=_WORST_FIRST.index, default=Level.OK)
    return Pipeline(
        at=now,
        level=worst,
        troubles=tuple(sorted(troubles, key=lambda trouble: _WORST_FIRST.index(trouble.level))),
        watchdogs=watchdogs,
        living=tuple(watchdog for watchdog in watchdogs if watchdog.level(now, rhythm) is Level.OK),
        failed=frozenset(
            [answer.origin.name for answer in asked if answer.fault]
            + [answer.source for answer in told if answer.fault]
        ),
        evaluating=frozenset(answer.origin.name for answer in asked if _evaluation(answer, rhythm) is Level.OK),
        silent=frozenset(cluster.cluster for cluster in quiet),
    )


def _watchdogs(told: Iterable[AlertmanagerSays], known: Iterable[Watchdog], scheme: Scheme) -> tuple[Watchdog, ...]:
    latest: dict[Labels, float] = {watchdog.route: watchdog.sent_at for watchdog in known}
    present: set[Labels] = set()
    for answer in told:
        for post in answer.posted if answer.fault is None else ():
            if WATCHDOGS.fullmatch(get(post.labels, ALERTNAME)):
                route, sent = _route(post, scheme), post.updated_at - answer.skew_s
                latest[route] = max(sent, latest.get(route, sent))
                present.add(route)
    return tuple(Watchdog(route, sent_at, route in present) for route, sent_at in sorted(latest.items()))


def _route(post: Posted, scheme: Scheme) -> Labels:
    return tuple(pair for pair in scheme.identity(post.labels) if pair[0] not in _NOT_THE_ROUTE)


def _of_watchdogs(
    watchdogs: tuple[Watchdog, ...], told: tuple[AlertmanagerSays, ...], now: float, rhythm: Rhythm, scheme: Scheme
) -> Iterable[Trouble]:
    heard = any(answer.fault is None for answer in told)
    if heard and not watchdogs:
        yield Trouble(
            Level.UNKNOWN,
            "no Watchdog alert at any Alertmanager: an empty list proves nothing",
            "add a rule that always fires (alert: Watchdog, expr: vector(1)) to every Prometheus",
        )
    for watchdog in watchdogs if heard else ():
        level = watchdog.level(now, rhythm)
        if level is not Level.OK:
            whose = scheme.cluster_of(watchdog.route)
            name = whose or text(watchdog.route) or "all clusters"
            lost = "" if watchdog.present else ", and gone from Alertmanager"
            quiet = format_duration(now - watchdog.sent_at)
            yield Trouble(
                level,
                f"Watchdog of {name} last sent {quiet} ago{lost}: what resolves now is unknown",
                "look at that Prometheus: is it up, does it evaluate, does it reach Alertmanager?",
                since=watchdog.sent_at,
                cluster=whose,
            )


def _of_alertmanagers(told: tuple[AlertmanagerSays, ...]) -> Iterable[Trouble]:
    broken = [(answer, answer.fault) for answer in told if answer.fault is not None]
    level = Level.DEAD if len(broken) == len(told) else Level.LATE
    for answer, fault in broken:
        awaited = fault.kind is FaultKind.AWAITED
        worth = Level.UNKNOWN if awaited else level
        yield Trouble(worth, f"Alertmanager {answer.source}: {fault.word}", fault.remedy, awaited=awaited)
    for answer in told:
        if answer.undecodable:
            what = f"Alertmanager {answer.source}: {answer.undecodable} alerts could not be read"
            remedy = "compare with amtool alert query; report the labels that it cannot be read by"
            yield Trouble(Level.LATE, what, remedy, partial=True)


def _of_prometheus(answer: PrometheusSays, rhythm: Rhythm) -> Iterable[Trouble]:
    name, cluster = answer.origin.name, answer.origin.cluster
    if answer.fault is not None:
        awaited = answer.fault.kind is FaultKind.AWAITED
        worth = Level.UNKNOWN if awaited else Level.DEAD
        what = f"Prometheus {name}: {answer.fault.word}"
        yield Trouble(worth, what, answer.fault.remedy, cluster=cluster, awaited=awaited)
        return
    level = _evaluation(answer, rhythm)
    if level in (Level.LATE, Level.DEAD):
        last = _evaluated(answer) or 0.0
        what = f"Prometheus {name} evaluated its rules {format_duration(answer.at - (last - answer.skew_s))} ago"
        yield Trouble(level, what, f"look at /rules of {name}: slow or stuck groups", since=last, cluster=cluster)
    for evaluation in answer.evaluations:
        if evaluation.error:
            what = f"rule {evaluation.rule} at {name} cannot be evaluated: {evaluation.error}"
            remedy = "mend the rule: its alert can neither fire nor resolve"
            yield Trouble(Level.LATE, what, remedy, cluster=cluster, rule=evaluation.rule)
    for warning in answer.warnings:
        what = f"{name} answers in part: {warning}"
        yield Trouble(Level.LATE, what, "look at that store's backends", cluster=cluster, partial=True)


def _evaluation(answer: PrometheusSays, rhythm: Rhythm) -> Level:
    """As of its answer: LATE after twice the interval, DEAD after four times."""
    last = _evaluated(answer)
    if answer.fault is not None or last is None or answer.warnings:
        return Level.UNKNOWN
    intervals = [evaluation.interval_s for evaluation in answer.evaluations if evaluation.interval_s]
    interval = min(intervals, default=rhythm.evaluate_s)
    quiet = answer.at - (last - answer.skew_s)
    if quiet > 4 * interval:
        return Level.DEAD
    return Level.LATE if quiet > 2 * interval else Level.OK


def _evaluated(answer: PrometheusSays) -> float | None:
    return max((evaluation.at for evaluation in answer.evaluations if evaluation.at is not None), default=None)


def _of_silent(cluster: Silent, now: float) -> Trouble:
    ago = "" if cluster.since is None else f" for {format_duration(now - cluster.since)}"
    return Trouble(
        Level.DEAD,
        f"{cluster.cluster} has sent no metrics{ago}: none of its alerts can fire",
        "is it up? look at its Prometheus or agent, and at remote write",
        since=cluster.since,
        cluster=cluster.cluster,
    )
