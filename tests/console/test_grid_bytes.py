"""What travels to the terminal: that it adds up to the right picture, and how much it is.

Byte counts are the same on every machine, so these are bounds and no measurements. A terminal with synchronized output
gets 16 bytes more for each repaint.
"""

import random
from typing import Any

import pytest
from textual.pilot import Pilot

from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.view import View
from tests.console.grid_bed import GridApp, recorded
from tests.console.picture import Picture
from tests.model.table.rows import NOW, delta, machine, random_machine

SIZE = (160, 50)
SYNCHRONIZED = 16


@pytest.fixture(autouse=True)
def many_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")


def rows(count: int) -> list[Any]:
    return [
        machine(
            f"wk-r{number % 40:02}-{number:05}",
            cluster=f"eu-prod-{number // 1000}",
            version="v1.35.4",
            roles=("worker",),
            internal_ip="10.1.2.3",
            status="NotReady" if number % 40 == 0 else "Ready",
        )
        for number in range(count)
    ]


class Line:
    """What one repaint after another costs."""

    def __init__(self, app: GridApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def cost(self, *keys: str) -> int:
        await self.pilot.pause()
        self.app.recorder.take()
        await self.pilot.press(*keys)
        await self.pilot.pause()
        return len(self.app.recorder.take().encode()) + SYNCHRONIZED

    async def cost_of(self, change: Any) -> int:
        await self.pilot.pause()
        self.app.recorder.take()
        self.app.grid.apply(change)
        await self.pilot.pause()
        return len(self.app.recorder.take().encode()) + SYNCHRONIZED


@pytest.mark.parametrize(
    ("look", "move", "cell", "late_cell", "page"),
    [("dark", 300, 90, 90, 3_000), ("ansi-16", 150, 60, 60, 2_600)],
)
async def test_what_a_key_and_a_change_cost(look: str, move: int, cell: int, late_cell: int, page: int) -> None:
    """Budgets: a cursor move 600 bytes in ansi and sofka's 670 in truecolor; a changed cell 150 and 300."""
    app = GridApp(look=look, recorded=True)
    costs: dict[str, list[int]] = {"move": [], "cell": [], "late cell": [], "page": []}

    async def drive(pilot: Pilot[None]) -> None:
        fleet = rows(2_000)
        app.grid.apply(delta(*fleet, reset=True))
        line = Line(app, pilot)
        await line.cost("j")
        costs["move"] = [await line.cost("j") for _ in range(10)]
        shown = app.grid.view.window(5, 5)
        for row in shown:
            costs["cell"].append(await line.cost_of(delta(_with(row, version="v1.36.0"))))
            costs["late cell"].append(await line.cost_of(delta(_with(row, version="v1.36.0", internal_ip="10.1.2.9"))))
        costs["page"] = [await line.cost("ctrl+f") for _ in range(3)]

    await recorded(app, SIZE, drive)

    bounds = {"move": move, "cell": cell, "late cell": late_cell, "page": page}
    assert {kind: max(found) <= bounds[kind] for kind, found in costs.items()} == dict.fromkeys(costs, True), costs
    assert all(min(found) > SYNCHRONIZED for found in costs.values()), costs


async def test_nothing_travels_when_nothing_on_screen_changed() -> None:
    app = GridApp(recorded=True)
    found: list[int] = []

    async def drive(pilot: Pilot[None]) -> None:
        fleet = rows(500)
        app.grid.apply(delta(*fleet, reset=True))
        line = Line(app, pilot)
        await line.cost("j", "k")
        found.append(await line.cost("k"))
        found.append(await line.cost_of(delta(_with(app.grid.view.window(300, 1)[0], version="v1.36.0"))))
        found.append(await line.cost_of(delta(fleet[499])))
        app.time += 5
        app.grid.tick()
        found.append(await line.cost())

    await recorded(app, SIZE, drive)

    assert found == [SYNCHRONIZED] * 4


@pytest.mark.parametrize("look", ["dark", "ansi-16"])
@pytest.mark.parametrize("seed", range(4))
async def test_differences_add_up_to_the_picture(seed: int, look: str) -> None:
    """After any mixture of keys, data, orders and filters the terminal shows what a whole repaint would show."""
    chance = random.Random(seed)
    size = (100, 20)
    app = GridApp(View(MACHINES, now=NOW, folding=bool(seed % 2)), look=look, recorded=True)
    picture = Picture(*size)

    async def drive(pilot: Pilot[None]) -> None:
        for _ in range(25):
            await _something(app, pilot, chance)
            await pilot.pause()
            picture.send(app.recorder.take())
            assert picture.text == [app.grid.render_line(y).text for y in range(size[1])]
        partial = [list(row) for row in picture.rows]
        app.refresh()
        app.screen.refresh()
        await pilot.pause()
        picture.send(app.recorder.take())
        assert picture.rows == partial

    await recorded(app, size, drive)


async def _something(app: GridApp, pilot: Pilot[None], chance: random.Random) -> None:
    grid = app.grid
    match chance.randrange(8):
        case 0 | 1 | 2:
            grid.apply(delta(*(random_machine(chance, chance.randrange(80)) for _ in range(chance.choice((1, 3, 40))))))
        case 3 | 4:
            await pilot.press(*chance.choices(("j", "k", "ctrl+d", "ctrl+u", "G", "g"), k=3))
        case 5:
            grid.set_filter(chance.choice(("", "wk-1", "status=NotReady", "@eu-*")))
        case 6:
            grid.sort_by(chance.choice(("name", "status", "age", "")))
        case 7:
            chance.choice((grid.toggle_mark, grid.mark_range, grid.clear_marks, grid.choose))()


def _with(row: Any, **said: Any) -> Any:
    found = getattr(row, "row", row)
    return machine(**{name: getattr(found, name) for name in found.__struct_fields__} | said)
