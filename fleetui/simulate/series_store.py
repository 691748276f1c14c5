"""The series that a simulated Prometheus holds: found by name and labels, each with a course in time, and silent with
the cluster that they are of."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from fleetui.model.alerts.matcher import Matcher
from fleetui.simulate.course import Course
from fleetui.simulate.promql_syntax import Selector

SCRAPE_S = 15.0
LOOK_BACK_S = 300.0
"""How long a series that has stopped still answers (--query.lookback-delta)."""
NAME = "__name__"

LabelSet = Mapping[str, str]


class Silence:
    """When nothing came from a place, and at which moments of the interval it is scraped."""

    def __init__(self, *, offset_s: float = 0.0, within: "Silence | None" = None) -> None:
        """``within``: a larger place; what is silent there is silent here."""
        self._offset_s = offset_s
        self._within = within
        self._spans: list[tuple[float, float | None]] = []
        self._asked: tuple[float, float] = (0.0, 0.0)

    def begin(self, t: float) -> None:
        if not self._spans or self._spans[-1][1] is not None:
            self._spans.append((t, None))
            self._asked = (0.0, 0.0)

    def end(self, t: float) -> None:
        if self._spans and self._spans[-1][1] is None:
            self._spans[-1] = (self._spans[-1][0], t)
            self._asked = (0.0, 0.0)

    def silent(self, t: float) -> bool:
        return self._heard(t) < t

    def scraped(self, t: float) -> float:
        """The last scrape not after ``t``. Many series of one place ask for the same moment in a row."""
        if self._asked[0] != t or self._within is not None:
            last = (self._heard(t) - self._offset_s) // SCRAPE_S * SCRAPE_S + self._offset_s
            self._asked = t, last
        return self._asked[1]

    def _heard(self, t: float) -> float:
        """``t``, or when the silence began that it falls into."""
        if self._within is not None:
            t = self._within._heard(t)
        for begin, until in reversed(self._spans):
            if begin <= t and (until is None or t < until):
                return begin
        return t


class Series:
    """One. ``labels`` with its name; never changed."""

    __slots__ = ("bare", "course", "labels", "place")

    def __init__(self, name: str, labels: LabelSet, course: Course, place: Silence) -> None:
        self.bare: LabelSet = labels
        self.labels: LabelSet = {NAME: name, **labels}
        self.course = course
        self.place = place

    def sample(self, t: float) -> tuple[float, float] | None:
        """(when, value) of the last scrape; None where it is too old or there was none."""
        scraped = self.place.scraped(t)
        if t - scraped > LOOK_BACK_S:
            return None
        value = self.course.at(scraped)
        return None if value is None else (scraped, value)

    def window(self, t: float, window_s: float) -> tuple[float, float] | None:
        """The part of the window up to ``t`` in which it was scraped; None where it was not."""
        until = self.place.scraped(t)
        if until <= t - window_s or not self.course.known(until):
            return None
        return (t - window_s, t) if t - until <= SCRAPE_S else (t - window_s, until)


Shelf = Mapping[str, Sequence[Series]]
"""By metric."""


class SeriesStore:
    """``read`` tells what there is; it is asked at most once a scrape."""

    def __init__(self, read: Callable[[float], Iterable[Series]]) -> None:
        self._read = read
        self._shelf: dict[str, list[Series]] = {}
        self._read_at = float("-inf")
        self._found: dict[tuple[str, tuple[Matcher, ...]], tuple[Series, ...]] = {}

    def refresh(self, now: float) -> None:
        """What happened in the world since the last scrape."""
        if now - self._read_at < SCRAPE_S:
            return
        self._read_at = now
        self._shelf, self._found = {}, {}
        for series in self._read(now):
            self._shelf.setdefault(series.labels[NAME], []).append(series)

    def select(self, selector: Selector) -> tuple[Series, ...]:
        """Those that match, whether or not they have a sample."""
        key = (selector.metric, selector.matchers)
        if key not in self._found:
            self._found[key] = tuple(self._matching(*key))
        return self._found[key]

    def names(self, chosen: Iterable[Series] | None = None) -> list[str]:
        """Of labels, sorted."""
        every = chosen if chosen is not None else (series for shelf in self._shelf.values() for series in shelf)
        return sorted({name for series in every for name in series.labels})

    def _matching(self, metric: str, matchers: tuple[Matcher, ...]) -> Iterable[Series]:
        named = [matcher for matcher in matchers if matcher.name == NAME]
        others = [matcher for matcher in matchers if matcher.name != NAME]
        for name, shelf in self._shelf.items():
            if (not metric or name == metric) and all(matcher.matches(name) for matcher in named):
                for series in shelf:
                    if all(matcher.matches(series.bare.get(matcher.name, "")) for matcher in others):
                        yield series
