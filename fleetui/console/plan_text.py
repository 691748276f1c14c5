"""A plan as the confirmation dialog shows it: blast radius, what failed, what is unknown, the frozen targets. Pure."""

from collections.abc import Iterable

from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, Span, join, line, wrap
from fleetui.model.duration import format_duration
from fleetui.model.operation import Blast, Check, Intent, Outcome, Plan, PlannedPod, PlannedStep, Severity

FEW_TARGETS = 12
"""Targets named one by one; more of them are a number and the plan below names each."""


def title(intent: Intent) -> str:
    """``Drain 5 machines in prod-east-2``."""
    count = len(intent.targets)
    what = intent.targets[0].name if count == 1 else f"{count} machines"
    return f"{intent.kind.capitalize()} {what} in {intent.cluster.name}"


def blast_lines(blast: Blast, cells: int) -> list[Line]:
    """``moves 212 pods · 3 PDBs at their limit · capacity left 81 % (needs 74 %) · rack B keeps 9 of 14``."""
    facts: list[Span] = [(_counted(blast.pods_moved, "pod", "moves "), "strong")]
    if blast.budgets_at_limit:
        facts.append((_counted(len(blast.budgets_at_limit), "PDB") + " at their limit", "warn"))
    facts.append(_capacity(blast))
    if blast.control_plane:
        facts.append((f"touches the control plane: {' '.join(blast.control_plane)}", "danger"))
    facts += [(domain, "text") for domain in blast.domains]
    return _flow(facts, cells)


def check_lines(plan: Plan, *, now: float, glyphs: Glyphs, cells: int, all_checks: bool) -> list[Line]:
    """What failed first, then what is unknown, then what warns; the rest is one line unless asked for."""
    troubled = [check for check in plan.checks if check.outcome is not Outcome.OK]
    good = [check for check in plan.checks if check.outcome is Outcome.OK]
    lines: list[Line] = []
    for check in sorted(troubled, key=_trouble_rank):
        lines += _trouble(check, now=now, glyphs=glyphs, cells=cells)
    if good:
        more = "r to fold" if all_checks else "r to read"
        lines.append(line((f"{glyphs.ok} {_counted(len(good), 'check')} ok ", "ok"), (f"({more})", "muted")))
    if all_checks:
        for check in good:
            lines += _good(check, now=now, glyphs=glyphs, cells=cells)
    return lines


def target_lines(plan: Plan, clock: str, cells: int) -> list[Line]:
    """``targets frozen 14:02: wk-b-01 wk-b-03``; another node of the same name is another target."""
    names = [target.name for target in plan.intent.targets]
    shown = " ".join(names[:FEW_TARGETS]) + (
        f" and {len(names) - FEW_TARGETS} more" if len(names) > FEW_TARGETS else ""
    )
    head = f"targets frozen {clock}: "
    first, *rest = wrap(head + shown, cells, "text", indent=len(head))
    return [((head, "muted"), (first[0][0][len(head) :], "text")), *rest]


def step_lines(plan: Plan, *, glyphs: Glyphs, pods: bool) -> list[Line]:
    """The plan machine by machine: what moves, what stays and why, what would block."""
    lines: list[Line] = []
    longest = max((len(target.name) for target in plan.intent.targets), default=0)
    for target in plan.intent.targets:
        steps = [step for step in plan.steps if step.target.uid == target.uid]
        lines.append(_machine_line(target.name.ljust(longest), steps, glyphs))
        for step in steps:
            lines += _pod_lines(step.pods, glyphs) if pods else []
    return lines


def verdict(plan: Plan) -> str:
    """What the approve button says: ``drain 4, wait 1``."""
    waiting = _waiting_targets(plan)
    going = len(plan.intent.targets) - len(waiting)
    parts = [f"{plan.intent.kind} {going}"] if going else []
    if waiting:
        parts.append(f"wait {len(waiting)}")
    return ", ".join(parts)


def _waiting_targets(plan: Plan) -> set[str]:
    return {step.target.uid for step in plan.steps if any(pod.blocked for pod in step.pods)}


def _capacity(blast: Blast) -> Span:
    if blast.capacity_left_pct is None:
        return ("capacity left ?", "unknown")
    left = f"capacity left {blast.capacity_left_pct:.0f} %"
    if blast.capacity_needed_pct is None:
        return (f"{left} (needs ?)", "unknown")
    style = "danger" if blast.capacity_needed_pct > blast.capacity_left_pct else "text"
    return (f"{left} (needs {blast.capacity_needed_pct:.0f} %)", style)


