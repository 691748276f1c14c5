"""Our way to render what a repaint needs: the lines are Textual's own, and no others are rendered."""

import random
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import pytest
from textual import _compositor
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static

from fleetui.console import textual_compat
from fleetui.console.textual_compat import Chops, SeenLines

WIDTH, HEIGHT = 60, 20


def _stock() -> Callable[[Any, Region, Callable[[int], bool]], list[Chops]]:
    """Textual's own, which a grid of an earlier test may have replaced in the module that is loaded."""
    spec = spec_from_file_location("stock_compositor", _compositor.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    render: Callable[[Any, Region, Callable[[int], bool]], list[Chops]] = module.Compositor._render_chops
    return render


class Box(Static):
    """Remembers what was asked of it."""

    def __init__(self, text: str, place: Region) -> None:
        super().__init__(text)
        self.place = place
        self.asked: list[Region] = []

    def on_mount(self) -> None:
        self.styles.layer = "above"
        self.styles.offset = (self.place.x, self.place.y)
        self.styles.width, self.styles.height = self.place.width, self.place.height

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked.append(crop)
        return super().render_lines(crop)


class Pile(App[None]):
    """Boxes over one another, some of them over the edge of the screen."""

    CSS = "Screen { layers: below above; } Box { position: absolute; background: $surface; }"

    def __init__(self, *boxes: Box) -> None:
        super().__init__()
        self.boxes = boxes

    def compose(self) -> ComposeResult:
        yield from self.boxes


def _boxes(chance: random.Random) -> list[Box]:
    def place() -> Region:
        x, y = chance.randrange(-5, WIDTH - 5), chance.randrange(-3, HEIGHT - 3)
        return Region(x, y, chance.randrange(5, 40), chance.randrange(2, 12))

    places = [place() for _ in range(chance.randrange(1, 6))]
    return [Box("\n".join(f"{number} ü 名前 " * 8 for _ in range(12)), place) for number, place in enumerate(places)]


def _segments(chops: Chops) -> dict[int, Any]:
    return {x: strip and list(strip) for x, strip in chops.items()}


@pytest.mark.parametrize("seed", range(12))
async def test_the_lines_are_textuals(seed: int) -> None:
    chance = random.Random(seed)
    stock = _stock()
    async with Pile(*_boxes(chance)).run_test(size=(WIDTH, HEIGHT)) as pilot:
        compositor = pilot.app.screen._compositor
        for _ in range(5):
            lines = frozenset(chance.sample(range(HEIGHT), chance.randrange(1, HEIGHT)))
            crop = Region.from_union([Region(chance.randrange(WIDTH - 3), y, 3, 1) for y in lines])

            ours = SeenLines.render_chops(compositor, crop, lines.__contains__)
            own = stock(compositor, crop, lines.__contains__)

            assert [_segments(chops) for chops in ours] == [_segments(chops) for chops in own]
            assert all(None not in ours[y].values() for y in lines)


async def test_only_lines_that_are_seen_and_painted_are_rendered() -> None:
    back, hidden = Box("back", Region(0, 0, WIDTH, HEIGHT)), Box("hidden", Region(0, 2, 20, 6))
    front = Box("front", Region(0, 2, WIDTH, 6))
    async with Pile(back, hidden, front).run_test(size=(WIDTH, HEIGHT)) as pilot:
        for box in (back, hidden, front):
            box.asked.clear()

        SeenLines.render_chops(pilot.app.screen._compositor, Region(0, 4, 5, 1), lambda _: True)

    assert [box.asked for box in (front, hidden, back)] == [[Region(0, 2, WIDTH, 1)], [], []]


def test_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name is still where Textual looks it up."""
    monkeypatch.setattr(_compositor.Compositor, "_render_chops", _stock())

    textual_compat.install()

    for caller in (_compositor.Compositor.render_partial_update, _compositor.Compositor.render_full_update):
        assert "_render_chops" in caller.__code__.co_names
    assert _compositor.Compositor._render_chops is SeenLines.render_chops
