"""A list that somebody chooses from: nothing moves under the hand, and nothing that waits is forgotten."""

from typing import Any

import msgspec
from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.freezing import LOOKED_AT, Held
from fleetui.console.grid import Grid
from fleetui.model.picture import Delta
from tests.console.alert_samples import ACKED, ALERTS, NO_LEADER, alert, ring, tell
from tests.console.samples import fill
from tests.console.test_alerts_screen import HERE, opened, shown
from tests.console.test_table_keys import said
from tests.console.waiting import until
from tests.console.world import World

SHOWN = {"a": 1, "b": 2}


def held() -> Held:
    """Of a list of ``a`` and ``b``, whose rows stay in place while their number keeps its sign."""
    return Held(is_shown=SHOWN.__contains__, stays=lambda row_id, row: row_id in SHOWN and (row > 0))


def upsert(**rows: Any) -> Delta[Any]:
    return Delta(upserts=tuple(rows.items()))


def test_what_stays_in_its_place_is_shown_at_once_and_the_rest_waits() -> None:
    waiting = held()
    assert waiting.sift(upsert(a=7, b=-1, c=3)) == upsert(a=7)
    assert (waiting.fresh, waiting.moved) == ((3,), 1)
    assert waiting.release() == upsert(b=-1, c=3)
    assert not waiting
    assert waiting.release() == Delta()


def test_the_newest_word_about_a_row_counts() -> None:
    waiting = held()
    waiting.sift(upsert(b=-1, c=3))
    assert waiting.sift(upsert(b=5, c=4)) == upsert(b=5), "back at its place"
    assert waiting.release() == upsert(c=4)


def test_what_is_gone_stays_until_it_may_move_rows_and_what_never_was_there_is_forgotten() -> None:
    waiting = held()
    waiting.sift(upsert(c=3))
    assert waiting.sift(Delta(removes=("a", "c"))) == Delta()
    assert (waiting.fresh, waiting.moved) == ((), 1)
    assert waiting.sift(upsert(a=9)) == upsert(a=9), "it has come back"
    assert not waiting


def test_a_list_that_begins_anew_is_never_held() -> None:
    waiting = held()
    waiting.sift(upsert(c=3))
    anew: Delta[Any] = Delta(upserts=(("d", 1),), reset=True)
    assert waiting.sift(anew) is anew
    assert not waiting


def test_in_a_storm_what_nobody_has_time_to_place_waits() -> None:
    waiting = Held(is_shown=lambda _: True, stays=lambda _row_id, _row: True)
    storm: Delta[Any] = Delta(upserts=tuple((str(number), number) for number in range(LOOKED_AT + 3)))
    assert len(waiting.sift(storm).upserts) == LOOKED_AT
    assert waiting.moved == 3
    assert [row for _, row in waiting.release().upserts] == [LOOKED_AT, LOOKED_AT + 1, LOOKED_AT + 2]


NEW_PAGE = alert("KubeAPIDown", "prod-east-2", page=True)


async def marked(pilot: Pilot[int], world: World) -> FleetApp:
    """One alert is marked."""
    app = await opened(pilot, world)
    await until(pilot, lambda: len(shown(app)) == len(ALERTS))
    await pilot.press("j", "space")
    await until(pilot, lambda: "1 marked" in said(app, "trust"))
    return app


async def test_while_marks_are_there_new_pages_wait_and_are_told_and_a_full_stop_shows_them() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await marked(pilot, world)
        before = shown(app)
        tell(world, NEW_PAGE)
        await until(pilot, lambda: "1 new, 1 page  . resumes" in said(app, "trust"))
        assert shown(app) == before
        await pilot.press("full_stop")
        await until(pilot, lambda: NEW_PAGE.name in shown(app))
        assert "resumes" not in said(app, "trust")
        assert app.frame.query_one(Grid).marks, "what was marked stays so"


async def test_it_is_said_at_80_cells_too() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(80, 24)) as pilot:
        app = await marked(pilot, world)
        tell(world, NEW_PAGE)
        await until(pilot, lambda: "1 marked  1 new, 1 page  . resumes" in said(app, "trust"))
        assert "2 page" in said(app, "where"), "what is loud is still counted"


async def test_without_marks_it_waits_for_the_hand_only_and_then_goes_on_by_itself() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(ALERTS))
        await pilot.press("j")
        await until(pilot, lambda: app.frame._touched[0] is not None)  # type: ignore[attr-defined]
        tell(world, NEW_PAGE)
        await until(pilot, lambda: "1 new, 1 page" in said(app, "trust"))
        world.clock.at += 60
        app.frame._settle()  # type: ignore[attr-defined]
        await until(pilot, lambda: NEW_PAGE.name in shown(app))


async def test_a_change_that_moves_nothing_is_seen_at_once() -> None:
    world = fill(World())
    ring(world, *ALERTS)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await marked(pilot, world)
        tell(world, msgspec.structs.replace(NO_LEADER, value=42.0))
        await until(pilot, lambda: any(row.value == 42.0 for row in app.frame.rows.rows()))  # type: ignore[attr-defined]
        tell(world, msgspec.structs.replace(NO_LEADER, hush=ACKED.hush, ack=ACKED.ack, silenced_by=("x",)))
        await until(pilot, lambda: "1 changed  . resumes" in said(app, "trust"))
