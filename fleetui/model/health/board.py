"""What every board is made of: cells that are a figure or say why there is none, and the line that says how much of
the board can be trusted."""

from collections.abc import Iterable
from math import isnan

import msgspec

from fleetui.model.amount import bytes_text, number_text
from fleetui.model.cluster import Health
from fleetui.model.freshness import Source
from fleetui.model.health.sample import Age, Sample, missing
from fleetui.model.health.threshold import Threshold

IDLE = "idle"
"""Nothing happened that could be measured. It is known, and it is not zero."""
LEVELS = (Health.BROKEN, Health.WARNING, Health.UNKNOWN, Health.BUSY, Health.CALM)
"""Worst first. Unknown outranks busy: what is not known is not fine."""
_AGES = (Age.NONE, Age.STALE, Age.LATE, Age.FRESH)


class Cell(msgspec.Struct, frozen=True):
    """One figure of one cluster."""

    panel: str
    sample: Sample[float]
    level: Health = Health.UNKNOWN
    """CALM only for a number that is within its limit and young enough."""
    age: Age = Age.NONE
    host: str = ""
    """Whose figure it is, where one member's stands for all."""

    @property
    def idle(self) -> bool:
        return self.sample.why == IDLE

    @property
    def text(self) -> str:
        """Why there is no number; empty when there is one."""
        return self.sample.why


def figure(
    panel: str,
    value: float,
    *,
    sample_at: float,
    received_at: float,
    now: float,
    period_s: float,
    limit: Threshold | None = None,
    host: str = "",
) -> Cell:
    """A scraped number. NaN is idle; what is stale keeps its number and loses its verdict."""
    if isnan(value):
        return nothing(panel, IDLE, at=received_at, level=Health.CALM, host=host)
    sample = Sample(source=Source.SCRAPED, received_at=received_at, value=value, sample_at=sample_at)
    age = sample.age(now, period_s=period_s)
    level = limit.judge(value) if limit is not None else Health.CALM
    return Cell(panel, sample, Health.UNKNOWN if age is Age.STALE else level, age, host)


def nothing(panel: str, why: str, *, at: float, level: Health = Health.UNKNOWN, host: str = "") -> Cell:
    """No number, and why."""
    return Cell(panel, missing(why, at=at, source=Source.SCRAPED), level, Age.NONE, host)


def value_text(value: float, unit: str) -> str:
    """``3.2 ms``, ``12 s``, ``97%``, ``4.1 GiB``, ``40 /s``."""
    match unit:
        case "s" if value < 1:
            return f"{number_text(value * 1000)} ms"
        case "ratio":
            return f"{value:.0%}" if value == 0 or value >= 0.01 else f"{value:.2%}"
        case "B":
            return bytes_text(value)
        case "":
            return number_text(value)
        case _:
            return f"{number_text(value)} {unit}"


def worst_level(levels: Iterable[Health]) -> Health:
    """CALM of none."""
    return min(levels, key=LEVELS.index, default=Health.CALM)


def worst_age(ages: Iterable[Age]) -> Age:
    """NONE of none."""
    return min(ages, key=_AGES.index, default=Age.NONE)
