"""The etcd board from a real Prometheus that scrapes real members, and from one that holds 500 clusters."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fleetui.clients.prometheus.source import PrometheusSource
from fleetui.clients.system import SystemClock
from fleetui.model.cluster import Health
from fleetui.model.fault import Fault
from fleetui.model.health.etcd_board import EtcdRow, etcd_board
from fleetui.model.health.etcd_promql import JOBS, QUERIES
from fleetui.model.health.sample import Age
from fleetui.model.health.series import Targets, Vector
from fleetui.model.monitoring import LabelsConfig, MetricsConfig
from fleetui.observe.questions import Board, Questions
from tests.bed.etcd_members import EtcdMembers
from tests.bed.prometheus import Job, Prometheus
from tests.bed.synthetic import SyntheticFleet
from tests.clients.scripted import TurnedClock
from tests.clients.sources import source

pytestmark = pytest.mark.bed
WITHIN_S = 90.0


@pytest.fixture(scope="module")
def etcd() -> Iterator[EtcdMembers]:
    with EtcdMembers("scraped") as made:
        yield made


@pytest.fixture
def prometheus(etcd: EtcdMembers) -> Iterator[Prometheus]:
    """Scrapes every second; ``instance`` is the member's name."""
    targets = {
        member.metrics_url.removeprefix("http://"): {"cluster": "real", "instance": name}
        for name, member in etcd.members.items()
    }
    with Prometheus([Job("etcd", targets)]) as made:
        made.until_value("sum(up)", 3)
        yield made


class Counted:
    """A source that counts its questions."""

    def __init__(self, asked: PrometheusSource) -> None:
        self._asked = asked
        self.name = asked.name
        self.instants: list[str] = []
        self.others = 0

    async def instant(self, query: str) -> Vector:
        self.instants.append(query)
        return await self._asked.instant(query)

    async def targets(self) -> Targets:
        self.others += 1
        return await self._asked.targets()

    async def label_names(self, matching: str = "") -> tuple[str, ...]:
        self.others += 1
        return await self._asked.label_names(matching)


def questions(asked: Any, *, clock: SystemClock | None = None, **config: Any) -> Questions:
    return Questions(
        asked, MetricsConfig(url="http://unused", **config), Board(QUERIES, JOBS), clock=clock or SystemClock()
    )


