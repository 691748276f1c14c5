"""The signs that stand beside words and colours: one cell wide, with an ASCII set where the locale needs it."""

from collections.abc import Iterator

import msgspec
from rich.cells import cell_len


class Glyphs(msgspec.Struct, frozen=True):
    """One character each unless said otherwise; never an emoji, never of ambiguous width in common terminals."""

    live: str = "◉"
    """Pushed by a watch."""
    stale: str = "◐"
    """Polled, or late."""
    scraped: str = "○"
    cached: str = "◌"
    """From an earlier run."""
    connecting: str = "◌"
    idle: str = "·"
    """Not connected, because nobody asked."""
    ok: str = "●"
    broken: str = "✖"
    warning: str = "▲"
    busy: str = "~"
    unknown: str = "?"
    pending: str = "·"
    mark: str = "▌"
    crumb: str = "▸"
    arrow: str = "→"
    up: str = "↑"
    down: str = "↓"
    folded: str = "▸"
    unfolded: str = "▾"
    bar_full: str = "━"
    bar_empty: str = "─"
    rule: str = "─"
    wall: str = "│"
    corners: str = "╭╮╰╯"
    """Top left, top right, bottom left, bottom right."""
    dot: str = "·"
    spark: str = "▁▂▃▄▅▆▇█"
    """Eight heights of a sparkline, from low to high."""
    ellipsis: str = "…"


UNICODE = Glyphs()

ASCII = Glyphs(
    live="@",
    stale="%",
    scraped="o",
    cached=":",
    connecting=":",
    idle="-",
    ok="+",
    broken="x",
    warning="!",
    pending="-",
    mark="*",
    crumb=">",
    arrow=">",
    up="^",
    down="v",
    folded=">",
    unfolded="v",
    bar_full="#",
    bar_empty="-",
    rule="-",
    wall="|",
    corners="++++",
    dot="-",
    spark="_.-=+*%#",
    ellipsis="~",
)

_CHROME = dict(zip("▏▕▔‹›–—±×", "||-<>--~x", strict=True))
"""What Textual draws of its own, and typography in our texts. The ends of its scroll bars are signs of a sparkline."""


def _spellings() -> Iterator[tuple[str, str]]:
    """(sign, its ASCII), both one character."""
    for name in Glyphs.__struct_fields__:
        yield from zip(getattr(UNICODE, name), getattr(ASCII, name), strict=True)
    yield from _CHROME.items()


class _Spelling(dict[int, str]):
    """What has no spelling is as many question marks as it is wide, so that nothing moves."""

    def __missing__(self, code: int) -> str:
        return chr(code) if code < 128 else "?" * cell_len(chr(code))


_SPELLING = _Spelling({ord(sign): plain for sign, plain in _spellings() if not sign.isascii()})


def ascii_text(text: str) -> str:
    """The same text for a terminal that knows ASCII only, cell for cell."""
    return text if text.isascii() else text.translate(_SPELLING)
