"""The line of the plan about maintenance silences: what they would mute now. It warns at most, and blocks nothing."""

from fleetui.control.mutes import Mutes, alerts
from fleetui.control.timing import Timing
from fleetui.model.alerts.maintenance import mutes_now, pages_muted_now
from fleetui.model.ledger import Operation
from fleetui.model.operation import Check, Outcome, Severity

SHOWN = 3


async def what_is_muted(mutes: Mutes | None, operation: Operation, *, now: float, timing: Timing) -> Check:
    outcome, evidence, remedy = await _look(mutes, operation, now, timing)
    return Check(
        id="silence",
        title="maintenance silence",
        severity=Severity.WARN,
        outcome=outcome,
        evidence=evidence,
        source="GET /api/v2/alerts",
        at=now,
        remedy=remedy,
    )


async def _look(mutes: Mutes | None, operation: Operation, now: float, timing: Timing) -> tuple[Outcome, str, str]:
    if mutes is None:
        return Outcome.FAIL, "asked for, and no Alertmanager is configured: its alerts may page", "see alertmanagers:"
    said = await alerts(mutes.alerting, within_s=timing.mute_ask_s)
    if not said:
        return Outcome.UNKNOWN, "no Alertmanager answers: alerts of these machines may page meanwhile", ""
    drafts = [
        draft
        for target in operation.intent.targets
        for draft in mutes.muted(
            operation.intent, target, op=operation.op_id, actor=operation.actor
        ).drafts(mutes.scheme, now=now).values()
    ]  # fmt: skip
    posted = tuple(posted for one in said for posted in one.posted)
    if pages := pages_muted_now(drafts, posted):
        evidence = f"would mute {_listed(pages)}, which page{'s' if len(pages) == 1 else ''} now, before the work"
        return Outcome.FAIL, evidence, "look at that first, or propose it without silence"
    found = mutes_now(drafts, posted)
    fires = f"{len(found)} that fire now: {_listed(found)}" if found else "none of them fires now"
    evidence = f"mutes what the work itself causes ({fires}), {timing.mute_s / 60:g} min at a time"
    silent = sorted({*mutes.alerting.names} - {one.source for one in said})
    if silent:
        return Outcome.UNKNOWN, f"{evidence}; no answer of {', '.join(silent)}: from there it may page", ""
    return Outcome.OK, evidence, ""


def _listed(found: tuple[str, ...]) -> str:
    names = tuple(dict.fromkeys(found))
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"
