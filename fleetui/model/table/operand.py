"""What may stand right of an operator, by the kind of the column: read once, then a test on values.

A test gets a value that is known; the compiler of filters looks after the unknown.
"""

import operator
import re
from collections.abc import Callable
from fnmatch import translate
from typing import Any

import msgspec

from fleetui.model.duration import parse_duration
from fleetui.model.table.column import Column, Kind, version_parts
from fleetui.model.table.terms import Compare, FilterError

Test = Callable[[Any], bool]

ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TEXTS = frozenset({Kind.TEXT, Kind.WORDS})
_PATTERN = re.compile(r"[*?\[]")


class TextTest(msgspec.Struct, frozen=True):
    """``test`` on the text of the value; few different texts, so results are remembered."""

    test: Test


class ValueTest(msgspec.Struct, frozen=True):
    """``value OP operand`` on a number, or on what ``view`` makes of the value."""

    operator: str
    operand: Any
    view: Callable[[Any], Any] | None = None
    """Before comparing: the percentage of a ratio, the leading parts of a version. May give None: unknown."""


class AgeTest(msgspec.Struct, frozen=True):
    """``now - value OP operand`` in seconds, or ``value - now`` for what is still to come."""

    operator: str
    seconds: float
    future: bool


class KnownTest(msgspec.Struct, frozen=True):
    """``column=?``: the one question that is about not knowing."""

    known: bool


Operand = TextTest | ValueTest | AgeTest | KnownTest


def read_operand(compare: Compare, column: Column[Any]) -> Operand:
    """Raises FilterError with what the column wants."""
    if compare.value == "?" and not compare.quoted and compare.operator in ("=", "!="):
        return KnownTest(known=compare.operator == "!=")
    if compare.operator in ("~", "!~"):
        return _regex(compare, column)
    if column.kind in _TEXTS:
        return _text(compare, column)
    return _measure(compare, column)


def _measure(compare: Compare, column: Column[Any]) -> Operand:
    if not compare.value:
        raise _wants(compare, column)
    match column.kind:
        case Kind.VERSION:
            return _version(compare, column)
        case Kind.RATIO:
            return _ratio(compare, column)
        case Kind.SINCE | Kind.UNTIL:
            return _age(compare, column)
        case Kind.DURATION:
            return ValueTest(compare.operator, _seconds(compare, column))
    return ValueTest(compare.operator, _number(compare, column))


EXAMPLES = {
    Kind.TEXT: "a text or a pattern, such as {id}=eu-* or {id}~^eu",
    Kind.WORDS: "a word, such as {id}=NotReady",
    Kind.NUMBER: "a number, such as {id}>5",
    Kind.RATIO: "a number or a percentage, such as {id}<90%",
    Kind.VERSION: "a version, such as {id}<1.35",
    Kind.DURATION: "a duration, such as {id}>500ms or {id}>2s",
    Kind.SINCE: "a duration, such as {id}>2h or {id}<3d",
    Kind.UNTIL: "a duration, such as {id}<30d",
}
"""What a column of each kind is compared with; ``{id}`` is the column's."""


def _wants(compare: Compare, column: Column[Any]) -> FilterError:
    wanted = EXAMPLES[column.kind].format(id=column.id)
    return FilterError(f"{column.id} is compared with {wanted}", at=compare.at, length=max(1, len(compare.value)))


def _regex(compare: Compare, column: Column[Any]) -> Operand:
    if column.kind not in _TEXTS and column.kind is not Kind.VERSION:
        raise _wants(compare, column)
    try:
        search = re.compile(compare.value, re.IGNORECASE).search
    except re.error as error:
        at = compare.at + (error.pos or 0)
        raise FilterError(f"not a regular expression: {error.msg}", at=at) from None
    if compare.operator == "~":
        return TextTest(lambda text: search(text) is not None)
    return TextTest(lambda text: search(text) is None)


def _text(compare: Compare, column: Column[Any]) -> Operand:
    if compare.operator not in ("=", "!="):
        raise FilterError(f"{column.id} is text: compare it with =, !=, ~ or !~", at=compare.at - 1)
    wanted = (compare.value,) if compare.quoted else tuple(compare.value.split(","))
    equal = _one_of(tuple(text.lower() for text in wanted), literal=compare.quoted)
    whole = equal if column.kind is Kind.TEXT or compare.quoted else _any_word(equal)
    return TextTest(whole) if compare.operator == "=" else TextTest(lambda text: not whole(text))


def _one_of(wanted: tuple[str, ...], *, literal: bool) -> Test:
    """Equal to one of the texts, or matching one of the patterns, in any case."""
    patterns = [] if literal else [text for text in wanted if _PATTERN.search(text)]
    texts = frozenset(text for text in wanted if text not in patterns)
    matches = [re.compile(translate(pattern), re.IGNORECASE).match for pattern in patterns]
    return lambda text: text.lower() in texts or any(match(text) is not None for match in matches)


def _any_word(equal: Test) -> Test:
    return lambda text: any(equal(word) for word in text.split(","))


def _version(compare: Compare, column: Column[Any]) -> Operand:
    parts = version_parts(compare.value)
    if not parts:
        raise _wants(compare, column)
    size = len(parts)
    return ValueTest(compare.operator, parts, lambda text: version_parts(text)[:size] or None)


def _ratio(compare: Compare, column: Column[Any]) -> Operand:
    if compare.value.endswith("%"):
        return ValueTest(compare.operator, _number(compare, column), _percent)
    have, slash, of = compare.value.partition("/")
    if slash and compare.operator in ("=", "!=") and have.isdigit() and of.isdigit():
        return ValueTest(compare.operator, (int(have), int(of)))
    return ValueTest(compare.operator, _number(compare, column), _have)


def _percent(value: tuple[int, int]) -> float | None:
    return 100 * value[0] / value[1] if value[1] else None


def _have(value: tuple[int, int]) -> int:
    return value[0]


def _age(compare: Compare, column: Column[Any]) -> Operand:
    if compare.operator in ("=", "!="):
        raise FilterError(f"{column.id} never stands still: compare it with < or >", at=compare.at - 1)
    return AgeTest(compare.operator, _seconds(compare, column), future=column.kind is Kind.UNTIL)


def _seconds(compare: Compare, column: Column[Any]) -> float:
    try:
        if compare.value.lower().endswith("ms"):
            return float(compare.value[:-2]) / 1000
        return parse_duration(compare.value)
    except ValueError:
        raise _wants(compare, column) from None


def _number(compare: Compare, column: Column[Any]) -> float:
    try:
        return float(compare.value.removesuffix("%"))
    except ValueError:
        raise _wants(compare, column) from None
