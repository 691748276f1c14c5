"""``fleetui get`` of a board that sources of metrics fill: looked at until every source has answered or failed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from fleetui.cli.get import Printer, Request
from fleetui.cli.settle import timed_out
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.fleet_figures import SILENT, FleetFigure
from fleetui.model.table.scope import concerned
from fleetui.observe.metrics_board import MetricsBoard
from fleetui.observe.waiting import running
from fleetui.wiring.answer import answered, filled
from fleetui.wiring.clusters import Clusters

if TYPE_CHECKING:
    from fleetui.observe.fleet import TableName


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
    async with running(fleet.run()):
        late = await filled(board, request, printer, of=len(board.sources))
        unheard = [(source, timed_out(request.timeout_s)) for source in sorted(late)]
        faults = [*unheard, *silent_of([row for _, row in board.rows.snapshot()])]
        take, aside = board.rows.subscribe().take, clusters.left_out
        return await answered(request, printer, take, faults=faults, watching=watching, left_out=aside)


def silent_of(rows: Sequence[Any]) -> list[tuple[str, Fault]]:
    """Clusters of which nothing is known, and why. What is bad and known is an answer."""
    counted = [row for row in rows if isinstance(row, FleetFigure) and row.id == SILENT.id]
    told = [("fleet", Fault(FaultKind.CONFIG, row.word, ", ".join(row.told), row.remedy)) for row in counted]
    return [*_unknown(rows), *told]


def _unknown(rows: Sequence[Any]) -> list[tuple[str, Fault]]:
    silent = {row.cluster: row for row in rows if row.sample_at is None}
    known = {row.cluster for row in rows if row.sample_at is not None}
    return [
        (name or "fleet", Fault(FaultKind.CONFIG, row.word, row.reason, row.remedy))
        for name, row in sorted(silent.items())
        if name not in known
    ]
