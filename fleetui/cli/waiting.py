"""What a command still waits for, said on a terminal while it waits and gone before the answer: ten silent seconds for
the slowest cluster look like a hang."""

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import NoReturn, TextIO

from fleetui.model.text import clean
from fleetui.observe.waiting import running
from fleetui.ports.clock import Clock

FIRST_S = 1.0
"""Who answers sooner is not announced: a line that only flashes is noise."""
NEXT_S = 0.25


@asynccontextmanager
async def telling(
    waiting: Callable[[], Collection[str]], *, of: int, timeout_s: float, err: TextIO, clock: Clock
) -> AsyncIterator[None]:
    """Tells on ``err``, while the block runs, which of ``of`` clusters are waited for. Says nothing in a pipe."""
    if not err.isatty():
        yield
        return
    line = _Line(err)
    try:
        async with running(_tell(line, waiting, of=of, timeout_s=timeout_s, clock=clock)):
            yield
    finally:
        line.show("")


async def _tell(
    line: "_Line", waiting: Callable[[], Collection[str]], *, of: int, timeout_s: float, clock: Clock
) -> NoReturn:
    await clock.sleep(FIRST_S)
    from shutil import get_terminal_size  # brings compressors along: only who waits pays for it

    while True:
        names = sorted(waiting())
        line.show(waiting_text(names, of=of, timeout_s=timeout_s, width=get_terminal_size().columns) if names else "")
        await clock.sleep(NEXT_S)


def waiting_text(names: Collection[str], *, of: int, timeout_s: float, width: int) -> str:
    """``waiting for 2 of 20 clusters: ap-1, eu-3 (timeout 10s)``, the names cut so that it stays one line."""
    head, tail = f"waiting for {len(names)} of {of} clusters: ", f" (timeout {timeout_s:g}s)"
    room = max(1, width - 1 - len(head) - len(tail))
    return head + clean(", ".join(names), limit=room) + tail


class _Line:
    """One line that is written over; blanks wipe it, which every terminal understands."""

    def __init__(self, err: TextIO) -> None:
        self._err = err
        self._text = ""

    def show(self, text: str) -> None:
        if text == self._text:
            return
        wipe = f"\r{' ' * len(self._text)}\r" if self._text else ""
        self._err.write(wipe + text)
        self._err.flush()
        self._text = text
