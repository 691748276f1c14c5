"""``fleetui get`` of a board that sources of metrics fill: looked at until every source has answered or failed."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from fleetui.cli.get import Printer, Request
from fleetui.cli.settle import POLL_S, timed_out
from fleetui.cli.waiting import telling
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.table.scope import concerned
from fleetui.observe.metrics_board import MetricsBoard
from fleetui.wiring.clusters import Clusters

if TYPE_CHECKING:
    from fleetui.observe.fleet import Fleet, TableName

FAILED = 1


async def list_board(clusters: Clusters, request: Request, printer: Printer, *, what: str, watching: bool) -> int:
    """0 when something is known of each cluster, 1 when of one nothing is: a line on standard error says why. Raises
    ClusterError where no source of metrics is configured: an empty table would say that all is well."""
    if not clusters.config.metrics:
        remedy = "write one under metrics:; see config.example.yaml"
        raise ClusterError(Fault(FaultKind.CONFIG, "no metrics", "no source of metrics is configured", remedy))
    fleet = clusters.fleet(frozenset())
    board = fleet.board(cast("TableName", what))
    assert isinstance(board, MetricsBoard)
    board.focus(concerned(request.kept.term, clusters.chosen))
    fleet.look({what})
    work = asyncio.create_task(fleet.run())
    try:
        return await _answer(fleet, board, clusters, request, printer, what=what, watching=watching)
    finally:
        work.cancel()
        await asyncio.wait({work})


async def _answer(
    fleet: "Fleet",
    board: MetricsBoard,
    clusters: Clusters,
    request: Request,
    printer: Printer,
    *,
    what: str,
    watching: bool,
) -> int:
    patience, waiting = request.timeout_s, set[str]()
    async with telling(
        lambda: waiting, of=len(clusters.config.metrics), timeout_s=patience, err=printer.err, clock=clusters.clock
    ):
        await _settle(board, waiting, clusters=clusters, timeout_s=patience)
    feed = fleet.subscribe(cast("TableName", what))
    rows = [row for _, row in feed.take().upserts]
    late = [(source, timed_out(patience)) for source in sorted(waiting)]
    faults = [*late, *_silent(rows)]
    if watching:
        from fleetui.cli.stream import follow

        await follow(request, printer, rows, feed.take, faults=faults)
    complete = printer.rows(request, rows)
    printer.faults(faults)
    printer.left_out(clusters.left_out)
    return FAILED if faults or not complete else 0


async def _settle(board: MetricsBoard, waiting: set[str], *, clusters: Clusters, timeout_s: float) -> None:
    deadline = clusters.clock.monotonic() + timeout_s
    while not board.settled and clusters.clock.monotonic() < deadline:
        waiting.clear()
        waiting.update(board.waiting)
        await clusters.clock.sleep(POLL_S)
    waiting.clear()
    waiting.update(board.waiting)


def _silent(rows: Iterable[Any]) -> list[tuple[str, Fault]]:
    """Clusters of which nothing is known, and why. What is bad and known is an answer."""
    silent = {row.cluster: row for row in rows if row.sample_at is None}
    known = {row.cluster for row in rows if row.sample_at is not None}
    return [
        (name or "fleet", Fault(FaultKind.CONFIG, row.word, row.reason, row.remedy))
        for name, row in sorted(silent.items())
        if name not in known
    ]