async def until(asking: Questions, holds: Callable[[EtcdRow], bool], what: str) -> EtcdRow:
    """The first row of the cluster ``real`` that is so."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        (row,) = etcd_board([await asking.ask()], ["real"], now=time.time())
        if holds(row):
            return row
        assert time.monotonic() < deadline, f"{what}: {row}"
        await asyncio.sleep(0.1)


def _well(row: EtcdRow) -> bool:
    """Fresh, led, whole, and with every figure that some scrapes bring: a busy machine scrapes late, and its members
    may change their leader."""
    known = {cell.panel for cell in row.cells if cell.sample.known}
    return (
        known >= {"fsync", "commit", "unapplied", "writes", "of_quota", "size", "free", "changes", "defragmenting"}
        and row.margin is not None
        and (row.margin.voters, row.margin.up, row.margin.can_lose) == (3, 3, 1)
        and (row.age, {member.period_s for member in row.members}) == (Age.FRESH, {1.0})
    )


async def test_every_query_is_understood_and_the_members_are_known(etcd: EtcdMembers, prometheus: Prometheus) -> None:
    async with source(prometheus.url) as asked:
        asking = questions(asked)
        for key in ("a", "b", "c"):
            etcd.put(key)
        row = await until(asking, _well, "all is known, and well")
        await until(asking, lambda row: row.leader == etcd.leader(), "its leader is known")
        told = await asking.ask()
    assert {query: reply for query, reply in told.replies.items() if isinstance(reply, Fault)} == {}
    assert {member.instance: member.id for member in row.members} == {
        name: f"{int(etcd.member_id(name)):x}" for name in ("m1", "m2", "m3")
    }
    assert {member.version for member in row.members} == {"3.6.16"}


async def test_a_killed_member_is_named(etcd: EtcdMembers, prometheus: Prometheus) -> None:
    async with source(prometheus.url) as asked:
        asking = questions(asked)
        await until(asking, lambda row: row.margin is not None and row.margin.can_lose == 1, "all are up")
        etcd.kill("m3")
        killed = time.monotonic()
        try:
            row = await until(asking, lambda row: row.margin is not None and row.margin.can_lose == 0, "one is down")
            print(f"a killed member is on the board after {time.monotonic() - killed:.1f} s, scraped every second")
            assert "m3" in row.bad
            assert row.level in (Health.WARNING, Health.BROKEN)
            assert next(member for member in row.members if member.instance == "m3").down
            told = await until(asking, lambda row: any(member.error for member in row.members), "the reason is known")
            assert {member.instance for member in told.members if "connection refused" in member.error} == {"m3"}
        finally:
            etcd.restart("m3")
        await until(asking, lambda row: row.margin is not None and row.margin.can_lose == 1, "it is back")


async def test_a_frozen_prometheus_leaves_its_last_words_to_age(prometheus: Prometheus) -> None:
    async with source(prometheus.url, timeout="1s") as asked:
        asking = questions(asked)
        before = await until(asking, lambda row: row.margin is not None and row.margin.can_lose == 1, "all are up")
        prometheus.freeze()
        told = await asking.ask()
        prometheus.thaw()
    assert told.fault is not None
    assert told.fault.word == "no answer"
    (row,) = etcd_board([told], ["real"], now=time.time() + 60)
    assert (row.level, row.age) == (Health.UNKNOWN, Age.STALE)
    assert "no answer" in row.reason
    assert (row.sample_at or 0) >= (before.sample_at or 0)


async def test_the_cluster_label_is_found_or_its_absence_said(prometheus: Prometheus) -> None:
    async with source(prometheus.url) as asked:
        told = await questions(asked).ask()
        assert told.cluster_label == "cluster"
        wrong = await questions(asked, labels=LabelsConfig(cluster="site")).ask()
        (row,) = etcd_board([wrong], ["real"], now=time.time())
        assert (row.level, row.word) == (Health.UNKNOWN, "no cluster label")
        own = await questions(asked, cluster="mine").ask()
        assert [row.cluster for row in etcd_board([own], [], now=time.time())] == ["mine"]


async def test_what_is_asked_seldom_is_kept(prometheus: Prometheus) -> None:
    clock = TurnedClock()
    seldom = [query for query in QUERIES if query.every_s]
    async with source(prometheus.url) as real:
        asked = Counted(real)
        asking = questions(asked, clock=clock)
        counts = []
        for passed in (0.0, 5.0, 61.0):
            clock.ahead += passed
            asked.instants.clear()
            await asking.ask()
            counts.append(len(asked.instants))
    every = len(QUERIES)
    hourly = len([query for query in seldom if query.every_s > 61])
    assert counts == [every, every - len(seldom), every - hourly]


@pytest.mark.parametrize("count", [5, 500])
async def test_the_count_of_questions_does_not_grow_with_the_clusters(count: int) -> None:
    with SyntheticFleet(count) as fleet, Prometheus([fleet.job], scrape=5) as prometheus:
        prometheus.until_value("count(count by (cluster) (etcd_server_has_leader))", count, within=60)
        first = next(iter(sorted({f"c{number:03d}" for number in range(count)})))
        fleet.strike(first, "member-down")
        prometheus.until_value(f'sum(up{{cluster="{first}", job="etcd"}})', 2, within=60)
        async with source(prometheus.url, timeout="30s") as real:
            asked = Counted(real)
            started = time.monotonic()
            told = await questions(asked).ask()
            took = time.monotonic() - started
        merging = time.thread_time()
        rows = etcd_board([told], [], now=time.time())
        merged = time.thread_time() - merging
    assert (len(asked.instants), asked.others) == (len(QUERIES), 2)
    assert {query: reply for query, reply in told.replies.items() if isinstance(reply, Fault)} == {}
    assert len(rows) == count
    assert {row.cluster for row in rows if row.margin is not None and row.margin.can_lose == 0} == {first}
    print(f"{count} clusters: {len(asked.instants)} questions, {took:.2f} s in all, merged in {merged * 1000:.0f} ms")
