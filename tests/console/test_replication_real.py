"""PostgreSQL really paused, really cut off and really filling: on the screen and in plain output the right verdict on
the right host, from samples no more than four scrapes after the fault; and a broken link never reads well."""

import asyncio
import json
import math
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from textual.pilot import Pilot

from fleetui.clients.paths import paths_under, shipped_kinds
from fleetui.clients.system import SystemClock
from fleetui.console.app import FleetApp
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.views import View
from fleetui.model.cluster import Health
from fleetui.model.health.replication import Replica
from fleetui.observe.replication import ReplicationBoard
from fleetui.observe.sources import FASTEST_S
from fleetui.wiring.replication import make_board
from fleetui.wiring.session import Session
from tests.bed.health_bed import HealthBed
from tests.console.test_table_keys import started
from tests.console.waiting import until
from tests.console.world import World
from tests.drills.delays import Bound, told

pytestmark = pytest.mark.bed

SCRAPE_S = 1.0
SCRAPES = 4
RATE = Bound(SCRAPES, "scrape", SCRAPE_S, FASTEST_S, "an asking")
SEEN_S = 60.0
"""Until something comes true at all, on a busy machine; a standby looks for its primary again every five seconds."""


def session(home: Path, bed: HealthBed) -> Session:
    """As a user has it: a file that names two sources, of which one scrapes the same as the other."""
    said = {"metrics": {name: {"url": one.url} for name, one in (("a", bed.prometheis.a), ("b", bed.prometheis.b))}}
    paths = paths_under(home)
    paths.config_file.write_text(yaml.safe_dump(said))
    return Session(paths=paths)


class Watched:
    """The board as the screen has it, and the rows of the pair."""

    def __init__(self, bed: HealthBed, board: ReplicationBoard) -> None:
        self._board, self._prometheis = board, bed.prometheis
        self.primary, self.standby = (bed.postgres.exporter(role) for role in ("primary", "standby"))

    def _scrapes(self, instance: str, since: float, until: float) -> int:
        """How many the pair's less busy half made from the one moment to the other, the last of them counted."""
        past = max(1, math.ceil(until - since))
        asked = f'count_over_time(up{{instance="{instance}"}}[{past}s])'
        return min(int(one.query(asked, at=until)[0]["value"][1]) for one in self._prometheis.both)

    def row(self, instance: str) -> Replica | None:
        return next((row for _, row in self._board.rows.snapshot() if row.instance == instance), None)

    async def until(self, instance: str, holds: Callable[[Replica], bool]) -> Replica:
        deadline = time.monotonic() + SEEN_S
        while (row := self.row(instance)) is None or not holds(row):
            assert time.monotonic() < deadline, row and (row.level, row.word, row.reason, row.findings)
            await asyncio.sleep(0.02)
        return row

    async def soon(self, instance: str, word: str, *, since: float) -> Replica:
        """The verdict, from a sample of the four scrapes after ``since`` (Unix seconds): of those that were made, as a
        busy machine scrapes late."""
        row = await self.until(instance, lambda row: row.word == word)
        assert row.sampled_at is not None
        assert await asyncio.to_thread(self._scrapes, instance, since, row.sampled_at) <= SCRAPES
        told(f"replication: {word}", "scraped", row.word, time.time() - since, RATE)
        return row


def made(said: Session) -> ReplicationBoard:
    return make_board(said, clock=SystemClock(), chance=random.Random(7))


@asynccontextmanager
async def watched(bed: HealthBed, board: ReplicationBoard) -> AsyncIterator[Watched]:
    """In the app's context where there is one, as the session's fleet is."""
    task = asyncio.create_task(board.watch())
    try:
        deadline = time.monotonic() + SEEN_S
        while not board.settled:
            assert time.monotonic() < deadline, board.waiting
            await asyncio.sleep(0.02)
        yield Watched(bed, board)
    finally:
        task.cancel()
        await asyncio.wait({task})
        await board.close()


