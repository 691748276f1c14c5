"""The alerts of a fleet, polled: what is seen, what is never believed, and that nobody is asked for nothing."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.evidence import AlertmanagerSays, Origin, Posted
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.merge import Evidence, Memory, Reading, merge
from fleetui.model.alerts.mesh import NO_MESH
from fleetui.model.alerts.pipeline import Level, Rhythm
from fleetui.model.alerts.silence import Silence
from fleetui.model.fault import ClusterError
from fleetui.model.health import series
from fleetui.observe import alert_board
from fleetui.observe.alert_board import AlertBoard
from fleetui.observe.alert_sources import EVERY_S, PATIENCE_S, AlertSources
from fleetui.observe.alert_watch import FIRST_S, SOON_S
from fleetui.observe.board import Boards
from fleetui.ports.metrics import MetricsError
from tests.model.alerts.samples import DOWN, posted
from tests.observe.virtual_clock import VirtualClock, settle

RHYTHM = Rhythm(evaluate_s=5.0, resend_s=10.0)
FIRES = {"alertname": "Broken", "cluster": "eu-1", "severity": "critical"}
WAITS = {"alertname": "Filling", "cluster": "eu-1", "severity": "warning"}


@dataclass
class Prometheus:
    """Answers with the alerts of one rule each, evaluated just now."""

    clock: VirtualClock
    name: str = "prom"
    firing: list[dict[str, str]] = field(default_factory=list)
    pending: list[dict[str, str]] = field(default_factory=list)
    hangs: bool = False
    slow_s: float = 0.0
    asked: int = 0
    closed: bool = False
    since: float = 0.0

    def __post_init__(self) -> None:
        self.since = self.clock.now() - 60

    async def rules(self) -> series.Rules:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.slow_s:
            await self.clock.sleep(self.slow_s)
        now = self.clock.now()
        states = [(said, "firing") for said in self.firing] + [(said, "pending") for said in self.pending]
        rules = tuple(self._rule(said, state) for said, state in states) or (self._rule({}, ""),)
        return series.Rules(rules, series.Reply(self.name, now, now))

    def _rule(self, said: dict[str, str], state: str) -> series.Rule:
        alerts = (series.Alert(label_set(said), (), state, self.since, 7.0),) if said else ()
        return series.Rule(
            name=said.get("alertname", "Calm"),
            kind="alerting",
            query="up == 0",
            group="g",
            file="f",
            interval_s=5.0,
            hold_s=300.0,
            last_evaluation=self.clock.now() - 1,
            alerts=alerts,
        )

    async def close(self) -> None:
        self.closed = True


@dataclass
class Alertmanager:
    clock: VirtualClock
    name: str = "am-a"
    posts: list[Posted] = field(default_factory=list)
    kept: list[Silence] = field(default_factory=list)
    down: bool = False
    watchdog: bool = True
    watchdog_at: float | None = None
    """When it was last sent; None is just now."""
    breaks: bool = False
    asked: int = 0

    async def alerts(self) -> AlertmanagerSays:
        self.asked += 1
        now = self.clock.now()
        if self.breaks:
            raise ZeroDivisionError
        if self.down:
            return AlertmanagerSays(self.name, now, fault=DOWN)
        sent = now - 2 if self.watchdog_at is None else self.watchdog_at
        dog = posted(label_set({"alertname": "Watchdog", "severity": "none"}), updated_at=sent)
        told = [msgspec.structs.replace(post, updated_at=now - 2) for post in self.posts]
        return AlertmanagerSays(self.name, now, (*told, *([dog] if self.watchdog else [])))

    async def silences(self) -> SilencesSaid:
        return SilencesSaid(self.name, self.clock.now(), tuple(self.kept))


class Scene:
    """A board and its sources."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.prometheus = Prometheus(clock)
        self.pair = (Alertmanager(clock, "am-a"), Alertmanager(clock, "am-b"))
        self.opened = 0
        self.refuses: ClusterError | None = None
        self.board = AlertBoard(self._open, clock=clock, chance=random.Random(3), rhythm=RHYTHM)
        self.boards = Boards(clock)
        self.boards.add("alerts", lambda: self.board)

    def _open(self) -> AlertSources:
        self.opened += 1
        if self.refuses is not None:
            raise self.refuses
        alerting = SimpleNamespace(members=self.pair, close=_nothing, statuses=_nothing, meshes=NO_MESH)
        return AlertSources(((Origin("prom"), cast(Any, self.prometheus)),), cast(Any, alerting))

    def fire(self, *, of: str = "Broken") -> None:
        said = FIRES | {"alertname": of}
        self.prometheus.firing.append(said)
        for one in self.pair:
            one.posts.append(posted(label_set(said), fingerprint=of))

    def end(self) -> None:
        self.prometheus.firing.clear()
        for one in self.pair:
            one.posts.clear()

    def row(self, name: str = "Broken") -> Alert | None:
        rows = [row for _, row in self.board.rows.snapshot() if row.name == name]
        assert len(rows) < 2, rows
        return rows[0] if rows else None

    def phase(self, name: str = "Broken") -> Phase | None:
        row = self.row(name)
        return row.phase if row is not None else None

    async def until(self, happened: Callable[[], bool], *, within: float = 120.0) -> float:
        return await self.clock.until(happened, within=within, step=0.25)


