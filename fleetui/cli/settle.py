"""When a live picture may be printed: once each cluster, or each source of a board, has told what is asked about or
failed, or time is up."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from fleetui.model.cluster import Cluster
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.picture import Delta
from fleetui.ports.clock import Clock

POLL_S = 0.1


class Feed(Protocol):
    """A subscription of the live picture."""

    def take(self) -> Delta[Any]: ...


class Settling(Protocol):
    """A board that fills."""

    @property
    def settled(self) -> bool:
        """Whoever is asked has answered or failed, and the rows say so."""
        ...


async def settle(board: Settling, *, timeout_s: float, clock: Clock, going: Callable[[], bool] = lambda: True) -> None:
    """Until the board has settled, time is up, or it is not ``going`` any more."""
    deadline = clock.monotonic() + timeout_s
    while not board.settled and clock.monotonic() < deadline and going():
        await clock.sleep(POLL_S)


async def settled(
    clusters: Feed,
    *,
    wanted: frozenset[str],
    timeout_s: float,
    clock: Clock,
    kind: str = "nodes",
    waiting: set[str] | None = None,
) -> dict[str, Cluster]:
    """The clusters' rows once each wanted one has told its ``kind`` or failed, or when the time is over.

    ``waiting`` holds meanwhile, and afterwards, the names of those that have done neither.
    """
    rows: dict[str, Cluster] = {}
    unanswered = set[str]() if waiting is None else waiting
    deadline = clock.monotonic() + timeout_s
    while True:
        delta = clusters.take()
        rows.update(delta.upserts)
        for name in delta.removes:
            rows.pop(name, None)
        unanswered.clear()
        unanswered.update(wanted - _answered(rows, kind))
        if not unanswered or clock.monotonic() > deadline:
            return rows
        await clock.sleep(POLL_S)


def _answered(rows: Mapping[str, Cluster], kind: str) -> set[str]:
    """By every name: another context of a cluster has no row of its own."""
    done = {name for name, row in rows.items() if _has_answered(row, kind)}
    return done.union(*(rows[name].aliases for name in done))


def _has_answered(row: Cluster, kind: str) -> bool:
    if row.trust in (Trust.IDLE, Trust.CONNECTING):
        return False
    if row.trust is Trust.SILENT:
        return True
    return all(feed.complete or feed.fault is not None for feed in row.feeds if feed.kind == kind)


def shortfalls(
    rows: Mapping[str, Cluster], *, kind: str, unanswered: Iterable[str], timeout_s: float
) -> list[tuple[str, Fault]]:
    """(cluster, why) for each whose answer is missing or incomplete, by name."""
    late = {name: timed_out(timeout_s) for name in unanswered}
    said = {name: fault for name, row in rows.items() if (fault := _fault(row, kind)) is not None}
    return sorted((late | said).items())


def _fault(row: Cluster, kind: str) -> Fault | None:
    return row.fault or next((feed.fault for feed in row.feeds if feed.kind == kind and feed.fault is not None), None)


def timed_out(seconds: float) -> Fault:
    """For a cluster that has not told everything within its time."""
    detail = f"no complete answer within {seconds:g} s"
    return Fault(kind=FaultKind.TIMEOUT, word="timeout", detail=detail, remedy="try a longer --timeout")
