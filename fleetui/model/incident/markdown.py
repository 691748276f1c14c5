"""Foreign text in Markdown, made harmless: no link, no image, no HTML, no mention, no broken table.

What clusters say stands in code spans, in which nothing is interpreted. What people wrote is prose with its signs
escaped.
"""

import re
from collections.abc import Iterable, Sequence

from fleetui.model.text import LINE_LIMIT, clean_message

_SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$^=-])")
_ORDERED = re.compile(r"^(\d+)([.)])")
_LINK = re.compile(r"(?<=\w)(://)|(?<=www)(\.)|(@)", re.IGNORECASE)


def prose(text: str) -> str:
    """One line of somebody's words. Addresses stay readable and do not become links; nobody is mentioned."""
    escaped = _SIGNS.sub(r"\\\1", clean_message(text, limit=LINE_LIMIT))
    escaped = _ORDERED.sub(r"\1\\\2", escaped)
    return _LINK.sub(_broken, escaped)


def _broken(found: re.Match[str]) -> str:
    """A backslash ends what a renderer takes for an address; ``@`` in a code span mentions nobody."""
    return "`@`" if found.group() == "@" else f"\\{found.group()}"


def code(text: str) -> str:
    """One line as a code span, also inside a table."""
    shown = clean_message(text, limit=LINE_LIMIT).replace("|", "¦")
    if not shown:
        return ""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Cells are finished Markdown."""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in rows)]
