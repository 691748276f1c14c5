"""What ``fleetui get clusters`` and ``check clusters`` ask monitoring for: wherever a verdict is said, and never
for long."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from fleetui.cli.get import Request
from fleetui.cli.settle import settle
from fleetui.model.cluster_verdict import VITAL
from fleetui.model.table.terms import Compare, Term
from fleetui.observe.alert_board import AlertBoard
from fleetui.observe.etcd import EtcdBoard
from fleetui.observe.fleet import Fleet
from fleetui.observe.metrics_board import MetricsBoard
from fleetui.ports.clock import Clock

if TYPE_CHECKING:
    from fleetui.observe.fleet import TableName

WITHIN_S = 4.0
"""The first look at the alerts takes three at most; what has not been told by then is told as not known."""
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


async def told(fleet: Fleet, *, timeout_s: float, clock: Clock) -> None:
    """Once the rows say it, or time is up. The boards are looked at since the fleet runs."""
    patience = min(WITHIN_S, timeout_s)
    boards = [fleet.board(cast("TableName", name)) for name in sorted(VITAL)]
    waits = [
        settle(board, timeout_s=patience, clock=clock)
        for board in boards
        if isinstance(board, EtcdBoard | MetricsBoard)
    ]
    drawn = [_drawn(board, patience) for board in boards if isinstance(board, AlertBoard)]
    await asyncio.gather(*waits, *drawn)
    fleet.take_vitals()


async def _drawn(board: AlertBoard, timeout_s: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(board.drawn.wait(), timeout_s)


def _terms(term: Term) -> Iterator[Any]:
    """All of them, however deep."""
    yield term
    for below in (*getattr(term, "terms", ()), getattr(term, "term", None)):
        if below is not None:
            yield from _terms(below)
