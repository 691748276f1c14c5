"""The whole record of an operation as a text to read: who, why, plan, checks, steps, every request and its outcome."""

from collections.abc import Iterator

from fleetui.console import plan_text
from fleetui.console.check_text import check_lines
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, plain
from fleetui.console.operation_text import clock_time, inspector_lines
from fleetui.model.ledger import Effect, Operation
from fleetui.model.text import LINE_LIMIT, clean

CELLS = 110
"""Lines are broken for a page of this width; the page itself wraps what is narrower."""


def record_text(operation: Operation, *, now: float, glyphs: Glyphs) -> str:
    """Lines separated by newlines; a line break in what a cluster said begins no line of its own."""
    lines = _record_lines(operation, now=now, glyphs=glyphs)
    return "\n".join(clean(said, limit=LINE_LIMIT) for said in lines)


def _record_lines(operation: Operation, *, now: float, glyphs: Glyphs) -> Iterator[str]:
    yield from _plain(inspector_lines(operation, now=now, glyphs=glyphs, cells=CELLS))
    plan = operation.plan
    if plan is not None:
        yield from ("", "plan")
        yield from _plain(plan_text.blast_lines(plan, CELLS))
        yield plain(plan_text.target_line(plan, clock=clock_time(plan.made_at)))
        yield from _plain(plan_text.step_lines(plan, glyphs=glyphs, pods=True, cells=LINE_LIMIT))
        yield from ("", "checks")
        yield from _plain(check_lines(plan.checks, now=now, glyphs=glyphs, cells=CELLS, opened=True))
        yield f"digest {plan.digest}"
    if operation.effects:
        yield from ("", "requests sent")
        yield from (_effect_line(effect) for effect in operation.effects)
    if operation.notes:
        yield from ("", "notes")
        yield from (f"{clock_time(note.at)}  {note.text}" for note in operation.notes)


def _effect_line(effect: Effect) -> str:
    said = effect.intended
    answer = effect.answered
    outcome = "no answer: to be probed" if answer is None else f"{answer.outcome.value} {answer.code} {answer.message}"
    return f"{clock_time(said.at)}  {said.verb:<5} {said.kind:<16} {said.object}  {outcome}".rstrip()


def _plain(lines: "list[Line] | tuple[Line, ...]") -> Iterator[str]:
    return (plain(said).rstrip() for said in lines)
