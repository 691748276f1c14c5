"""A table of metrics over scripted sources on a virtual clock: asked while looked at, aging, told once."""

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager

import msgspec
import pytest

from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.answers import Answers
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.metrics_board import FLEET, ON_LOOP, POINTS_ON_LOOP, MetricsBoard
from fleetui.observe.panel_boards import CONTROLPLANE, judge_controlplane
from fleetui.observe.questions import Unopened
from tests.model.health.panel_answers import NOW, answers, vector
from tests.observe.virtual_clock import VirtualClock, settle

WELL = {"availability": {"a": 1.0, "b": 1.0}, "errors": {"a": 0.0, "b": 0.0}, "not_ready": {"a": 0.0, "b": 0.0}}


class Source:
    """Says the same each time, as of then, until it is told to hang or to fail."""

    interval_s = 30.0

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.asked = 0
        self.hangs = self.fails = self.closed = False
        self.figures = WELL
        self.takes_s = 0.0

    async def ask(self) -> Answers:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        await self._clock.sleep(self.takes_s)
        if self.fails:
            raise RuntimeError("a defect")
        return _moved(answers(self.figures), self._clock.now() - NOW)

    async def close(self) -> None:
        self.closed = True


async def test_who_says_nothing_of_a_cluster_is_told_from_who_has_nothing_to_say() -> None:
    bench = Bench()
    assert bench.board.doubt("a") == "no answer yet from central"
    assert bench.board.doubt("stranger") == "", "nobody is asked about it"
    watch = asyncio.create_task(bench.board.watch())
    await bench.clock.until(lambda: not bench.board.unheard("a"), within=5)
    assert bench.board.doubt("a") == ""
    await bench.clock.until(lambda: not bench.board.unheard("far"), within=5)
    assert bench.board.doubt("far") == "other: proxy"
    watch.cancel()
    await asyncio.wait({watch})


async def test_a_board_of_whatever_is_told_of_has_heard_of_a_cluster_that_has_nothing() -> None:
    clock = VirtualClock()
    board = MetricsBoard(
        names=None,
        sources={"central": (Source(clock), MetricsConfig())},
        judge=lambda *_: (),
        clock=clock,
        chance=random.Random(7),
    )
    assert board.doubt("a") == "no answer yet from central"
    watch = asyncio.create_task(board.watch())
    await clock.until(lambda: board.doubt("a") == "", within=5)
    watch.cancel()
    await asyncio.wait({watch})


def _moved(said: Answers, by: float) -> Answers:
    """The same answers, received at another time."""
    replies = {}
    for query, reply in said.replies.items():
        assert not isinstance(reply, Fault)
        points = [(point.labels, point.value + (by if query == "seen" else 0.0)) for point in reply.points]
        moved = vector(*points)
        at = msgspec.structs.replace(moved.reply, received_at=NOW + by)
        replies[query] = msgspec.structs.replace(
            moved, points=tuple(msgspec.structs.replace(point, at=NOW + by) for point in moved.points), reply=at
        )
    return msgspec.structs.replace(said, replies=replies)


class Bench:
    def __init__(self, **config: object) -> None:
        self.clock = VirtualClock()
        self.source = Source(self.clock)
        refused = Fault(FaultKind.CONFIG, "proxy", "socks is not spoken here", "use another")
        self.board = MetricsBoard(
            names=("a", "b", "far"),
            sources={
                "central": (self.source, MetricsConfig(clusters=("a", "b"))),
                "other": (
                    Unopened("other", refused, CONTROLPLANE, MetricsConfig(cluster="far")),
                    MetricsConfig(cluster="far"),
                ),
            },
            judge=judge_controlplane,
            clock=self.clock,
            chance=random.Random(7),
        )

    def row(self, name: str) -> PanelRow:
        found: PanelRow = self.board.rows.part(name)[name]
        return found

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


async def test_sources_are_asked_only_while_somebody_looks() -> None:
    bench = Bench()
    await bench.clock.advance(30)
    assert (bench.source.asked, bench.board.settled) == (0, False)
    async with bench.watched():
        assert bench.board.settled
        assert bench.row("a").level is Health.CALM
        await bench.clock.advance(25)
        assert bench.source.asked >= 3
    asked = bench.source.asked
    await bench.clock.advance(60)
    assert bench.source.asked == asked
    assert bench.source.closed


async def test_a_change_at_the_source_is_a_row_within_one_poll() -> None:
    async with Bench().watched() as bench:
        bench.source.figures = WELL | {"errors": {"a": 0.5, "b": 0.0}}
        await bench.clock.advance(11)
        assert (bench.row("a").level, bench.row("b").level) == (Health.BROKEN, Health.CALM)


async def test_a_source_that_hangs_lets_its_rows_grow_stale() -> None:
    async with Bench().watched() as bench:
        bench.source.hangs = True
        await bench.clock.advance(200)
        assert bench.row("a").word.startswith("stale")
        assert bench.row("a").level is Health.UNKNOWN


async def test_a_defect_in_one_source_ends_nothing() -> None:
    async with Bench().watched() as bench:
        bench.source.fails = True
        await bench.clock.advance(30)
        bench.source.fails = False
        bench.source.figures = WELL | {"errors": {"a": 0.5, "b": 0.0}}
        await bench.clock.advance(11)
        assert bench.row("a").level is Health.BROKEN


