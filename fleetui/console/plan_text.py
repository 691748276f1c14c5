"""A plan as the confirmation dialog shows it: blast radius, the frozen targets, what moves and what waits. Pure."""

from collections.abc import Iterable, Sequence, Set

from fleetui.console.check_text import named
from fleetui.console.glyphs import Glyphs
from fleetui.console.ink import Line, Span, fit, join, line, plain, width, wrap
from fleetui.console.options import titled
from fleetui.console.proposal import Asked
from fleetui.model.amount import bytes_text, number_text
from fleetui.model.operation import ETCD_KINDS, Blast, Check, Headroom, Intent, Outcome, Plan, PlannedPod, PlannedStep
from fleetui.model.quantity import counted

PODS_CHECK, BUDGETS_CHECK = "pods", "budgets"
"""Ids of the checks that list a machine's pods, and what budgets say to them (``control.preflight_drain``)."""

FEW_BUDGETS = 2
"""Named in the blast radius; the rest are counted."""

REASON_CELLS = 48
"""Of a reason within a fact; its check says all of it."""

OLD_S = 60.0
"""Older than this a plan is worth making again: most of what it saw may have changed."""


def title(intent: Intent) -> str:
    """``Drain 5 machines in prod-east-2``."""
    if intent.kind.startswith(ETCD_KINDS):
        return f"{etcd_words(intent.kind).capitalize()} in {intent.cluster.name}"
    count = len(intent.targets)
    what = intent.targets[0].name if count == 1 else counted(count, "machine")
    return f"{intent.kind.capitalize()} {what} in {intent.cluster.name}"


def etcd_words(kind: str) -> str:
    """``etcd-move-leader`` as ``etcd: move leader``."""
    return f"etcd: {kind.removeprefix(ETCD_KINDS).replace('-', ' ')}"


def sequence_lines(asked: Asked, following: Sequence[Asked], *, glyphs: Glyphs, cells: int) -> list[Line]:
    """Before anything else: which targets the operator cannot see, and which clusters are asked about after this."""
    lines: list[Line] = []
    if asked.hidden:
        said = f"{glyphs.warning} marked, but hidden by {asked.hidden_by}: {named(asked.hidden)}"
        lines += wrap(said, cells, "warn", indent=2)
    if following:
        unseen = any(other.hidden for other in following)
        said = f"then asks about {', '.join(map(_asked_text, following))}"
        lines += wrap(f"{glyphs.warning} {said}" if unseen else said, cells, "warn" if unseen else "text", indent=2)
        lines += wrap("esc ends it all, also what follows", cells, "muted")
    return [*lines, ()] if lines else []


def _asked_text(asked: Asked) -> str:
    """``2 machines in prod-east-2 (2 hidden by the filter)``."""
    hidden = f" ({len(asked.hidden)} hidden by {asked.hidden_by})" if asked.hidden else ""
    return f"{counted(len(asked.intent.targets), 'machine')} in {asked.intent.cluster.name}{hidden}"


def blast_lines(plan: Plan, cells: int) -> list[Line]:
    """``moves 212 pods · pdb payments/api at its limit · capacity left 81 % (needs 74 %) · rack B keeps 9 of 14``."""
    blast = plan.blast
    if not any(step.kind == "evict" for step in plan.steps):
        return _flow([("moves no pods", "strong"), *_control_plane(blast)], cells)
    facts: list[Span] = [_moves(plan)]
    facts += _budgets(plan)
    facts += [_capacity(blast), *_headroom(blast.headroom), *_control_plane(blast)]
    facts += [(domain, "text") for domain in blast.domains]
    return _flow(facts, cells)


def target_line(plan: Plan, *, clock: str, age: str = "", old: bool = False) -> Line:
    """``5 targets frozen 14:02:31, seen just now``: another node of the same name is another target."""
    frozen: Line = line((f"{counted(len(plan.intent.targets), 'target')} frozen ", "muted"), clock)
    return (*frozen, (", seen ", "muted"), (age, "warn" if old else "text")) if age else frozen


def step_lines(plan: Plan, *, glyphs: Glyphs, pods: bool, cells: int) -> list[Line]:
    """The plan machine by machine: what moves, what stays and why, what would block.

    A reason that is too long for a line is cut; what a step of etcd means is not.
    """
    if plan.intent.kind.startswith(ETCD_KINDS):
        return [said for step in plan.steps for said in _etcd_lines(step, cells)]
    lines: list[Line] = []
    longest = max((len(target.name) for target in plan.intent.targets), default=0)
    unread = {check.target for check in plan.checks if _is_unread(check)}
    columns = {pod.action for step in plan.steps for pod in step.pods}
    for target in plan.intent.targets:
        steps = [step for step in plan.steps if step.target.uid == target.uid]
        if target.name in unread:
            lines.append(line((f"  {target.name.ljust(longest)}", "strong"), ("    ? pods", "unknown")))
            continue
        lines.append(_machine_line(target.name.ljust(longest), steps, columns, glyphs))
        for step in steps:
            lines += _pod_lines(step.pods, glyphs) if pods else []
    return [fit(said, cells) for said in lines]


def _etcd_lines(step: PlannedStep, cells: int) -> list[Line]:
    """Step by step: there is one target, and the members take their turns. Its consequences stand below it where there
    is no room beside it."""
    beside = line((f"  {step.title}", "text"), (f"  {step.breaks}" if step.breaks else "", "faint"))
    if width(beside) <= cells:
        return [beside]
    lines = [line(("  ", "text"), *said) for said in wrap(step.title, cells - 2, "text", indent=2)]
    meant = wrap(step.breaks, cells - 4, "faint") if step.breaks else []
    return [*lines, *(line(("    ", "text"), *said) for said in meant)]


