"""The signs that stand beside words and colours: one cell wide, with an ASCII set where the locale needs it."""

import msgspec


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
    ellipsis="~",
)
