"""``fleetui get replication``: the board is looked at until every source of metrics has answered or failed."""

import asyncio

from fleetui.cli.get import Printer, Request
from fleetui.cli.settle import POLL_S, timed_out
from fleetui.cli.waiting import telling
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.observe.replication import ReplicationBoard
from fleetui.wiring.replication import make_board, storing
from fleetui.wiring.session import Session

FAILED = 1
_REMEDY = "name one in the configuration, under metrics: (config.example.yaml shows how)"


async def list_replication(session: Session, request: Request, printer: Printer, *, watching: bool) -> int:
    """0 when every source has answered whole and every file of a kind can be used, else 1: the rest is printed. What is
    bad and known is an answer. Raises ClusterError when there is nobody to ask: an empty table would say that all is
    well."""
    if not storing(session.config):
        raise ClusterError(
            Fault(
                FaultKind.CONFIG,
                "no metrics",
                "no source of metrics is configured, or none is asked about any cluster",
                _REMEDY,
            )
        )
    board = make_board(session, clock=SystemClock(), chance=SystemChance())
    feed = board.rows.subscribe()
    looking = asyncio.create_task(board.watch())
    try:
        await _settle(board, looking, request, printer)
        rows = [row for _, row in feed.take().upserts]
        faults = _shortfalls(board, timeout_s=request.timeout_s)
        if watching:
            from fleetui.cli.stream import follow

            await follow(request, printer, rows, feed.take, faults=faults)
        complete = printer.rows(request, rows)
        printer.faults(faults)
        return FAILED if faults or not complete else 0
    finally:
        looking.cancel()
        await asyncio.wait({looking})
        await board.close()


async def _settle(board: ReplicationBoard, looking: "asyncio.Task[None]", request: Request, printer: Printer) -> None:
    """Until every source has answered, or time is up; a defect of ours is raised."""
    clock = SystemClock()
    deadline = clock.monotonic() + request.timeout_s
    total = len(board.sources)
    async with telling(lambda: set(board.waiting), of=total, timeout_s=request.timeout_s, err=printer.err, clock=clock):
        while not board.settled and clock.monotonic() < deadline and not looking.done():
            await clock.sleep(POLL_S)
    if looking.done():
        looking.result()


def _shortfalls(board: ReplicationBoard, *, timeout_s: float) -> list[tuple[str, Fault]]:
    late = [(name, timed_out(timeout_s)) for name in sorted(board.waiting)]
    return [*(("kinds", fault) for fault in board.mistakes), *late, *board.faults]
