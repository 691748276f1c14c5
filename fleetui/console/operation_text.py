"""An operation in words: its row, its inspector, the steps, what each waits for and what would unblock it. Pure."""

from datetime import datetime

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, Span, line, wrap
from fleetui.console.options import titled
from fleetui.model.duration import age_text, format_duration, took_text
from fleetui.model.journal import RequestKind, Waiting
from fleetui.model.ledger import Operation
from fleetui.model.ongoing import holds, machines_done
from fleetui.model.operation import ETCD_KINDS, OpState
from fleetui.model.step_progress import StepProgress, StepState
from fleetui.model.table.cell_text import HEALTH_SIGNS, HEALTH_STYLES
from fleetui.model.table.columns_operation import (
    operation_health,
    progress_text,
    state_text,
    targets_text,
)
from fleetui.model.waiting import PASSING, holding

BAR_CELLS = 12

UNDER_WAY = (StepState.WAITING, StepState.RUNNING)
FAILED, DONE, PENDING = (StepState.FAILED,), (StepState.DONE,), (StepState.PENDING,)


def what(operation: Operation) -> str:
    """``drain wk-b-01 +4``."""
    return f"{operation.intent.kind} {targets_text(operation)}"


def blocked(operation: Operation) -> bool:
    """True when a step waits for something that a person may have to unblock."""
    return bool(holds(operation))


def state_line(operation: Operation, now: float, glyphs: Glyphs) -> Span:
    """Glyph and words of the state, as its row says them."""
    health = operation_health(operation)
    glyph = glyphs.ok if operation.state is OpState.DONE else getattr(glyphs, HEALTH_SIGNS[health] or "dot")
    style = "ok" if operation.state is OpState.DONE else HEALTH_STYLES[health] or "muted"
    return f"{glyph} {state_text(operation, now)}", style


def bar(fraction: float, glyphs: Glyphs, cells: int = BAR_CELLS) -> Line:
    """A progress bar; never full before the end."""
    full = min(cells, int(fraction * cells))
    return line((glyphs.bar_full * full, "busy"), (glyphs.bar_empty * (cells - full), "rule"))


def inspector_lines(operation: Operation, *, now: float, glyphs: Glyphs, cells: int) -> tuple[Line, ...]:
    """Everything about one operation that fits beside the table."""
    lines: list[Line] = [
        line((what(operation), "strong")),
        line(("in ", "muted"), (operation.intent.cluster.name, "text")),
        (),
        line(state_line(operation, now, glyphs), (_timing(operation, now), "muted")),
    ]
    lines += _explanation(operation, cells)
    if not operation.state.ended and operation.steps and operation.done_fraction is not None:
        lines += [(*bar(operation.done_fraction, glyphs), (f" {progress_text(operation)}", "muted"))]

    def group(heading: str, states: tuple[StepState, ...], *, at: float = now) -> list[Line]:
        return _group_lines(heading, operation, states, now=at, glyphs=glyphs, cells=cells)

    # Nothing is asked while it is paused: what it waited for then is no news of now.
    paused_at = operation.paused_at
    here = "now" if paused_at is None else f"when paused {clock_time(paused_at)}"
    lines += group(here, UNDER_WAY, at=now if paused_at is None else paused_at) + group("failed", FAILED)
    lines += [(), *_people(operation, cells), *group("done", DONE)]
    lines += group("not done" if operation.state.ended else "to come", PENDING)
    return tuple(lines)


