"""What changed before the first symptom: the likeliest causes. And why none is listed, where none is: nothing happened,
nobody could see, or nobody looked that far back."""

from fleetui.model.duration import format_duration
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.incident.incident import Incident

CHANGES_BEFORE_S = 2 * 3600.0
"""How far before the first symptom changes are looked for: a rollout may take its time to hurt. States and events are
as far as ``diagnosis.timeline.BEFORE_S``."""
OLDEST_S = 86_400.0
"""Before the incident was begun: an alert that has fired for weeks is not asked for weeks of changes."""


def looks_back(incident: Incident, before_s: float) -> float:
    """From when on its past is looked for, Unix seconds."""
    return max(incident.symptom, incident.opened - OLDEST_S) - before_s


def before_symptom(incident: Incident) -> tuple[Entry, ...]:
    """The latest first: the likeliest cause on top. Operations of this program are changes too."""
    kinds = (EntryKind.CHANGE, EntryKind.OPERATION)
    found = (entry for entry in incident.entries if entry.kind in kinds and entry.at <= incident.symptom)
    return tuple(sorted(found, key=lambda entry: entry.at, reverse=True))


def why_nothing(incident: Incident) -> str:
    """Why ``before_symptom`` is empty, in one sentence."""
    if incident.symptom < looks_back(incident, CHANGES_BEFORE_S):
        days = format_duration(incident.opened - incident.symptom)
        return f"not looked for: its first symptom was {days} before it was begun. The last day stands in the timeline"
    if not incident.clusters:
        return "not looked for: its alerts name no cluster that could be asked"
    told = [name for name in incident.clusters if incident.was_read(name, "changes")]
    span = format_duration(CHANGES_BEFORE_S)
    if not told:
        asked = any((name, "changes") in incident.looked for name in incident.clusters)
        return "nothing that could be read" if asked else "not read yet"
    lacking = len(told) < len(incident.clusters) or any(name in told for name, _ in incident.lacks)
    return f"nothing in the {span} before it, " + ("in what could be read" if lacking else "and all was read")
