"""``fleetui get etcd``: the board is looked at until every way to every cluster's etcd has answered or failed."""

import asyncio
from collections.abc import Iterable

from fleetui.cli.get import Printer, Request
from fleetui.cli.settle import POLL_S, timed_out
from fleetui.cli.waiting import telling
from fleetui.model.cluster import Health
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.etcd_state import REMEDY, EtcdState
from fleetui.model.table.scope import concerned
from fleetui.observe.etcd import EtcdBoard
from fleetui.observe.fleet import Fleet
from fleetui.wiring.clusters import Clusters

FAILED = 1


async def list_etcd(clusters: Clusters, request: Request, printer: Printer, *, watching: bool) -> int:
    """0 when something is known of each cluster that is configured, 1 when of one nothing is."""
    wanted = concerned(request.kept.term, clusters.chosen)
    fleet = clusters.fleet(_needed(clusters, wanted))
    board = fleet.board("etcd")
    assert isinstance(board, EtcdBoard)
    board.focus(wanted)
    _need_rows(board, wanted)
    fleet.look({"etcd"})
    work = asyncio.create_task(fleet.run())
    try:
        return await _answer(fleet, board, clusters, request, printer, watching=watching)
    finally:
        work.cancel()
        await asyncio.wait({work})


async def look_at_etcd(clusters: Clusters, wanted: frozenset[str], *, timeout_s: float) -> list[EtcdState]:
    """The rows of these clusters, once every way to each has answered or failed, or the time is over. Raises
    ClusterError where none is configured."""
    fleet = clusters.fleet(_needed(clusters, wanted))
    board = fleet.board("etcd")
    assert isinstance(board, EtcdBoard)
    board.focus(wanted)
    _need_rows(board, wanted)
    fleet.look({"etcd"})
    work = asyncio.create_task(fleet.run())
    try:
        await _settle(board, set(), clusters=clusters, timeout_s=timeout_s)
        return [row for name, row in board.rows.snapshot() if name in wanted]
    finally:
        work.cancel()
        await asyncio.wait({work})


def _needed(clusters: Clusters, wanted: frozenset[str]) -> frozenset[str]:
    """Those whose API server has to say where their etcd is."""
    said = {name: clusters.config.cluster(clusters.contexts[name]).etcd for name in wanted}
    return frozenset(name for name, etcd in said.items() if etcd.configured and not etcd.endpoints)


def _need_rows(board: EtcdBoard, wanted: frozenset[str]) -> None:
    """An empty table would say that all is well. Raises ClusterError with the remedy."""
    if wanted and not board.rows.snapshot():
        detail = "no cluster has its etcd configured, and there is no source of metrics"
        raise ClusterError(Fault(FaultKind.CONFIG, "no etcd", detail, f"{REMEDY}; see config.example.yaml"))


async def _answer(
    fleet: Fleet, board: EtcdBoard, clusters: Clusters, request: Request, printer: Printer, *, watching: bool
) -> int:
    waiting: set[str] = set()
    total, patience = len(board.rows.snapshot()), request.timeout_s
    async with telling(lambda: waiting, of=total, timeout_s=patience, err=printer.err, clock=clusters.clock):
        await _settle(board, waiting, clusters=clusters, timeout_s=patience)
    feed = fleet.subscribe("etcd")
    rows: list[EtcdState] = [row for _, row in feed.take().upserts]
    faults = _shortfalls(rows, late=waiting, timeout_s=patience)
    if watching:
        from fleetui.cli.stream import follow

        await follow(request, printer, rows, feed.take, faults=faults)
    complete = printer.rows(request, rows)
    printer.faults(faults)
    printer.left_out(clusters.left_out)
    return FAILED if faults or not complete else 0


async def _settle(board: EtcdBoard, waiting: set[str], *, clusters: Clusters, timeout_s: float) -> None:
    deadline = clusters.clock.monotonic() + timeout_s
    while True:
        waiting.clear()
        waiting.update(name for name, row in board.rows.snapshot() if not row.settled)
        if not waiting or clusters.clock.monotonic() > deadline:
            return
        await clusters.clock.sleep(POLL_S)


def _shortfalls(rows: Iterable[EtcdState], *, late: set[str], timeout_s: float) -> list[tuple[str, Fault]]:
    """Clusters that are configured and of which nothing is known: why, else that time is up. What is bad and known is
    an answer."""
    found = {row.cluster: _unknown(row) for row in rows if _is_unknown(row)}
    return sorted(({name: timed_out(timeout_s) for name in late} | found).items())


def _is_unknown(row: EtcdState) -> bool:
    configured = row.direct is not None or row.scraped is not None
    return configured and row.level is Health.UNKNOWN


def _unknown(row: EtcdState) -> Fault:
    return Fault(FaultKind.CONFIG, row.word, row.reason, row.remedy)
