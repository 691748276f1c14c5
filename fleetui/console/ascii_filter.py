"""The last station before the terminal where it knows ASCII only: the Linux console, a vt100, a locale without UTF-8.

Our own lines take their signs from the glyph table; borders and scroll bars are drawn by Textual, and names come from
clusters. All of it passes here.
"""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from fleetui.console.glyphs import ascii_text


class AsciiFilter(LineFilter):
    """Spells every sign in ASCII, cell for cell."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        return [
            segment if segment.text.isascii() else Segment(ascii_text(segment.text), segment.style, segment.control)
            for segment in segments
        ]
