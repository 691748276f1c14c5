"""The row of a real etcd: what befalls its members is on it within one poll, and Prometheus stands in where we cannot
reach them."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from fleetui.clients.system import SystemClock
from fleetui.model.cluster import Health
from fleetui.model.config import EtcdConfig
from fleetui.model.freshness import Source
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.etcd import EtcdBoard
from fleetui.wiring.etcd import make_board
from tests.bed.etcd_members import EtcdMembers
from tests.bed.prometheus import Job, Prometheus

pytestmark = pytest.mark.bed

WITHIN_S = 60.0
"""Of a busy machine. That one poll is enough is held in ``test_etcd.py``, by a clock that nobody holds up."""
UNREACHED = EtcdConfig(endpoints=("http://127.0.0.1:1",))


def reached(etcd: EtcdMembers) -> EtcdConfig:
    files = etcd.credentials
    return EtcdConfig(
        endpoints=(etcd.members["m1"].client_url,), ca=str(files.ca), cert=str(files.cert), key=str(files.key)
    )


class Watched:
    def __init__(self, board: EtcdBoard) -> None:
        self._board = board

    @property
    def row(self) -> EtcdState | None:
        return self._board.rows.part("real").get("real")

    async def until(self, holds: Callable[[EtcdState], bool], *, within_s: float = WITHIN_S) -> EtcdState:
        deadline = time.monotonic() + within_s
        while (row := self.row) is None or not holds(row):
            assert time.monotonic() < deadline, row and (row.word, row.reason)
            await asyncio.sleep(0.05)
        return row


@asynccontextmanager
async def watched(said: EtcdConfig, metrics: dict[str, MetricsConfig] | None = None) -> AsyncIterator[Watched]:
    board = make_board(
        {"real": said},
        metrics or {},
        machines=lambda _: (),
        clock=SystemClock(),
        chance=random.Random(7),
    )
    task = asyncio.create_task(board.watch())
    try:
        yield Watched(board)
    finally:
        task.cancel()
        await asyncio.wait({task})
        await board.close()


async def test_one_dead_member_and_then_two(etcd_members: EtcdMembers) -> None:
    async with watched(reached(etcd_members)) as real:
        await real.until(lambda row: row.level is Health.CALM and row.up == 3)
        etcd_members.kill("m3")
        row = await real.until(lambda row: row.up == 2)
        assert row.margin is not None
        assert (row.level, row.margin.can_lose, row.bad) == (Health.WARNING, 0, ("m3",))
        etcd_members.kill("m2")
        row = await real.until(lambda row: row.word == "quorum lost")
        assert (row.level, row.bad) == (Health.BROKEN, ("m2", "m3"))


async def test_a_full_database(etcd_members: EtcdMembers) -> None:
    async with watched(reached(etcd_members)) as real:
        await real.until(lambda row: row.level is Health.CALM)
        etcd_members.fill()
        row = await real.until(lambda row: row.word == "NOSPACE")
        assert (row.level, row.alarms) == (Health.BROKEN, ("NOSPACE",))


def scraper(etcd: EtcdMembers, *names: str) -> Prometheus:
    targets = {etcd.members[name].metrics_url.removeprefix("http://"): {"cluster": "real"} for name in names}
    return Prometheus([Job("etcd", targets)])


async def test_what_is_scraped_stands_in_for_members_that_we_do_not_reach(etcd_members: EtcdMembers) -> None:
    with scraper(etcd_members, "m1", "m2", "m3") as prometheus:
        prometheus.until_value("sum(up)", 3)
        async with watched(UNREACHED, {"store": MetricsConfig(url=prometheus.url)}) as real:
            row = await real.until(lambda row: row.source is Source.SCRAPED and row.up == 3)
            assert (row.source_name, row.voters) == ("store", 3)
            assert "direct silent" in row.word, "that they do not answer us is never left out"
            prometheus.kill()
            row = await real.until(lambda row: row.level is Health.UNKNOWN)
            assert row.up is None


def no_space(row: EtcdState) -> list[tuple[Health, str]]:
    """What the scraped row makes of NOSPACE; other findings depend on how quick this machine is."""
    found = row.scraped.findings if row.scraped is not None else ()
    return [(finding.level, finding.word) for finding in found if finding.about is About.NO_SPACE]


async def test_a_no_space_that_is_over_is_doubted_where_only_metrics_tell(etcd_members: EtcdMembers) -> None:
    """The metric counts each activation of an alarm and takes one away when it is disarmed."""
    with scraper(etcd_members, "m1", "m2", "m3") as prometheus:
        prometheus.until_value("sum(up)", 3)
        async with watched(UNREACHED, {"store": MetricsConfig(url=prometheus.url)}) as real:
            await real.until(lambda row: row.source is Source.SCRAPED and row.up == 3)
            etcd_members.fill()
            for _ in range(2):  # of one member: that which fill() met may be another's
                etcd_members.raise_alarm("m1", "NOSPACE")
            row = await real.until(lambda row: no_space(row) == [(Health.BROKEN, "NOSPACE")])
            assert (row.level, row.alarms) == (Health.BROKEN, ("NOSPACE",))
            etcd_members.recover()
            etcd_members.put("writable")
            assert etcd_members.alarms() == []
            assert all(etcd_members.counts_alarms(name) for name in etcd_members.members)
            row = await real.until(lambda row: no_space(row) == [(Health.WARNING, "NOSPACE in doubt")])
            assert row.alarms is None


async def test_a_scraper_that_misses_a_member_is_told(etcd_members: EtcdMembers) -> None:
    with scraper(etcd_members, "m1", "m2") as prometheus:
        prometheus.until_value("sum(up)", 2)
        async with watched(reached(etcd_members), {"store": MetricsConfig(url=prometheus.url)}) as real:
            row = await real.until(lambda row: row.views is not None and bool(row.views.differences))
            assert row.views is not None
            assert "members" in row.views.text
            assert (row.source, row.level, row.up) == (Source.POLLED, Health.WARNING, 3)
