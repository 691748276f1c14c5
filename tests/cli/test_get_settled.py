"""When the picture may be printed, and who is named as missing from it."""

from collections.abc import Iterator

import msgspec
import pytest

from fleetui.cli.settle import POLL_S, settle, settled, shortfalls
from fleetui.model.cluster import Cluster, Feed
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.picture import Delta
from tests.control.samples import StillClock

EXPIRED = Fault(kind=FaultKind.UNAUTHORIZED, word="token expired", detail="401", remedy="log in again")
NODES, PODS = Feed(kind="nodes"), Feed(kind="pods")
COMPLETE = msgspec.structs.replace(NODES, complete=True)
FORBIDDEN = msgspec.structs.replace(NODES, fault=EXPIRED)


def live(name: str, *feeds: Feed, aliases: tuple[str, ...] = ()) -> Cluster:
    return Cluster(name=name, trust=Trust.LIVE, feeds=feeds, aliases=aliases)


SILENT = Cluster(name="a", trust=Trust.SILENT, feeds=(NODES,))
CONNECTING = Cluster(name="a", trust=Trust.CONNECTING)


class Script:
    """A subscription that gives these rows, one set at each take, then nothing."""

    def __init__(self, *takes: tuple[Cluster, ...]) -> None:
        self._takes: Iterator[tuple[Cluster, ...]] = iter(takes)

    def take(self) -> Delta[Cluster]:
        return Delta(upserts=tuple((row.name, row) for row in next(self._takes, ())))


async def waited(*takes: tuple[Cluster, ...], wanted: str = "a", kind: str = "nodes") -> tuple[float, set[str]]:
    """(seconds until it was settled, who had not answered then)"""
    clock, waiting = StillClock(0.0), set[str]()
    names = frozenset(wanted.split())
    await settled(Script(*takes), wanted=names, timeout_s=5, clock=clock, kind=kind, waiting=waiting)
    return clock.time, waiting


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(SILENT, id="silent: nothing more will come"),
        pytest.param(live("a", COMPLETE), id="told everything"),
        pytest.param(live("a", FORBIDDEN), id="may not tell"),
        pytest.param(live("a", COMPLETE, PODS), id="of another kind nothing is asked"),
    ],
)
async def test_an_answer_is_not_waited_for_any_longer(row: Cluster) -> None:
    assert await waited((row,)) == (0, set())


@pytest.mark.parametrize("row", [CONNECTING, live("a", NODES), Cluster(name="a", trust=Trust.IDLE)])
async def test_who_has_not_answered_is_waited_for_until_the_time_is_over(row: Cluster) -> None:
    seconds, waiting = await waited((row,))
    assert seconds == pytest.approx(5 + POLL_S)
    assert waiting == {"a"}
    assert await waited((row,), (live("a", COMPLETE),)) == (POLL_S, set())


async def test_pods_are_asked_for_where_they_are_wanted() -> None:
    half, whole = live("a", COMPLETE, PODS), live("a", COMPLETE, msgspec.structs.replace(PODS, complete=True))
    assert await waited((half,), (whole,), kind="pods") == (POLL_S, set())


async def test_another_context_of_a_cluster_has_no_row_of_its_own() -> None:
    assert await waited((live("a", COMPLETE, aliases=("b",)),), wanted="a b") == (0, set())


def test_the_missing_are_named_with_their_reason() -> None:
    rows = {"d": msgspec.structs.replace(SILENT, name="d", fault=EXPIRED), "b": live("b", FORBIDDEN), "c": live("c")}
    named = shortfalls(rows, kind="nodes", unanswered=["a", "d"], timeout_s=3)
    assert [(name, fault.word) for name, fault in named] == [
        ("a", "timeout"),
        ("b", "token expired"),
        ("d", "token expired"),
    ]
    assert named[0][1].detail == "no complete answer within 3 s"
    assert shortfalls({"b": live("b", FORBIDDEN)}, kind="pods", unanswered=[], timeout_s=3) == []


class Filling:
    """A board that settles after so many looks."""

    def __init__(self, looks: int) -> None:
        self._left = looks

    @property
    def settled(self) -> bool:
        self._left -= 1
        return self._left < 0


async def filling(looks: int, *, ends_after: int = 1_000) -> float:
    """Seconds until it was waited for no more."""
    clock, steps = StillClock(0.0), iter(range(1_000))
    await settle(Filling(looks), timeout_s=5, clock=clock, going=lambda: next(steps) < ends_after)
    return clock.time


async def test_a_board_is_waited_for_until_it_has_settled_or_time_is_up_or_it_has_ended() -> None:
    assert await filling(0) == 0
    assert await filling(3) == pytest.approx(3 * POLL_S)
    assert await filling(10_000) == pytest.approx(5, abs=POLL_S)
    assert await filling(10_000, ends_after=4) == pytest.approx(4 * POLL_S)
