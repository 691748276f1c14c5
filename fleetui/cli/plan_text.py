"""A plan and an operation's progress as plain lines: for pipes, for screen readers, for the log of a change.

The words are those of the console's dialog. What is in the way comes first; what passed is counted, and listed when
``wide``.
"""

from collections.abc import Iterable, Iterator

from fleetui.model.duration import format_duration
from fleetui.model.journal import Waiting
from fleetui.model.operation import ETCD_KINDS, Blast, Check, Outcome, Plan, PlannedPod, PlannedStep
from fleetui.model.quantity import counted

WIDE_HINT = "-o wide lists them"

_ACTIONS = {"evict": "move", "wait": "already going", "skip": "stay", "refuse": "refused"}
_WORD_CELLS = 8
"""Of the longest word of a check, ``unknown`` or ``blocked``, and a blank."""


def plan_lines(plan: Plan, *, wide: bool = False) -> Iterator[str]:
    """What, blast radius, checks (trouble first), steps with their pods, digest."""
    intent = plan.intent
    on_etcd = intent.kind.startswith(ETCD_KINDS)
    names = " ".join(target.name for target in intent.targets)
    machines = counted(len(intent.targets), "machine")
    yield f"{intent.kind} {'' if on_etcd else machines + ' '}in {intent.cluster.name}: {names}"
    yield f"reason: {intent.reason or '(none given)'}"
    yield from ("moves no pods",) if on_etcd else _blast_lines(plan.blast)
    yield from _check_lines(plan.checks, wide=wide)
    yield "steps:"
    for step in plan.steps:
        yield from _step_lines(step, wide=wide)
    yield f"digest: {plan.digest}"


def _blast_lines(blast: Blast) -> Iterator[str]:
    yield "moves ? pods" if blast.pods_moved is None else f"moves {counted(blast.pods_moved, 'pod')}"
    if blast.budgets_at_limit:
        names = blast.budgets_at_limit
        yield f"pdb {', '.join(names)} at {'its' if len(names) == 1 else 'their'} limit"
    out = f" ({' '.join(blast.already_out)} already out)" if blast.already_out else ""
    yield f"capacity left {_percent(blast.capacity_left_pct)}{out} (needs {_percent(blast.capacity_needed_pct)})"
    if blast.control_plane:
        yield f"touches the control plane: {' '.join(blast.control_plane)}"
    yield from blast.domains


def _percent(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f} %"


def _check_lines(checks: Iterable[Check], *, wide: bool) -> Iterator[str]:
    ordered = sorted(checks, key=lambda check: (not check.blocks, not check.needs_word, check.outcome))
    passed = [check for check in ordered if check.outcome is Outcome.OK]
    yield "checks:"
    for check in (check for check in ordered if check.outcome is not Outcome.OK):
        yield _check_line(check, wide=wide)
        if check.remedy:
            yield f"  {' ' * _WORD_CELLS}{check.remedy}"
    if wide:
        yield from (_check_line(check, wide=True) for check in passed)
    elif passed:
        yield f"  {len(passed)} passed ({WIDE_HINT})"


def _check_line(check: Check, *, wide: bool) -> str:
    about = f"{check.target}: " if check.target else ""
    source = f"  [{check.source}]" if wide else ""
    return f"  {check.word.ljust(_WORD_CELLS)}{about}{check.title}: {check.evidence}{source}"


def _step_lines(step: PlannedStep, *, wide: bool) -> Iterator[str]:
    yield f"  {step.id}: {step.title} ({step.why}; can break: {step.breaks or 'nothing'})"
    stays = [pod for pod in step.pods if pod.action == "skip" and not wide]
    yield from (_pod_line(pod) for pod in step.pods if pod not in stays)
    if stays:
        yield f"      {len(stays)} stay ({WIDE_HINT})"


def _pod_line(pod: PlannedPod) -> str:
    blocked = f"  blocked now: {pod.blocked}" if pod.blocked else ""
    return f"      {_ACTIONS.get(pod.action, pod.action)} {pod.namespace}/{pod.name}  {pod.why}{blocked}"


def waiting_line(waiting: Waiting) -> str:
    """One thing an operation waits for, with its owner and what would unblock it."""
    owner = f", owner {waiting.owner}" if waiting.owner else ""
    remedy = f"; {waiting.remedy}" if waiting.remedy else ""
    again = f"; next try within {format_duration(waiting.next_within_s)}" if waiting.next_within_s is not None else ""
    return f"waits for {waiting.object}: {waiting.why}: {waiting.detail}{owner}{remedy}{again}"
