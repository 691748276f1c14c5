"""The etcd table over scripted members and sources on a virtual clock: what ages, what stands in, never green."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf

import pytest

from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source
from fleetui.model.health.etcd import Member, Picture, Status
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_pace import Counters
from fleetui.model.health.etcd_promql import QUERIES
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.health.sample import missing, sampled
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.etcd import EtcdBoard
from fleetui.observe.etcd_poll import EVERY_S, RATE_S
from fleetui.observe.questions import Board, Unopened
from tests.observe.virtual_clock import VirtualClock, settle

REFUSED = Fault(FaultKind.REFUSED, "refused", "nothing listens", "start it")
SILENT = Fault(FaultKind.TIMEOUT, "no answer", "no answer within 1 s", "")


class Members:
    """Three members as a test wants them."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.faults: dict[str, Fault] = {}
        self.looks = 0
        self.samples = 0
        self.fsync_s = 0.002
        self.fails = False
        self.hangs = False
        self.closed = False

    async def look(self) -> Picture:
        self.looks += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails:
            raise RuntimeError("a defect")
        now = self._clock.now()
        return Picture("a", at=now, members=tuple(map(self._member, ("m1", "m2", "m3"))), listed_at=now)

    def _member(self, name: str) -> Member:
        now = self._clock.now()
        fault = self.faults.get(name)
        if fault is not None:
            return Member(name, name, missing(fault.word, at=now, source=Source.POLLED), fault=fault)
        said = Status("3.6.16", "m1", term=2, index=100, applied=100, db_size=80, db_in_use=40, quota=200)
        return Member(name, name, sampled(said, at=now, source=Source.POLLED))

    async def counters(self) -> dict[str, Counters | Fault]:
        """One fsync a second, each as slow as ``fsync_s`` says."""
        self.samples += 1
        now = self._clock.now()
        said = Counters(at=now, fsync=((self.fsync_s / 2, 0.0), (self.fsync_s, now), (inf, now)))
        return {name: self.faults.get("metrics", said) for name in ("m1", "m2", "m3")}

    async def close(self) -> None:
        self.closed = True


class Bench:
    def __init__(self, **sources: tuple[Unopened, MetricsConfig]) -> None:
        self.clock = VirtualClock()
        self.members = Members(self.clock)
        self.board = EtcdBoard(
            names=("a", "b"),
            members={"a": lambda: self.members},  # type: ignore[dict-item, return-value]
            sources=sources,
            clock=self.clock,
            chance=random.Random(7),
        )

    def row(self, name: str = "a") -> EtcdState:
        row: EtcdState = self.board.rows.part(name)[name]
        return row

    async def until(self, holds: Callable[[EtcdState], bool], *, within_s: float) -> EtcdState:
        """Lets virtual time pass until the row is so."""
        deadline = self.clock.now() + within_s
        while not holds(self.row()):
            assert self.clock.now() < deadline, self.row().word
            await self.clock.advance(0.5)
        return self.row()

    @asynccontextmanager
    async def watched(self) -> AsyncIterator["Bench"]:
        task = asyncio.create_task(self.board.watch())
        await settle()
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait({task})
            await self.board.close()


async def test_nobody_is_asked_until_somebody_looks() -> None:
    bench = Bench()
    await bench.clock.advance(30)
    assert bench.members.looks == 0
    async with bench.watched():
        assert bench.members.looks == 1
        row = bench.row()
        assert (row.level, row.word, row.settled, row.leader) == (Health.CALM, "can lose 1", True, "m1")
    asked = bench.members.looks
    await bench.clock.advance(60)
    assert bench.members.looks == asked
    assert bench.members.closed


async def test_a_dead_member_is_told_within_one_poll() -> None:
    async with Bench().watched() as bench:
        bench.members.faults["m3"] = REFUSED
        row = await bench.until(lambda row: row.up == 2, within_s=EVERY_S)
        assert row.margin is not None
        assert (row.margin.can_lose, row.level, row.bad) == (0, Health.WARNING, ("m3",))


async def test_a_lost_quorum_is_told_within_one_poll() -> None:
    async with Bench().watched() as bench:
        bench.members.faults |= {"m2": REFUSED, "m3": REFUSED}
        row = await bench.until(lambda row: row.level is Health.BROKEN, within_s=EVERY_S)
        assert (row.word, row.bad) == ("quorum lost", ("m2", "m3"))


async def test_members_that_hang_for_ever_grow_stale_and_unknown() -> None:
    async with Bench().watched() as bench:
        heard = bench.row().sampled_at
        bench.members.hangs = True
        row = await bench.until(lambda row: row.word.startswith("stale"), within_s=6 * EVERY_S)
        assert row.level is Health.UNKNOWN
        assert row.sampled_at == heard


