"""What consoles see, as entries: alerts that change, machines that become something else, what operations did."""

from collections.abc import Iterator, Mapping, Sequence

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.cluster import Health
from fleetui.model.diagnosis.timeline import level_of, said
from fleetui.model.duration import format_duration
from fleetui.model.history import Transition
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState

_ASKED = {"approve": "approved", "pause": "to be paused", "resume": "to be resumed", "abort": "to be aborted"}


def alert_entries(was: Alert | None, alert: Alert, now: float, *, ended: float = 0.0) -> Iterator[Entry]:
    """What an alert says that it did not say before; ``was`` is None when it is first seen. ``ended``: when it is
    written down as ended, if that is the last that is written down of it."""
    if was is None or was.phase is not alert.phase:
        yield _alert(alert, _phase_at(was, alert, now, ended), *_PHASES[alert.phase], fact=alert.phase.value)
    if alert.ack is not None and (was is None or was.ack is None or was.ack.silence != alert.ack.silence):
        word = "acknowledged" if was is not None else "was acknowledged before"
        text = f"{word}: {alert.ack.comment}" if alert.ack.comment else word
        yield _alert(alert, now, text, Health.BUSY, fact=f"ack/{alert.ack.silence}", who=alert.ack.by, once=True)
    elif alert.hush is Hush.SILENCED and (was is None or was.silenced_by != alert.silenced_by):
        ids = ",".join(alert.silenced_by)
        word = "silenced" if was is not None else "was silenced before"
        yield _alert(alert, now, word, Health.CALM, fact=f"silenced/{ids}", once=True)


def flapping_entry(alert: Alert, changes: int, span_s: float, now: float) -> Entry:
    """That it has changed more often than is written down."""
    text = f"changed {changes:,} times in {format_duration(span_s)}, not written down one by one"
    return _alert(alert, now, text, Health.WARNING, fact="flapped")


_PHASES = {
    Phase.FIRING: ("fires", Health.WARNING),
    Phase.PENDING: ("is pending", Health.CALM),
    Phase.UNKNOWN: ("is unknown: nobody who could know has spoken since", Health.UNKNOWN),
    Phase.RESOLVED: ("resolved", Health.CALM),
    Phase.ENDED_UNSEEN: ("does not fire any more; nobody saw it end", Health.UNKNOWN),
}


def ended_at(times: Mapping[str, Sequence[float]], key: str) -> float:
    """When an alert is written down as ended, if that is the last that is written down of it; else 0. ``times``: of
    all that is written down, by fact."""
    last = {phase: max(times.get(f"alert/{key}/{phase.value}", ()), default=0.0) for phase in Phase}
    fired = last.pop(Phase.FIRING)
    ended = max(last.values())
    return ended if ended > fired else 0.0


def _phase_at(was: Alert | None, alert: Alert, now: float, ended: float) -> float:
    if alert.phase is Phase.FIRING:
        began = alert.firing_since or alert.since or now
        return began if began >= max(ended, _left_at(was, now)) else now
    if alert.phase is Phase.PENDING:
        return alert.since or now
    return alert.ended_at or now


def _left_at(was: Alert | None, now: float) -> float:
    """When it was seen to fire no more, or not yet. One that fires again may keep the beginning of its first time; told
    with that, it would be taken for the first time, and its end for the last word."""
    if was is None or was.phase is Phase.FIRING:
        return 0.0
    if was.phase is Phase.PENDING:
        return was.since or 0.0
    return now if was.ended_at is None else was.ended_at


def _alert(alert: Alert, at: float, text: str, level: Health, *, fact: str, who: str = "", once: bool = False) -> Entry:
    loud = alert.phase is Phase.FIRING and alert.call.value == "page" and fact == "firing"
    which = f" ({told})" if (told := alert.distinction) else ""
    what = f"{alert.name} {text}" + (f": {alert.call.value}" if fact == "firing" else "") + which
    return Entry(
        kind=EntryKind.ALERT,
        at=at,
        text=what,
        fact=f"alert/{alert.key}/{fact}",
        once=once,
        cluster=alert.cluster,
        source=", ".join(alert.sources),
        who=who,
        level=Health.BROKEN if loud else level,
    )


def state_entry(one: Transition) -> Entry:
    place = f"{one.namespace}/{one.name}"
    return Entry(
        kind=EntryKind.STATE,
        at=one.at,
        text=said(one),
        fact=f"state/{one.cluster}/{one.kind}/{place}/{one.field}/{one.was}/{one.now}",
        cluster=one.cluster,
        source="session",
        level=level_of(one),
    )


def operation_entries(operation: Operation) -> Iterator[Entry]:
    """All that is known of it so far; plans that nobody approved are no part of what happened."""
    if operation.rehearsal or operation.approved_by is None:
        return
    what = _what(operation)
    for request in operation.asked:
        word = _ASKED.get(request.kind.value, request.kind.value)
        yield _operation(operation, request.at, f"{what} {word}", f"{request.kind.value}", who=str(request.by))
    if operation.started is not None:
        yield _operation(operation, operation.started, f"{what} begun", "started", who=str(operation.actor))
    if operation.ended is not None:
        level = Health.CALM if operation.state is OpState.DONE else Health.WARNING
        text = f"{what} {operation.state.value}: {operation.summary}".removesuffix(": ")
        yield _operation(operation, operation.ended, text, "ended", level=level)


def _what(operation: Operation) -> str:
    targets = operation.intent.targets
    more = f" +{len(targets) - 1}" if len(targets) > 1 else ""
    return f"{operation.intent.kind} {targets[0].name if targets else ''}{more}".strip()


def _operation(
    operation: Operation, at: float, text: str, fact: str, *, who: str = "", level: Health = Health.BUSY
) -> Entry:
    reason = f" ({operation.intent.reason})" if fact == "started" and operation.intent.reason else ""
    return Entry(
        kind=EntryKind.OPERATION,
        at=at,
        text=text + reason,
        fact=f"operation/{operation.op_id}/{fact}",
        cluster=operation.intent.cluster.name,
        source=f"operation {operation.op_id[-6:]}",
        who=who,
        level=level,
    )
