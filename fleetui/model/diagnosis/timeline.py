"""What happened to a cluster, in one order, whoever saw it: this session, the alerts, the operations."""

from collections.abc import Iterable, Iterator

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.cluster import Health
from fleetui.model.details import Happening
from fleetui.model.history import POD_TROUBLE, Transition
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState

BEFORE_S = 600.0
"""How far before the first symptom its cause is looked for."""


class Moment(msgspec.Struct, frozen=True):
    at: float
    """Unix seconds."""
    text: str
    """One line: ``wk-2 status Ready → NotReady``."""
    level: Health = Health.CALM
    source: str = ""
    """``session``, ``alerts``, ``operations``, ``events``."""


def since(now: float, alerts: Iterable[Alert]) -> float:
    """Ten minutes before now, or before the oldest page that calls for somebody, whichever is earlier. A ticket may
    have waited for weeks: it does not say when this began."""
    pages = (alert for alert in alerts if alert.loud and alert.call is Call.PAGE)
    begun = (alert.since for alert in pages if alert.since is not None)
    return min(min(begun, default=now), now) - BEFORE_S


def timeline(
    transitions: Iterable[Transition],
    alerts: Iterable[Alert],
    operations: Iterable[Operation],
    *,
    since: float,
    events: Iterable[tuple[str, Happening]] = (),
) -> tuple[Moment, ...]:
    """Newest first. All are of one cluster already; ``events`` are Kubernetes' own, by the name of their machine."""
    moments = (
        *(Moment(one.at, said(one), level_of(one), "session") for one in transitions),
        *(moment for alert in alerts for moment in _of_alert(alert)),
        *(moment for operation in operations for moment in _of_operation(operation)),
        *(moment for name, happening in events for moment in _of_event(name, happening)),
    )
    return tuple(sorted((one for one in moments if one.at >= since), key=lambda one: one.at, reverse=True))


def said(one: Transition) -> str:
    name = f"{one.namespace}/{one.name}" if one.namespace else one.name
    if one.field == "exists":
        return f"{one.kind} {name} {'appeared, ' + one.now if one.now else 'is gone'}"
    if one.field in ("cordoned", "operation"):
        return f"{name}: {one.now or f'no more {one.was}'}"
    return f"{name} {one.field} {one.was or 'none'} → {one.now or 'none'}"


def level_of(one: Transition) -> Health:
    if one.now in ("NotReady", "silent") or one.now in POD_TROUBLE:
        return Health.BROKEN
    if one.now in ("Unknown", "stale") or (one.field == "exists" and not one.now and one.kind == "machine"):
        return Health.WARNING
    return Health.CALM


def _of_alert(alert: Alert) -> Iterator[Moment]:
    """Each with the labels that tell it from the others of its name."""
    which = f", {alert.distinction}" if alert.distinction else ""
    if alert.firing_since is not None:
        yield Moment(alert.firing_since, f"{alert.name} fires: {alert.call.value}{which}", Health.WARNING, "alerts")
    elif alert.since is not None:
        yield Moment(alert.since, f"{alert.name} is pending{which}", Health.CALM, "alerts")
    if alert.phase.over and alert.ended_at is not None:
        yield Moment(alert.ended_at, f"{alert.name} {alert.phase.value}{which}", Health.CALM, "alerts")


def _of_event(name: str, happening: Happening) -> Iterator[Moment]:
    if happening.at is not None:
        level = Health.WARNING if happening.warning else Health.CALM
        yield Moment(happening.at, f"{name} {happening.reason}: {happening.message}", level, "events")


def _of_operation(operation: Operation) -> Iterator[Moment]:
    if operation.rehearsal:
        return
    targets = operation.intent.targets
    first = targets[0].name if targets else ""
    more = f" +{len(targets) - 1}" if len(targets) > 1 else ""
    what = f"{operation.intent.kind} {first}{more}".strip()
    if operation.started is not None:
        yield Moment(operation.started, f"{what} begun by {operation.actor.user}", Health.BUSY, "operations")
    if operation.ended is not None:
        level = Health.WARNING if operation.state is OpState.FAILED else Health.CALM
        yield Moment(operation.ended, f"{what} {operation.state.value}", level, "operations")