async def test_what_cannot_be_opened_is_the_reason_of_its_clusters() -> None:
    async with Bench().watched() as bench:
        assert bench.row("far").level is Health.UNKNOWN
        assert bench.row("far").word == "proxy"


async def test_what_is_missing_in_one_source_is_not_laid_at_the_door_of_another() -> None:
    bench = Bench()
    bench.source.figures = {query: {"a": found["a"]} for query, found in WELL.items()}
    async with bench.watched():
        assert (bench.row("b").word, bench.row("a").word) == ("not scraped", "within limits")


async def test_it_is_settled_once_the_rows_hold_every_source_and_not_before() -> None:
    bench = Bench()
    bench.source.takes_s = 3.0
    async with bench.watched():
        assert bench.row("far").word == "proxy"
        assert (bench.board.settled, bench.board.waiting) == (False, frozenset({"central"}))
        await bench.clock.advance(4)
        assert bench.board.settled
        assert bench.row("a").level is Health.CALM


async def test_a_cluster_that_no_source_is_asked_about_has_a_row_that_says_so_before_anything_is_settled() -> None:
    bench = Bench()
    bench.board = MetricsBoard(
        names=("alone",), sources={}, judge=judge_controlplane, clock=bench.clock, chance=random.Random(7)
    )
    before = bench.board.settled
    async with bench.watched():
        assert (before, bench.board.settled) == (False, True)
        assert (bench.row("alone").word, bench.row("alone").level) == ("no source", Health.UNKNOWN)


async def test_nothing_is_said_before_the_first_source_has_answered() -> None:
    bench = Bench()
    bench.source.takes_s = 3.0
    bench.board.focus(frozenset({"a"}))
    async with bench.watched():
        assert bench.board.rows.snapshot() == ()
        await bench.clock.advance(4)
        assert bench.row("a").level is Health.CALM


async def test_a_row_that_no_answer_makes_any_more_is_gone_although_nothing_else_has_changed() -> None:
    bench = Bench()

    def judge(said: Sequence[Answers], _: frozenset[str], __: float) -> Iterable[tuple[str, PanelRow]]:
        figures = {point.label("cluster") for each in said for point in each.points("errors")}
        return [(f"a/{name}", PanelRow("a")) for name in sorted(figures)]

    sources = {"central": (bench.source, MetricsConfig())}
    bench.board = MetricsBoard(names=None, sources=sources, judge=judge, clock=bench.clock, chance=random.Random(7))
    async with bench.watched():
        assert set(bench.board.rows.part("a")) == {"a/a", "a/b"}
        bench.source.figures = {"errors": {"a": 0.0}}
        await bench.clock.advance(11)
        assert set(bench.board.rows.part("a")) == {"a/a"}
        bench.source.figures = {}
        await bench.clock.advance(11)
        assert set(bench.board.rows.part("a")) == set()


async def test_only_the_focused_have_rows_and_only_their_sources_are_asked() -> None:
    bench = Bench()
    bench.board.focus(frozenset({"far"}))
    async with bench.watched():
        assert bench.source.asked == 0
        assert set(dict(bench.board.rows.snapshot())) == {"far"}
        assert bench.board.settled


async def test_rows_of_the_whole_fleet_stay_whoever_is_looked_at() -> None:
    bench = Bench()

    def judge(_: Sequence[Answers], names: frozenset[str], __: float) -> Iterable[tuple[str, PanelRow]]:
        return [("all", PanelRow(FLEET)), *((name, PanelRow(name)) for name in sorted(names))]

    sources = {"central": (bench.source, MetricsConfig())}
    bench.board = MetricsBoard(
        names=("a", "b"), sources=sources, judge=judge, clock=bench.clock, chance=random.Random(7)
    )
    async with bench.watched():
        assert set(dict(bench.board.rows.snapshot())) == {"all", "a", "b"}
        bench.board.focus(frozenset({"b"}))
        assert set(dict(bench.board.rows.snapshot())) == {"all", "b"}


@pytest.mark.parametrize(
    ("names", "points", "beside"),
    [(2, 5, False), (ON_LOOP + 1, 5, True), (2, POINTS_ON_LOOP + 1, True)],
    ids=["little", "many clusters", "many points"],
)
async def test_what_takes_long_to_judge_is_judged_in_a_thread(names: int, points: int, beside: bool) -> None:
    bench, judged = Bench(), threading.Event()
    threads: list[int] = []
    clusters = [f"c{number}" for number in range(names)]
    bench.source.figures = {"availability": {f"c{number}": 1.0 for number in range(points)}}

    def judge(said: Sequence[Answers], _: frozenset[str], __: float) -> Iterable[tuple[str, PanelRow]]:
        if said:
            threads.append(threading.get_ident())
            judged.set()
        return ()

    config = MetricsConfig(clusters=("c*",))
    bench.board = MetricsBoard(
        names=clusters,
        sources={"central": (bench.source, config)},
        judge=judge,
        clock=bench.clock,
        chance=random.Random(7),
    )
    async with bench.watched():
        assert await asyncio.to_thread(judged.wait, 10)
    assert {thread != threading.get_ident() for thread in threads} == {beside}
