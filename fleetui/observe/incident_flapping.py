"""Alerts that come and go: each change is written down, up to a number; after that an alert is told from time to time,
with how often it has changed. One that flaps for a night must not fill the journal."""

from collections.abc import Iterator, Mapping, Sequence

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.incident.entry import Entry
from fleetui.model.incident.facts import alert_entries, ended_at, flapping_entry

ONE_BY_ONE = 30
"""Changes of one alert in one incident that are written down as they come."""
THEN_EVERY_S = 600.0

Facts = Mapping[str, Sequence[float]]
"""When each fact was, of all that is written down."""


class Flapping:
    """One alert of one incident."""

    def __init__(self, key: str, facts: Facts) -> None:
        times = [at for phase in Phase for at in facts.get(f"alert/{key}/{phase.value}", ())]
        self._told = len(times)
        self._told_at = max(times, default=0.0)
        self._was: Alert | None = None
        """As it was written down last."""
        self._seen: Alert | None = None
        self._changes = 0
        """Since then."""

    def entries(self, alert: Alert, facts: Facts, now: float) -> Iterator[Entry]:
        """What is to be written down of it as it is now."""
        if alert is self._was:
            return
        if self._seen is not None and self._seen.phase is not alert.phase:
            self._changes += 1
        self._seen = alert
        ended = ended_at(facts, alert.key) if self._was is None else 0.0
        found = tuple(alert_entries(self._was, alert, now, ended=ended))
        if self._told < ONE_BY_ONE:
            yield from self._tell(alert, found, now)
        elif (found or self._changes) and now - self._told_at >= THEN_EVERY_S:
            changes, since = self._changes, self._told_at
            yield from self._tell(alert, found, now)
            if changes > 1:
                yield flapping_entry(alert, changes, now - since, now)

    def _tell(self, alert: Alert, found: Sequence[Entry], now: float) -> Sequence[Entry]:
        self._was, self._changes = alert, 0
        if found:
            self._told, self._told_at = self._told + len(found), now
        return found
