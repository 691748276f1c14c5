"""The board of replication beside a scripted source: what is asked, how often, and that no row goes with an answer."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_queries import queries
from fleetui.model.health.series import Labels, Point, Reply, Targets, Vector
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.metrics_board import JUDGE_EVERY_S
from fleetui.observe.questions import Questions
from fleetui.observe.replication import ReplicationBoard, questions
from fleetui.ports.metrics import MetricsError
from tests.model.health.replicas import PAIRED, STATE
from tests.observe.virtual_clock import VirtualClock

assert PAIRED.link is not None
ASKED = replace(
    PAIRED,
    alive="",
    writes="",
    figures=(),
    role=replace(PAIRED.role, query="role ($by)"),
    link=replace(PAIRED.link, own="link ($by)", before="", seen=""),
    seconds=None,
    backlog=replace(PAIRED.backlog, query="backlog ($group)"),
)
KINDS = (ASKED, STATE)
TIMED_OUT = Fault(FaultKind.TIMEOUT, "timeout", "no answer in 10s", "is it alive?")


class Store:
    """A source of metrics with so many clusters, each a primary and a replica; ``fails`` are parts of queries."""

    name = "central"

    def __init__(self, clock: VirtualClock, clusters: int) -> None:
        self._clock = clock
        self._clusters = clusters
        self.asked: list[str] = []
        self.fails: set[str] = set()
        self.labels: tuple[str, ...] = ("cluster", "instance")

    async def instant(self, query: str) -> Vector:
        self.asked.append(query)
        if any(part in query for part in self.fails):
            raise MetricsError(TIMED_OUT)
        now = self._clock.now()
        points = tuple(Point(labels, value, now) for labels, value in self._points(query, now))
        return Vector(points, Reply(self.name, now, now))

    async def label_names(self, matching: str = "") -> tuple[str, ...]:
        return self.labels

    async def targets(self) -> Targets:
        return Targets((), Reply(self.name, 0, 0))

    async def close(self) -> None:
        self.asked.append("closed")

    def _points(self, query: str, now: float) -> list[tuple[Labels, float]]:
        if "__name__" in query:
            return [({"__name__": "pg_up"}, 2 * self._clusters)]
        return [point for number in range(self._clusters) for point in self._of(query, f"c{number}", now)]

    def _of(self, query: str, cluster: str, now: float) -> list[tuple[Labels, float]]:
        primary, replica = ({"cluster": cluster, "instance": f"{host}:9187"} for host in ("10.0.0.1", "10.0.0.2"))
        found: dict[str, list[tuple[Labels, float]]] = {
            "timestamp": [(primary, now), (replica, now)],
            "role": [(primary, 0), (replica, 1)],
            "link": [(replica, 1)],
            "backlog": [({"cluster": cluster, "client_addr": "10.0.0.2"}, 0)],
        }
        return next((points for part, points in found.items() if part in query), [])


class Watched:
    def __init__(self, count: int = 2, **config: object) -> None:
        self.clock = VirtualClock()
        self.store = Store(self.clock, count)
        self._config = MetricsConfig(url="http://unused", **config)  # type: ignore[arg-type]
        asked = Questions(self.store, self._config, questions(KINDS), clock=self.clock)  # type: ignore[arg-type]
        self.board = ReplicationBoard(
            KINDS, {"central": (asked, self._config)}, clock=self.clock, chance=random.Random(7)
        )

    @property
    def rows(self) -> dict[str, Replica]:
        return dict(self.board.rows.snapshot())

    def replica(self, cluster: str = "c0") -> Replica:
        return self.rows[f"pg/{cluster}//10.0.0.2:9187"]


@asynccontextmanager
async def watched(count: int = 2, **config: object) -> AsyncIterator[Watched]:
    made = Watched(count, **config)
    task = asyncio.create_task(made.board.watch())
    try:
        await made.clock.until(lambda: made.board.settled, within=5)
        yield made
    finally:
        task.cancel()
        await asyncio.wait({task})
        await made.board.close()
        assert made.store.asked[-1] == "closed"


async def test_the_number_of_questions_does_not_grow_with_the_clusters_and_absent_kinds_are_not_asked() -> None:
    counts = []
    for clusters in (1, 40):
        async with watched(clusters) as found:
            assert len(found.rows) == 2 * clusters
            counts.append(len(found.store.asked))
            assert not any("ceph" in query for query in found.store.asked if "__name__" not in query)
    assert counts[0] == counts[1] == len(queries(KINDS[0])) + 2


async def test_the_presence_of_kinds_is_asked_seldom_and_the_rest_with_every_poll() -> None:
    async with watched() as found:
        before = len(found.store.asked)
        await found.clock.advance(45)
        later = found.store.asked[before:]
        assert sum("role" in query for query in later) >= 3
        assert not any("__name__" in query for query in later)


async def test_a_source_that_falls_silent_leaves_its_rows_and_takes_their_verdict() -> None:
    async with watched() as found:
        assert found.replica().level is Health.CALM
        found.store.fails = {"("}
        await found.clock.advance(300)
        row = found.replica()
        assert (row.level, row.word, row.lag_s) == (Health.UNKNOWN, "stale", None)
        assert found.board.faults == (("central", TIMED_OUT),)
        found.store.fails = set()
        await found.clock.advance(30)
        assert found.replica().level is Health.CALM
        assert found.board.faults == ()


@pytest.mark.parametrize(
    ("part", "word"),
    [("timestamp", "stale"), ("link", "link unknown"), ("role", "role unknown"), ("backlog", "lag unknown")],
)
async def test_a_question_that_fails_is_neither_health_nor_the_end_of_a_row(part: str, word: str) -> None:
    async with watched() as found:
        found.store.fails = {part}
        await found.clock.advance(300)
        assert (found.replica().level, found.replica().word) == (Health.UNKNOWN, word)
        assert found.board.faults == (("central", TIMED_OUT),)


async def test_what_failed_before_is_not_kept_in_the_place_of_what_is_answered_now() -> None:
    async with watched() as found:
        found.store.fails = {"link"}
        await found.clock.advance(20)
        assert found.replica().word == "link unknown"
        found.store.fails = {"timestamp"}
        await found.clock.advance(11)
        assert (found.replica().word, found.board.faults) == ("in step", (("central", TIMED_OUT),))


async def test_each_sample_reaches_whoever_shows_its_age_and_time_alone_wakes_nobody() -> None:
    async with watched() as found:
        woken: list[None] = []
        feed = found.board.rows.subscribe(lambda: woken.append(None))
        before = {row.id: row.sampled_at for _, row in feed.take().upserts}
        await found.clock.advance(60)
        assert len(woken) == 1
        assert all((row.sampled_at or 0) > (before[row.id] or 0) + 30 for _, row in feed.take().upserts)
        polls = len(found.store.asked)
        await found.clock.until(lambda: len(found.store.asked) > polls, within=11)
        feed.take()
        woken.clear()
        await found.clock.advance(JUDGE_EVERY_S + 1)
        assert woken == [], "judged anew, and nothing is new"


async def test_a_source_is_believed_about_its_own_clusters_alone() -> None:
    async with watched(3, clusters=("c1",)) as found:
        assert {row.cluster for row in found.rows.values()} == {"c1"}
    async with watched(3, names={"c1": "prod-east-1"}) as found:
        assert {row.cluster for row in found.rows.values()} == {"c0", "prod-east-1", "c2"}


async def test_databases_that_no_label_gives_to_a_cluster_have_rows_too() -> None:
    made = Watched()
    made.store.labels = ("instance",)
    task = asyncio.create_task(made.board.watch())
    try:
        await made.clock.until(lambda: made.board.settled, within=5)
        assert {(row.cluster, row.instance, row.word) for row in made.rows.values()} == {
            ("", "10.0.0.1:9187", "primary"),
            ("", "10.0.0.2:9187", "in step"),
        }
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_a_source_that_cannot_be_asked_at_all_is_told_and_waited_for_no_more() -> None:
    made = Watched()
    made.store.fails = {"("}
    task = asyncio.create_task(made.board.watch())
    try:
        assert made.board.waiting == {"central"}
        await made.clock.until(lambda: made.board.settled, within=5)
        assert (made.rows, made.board.faults) == ({}, (("central", TIMED_OUT),))
    finally:
        task.cancel()
        await asyncio.wait({task})
