"""``fleetui get etcd``: the board is looked at until every way to every cluster's etcd has answered or failed."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from fleetui.cli.get import Printer, Request
from fleetui.cli.settle import settle, timed_out
from fleetui.model.cluster import Health
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.etcd_state import REMEDY, EtcdState
from fleetui.model.table.scope import concerned
from fleetui.observe.etcd import EtcdBoard
from fleetui.observe.waiting import running
from fleetui.wiring.answer import answered, filled
from fleetui.wiring.clusters import Clusters


async def list_etcd(clusters: Clusters, request: Request, printer: Printer, *, watching: bool) -> int:
    """0 when something is known of each cluster that is configured, 1 when of one nothing is."""
    wanted = concerned(request.kept.term, clusters.chosen)
    async with _watched(clusters, wanted, once=not watching) as board:
        late = await filled(board, request, printer, of=len(board.rows))
        _say_unmeasured(_rows(board), printer)
        faults = _shortfalls(_rows(board), late=late, timeout_s=request.timeout_s)
        take, aside = board.rows.subscribe().take, clusters.left_out
        return await answered(request, printer, take, faults=faults, watching=watching, left_out=aside)


async def look_at_etcd(clusters: Clusters, wanted: frozenset[str], *, timeout_s: float) -> list[EtcdState]:
    """The rows of these clusters, once every way to each has answered or failed, or the time is over. Raises
    ClusterError where none is configured."""
    async with _watched(clusters, wanted, once=True) as board:
        await settle(board, timeout_s=timeout_s, clock=clusters.clock)
        return [row for row in _rows(board) if row.cluster in wanted]


@asynccontextmanager
async def _watched(clusters: Clusters, wanted: frozenset[str], *, once: bool) -> AsyncIterator[EtcdBoard]:
    """The board, filled with rows of these while the block runs. ``once``: nobody stays to see it measure. Raises
    ClusterError."""
    fleet = clusters.fleet(_needed(clusters, wanted))
    board = fleet.board("etcd")
    assert isinstance(board, EtcdBoard)
    if once:
        board.hasten()
    board.focus(wanted)
    _need_rows(board, wanted)
    fleet.look({"etcd"})
    async with running(fleet.run()):
        yield board


def _rows(board: EtcdBoard) -> list[EtcdState]:
    return [row for _, row in board.rows.snapshot()]


def _say_unmeasured(rows: Iterable[EtcdState], printer: Printer) -> None:
    """A ``?`` under FSYNC may hide a slow disk: why it is one."""
    for row in rows:
        if row.unmeasured:
            printer.note(f"{row.cluster}: disk latency not known: {', '.join(row.unmeasured)}")


def _needed(clusters: Clusters, wanted: frozenset[str]) -> frozenset[str]:
    """Those whose API server has to say where their etcd is."""
    said = {name: clusters.config.cluster(clusters.contexts[name]).etcd for name in wanted}
    return frozenset(name for name, etcd in said.items() if etcd.configured and not etcd.endpoints)


def _need_rows(board: EtcdBoard, wanted: frozenset[str]) -> None:
    """An empty table would say that all is well. Raises ClusterError with the remedy."""
    if wanted and not board.rows.snapshot():
        detail = "no cluster has its etcd configured, and there is no source of metrics"
        raise ClusterError(Fault(FaultKind.CONFIG, "no etcd", detail, f"{REMEDY}; see config.example.yaml"))


def _shortfalls(rows: Iterable[EtcdState], *, late: Iterable[str], timeout_s: float) -> list[tuple[str, Fault]]:
    """Clusters that are configured and of which nothing is known: why, else that time is up. What is bad and known is
    an answer."""
    found = {row.cluster: _unknown(row) for row in rows if _is_unknown(row)}
    return sorted(({name: timed_out(timeout_s) for name in late} | found).items())


def _is_unknown(row: EtcdState) -> bool:
    configured = row.direct is not None or row.scraped is not None
    return configured and row.level is Health.UNKNOWN


def _unknown(row: EtcdState) -> Fault:
    return Fault(FaultKind.CONFIG, row.word, row.reason, row.remedy)
