"""How far behind a follower that receives is: seconds and backlog read together, because each lies in its own way.

- A replica that receives nothing has replayed all it received: its exporter says 0 s. So nothing here is ever asked of
  one whose link does not stand.
- The age of what was replayed last grows while the primary rests. The backlog tells whether anything is missing.
- Seconds of replay know nothing of what has not arrived yet. The backlog and the rate of writing do.
"""

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.health.replication_kind import BacklogRule
from fleetui.model.health.replication_reading import Reading
from fleetui.model.health.threshold import Threshold

LEAST_RATE = 1.0
"""A second; below it an estimate is a division by nothing."""


class Lag(msgspec.Struct, frozen=True):
    seconds: float | None
    """None: nobody knows."""
    how: str = ""
    """``at most``, ``about``; empty for a measured one."""
    level: Health = Health.UNKNOWN


def lag_of(one: Reading) -> Lag:
    """Of a follower whose link stands."""
    seconds, how = _seconds(one)
    return Lag(seconds, how, _level(one, seconds))


def _seconds(one: Reading) -> tuple[float | None, str]:
    rule, backlog = one.kind.seconds, one.backlog
    if backlog == 0:
        return 0.0, ""
    guess = _estimate(one)
    if rule is None or one.seconds is None or (rule.idle_grows and backlog is None):
        return guess, "about" if guess is not None else ""
    if not rule.at_most:
        return one.seconds, ""
    said = one.seconds if _large(one) or one.held is None else one.held
    if said > 0:
        return said, "at most"
    if _large(one):  # all that arrived is replayed, and much has not arrived
        return guess, "about" if guess is not None else ""
    return said, ""


def _large(one: Reading) -> bool:
    return one.kind.backlog is not None and one.backlog is not None and one.backlog >= one.kind.backlog.amber


def _estimate(one: Reading) -> float | None:
    """The time in which the primary writes as much as is missing."""
    if one.backlog is None or one.writes is None or one.writes < LEAST_RATE:
        return None
    return one.backlog / one.writes


def _level(one: Reading, seconds: float | None) -> Health:
    by_backlog, rule = _backlog_level(one.kind.backlog, one.backlog), one.kind.seconds
    if seconds is None or rule is None:
        return by_backlog
    level = Threshold("lag", "s", rule.amber, rule.red, "its kind").judge(seconds)
    if level is Health.CALM and by_backlog is Health.BROKEN:
        return Health.WARNING
    return level


def _backlog_level(rule: BacklogRule | None, backlog: float | None) -> Health:
    if rule is None:
        return Health.UNKNOWN
    return Threshold("backlog", rule.unit, rule.amber, rule.red, "its kind").judge(backlog)
