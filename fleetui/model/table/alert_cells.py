"""What the cells of an alert say: its state in words, what tells it from others, who is at it."""

from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.gaps import RUNBOOKS
from fleetui.model.alerts.label_set import text
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.chart.alert_value import Measure, measure
from fleetui.model.cluster import Health
from fleetui.model.duration import age_text
from fleetui.model.table.cell_text import HEALTH_STYLES
from fleetui.model.table.column import NOTHING, UNKNOWN

_CALLS = {Call.PAGE: Health.BROKEN, Call.TICKET: Health.WARNING}


def alert_health(alert: Alert) -> Health:
    """The verdict that colours the row: what is over is calm, and so is what was put aside; what somebody is at is busy
    for as long as it fires, and what nobody can know is unknown."""
    if alert.phase.over:
        return Health.CALM
    if alert.phase is Phase.UNKNOWN:
        return Health.UNKNOWN
    if alert.hush in (Hush.ACKED, Hush.PLANNED):
        return Health.BUSY
    if alert.hush not in (Hush.NONE, Hush.UNKNOWN):
        return Health.CALM
    if alert.phase is Phase.PENDING:
        return Health.BUSY
    return _CALLS.get(alert.call, Health.CALM)


def look(alert: Alert, _: float) -> str:
    health = alert_health(alert)
    quiet = alert.phase.over or alert.hush not in (Hush.NONE, Hush.UNKNOWN)
    return "muted" if quiet and health is Health.CALM else HEALTH_STYLES[health]


def state_value(alert: Alert) -> str:
    """All words that are true of it: ``firing,ack``."""
    return f"{alert.phase.value},{alert.hush.value}" if alert.hush is not Hush.NONE else alert.phase.value


def state_text(alert: Alert, now: float) -> str:
    """``firing``, ``firing ack``, ``fires in 3m``, ``unknown 12m``, ``ended unseen``. How long ago it fired or ended is
    said where it is no longer so."""
    match alert.phase:
        case Phase.PENDING:
            left = alert.fires_in(now)
            return "pending" if left is None else f"fires in {soon(left)}"
        case Phase.UNKNOWN | Phase.RESOLVED:
            return f"{alert.phase.value} {age_text(alert.ended_at, now)}"
        case Phase.FIRING:
            return f"firing {alert.hush.value}" if alert.hush is not Hush.NONE else "firing"
    return alert.phase.value


def soon(seconds: float) -> str:
    """Without seconds, which would tick on the screen."""
    return age_text(0.0, seconds)


def what(alert: Alert) -> str:
    """The labels that tell it from the others of its name and cluster, first those that differ."""
    return alert.told_apart


def runbook(alert: Alert) -> str:
    return next((found for name in RUNBOOKS if (found := alert.annotation(name))), "")


def summary(alert: Alert) -> str:
    return alert.annotation("summary") or alert.annotation("description") or alert.annotation("message")


def value_text(alert: Alert, _: float) -> str:
    """With its unit; ``?`` where no Prometheus says it."""
    return UNKNOWN if alert.value is None else _measure(alert).text(alert.value).replace(" ", "")


def compared_text(alert: Alert) -> str:
    """``100 %, trouble above 95 %``."""
    told = _measure(alert)
    said = UNKNOWN if alert.value is None else told.text(alert.value)
    return f"{said}, trouble {told.trouble}" if told.trouble else said


def _measure(alert: Alert) -> Measure:
    return measure(alert.rule.query) if alert.rule is not None else Measure()


def by_text(alert: Alert, now: float) -> str:
    """``ana 12m``: who is at it, and how long nobody else is told; or whose operation works there."""
    if alert.planned:
        return alert.planned.partition(": ")[2]
    return NOTHING if alert.ack is None else f"{alert.ack.by} {soon(max(0.0, alert.ack.until - now))}"


def reads_as(before: Alert, alert: Alert) -> bool:
    """Whether name and ``haystack`` of both are the same; what was not said anew is the same object."""
    return (
        before.labels is alert.labels
        and before.annotations is alert.annotations
        and before.phase is alert.phase
        and before.hush is alert.hush
        and before.call is alert.call
        and before.ack == alert.ack
        and before.planned == alert.planned
        and before.cluster == alert.cluster
    )


def haystack(alert: Alert) -> str:
    acked = f"{alert.ack.by} {alert.ack.comment}" if alert.ack is not None else alert.planned
    labels = text(alert.labels)
    return "\n".join((labels, alert.cluster, alert.call.value, state_value(alert), summary(alert), acked)).lower()
