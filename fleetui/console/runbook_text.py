"""A runbook as lines of the console: Markdown's few forms, and the command that would be copied. Pure."""

import re

from rich.cells import cell_len

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, Span, line
from fleetui.model.runbook import Block, BlockKind, Runbook

WIDEST = 110
"""Cells: longer lines of prose are hard to read."""
_MARKUP = re.compile(r"\*\*(.+?)\*\*|`([^`]+)`")


def runbook_lines(runbook: Runbook, chosen: int, *, glyphs: Glyphs, cells: int) -> tuple[tuple[Line, ...], int]:
    """The lines, and at which of them the chosen command begins; 0 where there is none."""
    lines: list[Line] = []
    at, command, before = 0, -1, None
    for block in runbook.blocks:
        if before is not None and _apart(before, block):
            lines.append(())
        if block.kind is BlockKind.COMMAND:
            command += 1
            at = len(lines) if command == chosen else at
            lines += _command(block, glyphs, cells, chosen=command == chosen)
        else:
            lines += _prose(block, min(cells, WIDEST))
        before = block
    return tuple(lines), at


def _apart(before: Block, block: Block) -> bool:
    """Commands of one fence and items of one list stand together."""
    together = (BlockKind.COMMAND, BlockKind.ITEM)
    return not (before.kind is block.kind and block.kind in together)


def _prose(block: Block, cells: int) -> list[Line]:
    match block.kind:
        case BlockKind.HEADING:
            return wrap_spans(((block.text, "strong" if block.level == 1 else "heading"),), cells)
        case BlockKind.ITEM:
            mark = f"  {block.mark} "
            first, *rest = wrap_spans(spans(block.text), cells - len(mark))
            return [((mark, "muted"), *first), *(((" " * len(mark), "text"), *more) for more in rest)]
        case _:
            return wrap_spans(spans(block.text), cells)


def _command(block: Block, glyphs: Glyphs, cells: int, *, chosen: bool) -> list[Line]:
    """As it is, broken only where the screen ends: what is copied is the whole."""
    mark: Span = (f" {glyphs.crumb} ", "key") if chosen else ("   ", "text")
    room, look = max(10, cells - 5), "accent" if chosen else "text"
    pieces = [said[at : at + room] for said in block.text.split("\n") for at in range(0, len(said) or 1, room)]
    return [line(mark if index == 0 else ("     ", "text"), (piece, look)) for index, piece in enumerate(pieces)]


def spans(text: str) -> Line:
    """``**bold**`` and backquoted words as their looks."""
    said: list[Span] = []
    at = 0
    for found in _MARKUP.finditer(text):
        said += [(text[at : found.start()], "text"), (found[1] or found[2], "strong" if found[1] else "accent")]
        at = found.end()
    return tuple(span for span in (*said, (text[at:], "text")) if span[0])


def wrap_spans(said: Line, cells: int) -> list[Line]:
    """Words onto lines of at most ``cells``; a longer word has a line of its own and is cut by the screen."""
    lines: list[list[Span]] = [[]]
    used = 0
    for word, style, glued in _words(said):
        size = cell_len(word)
        gap = 0 if glued or not used else 1
        if used and used + gap + size > cells and not glued:
            lines.append([])
            used = gap = 0
        if gap:
            lines[-1].append((" ", "text"))
        lines[-1].append((word, style))
        used += gap + size
    return [tuple(each) for each in lines]


def _words(said: Line) -> list[tuple[str, str, bool]]:
    """(word, style, whether it follows the one before without a blank)."""
    words: list[tuple[str, str, bool]] = []
    open_end = False
    for text, style in said:
        for index, word in enumerate(text.split()):
            words.append((word, style, open_end and index == 0 and not text[:1].isspace()))
        open_end = not text[-1:].isspace()
    return words
