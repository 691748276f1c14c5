"""What a silence would do, in lines, before anybody posts it; and what became of it."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.preview import Preview
from fleetui.model.alerts.silence import Draft, Silence
from fleetui.model.duration import format_duration
from fleetui.model.quantity import counted
from fleetui.model.table.alert_cells import state_text
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended

NAMED = 20
"""Alerts told one by one; the rest are a number."""


def preview_lines(draft: Draft, found: Preview, *, now: float) -> Iterator[str]:
    """The matchers, how long, what it mutes and where, what speaks against it."""
    yield f"silence {' '.join(map(str, draft.matchers))}"
    yield f"  until {_moment(draft.ends_at)} ({format_duration(draft.ends_at - now)}), by {draft.created_by}"
    yield f"  comment: {draft.comment}"
    yield f"  mutes {_counted(found)}"
    for alert in found.muted[:NAMED]:
        yield f"    {_named(alert, now)}"
    if len(found.muted) > NAMED:
        yield f"    and {len(found.muted) - NAMED:,} more"
    for doubt in found.doubts:
        yield f"  note: {doubt}"
    for silence in found.similar:
        yield f"  note: {_similar(silence, now)}"
    for refusal in found.refusals:
        yield f"  refused: {refusal.reason}; {refusal.fix}"


def outcome_line(outcome: Outcome) -> str:
    """``eu-a: done 6d1c…``; a lost answer is said as what it is."""
    if outcome.ended is Ended.DONE:
        return f"{outcome.source}: done, silence {outcome.id}"
    fault = outcome.fault
    why = "" if fault is None else f": {fault.word}; {fault.remedy}"
    if outcome.ended is Ended.UNKNOWN:
        return f"{outcome.source}: sent, and nobody knows whether it arrived{why}; look before you send it again"
    return f"{outcome.source}: not done{why}"


def _counted(found: Preview) -> str:
    where = ", ".join(f"{count} in {cluster or '?'}" for cluster, count in found.clusters.items())
    parts = [f"{found.pages} page", f"{found.pending} pending", f"{found.newly} not muted yet"]
    return f"{counted(len(found.muted), 'alert')} ({', '.join(parts)})" + (f": {where}" if where else "")


def _named(alert: Alert, now: float) -> str:
    words = (alert.call.value, alert.cluster or "?", alert.name, alert.distinction, f"({state_text(alert, now)})")
    return " ".join(filter(None, words))


def _similar(silence: Silence, now: float) -> str:
    left = format_duration(silence.left_s(now))
    return f"{silence.id} of {silence.created_by} mutes some of them already, {left} left: {silence.comment}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def all_done(outcomes: Iterable[Outcome]) -> bool:
    """False without any, too: then nobody has it."""
    found = tuple(outcomes)
    return bool(found) and all(outcome.ended is Ended.DONE for outcome in found)
