"""What an alerting rule compares with what: its left side is the figure worth a line, its right side the threshold."""

from collections.abc import Callable, Mapping, Sequence
from math import inf, nextafter
from operator import eq, ge, gt, le, lt, ne

import msgspec

from fleetui.model.chart.tokens import Sort, Token, depths, joined, tokens
from fleetui.model.health.threshold import Threshold

_SIGNS: Mapping[str, Callable[[float, float], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le, "==": eq, "!=": ne}
_TURNED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
_ENOUGH = frozenset({"and", "unless"})
"""Of these the left side's values are the whole's."""


class Comparison(msgspec.Struct, frozen=True):
    """``left sign threshold``."""

    left: str
    """An expression that can be asked."""
    sign: str
    threshold: float

    def holds(self, value: float) -> bool:
        """Whether the rule takes a value for trouble."""
        return _SIGNS[self.sign](value, self.threshold)

    def limit(self, source: str) -> Threshold | None:
        """The same as a limit; None of a test for equality, which has no worse side."""
        if self.sign in ("==", "!="):
            return None
        falling = self.sign.startswith("<")
        first = self.threshold
        if self.sign in ("<", ">"):
            first = nextafter(first, -inf if falling else inf)
        return Threshold("value", "", amber=first, red=first, source=source, falling=falling)


def comparison(expression: str) -> Comparison | None:
    """None where it cannot be split: no comparison with a number, or one with ``bool``, or several joined by ``or``."""
    try:
        return _split(_bare(tokens(expression)))
    except ValueError:
        return None


def _split(found: Sequence[Token]) -> Comparison | None:
    top = [(index, token) for index, token, depth in depths(found) if depth == 0]
    words = [(index, token.text.lower()) for index, token in top if token.sort is Sort.WORD]
    if any(word == "or" for _, word in words):
        return None
    if joins := [index for index, word in words if word in _ENOUGH]:
        return _split(_bare(found[: joins[0]]))
    signs = [index for index, token in top if token.sort is Sort.SIGN and token.text in _SIGNS]
    if len(signs) != 1:
        return None
    return _made(found[: signs[0]], found[signs[0]].text, found[signs[0] + 1 :])


def _made(left: Sequence[Token], sign: str, right: Sequence[Token]) -> Comparison | None:
    number, other, turned = _number(right), left, sign
    if number is None:
        number, other, turned = _number(left), right, _TURNED[sign]
    return None if number is None else Comparison(joined(other).strip(), turned, number)


def _number(found: Sequence[Token]) -> float | None:
    """A literal, with a sign before it and parentheses around it; products of literals too: ``10 * 60``."""
    product = 1.0
    factors = _bare(found)
    negative = bool(factors) and factors[0].text == "-"
    rest = [token for token in factors[negative:] if token.sort is not Sort.BLANK]
    if len(rest) % 2 == 0:
        return None
    for place, token in enumerate(rest):
        if place % 2:
            if token.text != "*":
                return None
        elif (value := _literal(token)) is None:
            return None
        else:
            product *= value
    return -product if negative else product


def _literal(token: Token) -> float | None:
    if token.sort not in (Sort.NUMBER, Sort.WORD):
        return None
    try:
        return float(token.text)
    except ValueError:
        return None


def _bare(found: Sequence[Token]) -> Sequence[Token]:
    """Without blanks at its ends, and without parentheses around all of it."""
    while found and found[0].sort is Sort.BLANK:
        found = found[1:]
    while found and found[-1].sort is Sort.BLANK:
        found = found[:-1]
    if len(found) < 2 or found[0].sort is not Sort.OPEN or found[-1].sort is not Sort.CLOSE:
        return found
    closed = next(index for index, token, depth in depths(found) if token.sort is Sort.CLOSE and depth == 0)
    return _bare(found[1:-1]) if closed == len(found) - 1 else found
