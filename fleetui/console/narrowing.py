"""What hides rows of a table, in as many words as there is room for: whoever sees some rows must never take them for
all, on a small terminal least of all. Pure."""

from collections.abc import Iterator

import msgspec

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, join, line, width


class Narrowing(msgspec.Struct, frozen=True):
    shown: int
    """Rows that are left."""
    total: int
    query: str = ""
    """The filter in force; empty without one."""
    faults: bool = False
    """Only what is not calm is shown."""
    unknown: int = 0
    """Rows of which nobody can say whether the filter means them."""
    counting: bool = False
    """``shown`` still grows."""
    marks: int = 0
    hidden: int = 0
    """Of the marks."""
    hidden_by: str = ""
    order: str = ""
    """By what it is sorted, where that puts trouble elsewhere than on top."""

    @property
    def hides(self) -> bool:
        return bool(self.query) or self.faults


def counted_line(told: Narrowing, glyphs: Glyphs) -> Line:
    """``9 of 237  ? 2 unknown``."""
    growing = "…" if told.counting else ""
    said = line((f"{told.shown:,}{growing} of {told.total:,}", "text"))
    return join([said, line((f"{glyphs.unknown} {told.unknown:,} unknown", "unknown")) if told.unknown else ()], "  ")


def narrowing_line(told: Narrowing, *, key: str, glyphs: Glyphs, cells: int) -> Line:
    """``faults only  /@prod-east-2  9 of 237  esc clears``: the longest way to say it that fits. ``key`` takes it back.
    The filter's own text is cut last; that there is one, what is left and the key always stay."""
    ways = [*_ways(told, key, glyphs)]
    return next((said for said in ways if width(said) <= cells), ways[-1] if not told.hides else _cut(told, key, cells))


def _ways(told: Narrowing, key: str, glyphs: Glyphs) -> Iterator[Line]:
    """Longest first. What hides nothing may go."""
    what = [line(("faults only", "accent")) if told.faults else (), _filter(told.query)]
    counted = [counted_line(told, glyphs), line((key, "key"), (" clears", "muted"))] if told.hides else []
    marks = f"{glyphs.mark} {told.marks} marked, {told.hidden} hidden by {told.hidden_by}"
    hidden = line((marks, "warn")) if told.hidden else ()
    yield _ended([*what, *counted, hidden, line(("by ", "muted"), (told.order, "accent")) if told.order else ()])
    yield _ended([*what, *counted, hidden])
    few = line((f"{glyphs.mark} {told.hidden} hidden", "warn")) if told.hidden else ()
    if told.hides:
        yield _ended([*what, *_short(told, key), few])
    yield _ended([*what, *_short(told, key)] if told.hides else [few])


def _short(told: Narrowing, key: str) -> list[Line]:
    unknown = line((f"+{told.unknown:,}?", "unknown")) if told.unknown else ()
    return [(*line((f"{told.shown:,}/{told.total:,}", "text")), *unknown), line((key, "key"))]


def _cut(told: Narrowing, key: str, cells: int) -> Line:
    rest = _ended(_short(told, key))
    what = join([line(("faults", "accent")) if told.faults else (), _filter(told.query)], " ")
    return fit(join([fit(what, max(2, cells - width(rest) - 2)), rest], "  "), cells)


def _filter(query: str) -> Line:
    return line(("/", "key"), (query, "accent")) if query else ()


def _ended(parts: list[Line]) -> Line:
    """Its last letter is not in the terminal's last cell."""
    said = join(parts, "  ")
    return (*said, (" ", "text")) if said else ()
