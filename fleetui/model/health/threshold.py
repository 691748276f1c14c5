"""From which value on a figure is worth a look, and from which it is trouble; each limit with where it comes from."""

from math import isnan

import msgspec

from fleetui.model.cluster import Health


class Threshold(msgspec.Struct, frozen=True):
    """``amber`` and ``red`` are the first values that count as such. Larger is worse, unless ``falling``."""

    figure: str
    unit: str
    amber: float
    red: float
    source: str
    """Who says so: a FAQ, a rule set, or ``own judgement``."""
    falling: bool = False
    """Smaller is worse: what is left of something."""

    def judge(self, value: float | None) -> Health:
        """UNKNOWN without a value; CALM is only ever said of a number (NaN is none)."""
        if value is None or isnan(value):
            return Health.UNKNOWN
        if self._reaches(value, self.red):
            return Health.BROKEN
        return Health.WARNING if self._reaches(value, self.amber) else Health.CALM

    def _reaches(self, value: float, limit: float) -> bool:
        return value <= limit if self.falling else value >= limit