def _trouble_rank(check: Check) -> tuple[bool, bool, bool, str]:
    return (not check.blocks, not (check.blocks or check.needs_word), check.outcome is Outcome.UNKNOWN, check.target)


_WORDS = {Severity.BLOCK: "blocked", Severity.FORCE: "at risk", Severity.WARN: "warn", Severity.INFO: "note"}


def check_mark(check: Check, glyphs: Glyphs) -> Span:
    """Glyph and word of a check that is not ok. Unknown says unknown, whatever its severity."""
    if check.outcome is Outcome.UNKNOWN:
        return (f"{glyphs.unknown} unknown", "unknown")
    word = _WORDS[check.severity]
    if check.blocks or check.needs_word:
        return (f"{glyphs.broken} {word}", "danger")
    return (f"{glyphs.warning} {word}", "warn" if check.severity is Severity.WARN else "text")


_MARK_CELLS = 11


def _trouble(check: Check, *, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    mark, style = check_mark(check, glyphs)
    about = f"{check.target}: " if check.target else ""
    head, *rest = wrap(f"{about}{check.title}: {check.evidence}", cells - _MARK_CELLS, "text")
    lines = [((mark.ljust(_MARK_CELLS), style), *head), *(_indented(more) for more in rest)]
    if check.remedy:
        lines += [_indented(more) for more in wrap(f"{glyphs.arrow} {check.remedy}", cells - _MARK_CELLS, "accent")]
    return [*lines, *(_indented(more) for more in wrap(_origin(check, now), cells - _MARK_CELLS, "faint"))]


def _good(check: Check, *, now: float, glyphs: Glyphs, cells: int) -> list[Line]:
    about = f"{check.target}: " if check.target else ""
    head, *rest = wrap(f"{about}{check.title}: {check.evidence}", cells - 4, "text")
    return [
        ((f"  {glyphs.ok} ", "ok"), *head),
        *(((" " * 4, "text"), *more) for more in rest),
        *(((" " * 4, "text"), *more) for more in wrap(_origin(check, now), cells - 4, "faint")),
    ]


def _origin(check: Check, now: float) -> str:
    return f"{check.source} · {format_duration(now - check.at)} ago"


def _indented(said: Line) -> Line:
    return ((" " * _MARK_CELLS, "text"), *said)


def _machine_line(name: str, steps: Iterable[PlannedStep], glyphs: Glyphs) -> Line:
    pods = [pod for step in steps for pod in step.pods]
    counts = {action: sum(pod.action == action for pod in pods) for action in ("evict", "wait", "skip")}
    blocked = sum(bool(pod.blocked) for pod in pods)
    parts: list[Line] = [((f"  {name}", "strong"),)]
    parts += [((f"{count:>3} {word}", "muted"),) for action, word in _ACTION_WORDS if (count := counts[action])]
    if blocked:
        parts.append(((f"{glyphs.warning} {blocked} blocked now", "warn"),))
    return join(parts, "  ")


_ACTION_WORDS = (("evict", "move"), ("wait", "already going"), ("skip", "stay"))


def _pod_lines(pods: Iterable[PlannedPod], glyphs: Glyphs) -> list[Line]:
    lines: list[Line] = []
    for pod in sorted(pods, key=lambda pod: (not pod.blocked, pod.action, pod.namespace, pod.name)):
        action = dict(_ACTION_WORDS).get(pod.action, pod.action)
        lines.append(
            ((f"    {action:<14}", "muted"), (f"{pod.namespace}/{pod.name}", "text"), (f"  {pod.why}", "faint"))
        )
        if pod.blocked:
            lines.append(((" " * 18, "text"), (f"{glyphs.warning} {pod.blocked}", "warn")))
    return lines


def _flow(facts: list[Span], cells: int) -> list[Line]:
    """Facts with dots between them, broken into lines between facts only."""
    lines: list[Line] = []
    current: list[Span] = []
    used = 0
    for text, style in facts:
        if current and used + 3 + len(text) > cells:
            lines.append(tuple(current))
            current, used = [], 0
        if current:
            current.append((" · ", "faint"))
            used += 3
        current.append((text, style))
        used += len(text)
    return [*lines, tuple(current)]


def _counted(count: int, noun: str, before: str = "") -> str:
    return f"{before}{count:,} {noun}{'' if count == 1 else 's'}"
