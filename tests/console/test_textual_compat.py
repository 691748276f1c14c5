"""Our short repaints leave the same picture as Textual's own, and send less."""

import io
import random

import pytest
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual import _compositor
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from fleetui.console import textual_compat
from fleetui.console.textual_compat import ShortChopsUpdate, ShortLayoutUpdate
from tests.console.picture import Picture

WIDTH, HEIGHT = 60, 12
STYLES = (
    *("", "bold", "dim", "bold dim", "underline", "reverse", "red", "on blue", "bold #ff7b72 on #0f151b"),
    *("#c8d3de on #0f151b", "bold red", "dim red reverse", "default on default", "bright_black", "strike"),
    "underline2 green on white",
)
TEXTS = ("   ", "      ", "prod", "wk-01 ", "ü–✖", "名前", " x")


@pytest.fixture(autouse=True)
def nothing_rendered() -> None:
    """A Rich style keeps the codes that it was first rendered with, whatever the colours of the console then: no style
    of an earlier test, parsed, summed or in a half of a segment, may come into this one."""
    for kept in (Style.parse, Style._add, Segment._split_cells, Strip.render_ansi, textual_compat.turn):
        kept.cache_clear()  # type: ignore[attr-defined]


def console(system: str) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, color_system=system)  # type: ignore[arg-type]


def style(chance: random.Random) -> Style | None:
    """A new object each time: a Rich style remembers its codes for the colours it was first rendered with."""
    text = chance.choice(STYLES)
    return Style.parse(text).copy() if text else None


def line(chance: random.Random, width: int) -> Strip:
    segments: list[Segment] = []
    strip = Strip(segments)
    while strip.cell_length < width:
        segments.append(Segment(chance.choice(TEXTS), style(chance)))
        strip = Strip(segments)
    return strip.adjust_cell_length(width, style(chance))


def mixed(old: Strip, new: Strip, spans: list[tuple[int, int]]) -> Strip:
    """``new`` inside the spans, ``old`` outside."""
    parts: list[Strip] = []
    at = 0
    for left, right in spans:
        parts += [old.crop(at, left), new.crop(left, right)]
        at = right
    return Strip.join([*parts, old.crop(at, old.cell_length)])


@pytest.mark.parametrize("system", ["truecolor", "256", "standard"])
@pytest.mark.parametrize("seed", range(40))
def test_a_partial_repaint_leaves_textuals_picture(seed: int, system: str) -> None:
    chance = random.Random(seed)
    cut = chance.choice((0, 17))  # one widget, or two side by side
    chops: list[dict[int, Strip | None]] = []
    before: list[list[Strip]] = []
    spans: list[tuple[int, int, int]] = []
    for y in range(HEIGHT):
        stretches = [(chance.randrange(4, 20), chance.randrange(22, 35)), (37, WIDTH)][: chance.randrange(3)]
        old, new = line(chance, WIDTH), line(chance, WIDTH)
        after = mixed(old, new, stretches)
        before.append([old])
        chops.append({0: after.crop(0, cut), cut: after.crop(cut, WIDTH)} if cut else {0: after})
        spans += [(y, left, right) for left, right in stretches]
    ends = [[cut, WIDTH] if cut else [WIDTH]] * HEIGHT
    start = LayoutUpdate(before, Region(0, 0, WIDTH, HEIGHT)).render_segments(console(system))
    if not spans:
        return

    pictures = []
    outputs = []
    for update in (ChopsUpdate, ShortChopsUpdate):
        picture = Picture(WIDTH, HEIGHT)
        picture.send(start)
        outputs.append(update(chops, spans, ends).render_segments(console(system)))
        picture.send(outputs[-1])
        pictures.append(picture)

    assert pictures[1].rows == pictures[0].rows
    assert pictures[1].ink == pictures[0].ink  # the terminal's style is left as it was found
    assert len(outputs[1]) < len(outputs[0])


@pytest.mark.parametrize("seed", range(20))
def test_a_whole_repaint_leaves_textuals_picture(seed: int) -> None:
    chance = random.Random(seed)
    lines = [[line(chance, 17), line(chance, WIDTH - 17)] for _ in range(HEIGHT)]
    region = Region(0, 0, WIDTH, HEIGHT)
    own, ours = Picture(WIDTH, HEIGHT), Picture(WIDTH, HEIGHT)

    stock = LayoutUpdate(lines, region).render_segments(console("truecolor"))
    short = ShortLayoutUpdate(lines, region).render_segments(console("truecolor"))
    own.send(stock)
    ours.send(short)

    assert ours.rows == own.rows
    assert len(short) < len(stock)


def test_links_stay_links() -> None:
    strip = Strip([Segment("a"), Segment("docs", Style(link="https://example.com", bold=True)), Segment("b")])
    region = Region(0, 0, 6, 1)

    output = ShortLayoutUpdate([[strip]], region).render_segments(console("truecolor"))

    assert "https://example.com" in output
    picture = Picture(6, 1)
    picture.send(output)
    assert picture.text == ["adocsb"]


def test_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The names are still where Textual looks them up."""
    monkeypatch.setattr(_compositor, "ChopsUpdate", ChopsUpdate)
    monkeypatch.setattr(_compositor, "LayoutUpdate", LayoutUpdate)

    textual_compat.install()

    names = _compositor.Compositor.render_partial_update.__code__.co_names
    assert "ChopsUpdate" in names
    assert _compositor.ChopsUpdate is ShortChopsUpdate
    assert _compositor.LayoutUpdate is ShortLayoutUpdate
