"""What a console sees while an incident is open, as records: each thing once, and nothing that is known already."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.pipeline import Level, Pipeline
from fleetui.model.cluster import Cluster, Health
from fleetui.model.diagnosis.timeline import BEFORE_S
from fleetui.model.freshness import Trust
from fleetui.model.history import Transition
from fleetui.model.incident.before import CHANGES_BEFORE_S, looks_back
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.incident.facts import operation_entries, state_entry
from fleetui.model.incident.gaps import BEAT_S
from fleetui.model.incident.incident import Incident, by_fact, is_news
from fleetui.model.incident.past import OURS, Happened, Told, person
from fleetui.model.incident.record import Record, Recorded, Watched
from fleetui.model.ledger import Operation
from fleetui.model.picture import Delta
from fleetui.observe.incident_flapping import Flapping
from fleetui.ports.store import StoreError

MOST = 5_000
"""Entries of one incident; then states, events and changes are not recorded any more, and it says so."""

STORE = "the store of operations"
"""As a source that may be silent."""

_PROLIFIC = frozenset({EntryKind.STATE, EntryKind.EVENT, EntryKind.CHANGE})


class Rows(Protocol):
    def take(self) -> Delta[Any]: ...


class Picture(Protocol):
    """The part of the live picture that is recorded; ``Fleet`` fits."""

    def subscribe(self, table: Any, wake: Callable[[], None] | None = None) -> Rows: ...
    def board(self, name: Any) -> object | None: ...
    def cluster(self, name: str) -> Cluster | None: ...
    def history(self, since: float) -> tuple[Transition, ...]: ...
    async def events(self, cluster: str, *, since: float) -> Told: ...
    async def changes(self, cluster: str, *, since: float) -> Told: ...


class Author:
    """Who writes: makes records of entries."""

    def __init__(self, by: str, console: str) -> None:
        self.by = by
        self.console = console

    def recorded(self, incident: Incident, entry: Entry, now: float) -> Recorded:
        return Recorded(incident=incident.id, at=now, by=self.by, console=self.console, entry=entry)


class Recorder:
    """One console's. ``news`` is asked regularly for each open incident."""

    def __init__(self, picture: Picture, operations: Callable[[], Iterable[Operation]], author: Author) -> None:
        self._picture = picture
        self._operations = operations
        self.trouble = ""
        """Why operations cannot be recorded now; empty when they can."""
        self._store_heard: dict[str, bool] = {}
        """Once it could not be read, whether it can: for most it is no source to speak of."""
        self._author = author
        self._alert_rows: Rows | None = None
        self._alerts: dict[str, Alert] = {}
        self._flapping: dict[str, dict[str, Flapping]] = {}
        """By incident and alert, what was written down of it."""
        self._known: dict[str, tuple[Incident, Mapping[str, tuple[float, ...]]]] = {}
        """By incident, its entries by fact."""
        self._told: dict[str, set[tuple[str, float]]] = {}
        """By incident, what was judged already."""
        self._began: dict[str, float] = {}
        self._until: dict[str, float] = {}
        """By incident, the newest state that was judged."""
        self._judged: dict[tuple[str, str], Operation] = {}
        self._beats: dict[str, tuple[float, frozenset[str], frozenset[str]]] = {}

    def look(self) -> None:
        """Takes in what the alerts say now."""
        if self._alert_rows is None:
            self._alert_rows = self._picture.subscribe("alerts")
        delta = self._alert_rows.take()
        if delta.reset:
            self._alerts.clear()
        for key in delta.removes:
            self._alerts.pop(key, None)
        self._alerts.update(delta.upserts)

    def news(self, incident: Incident, now: float) -> list[Record]:
        """What is to be written down of this moment."""
        self._began.setdefault(incident.id, now)
        found = (*self._of_alerts(incident, now), *self._of_states(incident), *self._of_operations(incident))
        return [*self.fresh(incident, found, now), *self._beat(incident, now)]

    def fresh(self, incident: Incident, entries: Iterable[Entry], now: float) -> Iterator[Record]:
        """Those that neither this console nor, before it began, another has written down."""
        told, began = self._told.setdefault(incident.id, set()), self._began.setdefault(incident.id, now)
        room = MOST - len(incident.entries)
        for entry in entries:
            key = (entry.fact, 0.0 if entry.once else entry.at)
            if key in told:
                continue
            told.add(key)
            if (entry.once or entry.at < began) and not is_news(self._facts(incident), entry):
                continue
            if room <= 0 and entry.kind in _PROLIFIC:
                yield from self._full(incident, now)
                continue
            room -= 1
            yield self._author.recorded(incident, entry, now)

    def _facts(self, incident: Incident) -> Mapping[str, tuple[float, ...]]:
        """What stands in it by fact, gathered once as long as nothing is added."""
        known = self._known.get(incident.id)
        if known is None or known[0] is not incident:
            known = self._known[incident.id] = (incident, by_fact(incident))
        return known[1]

    def _full(self, incident: Incident, now: float) -> Iterator[Record]:
        text = f"more than {MOST:,} entries: states, events and changes are not recorded any more"
        entry = Entry(kind=EntryKind.COURSE, at=now, text=text, fact="full", once=True, level=Health.UNKNOWN)
        yield from self.fresh(incident, (entry,), now)

    def _of_alerts(self, incident: Incident, now: float) -> Iterator[Entry]:
        known, facts = self._flapping.setdefault(incident.id, {}), self._facts(incident)
        for key, alert in self._alerts.items():
            if key not in known and incident.concerns(cluster=alert.cluster, alert=key):
                known[key] = Flapping(key, facts)
            if key in known:
                yield from known[key].entries(alert, facts, now)

    def _of_states(self, incident: Incident) -> Iterator[Entry]:
        since = self._until.get(incident.id, looks_back(incident, BEFORE_S))
        for one in self._picture.history(since):
            self._until[incident.id] = max(self._until.get(incident.id, since), one.at)
            if incident.concerns(cluster=one.cluster):
                yield state_entry(one)

    def _of_operations(self, incident: Incident) -> Iterator[Entry]:
        since = looks_back(incident, CHANGES_BEFORE_S)
        for operation in self._known_operations():
            key = (incident.id, operation.op_id)
            if self._judged.get(key) is operation or not incident.concerns(cluster=operation.intent.cluster.name):
                continue
            self._judged[key] = operation
            yield from (entry for entry in operation_entries(operation) if entry.at >= since)

    def person(self, cluster: str, one: Happened) -> str:
        """Who made a change, as far as our own audit knows it."""
        return person(cluster, one, self._known_operations()) if one.who == OURS else one.who

    def _known_operations(self) -> Iterable[Operation]:
        """None while their store cannot be read: it is told as a source that is silent, and all else is recorded."""
        try:
            found = tuple(self._operations())
        except StoreError as error:
            self.trouble = f"operations are not recorded: {error}"
            self._store_heard[STORE] = False
            return ()
        self.trouble = ""
        self._store_heard.update(dict.fromkeys(self._store_heard, True))
        return found

    def _beat(self, incident: Incident, now: float) -> Iterator[Record]:
        """That this console is there, and whom it hears: once a minute, and when that changes."""
        hears, silent = self._heard(incident)
        last = self._beats.get(incident.id)
        if last is None or last[1:] != (hears, silent) or now - last[0] >= BEAT_S:
            self._beats[incident.id] = (now, hears, silent)
            yield Watched(
                incident=incident.id, at=now, by=self._author.by, console=self._author.console,
                hears=tuple(sorted(hears)), silent=tuple(sorted(silent)),
            )  # fmt: skip

    def _heard(self, incident: Incident) -> tuple[frozenset[str], frozenset[str]]:
        said = {**self._store_heard, **self._sources(), **self._watchdogs(), **self._clusters(incident)}
        hears = frozenset(name for name, heard in said.items() if heard)
        return hears, frozenset(said) - hears

    def _sources(self) -> Mapping[str, bool]:
        """By name, whether it answers."""
        board = self._picture.board("alerts")
        pipeline: Pipeline | None = getattr(board, "pipeline", None)
        if pipeline is None:
            return {}
        known: Iterable[tuple[str, str]] = getattr(board, "sources", ())
        return {f"{kind} {name}": name not in pipeline.failed for kind, name in known}

    def _watchdogs(self) -> Mapping[str, bool]:
        """Ways of alerts that prove nothing any more."""
        pipeline: Pipeline | None = getattr(self._picture.board("alerts"), "pipeline", None)
        if pipeline is None:
            return {}
        dead = {
            trouble.cluster
            for trouble in pipeline.troubles
            if trouble.level is Level.DEAD and trouble.since is not None
        }
        ways = {alert.cluster for alert in self._alerts.values()} | dead
        return {f"alerts of {cluster or 'all clusters'}": cluster not in dead for cluster in ways}

    def _clusters(self, incident: Incident) -> Mapping[str, bool]:
        rows = ((name, self._picture.cluster(name)) for name in incident.clusters)
        return {
            f"cluster {name}": row.trust in (Trust.LIVE, Trust.STALE)
            for name, row in rows
            if row is not None and row.trust is not Trust.CONNECTING
        }
