"""What the demo's exporters have in common: which cluster and job a series is of, when it was scraped, which chance
drew its figures, and since when there are stories to tell."""

import math
from collections.abc import Iterator, Sequence
from random import Random

import msgspec

from fleetui.simulate.course import Counter, Course, Recorded, Spells, Wave
from fleetui.simulate.demo_clusters import Plan
from fleetui.simulate.series_store import SCRAPE_S, Series, Silence

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0
FOR_EVER = math.inf
FULL_ETCDS = frozenset({"data-north-1"})
"""Without space since the stories began."""
KEPT_S = 2 * HOUR_S
"""How long a series that has ended is remembered."""
CHANGES_S = 6 * HOUR_S
"""How long what changed is."""
P99 = 2.326
"""Standard deviations from the median to the 99th percentile."""

Labels = tuple[tuple[str, str], ...]


class Scraped:
    """One cluster as it is scraped."""

    def __init__(self, plan: Plan, *, seed: int, began: float) -> None:
        self.plan, self.began = plan, began
        self.chance = Random(f"{seed}/series/{plan.name}")  # noqa: S311 - looks, no secrets
        self.place = Silence(offset_s=self.chance.uniform(0, SCRAPE_S))
        self.phase = self.chance.random()
        self.memory = Memory(self)
        self.full = Spells(began if plan.name in FULL_ETCDS else None)
        """While its etcd has no space, what would be written is refused."""

    @property
    def name(self) -> str:
        return self.plan.name

    @property
    def machines(self) -> int:
        return sum(self.plan.racks)

    def wave(self, mean: float, **more: float) -> Wave:
        """Up and down with the cluster's own day."""
        return Wave(mean, phase=self.phase, **more)

    def series(self, job: str, name: str, course: Course, place: Silence | None = None, /, **labels: str) -> Series:
        return Series(name, {"cluster": self.name, "job": job, **labels}, course, place or self.place)

    def histogram(
        self, job: str, name: str, wave: Wave, shape: "Shape", place: Silence | None = None, /, **labels: str
    ) -> Iterator[Series]:
        """Its buckets and its count."""
        for limit, course in shape.buckets(wave):
            yield self.series(job, f"{name}_bucket", course, place, **labels, le=limit)
        yield self.series(job, f"{name}_count", Counter(wave), place, **labels)


class Slow(msgspec.Struct, frozen=True):
    """From some moment on a share of the events takes much longer."""

    since: float
    share: float
    median_s: float
    until: float = FOR_EVER


class Shape(msgspec.Struct, frozen=True):
    """How long events take: log-normal between a median and a 99th percentile, and what is slow since when."""

    limits: tuple[float, ...]
    median_s: float
    p99_s: float
    slow: Slow | None = None

    def buckets(self, wave: Wave) -> Iterator[tuple[str, Course]]:
        for limit in self.limits:
            yield f"{limit:g}", self._within(wave, limit)
        yield "+Inf", Counter(wave)

    def _within(self, wave: Wave, limit: float) -> Course:
        usual = _share_within(limit, self.median_s, self.p99_s)
        if self.slow is None:
            return Counter(wave, usual)
        late = _share_within(limit, self.slow.median_s, self.slow.median_s * self.p99_s / self.median_s)
        change = self.slow.share * (late - usual)
        return Counter(wave, usual, bursts=((self.slow.since, self.slow.until, change),))


def _share_within(limit: float, median: float, p99: float) -> float:
    width = math.log(p99 / median) / P99
    return 0.5 * (1 + math.erf(math.log(limit / median) / width / math.sqrt(2)))


class Memory:
    """Figures that are read from the simulated world: known since they were first read."""

    def __init__(self, scraped: Scraped) -> None:
        self._scraped = scraped
        self._known: dict[tuple[str, Labels], Series] = {}
        self._seen: set[tuple[str, Labels]] = set()

    def tell(
        self, job: str, name: str, value: float, now: float, recorded: Recorded | None = None, /, **labels: str
    ) -> None:
        """``recorded``: what is known from before, where it is told for the first time."""
        key = (name, tuple(labels.items()))
        series = self._known.get(key)
        if series is None:
            series = self._known[key] = self._scraped.series(job, name, recorded or Recorded(), **labels)
        assert isinstance(series.course, Recorded)
        series.course.see(value, now)
        self._seen.add(key)

    def all(self, now: float) -> Sequence[Series]:
        """What was told since the last call, and what was not any more until a while ago."""
        for key in self._known.keys() - self._seen:
            course = self._known[key].course
            assert isinstance(course, Recorded)
            if course.ended is None:
                course.ended = now
            elif now - course.ended > KEPT_S:
                del self._known[key]
        self._seen.clear()
        for series in self._known.values():
            assert isinstance(series.course, Recorded)
            series.course.forget(now - CHANGES_S)
        return tuple(self._known.values())


def since(value: float, moment: float, before: float) -> Recorded:
    """Known to be ``value`` since ``moment``, and ``before`` until then."""
    found = Recorded()
    found.see(before, moment - DAY_S)
    found.see(value, moment)
    return found
