"""``fleetui get``: what is asked for, and the answer in the form that was asked for."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

import msgspec

from fleetui.cli.collect import fault_lines
from fleetui.cli.output import Dump, render, terminal_width
from fleetui.cli.select import select
from fleetui.model.fault import Fault
from fleetui.model.table.column import Table
from fleetui.model.table.filter import EVERYTHING, Filter
from fleetui.model.text import fence
from fleetui.ports.clock import Clock

ALIASES_NAMED = 5


class Request(msgspec.Struct, frozen=True):
    """What is asked for, and in which form."""

    table: Table[Any]
    kept: Filter[Any] = EVERYTHING
    output: str = "table"
    sort: str = ""
    """A column, ``-`` before it for descending, or ``trouble``; empty keeps the order in which rows come."""
    headers: bool = True
    timeout_s: float = 10.0
    name: str = ""
    """The one that is asked for by its exact name: not to find it is a failure."""


class Printer(msgspec.Struct, frozen=True):
    """Where it goes, and how YAML is written."""

    to_yaml: Dump
    clock: Clock
    out: TextIO = sys.stdout
    err: TextIO = sys.stderr

    def rows(self, request: Request, rows: Sequence[Any]) -> bool:
        """The whole answer; False when what was asked for by its name is not there. Raises SelectionError for what the
        request got wrong."""
        chosen = self.choose(request, rows)
        text = render(
            request.table,
            chosen,
            output=request.output,
            now=self.clock.now(),
            headers=request.headers,
            to_yaml=self.to_yaml,
            width=self.width,
        )
        self.write(text)
        if request.name and not chosen:
            self.note(f"{request.table.name.removesuffix('s')} {request.name}: not found where it was asked for")
        return bool(chosen) or not request.name

    def choose(self, request: Request, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows that were asked for, in order; of how many the filter cannot tell is said."""
        chosen = select(request.table, rows, kept=request.kept, sort=request.sort, now=self.clock.now())
        if chosen.unknown:
            self.note(f"{chosen.unknown} left out: what the filter asks about is not known of them")
        return chosen.rows

    @property
    def width(self) -> int | None:
        return terminal_width(self.out)

    def check(self, request: Request) -> None:
        """Raises SelectionError before any cluster is asked: nobody waits ten seconds to hear of a typing mistake."""
        select(request.table, (), kept=request.kept, sort=request.sort, now=self.clock.now())

    def left_out(self, contexts: int) -> None:
        """Contexts that nobody has chosen, so that the answer is not taken for the whole fleet's."""
        if contexts:
            self.note(
                f"{contexts} contexts not asked; ask them with --context PATTERN, or connect: in the configuration"
            )

    def aliases(self, aliases: Sequence[tuple[str, str]]) -> None:
        """Contexts whose cluster is listed under another name, so that nobody misses their rows."""
        if aliases:
            named = [f"{alias} ({owner})" for alias, owner in aliases[:ALIASES_NAMED]]
            more = [] if len(aliases) <= ALIASES_NAMED else ["…"]
            lead = "context leads" if len(aliases) == 1 else "contexts lead"
            self.note(f"{len(aliases)} {lead} to a cluster that is listed already: {', '.join([*named, *more])}")

    def faults(self, faults: Iterable[tuple[str, Fault]]) -> None:
        for line in fault_lines(tuple(faults)):
            self.note(line)

    def note(self, line: str) -> None:
        """On standard error: what the reader must know of the answer."""
        print(f"fleetui: {line}", file=self.err)

    def write(self, text: str) -> None:
        self.out.write(fence(text))
        self.out.flush()
