"""The Operations table: what runs, what waits for whom, what has ended."""

from fleetui.model.actor import person
from fleetui.model.cluster import Health
from fleetui.model.duration import age_text, time_text
from fleetui.model.journal import Waiting
from fleetui.model.ledger import Operation
from fleetui.model.ongoing import holds, machines_done, state_word
from fleetui.model.operation import OpState
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import NOTHING, UNKNOWN, Align, Column, Field, Json, Kind, Table
from fleetui.model.table.columns_shared import age_column, cluster_column, muted, word_column


def operation_health(operation: Operation) -> Health:
    """The verdict that orders the table: what waits for a person comes before what runs by itself."""
    if operation.state is OpState.FAILED:
        return Health.BROKEN
    if operation.state.ended:
        return Health.CALM
    stuck = operation.plan_error or operation.paused or holds(operation)
    return Health.WARNING if stuck or operation.state is OpState.PROPOSED else Health.BUSY


def targets_text(operation: Operation) -> str:
    """``wk-b-01``, ``wk-b-01 +4``."""
    targets = operation.intent.targets
    if not targets:
        return NOTHING
    return targets[0].name if len(targets) == 1 else f"{targets[0].name} +{len(targets) - 1}"


def progress_text(operation: Operation) -> str:
    """Whole percent, ``100%`` only at the end."""
    fraction = operation.done_fraction
    if fraction is None:
        return UNKNOWN
    return f"{100 if fraction >= 1 else min(99, int(fraction * 100))}%"


def _done_text(operation: Operation, _: float) -> str:
    """While it goes on, the share; of one that ended before its end, the machines it finished: ``1/2``."""
    if not operation.state.ended or operation.state is OpState.DONE:
        return progress_text(operation)
    if operation.approved_by is None:
        return NOTHING
    return f"{machines_done(operation)}/{len(operation.intent.targets)}"


def _first(operation: Operation) -> tuple[int, float]:
    """What waits for a person, what goes on, what has ended; each newest first."""
    if operation.state.ended:
        return (2, -operation.submitted)
    return (0 if operation_health(operation) is Health.WARNING else 1, -operation.submitted)


def waits_for(operation: Operation) -> str:
    """In one line, what stops it or how it ended; empty when nothing does."""
    waiting = None if operation.state.ended else first_waiting(operation)
    if waiting is not None:
        return f"{waiting.object}: {waiting.detail or waiting.why}"
    return operation.plan_error or operation.summary


def first_waiting(operation: Operation) -> Waiting | None:
    """What it waits for: what blocks it before what passes by itself."""
    waiting = next((waiting for step in operation.steps for waiting in step.waiting), None)
    return next(iter(holds(operation)), waiting)


def _detail_text(operation: Operation, _: float) -> str:
    """Of a blocked one the cause before the pod, for it is what a narrow column keeps."""
    held = holds(operation)
    if held:
        said = ", ".join(part for part in (held[0].detail or held[0].why, held[0].owner, held[0].object) if part)
        return f"{said}, +{len(held) - 1}" if len(held) > 1 else said
    return waits_for(operation) or NOTHING


def _state_value(operation: Operation) -> str:
    """Both words of a blocked one match: it runs, and it is blocked."""
    word = state_word(operation)
    return f"{word},blocked" if holds(operation) else word


def state_text(operation: Operation, now: float) -> str:
    """``blocked 14m``, as on the row of its cluster; ``paused 2m``."""
    word = state_word(operation)
    if operation.paused_at is not None and word == "paused":
        return f"{word} {age_text(operation.paused_at, now)}"
    if word != "running" or not holds(operation):
        return word
    since = operation.held_since
    return "blocked" if since is None else f"blocked {age_text(since, now)}"


def _style(operation: Operation, _: float) -> str:
    return "muted" if operation.state.ended and operation.state is not OpState.FAILED else _health_style(operation)


def _health_style(operation: Operation) -> str:
    return HEALTH_STYLES[operation_health(operation)]


def _haystack(operation: Operation) -> str:
    intent = operation.intent
    targets = " ".join(target.name for target in intent.targets)
    return "\n".join(
        (
            *(operation.op_id, intent.kind, intent.cluster.name, targets, intent.reason),
            *(str(operation.actor), state_word(operation), waits_for(operation)),
        )
    ).lower()


