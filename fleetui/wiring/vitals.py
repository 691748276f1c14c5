"""What ``fleetui get clusters`` asks monitoring for: only where the answer has room for it, and never for long."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from fleetui.cli.get import Request
from fleetui.cli.settle import settle
from fleetui.model.table.terms import Compare, Term
from fleetui.observe.alert_board import AlertBoard
from fleetui.observe.etcd import EtcdBoard
from fleetui.observe.fleet import VITAL, Fleet
from fleetui.ports.clock import Clock

WITHIN_S = 4.0
"""The first look at the alerts takes three at most; what has not been told by then is told as not known."""
_ROOMY = frozenset({"wide", "json", "yaml", "csv"})
_COLUMNS = frozenset({"etcd", "alerts", "pages", "tickets"})


def asked_for(request: Request) -> bool:
    """Whether the answer shows what monitoring says, or is chosen or ordered by it."""
    named = {term.column for term in _terms(request.kept.term) if isinstance(term, Compare)}
    return request.output in _ROOMY or not _COLUMNS.isdisjoint({*named, request.sort.removeprefix("-")})


async def told(fleet: Fleet, *, timeout_s: float, clock: Clock) -> None:
    """Once the rows say it, or time is up. The boards are looked at since the fleet runs."""
    patience = min(WITHIN_S, timeout_s)
    etcd, alerts = fleet.board("etcd"), fleet.board("alerts")
    waits = []
    if isinstance(etcd, EtcdBoard):
        waits.append(settle(etcd, timeout_s=patience, clock=clock))
    if isinstance(alerts, AlertBoard):
        waits.append(_drawn(alerts, patience))
    await asyncio.gather(*waits)
    fleet.take_vitals()


def look(fleet: Fleet) -> None:
    fleet.look(VITAL)


async def _drawn(board: AlertBoard, timeout_s: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(board.drawn.wait(), timeout_s)


def _terms(term: Term) -> Iterator[Any]:
    """All of them, however deep."""
    yield term
    for below in (*getattr(term, "terms", ()), getattr(term, "term", None)):
        if below is not None:
            yield from _terms(below)
