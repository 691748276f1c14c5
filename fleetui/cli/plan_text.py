"""A plan and an operation's progress as plain lines: for pipes, for screen readers, for the log of a change."""

from collections.abc import Iterable, Iterator

from fleetui.model.duration import format_duration
from fleetui.model.journal import Waiting
from fleetui.model.operation import Blast, Check, Outcome, Plan, PlannedStep

_MARKS = {Outcome.OK: "ok     ", Outcome.FAIL: "FAIL   ", Outcome.UNKNOWN: "UNKNOWN"}


def plan_lines(plan: Plan) -> Iterator[str]:
    """The whole plan: what, blast radius, checks (what is not ok first), steps with their pods, digest."""
    intent = plan.intent
    names = " ".join(target.name for target in intent.targets)
    yield f"{intent.kind} {len(intent.targets)} machine(s) in {intent.cluster.name}: {names}"
    yield f"reason: {intent.reason or '(none given)'}"
    yield from _blast_lines(plan.blast)
    yield from _check_lines(plan.checks)
    yield "steps:"
    for step in plan.steps:
        yield from _step_lines(step)
    yield f"digest: {plan.digest}"


def _blast_lines(blast: Blast) -> Iterator[str]:
    yield f"moves {'?' if blast.pods_moved is None else blast.pods_moved} pod(s)"
    if blast.budgets_at_limit:
        yield f"disruption budgets at their limit: {', '.join(blast.budgets_at_limit)}"
    out = f" ({' '.join(blast.already_out)} already out)" if blast.already_out else ""
    yield f"capacity left {_percent(blast.capacity_left_pct)}{out}, needs {_percent(blast.capacity_needed_pct)}"
    if blast.control_plane:
        yield f"control-plane machines: {', '.join(blast.control_plane)}"
    yield from blast.domains


def _percent(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f} %"


def _check_lines(checks: Iterable[Check]) -> Iterator[str]:
    ordered = sorted(checks, key=lambda check: (not check.blocks, not check.needs_word, check.outcome is Outcome.OK))
    for check in ordered:
        about = f" {check.target}" if check.target else ""
        yield f"  {_MARKS[check.outcome]} {check.severity:<5}{about} {check.title}: {check.evidence}  [{check.source}]"
        if check.outcome is not Outcome.OK and check.remedy:
            yield f"          {check.remedy}"


def _step_lines(step: PlannedStep) -> Iterator[str]:
    yield f"  {step.id}: {step.title} ({step.why}; can break: {step.breaks or 'nothing'})"
    for pod in step.pods:
        blocked = f"  BLOCKED {pod.blocked}" if pod.blocked else ""
        yield f"      {pod.action:<6} {pod.namespace}/{pod.name}  {pod.why}{blocked}"


def waiting_line(waiting: Waiting) -> str:
    """One thing an operation waits for, with its owner and what would unblock it."""
    owner = f", owner {waiting.owner}" if waiting.owner else ""
    remedy = f"; {waiting.remedy}" if waiting.remedy else ""
    again = f"; next try within {format_duration(waiting.next_within_s)}" if waiting.next_within_s is not None else ""
    return f"waits for {waiting.object}: {waiting.why}: {waiting.detail}{owner}{remedy}{again}"
