"""One incident on one screen: what it is about, what changed before it, what is left to do, what happened. Pure."""

from datetime import datetime

import msgspec
from rich.cells import cell_len

from fleetui.console.boxes import Box, row_of_boxes
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, join, line, spread, wrap
from fleetui.console.inspector import facts
from fleetui.model.duration import age_text, format_duration
from fleetui.model.incident.before import before_symptom, why_nothing
from fleetui.model.incident.checklist import CHECKLIST, next_item, progress
from fleetui.model.incident.entry import EntryKind
from fleetui.model.incident.gaps import gaps
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.timeline import Line as Told
from fleetui.model.incident.timeline import firing, timeline, unread
from fleetui.model.quantity import counted
from fleetui.model.table.cell_text import HEALTH_SIGNS, HEALTH_STYLES
from fleetui.model.table.columns_incident import SHORT, recorded_text

WIDE = 110
"""Cells from which boxes stand three abreast; below it they follow each other."""
DAY_S = 86_400.0
SHOWN = 500
"""Lines of the timeline; the plain output has all."""
CHANGES = 9
"""Changes before the first symptom: the rest is in the timeline."""
FEW = 4
"""Of them on a small screen."""

Lines = list[Line]


class IncidentView(msgspec.Struct, frozen=True):
    """Everything that the screen says."""

    incident: Incident
    now: float
    trouble: str = ""
    """Why the journal cannot be read or written now."""
    keys: tuple[tuple[str, str], ...] = ()
    """(the operator's key, what it does)."""


