"""PromQL cut into tokens, as far as it takes to find selectors and a comparison. What it means is the server's."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec


class Sort(StrEnum):
    BLANK = "blank"
    """White space and comments."""
    STRING = "string"
    NUMBER = "number"
    """Also a duration: ``5m``."""
    WORD = "word"
    RANGE = "range"
    """``[5m]``, ``[1h:1m]``."""
    BRACES = "braces"
    """``{job="x"}``, whole."""
    OPEN = "open"
    CLOSE = "close"
    SIGN = "sign"


class Token(msgspec.Struct, frozen=True):
    sort: Sort
    text: str


_QUOTED = r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'|`[^`]*`"
_TOKENS = re.compile(
    "|".join(
        f"(?P<{sort}>{pattern})"
        for sort, pattern in (
            (Sort.BLANK, r"\s+|\#[^\n]*"),
            (Sort.STRING, _QUOTED),
            (Sort.BRACES, rf"\{{(?:{_QUOTED}|[^{{}}\"'`])*\}}"),
            (Sort.RANGE, r"\[[^\]]*\]"),
            (Sort.NUMBER, r"0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|(?:ms|[smhdwy]\d*)+)?"),
            (Sort.WORD, r"[A-Za-z_:][\w:.]*"),
            (Sort.OPEN, r"\("),
            (Sort.CLOSE, r"\)"),
            (Sort.SIGN, r"==|!=|>=|<=|=~|!~|[-+*/%^<>=,@]"),
        )
    )
)


def tokens(text: str) -> tuple[Token, ...]:
    """All of it: joined, the texts are the expression again. Raises ValueError for what is no PromQL."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKENS.match(text, at)
        if match is None or match.lastgroup is None:
            raise ValueError(f"no PromQL at {text[at : at + 20]!r}")
        found.append(Token(Sort(match.lastgroup), match[0]))
        at = match.end()
    return tuple(found)


def joined(found: Sequence[Token]) -> str:
    return "".join(token.text for token in found)


def depths(found: Sequence[Token]) -> Iterator[tuple[int, Token, int]]:
    """(index, token, how many parentheses are open around it); a parenthesis stands at the depth outside it."""
    depth = 0
    for index, token in enumerate(found):
        depth -= token.sort is Sort.CLOSE
        yield index, token, depth
        depth += token.sort is Sort.OPEN
