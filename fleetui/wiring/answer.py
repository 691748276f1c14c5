"""How every ``fleetui get`` of a live picture ends: the rows, what is missing of them, with --watch each change."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from fleetui.cli.get import Printer, Request
from fleetui.cli.settle import Settling, settle
from fleetui.cli.waiting import telling
from fleetui.model.fault import Fault
from fleetui.model.picture import Delta

FAILED = 1


class Awaited(Settling, Protocol):
    """A board that says who is waited for."""

    @property
    def waiting(self) -> frozenset[str]: ...


async def filled(
    board: Awaited, request: Request, printer: Printer, *, of: int, going: Callable[[], bool] = lambda: True
) -> frozenset[str]:
    """Tells, until the board of so many has settled or time is up, who is waited for; who has not answered by then."""
    patience, clock = request.timeout_s, printer.clock
    async with telling(lambda: board.waiting, of=of, timeout_s=patience, err=printer.err, clock=clock):
        await settle(board, timeout_s=patience, clock=clock, going=going)
    return board.waiting


async def answered(
    request: Request,
    printer: Printer,
    take: Callable[[], Delta[Any]],
    *,
    faults: Sequence[tuple[str, Fault]],
    watching: bool,
    left_out: int = 0,
    keep: Callable[[Any], bool] = lambda _: True,
) -> int:
    """The rows of the first ``take``; ``watching``, also what each further one changes, until it is cancelled. 1 when
    something of somebody is missing."""
    rows = [row for _, row in take().upserts]
    if watching:
        from fleetui.cli.stream import follow

        await follow(request, printer, rows, take, keep=keep, faults=faults)
    complete = printer.rows(request, list(filter(keep, rows)))
    printer.faults(faults)
    printer.left_out(left_out)
    return FAILED if faults or not complete else 0
