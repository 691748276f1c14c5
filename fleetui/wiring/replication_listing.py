"""``fleetui get replication``: the board is looked at until every source of metrics has answered or failed."""

from fleetui.cli.get import Printer, Request
from fleetui.cli.settle import timed_out
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.observe.waiting import running
from fleetui.wiring.answer import answered, filled
from fleetui.wiring.replication import make_board, storing
from fleetui.wiring.session import Session

_REMEDY = "name one in the configuration, under metrics: (config.example.yaml shows how)"


async def list_replication(session: Session, request: Request, printer: Printer, *, watching: bool) -> int:
    """0 when every source has answered whole and every file of a kind can be used, else 1: the rest is printed. What is
    bad and known is an answer. Raises ClusterError when there is nobody to ask: an empty table would say that all is
    well."""
    if not storing(session.config):
        detail = "no source of metrics is configured, or none is asked about any cluster"
        raise ClusterError(Fault(FaultKind.CONFIG, "no metrics", detail, _REMEDY))
    board = make_board(session, clock=SystemClock(), chance=SystemChance())
    feed = board.rows.subscribe()
    try:
        async with running(board.watch()) as looking:
            late = await filled(board, request, printer, of=len(board.sources), going=lambda: not looking.done())
            if looking.done():
                looking.result()  # a defect of ours: told as such, not waited for
            mistakes = [("kinds", fault) for fault in board.mistakes]
            unheard = [(name, timed_out(request.timeout_s)) for name in sorted(late)]
            faults = [*mistakes, *unheard, *board.faults]
            return await answered(request, printer, feed.take, faults=faults, watching=watching)
    finally:
        await board.close()
