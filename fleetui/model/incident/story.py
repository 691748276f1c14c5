"""An incident as Markdown: its timeline to hand over, and the skeleton of its post-mortem, with what is known filled in
and what only people know asked for."""

from collections.abc import Iterable, Iterator

from fleetui.model.duration import format_duration, time_text
from fleetui.model.incident.before import before_symptom, why_nothing
from fleetui.model.incident.checklist import CHECKLIST
from fleetui.model.incident.entry import EntryKind
from fleetui.model.incident.gaps import gaps
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.markdown import code, prose, table
from fleetui.model.incident.timeline import Line, firing, timeline, unread

BEFORE = 20
"""Changes before the first symptom that a post-mortem lists; the timeline has all."""
LONGEST = 400
"""Lines of the timeline in a post-mortem."""

_SUMMARY = "_What happened, in three sentences, for whoever was not there._"
_IMPACT = "_Who was hurt, by what, from when to when; how many requests, users, pods. Numbers with their source._"
_CAUSE = "_What made it possible, what set it off, and by which evidence. Causes, not culprits._"
_WELL = "_Also: which board, alert or permission was missing._"
_RUNBOOK = "_what was missing, wrong or slow in it? Change it now, link the change here._"


def when(at: float) -> str:
    return time_text(at) or "?"


def timeline_markdown(incident: Incident, now: float) -> str:
    """Everything, oldest first, with what could not be known."""
    shown = [
        f"# Timeline: {prose(incident.title)}",
        "",
        *_facts(incident, now),
        "",
        *_rows(timeline(incident, now)),
        "",
        "## Not known",
        "",
        *_not_known(incident, now),
    ]
    return "\n".join(shown) + "\n"


def post_mortem(incident: Incident, now: float) -> str:
    """To be finished by people: what they are asked stands in italics."""
    parts = (
        _head(incident, now),
        _section("Summary", [prose(incident.summary) or _SUMMARY]),
        _section("Impact", [_IMPACT]),
        _section("What changed before the first symptom", _changes(incident)),
        _section("Timeline (UTC)", _told(incident, now)),
        _section("What nobody can know", _not_known(incident, now)),
        _section("Cause", [_CAUSE]),
        _section("Detection", _detection(incident)),
        _section("What went well, what did not, where we were lucky", [_WELL]),
        _section("Checklist as it was worked off", _checklist(incident)),
        _section("Runbook", _runbook(incident)),
        _section("Actions", table(("what", "who", "until", "prevents, detects or softens"), [("", "", "", "")] * 3)),
    )  # fmt: skip
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [f"## {title}", "", *lines]


def _head(incident: Incident, now: float) -> list[str]:
    return [f"# Post-mortem: {prose(incident.title)}", "", *_facts(incident, now)]


def _facts(incident: Incident, now: float) -> list[str]:
    end = incident.closed
    lasted = format_duration((now if end is None else end) - incident.symptom)
    facts = {
        "incident": code(incident.id),
        "first symptom": when(incident.symptom),
        "begun": f"{when(incident.opened)} by {code(incident.by)}",
        "closed": f"{when(end)} by {code(incident.closed_by)}" if end is not None else "not closed",
        "lasted": f"{lasted}, from the first symptom",
        "clusters": ", ".join(code(name) for name in incident.clusters) or "none named",
        "alerts": ", ".join(dict.fromkeys(code(ref.name) for ref in incident.alerts)) or "none named",
        "people": ", ".join(map(code, incident.people)),
    }
    return [f"- {name}: {text}" for name, text in facts.items()]


def _rows(lines: Iterable[Line]) -> list[str]:
    heads = ("time (UTC)", "cluster", "what", "who", "source")
    return table(heads, (_row(line) for line in lines))


def _row(line: Line) -> tuple[str, ...]:
    by_people = line.kind in (EntryKind.NOTE.value, EntryKind.COURSE.value)
    text = prose(line.text) if by_people else code(line.text)
    return (
        _span(line),
        code(line.cluster),
        text,
        code(line.who),
        line.kind if by_people else code(line.source or line.kind),
    )


def _span(line: Line) -> str:
    if line.lasts:
        return f"{when(line.at)} on"
    return when(line.at) if line.until is None else f"{when(line.at)} to {when(line.until)}"


def _told(incident: Incident, now: float) -> list[str]:
    lines = timeline(incident, now)
    more = [f"_{len(lines) - LONGEST:,} more lines in timeline.md of the bundle._"] if len(lines) > LONGEST else []
    return [*_rows(lines[:LONGEST]), *(["", *more] if more else [])]


def _changes(incident: Incident) -> Iterator[str]:
    found = before_symptom(incident)
    for entry in found[:BEFORE]:
        ago = format_duration(incident.symptom - entry.at)
        who = f", by {code(entry.who)}" if entry.who else ", by whom is not known"
        yield f"- {ago} before ({when(entry.at)}): {code(entry.text)} in {code(entry.cluster)}{who}"
    if len(found) > BEFORE:
        yield f"- and {len(found) - BEFORE:,} earlier ones in the timeline"
    if not found:
        yield f"- {why_nothing(incident)}"
    yield ""
    yield "_Which of these was it? What does not show here: commits, DNS, networks, certificates outside Kubernetes._"


def _not_known(incident: Incident, now: float) -> list[str]:
    known = [
        f"- {when(gap.since)} to {'now' if gap.until is None else when(gap.until)}: {code(gap.text)}"
        for gap in gaps(incident, now)
    ]
    lines = [*known, *(f"- {code(text)}" for text in unread(incident))]
    return lines or ["- nothing is known to be missing"]


def _detection(incident: Incident) -> list[str]:
    took = format_duration(max(0.0, incident.opened - incident.symptom))
    return [
        f"- from the first symptom to this incident: {took}",
        "",
        "_Who noticed first: an alert, a colleague, a customer? Which alert should have come, or come earlier?_",
    ]


def _checklist(incident: Incident) -> Iterator[str]:
    for item in CHECKLIST:
        tick = incident.ticks.get(item.id)
        said = f"; {when(tick.at)} by {code(tick.by)}" if tick is not None else ""
        yield f"- [{'x' if tick is not None else ' '}] {item.text}{said}"


def _runbook(incident: Incident) -> Iterator[str]:
    names = dict.fromkeys(ref.name for ref in incident.alerts)
    for name in names:
        yield f"- [ ] runbook of {code(name)}: {_RUNBOOK}"
    if not names:
        yield "- [ ] _Which runbook would have helped? Write it now, link it here._"
    still = firing(incident)
    if still:
        yield f"- [ ] still firing, or never seen to end: {', '.join(code(name) for name in still)}"
