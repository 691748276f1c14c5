"""Tables that have to be asked for: a poll of a foreign system, and only while somebody looks at what comes of it."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, Protocol

from fleetui.observe.table import Table
from fleetui.ports.clock import Clock

_log = logging.getLogger(__name__)

AGAIN_S = 5.0
"""After a defect of ours, before the board is watched again."""

MakeBoard = Callable[[], "Board"]
"""Called when somebody first asks for the board: what it imports is not paid for by a start."""


class Board(Protocol):
    """One table and whoever fills it."""

    @property
    def rows(self) -> Table[Any]: ...

    async def watch(self) -> None:
        """Fill it until cancelled; it is called again when somebody looks again, and what was known stays."""
        ...

    async def close(self) -> None:
        """Nobody will look again. ``watch`` is not running."""
        ...


class Boards:
    """The boards of a session: made when they are first asked for, watched while they are looked at."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._makers: dict[str, MakeBoard] = {}
        self._made: dict[str, Board] = {}
        self._looked: frozenset[str] = frozenset()
        self._group: asyncio.TaskGroup | None = None
        self._watching: dict[str, asyncio.Task[None]] = {}

    def add(self, name: str, make: MakeBoard) -> None:
        """A second board of a name is an error."""
        if name in self._makers:
            raise ValueError(f"two boards named {name!r}")
        self._makers[name] = make

    def board(self, name: str) -> Board | None:
        """Made now, if need be; None where the session has no such board."""
        if name not in self._made and name in self._makers:
            self._made[name] = self._makers[name]()
        return self._made.get(name)

    def look(self, names: Iterable[str]) -> None:
        """Those that are looked at now. The others rest, with what they know."""
        wanted = frozenset(name for name in names if name in self._makers)
        before, self._looked = self._looked, wanted
        for name in before - wanted:
            if name in self._watching:
                self._watching[name].cancel()
        for name in sorted(wanted - before):
            self._begin(name)

    async def run(self) -> NoReturn:
        """Until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                for name in sorted(self._looked):
                    self._begin(name)
                while True:
                    await asyncio.Event().wait()
        finally:
            self._group = None
            self._watching.clear()
            for board in self._made.values():
                await board.close()

    def _begin(self, name: str) -> None:
        board = self.board(name)
        if self._group is not None and board is not None:
            work = self._watch(name, board, self._watching.get(name))
            self._watching[name] = self._group.create_task(work, name=f"board {name}")

    async def _watch(self, name: str, board: Board, before: "asyncio.Task[None] | None") -> None:
        """A watch that is still ending has the board until it has ended."""
        if before is not None:
            await asyncio.wait((before,))
        while True:
            try:
                await board.watch()
            except Exception:  # fence: a defect in one board must not take the whole picture with it
                _log.exception("the board %s has failed", name)
            await self._clock.sleep(AGAIN_S)
