"""What the sources' answers to a board's panels say of each cluster: one reading a panel, and why there is none."""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan

import msgspec

from fleetui.model.fault import Fault
from fleetui.model.freshness import Source
from fleetui.model.health.answers import Answers, sampled_at
from fleetui.model.health.panels import COUNTED_S, Exporter, Panel
from fleetui.model.health.sample import STALE_AFTER, Age, sampled
from fleetui.model.health.series import Point, Vector

UNKNOWN_PERIOD_S = 60.0


class Reading(msgspec.Struct, frozen=True):
    """One panel's figure of one cluster."""

    value: float
    """NaN: there was nothing to measure."""
    named: str = ""
    """Whose it is, where the panel says."""


class ClusterView(msgspec.Struct, frozen=True):
    """One cluster in one source."""

    source: str
    readings: Mapping[str, Reading]
    """By panel."""
    jobs: Mapping[str, tuple[float, float]]
    """(answering, all) targets of each job, names in lower case."""
    sample_at: float | None
    """The youngest scrape of anything of it."""
    received_at: float
    period_s: float = UNKNOWN_PERIOD_S
    faults: Mapping[str, Fault] = {}
    """Of queries that failed, for every cluster of the source alike."""
    fault: Fault | None = None
    """Why the source was not asked just now: these are its last words."""
    partial: str = ""

    def age(self, now: float) -> Age:
        if self.sample_at is None:
            return Age.NONE
        return sampled(True, at=self.sample_at, source=Source.SCRAPED).age(now, period_s=self.period_s)

    def stale(self, now: float) -> bool:
        return self.sample_at is None or now - self.sample_at > STALE_AFTER * self.period_s

    def withholds(self, panel: Panel) -> bool:
        """There is no figure because what it measures is known to be broken."""
        told = self.readings.get(panel.withheld.id) if panel.withheld is not None else None
        return panel.id not in self.readings and told is not None and told.value > 0

    def why_none(self, panel: str, exporter: Exporter) -> tuple[str, str]:
        """(why there is no figure, what to do)."""
        if fault := self.faults.get(panel) or self.fault:
            return fault.word, fault.remedy or fault.detail
        if self.partial:
            return "partial answer", f"{self.source}: {self.partial}"
        own = {job: counts for job, counts in self.jobs.items() if exporter.job in job} if exporter.job else None
        if own == {}:
            return "not scraped", exporter.missing
        if own and not any(answering for answering, _ in own.values()):
            return "targets down", f"see why the targets of {', '.join(sorted(own))} are down"
        return "not exported", exporter.missing


def views(answers: Sequence[Answers], panels: Sequence[Panel]) -> dict[str, ClusterView]:
    """Each cluster that a source knows; of several sources' views the youngest."""
    best: dict[str, ClusterView] = {}
    for each in answers:
        for name, view in _views(each, panels).items():
            known = best.get(name)
            if known is None or (view.sample_at or 0.0) > (known.sample_at or 0.0):
                best[name] = view
    return best


def _views(answers: Answers, panels: Sequence[Panel]) -> dict[str, ClusterView]:
    seen = _seen(answers)
    scrapes = _highest(answers, "scrapes")
    jobs = _jobs(answers)
    readings = {asked.id: _readings(answers, asked) for panel in panels for asked in panel.asked}
    faults = {query: reply for query, reply in answers.replies.items() if isinstance(reply, Fault)}
    anchor = answers.replies.get("seen")
    received = anchor.reply.received_at if isinstance(anchor, Vector) else 0.0
    return {
        name: ClusterView(
            source=answers.source,
            readings={panel: found[name] for panel, found in readings.items() if name in found},
            jobs=jobs.get(name, {}),
            sample_at=seen[name],
            received_at=received,
            period_s=COUNTED_S / scrapes[name] if scrapes.get(name) else UNKNOWN_PERIOD_S,
            faults=faults,
            fault=answers.fault,
            partial=answers.partial,
        )
        for name in seen
        if name
    }


def _seen(answers: Answers) -> dict[str, float]:
    reply = answers.replies.get("seen")
    found: dict[str, float] = {}
    for point in reply.points if isinstance(reply, Vector) else ():
        assert isinstance(reply, Vector)
        name = answers.name(point.labels)
        found[name] = max(found.get(name, 0.0), sampled_at(point, reply))
    return found


def _highest(answers: Answers, query: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for point in answers.points(query):
        name = answers.name(point.labels)
        found[name] = max(found.get(name, 0.0), point.value)
    return found


def _jobs(answers: Answers) -> dict[str, dict[str, tuple[float, float]]]:
    """Of a pair that scrapes the same the better half."""
    found: dict[str, dict[str, tuple[float, float]]] = {}
    alive = {_place(answers, point): point.value for point in answers.points("alive")}
    for point in answers.points("targets"):
        name, job, _ = place = _place(answers, point)
        before = found.setdefault(name, {}).get(job, (0.0, 0.0))
        found[name][job] = max(before, (alive.get(place, 0.0), point.value))
    return found


def _place(answers: Answers, point: Point) -> tuple[str, str, str]:
    replica = point.label(answers.replica_label) if answers.replica_label else ""
    return answers.name(point.labels), point.label("job").lower(), replica


def _readings(answers: Answers, panel: Panel) -> dict[str, Reading]:
    groups: dict[str, list[Point]] = {}
    for point in answers.points(panel.id):
        groups.setdefault(answers.name(point.labels), []).append(point)
    return {name: _stand_for(panel, points) for name, points in groups.items()}


def _stand_for(panel: Panel, points: Iterable[Point]) -> Reading:
    """The worse of a pair's two views; NaN only where nobody has measured anything."""
    told = list(points)
    numbers = [point for point in told if not isnan(point.value)] or told
    falling = panel.limit is not None and panel.limit.falling
    point = (min if falling else max)(numbers, key=lambda each: each.value)
    return Reading(point.value, point.label(panel.named) if panel.named else "")
