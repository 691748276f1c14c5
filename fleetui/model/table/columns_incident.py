"""The Incidents table: what is open on top, then what was closed last; who leads, how far the checklist is."""

from fleetui.model.cluster import Health
from fleetui.model.duration import age_text, format_duration, time_text
from fleetui.model.incident.checklist import progress
from fleetui.model.incident.entry import EntryKind
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.timeline import firing
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import NOTHING, Align, Column, Field, Kind, Table
from fleetui.model.table.columns_shared import muted, word_column

SHORT = 6
"""Letters of an id that tell it apart; commands take its end."""


def incident_health(incident: Incident) -> Health:
    """One that is open calls for somebody."""
    return Health.WARNING if incident.open else Health.CALM


def state_word(incident: Incident) -> str:
    return "open" if incident.open else "closed"


def notes(incident: Incident) -> int:
    return sum(entry.kind is EntryKind.NOTE for entry in incident.entries)


def recorded_text(incident: Incident, now: float) -> str:
    """From its beginning to its end; of one that is open, to now."""
    return format_duration((now if incident.closed is None else incident.closed) - incident.opened)


def _style(incident: Incident, _: float) -> str:
    return HEALTH_STYLES[incident_health(incident)] if incident.open else "muted"


def _haystack(incident: Incident) -> str:
    said = (incident.id, incident.title, incident.by, incident.summary, state_word(incident))
    return "\n".join((*said, *incident.clusters, *(ref.name for ref in incident.alerts))).lower()


_COLUMNS: tuple[Column[Incident], ...] = (
    Column(
        id="title",
        title="INCIDENT",
        doc="What is wrong, in the words of whoever began it.",
        value=lambda row: row.title,
        known=True,
        text=lambda row, _: row.title,
        least=20,
        most=60,
        priority=1,
        style=lambda row, _: "strong" if row.open else "muted",
    ),
    Column(
        id="state",
        title="STATE",
        doc="open or closed.",
        kind=Kind.WORDS,
        value=state_word,
        known=True,
        text=lambda row, _: state_word(row),
        least=6,
        most=6,
        priority=1,
        style=_style,
    ),
    Column(
        id="age",
        title="BEGAN",
        doc="Since it was begun.",
        kind=Kind.SINCE,
        value=lambda row: row.opened,
        known=True,
        text=lambda row, now: age_text(row.opened, now),
        least=5,
        most=5,
        priority=2,
        align=Align.RIGHT,
    ),
    Column(
        id="symptom",
        title="SYMPTOM",
        doc="How long ago its first symptom was.",
        kind=Kind.SINCE,
        value=lambda row: row.symptom,
        known=True,
        text=lambda row, now: age_text(row.symptom, now),
        least=7,
        most=7,
        priority=4,
        align=Align.RIGHT,
    ),
    Column(
        id="clusters",
        title="CLUSTERS",
        doc="Whose past and present belong to it.",
        kind=Kind.WORDS,
        value=lambda row: ",".join(row.clusters),
        known=True,
        text=lambda row, _: ", ".join(row.clusters) or NOTHING,
        least=10,
        most=30,
        priority=2,
    ),
    Column(
        id="firing",
        title="FIRING",
        doc="Its alerts that were not seen to end.",
        kind=Kind.NUMBER,
        value=lambda row: len(firing(row)),
        known=True,
        text=lambda row, _: str(len(firing(row)) or NOTHING),
        least=6,
        most=6,
        priority=3,
        align=Align.RIGHT,
        style=lambda row, _: "warn" if row.open and firing(row) else "faint",
    ),
    Column(
        id="done",
        title="DONE",
        doc="Items of the checklist that were checked off, of all.",
        kind=Kind.RATIO,
        value=progress,
        known=True,
        text=lambda row, _: "{}/{}".format(*progress(row)),
        least=4,
        most=5,
        priority=3,
        align=Align.RIGHT,
    ),
    Column(
        id="notes",
        title="NOTES",
        doc="Written by people.",
        kind=Kind.NUMBER,
        value=notes,
        known=True,
        text=lambda row, _: str(notes(row) or NOTHING),
        least=5,
        most=5,
        priority=5,
        align=Align.RIGHT,
    ),
    word_column("by", "by", doc="Who began it.", least=8, most=24, priority=4),
    Column(
        id="id",
        title="ID",
        doc="Its end is enough for a command.",
        value=lambda row: row.id,
        known=True,
        text=lambda row, _: row.id[-SHORT:],
        least=SHORT,
        most=SHORT,
        priority=3,
        style=muted,
    ),
)

_FIELDS: tuple[Field[Incident], ...] = (
    Field("name", "the id", lambda row: row.id),
    Field("title", "what is wrong", lambda row: row.title),
    Field("state", "open or closed", state_word),
    Field("openedAt", "", lambda row: time_text(row.opened)),
    Field("openedBy", "", lambda row: row.by),
    Field("firstSymptomAt", "of the oldest of its alerts", lambda row: time_text(row.symptom)),
    Field("closedAt", "null while it is open", lambda row: time_text(row.closed)),
    Field("closedBy", "null while it is open", lambda row: row.closed_by or None),
    Field("summary", "null while it is open", lambda row: row.summary or None),
    Field("clusters", "that it is about", lambda row: list(row.clusters)),
    Field("alerts", "that it was begun for", lambda row: [ref.name for ref in row.alerts]),
    Field("firing", "alerts that were not seen to end", lambda row: list(firing(row))),
    Field("done", "items of the checklist", lambda row: list(row.ticks)),
    Field("notes", "how many", notes),
)

INCIDENTS: Table[Incident] = Table(
    name="incidents",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=lambda row: row.id,
    title=lambda row: row.title,
    health=incident_health,
    first=lambda row: (0 if row.open else 1, -row.opened),
    haystack=_haystack,
    labels=lambda _: (),
    cluster=lambda row: row.clusters[0] if len(row.clusters) == 1 else "",
    groupings={"state": state_word, "by": lambda row: row.by},
    headline="title",
)
