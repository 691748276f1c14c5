"""What people do to an incident, as records: begin it, write a note, check an item off, close it. Raises IncidentError
with the fix where it makes no sense."""

from collections.abc import Iterable, Sequence

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.incident.checklist import item_of
from fleetui.model.incident.incident import Incident, IncidentError
from fleetui.model.incident.record import NOTE_LIMIT, TITLE_LIMIT, AlertRef, Closed, Noted, Opened, Ticked
from fleetui.model.text import clean_message


class Hand(msgspec.Struct, frozen=True):
    """Whose hand it is, and when it moves."""

    by: str
    """``ana@jump-1``."""
    at: float
    """Unix seconds."""
    console: str = ""


def begin(
    hand: Hand, incident_id: str, title: str, *, alerts: Sequence[Alert] = (), clusters: Iterable[str] = ()
) -> Opened:
    """For these alerts and clusters: their past and present belong to it."""
    said = clean_message(title, limit=TITLE_LIMIT)
    if not said:
        raise IncidentError("an incident needs a title: what is wrong, in a few words")
    concerned = dict.fromkeys([*(alert.cluster for alert in alerts if alert.cluster), *clusters])
    if not alerts and not concerned:
        raise IncidentError("an incident needs an alert or a cluster that it is about")
    symptoms = (at for alert in alerts if (at := alert.since or alert.firing_since) is not None)
    return Opened(
        incident=incident_id,
        at=hand.at,
        by=hand.by,
        console=hand.console,
        title=said,
        symptom=min(min(symptoms, default=hand.at), hand.at),
        alerts=tuple(AlertRef(alert.key, alert.name, alert.cluster) for alert in alerts),
        clusters=tuple(concerned),
    )


def note(hand: Hand, incident: Incident, text: str) -> Noted:
    """Also when it is closed: what is remembered the next day belongs to it too."""
    said = clean_message(text, limit=NOTE_LIMIT)
    if not said:
        raise IncidentError("an empty note says nothing")
    return Noted(incident=incident.id, at=hand.at, by=hand.by, console=hand.console, text=said)


def tick(hand: Hand, incident: Incident, item: str, *, done: bool) -> Ticked:
    found = item_of(item)
    return Ticked(incident=incident.id, at=hand.at, by=hand.by, console=hand.console, item=found.id, done=done)


def close(hand: Hand, incident: Incident, summary: str) -> Closed:
    said = clean_message(summary, limit=NOTE_LIMIT)
    if not said:
        raise IncidentError("a summary is needed: what it was, and what ended it")
    if not incident.open:
        raise IncidentError(f"it was closed by {incident.closed_by} already")
    return Closed(incident=incident.id, at=hand.at, by=hand.by, console=hand.console, summary=said)


def found(incidents: Sequence[Incident], wanted: str) -> Incident:
    """By id, by its beginning or its end, as long as it is the only one."""
    said = wanted.upper()
    matches = [one for one in incidents if said and (one.id.startswith(said) or one.id.endswith(said))]
    if len(matches) != 1:
        which = "none" if not matches else ", ".join(one.id for one in matches)
        raise IncidentError(f"incident {wanted}: {which} match" + ("" if matches else "; see fleetui incident list"))
    return matches[0]
