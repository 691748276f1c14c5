"""Foreign text made harmless: what a cluster, a plugin or a person wrote must never be obeyed by a terminal.

Cluster adapters clean at the edge; the console cleans again where lines become cells, so that no path can forget it.
"""

import unicodedata

REPLACEMENT = "\ufffd"

MAX_CELL = 4096
"""Characters kept of one text: a label value of 1 MB must not cost a frame."""

_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5")
"""Printable by category, but drawn as nothing: Hangul fillers, the empty Braille cell, joiners."""

MAX_MARKS = 2
"""Combining marks kept on one character; more of them paint over the lines above and below."""


def clean(text: str, *, limit: int = MAX_CELL) -> str:
    """One line without anything a terminal would obey or hide: escape sequences, C0 and C1 controls, bidirectional and
    zero-width characters, lone surrogates. Line breaks and tabs become a space. At most ``limit`` characters."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    cleaned: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MAX_MARKS:
            cleaned.append(_harmless(character))
    return "".join(cleaned)


def clean_lines(text: str, *, limit: int = MAX_CELL) -> str:
    """As ``clean``, but line breaks stay."""
    return "\n".join(clean(line, limit=limit) for line in text.split("\n"))


def _harmless(character: str) -> str:
    if character in "\n\r\t\u2028\u2029":
        return " "
    if not character.isprintable() or character in _INVISIBLE:
        return REPLACEMENT
    return character
