"""What the dialog tells of one proposal: its plan, why there is none, or that it is still waited for. Pure."""

from collections.abc import Callable

import msgspec

from fleetui.console import plan_text
from fleetui.console.check_text import ago_text, check_lines, hinted
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, line, wrap
from fleetui.console.kubectl import for_intent
from fleetui.console.operation_text import clock_time
from fleetui.console.proposal import Proposal
from fleetui.model.duration import format_duration
from fleetui.model.operation import ETCD_KINDS, Intent, Plan


class Telling(msgspec.Struct, frozen=True):
    """How it is told."""

    now: float
    glyphs: Glyphs
    cells: int
    opened: frozenset[str]
    """What is unfolded: ``checks``, ``pods``, ``kubectl``."""
    copied: bool
    """The kubectl line is in the clipboard."""
    problem: Callable[[], str]
    """Why no controller makes the plan; empty while one does."""
    typing: bool = False
    """Keys are letters of a field now: none is offered."""


def proposal_lines(proposal: Proposal, telling: Telling) -> tuple[Line, ...]:
    operation = proposal.operation
    if operation is not None and operation.plan is not None:
        return _plan_lines(operation.plan, telling)
    if operation is not None and operation.plan_error:
        why = wrap(operation.plan_error, telling.cells)
        return (*wrap("The controller could not make a plan:", telling.cells, "danger"), *why)
    return _waiting_lines(proposal.intent, telling, waited_s=telling.now - proposal.since)


def _plan_lines(plan: Plan, telling: Telling) -> tuple[Line, ...]:
    now, glyphs, cells, opened = telling.now, telling.glyphs, telling.cells, telling.opened
    age = now - plan.made_at
    clock, old = clock_time(plan.made_at), age > plan_text.OLD_S
    again = () if telling.typing else hinted("p", "plans again")
    return (
        *_kubectl_lines(plan, telling),
        *plan_text.blast_lines(plan, cells),
        (),
        *check_lines(
            plan.checks,
            now=now,
            glyphs=glyphs,
            cells=cells,
            opened="checks" in opened,
            key="" if telling.typing else "r",
        ),
        (),
        (*plan_text.target_line(plan, clock=clock, age=ago_text(age), old=old), *again),
        *plan_text.step_lines(plan, glyphs=glyphs, pods="pods" in opened, cells=cells),
    )


def _kubectl_lines(plan: Plan, telling: Telling) -> tuple[Line, ...]:
    if "kubectl" not in telling.opened:
        return ()
    copied = (line(("  copied", "muted")),) if telling.copied else ()
    return (*wrap(f"$ {for_intent(plan.intent)}", telling.cells, "accent", indent=2), *copied, ())


def _waiting_lines(intent: Intent, telling: Telling, *, waited_s: float) -> tuple[Line, ...]:
    glyphs, cells, problem = telling.glyphs, telling.cells, telling.problem()
    reads = "The controller reads the machines, their pods and the budgets from the cluster itself."
    if intent.kind.startswith(ETCD_KINDS):
        reads = "The controller asks every member of etcd itself."
    return (
        line((f"planning{glyphs.ellipsis} {format_duration(waited_s)}", "busy")),
        *wrap(reads, cells, "muted"),
        *(wrap(f"{glyphs.warning} {problem}", cells, "warn") if problem else ()),
        (),
        *wrap(f"targets: {' '.join(target.name for target in intent.targets)}", cells),
    )
