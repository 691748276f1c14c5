"""What the lens's boards are written with: a title with its key, lines with their verdict, no more than fit. Pure."""

from collections.abc import Mapping

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, line
from fleetui.model.cluster import Health
from fleetui.model.table.cell_text import HEALTH_SIGNS, HEALTH_STYLES

SHOWN = 5
"""Lines of a board; the rest is a number, and one key away."""

Keys = Mapping[str, str]
"""The operator's keys by what they open or do: ``slo``, ``machines``, ``propose``."""


def sign(level: Health, glyphs: Glyphs) -> tuple[str, str]:
    """Glyph and style of a verdict; calm is the ``ok`` glyph, subdued."""
    name = HEALTH_SIGNS[level]
    return (getattr(glyphs, name) if name else glyphs.ok, HEALTH_STYLES[level] or "ok")


def titled(title: str, keys: Keys, board: str, said: str = "", style: str = "strong") -> Line:
    """``e etcd: can lose 1``."""
    key = keys.get(board, "")
    head = f"{title}: " if said else title
    return line((f"{key} " if key else "", "key"), (head, "strong"), (said, style))


def told(level: Health, text: str, glyphs: Glyphs, about: str = "") -> Line:
    glyph, style = sign(level, glyphs)
    return line((f"{glyph} ", style), text, (f"  {about}" if about else "", "muted"))


def unknown(why: str, glyphs: Glyphs) -> tuple[Line, ...]:
    return (line((f"{glyphs.unknown} ", "unknown"), (why, "unknown")),)


def cut(lines: list[Line]) -> tuple[Line, ...]:
    """The first, and how many more there are."""
    if len(lines) <= SHOWN:
        return tuple(lines)
    return (*lines[: SHOWN - 1], line((f"  {len(lines) - SHOWN + 1} more", "muted")))
