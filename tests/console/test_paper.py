"""A paper: as large as what it says, in the look of its ground, and painted only where it says something new."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.style import Style
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.geometry import Region, Size
from textual.pilot import Pilot
from textual.widgets import Static

from fleetui.console.ink import Line, line, wrap
from fleetui.console.paper import Paper
from tests.console.waiting import until

STYLES = {"text": Style(), "ok": Style(color="green"), "bar": Style(bgcolor="blue")}
WORDS = "as many words as fit into two lines of twenty cells"


class OnePaper(App[int]):
    CSS = """
    Horizontal { height: auto; }
    #auto { width: auto; height: 1; }
    #tall { width: 100%; height: auto; }
    #bar { height: 1; color: #00ff00; }
    .loud { background: #ff0000; }
    Static { width: 1fr; height: 1; }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Paper(STYLES, id="auto")
            yield Static("beside")
        yield Paper(STYLES, id="tall")
        yield Paper(STYLES, base="bar", id="bar")

    def paper(self, name: str) -> Paper:
        return self.query_one(f"#{name}", Paper)


@asynccontextmanager
async def papers(width: int = 40) -> AsyncIterator[tuple[OnePaper, Pilot[int]]]:
    app = OnePaper()
    async with app.run_test(size=(width, 12)) as pilot:
        yield app, pilot


def wrapped(cells: int) -> tuple[Line, ...]:
    return tuple(wrap(WORDS, cells))


def ground(paper: Paper) -> set[str]:
    """The colours behind the first line."""
    return {str(segment.style.bgcolor.name) for segment in paper.render_line(0) if segment.style and segment.text}


async def test_a_paper_is_as_wide_as_its_longest_line_and_follows_it() -> None:
    async with papers() as (app, pilot):
        paper = app.paper("auto")
        for lines, cells in (((line("four"), line("six si")), 6), ((line("ten ten te"),), 10), ((), 0)):
            paper.show(lines)
            await until(pilot, lambda cells=cells: paper.size.width == cells)
            await until(pilot, lambda cells=cells: app.query_one(Static).size.width == 40 - cells)


async def test_a_paper_is_as_high_as_its_lines_are_many_at_the_width_it_gets() -> None:
    async with papers(20) as (app, pilot):
        paper = app.paper("tall")
        paper.show(wrapped)
        for width in (20, 60, 15):
            await pilot.resize_terminal(width, 12)
            await until(pilot, lambda width=width: paper.size == (width, len(wrapped(width))))
            assert paper.render_line(0).text.strip() in WORDS
            assert paper.text.splitlines() == ["".join(text for text, _ in said) for said in wrapped(width)]


async def test_the_height_is_asked_for_before_the_width_is_there() -> None:
    async with papers(20) as (app, _):
        paper = app.paper("tall")
        paper.show(wrapped)
        assert paper.get_content_height(Size(60, 12), Size(60, 12), 60) == 1 < len(wrapped(20))


async def test_lines_are_laid_out_once_for_a_width() -> None:
    """The first frame and a new size are painted before their events come."""
    laid: list[int] = []

    def lay_out(cells: int) -> tuple[Line, ...]:
        laid.append(cells)
        return (line(f"{cells} cells"),)

    async with papers(20) as (app, pilot):
        paper = app.paper("bar")
        paper.show(lay_out)
        await pilot.resize_terminal(30, 12)
        await until(pilot, lambda: paper.size.width == 30)
        for _ in range(3):
            assert paper.render_line(0).text == "30 cells".ljust(30)
        assert laid == [20, 30]


async def test_the_ground_is_that_of_its_name_to_the_end_of_the_line() -> None:
    async with papers() as (app, _):
        paper = app.paper("bar")
        paper.show((line(("said", "ok"), "plain"),))
        strip = paper.render_line(0)
        assert strip.text == "saidplain".ljust(40)
        assert ground(paper) == {"blue"}
        said, *rest = strip
        assert said.style is not None
        assert (said.text, said.style.color) == ("said", STYLES["ok"].color)
        assert [str(segment.style.color.name) for segment in rest if segment.style] == ["#00ff00"] * len(rest)


async def test_another_look_of_the_widget_is_worn_at_once() -> None:
    async with papers() as (app, pilot):
        paper = app.paper("tall")
        paper.show((line("said"),))
        await pilot.pause()
        assert ground(paper) != {"#ff0000"}
        paper.add_class("loud")
        paper.styles.background = "#ff0000"
        await until(pilot, lambda: ground(paper) == {"#ff0000"})


async def test_saying_the_same_again_paints_nothing_even_where_the_size_is_that_of_the_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with papers() as (app, pilot):
        paper = app.paper("auto")
        paper.show((line("said"),))
        await pilot.pause()
        painted: list[object] = []
        monkeypatch.setattr(paper, "refresh", lambda *regions, **said: painted.extend((*regions, *said)))
        paper.show((line("said"),))
        assert painted == []


@pytest.mark.parametrize(
    ("after", "rows"),
    [
        (("one", "two", "three"), []),
        (("one", "2", "three"), [1]),
        (("one",), [1, 2]),
        (("one", "two", "three", "four"), [3]),
        (("1", "two", "3"), [0, 2]),
    ],
)
async def test_only_lines_that_say_something_else_are_painted(
    after: tuple[str, ...], rows: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with papers() as (app, pilot):
        paper = app.paper("bar")
        paper.show(tuple(line(said) for said in ("one", "two", "three")))
        await pilot.pause()
        painted: list[object] = []
        monkeypatch.setattr(paper, "refresh", lambda *regions, **said: painted.extend((*regions, *said)))
        paper.show(tuple(line(said) for said in after))
        assert painted == [Region(0, y, 40, 1) for y in rows]
