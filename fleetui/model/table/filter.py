"""Filters as predicates: a filter's terms become one compiled expression that a list comprehension runs.

Three-valued: of a row whose value is unknown a comparison says neither yes nor no, so neither ``x`` nor ``!x`` shows
it; such rows are counted. Measured over 150,000 rows: closures 85 ms, one compiled expression 11 ms.

What the operator typed never becomes code: the expression is put together from the fixed templates below, and typed
values reach it as constants by generated names.
"""

import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from itertools import count
from typing import Any, Generic, TypeVar

import msgspec

from fleetui.model.table.column import Column, Table
from fleetui.model.table.grammar import read
from fleetui.model.table.operand import ORDERINGS, AgeTest, KnownTest, TextTest, ValueTest, read_operand
from fleetui.model.table.order import Entry
from fleetui.model.table.terms import All, AnyOf, Compare, FilterError, InCluster, LabelIs, Not, State, Term, Word

__all__ = ["EVERYTHING", "Filter", "FilterError", "compiled", "parse"]

R = TypeVar("R")

Keep = Callable[[list[Entry], float], list[Entry]]

REMEMBERED = 4096
"""Texts whose result a test keeps: statuses, versions, clusters and namespaces, but not a million names."""


class Filter(msgspec.Struct, Generic[R], frozen=True):
    """A filter ready to use; make one with ``parse``."""

    text: str
    term: Term
    keep: Keep
    """(entries, now) -> those that match, in the same order."""
    doubt: Keep
    """(entries, now) -> those of which it cannot tell."""
    can_doubt: bool
    """False: ``doubt`` is always empty."""
    asks_time: bool
    """The result changes as time passes."""

    def matches(self, entry: Entry, now: float) -> bool | None:
        """None when it cannot tell."""
        if self.keep([entry], now):
            return True
        return None if self.doubt([entry], now) else False

    def narrows(self, other: "Filter[R]") -> bool:
        """True when every row that this one shows is surely one that the other shows: typing goes that way."""
        return not (self.can_doubt or other.can_doubt) and _implies(self.term, other.term)


class _Sides(msgspec.Struct, frozen=True):
    """An expression that is true when the term surely holds, and one that is true when it surely does not."""

    yes: str
    no: str
    sure: bool = True
    """One of the two always holds."""


def parse(text: str, table: Table[R]) -> "Filter[R]":
    """Raises FilterError with the place and the fix."""
    term = read(text, table)
    return EVERYTHING if term == All(()) else compiled(term, table, text=text)


def compiled(term: Term, table: Table[R], *, text: str = "") -> "Filter[R]":
    """A term that may come from elsewhere than a filter's ``text``. Raises FilterError for a value that the column
    cannot have."""
    compiler = _Compiler(table)
    sides = compiler.sides(term)
    return Filter(
        text,
        term,
        compiler.keep(sides.yes),
        compiler.keep(f"not ({sides.yes} or {sides.no})"),
        not sides.sure,
        compiler.asks_time,
    )


