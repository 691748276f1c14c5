"""What a board asks of one source: how often it scrapes is asked until it has said so."""

import asyncio

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.promql import Query
from fleetui.model.health.series import Reply, Target, Targets, Vector
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.questions import TARGETS_AT_MOST_EVERY_S, TARGETS_EVERY_S, USUAL_INTERVAL_S, Board, Questions
from fleetui.ports.metrics import MetricsError
from tests.model.health.panel_answers import vector
from tests.observe.virtual_clock import VirtualClock

SLOW = Fault(FaultKind.TIMEOUT, "no answer", "no answer within 2 s", "")


class Source:
    """Answers everything; of its targets it tells after ``fails`` questions: it has none yet, then it is slow."""

    name = "s"

    def __init__(self, fails: int) -> None:
        self.fails = fails
        self.asked = 0
        self.told: list[str] = []
        """Questions and their answers, in order."""

    async def instant(self, query: str) -> Vector:
        self.told.append(f"{query}?")
        await asyncio.sleep(0)
        self.told.append(query)
        return vector()

    async def targets(self) -> Targets:
        self.asked += 1
        reply: Reply = vector().reply
        if self.asked <= self.fails:
            if self.asked == 1:
                return Targets((), reply)  # started a moment ago
            raise MetricsError(SLOW)
        return Targets((Target((), "http://10.0.0.1/metrics", up=True, interval_s=1.0),), reply)


def questions(source: Source, clock: VirtualClock) -> Questions:
    board = Board(queries=(Query("up", "up"), Query("seen", "timestamp(up)")))
    return Questions(source, MetricsConfig(url="http://unused", cluster="a"), board, clock=clock)  # type: ignore[arg-type]


async def test_a_source_that_failed_to_tell_its_interval_is_asked_again_soon() -> None:
    source, clock = Source(fails=2), VirtualClock()
    asking = questions(source, clock)
    for expected in (USUAL_INTERVAL_S, USUAL_INTERVAL_S, 1.0):
        await asking.ask()
        assert asking.interval_s == expected
        await asking.ask()  # not at once
        await clock.advance(TARGETS_AT_MOST_EVERY_S)
    assert source.asked == 3


async def test_when_samples_were_taken_is_known_before_what_they_say_is_asked() -> None:
    """Else a scrape in between would date an old answer with its own time."""
    source = Source(fails=0)
    await questions(source, VirtualClock()).ask()
    assert source.told == ["timestamp(up)?", "timestamp(up)", "up?", "up"]


async def test_one_that_has_told_it_is_asked_seldom() -> None:
    source, clock = Source(fails=0), VirtualClock()
    asking = questions(source, clock)
    for _ in range(3):
        await asking.ask()
        await clock.advance(TARGETS_EVERY_S / 2)
    assert source.asked == 2
