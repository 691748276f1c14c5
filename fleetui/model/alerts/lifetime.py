"""What becomes of an alert that nobody mentions any more: resolved, when a living pipeline says nothing of it; unknown
since, when the silence may be the pipeline's own."""

from collections.abc import Iterable, Mapping

import msgspec

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.pipeline import USUAL_RHYTHM, Pipeline, Rhythm

KEPT_S = 900.0
"""How long one that is over stays in the list: long enough to see what it was that came and went."""

CONFIRMED_EVERY_S = 60.0
"""How exactly a row knows when it was last confirmed: as often as Prometheus sends an alert again."""


def follow(
    before: Mapping[str, Alert], merged: Iterable[Alert], found: Pipeline, *, rhythm: Rhythm = USUAL_RHYTHM
) -> dict[str, Alert]:
    """The next picture, by key: what is said now, and what was said before and has not yet been let go. Rows that say
    the same as before are the same objects."""
    after = {alert.key: _kept(before.get(alert.key), alert) for alert in merged}
    for key, alert in before.items():
        if key not in after:
            left = _unmentioned(alert, found, rhythm)
            if left is not None:
                after[key] = left
    return after


def _kept(before: Alert | None, alert: Alert) -> Alert:
    """The row from before while it says the same, so that a still storm is a still screen."""
    if before is None or before is alert or alert.confirmed_at - before.confirmed_at >= CONFIRMED_EVERY_S:
        return alert
    if before.value != alert.value:  # by far the most usual difference, found without comparing all
        return alert
    return before if msgspec.structs.replace(alert, confirmed_at=before.confirmed_at) == before else alert


def _unmentioned(alert: Alert, found: Pipeline, rhythm: Rhythm) -> Alert | None:
    """None lets it go."""
    if alert.phase.over:
        return alert if alert.ended_at is None or found.at - _let_go_from(alert) < KEPT_S else None
    if alert.phase is Phase.PENDING and set(alert.sources) - found.failed:
        return None  # it never fired, and who said that it might answers and says so no more
    trusted = found.trusts_end_of(alert)
    if alert.phase is Phase.UNKNOWN:
        return _lost(alert, found.at, rhythm) if trusted else _still_lost(alert)
    if not trusted:
        return msgspec.structs.replace(
            alert, phase=Phase.UNKNOWN, ended_at=alert.confirmed_at, fires_at=None, value=None, calm_since=None
        )
    return msgspec.structs.replace(alert, phase=Phase.RESOLVED, ended_at=found.at)


def _still_lost(alert: Alert) -> Alert:
    return alert if alert.calm_since is None else msgspec.structs.replace(alert, calm_since=None)


def _lost(alert: Alert, now: float, rhythm: Rhythm) -> Alert:
    """The pipeline lives again. It needs some evaluations before its not saying anything means anything."""
    if alert.calm_since is None:
        return msgspec.structs.replace(alert, calm_since=now)
    if now - alert.calm_since < rhythm.settle_s:
        return alert
    return msgspec.structs.replace(alert, phase=Phase.ENDED_UNSEEN)


def _let_go_from(alert: Alert) -> float:
    """One that ended unseen is kept from when that was found out."""
    return alert.calm_since if alert.calm_since is not None else alert.ended_at or 0.0
