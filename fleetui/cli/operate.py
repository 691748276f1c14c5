"""plan, run and op: operations on the plain command line, through the console's own desk, store and controller."""

import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from fleetui.cli.plan_text import plan_lines, waiting_line
from fleetui.control.desk import Desk
from fleetui.model.ledger import Operation
from fleetui.model.operation import Intent, OpState
from fleetui.model.step_progress import StepProgress, StepState
from fleetui.model.text import clean
from fleetui.ports.clock import Clock

POLL_S = 0.25
PLAN_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where lines go, each made one harmless line, and where an answer comes from; ``ask`` returns what was typed,
    empty at the end of input."""

    out: TextIO
    ask: Callable[[str], str]

    def say(self, line: str) -> None:
        print(clean(line, limit=len(line)), file=self.out, flush=True)


def standard_terminal() -> Terminal:
    def ask(prompt: str) -> str:
        held = signal.signal(signal.SIGINT, signal.default_int_handler)  # the loop's would note Ctrl-C and read on
        try:
            print(prompt, end="", file=sys.stderr, flush=True)
            return sys.stdin.readline().strip()
        finally:
            signal.signal(signal.SIGINT, held)

    return Terminal(out=sys.stdout, ask=ask)


async def propose(desk: Desk, intent: Intent, *, key: str, clock: Clock) -> Operation:
    """Submits, and waits until the controller has planned it or said why it cannot.

    Raises TimeoutError when no plan came within ``PLAN_TIMEOUT_S``. Whoever gives up waiting leaves no proposal behind.
    """
    op_id = desk.propose(intent, key=key)
    try:
        return await _planned(desk, op_id, clock=clock)
    except BaseException:  # Ctrl-C as well
        _take_back(desk, op_id)
        raise


async def _planned(desk: Desk, op_id: str, *, clock: Clock) -> Operation:
    deadline = clock.monotonic() + PLAN_TIMEOUT_S
    while True:
        operation = desk.operation(op_id)
        if operation.plan is not None or operation.plan_error or operation.state.ended:
            return operation
        if clock.monotonic() > deadline:
            raise TimeoutError(f"no plan for {op_id} within {PLAN_TIMEOUT_S:.0f} s: see `fleetui controller status`")
        await clock.sleep(POLL_S)


def show_plan(operation: Operation, terminal: Terminal, *, wide: bool = False) -> bool:
    """Prints the plan, or why there is none; False when it cannot be approved."""
    if operation.plan is None:
        terminal.say(f"{operation.op_id}: no plan: {operation.plan_error or operation.summary}")
        return False
    for line in plan_lines(operation.plan, wide=wide):
        terminal.say(line)
    if operation.plan.blocked:
        terminal.say("blocked: a check above failed or could not be made; nothing was changed")
    return not operation.plan.blocked


def confirmed(operation: Operation, terminal: Terminal, *, word: str | None, yes: bool) -> bool:
    """True when the operator has said yes to exactly this plan: the word where one is asked for, or y."""
    assert operation.plan is not None
    wanted = operation.plan.blast.confirm_word
    if wanted:
        typed = word if word is not None else terminal.ask(f"type {wanted} to go on: ")
        return typed == wanted
    return yes or terminal.ask("go on? [y/N] ").lower() in ("y", "yes")


@dataclass(frozen=True, slots=True)
class Consent:
    """What the command line already says to the plan's question."""

    word: str | None = None
    """``--confirm``: the word that the plan asks for."""
    yes: bool = False
    """``--yes``: counts only where no word is asked for."""


async def rehearse(
    desk: Desk, intent: Intent, *, key: str, clock: Clock, terminal: Terminal, wide: bool = False
) -> bool:
    """Shows what an operation would do, and takes the proposal back, also when nobody reads to the end. False when it
    could not be approved."""
    operation = await propose(desk, intent, key=key, clock=clock)
    try:
        return show_plan(operation, terminal, wide=wide)
    finally:
        _take_back(desk, operation.op_id)


async def approve(
    desk: Desk,
    intent: Intent,
    *,
    key: str,
    clock: Clock,
    terminal: Terminal,
    consent: Consent,
    wide: bool = False,
) -> Operation | None:
    """Plans, shows, asks, approves. None when nothing was approved: the proposal is then taken back, also when the
    question is interrupted."""
    operation = await propose(desk, intent, key=key, clock=clock)
    agreed = False
    try:
        shown = show_plan(operation, terminal, wide=wide)
        agreed = shown and confirmed(operation, terminal, word=consent.word, yes=consent.yes)
    finally:
        if not agreed:
            _take_back(desk, operation.op_id)
    if not agreed:
        terminal.say("not confirmed: nothing was changed")
        return None
    assert operation.plan is not None
    desk.approve(operation.op_id, operation.plan.digest)
    return operation


def _take_back(desk: Desk, op_id: str) -> None:
    if not desk.operation(op_id).state.ended:
        desk.abort(op_id)


def change(desk: Desk, operation: Operation, action: str, terminal: Terminal) -> None:
    """``pause``, ``resume`` or ``abort``. Raises DeskError when the operation has ended."""
    {"pause": desk.pause, "resume": desk.resume, "abort": desk.abort}[action](operation.op_id)
    terminal.say(f"{operation.op_id}: {action} asked for")


async def follow(desk: Desk, op_id: str, *, clock: Clock, terminal: Terminal) -> Operation:
    """Prints what changes until the operation has ended. Interrupting it does not touch the operation."""
    printed: set[str] = set()
    while True:
        operation = desk.operation(op_id)
        for line in progress_lines(operation):
            if line not in printed:
                printed.add(line)
                terminal.say(line)
        if operation.state.ended:
            return operation
        await clock.sleep(POLL_S)


def progress_lines(operation: Operation) -> list[str]:
    """What there is to say now; a line that was said before is the same text again."""
    lines = [f"{operation.op_id} {operation.state}"]
    for step in operation.steps:
        lines.extend(_step_lines(step))
    if operation.paused and not operation.state.ended:
        lines.append(f"{operation.op_id} paused: fleetui op resume {operation.op_id}")
    if operation.state.ended and operation.summary:
        lines.append(f"{operation.op_id} {operation.state}: {operation.summary}")
    return lines


def _step_lines(step: StepProgress) -> list[str]:
    if step.state is StepState.PENDING:
        return []
    lines = [f"  {step.id}: started"]
    lines.extend(f"  {step.id}: {waiting_line(waiting)}" for waiting in step.waiting)
    if step.state in (StepState.DONE, StepState.FAILED):
        lines.append(f"  {step.id}: {step.state}")
    return lines


def exit_status(operation: Operation) -> int:
    return 0 if operation.state is OpState.DONE else 1


class NoOperationError(ValueError):
    """No operation, or several, with that id or end of an id."""


def find_operation(desk: Desk, wanted: str) -> Operation:
    """By id, by its beginning or its end, as long as it is the only one. Raises NoOperationError."""
    said = wanted.upper()
    operations = desk.operations()
    matches = [each for each in operations if each.op_id.startswith(said) or each.op_id.endswith(said)]
    if len(matches) != 1:
        known = "none" if not matches else ", ".join(operation.op_id for operation in matches)
        raise NoOperationError(f"operation {wanted}: {known} match" + ("" if matches else "; see fleetui get ops"))
    return matches[0]
