"""What rings in the whole fleet, and whether anything would: the beginning of the Fleet's second line. Pure."""

from fleetui.console.alert_text import counts_line
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, join, line, width
from fleetui.model.alerts.pipeline import Level, Pipeline
from fleetui.model.vitals import Alarms

ROOMY = 130
"""Cells of the whole line from which it says what is late, too."""
LEFT = 12
"""Cells that even a dead pipeline leaves for how many clusters are heard."""


def alarm_line(alarms: Alarms, *, glyphs: Glyphs, cells: int) -> Line:
    """``✖ 3 page  ▲ 11 ticket``. Without a pipeline that lives that count proves nothing, which is said before it.
    ``cells``: of the whole line, of which it takes two thirds at most, and nearly all once the pipeline is dead."""
    counts = line((" ", "text"), *counts_line(alarms.total, glyphs))
    room = cells - LEFT if alarms.pipeline.level is Level.DEAD else cells * 2 // 3
    said = _pipeline(alarms.pipeline, glyphs, roomy=cells >= ROOMY)
    return join([fit(said, max(0, room - width(counts))), fit(counts, max(0, room))], "")


def _pipeline(found: Pipeline, glyphs: Glyphs, *, roomy: bool) -> Line:
    worst = found.troubles[0].what if found.troubles else ""
    match found.level:
        case Level.DEAD:
            return line((f" {glyphs.broken} PIPELINE DEAD: {worst} ", "button-danger"))
        case Level.LATE:
            return line((f" {glyphs.warning} pipeline late", "warn"), (f": {worst} " if roomy else " ", "text"))
        case Level.UNKNOWN if not found.evaluating and not any(trouble.awaited for trouble in found.troubles):
            return line((f" {glyphs.unknown} pipeline not proven ", "unknown"))
    return ()