def _waiting_json(operation: Operation) -> Json:
    return [
        {"object": item.object, "why": item.why, "detail": item.detail, "owner": item.owner, "remedy": item.remedy}
        for step in operation.steps
        for item in step.waiting
    ]


_COLUMNS: tuple[Column[Operation], ...] = (
    Column(
        id="name",
        title="OPERATION",
        doc="What is done to which machines.",
        value=lambda row: f"{row.intent.kind} {targets_text(row)}",
        known=True,
        text=lambda row, _: f"{row.intent.kind} {targets_text(row)}",
        least=18,
        most=40,
        priority=1,
        style=_style,
    ),
    Column(
        id="state",
        title="STATE",
        doc="planning, proposed, approved, running, blocked, pausing, paused, aborting, done, failed, aborted.",
        kind=Kind.WORDS,
        value=_state_value,
        known=True,
        text=state_text,
        least=9,
        most=11,
        priority=1,
        style=_style,
    ),
    Column(
        id="done",
        title="DONE",
        doc="Share of the steps that is done; machines that were done, when it ended early.",
        kind=Kind.NUMBER,
        value=lambda row: None if row.done_fraction is None else row.done_fraction * 100,
        text=_done_text,
        least=4,
        most=4,
        priority=2,
        align=Align.RIGHT,
    ),
    cluster_column("Where.", attribute="intent.cluster.name"),
    Column(
        id="waits",
        title="DETAIL",
        doc="What it waits for, or how it ended.",
        value=waits_for,
        known=True,
        text=_detail_text,
        least=14,
        most=60,
        priority=4,
        style=lambda row, _: (
            "faint" if not waits_for(row) else "muted" if row.state is OpState.DONE else _health_style(row)
        ),
    ),
    Column(
        id="by",
        title="BY",
        doc="Who, and from where.",
        value=lambda row: str(row.actor),
        known=True,
        text=lambda row, _: person(str(row.actor)),
        least=10,
        most=24,
        priority=5,
    ),
    age_column("Since it was submitted.", attribute="submitted", known=True),
    word_column(
        "reason",
        "intent.reason",
        doc="Why, as its author said.",
        least=12,
        most=40,
        priority=7,
        style=muted,
        optional=True,
    ),
    word_column("id", "op_id", doc="For fleetui op and the audit.", least=26, most=30, priority=8, wide=True),
)

_FIELDS: tuple[Field[Operation], ...] = (
    Field("name", "the operation's id", lambda row: row.op_id),
    Field("kind", "cordon, uncordon, drain", lambda row: row.intent.kind),
    Field("cluster", "", lambda row: row.intent.cluster.name),
    Field("targets", "names of the machines", lambda row: [target.name for target in row.intent.targets]),
    Field("state", "proposed, approved, running, done, failed, aborted, rolled back", lambda row: row.state.value),
    Field("paused", "at a safe point", lambda row: row.paused),
    Field("aborting", "", lambda row: row.aborting),
    Field("doneFraction", "0 to 1; null without a plan", lambda row: row.done_fraction),
    Field("waiting", "object, why, detail, owner, remedy", _waiting_json),
    Field("planError", "why there is no plan", lambda row: row.plan_error),
    Field("actor", "who submitted it", lambda row: str(row.actor)),
    Field("reason", "", lambda row: row.intent.reason),
    Field("approvedBy", "", lambda row: None if row.approved_by is None else str(row.approved_by)),
    Field("submitted", "", lambda row: time_text(row.submitted)),
    Field("started", "", lambda row: time_text(row.started)),
    Field("ended", "", lambda row: time_text(row.ended)),
    Field("summary", "", lambda row: row.summary),
    Field("digest", "of the plan, for approval", lambda row: None if row.plan is None else row.plan.digest),
)

OPERATIONS: Table[Operation] = Table(
    name="operations",
    columns=_COLUMNS,
    fields=_FIELDS,
    id=lambda row: row.op_id,
    title=lambda row: row.op_id,
    health=operation_health,
    first=_first,
    haystack=_haystack,
    labels=lambda _: (),
    cluster=lambda row: row.intent.cluster.name,
    groupings={
        "cluster": lambda row: row.intent.cluster.name,
        "state": state_word,
        "kind": lambda row: row.intent.kind,
    },
)