async def plain(said: Session, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The program as a user starts it."""
    command = [sys.executable, "-m", "fleetui", "--config", str(said.paths.config_file), "get", "replication"]
    return await asyncio.to_thread(
        subprocess.run,
        [*command, *arguments],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def printed(said: Session, instance: str, **wanted: object) -> dict[str, Any]:
    """The row, once it has what is wanted: a late scrape is stale for a moment."""
    deadline = time.monotonic() + SEEN_S
    while True:
        answer = await plain(said, "-o", "json")
        assert answer.returncode == 0, answer.stderr
        found: dict[str, Any] = next(row for row in json.loads(answer.stdout) if row["name"] == instance)
        if wanted.items() <= found.items():
            return found
        assert time.monotonic() < deadline, (wanted, found)


def drawn(app: FleetApp, instance: str) -> str:
    """The row's line on the screen."""
    grid = app.frame.query_one(Grid)
    lines = (grid.render_line(y).text for y in range(grid.size.height))
    return next((line for line in lines if instance in line), "")


async def inspected(pilot: Pilot[int], app: FleetApp, row: Replica) -> str:
    """The inspector's words about it, wherever its lines break."""
    app.frame.query_one(Grid).go_to(row.id)
    page = app.frame.query_one("#inspector", Page)
    await until(pilot, lambda: page.text.startswith(row.instance) and row.word in page.text)
    return " ".join(page.text.split())


async def test_what_befalls_replication_is_on_the_screen_and_in_plain_output(
    health_bed: HealthBed, tmp_path: Path
) -> None:
    bed, said, world = health_bed.postgres, session(tmp_path, health_bed), World()
    board = made(said)
    world.fleet.tables["replication"] = board.rows  # type: ignore[assignment]
    async with world.app(view=View("replication")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        async with watched(health_bed, board) as pair:
            row = await pair.until(pair.standby, lambda row: row.level is Health.CALM)
            assert (row.word, row.lag_s, row.backlog, row.link.value) == ("in step", 0, 0, "up")
            await until(pilot, lambda: "in step" in drawn(app, pair.standby) and " 0 s" in drawn(app, pair.standby))
            found = await printed(said, pair.standby, health="calm", lagSeconds=0)
            assert (found["role"], found["link"], found["cluster"], found["kind"]) == (
                "replica",
                "up",
                "eu-1",
                "postgres",
            )

            await asyncio.to_thread(bed.pause_replay)
            await asyncio.to_thread(bed.write, 24)
            row = await pair.soon(pair.standby, "lagging", since=time.time())
            assert row.link.value == "up"
            await pair.until(pair.standby, lambda row: row.lag_how == "at most")
            assert (row.backlog or 0) > 16 * 2**20
            await until(pilot, lambda: "lagging" in drawn(app, pair.standby) and "MiB" in drawn(app, pair.standby))
            assert "pg_is_wal_replay_paused" in await inspected(pilot, app, row)
            found = await printed(said, pair.standby, state="lagging", lagMeans="at most")
            assert found["lagSeconds"] > 0
            await asyncio.to_thread(bed.resume_replay)
            await asyncio.to_thread(bed.wait_streaming)
            await pair.until(pair.standby, lambda row: row.level is Health.CALM)

            await asyncio.to_thread(bed.break_link)
            broken_at = time.time()
            await asyncio.to_thread(bed.write, 2)
            row = await pair.soon(pair.standby, "link broken", since=broken_at)
            assert row.level is Health.BROKEN
            await _never_well(pair, bed.write)
            await until(pilot, lambda: "link broken" in drawn(app, pair.standby))
            assert " 0 s" not in drawn(app, pair.standby)
            text = await inspected(pilot, app, row)
            assert "pg_stat_wal_receiver" in text
            assert "nobody knows how long" in text
            await printed(said, pair.standby, health="broken", link="broken", lagSeconds=None)
            assert "link broken" in (await plain(said, "state='link broken'")).stdout
            await asyncio.to_thread(bed.mend_link)
            await pair.until(pair.standby, lambda row: row.level is Health.CALM)

            await asyncio.to_thread(bed.add_slot, "forgotten")
            await asyncio.to_thread(bed.write, 80)
            row = await pair.soon(pair.primary, "slot filling", since=time.time())
            assert "forgotten" in row.reason
            await until(pilot, lambda: "slot filling" in drawn(app, pair.primary))
            assert "forgotten" in await inspected(pilot, app, row)
            found = await printed(said, pair.primary, role="primary", state="slot filling")
            assert "forgotten" in found["reason"]
            assert found["step"]


async def test_what_the_primary_lists_is_enough_and_ones_own_file_says_so(
    health_bed: HealthBed, tmp_path: Path
) -> None:
    """The exporter's collector of receivers is off by default: then the primary's word counts."""
    bed, said = health_bed.postgres, session(tmp_path, health_bed)
    standby = bed.exporter("standby")
    said.paths.kinds.mkdir()
    kind = yaml.safe_load((shipped_kinds() / "postgres.yaml").read_text())
    del kind["link"]["own"], kind["link"]["before"]
    (said.paths.kinds / "mine.yaml").write_text(yaml.safe_dump(kind))
    await printed(said, standby, health="calm", linkEvidence="the primary sends to it")
    await asyncio.to_thread(bed.break_link)
    for one in health_bed.prometheis.both:
        await asyncio.to_thread(one.until_value, "count(pg_stat_replication_pg_wal_lsn_diff) or vector(0)", 0)
    found = await printed(said, standby, health="broken", state="link broken", lagSeconds=None)
    assert found["linkEvidence"] == "the primary sends to nobody who could be it"


async def _never_well(pair: Watched, write: Callable[[float], None]) -> None:
    """Over the next three samples, while the primary writes."""
    before = pair.row(pair.standby)
    assert before is not None
    assert before.sampled_at is not None
    seen = before.sampled_at
    while seen < before.sampled_at + 3 * SCRAPE_S:
        await asyncio.to_thread(write, 1)
        row = pair.row(pair.standby)
        assert row is not None
        assert (row.level, row.lag_s) == (Health.BROKEN, None)
        seen = row.sampled_at or seen
        await asyncio.sleep(0.05)


async def test_a_dead_exporter_a_dead_primary_and_a_frozen_prometheus_leave_nothing_calm(
    health_bed: HealthBed, tmp_path: Path
) -> None:
    bed, board = health_bed.postgres, made(session(tmp_path, health_bed))
    async with watched(health_bed, board) as pair:
        await pair.until(pair.standby, lambda row: row.level is Health.CALM)

        await asyncio.to_thread(bed.kill, "standby-exporter")
        row = await pair.until(pair.standby, lambda row: row.level is Health.UNKNOWN)
        assert (row.word, row.lag_s) == ("silent", None)
        assert "refused" in (await pair.until(pair.standby, lambda row: "refused" in row.reason)).reason
        await asyncio.to_thread(bed.restart, "standby-exporter")
        await pair.until(pair.standby, lambda row: row.level is Health.CALM)

        health_bed.prometheis.a.freeze()
        kept = await pair.until(pair.standby, lambda row: row.source == "b")
        assert kept.level is Health.CALM, "the twin still scrapes"
        health_bed.prometheis.b.freeze()
        await pair.until(pair.standby, lambda row: row.level is Health.UNKNOWN)
        await pair.until(pair.primary, lambda row: row.level is Health.UNKNOWN)