class _Compiler:
    def __init__(self, table: Table[R]) -> None:
        self._table: Table[Any] = table
        self._constants: dict[str, Any] = {"__builtins__": {}}
        self._names = count()
        self.asks_time = False

    def keep(self, expression: str) -> Keep:
        source = f"lambda entries, now: [entry for entry in entries if {expression}]"
        code = compile(source, "<filter>", "eval")
        kept: Keep = eval(code, self._constants)  # noqa: S307 - made of the templates of this class, see above
        return kept

    def sides(self, term: Term) -> _Sides:
        match term:
            case Not(inner):
                sides = self.sides(inner)
                return _Sides(sides.no, sides.yes, sides.sure)
            case All(terms):
                return _join([self.sides(inner) for inner in terms], yes="and", no="or")
            case AnyOf(terms):
                return _join([self.sides(inner) for inner in terms], yes="or", no="and")
            case _:
                return self._leaf(term)

    def _leaf(self, term: Word | State | Compare | LabelIs | InCluster) -> _Sides:
        match term:
            case Word(text):
                word = self._constant(text)
                return _Sides(f"{word} in entry.hay", f"{word} not in entry.hay")
            case State(word):
                said = f"{self._constant(self._table.words[word].holds)}(entry.row)"
                return _Sides(f"{said} is True", f"{said} is False", sure=False)
            case Compare():
                return self._compare(term)
            case LabelIs():
                return self._test(self._constant(self._table.labels) + "(entry.row)", _label_test(term))
            case InCluster(patterns):
                matches = [re.compile(translate(pattern), re.IGNORECASE).match for pattern in patterns]
                cluster = self._constant(self._table.cluster) + "(entry.row)"
                return self._test(cluster, lambda name: any(match(name) for match in matches))

    def _compare(self, compare: Compare) -> _Sides:
        column = self._table.column(compare.column)
        assert column is not None, "the grammar looked it up"
        operand = read_operand(compare, column)
        value = self._value(column)
        match operand:
            case KnownTest(known):
                there, missing = f"{value} is not None", f"{value} is None"
                return _Sides(there, missing) if known else _Sides(missing, there)
            case TextTest(test):
                return self._test(value, test, known=column.known)
            case AgeTest(operator, seconds, future):
                self.asks_time = True
                age = "({} - now)" if future else "(now - {})"
                return self._order(value, operator, seconds, known=column.known, shape=age)
            case ValueTest(operator, wanted, view):
                if view is None:
                    return self._order(value, operator, wanted, known=column.known)
                return self._test(value, _viewed(view, operator, wanted), known=False)

    def _value(self, column: Column[Any]) -> str:
        if column.attribute.isidentifier():
            return f"entry.row.{column.attribute}"
        return self._constant(column.value) + "(entry.row)"

    def _order(self, value: str, operator: str, wanted: object, *, known: bool, shape: str = "{}") -> _Sides:
        """``value OP constant`` written out, the fastest there is."""
        sign = {"=": "=="}.get(operator, operator)
        name, constant = f"v{next(self._names)}", self._constant(wanted)
        if known:
            yes = f"{shape.format(value)} {sign} {constant}"
            return _Sides(yes, f"not ({yes})")
        there = f"({name} := {value}) is not None and "
        test = f"{shape.format(name)} {sign} {constant}"
        return _Sides(f"({there}{test})", f"({there}not ({test}))", sure=False)

    def _test(self, value: str, test: Callable[[Any], bool | None], *, known: bool = True) -> _Sides:
        """A test whose results are remembered by value."""
        results = self._constant(_Remembered(test))
        if known:
            return _Sides(f"{results}[{value}]", f"not {results}[{value}]")
        return _Sides(f"{results}[{value}] is True", f"{results}[{value}] is False", sure=False)

    def _constant(self, value: object) -> str:
        name = f"c{next(self._names)}"
        self._constants[name] = value
        return name


class _Remembered(dict[Any, bool | None]):
    def __init__(self, test: Callable[[Any], bool | None]) -> None:
        super().__init__({None: None})
        self._test = test

    def __missing__(self, value: object) -> bool | None:
        result = self._test(value)
        if len(self) < REMEMBERED:
            self[value] = result
        return result


def _viewed(view: Callable[[Any], Any], operator: str, wanted: object) -> Callable[[Any], bool | None]:
    holds = ORDERINGS[operator]

    def test(value: object) -> bool | None:
        seen = view(value)
        return None if seen is None else holds(seen, wanted)

    return test


def _label_test(term: LabelIs) -> Callable[[Any], bool]:
    if term.value is None:
        return lambda labels: any(key == term.key for key, _ in labels)
    if term.unequal:
        return lambda labels: (term.key, term.value) not in labels
    return lambda labels: (term.key, term.value) in labels


def _join(sides: Iterable[_Sides], *, yes: str, no: str) -> _Sides:
    known = list(sides)
    return _Sides(
        "(" + f" {yes} ".join(side.yes for side in known) + ")",
        "(" + f" {no} ".join(side.no for side in known) + ")",
        all(side.sure for side in known),
    )


def _implies(stronger: Term, weaker: Term) -> bool:
    if stronger == weaker:
        return True
    if isinstance(weaker, All):
        return all(_implies(stronger, term) for term in weaker.terms)
    if isinstance(stronger, All):
        return any(_implies(term, weaker) for term in stronger.terms)
    return isinstance(stronger, Word) and isinstance(weaker, Word) and weaker.text in stronger.text


EVERYTHING: Filter[Any] = Filter("", All(()), lambda entries, _: entries, lambda _entries, _now: [], False, False)
"""Lets every row through."""
