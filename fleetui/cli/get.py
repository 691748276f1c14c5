"""``fleetui get``: one answer, or an answer and then its changes."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TextIO

from fleetui.cli.collect import fault_lines
from fleetui.cli.output import Dump, aligned, json_line, render, shown_columns
from fleetui.cli.select import select
from fleetui.cli.settle import POLL_S, Feed
from fleetui.model.fault import Fault
from fleetui.model.table.column import Table
from fleetui.model.text import fence
from fleetui.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, and in which form."""

    table: Table[Any]
    query: str = ""
    output: str = "table"
    sort: str = ""
    headers: bool = True
    timeout_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Printer:
    """Where it goes, and how YAML is written."""

    to_yaml: Dump
    clock: Clock
    out: TextIO = sys.stdout
    err: TextIO = sys.stderr

    def rows(self, request: Request, rows: Sequence[Any]) -> None:
        """The whole answer. Raises SelectionError for what the request got wrong."""
        now = self.clock.now()
        chosen = select(request.table, rows, query=request.query, sort=request.sort, now=now)
        text = render(
            request.table,
            chosen.rows,
            output=request.output,
            now=now,
            headers=request.headers,
            to_yaml=self.to_yaml,
        )
        self._write(text)
        if chosen.unknown:
            print(f"fleetui: {chosen.unknown} left out: what the filter asks about is not known of them", file=self.err)

    def changed(self, request: Request, row: Any) -> None:
        """One row on one line, as ``--watch`` appends them."""
        now = self.clock.now()
        if not select(request.table, [row], query=request.query, sort="", now=now).rows:
            return
        if request.output in ("json", "yaml", "csv"):
            self._write(json_line(request.table, row) + "\n")
            return
        columns = shown_columns(request.table, [row], wide=request.output == "wide", now=now)
        self._write(aligned(columns, [row], now=now, headers=False))

    def _write(self, text: str) -> None:
        self.out.write(fence(text))
        self.out.flush()

    def check(self, request: Request) -> None:
        """Raises SelectionError before any cluster is asked: nobody waits ten seconds to hear of a typing mistake."""
        select(request.table, (), query=request.query, sort=request.sort, now=self.clock.now())

    def left_out(self, contexts: int) -> None:
        """Contexts that nobody has chosen, so that the answer is not taken for the whole fleet's."""
        if contexts:
            note = f"{contexts} contexts not asked; ask them with --context PATTERN, or connect: in the configuration"
            print(f"fleetui: {note}", file=self.err)

    def faults(self, faults: Iterable[tuple[str, Fault]]) -> None:
        for line in fault_lines(tuple(faults)):
            print(f"fleetui: {line}", file=self.err)


async def watch(request: Request, printer: Printer, feed: Feed, *, clock: Clock) -> NoReturn:
    """Appends what changes until it is cancelled. What is gone is not printed: its line cannot be taken back."""
    while True:
        for _, row in feed.take().upserts:
            printer.changed(request, row)
        await clock.sleep(POLL_S)


async def watch_operations(request: Request, printer: Printer, poll: Callable[[], Sequence[Any]]) -> NoReturn:
    """The same for operations: ``poll`` returns what changed since it was last asked."""
    while True:
        for operation in poll():
            printer.changed(request, operation)
        await asyncio.sleep(POLL_S)
