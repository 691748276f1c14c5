"""Lines of styled text before they meet a terminal: what is said, and the semantic name of how it looks.

Every line of the console outside the grid is a ``Line``. Pure functions make them, tests read them, and one place
(``strip``) turns them into cells: text from clusters passes here and loses what a terminal would obey.
"""

from collections.abc import Iterable, Mapping

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from fleetui.model.text import LINE_LIMIT, clean, clean_message

Span = tuple[str, str]
"""(text, style name)."""

Line = tuple[Span, ...]

Styles = Mapping[str, Style]

BLANK: Line = ()


def line(*spans: Span | str) -> Line:
    """Spans in order; a bare string is plain text."""
    return tuple((span, "text") if isinstance(span, str) else span for span in spans)


def plain(said: Line) -> str:
    """The words without their looks, for tests and for the clipboard."""
    return "".join(text for text, _ in said)


def width(said: Line) -> int:
    """Cells."""
    return sum(cell_len(text) for text, _ in said)


def fit(said: Line, cells: int) -> Line:
    """At most ``cells`` wide; what is cut ends in an ellipsis."""
    if width(said) <= cells:
        return said
    kept: list[Span] = []
    left = max(0, cells - 1)
    for text, style in said:
        size = cell_len(text)
        if size > left:
            kept.append((set_cell_size(text, left) + "…" if cells else "", style))
            break
        kept.append((text, style))
        left -= size
    return tuple(kept)


def spread(left: Line, right: Line, cells: int) -> Line:
    """``left`` and ``right`` at the two ends of a line; the left one gives way, the right one stays whole."""
    room = cells - width(right)
    if room <= 0:
        return fit(right, cells)
    shown = fit(left, max(0, room - 1))
    return (*shown, (" " * (room - width(shown)), "text"), *right)


def join(parts: Iterable[Line], gap: str = "   ") -> Line:
    """Parts side by side; empty ones leave no gap."""
    joined: list[Span] = []
    for part in parts:
        if part and joined:
            joined.append((gap, "text"))
        joined.extend(part)
    return tuple(joined)


def wrap(text: str, cells: int, style: str = "text", *, indent: int = 0) -> list[Line]:
    """Words onto lines of at most ``cells``; a word that is too long is broken. Continuation lines are indented."""
    lines: list[Line] = []
    current = ""
    for word in clean_message(text, limit=LINE_LIMIT).split():
        for piece in _pieces(word, max(1, cells - indent)):
            candidate = f"{current} {piece}" if current.strip() else current + piece
            if current.strip() and cell_len(candidate) > cells:
                lines.append(((current, style),))
                candidate = " " * indent + piece
            current = candidate
    lines.append(((current, style),))
    return lines


def _pieces(word: str, cells: int) -> list[str]:
    pieces: list[str] = []
    while cell_len(word) > cells:
        taken = cells
        while cell_len(word[:taken]) > cells:
            taken -= 1
        pieces.append(word[: max(1, taken)])
        word = word[max(1, taken) :]
    return [*pieces, word]


def strip(said: Line, styles: Styles, cells: int, base: Style) -> Strip:
    """Cells for the terminal, exactly ``cells`` wide. The only way from a ``Line`` to the screen: cleans every span."""
    cleaned = fit(tuple((clean(text, limit=LINE_LIMIT), style) for text, style in said if text), cells)
    segments = [Segment(text, base + styles[style]) for text, style in cleaned]
    return Strip(segments).adjust_cell_length(cells, base)
