"""Answers the part of PromQL that ``promql_syntax`` reads, over series whose values are functions of time.

Held against a real Prometheus with the same series in it. Rates are the true ones of the functions, not those of a few
samples: they differ from Prometheus' by less than its extrapolation does.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from fleetui.simulate.promql_functions import BY_SERIES, FUNCTIONS, Sample, Vector
from fleetui.simulate.promql_syntax import (
    COMPARISONS,
    SETS,
    Aggregate,
    Binary,
    Call,
    Matching,
    Node,
    Number,
    PromqlError,
    Selector,
    Text,
    parse,
)
from fleetui.simulate.series_store import NAME, LabelSet, SeriesStore

Value = float | Vector | str
_Key = tuple[str, ...]


def evaluate(query: str, store: SeriesStore, at: float) -> float | Vector:
    """Raises PromqlError."""
    found = _Evaluation(store, at).value(parse(query))
    if isinstance(found, str):
        raise PromqlError("a string is no answer", kind="execution")
    return found


class _Evaluation:
    def __init__(self, store: SeriesStore, at: float) -> None:
        self._store = store
        self._at = at

    def value(self, node: Node) -> Value:
        match node:
            case Number(value) | Text(value):
                return value
            case Selector():
                return self._instant(node)
            case Call():
                return self._call(node)
            case Aggregate():
                return self._aggregate(node)
            case Binary():
                return self._binary(node)

    def vector(self, node: Node) -> Vector:
        found = self.value(node)
        if not isinstance(found, list):
            raise PromqlError("expected type instant vector")
        return found

    def number(self, node: Node) -> float:
        found = self.value(node)
        if not isinstance(found, float):
            raise PromqlError("expected type scalar")
        return found

    def _instant(self, selector: Selector) -> Vector:
        if selector.window_s is not None:
            raise PromqlError("a range vector is no operand")
        at = self._at - selector.offset_s
        return [
            (series.labels, sample[1])
            for series in self._store.select(selector)
            if (sample := series.sample(at)) is not None
        ]

    # Functions.

    def _call(self, call: Call) -> Value:
        if call.function == "time" and not call.arguments:
            return self._at
        if call.function in BY_SERIES:
            return self._by_series(call.function, call.arguments)
        function = FUNCTIONS.get(call.function)
        if function is None:
            raise PromqlError(f'parse error: unknown function with name "{call.function}"')
        return function(*(self.value(argument) for argument in call.arguments))

    def _by_series(self, name: str, arguments: Sequence[Node]) -> Vector:
        """Functions that look at a series itself: over a window, or at when its sample is of."""
        (selector,) = arguments
        function, ranged, keeps_name = BY_SERIES[name]
        if not isinstance(selector, Selector) or (selector.window_s is not None) is not ranged:
            raise PromqlError(f"expected type {'range' if ranged else 'instant'} vector in call to function {name!r}")
        at, window_s = self._at - selector.offset_s, selector.window_s or 0.0
        return [
            (series.labels if keeps_name else series.bare, value)
            for series in self._store.select(selector)
            if (value := function(series, at, window_s)) is not None
        ]

    # Aggregations.

    def _aggregate(self, node: Aggregate) -> Vector:
        groups: dict[_Key, list[Sample]] = {}
        of = _without(node.labels) if node.without else _by(node.labels)
        for sample in self.vector(node.of):
            groups.setdefault(of(sample[0]), []).append(sample)
        if node.operator in ("topk", "bottomk"):
            assert node.parameter is not None
            return list(_most(groups.values(), int(self.number(node.parameter)), node.operator == "topk"))
        share = self.number(node.parameter) if node.parameter is not None else 0.0
        fold = _FOLDS.get(node.operator) or (lambda values: _quantile(share, values))
        return [
            (_labels_of(node, group[0][0]), fold([value for _, value in group]))
            for group in groups.values()
        ]  # fmt: skip

    # Operators.

    def _binary(self, node: Binary) -> Value:
        left, right = self.value(node.left), self.value(node.right)
        if isinstance(left, str) or isinstance(right, str):
            raise PromqlError("binary expression must contain only scalar and instant vector types")
        if node.operator in SETS:
            if isinstance(left, float) or isinstance(right, float):
                raise PromqlError(f"set operator {node.operator!r} not allowed in binary scalar expression")
            return list(_set(node, left, right))
        if isinstance(left, float) and isinstance(right, float):
            return _number(_apply(node.operator, left, right))
        if isinstance(left, list) and isinstance(right, list):
            return list(_pairs(node, left, right))
        return list(_with_scalar(node, left, right))


# Groups.


def _by(names: Sequence[str]) -> Callable[[LabelSet], _Key]:
    return lambda labels: tuple([labels.get(name, "") for name in names])


def _without(names: Sequence[str]) -> Callable[[LabelSet], _Key]:
    dropped = {*names, NAME}
    return lambda labels: tuple(
        part for name in sorted(labels) if name not in dropped for part in (name, labels[name])
    )  # fmt: skip


def _labels_of(node: Aggregate, labels: LabelSet) -> LabelSet:
    if node.without:
        return {name: value for name, value in labels.items() if name not in node.labels and name != NAME}
    return {name: labels[name] for name in node.labels if labels.get(name)}


_FOLDS: Mapping[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "avg": lambda values: math.fsum(values) / len(values),
    "count": lambda values: float(len(values)),
    "max": lambda values: max((value for value in values if not math.isnan(value)), default=math.nan),
    "min": lambda values: min((value for value in values if not math.isnan(value)), default=math.nan),
}


def _quantile(share: float, values: list[float]) -> float:
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    below = math.floor(rank)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (rank - below)


def _most(groups: Iterable[list[Sample]], count: int, highest: bool) -> Iterator[Sample]:
    for group in groups:
        known = [sample for sample in group if not math.isnan(sample[1])] or group
        yield from sorted(known, key=lambda sample: sample[1], reverse=highest)[:count]


# Two vectors.


def _key_of(matching: Matching) -> Callable[[LabelSet], _Key]:
    if matching.labels is None:
        return _without(())
    return _without(matching.labels) if matching.ignoring else _by(matching.labels)


def _set(node: Binary, left: Vector, right: Vector) -> Iterator[Sample]:
    key = _key_of(node.matching)
    if node.operator == "or":
        known = {key(labels) for labels, _ in left}
        yield from left
        yield from (sample for sample in right if key(sample[0]) not in known)
        return
    there = {key(labels) for labels, _ in right}
    wanted = node.operator == "and"
    yield from (sample for sample in left if (key(sample[0]) in there) is wanted)


def _pairs(node: Binary, left: Vector, right: Vector) -> Iterator[Sample]:
    key, matching = _key_of(node.matching), node.matching
    ones: dict[_Key, Sample] = {}
    for sample in right:
        if ones.setdefault(key(sample[0]), sample) is not sample:
            raise _many("right")
    used: set[_Key] = set()
    for labels, value in left:
        place = key(labels)
        if place not in ones:
            continue
        if place in used and not matching.many_left:
            raise _many("left")
        used.add(place)
        other = ones[place]
        if (found := _apply(node.operator, value, other[1], as_bool=node.as_bool)) is not None:
            yield _joined(node, labels, other[0]), found


def _many(side: str) -> PromqlError:
    return PromqlError(
        f"found duplicate series for the match group on the {side} hand-side of the operation; many-to-many matching "
        "not allowed: matching labels must be unique on one side",
        kind="execution",
    )


def _joined(node: Binary, labels: LabelSet, other: LabelSet) -> LabelSet:
    matching = node.matching
    keeps_name = node.operator in COMPARISONS and not node.as_bool
    found = dict(labels)
    if not keeps_name:
        found.pop(NAME, None)
    if matching.labels is not None and not matching.many_left:
        found = {name: value for name, value in found.items() if (name in matching.labels) is not matching.ignoring}
    for name in matching.carried:
        found.pop(name, None)
        if other.get(name):
            found[name] = other[name]
    return found


def _with_scalar(node: Binary, left: float | Vector, right: float | Vector) -> Iterator[Sample]:
    keeps_name = node.operator in COMPARISONS and not node.as_bool
    for labels, value in left if isinstance(left, list) else right if isinstance(right, list) else ():
        ours, theirs = (value, right) if isinstance(left, list) else (left, value)
        assert isinstance(ours, float)
        assert isinstance(theirs, float)
        found = _apply(node.operator, ours, theirs, as_bool=node.as_bool)
        if found is not None:
            filtered = node.operator in COMPARISONS and not node.as_bool
            yield labels if keeps_name else _bare(labels), value if filtered else found


def _bare(labels: LabelSet) -> LabelSet:
    return {name: value for name, value in labels.items() if name != NAME} if NAME in labels else labels


def _number(found: float | None) -> float:
    """Scalars compare with ``bool`` alone; there is always an answer."""
    return 0.0 if found is None else found


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1.0, right)


_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_COMPUTE: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _divided,
    "%": lambda a, b: math.fmod(a, b) if b else math.nan,
}


def _apply(operator: str, left: float, right: float, *, as_bool: bool = False) -> float | None:
    """None: a comparison that filters it out. A comparison that holds gives the left side."""
    if operator not in _COMPARE:
        return _COMPUTE[operator](left, right)
    holds = _COMPARE[operator](left, right)
    if as_bool:
        return 1.0 if holds else 0.0
    return left if holds else None
