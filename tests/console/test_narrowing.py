"""A filter that hides rows is in sight on every table, at every size, with what is left and the key that drops it."""

import re

import pytest

from fleetui.console.app import SCREENS
from fleetui.console.glyphs import UNICODE
from fleetui.console.ink import plain, width
from fleetui.console.narrowing import Narrowing, narrowing_line
from fleetui.console.screens.silences import SilencesScreen
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.observe.table import Table
from tests.console.alert_samples import ALERTS, FROZEN, STANDINGS, alert, hush, ring, tell
from tests.console.samples import fill
from tests.console.test_alerts_screen import opened
from tests.console.test_table_keys import said
from tests.console.waiting import until
from tests.console.world import World

SMALL = (80, 24)
TABLES = sorted(set(SCREENS) - {"lens", "incident"})
LONG = "@prod-east-2 name=KubePodCrashLooping"
NOBODY = "@prod-east-2 word-that-stands-in-no-row"


def told(cells: int, **more: object) -> str:
    narrowing = Narrowing(**{"shown": 9, "total": 1237, "query": "@prod-east-2", **more})  # type: ignore[arg-type]
    found = narrowing_line(narrowing, key="esc", glyphs=UNICODE, cells=cells)
    assert width(found) <= cells
    return plain(found).strip()


@pytest.mark.parametrize(
    ("cells", "more", "wanted"),
    [
        (100, {"order": "age"}, "/@prod-east-2  9 of 1,237  esc clears  by age"),
        (40, {"order": "age"}, "/@prod-east-2  9 of 1,237  esc clears"),
        (30, {}, "/@prod-east-2  9/1,237  esc"),
        (40, {"query": LONG}, "/@prod-east-2 name=KubeP…  9/1,237  esc"),
        (24, {"query": LONG, "faults": True}, "faults /…  9/1,237  esc"),
        (80, {"faults": True, "query": ""}, "faults only  9 of 1,237  esc clears"),
        (80, {"unknown": 3}, "/@prod-east-2  9 of 1,237  ? 3 unknown  esc clears"),
        (40, {"unknown": 3}, "/@prod-east-2  9/1,237+3?  esc"),
        (80, {"marks": 4, "hidden": 2, "hidden_by": "the filter"},
         "/@prod-east-2  9 of 1,237  esc clears  ◆ 4 marked, 2 hidden by the filter"),
        (41, {"marks": 4, "hidden": 2, "hidden_by": "the filter"}, "/@prod-east-2  9/1,237  esc  ◆ 2 hidden"),
    ],
)  # fmt: skip
def test_what_hides_rows_is_said_in_as_many_words_as_there_is_room_for(
    cells: int, more: dict[str, object], wanted: str
) -> None:
    assert told(cells, **more) == wanted.replace("◆", UNICODE.mark)


@pytest.mark.parametrize("screen", TABLES)
async def test_a_filter_is_in_sight_on_every_table_of_a_small_terminal(screen: str) -> None:
    world = fill(World())
    ring(world, *ALERTS).pipeline = FROZEN
    hush(world, *STANDINGS)
    world.fleet.tables["incidents"] = Table()
    async with world.app(view=View(screen, query=NOBODY)).run_test(size=SMALL) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: "/@prod-east-2 word" in said(app, "trust"))
        assert re.search(r"0(/| of )\d+  esc", said(app, "trust"))
        await pilot.press("escape")
        await until(pilot, lambda: "/@prod" not in said(app, "trust"))
        assert isinstance(app.frame, TableScreen)
        assert app.frame.query_text == ""


async def test_neither_a_dead_pipeline_nor_what_waits_pushes_the_filter_out() -> None:
    world = fill(World())
    ring(world, *ALERTS).pipeline = FROZEN
    async with world.app(view=View("alerts", query="prod-east-1")).run_test(size=SMALL) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: "/prod-east-1" in said(app, "trust"))
        await pilot.press("g", "space", "space")
        await until(pilot, lambda: "2 marked" in said(app, "trust"))
        tell(world, *(alert("KubeAPIDown", name, page=True) for name in ("edge-oslo-01", "edge-lima-02")))
        await until(pilot, lambda: "2 new" in said(app, "trust"))
        line = said(app, "trust")
        assert "2 marked" in line, line
        assert "/prod-east-1" in line
        assert "esc" in line.split("/prod-east-1")[1]


async def test_what_is_hidden_by_a_filter_is_not_said_to_be_none() -> None:
    """Line 2 judges all silences: with none of them in sight it would read as if nothing were muted."""
    world = fill(World())
    ring(world, *ALERTS)
    hush(world, *STANDINGS)
    async with world.app(view=View("silences", query="nothing-like-it")).run_test(size=SMALL) as pilot:
        app = await opened(pilot, world)
        assert isinstance(app.frame, SilencesScreen)
        await until(pilot, lambda: "2 active" in said(app, "trust") and "/nothing-like-it" in said(app, "trust"))
