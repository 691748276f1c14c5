"""How long to wait before the next attempt: doubling, with jitter, slower where only a person can help."""

from fleetui.model.fault import Fault
from fleetui.ports.clock import Chance

LONGEST_RETRY_AFTER_S = 300.0
"""What a server may ask for with Retry-After; more would look like a row that was given up."""


class Backoff:
    """State of one retry loop. Delays are drawn between half and all of the doubling step, so clusters that failed
    together do not come back together."""

    def __init__(self, chance: Chance, *, first_s: float = 1.0, cap_s: float = 60.0) -> None:
        self._chance = chance
        self._first_s = first_s
        self._cap_s = cap_s
        self._failures = 0

    def delay(self, fault: Fault | None = None) -> float:
        """Seconds until the next attempt; every call counts one more failure."""
        patient = fault is not None and fault.kind.needs_a_person
        first, cap = (max(self._first_s, 15.0), max(self._cap_s, 120.0)) if patient else (self._first_s, self._cap_s)
        step = min(cap, first * 2.0 ** min(self._failures, 16))
        self._failures += 1
        drawn = self._chance.uniform(step / 2, step)
        asked = (fault.retry_after_s or 0.0) if fault is not None else 0.0
        return max(drawn, min(asked, LONGEST_RETRY_AFTER_S))

    def reset(self) -> None:
        """What was failing has worked for a while."""
        self._failures = 0
