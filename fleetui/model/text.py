"""Foreign text made harmless: whatever a cluster, a plugin or a file says, one cell stays one cell.

A terminal obeys control characters (C1 as well), bidirectional controls reorder what stands beside them, zero-width and
combining characters make two names look alike or pile up over the line above. Everything here goes through before it
is shown, on the screen and in plain output alike.
"""

import re
import unicodedata
from functools import lru_cache

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ELLIPSIS = "…"

CELL_LIMIT = 253
"""Characters of a cell: the longest name Kubernetes allows (a DNS subdomain)."""
MESSAGE_LIMIT = 300
LINE_LIMIT = 2_000
"""Characters of a line of YAML; nobody reads further, and a value may have a megabyte."""
MARKS_LIMIT = 2
"""Combining marks kept on one character: enough for every living script, too few to climb out of the line."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (bidi, zero width), surrogate, private, unassigned, line and paragraph separators."""
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
"""They are letters, but a terminal that knows the bidi algorithm moves the text beside them."""
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and symbols that draw nothing: joiner, Hangul fillers, Khmer inherent vowels, empty Braille."""
_MARK = "mark"
_UNUSUAL = re.compile(f"[^\n -~\N{EN DASH}{ELLIPSIS}{REPLACEMENT}]")
"""Neither ASCII nor one of our own signs: worth a closer look."""


def clean(text: str, *, limit: int = CELL_LIMIT) -> str:
    """``text`` as one harmless line of at most ``limit`` characters; what cannot be shown becomes U+FFFD."""
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    shown = _replace(text[: limit * (MARKS_LIMIT + 2)])
    return shown if len(shown) <= limit else shown[: limit - 1] + ELLIPSIS


def clean_message(text: str, *, limit: int = MESSAGE_LIMIT) -> str:
    """A message of several lines as one: line breaks and runs of blanks become one space, then as ``clean``."""
    return clean(" ".join(text[: limit * 8].split()), limit=limit)


def clean_block(text: str, *, line_limit: int = LINE_LIMIT) -> str:
    """A text of many lines: ``\\n`` breaks lines, tabs become spaces, each line is cleaned and cut by itself."""
    return "\n".join(clean(line.expandtabs(4), limit=line_limit) for line in text.split("\n"))


def fence(text: str) -> str:
    """A finished output of many lines, once more and uncut: what some way in has let through ends here. Almost free
    for text without anything unusual."""
    if not _UNUSUAL.search(text):
        return text
    return "\n".join(clean(line, limit=len(line)) if _UNUSUAL.search(line) else line for line in text.split("\n"))


def _replace(text: str) -> str:
    shown: list[str] = []
    marks = MARKS_LIMIT
    # Counting from the limit refuses a mark at the start, which would sit on the neighbouring cell.
    for char in text:
        drawn = _shown(char)
        if drawn is not _MARK:
            shown.append(drawn)
            marks = 0
        elif marks < MARKS_LIMIT:
            shown.append(char)
            marks += 1
        elif not shown:
            shown.append(REPLACEMENT)
    return "".join(shown)


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    """The character itself, what stands for it, or ``_MARK`` when it combines with the one before."""
    category = unicodedata.category(char)
    if category in _UNSAFE or char in _INVISIBLE or _is_variation_selector(char):
        return REPLACEMENT
    if category in ("Mn", "Me") or _is_jamo_tail(char):
        return _MARK
    if category == "Zs":
        return " "
    return REPLACEMENT if unicodedata.bidirectional(char) in _RIGHT_TO_LEFT else char


def _is_variation_selector(char: str) -> bool:
    """They draw nothing, and terminals disagree on the width of what stands before them."""
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180f"


def _is_jamo_tail(char: str) -> bool:
    """Hangul vowels and finals: of width zero, they stack like marks."""
    return "\u1161" <= char <= "\u11ff" or "\ud7b0" <= char <= "\ud7ff"
