"""An operation in words: its row, its inspector, the steps, what each waits for and what would unblock it. Pure."""

from datetime import datetime

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, Span, line, wrap
from fleetui.model.duration import format_duration
from fleetui.model.journal import Waiting
from fleetui.model.ledger import Operation, StepProgress, StepState
from fleetui.model.operation import OpState

BAR_CELLS = 12

UNDER_WAY = (StepState.WAITING, StepState.RUNNING)


def short_id(op_id: str) -> str:
    """The end of an id: its beginning is the time and alike for operations of the same hour."""
    return op_id[-6:].lower()


def what(operation: Operation) -> str:
    """``drain wk-b-01 +4``."""
    targets = operation.intent.targets
    more = f" +{len(targets) - 1}" if len(targets) > 1 else ""
    return f"{operation.intent.kind} {targets[0].name if targets else '?'}{more}"


def state_word(operation: Operation) -> str:
    """The state as an operator says it: a proposal without a plan is being planned, a running one may be paused."""
    if operation.state.ended:
        return operation.state.value
    if operation.aborting:
        return "aborting"
    if operation.paused:
        return "paused"
    if operation.pausing:
        return "pausing"
    if operation.state is OpState.PROPOSED:
        return _proposal_word(operation)
    return "blocked" if blocked(operation) else operation.state.value


def _proposal_word(operation: Operation) -> str:
    if operation.plan_error:
        return "no plan"
    return "planned" if operation.plan is not None else "planning"


def blocked(operation: Operation) -> bool:
    """True when a step waits for something that a person may have to unblock."""
    return any(step.waiting for step in operation.steps if step.state is StepState.WAITING)


_STATE_STYLES = {
    "done": "ok", "failed": "danger", "aborted": "warn", "rolled back": "warn", "blocked": "warn", "paused": "stale",
    "pausing": "stale", "aborting": "warn", "running": "busy", "approved": "busy", "no plan": "danger",
}  # fmt: skip


def state_mark(operation: Operation, glyphs: Glyphs) -> tuple[str, str, str]:
    """(glyph, word, style)."""
    word = state_word(operation)
    glyph = {
        "done": glyphs.ok, "failed": glyphs.broken, "no plan": glyphs.broken, "blocked": glyphs.warning,
        "aborted": glyphs.warning, "rolled back": glyphs.warning, "aborting": glyphs.busy, "running": glyphs.busy,
        "approved": glyphs.busy, "paused": glyphs.paused, "pausing": glyphs.paused,
    }.get(word, " ")  # fmt: skip
    return glyph, word, _STATE_STYLES.get(word, "muted")


def bar(fraction: float, glyphs: Glyphs, cells: int = BAR_CELLS) -> Line:
    """A progress bar; never full before the end."""
    full = min(cells, int(fraction * cells))
    return line((glyphs.bar_full * full, "busy"), (glyphs.bar_empty * (cells - full), "rule"))


def inspector_lines(operation: Operation, *, now: float, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    """Everything about one operation that fits beside the table."""
    glyph, word, style = state_mark(operation, glyphs)
    lines: list[Line] = [
        line((what(operation), "strong")),
        line(("in ", "muted"), (operation.intent.cluster.name, "text")),
        (),
        line((f"{glyph} {word}".strip(), style), (_timing(operation, now), "muted")),
    ]
    lines += _explanation(operation, cells)
    if not operation.state.ended and operation.steps and operation.done_fraction is not None:
        lines += [(*bar(operation.done_fraction, glyphs), (f" {operation.done_fraction:.0%}", "muted"))]
    lines += [(), *_people(operation, cells), ()]
    for step in operation.steps:
        lines += step_lines(step, now=now, glyphs=glyphs, cells=cells)
    return tuple(lines)


def step_lines(step: StepProgress, *, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    """One step, and below it what it waits for with owner, since when and the remedy."""
    glyph, style = step_mark(step, glyphs)
    took = _took(step, now)
    room = cells - 2 - (len(took) + 1 if took else 0)
    head, *rest = wrap(step.title, room, "text" if style != "faint" else "faint")
    lines: list[Line] = [((f"{glyph} ", style), *head, (f" {took}" if took else "", "muted"))]
    lines += [(("  ", "text"), *more) for more in rest]
    if step.left and step.state in UNDER_WAY:
        lines.append(line((f"  {step.left} left", "muted")))
    for waiting in step.waiting:
        lines += waiting_lines(waiting, now=now, glyphs=glyphs, cells=cells)
    return lines


def waiting_lines(waiting: Waiting, *, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    """``▲ budget 14m  pod payments/api-x``, the detail, the owner, and what would unblock it."""
    since = f" {format_duration(now - waiting.since)}" if waiting.since is not None else ""
    lines: list[Line] = [line((f"  {glyphs.warning} {waiting.why}{since}", "warn"))]
    lines += _indent(wrap(waiting.object, cells - 4, "text"))
    lines += _indent(wrap(waiting.detail, cells - 4, "text"))
    if waiting.owner:
        lines += _indent(wrap(f"owner {waiting.owner}", cells - 4, "muted"))
    if waiting.remedy:
        lines += _indent(wrap(f"{glyphs.arrow} {waiting.remedy}", cells - 4, "accent", indent=2))
    return lines


def step_mark(step: StepProgress, glyphs: Glyphs) -> Span:
    return {
        StepState.DONE: (glyphs.ok, "ok"),
        StepState.FAILED: (glyphs.broken, "danger"),
        StepState.WAITING: (glyphs.warning, "warn"),
        StepState.RUNNING: (glyphs.busy, "busy"),
    }.get(step.state, (glyphs.pending, "faint"))


def now_doing(operation: Operation) -> str:
    """The step under way in a few words, for a row: ``2/5 wk-r12-07``."""
    if operation.state.ended or not operation.steps:
        return operation.summary
    done = sum(step.state is StepState.DONE for step in operation.steps)
    current = next((step for step in operation.steps if step.state in UNDER_WAY), None)
    return f"{done}/{len(operation.steps)}" + (f" {current.target.name}" if current else "")


def clock_time(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%H:%M:%S")


def _explanation(operation: Operation, cells: int) -> list[Line]:
    text = operation.plan_error or operation.summary
    return wrap(text, cells, "danger" if operation.plan_error else "text") if text else []


def _people(operation: Operation, cells: int) -> list[Line]:
    lines = [line(("by       ", "muted"), str(operation.actor))]
    if operation.approved_by is not None and operation.approved_by != operation.actor:
        lines.append(line(("approved ", "muted"), str(operation.approved_by)))
    if operation.intent.reason:
        head, *rest = wrap(operation.intent.reason, max(10, cells - 9), "text")
        lines += [(("because  ", "muted"), *head), *(((" " * 9, "text"), *more) for more in rest)]
    return [*lines, line(("id       ", "muted"), (operation.op_id, "faint"))]


def _timing(operation: Operation, now: float) -> str:
    if operation.ended is not None:
        took = format_duration(operation.ended - (operation.started or operation.submitted))
        return f"  {clock_time(operation.ended)}, took {took}"
    if operation.started is not None:
        return f"  for {format_duration(now - operation.started)}"
    return f"  submitted {format_duration(now - operation.submitted)} ago"


def _took(step: StepProgress, now: float) -> str:
    if step.started is None:
        return ""
    return format_duration((step.ended if step.ended is not None else now) - step.started)


def _indent(lines: list[Line]) -> list[Line]:
    return [(("    ", "text"), *said) for said in lines]