async def test_silence_keeps_the_time_when_a_member_was_last_heard() -> None:
    async with Bench().watched() as bench:
        heard = bench.row().sampled_at
        bench.members.faults |= dict.fromkeys(("m1", "m2", "m3"), SILENT)
        row = await bench.until(lambda row: row.up is None, within_s=EVERY_S)
        assert row.level is not Health.CALM
        assert row.sampled_at == heard


async def test_a_defect_in_a_look_does_not_end_the_poll() -> None:
    async with Bench().watched() as bench:
        bench.members.fails = True
        await bench.clock.advance(3 * EVERY_S)
        bench.members.fails = False
        bench.members.faults["m3"] = REFUSED
        await bench.until(lambda row: row.up == 2, within_s=EVERY_S)


async def test_who_looks_once_waits_for_two_samples_and_sees_a_slow_disk() -> None:
    bench = Bench()
    bench.members.fsync_s = 0.06
    bench.board.hasten()
    async with bench.watched():
        assert (bench.members.samples, bench.board.settled) == (1, False)
        assert bench.row().unmeasured == ("m1: one sample", "m2: one sample", "m3: one sample")
        row = await bench.until(lambda row: row.settled, within_s=RATE_S + 1)
        assert bench.members.samples == 2
        assert (row.level, row.findings[0].about, row.unmeasured) == (Health.WARNING, About.SLOW_DISK, ())


async def test_who_looks_once_does_not_wait_for_metrics_that_nobody_gives() -> None:
    bench = Bench()
    bench.members.faults["metrics"] = REFUSED
    bench.board.hasten()
    async with bench.watched():
        row = await bench.until(lambda row: row.settled, within_s=RATE_S + 1)
        assert (bench.members.looks, bench.members.samples) == (2, 2)
        assert row.unmeasured == ("m1: refused", "m2: refused", "m3: refused")


async def test_who_looks_once_takes_no_lost_second_for_silence() -> None:
    bench = Bench()
    bench.members.faults = dict.fromkeys(("m1", "m2", "m3"), SILENT)
    bench.board.hasten()
    async with bench.watched():
        await bench.clock.advance(RATE_S + 0.1)
        assert (bench.members.looks, bench.board.settled) == (2, False)
        bench.members.faults.clear()
        row = await bench.until(lambda row: row.settled, within_s=RATE_S + 1)
        assert (bench.members.looks, row.word) == (3, "can lose 1")


async def test_what_is_not_configured_says_so() -> None:
    async with Bench().watched() as bench:
        row = bench.row("b")
        assert (row.level, row.word, row.margin) == (Health.UNKNOWN, "not configured", None)
        assert "etcd:" in row.remedy


async def test_a_source_that_cannot_be_opened_is_the_reason_of_its_clusters() -> None:
    proxy = Fault(FaultKind.CONFIG, "proxy", "socks is not spoken here", "use another")
    async with Bench(
        thanos=(Unopened("thanos", proxy, Board(QUERIES), MetricsConfig()), MetricsConfig(clusters=("b",)))
    ).watched() as bench:
        row = bench.row("b")
        assert (row.level, row.word) == (Health.UNKNOWN, "proxy")
        assert "socks" in row.reason
        assert bench.row("a").source_name == "direct"


async def test_rows_of_clusters_out_of_focus_go_and_come_back_with_their_age() -> None:
    async with Bench().watched() as bench:
        bench.board.focus(frozenset({"b"}))
        assert set(dict(bench.board.rows.snapshot())) == {"b"}
        asked = bench.members.looks
        await bench.clock.advance(120)
        assert bench.members.looks == asked
        bench.members.hangs = True
        bench.board.focus(frozenset({"a", "b"}))
        assert bench.row().level is not Health.CALM
        assert bench.row().word.startswith("stale")


async def test_a_row_that_says_the_same_is_told_once() -> None:
    async with Bench().watched() as bench:
        before = bench.board.rows.part("b")["b"]
        await bench.clock.advance(20)
        assert bench.board.rows.part("b")["b"] is before


async def test_a_defect_in_the_verdict_is_no_answer_that_is_still_awaited(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> EtcdState:
        raise RuntimeError("a defect")

    monkeypatch.setattr("fleetui.observe.etcd.etcd_state", broken)
    bench = Bench()
    bench.board.focus(frozenset({"a"}))
    assert (bench.row().word, bench.row().level, bench.board.settled) == ("internal error", Health.UNKNOWN, True)
