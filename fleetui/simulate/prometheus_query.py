"""Questions to a simulated Prometheus as its HTTP API puts them, and the answers in its words."""

import asyncio
import math
from collections.abc import Iterator, Mapping
from typing import Any

from fleetui.ports.clock import Clock
from fleetui.simulate.promql_evaluate import evaluate
from fleetui.simulate.promql_functions import Vector
from fleetui.simulate.promql_syntax import PromqlError, Selector, duration_s, parse
from fleetui.simulate.series_store import SeriesStore

Document = dict[str, Any]
Form = Mapping[str, str]
MOST_POINTS = 11_000
SLICE_S = 0.02
"""Of a long range, after which others get their turn."""


class QueryError(Exception):
    """``status`` and ``kind`` as Prometheus says them: 400 bad_data."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class Queries:
    """Every method raises QueryError."""

    def __init__(self, series: SeriesStore, clock: Clock) -> None:
        self._series = series
        self._clock = clock

    def instant(self, form: Form) -> Document:
        at = _number(form, "time") if "time" in form else self._clock.now()
        found = self._evaluated(form.get("query", ""), at)
        if isinstance(found, float):
            return {"resultType": "scalar", "result": [at, _text(found)]}
        result = [{"metric": dict(labels), "value": [at, _text(value)]} for labels, value in found]
        return {"resultType": "vector", "result": result}

    async def range_(self, form: Form) -> Document:
        query, lines = form.get("query", ""), dict[tuple[tuple[str, str], ...], list[tuple[float, str]]]()
        began = self._clock.monotonic()
        for at in _moments(form):
            found = self._evaluated(query, at)
            for labels, value in [({}, found)] if isinstance(found, float) else found:
                lines.setdefault(tuple(sorted(labels.items())), []).append((at, _text(value)))
            if self._clock.monotonic() - began > SLICE_S:
                await asyncio.sleep(0)
                began = self._clock.monotonic()
        result = [{"metric": dict(labels), "values": values} for labels, values in sorted(lines.items())]
        return {"resultType": "matrix", "result": result}

    def label_names(self, form: Form) -> list[str]:
        self._series.refresh(self._clock.now())
        if "match[]" not in form:
            return self._series.names()
        try:
            selector = parse(form["match[]"])
        except PromqlError as error:
            raise QueryError(400, error.kind, str(error)) from error
        if not isinstance(selector, Selector):
            raise QueryError(400, "bad_data", "match[] is no selector")
        return self._series.names(self._series.select(selector))

    def _evaluated(self, query: str, at: float) -> float | Vector:
        self._series.refresh(self._clock.now())
        try:
            return evaluate(query, self._series, at)
        except PromqlError as error:
            raise QueryError(400 if error.kind == "bad_data" else 422, error.kind, str(error)) from error


def _moments(form: Form) -> Iterator[float]:
    start, end = _number(form, "start"), _number(form, "end")
    step = duration_s(form.get("step", "")) or _number(form, "step")
    if step <= 0 or end < start:
        raise QueryError(400, "bad_data", 'invalid parameter "end" or "step": no span')
    count = int((end - start) / step)
    if count >= MOST_POINTS:
        raise QueryError(400, "bad_data", "exceeded maximum resolution of 11,000 points per timeseries")
    return (start + step * number for number in range(count + 1))


def _number(form: Form, name: str) -> float:
    try:
        return float(form.get(name, ""))
    except ValueError as error:
        raise QueryError(400, "bad_data", f'invalid parameter "{name}": cannot parse {form.get(name, "")!r}') from error


def _text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return repr(value) if math.isfinite(value) else "+Inf" if value > 0 else "-Inf"
