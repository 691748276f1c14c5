"""One incident in lines: what it is about, what changed before it, what happened, what is left to do."""

from collections.abc import Iterator
from datetime import UTC, datetime

from fleetui.model.duration import format_duration
from fleetui.model.incident.before import before_symptom, why_nothing
from fleetui.model.incident.checklist import CHECKLIST
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.timeline import Line, firing, timeline, unread

BEFORE = 20


def incident_lines(incident: Incident, now: float) -> Iterator[str]:
    """Whoever prints them makes them harmless."""
    yield from _head(incident)
    yield ""
    yield from _before(incident)
    yield ""
    yield "timeline (UTC):"
    yield from (f"  {_line(line)}" for line in timeline(incident, now))
    yield ""
    yield "checklist:"
    for item in CHECKLIST:
        tick = incident.ticks.get(item.id)
        done = f"  ({_clock(tick.at)} {tick.by})" if tick is not None else ""
        yield f"  [{'x' if tick is not None else ' '}] {item.id:<9} {item.text}{done}"


def _head(incident: Incident) -> Iterator[str]:
    yield f"{incident.id}  {incident.title}"
    state = f"closed {_clock(incident.closed)} by {incident.closed_by}" if incident.closed is not None else "open"
    yield f"  {state}; begun {_clock(incident.opened)} by {incident.by}; first symptom {_clock(incident.symptom)}"
    if incident.summary:
        yield f"  summary: {incident.summary}"
    yield f"  clusters: {', '.join(incident.clusters) or 'none named'}"
    yield f"  alerts: {', '.join(dict.fromkeys(ref.name for ref in incident.alerts)) or 'none named'}"
    if incident.open and firing(incident):
        yield f"  still firing, as far as was seen: {', '.join(firing(incident))}"


def _before(incident: Incident) -> Iterator[str]:
    yield "changed before the first symptom, the latest first:"
    found = before_symptom(incident)
    for entry in found[:BEFORE]:
        ago = format_duration(incident.symptom - entry.at)
        yield f"  {ago:>5} before  {entry.cluster}  {entry.text}{f'  by {entry.who}' if entry.who else ''}"
    if len(found) > BEFORE:
        yield f"  and {len(found) - BEFORE} earlier ones in the timeline"
    missing = unread(incident)
    if not found:
        yield f"  {why_nothing(incident)}"
    yield from (f"  ? {text}" for text in missing)


def _line(line: Line) -> str:
    until = " and on" if line.lasts else f" to {_clock(line.until)}" if line.until is not None else ""
    parts = (
        f"{_clock(line.at)}{until}",
        line.cluster,
        line.text,
        f"by {line.who}" if line.who else "",
        f"({line.kind})",
    )
    return "  ".join(part for part in parts if part)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M:%S")