def incident_lines(view: IncidentView, *, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    """The newest of the timeline on top: that is what changes."""
    inside = (cells - 2) // 3 - 4 if cells >= WIDE else cells - 4
    boxes = (
        _about(view, glyphs, inside, few=cells < WIDE),
        _before(view, glyphs, inside, few=cells < WIDE),
        _checklist(view, glyphs),
    )
    if cells >= WIDE:
        lines = list(row_of_boxes(boxes, glyphs=glyphs, cells=cells))
    else:
        about, before, _ = boxes
        lines = [*_stacked(about, cells), _next(view), *_stacked(before, cells)]
    return (*lines, (), *_timeline(view, glyphs, cells))


def trust_line(view: IncidentView, *, glyphs: Glyphs, cells: int) -> Line:
    """How far the record can be relied on: is it written, what is missing."""
    incident, now = view.incident, view.now
    if view.trouble:
        return fit(line((f" {glyphs.broken} not recorded: {view.trouble}", "danger")), cells)
    if not incident.open:
        said = line((f" {glyphs.idle} closed {age_text(incident.closed, now)} ago by {incident.closed_by}", "muted"))
    else:
        said = line((f" {glyphs.live} ", "ok"), "recorded while this console runs")
    holes = gaps(incident, now)
    missing = len(unread(incident))
    parts = [
        said,
        line((f"{len(incident.entries):,} entries", "muted")),
        line((f"{glyphs.unknown} {counted(len(holes), 'gap')}", "unknown")) if holes else (),
        line((f"{glyphs.unknown} {counted(missing, 'thing')} not read", "unknown")) if missing else (),
    ]
    return fit(join(parts, "  "), cells)


def counts_line(incident: Incident, now: float) -> Line:
    """``open 2m  first symptom 50m ago  3/9 done``."""
    done, of = progress(incident)
    symptom = f"first symptom {age_text(incident.symptom, now)} ago  " if incident.open else ""
    state = line(("open", "warn")) if incident.open else line(("closed", "muted"))
    return line(*state, (f" {recorded_text(incident, now)}  {symptom}{done}/{of} done", "muted"))


def inspector_lines(incident: Incident, now: float, *, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    """Beside the list."""
    lines: Lines = [*wrap(incident.title, cells, "strong")]
    item = next_item(incident.ticks)
    lines += facts(
        [
            ("state", "open" if incident.open else f"closed by {incident.closed_by}"),
            ("summary", incident.summary),
            ("symptom", f"{age_text(incident.symptom, now)} ago"),
            ("begun", f"{age_text(incident.opened, now)} ago by {incident.by}"),
            ("clusters", ", ".join(incident.clusters)),
            ("firing", ", ".join(firing(incident))),
            ("next", item.text if item is not None and incident.open else ""),
            ("id", incident.id),
        ],
        cells,
    )
    lines += [(), line(("last", "heading"))]
    lines += [fit(_told(told, now, glyphs, 0), cells) for told in reversed(timeline(incident, now)[-12:])]
    return tuple(lines)


# The boxes.


def _about(view: IncidentView, glyphs: Glyphs, cells: int, *, few: bool) -> Box:
    incident, now = view.incident, view.now
    still = firing(incident)
    symptom, begun = _clock(incident.symptom, now), f"{_clock(incident.opened, now)} by {incident.by}"
    rows = [
        ("symptom", f"{symptom}, begun {begun}" if few else symptom),
        ("begun", "" if few else begun),
        ("clusters", ", ".join(incident.clusters) or "none named"),
        ("alerts", ", ".join(dict.fromkeys(ref.name for ref in incident.alerts)) or "none named"),
        ("firing", ", ".join(still) if still else "nothing that is known"),
        ("people", "" if few else ", ".join(incident.people)),
        ("summary", incident.summary),
    ]
    title = line(("About", "heading"), (f"  {glyphs.dot} {incident.id[-SHORT:]}", "muted"))
    return title, tuple(facts(rows, cells))


def _before(view: IncidentView, glyphs: Glyphs, cells: int, *, few: bool) -> Box:
    incident = view.incident
    found, missing = before_symptom(incident), unread(incident)
    most = FEW if few else CHANGES
    lines: Lines = []
    for entry in found[:most]:
        ago = format_duration(incident.symptom - entry.at).rjust(4)
        who = line((entry.who, "accent")) if entry.who else line((glyphs.unknown, "unknown"))
        lines.append(spread(line((f"{ago}  ", "muted"), entry.text), who, cells))
    if len(found) > most:
        lines.append(line((f"{len(found) - most} earlier", "muted")))
    if not found:
        lines += wrap(why_nothing(incident), cells, "muted")
    for text in missing[:3]:
        lines += wrap(f"{glyphs.unknown} {text}", cells, "unknown", indent=2)
    if len(missing) > 3:
        lines.append(line((f"{glyphs.unknown} and {len(missing) - 3} more not read", "unknown")))
    return line(("Changed before the first symptom", "heading"), ("  by program or person", "muted")), tuple(lines)


def _checklist(view: IncidentView, glyphs: Glyphs) -> Box:
    ticks, upcoming = view.incident.ticks, next_item(view.incident.ticks)
    lines: Lines = []
    for item in CHECKLIST:
        tick = ticks.get(item.id)
        if tick is not None:
            by = tick.by.partition("@")[0]
            lines.append(line((f"{glyphs.ok} ", "ok"), (item.text, "muted"), (f"  {by}", "faint")))
        else:
            style = "strong" if item is upcoming and view.incident.open else "text"
            lines.append(line((f"{glyphs.pending} ", "muted"), (item.text, style)))
    done, of = progress(view.incident)
    return line(("Checklist", "heading"), (f"  {done} of {of}", "muted")), tuple(lines)


def _next(view: IncidentView) -> Line:
    item = next_item(view.incident.ticks)
    done, of = progress(view.incident)
    said = item.text if item is not None else "everything is done"
    return line((f"  next ({done}/{of})  ", "muted"), (said, "strong"))


def _stacked(box: Box, cells: int) -> Lines:
    """Without walls, which would take a quarter of a small screen."""
    title, lines = box
    return [fit(title, cells), *(fit(line("  ", *said), cells) for said in lines)]


# The timeline.


def _timeline(view: IncidentView, glyphs: Glyphs, cells: int) -> Lines:
    incident, now = view.incident, view.now
    told = tuple(reversed(timeline(incident, now)))
    names = max((cell_len(one.cluster) for one in told), default=0)
    room = min(names, 18 if cells >= WIDE else 12)
    lines: Lines = [line(("Timeline", "heading"), ("  newest first", "faint"))]
    marked = False
    for one in told[:SHOWN]:
        if not marked and one.at < incident.symptom:
            lines.append(_symptom(incident, now, glyphs, cells))
            marked = True
        lines.append(fit(_told(one, now, glyphs, room), cells))
    if len(told) > SHOWN:
        lines.append(line((f"  {len(told) - SHOWN:,} earlier: fleetui incident show {incident.id[-SHORT:]}", "muted")))
    return lines


def _symptom(incident: Incident, now: float, glyphs: Glyphs, cells: int) -> Line:
    said = f" first symptom {_clock(incident.symptom, now)} "
    rule = glyphs.rule * max(0, min(cells, WIDE) - 4 - len(said))
    return line((f"  {glyphs.rule * 2}", "rule"), (said, "warn"), (rule, "rule"))


def _told(one: Told, now: float, glyphs: Glyphs, room: int) -> Line:
    """Time, where, what, by whom, who says so."""
    sign = getattr(glyphs, HEALTH_SIGNS[one.level]) if HEALTH_SIGNS[one.level] else " "
    style = HEALTH_STYLES[one.level] or ("accent" if one.kind == EntryKind.NOTE.value else "text")
    until = ", and still is" if one.lasts else f" until {_clock(one.until, now)}" if one.until is not None else ""
    where = (fit(line((one.cluster, "muted")), room)[0][0] if one.cluster and room else "").ljust(room)
    who = line((f"by {one.who}", "faint")) if one.who else ()
    source = line((f"{glyphs.dot} {one.source or one.kind}", "faint"))
    head = line((f"  {_clock(one.at, now)}  ", "muted"), (f"{where}  " if room else "", "muted"), (f"{sign} ", style))
    return join([line(*head, (one.text + until, style)), who, source], "  ")


def _clock(at: float, now: float) -> str:
    """What is older than a day is said with its age: a clock time would be taken for today's."""
    if now - at > DAY_S:
        return f"{age_text(at, now)} ago".ljust(8)
    return datetime.fromtimestamp(at).strftime("%H:%M:%S")