async def _nothing() -> None:
    pass


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with looking(Scene(VirtualClock())) as made:
        yield made
    assert made.prometheus.closed


@asynccontextmanager
async def looking(scene: Scene) -> AsyncIterator[Scene]:
    work = asyncio.create_task(scene.boards.run())
    scene.boards.look(["alerts"])
    yield scene
    work.cancel()
    await asyncio.wait({work})


async def test_what_fires_and_what_waits_is_seen_from_both_sources(scene: Scene) -> None:
    scene.fire()
    scene.prometheus.pending.append(WAITS)
    await settle()
    row, waits = scene.row(), scene.row("Filling")
    assert row is not None
    assert (row.phase, row.value, row.sources) == (Phase.FIRING, 7.0, ("am-a", "am-b", "prom"))
    assert waits is not None
    assert (waits.phase, waits.sources) == (Phase.PENDING, ("prom",))
    assert scene.board.pipeline is not None
    assert scene.board.pipeline.level is Level.OK
    assert scene.row("Watchdog") is None


async def test_an_ack_is_seen_with_who_and_until_when(scene: Scene) -> None:
    now = scene.clock.now()
    silence = Silence("s-1", (), now - 5, now + 900, "ana", "ACK! disk")
    for one in scene.pair:
        one.kept.append(silence)
        one.posts.append(posted(label_set(FIRES), fingerprint="f", silenced_by=("s-1",)))
    await settle()
    row = scene.row()
    assert row is not None
    assert (row.hush, row.ack and row.ack.by) == (Hush.ACKED, "ana")
    assert scene.board.silences == {"s-1": silence}


async def test_what_ends_under_a_living_pipeline_is_resolved(scene: Scene) -> None:
    scene.fire()
    await settle()
    scene.end()
    await scene.until(lambda: scene.phase() is Phase.RESOLVED, within=2 * EVERY_S + 1)


async def test_what_vanishes_while_prometheus_hangs_is_unknown_and_never_resolved(scene: Scene) -> None:
    scene.fire()
    await settle()
    scene.prometheus.hangs = True
    for one in scene.pair:
        one.posts.clear()
        one.watchdog_at = scene.clock.now()
    seen: set[Phase | None] = set()

    def known() -> bool:
        seen.add(scene.phase())
        pipeline = scene.board.pipeline
        return scene.phase() is Phase.UNKNOWN and pipeline is not None and pipeline.level is Level.DEAD

    await scene.until(known)
    await scene.clock.advance(600)
    row = scene.row()
    assert row is not None
    assert row.phase is Phase.UNKNOWN
    assert row.ended_at is not None
    assert Phase.RESOLVED not in seen

    scene.prometheus.hangs = False
    for one in scene.pair:
        one.posts.append(posted(label_set(FIRES), fingerprint="Broken"))
        one.watchdog_at = None
    await scene.until(lambda: scene.phase() is Phase.FIRING)


