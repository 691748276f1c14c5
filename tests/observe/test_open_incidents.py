"""The executive board's incidents are those of the journal, as it is when the board is judged."""

import asyncio
import random

import msgspec

from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.incident.record import Closed, Opened
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.metrics_board import FLEET, MetricsBoard
from fleetui.observe.open_incidents import OpenIncidents
from fleetui.observe.panel_boards import judge_fleet
from fleetui.ports.incidents import Load
from tests.console.incident_samples import Journal
from tests.observe.test_metrics_board import Source
from tests.observe.virtual_clock import VirtualClock, settle


class Damaged(Journal):
    """Its second line cannot be read."""

    def load(self, place: int = 0) -> Load:
        return msgspec.structs.replace(super().load(place), damage=("line 2",) if not place else ())


async def test_what_cannot_be_read_of_the_journal_is_told_with_the_rest_and_stays_told() -> None:
    journal = Damaged([opened("1", 0.0), opened("2", 0.0)])
    incidents = OpenIncidents(journal, clock=VirtualClock())
    for _ in range(2):
        await incidents.look()
        assert (len(incidents.opened.incidents), incidents.opened.damage) == (2, "line 2")


def opened(incident: str, at: float) -> Opened:
    return Opened(incident=incident, at=at, by="ana", console="c1", title=f"incident {incident}", symptom=at)


async def test_what_people_begin_and_close_is_counted_with_the_next_verdict() -> None:
    clock, journal = VirtualClock(), Journal()
    incidents = OpenIncidents(journal, clock=clock)
    board = MetricsBoard(
        names=("a", "b"),
        sources={"central": (Source(clock), MetricsConfig())},
        judge=judge_fleet("executive", lambda: incidents.opened),
        clock=clock,
        chance=random.Random(7),
        besides=incidents.look,
    )

    def row() -> FleetFigure:
        found: FleetFigure = board.rows.part(FLEET)["incidents"]
        return found

    async def judged(said: str) -> None:
        """The journal is read in a thread of its own, which knows no virtual time."""
        for _ in range(1_000):
            if FLEET in board.rows.parts() and row().word == said:
                return
            await clock.advance(1)
            await asyncio.to_thread(lambda: None)
        raise AssertionError(f"{row().word}, not {said}")

    task = asyncio.create_task(board.watch())
    await settle()
    try:
        await judged("none open")
        journal.append([opened("1", clock.now()), opened("2", clock.now())])
        await judged("2 open")
        journal.append([Closed(incident="1", at=clock.now(), by="ana", console="c1", summary="done")])
        await judged("1 open")
        assert row().told[0].startswith("incident 2")
    finally:
        task.cancel()
        await asyncio.wait({task})
        await board.close()