def verdict(plan: Plan) -> str:
    """What the approve button says: ``drain 4, wait 1``. Never that something moves when nothing can."""
    if plan.intent.kind.startswith(ETCD_KINDS):
        return etcd_words(plan.intent.kind).removeprefix("etcd: ")
    kind, targets = plan.intent.kind, len(plan.intent.targets)
    if plan.blast.pods_moved is None:
        return f"{kind} {targets}, pods unknown"
    pods = [pod for step in plan.steps for pod in step.pods if pod.action == "evict"]
    waiting = len({step.target.uid for step in plan.steps if any(pod.blocked for pod in step.pods)})
    if not waiting:
        return f"{kind} {targets}"
    if all(pod.blocked for pod in pods):
        return f"cordon {targets}, nothing can move yet"
    if waiting == targets:
        return f"{kind} {targets}, wait for {'its' if targets == 1 else 'their'} budgets"
    return f"{kind} {targets - waiting}, wait {waiting}"


def _moves(plan: Plan) -> Span:
    """``moves ? pods (connection refused)``: none is said only where it is known."""
    if plan.blast.pods_moved is not None:
        return (f"moves {counted(plan.blast.pods_moved, 'pod')}", "strong")
    why = next((check.evidence for check in plan.checks if _is_unread(check)), "")
    short = plain(fit(line(why), REASON_CELLS))
    return (f"moves ? pods ({short})" if short else "moves ? pods", "unknown")


def _is_unread(check: Check) -> bool:
    """True of the check whose reads list the pods of a machine."""
    return check.id == PODS_CHECK and check.outcome is Outcome.UNKNOWN


def _budgets(plan: Plan) -> list[Span]:
    """``pdb payments/api at its limit``; more than a few are counted. Budgets that could not be read are unknown."""
    names = plan.blast.budgets_at_limit
    if not names:
        unknown = any(check.id == BUDGETS_CHECK and check.outcome is Outcome.UNKNOWN for check in plan.checks)
        return [("PDBs at their limit ?", "unknown")] if unknown else []
    if len(names) == 1:
        return [(f"pdb {names[0]} at its limit", "warn")]
    more = f" and {len(names) - FEW_BUDGETS} more" if len(names) > FEW_BUDGETS else ""
    return [(f"pdb {', '.join(names[:FEW_BUDGETS])}{more} at their limit", "warn")]


def _capacity(blast: Blast) -> Span:
    if blast.capacity_left_pct is None:
        return ("capacity left ?", "unknown")
    out = f" ({named(blast.already_out)} already out)" if blast.already_out else ""
    left = f"capacity left {blast.capacity_left_pct:.0f} %{out}"
    if blast.capacity_needed_pct is None:
        return (f"{left} (needs ?)", "unknown")
    style = "danger" if blast.capacity_needed_pct > blast.capacity_left_pct else "text"
    return (f"{left} (needs {blast.capacity_needed_pct:.0f} %)", style)


def _control_plane(blast: Blast) -> list[Span]:
    return [(f"touches the control plane: {' '.join(blast.control_plane)}", "danger")] if blast.control_plane else []


def _headroom(room: Headroom) -> list[Span]:
    """``cpu left 612 cores (needs 31)``, ``memory left 2.3 TiB (needs 118 GiB)``; what is unknown is in the checks."""
    facts: list[Span] = []
    if room.cpu_left is not None and room.cpu_needed is not None:
        style = "danger" if room.cpu_needed > room.cpu_left else "text"
        facts.append((f"cpu left {number_text(room.cpu_left)} cores (needs {number_text(room.cpu_needed)})", style))
    if room.memory_left is not None and room.memory_needed is not None:
        style = "danger" if room.memory_needed > room.memory_left else "text"
        facts.append((f"memory left {bytes_text(room.memory_left)} (needs {bytes_text(room.memory_needed)})", style))
    return facts


def _machine_line(name: str, steps: Iterable[PlannedStep], columns: Set[str], glyphs: Glyphs) -> Line:
    """``columns``: the actions that any machine of the plan has; what this one has none of stays blank."""
    pods = [pod for step in steps for pod in step.pods]
    counts = {action: sum(pod.action == action for pod in pods) for action in ("evict", "wait", "skip")}
    blocked = sum(bool(pod.blocked) for pod in pods)
    parts: list[Line] = [((f"  {name}", "strong"),)]
    for action, word in _ACTION_WORDS:
        if action in columns:
            said = f"{counts[action]:>3} {word}"
            parts.append(((said if counts[action] else " " * len(said), "muted"),))
    if blocked:
        parts.append(((f"{glyphs.warning} {blocked} blocked now", "warn"),))
    return join(parts, "  ")


_ACTION_WORDS = (("evict", "move"), ("wait", "already going"), ("skip", "stay"))


def _pod_lines(pods: Iterable[PlannedPod], glyphs: Glyphs) -> list[Line]:
    lines: list[Line] = []
    for pod in sorted(pods, key=lambda pod: (not pod.blocked, pod.action, pod.namespace, pod.name)):
        action = dict(_ACTION_WORDS).get(pod.action, pod.action)
        lines.append(
            ((f"    {action:<14}", "muted"), (f"{pod.namespace}/{pod.name}", "text"), (f"  {titled(pod.why)}", "faint"))
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
