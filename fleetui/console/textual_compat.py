"""The one place that reaches into Textual: how a repaint becomes bytes. Held to Textual's own picture by a test.

Textual 8.2.8 sends a changed stretch of a line from the left edge of its widget (``ChopsUpdate`` crops on the right
only), says every colour of every segment anew and resets it, and ends each line with a line break before the next
absolute move. On a thin line that is most of what travels: a page of a table at 160x50 is 51 kB that way and 8 kB this
way. Here a stretch begins where it differs, and of two neighbouring styles only the difference is said. Before that it
renders all lines of all widgets for each changed cell, those behind others too; here only the lines that are seen and
are to be painted. There is no public hook for it; Textual is pinned exactly, and without ``install`` everything looks
the same and costs more.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual import _compositor
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

ERASE_FROM = 4
"""Blanks at the end of a screen line that are cheaper to erase (3 bytes) than to send."""

_PLAIN = Style.null()
_ON = {
    "bold": "1",
    "dim": "2",
    "italic": "3",
    "underline": "4",
    "blink": "5",
    "blink2": "6",
    "reverse": "7",
    "conceal": "8",
    "strike": "9",
    "underline2": "21",
}
_OFF = {
    "bold": "22",
    "dim": "22",
    "italic": "23",
    "underline": "24",
    "blink": "25",
    "blink2": "25",
    "reverse": "27",
    "conceal": "28",
    "strike": "29",
    "underline2": "24",
}


def install() -> None:
    """Repaints of this process are short from now on. Again does nothing."""
    setattr(_compositor, "ChopsUpdate", ShortChopsUpdate)  # noqa: B010 - a class name, which mypy does not let be assigned
    setattr(_compositor, "LayoutUpdate", ShortLayoutUpdate)  # noqa: B010
    setattr(_compositor.Compositor, "_render_chops", SeenLines.render_chops)  # noqa: B010


Chops = dict[int, Strip | None]
"""A line of the screen: what stands from each place where a widget begins or ends. None is not rendered."""


class SeenLines:
    """The widgets' lines that are to be painted, from front to back, until each line is whole."""

    def __init__(self, cuts: Sequence[Sequence[int]], lines: Iterable[int]) -> None:
        self._cuts = cuts
        self.chops: list[Chops] = [dict.fromkeys(cut_set[:-1]) for cut_set in cuts]
        self._missing = {y: len(self.chops[y]) for y in lines}

    @staticmethod
    def render_chops(
        compositor: _compositor.Compositor, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> list[Chops]:
        """In the place of ``Compositor._render_chops``."""
        lines = SeenLines(compositor.cuts, filter(is_rendered_line, crop.line_range))
        for widget, (region, clip) in compositor.visible_widgets.items():
            lines.add(widget, region, region.intersection(clip))
        return lines.chops

    def add(self, widget: Widget, region: Region, seen: Region) -> None:
        """The widget behind those that were added before: where it lies, and what of it is not clipped away."""
        wanted = [y for y in seen.line_range if self._missing.get(y)]
        if not wanted or not seen.width:
            return
        first, end = wanted[0], wanted[-1] + 1
        strips = widget.render_lines(Region(seen.x - region.x, first - region.y, seen.width, end - first))
        for y, strip in zip(range(first, end), strips, strict=False):
            if self._missing.get(y):
                self._fill(y, strip, seen)

    def _fill(self, y: int, strip: Strip, seen: Region) -> None:
        chops, cuts = self.chops[y], [cut for cut in self._cuts[y] if seen.x <= cut <= seen.right]
        for cut, piece in zip(cuts, strip.divide([cut - seen.x for cut in cuts[1:]]), strict=False):
            if chops[cut] is None:
                chops[cut] = piece
                self._missing[y] -= 1


class ShortChopsUpdate(ChopsUpdate):
    """Some stretches of some lines, each from where it differs to where it ends."""

    def render_segments(self, console: Console) -> str:
        pen = Pen(console)
        for y, left, right in self.spans:
            ends = self.chop_ends[y]
            for end, (x, strip) in zip(ends, self.chops[y].items(), strict=False):
                first, last = max(left, x), min(right, end)
                if strip is None or first >= last:
                    continue
                pen.move(first, y)
                pen.write(_between(strip, first - x, last - x), last=last == ends[-1])
        return pen.finish()


def _between(strip: Strip, first: int, last: int) -> Iterable[Segment]:
    """As ``Strip.crop``, without a strip and its seven caches for every stretch that is painted."""
    if first == 0 and last >= strip.cell_length:
        return strip
    found, at = [], 0
    for segment in strip:
        begin, at = at, at + cell_len(segment.text)
        if at <= first:
            continue
        kept = segment.split_cells(first - begin)[1] if begin < first else segment
        found.append(kept.split_cells(last - max(begin, first))[0] if at > last else kept)
        if at >= last:
            break
    return found


class ShortLayoutUpdate(LayoutUpdate):
    """The whole screen."""

    def render_segments(self, console: Console) -> str:
        pen = Pen(console)
        for y, line in enumerate(self.strips, self.region.y):
            pen.move(self.region.x, y)
            strips = list(line)
            for strip in strips:
                pen.write(strip, last=strip is strips[-1])
        return pen.finish()


class Pen:
    """Collects what to send, knowing which style the terminal has now."""

    def __init__(self, console: Console) -> None:
        self._system = console._color_system or ColorSystem.TRUECOLOR
        self._sent: list[str] = []
        self._style = _PLAIN

    def move(self, x: int, y: int) -> None:
        self._sent.append(f"\x1b[{y + 1};{x + 1}H")

    def write(self, segments: Iterable[Segment], *, last: bool) -> None:
        """``last``: the segments end at the right edge of the screen."""
        known = list(segments)
        blanks = _trailing_blanks(known) if last else 0
        for text, style, _ in known:
            self._say(text, style or _PLAIN)
        if blanks >= ERASE_FROM:
            self._sent[-1] = self._sent[-1][:-blanks] + "\x1b[K"

    def finish(self) -> str:
        """Leaves the terminal's style as it was found."""
        self._turn(_PLAIN)
        return "".join(self._sent)

    def _say(self, text: str, style: Style) -> None:
        if style.link is not None:
            self._turn(_PLAIN)
            text = style.render(text, color_system=self._system)
        else:
            self._turn(style)
        self._sent.append(text)

    def _turn(self, style: Style) -> None:
        if style is not self._style:
            self._sent.append(turn(self._style, style, self._system))
            self._style = style


def _trailing_blanks(segments: list[Segment]) -> int:
    """Blanks at the end of the last segment, if erasing leaves the same picture: nothing but the default ground.

    Not every terminal erases in the current background (GNU screen does not), so a coloured one is sent as blanks.
    """
    if not segments:
        return 0
    text, style, _ = segments[-1]
    ground = style or _PLAIN
    if ground.bgcolor is not None or ground.reverse or ground.underline or ground.strike or ground.link is not None:
        return 0
    return len(text) - len(text.rstrip(" "))


@lru_cache(maxsize=4096)
def turn(before: Style, after: Style, system: ColorSystem) -> str:
    """The shortest sequence that takes the terminal from one style to the other; empty when they look alike."""
    attributes, color, background = _codes(before, system)
    wanted, wanted_color, wanted_background = _codes(after, system)
    step = [_OFF[name] for name in sorted(attributes - wanted)]
    # 22 ends bold and dim alike, 24 both underlines: what stays must be said again.
    kept = {name for name in wanted & attributes if _OFF[name] in step}
    step += [_ON[name] for name in sorted((wanted - attributes) | kept)]
    step += _color_step(color, wanted_color, "39") + _color_step(background, wanted_background, "49")
    if not step:
        return ""
    anew = ["0" if attributes or color or background else "", *(_ON[name] for name in sorted(wanted))]
    anew = [code for code in (*anew, wanted_color, wanted_background) if code]
    shortest = min(";".join(dict.fromkeys(step)), ";".join(anew), key=len)
    return f"\x1b[{'' if shortest == '0' else shortest}m"


def _color_step(before: str, after: str, default: str) -> list[str]:
    return [] if before == after else [after or default]


def _codes(style: Style, system: ColorSystem) -> tuple[frozenset[str], str, str]:
    """(attributes that are on, code of the colour, code of the background); a default colour is no code."""
    on = frozenset(name for name in _ON if getattr(style, name))
    return on, _color_code(style.color, system, foreground=True), _color_code(style.bgcolor, system, foreground=False)


def _color_code(color: Any, system: ColorSystem, *, foreground: bool) -> str:
    if color is None or color.is_default:
        return ""
    return ";".join(color.downgrade(system).get_ansi_codes(foreground))
