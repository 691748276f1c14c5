"""The timeline of an incident: all in the order in which it happened, and the times of which nothing is known."""

from collections.abc import Iterable, Iterator

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.incident.gaps import Gap, gaps
from fleetui.model.incident.incident import Incident


class Line(msgspec.Struct, frozen=True):
    """One line; ``until`` only of a gap that is over."""

    at: float
    kind: str
    text: str
    cluster: str = ""
    source: str = ""
    who: str = ""
    level: Health = Health.CALM
    until: float | None = None
    lasts: bool = False
    """A gap that is not over."""


def timeline(incident: Incident, now: float) -> tuple[Line, ...]:
    """Oldest first. At one moment a gap stands before what was seen."""
    lines = [*map(_of_gap, gaps(incident, now)), *map(_of_entry, incident.entries)]
    return tuple(sorted(lines, key=lambda line: (line.at, line.kind != "gap")))


def unread(incident: Incident) -> tuple[str, ...]:
    """What of the past nobody could read, in words: without these, an empty list would look like calm."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for cluster, lack in incident.lacks:
        kinds.setdefault((cluster, lack.why), []).append(lack.what)
    lacks = [f"{', '.join(whats)} of {cluster}: {why}" for (cluster, why), whats in kinds.items()]
    return (*lacks, *_never_asked(incident))


def _never_asked(incident: Incident) -> Iterator[str]:
    for name in incident.clusters:
        never = [about for about in ("events", "changes") if (name, about) not in incident.looked]
        if never:
            yield f"{', '.join(never)} of {name}: not read"


def firing(incident: Incident) -> tuple[str, ...]:
    """Names of the alerts that fired and were never seen to end."""
    last: dict[str, Entry] = {}
    for entry in incident.entries:
        key, _, phase = entry.fact.rpartition("/")
        if entry.kind is EntryKind.ALERT and phase in ("firing", "resolved", "unknown", "ended unseen", "pending"):
            last[key] = entry
    return _names(entry for entry in last.values() if entry.fact.endswith(("/firing", "/unknown")))


def _names(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.text.partition(" ")[0] for entry in entries))


def _of_gap(gap: Gap) -> Line:
    return Line(at=gap.since, kind="gap", text=gap.text, level=Health.UNKNOWN, until=gap.until, lasts=gap.until is None)


def _of_entry(entry: Entry) -> Line:
    return Line(
        at=entry.at, kind=entry.kind.value, text=entry.text, cluster=entry.cluster, source=entry.source, who=entry.who,
        level=entry.level,
    )  # fmt: skip