def _group_lines(
    heading: str, operation: Operation, states: tuple[StepState, ...], *, now: float, glyphs: Glyphs, cells: int
) -> list[Line]:
    """The steps in these states, in the order in which they began; nothing when there are none."""
    began = sorted(operation.steps, key=lambda step: (step.started is None, step.started or 0.0))
    group = [step for step in began if step.state in states]
    if not group:
        return []
    lines: list[Line] = [(), line((f"{heading} ", "heading"), (str(len(group)), "muted"))]
    for step in group:
        lines += step_lines(step, now=now, glyphs=glyphs, cells=cells)
    return lines


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
    """``▲ budget shut since 14m``, the pod, the detail, the owner, and what would unblock it."""
    passes = waiting.why in PASSING
    glyph, style = (glyphs.busy, "busy") if passes else (glyphs.warning, "warn")
    lines: list[Line] = [line((f"  {glyph} {waiting.why}{_cause_since(waiting, now)}", style))]
    lines += _indent(wrap(waiting.object, cells - 4, "text"))
    lines += _indent(wrap(waiting.detail, cells - 4, "text"))
    if waiting.owner:
        lines += _indent(wrap(f"owner {waiting.owner}", cells - 4, "muted"))
    if waiting.remedy:
        lines += _indent(wrap(f"{glyphs.arrow} {titled(waiting.remedy)}", cells - 4, "accent", indent=2))
    if waiting.next_within_s is not None:
        lines.append(line((f"    next try within {format_duration(waiting.next_within_s)}", "muted")))
    return lines


def _cause_since(waiting: Waiting, now: float) -> str:
    """The age of the cause, which is not that of the wait: of a budget it is the budget's own."""
    if waiting.since is None:
        return ""
    return f"{' shut since' if waiting.why == 'budget' else ''} {age_text(waiting.since, now)}"


def step_mark(step: StepProgress, glyphs: Glyphs) -> Span:
    if step.state is StepState.WAITING and not holding(step.waiting):
        return glyphs.busy, "busy"
    return {
        StepState.DONE: (glyphs.ok, "ok"),
        StepState.FAILED: (glyphs.broken, "danger"),
        StepState.WAITING: (glyphs.warning, "warn"),
        StepState.RUNNING: (glyphs.busy, "busy"),
    }.get(step.state, (glyphs.pending, "faint"))


def clock_time(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%H:%M:%S")


def _explanation(operation: Operation, cells: int) -> list[Line]:
    text = operation.plan_error or operation.summary
    return wrap(text, cells, "danger" if operation.plan_error else "text") if text else []


def _people(operation: Operation, cells: int) -> list[Line]:
    lines = [line(("by       ", "muted"), str(operation.actor))]
    if operation.steps and not operation.intent.kind.startswith(ETCD_KINDS):
        total = len(operation.intent.targets)
        lines.append(line(("machines ", "muted"), f"{machines_done(operation)} of {total} done"))
    if operation.approved_by is not None and operation.approved_by != operation.actor:
        lines.append(line(("approved ", "muted"), str(operation.approved_by)))
    for request in operation.asked:
        if request.kind is not RequestKind.APPROVE:
            said = f"{request.kind} by {request.by}, {clock_time(request.at)}"
            head, *rest = wrap(said, max(10, cells - 9), "text")
            lines += [(("asked    ", "muted"), *head), *(((" " * 9, "text"), *more) for more in rest)]
    if operation.intent.reason:
        head, *rest = wrap(operation.intent.reason, max(10, cells - 9), "text")
        lines += [(("because  ", "muted"), *head), *(((" " * 9, "text"), *more) for more in rest)]
    return [*lines, line(("id       ", "muted"), (operation.op_id, "faint"))]


def _timing(operation: Operation, now: float) -> str:
    if operation.ended is not None:
        took = took_text(operation.ended - (operation.started or operation.submitted))
        return f"  {clock_time(operation.ended)}, took {took}"
    if operation.started is not None:
        return f"  started {age_text(operation.started, now)} ago"
    return f"  submitted {age_text(operation.submitted, now)} ago"


def _took(step: StepProgress, now: float) -> str:
    if step.started is None:
        return ""
    return age_text(step.started, now) if step.ended is None else took_text(step.ended - step.started)


def _indent(lines: list[Line]) -> list[Line]:
    return [(("    ", "text"), *said) for said in lines]