async def test_one_alertmanager_of_two_down_costs_no_alert_and_is_said(scene: Scene) -> None:
    scene.fire()
    await settle()
    scene.pair[1].down = True
    await scene.until(lambda: "am-b" not in _sources(scene.row()))
    assert scene.phase() is Phase.FIRING
    assert scene.board.pipeline is not None
    assert [trouble.what for trouble in scene.board.pipeline.troubles] == ["Alertmanager am-b: refused"]


async def test_all_alertmanagers_down_says_that_nobody_knows_who_is_told(scene: Scene) -> None:
    scene.fire()
    for one in scene.pair:
        one.down = True
    await settle()
    row = scene.row()
    assert row is not None
    assert (row.phase, row.hush) == (Phase.FIRING, Hush.UNKNOWN)
    assert scene.board.pipeline is not None
    assert scene.board.pipeline.level is Level.DEAD


async def test_a_late_watchdog_is_amber_then_red_by_time_alone(scene: Scene) -> None:
    await settle()
    for one in scene.pair:
        one.watchdog_at = scene.clock.now()
    levels: list[Level] = []

    def dead() -> bool:
        assert scene.board.pipeline is not None
        levels.append(scene.board.pipeline.level)
        return levels[-1] is Level.DEAD

    took = await scene.until(dead)
    assert RHYTHM.dead_after_s <= took <= RHYTHM.dead_after_s + 2 * EVERY_S
    assert list(dict.fromkeys(levels)) == [Level.OK, Level.LATE, Level.DEAD]


async def test_a_source_that_hangs_delays_the_first_picture_by_a_moment_only(scene: Scene) -> None:
    scene.fire()
    scene.prometheus.hangs = True
    took = await scene.until(lambda: scene.board.pipeline is not None)
    assert took <= FIRST_S + 0.5
    assert scene.phase() is Phase.FIRING
    assert scene.board.pipeline is not None
    assert scene.board.pipeline.failed == {"prom"}
    assert scene.board.pipeline.level is Level.UNKNOWN, "slow is not dead"

    took = await scene.until(lambda: scene.board.pipeline is not None and scene.board.pipeline.level is Level.DEAD)
    assert took <= PATIENCE_S


async def test_whose_first_answer_comes_a_little_late_is_in_the_picture_at_once(scene: Scene) -> None:
    scene.fire()
    scene.prometheus.slow_s = FIRST_S + SOON_S / 2
    await scene.clock.advance(FIRST_S + SOON_S / 4)
    assert _sources(scene.row()) == ("am-a", "am-b")
    await scene.clock.advance(SOON_S)
    assert _sources(scene.row()) == ("am-a", "am-b", "prom")


async def test_a_defect_in_reading_one_source_is_its_fault_alone(scene: Scene) -> None:
    scene.fire()
    scene.pair[0].breaks = True
    await settle()
    assert scene.phase() is Phase.FIRING
    assert scene.board.pipeline is not None
    assert scene.board.pipeline.failed == {"am-a"}


async def test_nobody_is_asked_while_nobody_looks_and_the_rows_stay(scene: Scene) -> None:
    scene.fire()
    await settle()
    scene.boards.look([])
    await settle()
    asked = (scene.prometheus.asked, scene.pair[0].asked)
    await scene.clock.advance(600)
    assert (scene.prometheus.asked, scene.pair[0].asked) == asked
    assert scene.phase() is Phase.FIRING

    scene.boards.look(["alerts"])
    await settle()
    assert scene.prometheus.asked == asked[0] + 1
    assert scene.phase() is Phase.FIRING
    assert scene.opened == 1


