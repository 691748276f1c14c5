"""What ``fleetui get clusters`` and ``check clusters`` ask monitoring for: wherever a verdict is said, and never
for long."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from fleetui.cli.get import Request
from fleetui.cli.settle import Settling, settle
from fleetui.model.alerts.pipeline import Pipeline
from fleetui.model.cluster_verdict import BOARD_WORDS, VITAL
from fleetui.model.table.terms import Compare, Term
from fleetui.observe.alert_board import AlertBoard
from fleetui.observe.etcd import EtcdBoard
from fleetui.observe.fleet import Fleet
from fleetui.observe.metrics_board import MetricsBoard
from fleetui.ports.clock import Clock

if TYPE_CHECKING:
    from fleetui.observe.fleet import TableName

WITHIN_S = 4.0
"""How long a list waits: a source of alerts has three seconds before it counts as dead, one of metrics what the
configuration gives it (10 s). What has not been told by then is named."""
_BARE = frozenset({"name"})
"""Formats without a verdict; in all others HEALTH would call calm what nobody was asked about."""
_COLUMNS = frozenset({"etcd", "alerts", "pages", "tickets", "health"})


def asked_for(request: Request) -> bool:
    """Whether the answer says a verdict, or is chosen or ordered by what monitoring says."""
    named = {term.column for term in _terms(request.kept.term) if isinstance(term, Compare)}
    return request.output not in _BARE or not _COLUMNS.isdisjoint({*named, request.sort.removeprefix("-")})


def look(fleet: Fleet, wanted: frozenset[str]) -> None:
    """``wanted``: the clusters that are asked about; sources that know of none of them are left alone."""
    for name in sorted(VITAL):
        board = fleet.board(cast("TableName", name))
        if isinstance(board, EtcdBoard | MetricsBoard):
            board.focus(wanted)
    fleet.look(VITAL)


Owed = Mapping[str, Mapping[str, str]]
"""By cluster and board, whose first answer is awaited."""


async def told(fleet: Fleet, wanted: frozenset[str], *, timeout_s: float, clock: Clock) -> Owed:
    """Once everybody who is asked about ``wanted`` has answered or failed and the rows say it, or time is up: then with
    what is still owed. The boards are looked at since the fleet runs."""
    waits = (settle(board, timeout_s=timeout_s, clock=clock) for board in _boards(fleet, wanted))
    await asyncio.gather(*waits)
    fleet.take_vitals()
    return {name: owed for name in sorted(wanted) if (owed := _owed(fleet, name))}


def owed_text(owed: Owed) -> str:
    """``etcd, slo of eu-1 +2``; empty where nothing is owed."""
    boards = sorted({BOARD_WORDS[board] for said in owed.values() for board in said})
    more = f" +{len(owed) - 1}" if len(owed) > 1 else ""
    return f"{', '.join(boards)} of {next(iter(owed))}{more}" if owed else ""


class _Alerts:
    """A board of alerts, as far as it concerns some clusters. Its first picture does not wait for the slowest."""

    def __init__(self, board: AlertBoard, names: frozenset[str]) -> None:
        self._board = board
        self._names = names

    @property
    def settled(self) -> bool:
        return not _of_alerts(self._board.pipeline, self._names)


def _boards(fleet: Fleet, wanted: frozenset[str]) -> Iterator[Settling]:
    for name in sorted(VITAL):
        match fleet.board(cast("TableName", name)):
            case EtcdBoard() | MetricsBoard() as board:
                yield board
            case AlertBoard() as board:
                yield _Alerts(board, wanted)


def _owed(fleet: Fleet, cluster: str) -> dict[str, str]:
    """By board."""
    return {name: who for name in BOARD_WORDS if (who := _of_board(fleet, name, cluster))}


def _of_board(fleet: Fleet, name: str, cluster: str) -> str:
    match fleet.board(cast("TableName", name)):
        case MetricsBoard() as board:
            return ", ".join(sorted(board.unheard(cluster)))
        case EtcdBoard() as board:
            return "a way to it that is configured" if cluster in board.waiting else ""
        case AlertBoard() as board:
            return _of_alerts(board.pipeline, (cluster,))
    return ""


def _of_alerts(pipeline: Pipeline | None, names: Iterable[str]) -> str:
    """Also where others prove that the pipeline lives: a page may be known to one source alone."""
    if pipeline is None:
        return "every source"
    concerned = ("", *names)
    awaited = (each for each in pipeline.troubles if each.awaited and each.cluster in concerned)
    return ", ".join(each.what.partition(":")[0] for each in awaited)


def _terms(term: Term) -> Iterator[Any]:
    """All of them, however deep."""
    yield term
    for below in (*getattr(term, "terms", ()), getattr(term, "term", None)):
        if below is not None:
            yield from _terms(below)
