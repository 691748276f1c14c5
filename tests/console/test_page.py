"""The scroll bar of a text is there when the text does not fit, and only then."""

from collections import defaultdict

import pytest
from rich.style import Style
from textual.app import App, ComposeResult

from fleetui.console.ink import Line, line
from fleetui.console.page import Page
from fleetui.console.paper import LayOut
from tests.console.waiting import until

HEIGHT, WIDTH = 10, 40


class OnePage(App[int]):
    CSS = f"Page {{ width: {WIDTH}; height: {HEIGHT}; }}"

    def compose(self) -> ComposeResult:
        yield Page(defaultdict(Style))


def text(count: int, *, wrapped: int = 0) -> LayOut:
    """``count`` lines; ``wrapped`` more of them where a scroll bar takes its cells."""

    def lay_out(cells: int) -> tuple[Line, ...]:
        lines = count + (wrapped if cells < WIDTH else 0)
        return tuple(line(f"line {number}") for number in range(lines))

    return lay_out


@pytest.mark.parametrize("wrapped", [0, 2])
@pytest.mark.parametrize("before", [11, 50])
@pytest.mark.parametrize("after", range(1, 14))
async def test_the_bar_goes_with_its_reason(before: int, after: int, wrapped: int) -> None:
    async with OnePage().run_test(size=(60, 20)) as pilot:
        page = pilot.app.query_one(Page)
        page.show(text(before, wrapped=wrapped))
        await until(pilot, lambda: page.show_vertical_scrollbar)
        page.show(text(after, wrapped=wrapped))
        await pilot.pause()
        assert page.show_vertical_scrollbar is (after > HEIGHT)
        assert len(page.text.splitlines()) == after + (wrapped if after > HEIGHT else 0)
