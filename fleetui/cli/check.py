"""``fleetui check``: one line and one status, as the guidelines of the Monitoring Plugins ask of a plugin.

https://www.monitoring-plugins.org/doc/guidelines.html: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; the text, then ``|`` and
performance data. What is unknown is never OK.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType

import msgspec

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.grouping import Total, total
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Pipeline
from fleetui.model.cluster import Cluster, Health
from fleetui.model.cluster_verdict import Reason, health, overdue, reasons
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.text import clean

NAMED = 5
"""What is wrong, one by one; the rest is a number: pagers show one line."""
LONGEST = 200
"""Characters of one reason."""


class Status(IntEnum):
    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_WORST_FIRST = (Status.CRITICAL, Status.WARNING, Status.UNKNOWN, Status.OK)
"""What is known to be wrong outweighs what is not known; the line tells of both."""
_OF_HEALTH = {
    Health.BROKEN: Status.CRITICAL,
    Health.WARNING: Status.WARNING,
    Health.UNKNOWN: Status.UNKNOWN,
    Health.BUSY: Status.OK,
    Health.CALM: Status.OK,
}


class Point(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    status: Status
    name: str
    why: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """What a check came to."""

    what: str
    """``clusters``, ``etcd``, ``alerts``."""
    status: Status
    text: str
    data: tuple[str, ...] = ()
    """Performance data, each ``label=value;warn;crit;min;max``."""

    @property
    def line(self) -> str:
        """One line. A ``|`` of foreign text would end it before its time."""
        said = clean(f"{self.what.upper()} {self.status.name} - {self.text}".replace("|", "/"), limit=2_000)
        return f"{said} | {' '.join(self.data)}" if self.data else said


def unknown(what: str, why: str) -> Verdict:
    return Verdict(what, Status.UNKNOWN, why)


def summed_up(what: str, points: Sequence[Point], *, one: str, left_out: int = 0, aside: str = "") -> Verdict:
    """``one``: what a point is, ``cluster``. ``left_out``: of how many a filter cannot tell whether they are meant.
    ``aside``: how many were not looked at, in words."""
    if not points and not left_out:
        return unknown(what, f"nothing to check{f': {aside}' if aside else ''}")
    counts = Counter(point.status for point in points)
    counts[Status.UNKNOWN] += left_out
    status = next(each for each in _WORST_FIRST if counts[each])
    every = len(points) + left_out
    wrong = [(each, sum(point.status is each for point in points)) for each in _WORST_FIRST[:3]]
    parts = [f"{count} {each.name.lower()}: {_named(points, each)}" for each, count in wrong if count]
    parts += [f"{left_out} of which the filter cannot tell"] if left_out else []
    text = f"{every} {one}{'' if every == 1 else 's'}: {'; '.join(parts) or 'all ok'}"
    data = (
        _data("ok", counts[Status.OK], every),
        _data("warning", counts[Status.WARNING], every, warn="0"),
        _data("critical", counts[Status.CRITICAL], every, crit="0"),
        _data("unknown", counts[Status.UNKNOWN], every),
    )
    return Verdict(what, status, f"{text}; {aside}" if aside else text, data)


def _named(points: Iterable[Point], status: Status) -> str:
    found = [point for point in points if point.status is status]
    said = [f"{point.name} ({clean(point.why, limit=LONGEST)})" if point.why else point.name for point in found[:NAMED]]
    return ", ".join(said) + (f", +{len(found) - NAMED}" if len(found) > NAMED else "")


def _data(label: str, value: int, most: int, *, warn: str = "", crit: str = "") -> str:
    """A limit of 0: anything above it alerts."""
    return f"{label}={value};{warn};{crit};0;{most}"


def of_cluster(row: Cluster, owed: Mapping[str, str] = MappingProxyType({})) -> Point:
    """The verdict of its row on the Fleet screen, with the reasons for it; the worst says more. ``owed``: by board, who
    has not answered in time. A screen goes on waiting for them; here they make of what would be OK an UNKNOWN."""
    late = overdue(row, owed)
    wrong = [*(reason for reason in reasons(row) if _wrong(reason)), *late]
    said = [reason.said for reason in wrong]
    if wrong and wrong[0].why not in ("", wrong[0].text):
        said[0] = f"{said[0]}: {wrong[0].why}"
    status = _OF_HEALTH[health(row)]
    return Point(Status.UNKNOWN if late and status is Status.OK else status, row.name, ", ".join(dict.fromkeys(said)))


def _wrong(reason: Reason) -> bool:
    return _OF_HEALTH[reason.level] is not Status.OK


def of_etcd(row: EtcdState) -> Point:
    """A disk that nobody could measure may be slow: then it is not known to be well."""
    status, why = _OF_HEALTH[row.level], f"{row.word}: {row.reason}" if row.reason else row.word
    if not row.unmeasured:
        return Point(status, row.cluster, why)
    doubt = f"{why}; disk latency not known: {', '.join(row.unmeasured)}"
    return Point(Status.UNKNOWN if status is Status.OK else status, row.cluster, doubt)


def etcd_verdict(rows: Sequence[EtcdState], *, left_out: int) -> Verdict:
    """Clusters without any way to their etcd are not looked at, which is said; they are no evidence of anything."""
    configured = [row for row in rows if row.direct is not None or row.scraped is not None or not row.settled]
    blind = len(rows) - len(configured)
    aside = f"{blind} without a way to their etcd" if blind else ""
    urgent = sorted(configured, key=lambda row: row.urgency)
    return summed_up("etcd", list(map(of_etcd, urgent)), one="cluster", left_out=left_out, aside=aside)


def alerts_verdict(alerts: Sequence[Alert], pipeline: Pipeline, *, left_out: int) -> Verdict:
    """Pages that nobody is at are critical, such tickets a warning. Nothing that fires is only good news of a pipeline
    that lives."""
    loud = sorted((alert for alert in alerts if alert.loud and alert.phase is Phase.FIRING), key=_page_first)
    calls = Counter(alert.call for alert in loud)
    sums = total(alerts)
    doubt = clean(pipeline.troubles[0].what, limit=LONGEST) if pipeline.troubles else ""
    names = list(dict.fromkeys(f"{alert.cluster or '?'}/{alert.name}" for alert in loud))
    more = f", +{len(names) - NAMED}" if len(names) > NAMED else ""
    parts = (
        f"{calls[Call.PAGE]} page, {calls[Call.TICKET]} ticket",
        ", ".join(names[:NAMED]) + more,
        f"{sums.unknown} unknown since their pipeline fell silent" if sums.unknown else "",
        f"{left_out} of which the filter cannot tell" if left_out else "",
        f"pipeline {pipeline.level.value}: {doubt}" if doubt else "the pipeline lives",
    )
    data = (
        f"pages={calls[Call.PAGE]};;0;0;",
        f"tickets={calls[Call.TICKET]};0;;0;",
        *(f"{word}={count};;;0;" for word, count in _quiet(sums)),
    )
    status = _alerts_status(calls, known=not (doubt or sums.unknown or left_out))
    return Verdict("alerts", status, "; ".join(part for part in parts if part), data)


def _alerts_status(calls: Mapping[Call, int], *, known: bool) -> Status:
    if calls.get(Call.PAGE):
        return Status.CRITICAL
    if calls.get(Call.TICKET):
        return Status.WARNING
    return Status.OK if known else Status.UNKNOWN


def _quiet(sums: Total) -> tuple[tuple[str, int], ...]:
    return (("pending", sums.pending), ("hushed", sums.hushed), ("unknown", sums.unknown))


def _page_first(alert: Alert) -> tuple[bool, str]:
    return (alert.call is not Call.PAGE, alert.key)
