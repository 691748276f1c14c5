"""``fleetui get --watch``: the rows as they are, then each change, in one shape from the first line to the last.

JSON is one object a line, CSV one row, YAML one document; each begins with ``event``: ``added`` (the rows of the
beginning, and new ones), ``changed``, ``removed`` (it is gone, or the filter lets it through no more; as last known). A
table prints the rows, then the new state of each that changes; what is gone it cannot take back.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, Protocol

import msgspec

from fleetui.cli.get import Printer, Request
from fleetui.cli.output import Dump, Layout, csv_text, objects, one_line, shown_columns
from fleetui.cli.select import select
from fleetui.cli.settle import POLL_S
from fleetui.cli.tables import PULSE
from fleetui.model.fault import Fault
from fleetui.model.picture import Delta
from fleetui.model.table.column import Table
from fleetui.ports.clock import Clock

ADDED, CHANGED, REMOVED = "added", "changed", "removed"


class Form(Protocol):
    """How rows are written one by one."""

    head: str

    def body(self, row: Any, now: float) -> str:
        """The row alone."""

    def gist(self, row: Any, body: str) -> str:
        """The row is told again only when this reads otherwise."""

    def line(self, event: str, body: str) -> str:
        """What is printed; empty for an event that this form does not tell."""


class Stream:
    """What has been printed, and the changes after it."""

    def __init__(self, request: Request, printer: Printer, *, keep: Callable[[Any], bool] = lambda _: True) -> None:
        """``keep``: which rows are asked for at all, whatever the filter says."""
        self._request = request
        self._printer = printer
        self._keep = keep
        self._shown: dict[str, tuple[str, str]] = {}
        """By the row's id: its gist and what was printed."""
        self._form: Form | None = None

    def begin(self, rows: Iterable[Any]) -> None:
        """The answer as it stands. Raises SelectionError for what the request got wrong."""
        chosen = self._printer.choose(self._request, list(filter(self._keep, rows)))
        form = self._form = _form(self._request, self._printer, chosen)
        self._shown = {self._request.table.id(row): self._read(form, row) for row in chosen}
        self._printer.write(form.head + "".join(form.line(ADDED, body) for _, body in self._shown.values()))

    def apply(self, delta: Delta[Any]) -> None:
        """What has changed since, in the order in which it was heard; nothing is written when nothing reads otherwise.
        To be called after ``begin``."""
        assert self._form is not None
        gone = set(delta.removes)
        if delta.reset:
            gone |= self._shown.keys() - {row_id for row_id, _ in delta.upserts}
        lines = [self._removed(row_id) for row_id in sorted(gone)]
        lines += [self._upserted(row_id, row) for row_id, row in delta.upserts]
        if text := "".join(lines):
            self._printer.write(text)

    def _removed(self, row_id: str) -> str:
        shown = self._shown.pop(row_id, None)
        assert self._form is not None
        return "" if shown is None else self._form.line(REMOVED, shown[1])

    def _upserted(self, row_id: str, row: Any) -> str:
        if not self._asked_for(row):
            return self._removed(row_id)
        assert self._form is not None
        before, (gist, body) = self._shown.get(row_id), self._read(self._form, row)
        if before is not None and before[0] == gist:
            return ""
        self._shown[row_id] = gist, body
        return self._form.line(ADDED if before is None else CHANGED, body)

    def _read(self, form: Form, row: Any) -> tuple[str, str]:
        body = form.body(row, self._printer.clock.now())
        return form.gist(row, body), body

    def _asked_for(self, row: Any) -> bool:
        request, now = self._request, self._printer.clock.now()
        return self._keep(row) and bool(select(request.table, [row], kept=request.kept, now=now).rows)


async def follow(
    request: Request,
    printer: Printer,
    rows: Iterable[Any],
    take: Callable[[], Delta[Any]],
    *,
    keep: Callable[[Any], bool] = lambda _: True,
    faults: Iterable[tuple[str, Fault]] = (),
) -> NoReturn:
    """The rows as they are, what is missing of them, then each change until it is cancelled."""
    stream = Stream(request, printer, keep=keep)
    stream.begin(rows)
    printer.faults(faults)
    await watch(stream, take, clock=printer.clock)


async def watch(stream: Stream, take: Callable[[], Delta[Any]], *, clock: Clock) -> NoReturn:
    """Tells what changes until it is cancelled."""
    while True:
        stream.apply(take())
        await clock.sleep(POLL_S)


def _form(request: Request, printer: Printer, rows: Sequence[Any]) -> Form:
    match request.output:
        case "json":
            return _Json(request.table)
        case "yaml":
            return _Yaml(request.table, printer.to_yaml)
        case "csv":
            return _Csv(request.table, headers=request.headers)
        case "name":
            return _Names(request.table)
    return _Lines(request, printer, rows)


class _Fields:
    """Forms that tell every field."""

    head = ""

    def __init__(self, table: Table[Any]) -> None:
        self._table = table
        self._steady = [field for field in table.fields if field.name not in PULSE]

    def gist(self, row: Any, body: str) -> str:
        if len(self._steady) == len(self._table.fields):
            return body
        return repr([field.value(row) for field in self._steady])


class _Json(_Fields):
    def body(self, row: Any, _: float) -> str:
        return msgspec.json.encode(objects(self._table, [row])[0]).decode()

    def line(self, event: str, body: str) -> str:
        return f'{{"event":"{event}",{body[1:]}\n'


class _Yaml(_Fields):
    def __init__(self, table: Table[Any], to_yaml: Dump) -> None:
        super().__init__(table)
        self._to_yaml = to_yaml

    def body(self, row: Any, _: float) -> str:
        return self._to_yaml(objects(self._table, [row])[0])

    def line(self, event: str, body: str) -> str:
        return f"---\nevent: {event}\n{body}"


class _Csv(_Fields):
    def __init__(self, table: Table[Any], *, headers: bool) -> None:
        super().__init__(table)
        self.head = f"event,{csv_text(table, (), headers=True)}" if headers else ""

    def body(self, row: Any, _: float) -> str:
        return csv_text(self._table, [row], headers=False)

    def line(self, event: str, body: str) -> str:
        return f"{event},{body}"


class _Text:
    """Forms without a word for the event: what is gone they do not tell."""

    def gist(self, _: Any, body: str) -> str:
        return body

    def line(self, event: str, body: str) -> str:
        return "" if event == REMOVED else body


class _Names(_Text):
    head = ""

    def __init__(self, table: Table[Any]) -> None:
        self._table = table

    def body(self, row: Any, _: float) -> str:
        return f"{one_line(self._table.title(row))}\n"


class _Lines(_Text):
    """The table's, with the columns and widths of its beginning."""

    def __init__(self, request: Request, printer: Printer, rows: Sequence[Any]) -> None:
        now, wide = printer.clock.now(), request.output == "wide"
        columns = shown_columns(request.table, rows, wide=wide, now=now)
        width = None if wide else printer.width
        self._layout, text = Layout.of(columns, rows, now=now, headers=request.headers, width=width)
        self.head = text[: text.index("\n") + 1] if request.headers else ""

    def body(self, row: Any, now: float) -> str:
        return self._layout.lines([row], now=now)
