"""The part of PromQL that boards and rules are written in, as a tree.

Not there: subqueries, ``@``, ``group_right``, native histograms. What is not understood is refused, as Prometheus
refuses what is wrong: a board's new query then fails in the demo's tests instead of finding nothing.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

import msgspec

from fleetui.model.alerts.matcher import Matcher, MatcherError, expression

_T = TypeVar("_T")


class PromqlError(Exception):
    """What Prometheus answers 400 (``bad_data``) or 422 (``execution``) to."""

    def __init__(self, message: str, *, kind: str = "bad_data") -> None:
        super().__init__(message)
        self.kind = kind


class Number(msgspec.Struct, frozen=True):
    value: float


class Text(msgspec.Struct, frozen=True):
    value: str


class Selector(msgspec.Struct, frozen=True):
    """``metric{matchers}[window] offset``. ``metric`` is empty where only ``__name__`` is matched."""

    metric: str
    matchers: tuple[Matcher, ...] = ()
    window_s: float | None = None
    """None: an instant vector."""
    offset_s: float = 0.0


class Call(msgspec.Struct, frozen=True):
    function: str
    arguments: tuple["Node", ...]


class Aggregate(msgspec.Struct, frozen=True):
    operator: str
    of: "Node"
    labels: tuple[str, ...] = ()
    without: bool = False
    parameter: "Node | None" = None


class Matching(msgspec.Struct, frozen=True):
    """How the two sides of an operator find each other."""

    labels: tuple[str, ...] | None = None
    """None: all labels of both."""
    ignoring: bool = False
    many_left: bool = False
    """``group_left``."""
    carried: tuple[str, ...] = ()
    """Labels that the many take from the one."""


class Binary(msgspec.Struct, frozen=True):
    operator: str
    left: "Node"
    right: "Node"
    matching: Matching = Matching()
    as_bool: bool = False


Node = Number | Text | Selector | Call | Aggregate | Binary

AGGREGATES = frozenset({"sum", "avg", "min", "max", "count", "topk", "bottomk", "quantile"})
_WITH_PARAMETER = frozenset({"topk", "bottomk", "quantile"})
_PRECEDENCE = ({"or"}, {"and", "unless"}, {"==", "!=", "<=", "<", ">=", ">"}, {"+", "-"}, {"*", "/", "%"})
"""Loosest first."""
COMPARISONS = frozenset(_PRECEDENCE[2])
SETS = frozenset({"or", "and", "unless"})
_TOKEN = re.compile(
    r"\s*(?:\#[^\n]*|(?P<string>\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`)"
    r"|(?P<duration>(?:\d+(?:ms|[smhdwy]))+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<sign>=~|!~|==|!=|<=|>=|[-+*/%<>=(){}\[\],])|(?P<wrong>\S))"
)
_DURATION = re.compile(r"(\d+)(ms|[smhdwy])")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0, "y": 31_536_000.0}
_ESCAPE = re.compile(r"\\(.)")
_ESCAPED = {"n": "\n", "t": "\t"}


@lru_cache(maxsize=2_000)
def parse(query: str) -> Node:
    """Raises PromqlError."""
    reader = _Reader(query)
    found = reader.expression()
    reader.end()
    return found


def duration_s(text: str) -> float:
    return sum(int(amount) * _SECONDS[unit] for amount, unit in _DURATION.findall(text))


class _Reader:
    def __init__(self, query: str) -> None:
        self._tokens = [
            (str(found.lastgroup), found[found.lastgroup]) for found in _TOKEN.finditer(query) if found.lastgroup
        ]
        self._at = 0

    # Tokens.

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "end of input")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self._at += 1
        return found

    def _take(self, text: str) -> bool:
        kind, said = self._peek()
        if said == text and kind in ("sign", "name"):
            self._at += 1
            return True
        return False

    def _need(self, text: str) -> None:
        if not self._take(text):
            raise self._wrong(f"expected {text!r}")

    def _wrong(self, what: str) -> PromqlError:
        return PromqlError(f'invalid parameter "query": parse error: {what}, got {self._peek()[1]!r}')

    def end(self) -> None:
        if self._peek()[0] != "end":
            raise self._wrong("unexpected input")

    # Operators.

    def expression(self, level: int = 0) -> Node:
        if level == len(_PRECEDENCE):
            return self._unary()
        left = self.expression(level + 1)
        while (said := self._peek())[1] in _PRECEDENCE[level] and said[0] in ("sign", "name"):
            operator = self._next()[1]
            as_bool = operator in COMPARISONS and self._take("bool")
            matching = self._matching()
            left = Binary(operator, left, self.expression(level + 1), matching, as_bool)
        return left

    def _unary(self) -> Node:
        if self._take("-"):
            return Binary("*", Number(-1.0), self._unary())
        self._take("+")
        return self._postfix()

    def _matching(self) -> Matching:
        ignoring = self._take("ignoring")
        if not ignoring and not self._take("on"):
            return Matching()
        labels = self._labels()
        if not self._take("group_left"):
            return Matching(labels, ignoring)
        return Matching(labels, ignoring, many_left=True, carried=self._labels() if self._peek()[1] == "(" else ())

    def _labels(self) -> tuple[str, ...]:
        self._need("(")
        return self._list(")", self._label)

    def _label(self) -> str:
        kind, said = self._next()
        if kind != "name":
            raise self._wrong("expected a label")
        return said

    def _list(self, end: str, read: Callable[[], _T]) -> tuple[_T, ...]:
        found = []
        while not self._take(end):
            found.append(read())
            if self._peek()[1] != end:
                self._need(",")
        return tuple(found)

    # Operands.

    def _postfix(self) -> Node:
        found = self._operand()
        while self._peek()[1] in ("[", "offset"):
            if not isinstance(found, Selector):
                raise self._wrong("only selectors have a range or an offset here")
            if self._take("["):
                found = msgspec.structs.replace(found, window_s=self._duration())
                self._need("]")
            else:
                self._need("offset")
                found = msgspec.structs.replace(found, offset_s=self._duration())
        return found

    def _duration(self) -> float:
        kind, said = self._next()
        if kind != "duration":
            raise self._wrong("expected a duration")
        return duration_s(said)

    def _operand(self) -> Node:
        kind, said = self._peek()
        if kind == "sign" and said == "{":
            return self._selector("")
        self._at += 1
        if kind == "number":
            return Number(float(said))
        if kind == "string":
            return Text(_unquoted(said))
        if said == "(" and kind == "sign":
            found = self.expression()
            self._need(")")
            return found
        if kind != "name":
            self._at -= 1
            raise self._wrong("unexpected input")
        return self._named(said)

    def _named(self, said: str) -> Node:
        if said in AGGREGATES and self._peek()[1] in ("(", "by", "without"):
            return self._aggregate(said)
        if self._peek()[1] == "(":
            self._need("(")
            return Call(said, self._list(")", self.expression))
        if said.lower() in ("inf", "nan"):
            return Number(float(said))
        return self._selector(said)

    def _aggregate(self, operator: str) -> Aggregate:
        labels, without = self._grouping()
        self._need("(")
        arguments = self._list(")", self.expression)
        if not labels and not without:
            labels, without = self._grouping()
        if len(arguments) != 1 + (operator in _WITH_PARAMETER):
            raise self._wrong(f"wrong number of arguments for {operator}")
        parameter = arguments[0] if operator in _WITH_PARAMETER else None
        return Aggregate(operator, arguments[-1], labels, without, parameter)

    def _grouping(self) -> tuple[tuple[str, ...], bool]:
        without = self._take("without")
        return (self._labels(), without) if without or self._take("by") else ((), False)

    def _selector(self, metric: str) -> Selector:
        matchers: tuple[Matcher, ...] = ()
        if self._take("{"):
            matchers = self._list("}", self._matcher)
        if not metric and not matchers:
            raise self._wrong("a selector needs a matcher")
        return Selector(metric, matchers)

    def _matcher(self) -> Matcher:
        name, sign, (kind, value) = self._label(), self._next()[1], self._next()
        if sign not in ("=", "!=", "=~", "!~") or kind != "string":
            raise self._wrong("expected a matcher")
        matcher = Matcher(name, _unquoted(value), is_regex="~" in sign, is_equal=sign.startswith("="))
        if matcher.is_regex:
            try:
                expression(matcher.value)
            except MatcherError as error:
                raise PromqlError(f'invalid parameter "query": {error}') from error
        return matcher


def _unquoted(text: str) -> str:
    inside = text[1:-1]
    return inside if text.startswith("`") else _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), inside)
