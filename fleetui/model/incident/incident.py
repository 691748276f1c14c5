"""One incident, folded from its records: the same records in the same order are the same incident."""

from collections.abc import Iterable, Mapping

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.incident.entry import SAME_S, Entry, EntryKind, same
from fleetui.model.incident.record import (
    AlertRef,
    Closed,
    LackOf,
    Looked,
    Noted,
    Opened,
    Record,
    Recorded,
    Ticked,
    Watched,
)


class IncidentError(ValueError):
    """What somebody wants to do to an incident makes no sense; the text says what would."""


class Tick(msgspec.Struct, frozen=True):
    """Who checked an item off, and when."""

    by: str
    at: float


class Watch(msgspec.Struct, frozen=True, gc=False):
    """That a console was there at a moment, and whom it heard."""

    console: str
    at: float
    hears: tuple[str, ...]
    silent: tuple[str, ...]


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """A row. Times are Unix seconds."""

    id: str
    title: str
    by: str
    opened: float
    symptom: float
    alerts: tuple[AlertRef, ...] = ()
    clusters: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    """Oldest first; what several consoles saw is there once."""
    ticks: Mapping[str, Tick] = {}
    """By item of the checklist; what was taken back is not there."""
    watches: tuple[Watch, ...] = ()
    lacks: tuple[tuple[str, LackOf], ...] = ()
    """What of a cluster's past nobody could read, by cluster."""
    looked: frozenset[tuple[str, str]] = frozenset()
    """(cluster, subject) that was asked for, ``events`` and ``changes``; what was not read of it is among the lacks."""
    closed: float | None = None
    closed_by: str = ""
    summary: str = ""

    @property
    def open(self) -> bool:
        return self.closed is None

    def was_read(self, cluster: str, about: str) -> bool:
        """Whether somebody had an answer, be it one with lacks."""
        failed = any(name == cluster and lack.what == about for name, lack in self.lacks)
        return (cluster, about) in self.looked and not failed

    @property
    def people(self) -> tuple[str, ...]:
        """Who wrote anything into it, the one who began it first."""
        wrote = (entry.who for entry in self.entries if entry.kind in (EntryKind.NOTE, EntryKind.COURSE) and entry.who)
        return tuple(dict.fromkeys([self.by, *wrote]))

    def concerns(self, *, cluster: str, alert: str = "") -> bool:
        """Whether something of that cluster, or that alert, belongs to it."""
        return cluster in self.clusters or any(ref.key == alert for ref in self.alerts)


class Folding:
    """The running fold of all incidents: feed it records in the journal's order, ask for the incidents at any time."""

    def __init__(self) -> None:
        self._being: dict[str, _Being] = {}

    def feed(self, records: Iterable[Record]) -> frozenset[str]:
        """Ids of the incidents that are others than before. Records of one that never began are left out."""
        changed: set[str] = set()
        for record in records:
            if isinstance(record, Opened):
                self._being.setdefault(record.incident, _Being(record))
            elif record.incident in self._being:
                self._being[record.incident].add(record)
            else:
                continue
            changed.add(record.incident)
        return frozenset(changed)

    def incident(self, incident_id: str) -> Incident:
        """Raises KeyError."""
        return self._being[incident_id].incident()

    def incidents(self) -> tuple[Incident, ...]:
        """In the order in which they began."""
        return tuple(being.incident() for being in self._being.values())


def fold(records: Iterable[Record]) -> tuple[Incident, ...]:
    folding = Folding()
    folding.feed(records)
    return folding.incidents()


class _Being:
    def __init__(self, opened: Opened) -> None:
        text = f"incident begun: {opened.title}"
        begun = Entry(kind=EntryKind.COURSE, at=opened.at, text=text, who=opened.by, level=Health.BUSY)
        self._opened = opened
        self._entries: list[Entry] = [begun]
        self._facts: dict[str, list[tuple[str, Entry]]] = {}
        """By fact, who told of it when."""
        self._ticks: dict[str, Tick] = {}
        self._watches: list[Watch] = []
        self._looks: dict[tuple[str, str], Looked] = {}
        self._closed: Closed | None = None
        self._made: Incident | None = None

    def add(self, record: Record) -> None:
        self._made = None
        match record:
            case Recorded():
                self._tell(record)
            case Noted():
                self._entries.append(Entry(kind=EntryKind.NOTE, at=record.at, text=record.text, who=record.by))
            case Ticked():
                self._tick(record)
            case Closed() if self._closed is None:
                self._closed = record
                text = f"incident closed: {record.summary}"
                self._entries.append(Entry(kind=EntryKind.COURSE, at=record.at, text=text, who=record.by))
            case Watched():
                self._watches.append(Watch(record.console, record.at, record.hears, record.silent))
            case Looked():
                self._looks[record.cluster, record.about] = record

    def _tell(self, record: Recorded) -> None:
        entry = record.entry
        known = self._facts.setdefault(entry.fact, []) if entry.fact else []
        if any(same(other, entry, one_console=console == record.console) for console, other in known):
            return
        known.append((record.console, entry))
        self._entries.append(entry)

    def _tick(self, record: Ticked) -> None:
        if record.done:
            self._ticks[record.item] = Tick(record.by, record.at)
        else:
            self._ticks.pop(record.item, None)

    def incident(self) -> Incident:
        if self._made is None:
            self._made = self._make()
        return self._made

    def _make(self) -> Incident:
        opened, closed = self._opened, self._closed
        return Incident(
            id=opened.incident,
            title=opened.title,
            by=opened.by,
            opened=opened.at,
            symptom=opened.symptom,
            alerts=opened.alerts,
            clusters=opened.clusters,
            entries=tuple(sorted(self._entries, key=lambda entry: entry.at)),
            ticks=dict(self._ticks),
            watches=tuple(self._watches),
            lacks=tuple((look.cluster, lack) for look in self._looks.values() for lack in look.lacks),
            looked=frozenset(self._looks),
            closed=closed.at if closed is not None else None,
            closed_by=closed.by if closed is not None else "",
            summary=closed.summary if closed is not None else "",
        )


def by_fact(incident: Incident) -> Mapping[str, tuple[float, ...]]:
    """When each fact was, as it is written down: to look up whether something is news."""
    found: dict[str, list[float]] = {}
    for entry in incident.entries:
        found.setdefault(entry.fact, []).append(entry.at)
    return {fact: tuple(times) for fact, times in found.items()}


def is_news(known: Mapping[str, tuple[float, ...]], entry: Entry) -> bool:
    """Whether nothing that is written down tells of it already, whoever told; ``known``: by fact."""
    times = known.get(entry.fact, ())
    return not times if entry.once else all(abs(at - entry.at) > SAME_S for at in times)
