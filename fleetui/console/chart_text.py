"""What stands around a chart: its time, whose word it is and how old; the keys; why there is nothing to draw. Pure."""

from fleetui.console.chart_view import Outlook
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, fit, join, line, wrap
from fleetui.model.chart.axis import moment_text
from fleetui.model.chart.chart import Chart
from fleetui.model.duration import format_duration, silence_text

_KEYS = (("←→", "cursor"), ("+-", "zoom"), ("[ ]", "pan"), (".", "live"))
_MANY = (("tab", "next figure"),)
_LAST = (("esc", "back"), ("e", "svg"), ("J", "json"), ("T", "text"))
WIDEST = 100


def range_line(chart: Chart | None, outlook: Outlook, *, now: float, glyphs: Glyphs) -> Line:
    """``live  last 1h, every 30s  ○ central  asked <5s ago  14:05:30``."""
    live = outlook.end is None
    when = line((f" {glyphs.live} live  ", "ok") if live else (f" {glyphs.cached} past  ", "stale"))
    span = line(f"last {outlook.range_name}" if live else outlook.range_name)
    if chart is None:
        return join([when, span], "")
    until = "" if live else f" until {moment_text(chart.window.end, None)}"
    said = [
        line(*when, *span, f"{until}, every {format_duration(chart.window.step_s)}"),
        line((f"{glyphs.scraped} {', '.join(chart.asked)}", "muted")) if chart.asked else (),
        line((f"asked {silence_text(chart.asked_at, now)} ago", "muted")),
        line((f"{glyphs.warning} {len(chart.faults)} did not answer", "stale")) if chart.faults else (),
        line((f"{glyphs.warning} partial: {chart.partial}", "stale")) if chart.partial else (),
        _cursor(chart, outlook),
    ]
    return join(said, "  ")


def _cursor(chart: Chart, outlook: Outlook) -> Line:
    if outlook.cursor is None:
        return ()
    return line((moment_text(chart.window.moments[outlook.cursor], None), "mark"))


def keys_line(cells: int, *, many: bool) -> Line:
    """Whole entries only."""
    said: Line = ((" ", "text"),)
    for key, word in (*_KEYS, *(_MANY if many else ()), *_LAST):
        entry: Line = ((key, "key"), (f" {word}   ", "muted"))
        if fit((*said, *entry), cells) != (*said, *entry):
            break
        said = (*said, *entry)
    return said


def why_lines(chart: Chart, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    """Nothing to draw is said with its reason, and what to do."""
    why, remedy = chart.why_none
    cells = min(cells - 2, WIDEST)
    doc = chart.request.subject.doc
    lines = [
        *wrap(f"{glyphs.unknown} {why}", cells, "unknown", indent=2),
        *(wrap(f"{glyphs.arrow} {remedy}", cells, "accent", indent=2) if remedy else []),
        (),
        *(wrap(doc, cells, "muted") if doc else []),
    ]
    return ((), *(((" ", "text"), *said) for said in lines))
