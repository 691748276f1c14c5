"""Signs that are alerts: of these names, firing in this cluster."""

import re

from fleetui.model.alerts.alert import Phase
from fleetui.model.diagnosis.clue import Clue, not_seen, seen, unseen
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.duration import age_text

_SOURCE = "alerts"


class Firing:
    """A ``Look`` at the alerts of some names."""

    def __init__(self, names: str) -> None:
        """``names``: a regular expression on the whole name of the alert."""
        self._names = re.compile(names)

    def means(self, name: str) -> bool:
        return self._names.fullmatch(name) is not None

    def __call__(self, evidence: Evidence) -> Clue:
        alerts = [alert for alert in evidence.alerts or () if self.means(alert.name)]
        loud = [alert for alert in alerts if alert.phase is Phase.FIRING]
        if loud:
            said = dict.fromkeys(f"{alert.name} fires since {age_text(alert.began, evidence.now)}" for alert in loud)
            return seen("; ".join(list(said)[:2]), source=_SOURCE)
        lost = next((alert for alert in alerts if alert.phase is Phase.UNKNOWN), None)
        if lost is not None:
            since = age_text(lost.ended_at, evidence.now)
            return unseen(f"{lost.name} fired until {since} ago, and nobody has spoken since", source=_SOURCE)
        if doubt := evidence.alerts_doubt or evidence.mute(self.means):
            return unseen(doubt, source=_SOURCE)
        return not_seen("no such alert fires", source=_SOURCE)
