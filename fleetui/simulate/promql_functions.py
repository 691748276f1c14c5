"""Functions of PromQL: those of a series in time, and those of vectors and numbers."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from fleetui.simulate.promql_syntax import PromqlError
from fleetui.simulate.series_store import NAME, SCRAPE_S, LabelSet, Series

Sample = tuple[LabelSet, float]
Vector = list[Sample]

OfSeries = Callable[[Series, float, float], float | None]
"""(series, at, window in seconds) -> value; None for no sample."""


def _timestamp(series: Series, at: float, _: float) -> float | None:
    found = series.sample(at)
    return None if found is None else found[0]


def _increase(series: Series, at: float, window_s: float) -> float | None:
    window = series.window(at, window_s)
    return None if window is None else max(0.0, series.course.grew(*window))


def _rate(series: Series, at: float, window_s: float) -> float | None:
    grew = _increase(series, at, window_s)
    return None if grew is None else grew / window_s


def _derivative(series: Series, at: float, window_s: float) -> float | None:
    window = series.window(at, window_s)
    return None if window is None else series.course.grew(*window) / (window[1] - window[0])


def _count(series: Series, at: float, window_s: float) -> float | None:
    window = series.window(at, window_s)
    return None if window is None else max(1.0, (window[1] - window[0]) // SCRAPE_S)


def _average(series: Series, at: float, window_s: float) -> float | None:
    window = series.window(at, window_s)
    return None if window is None else series.course.mean(*window)


def _looks(choose: Callable[[list[float]], float]) -> OfSeries:
    def function(series: Series, at: float, window_s: float) -> float | None:
        window = series.window(at, window_s)
        found = [] if window is None else series.course.looks(*window)
        return choose(found) if found else None

    return function


def _last(series: Series, at: float, window_s: float) -> float | None:
    """Also of one that has stopped, as long as its last sample is in the window."""
    until = series.place.scraped(at)
    return series.course.at(until) if at - until < window_s else None


BY_SERIES: Mapping[str, tuple[OfSeries, bool, bool]] = {
    "timestamp": (_timestamp, False, False),
    "rate": (_rate, True, False),
    "increase": (_increase, True, False),
    "deriv": (_derivative, True, False),
    "count_over_time": (_count, True, False),
    "avg_over_time": (_average, True, False),
    "max_over_time": (_looks(max), True, False),
    "min_over_time": (_looks(min), True, False),
    "last_over_time": (_last, True, True),
}
"""(function, whether it wants a range, whether it keeps the metric's name)."""


def _clamp_min(*arguments: object) -> Vector:
    vector, least = _typed(arguments, list, float)
    return [(_bare(labels), value if math.isnan(value) else max(value, least)) for labels, value in vector]


def _vector(*arguments: object) -> Vector:
    (value,) = _typed(arguments, float)
    return [({}, value)]


def _histogram_quantile(*arguments: object) -> Vector:
    share, vector = _typed(arguments, float, list)
    groups: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
    for labels, value in vector:
        if "le" in labels:
            rest = tuple(sorted((name, text) for name, text in labels.items() if name not in ("le", NAME)))
            groups.setdefault(rest, []).append((float(labels["le"]), value))
    return [(dict(rest), _bucket_quantile(share, sorted(buckets))) for rest, buckets in groups.items()]


def _bucket_quantile(share: float, buckets: list[tuple[float, float]]) -> float:
    """As Prometheus: linear within a bucket; beyond the last limit, that limit."""
    if len(buckets) < 2 or not math.isinf(buckets[-1][0]) or buckets[-1][1] == 0:
        return math.nan
    rank = share * buckets[-1][1]
    place = next(number for number, (_, count) in enumerate(buckets) if count >= rank or number == len(buckets) - 1)
    if place == len(buckets) - 1:
        return buckets[-2][0]
    limit, count = buckets[place]
    if place == 0 and limit <= 0:
        return limit
    low, before = buckets[place - 1] if place else (0.0, 0.0)
    return low + (limit - low) * ((rank - before) / (count - before)) if count > before else low


_GROUP = re.compile(r"\$(\d+|\{\d+\}|\$)")


def _label_replace(*arguments: object) -> Vector:
    vector, target, replacement, source, pattern = _typed(arguments, list, str, str, str, str)
    expression = re.compile(pattern, re.DOTALL)
    return [(_replaced(labels, target, replacement, expression.fullmatch(labels.get(source, ""))), value)
            for labels, value in vector]  # fmt: skip


def _replaced(labels: LabelSet, target: str, replacement: str, found: "re.Match[str] | None") -> LabelSet:
    if found is None:
        return labels
    text = _GROUP.sub(lambda hole: "$" if hole[1] == "$" else found[int(hole[1].strip("{}"))] or "", replacement)
    return {**{name: value for name, value in labels.items() if name != target}, **({target: text} if text else {})}


FUNCTIONS: Mapping[str, Callable[..., float | Vector]] = {
    "clamp_min": _clamp_min,
    "vector": _vector,
    "histogram_quantile": _histogram_quantile,
    "label_replace": _label_replace,
}


def _typed(arguments: tuple[object, ...], *types: type) -> tuple[Any, ...]:
    if len(arguments) != len(types) or not all(map(isinstance, arguments, types)):
        wanted = ", ".join({list: "instant vector", float: "scalar", str: "string"}[kind] for kind in types)
        raise PromqlError(f"parse error: expected arguments of type {wanted}")
    return arguments


def _bare(labels: LabelSet) -> LabelSet:
    return {name: value for name, value in labels.items() if name != NAME} if NAME in labels else labels