async def test_a_thread_of_an_earlier_look_writes_into_nothing_that_a_later_one_reads(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not waited for when nobody looks any more."""
    memories: list[object] = []

    def recorded(evidence: Evidence, reading: Reading, memory: Memory) -> tuple[Alert, ...]:
        memories.append(memory)
        return merge(evidence, reading, memory)

    monkeypatch.setattr(alert_board, "merge", recorded)
    scene.fire()
    await scene.until(lambda: len(memories) > 1)
    earlier = set(map(id, memories))
    assert len(earlier) == 1
    scene.boards.look([])
    await settle()
    drawn = len(memories)
    scene.boards.look(["alerts"])
    await scene.until(lambda: len(memories) > drawn)
    assert id(memories[-1]) not in earlier


async def test_each_source_is_asked_about_every_five_seconds(scene: Scene) -> None:
    await scene.clock.advance(60)
    for asked in (scene.prometheus.asked, scene.pair[0].asked, scene.pair[1].asked):
        assert 60 / EVERY_S <= asked <= 60 / (0.9 * EVERY_S) + 1


async def test_sources_are_asked_together_and_make_one_picture(scene: Scene) -> None:
    scene.fire()
    scene.prometheus.slow_s = FIRST_S / 2
    await scene.clock.advance(1)
    told: list[int] = []
    feed = scene.board.rows.subscribe(lambda: told.append(len(feed.take().upserts)))
    feed.take()
    scene.fire(of="Other")
    await scene.until(lambda: scene.row("Other") is not None, within=EVERY_S + 1)
    assert _sources(scene.row("Other")) == ("am-a", "am-b", "prom"), "no picture without the slower one"
    assert told == [1]


async def test_a_hanging_source_is_given_up_and_asked_again(scene: Scene) -> None:
    scene.prometheus.hangs = True
    await scene.clock.advance(2 * PATIENCE_S + 1)
    assert scene.prometheus.asked == 3


async def test_readers_hear_of_changes_alone(scene: Scene) -> None:
    scene.fire()
    await settle()
    woken: list[bool] = []
    feed = scene.board.rows.subscribe(lambda: woken.append(True))
    assert feed.take().reset
    await scene.clock.advance(30)
    assert not woken
    scene.fire(of="Other")
    await scene.until(lambda: bool(woken))
    assert [row.name for _, row in feed.take().upserts] == ["Other"]


async def test_sources_that_cannot_be_opened_are_a_dead_pipeline_with_the_remedy() -> None:
    scene = Scene(VirtualClock())
    scene.refuses = ClusterError(DOWN)
    async with looking(scene):
        await settle()
        assert scene.board.pipeline is not None
        (trouble,) = scene.board.pipeline.troubles
        assert (scene.board.pipeline.level, trouble.remedy) == (Level.DEAD, DOWN.remedy)
        scene.refuses = None
        scene.fire()
        await scene.until(lambda: scene.phase() is Phase.FIRING, within=10)


async def test_a_metrics_error_is_the_fault_of_its_source(scene: Scene) -> None:
    async def refused() -> series.Rules:
        raise MetricsError(DOWN)

    scene.prometheus.rules = refused  # type: ignore[method-assign]
    await settle()
    assert scene.board.pipeline is not None
    assert [trouble.what for trouble in scene.board.pipeline.troubles] == ["Prometheus prom: refused"]


async def test_a_storm_is_merged_and_shown_whole(scene: Scene) -> None:
    """Merged in a thread, which virtual time does not wait for."""
    for number in range(1_000):
        scene.fire(of=f"Storm{number}")
    async with asyncio.timeout(20):
        while len(scene.board.rows) < 1_000:
            await settle()
            await asyncio.sleep(0.01)


def _sources(row: Alert | None) -> tuple[str, ...]:
    return row.sources if row is not None else ()
