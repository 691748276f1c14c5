"""Pictures of the screen: blanks at the ends of a text become coordinates, because not every viewer keeps them."""

import re

CELL = 12.2
"""Width of a cell in the picture: rich exports a font of 20 pixels, 0.61 of that wide (rich.console, export_svg)."""

_TEXT = re.compile(
    r'(<text class="[^"]*") x="([\d.]+)" (y="[\d.]+") textLength="([\d.]+)"([^>]*>)'
    r"((?:&#160;)*)([^<]*?)((?:&#160;)*)</text>"
)


def without_blanks(svg: str) -> str:
    """The same picture; texts of nothing but blanks are gone."""
    return _TEXT.sub(_trimmed, svg)


def _trimmed(found: re.Match[str]) -> str:
    start, x, y, length, rest, before, text, after = found.groups()
    if not text:
        return ""
    left, right = (blanks.count("&") * CELL for blanks in (before, after))
    return f'{start} x="{float(x) + left:g}" {y} textLength="{float(length) - left - right:g}"{rest}{text}</text>'
