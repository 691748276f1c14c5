"""Boards are made when somebody looks, watched while somebody looks, and one that fails takes nothing with it."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest

from fleetui.model.machine import Machine
from fleetui.model.picture import Delta
from fleetui.observe.board import AGAIN_S, Boards
from fleetui.observe.fleet import Fleet
from fleetui.observe.table import Table
from tests.observe.fleets import machine
from tests.observe.virtual_clock import VirtualClock, settle


class Scripted:
    """Says what is done with it."""

    def __init__(self) -> None:
        self.rows: Table[Machine] = Table()
        self.said: list[str] = []
        self.leaving = asyncio.Event()
        self.leaving.set()
        self.fails = 0

    async def watch(self) -> None:
        self.said.append("watched")
        if self.fails:
            self.fails -= 1
            raise ZeroDivisionError
        try:
            await asyncio.Event().wait()
        finally:
            await self.leaving.wait()
            self.said.append("let go")

    async def close(self) -> None:
        self.said.append("closed")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
async def boards(clock: VirtualClock) -> AsyncIterator[Boards]:
    made = Boards(clock)
    work = asyncio.create_task(made.run())
    yield made
    work.cancel()
    await asyncio.wait({work})


async def test_a_board_is_made_when_it_is_looked_at_and_watched_no_longer(boards: Boards) -> None:
    made: list[Scripted] = []

    def make() -> Scripted:
        made.append(Scripted())
        return made[-1]

    boards.add("alerts", make)
    await settle()
    assert not made
    boards.look(["alerts", "unheard-of"])
    await settle()
    assert made[0].said == ["watched"]
    boards.look([])
    await settle()
    assert made[0].said == ["watched", "let go"]
    assert boards.board("alerts") is made[0]
    assert boards.board("unheard-of") is None


async def test_what_was_looked_at_before_the_run_is_watched_then_and_closed_in_the_end(clock: VirtualClock) -> None:
    boards, board = Boards(clock), Scripted()
    boards.add("alerts", lambda: board)
    boards.look(["alerts"])
    work = asyncio.create_task(boards.run())
    await settle()
    assert board.said == ["watched"]
    work.cancel()
    await asyncio.wait({work})
    assert board.said == ["watched", "let go", "closed"]


async def test_a_watch_that_still_ends_has_the_board_until_it_has_ended(boards: Boards) -> None:
    board = Scripted()
    board.leaving.clear()
    boards.add("alerts", lambda: board)
    for looked in (["alerts"], [], ["alerts"]):
        boards.look(looked)
        await settle()
    assert board.said == ["watched"]
    board.leaving.set()
    await settle()
    assert board.said == ["watched", "let go", "watched"]


async def test_a_board_that_fails_is_watched_again(boards: Boards, clock: VirtualClock) -> None:
    board = Scripted()
    board.fails = 1
    boards.add("alerts", lambda: board)
    boards.look(["alerts"])
    await settle()
    assert board.said == ["watched"]
    await clock.advance(AGAIN_S)
    assert board.said == ["watched", "watched"]


def test_two_boards_of_one_name_are_an_error(clock: VirtualClock) -> None:
    boards = Boards(clock)
    boards.add("alerts", Scripted)
    with pytest.raises(ValueError, match="two boards named 'alerts'"):
        boards.add("alerts", Scripted)


async def test_a_fleet_watches_its_boards_and_hands_out_their_rows(clock: VirtualClock) -> None:
    fleet, board = Fleet(clock=clock, chance=random.Random(1)), Scripted()
    fleet.add_board("slo", lambda: board)
    work = asyncio.create_task(fleet.run())
    fleet.look(["slo"])
    await settle()
    assert board.said == ["watched"]
    assert fleet.board("slo") is board
    feed = fleet.subscribe("slo")
    assert feed.take().reset
    board.rows.apply("", [("a", machine(1))])
    assert [row_id for row_id, _ in feed.take().upserts] == ["a"]
    work.cancel()
    await asyncio.wait({work})
    assert board.said == ["watched", "let go", "closed"]


def test_a_board_that_the_session_has_not_is_an_empty_table(clock: VirtualClock) -> None:
    fleet = Fleet(clock=clock, chance=random.Random(1))
    assert fleet.board("alerts") is None
    assert fleet.subscribe("alerts").take() == Delta(reset=True)
