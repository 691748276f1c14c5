"""The sources behind a board: how often each is asked, what stands of what it said, whom it is asked about."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from fleetui.model.health.answers import Answers
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.sources import FASTEST_S, SLOWEST_S, Sources
from fleetui.observe.waiting import running
from tests.observe.virtual_clock import VirtualClock, settle


class Source:
    def __init__(self, clock: VirtualClock, interval_s: float = 8.0) -> None:
        self.interval_s = interval_s
        self.fails = self.closed = False
        self.asked: list[float] = []
        self._clock = clock

    async def ask(self) -> Answers:
        self.asked.append(self._clock.monotonic())
        await self._clock.sleep(0.5)
        if self.fails:
            raise RuntimeError("a defect")
        return Answers(source=f"central {len(self.asked)}", replies={})

    async def close(self) -> None:
        self.closed = True


class Bench:
    def __init__(self, interval_s: float = 8.0) -> None:
        self.clock = VirtualClock()
        self.source = Source(self.clock, interval_s)
        self.told = 0
        self.sources = Sources(
            {
                "central": (self.source, MetricsConfig(clusters=("eu-*",))),
                "us": (self.source, MetricsConfig(cluster="us-1")),
            },
            told=self._tell,
            clock=self.clock,
            chance=random.Random(7),
        )

    def _tell(self) -> None:
        self.told += 1

    @asynccontextmanager
    async def asking(self) -> AsyncIterator["Bench"]:
        async with running(self.sources.ask_on("central")):
            await settle()
            yield self


@pytest.mark.parametrize(
    ("interval_s", "pause_s"), [(8.0, 4.0), (1.0, FASTEST_S), (120.0, SLOWEST_S)], ids=["half", "fastest", "slowest"]
)
async def test_a_source_is_asked_twice_in_the_time_in_which_it_scrapes_once(interval_s: float, pause_s: float) -> None:
    async with Bench(interval_s).asking() as bench:
        await bench.clock.advance(60)
        asked = bench.source.asked
        pauses = [later - before - 0.5 for before, later in pairwise(asked)]
        assert len(pauses) >= 5
        assert all(0.9 * pause_s - 0.001 <= pause <= pause_s + 0.001 for pause in pauses)
        assert len(set(pauses)) > 1, "many consoles must not ask in step"


async def test_what_fails_leaves_the_last_answers_and_is_told_all_the_same() -> None:
    async with Bench().asking() as bench:
        await bench.clock.advance(1)
        before, told = bench.sources.answers["central"], bench.told
        bench.source.fails = True
        await bench.clock.advance(12)
        assert bench.sources.answers["central"] is before
        assert bench.told > told + 1
        bench.source.fails = False
        await bench.clock.advance(5)
        assert bench.sources.answers["central"].source > before.source
        assert bench.sources.took_s == {"central": pytest.approx(0.5)}


async def test_nobody_is_asked_any_more_once_nobody_looks() -> None:
    bench = Bench()
    async with bench.asking():
        await bench.clock.advance(10)
    asked = len(bench.source.asked)
    await bench.clock.advance(60)
    assert len(bench.source.asked) == asked
    await bench.sources.close()
    assert bench.source.closed


def test_who_is_asked_about_whom() -> None:
    sources = Bench().sources
    assert sources.names == {"central", "us"}
    assert sources.about(("eu-1",)) == {"central"}
    assert sources.about(("us-1",)) == {"us"}
    assert sources.about(("us-2",)) == sources.about(()) == set()
    assert sources.about(iter(("us-1", "eu-9"))) == {"central", "us"}
