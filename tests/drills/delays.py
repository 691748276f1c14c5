"""How soon a fault is seen: measured by the drills from the act to the first right screen, told to ``bench.delays``."""

import json
import sys
from dataclasses import asdict, dataclass

MARK = "delay: "
"""Begins the line of output that ``bench.delays`` reads."""
SLACK = 3.0
"""Times the bound at which a drill fails. The bound is that of a machine that keeps time; one that runs six servers and
other people's tests on two cores has been seen to hold a poll back by as much as the poll takes."""


@dataclass(frozen=True)
class Bound:
    """``count`` polls or scrapes of ``period_s``. ``more_s``: what comes on top by design, as ``more`` calls it: until
    what was scraped is asked for, or until an answer is given up."""

    count: int
    unit: str
    period_s: float
    more_s: float = 0.0
    more: str = ""

    @property
    def seconds(self) -> float:
        return self.count * self.period_s + self.more_s

    @property
    def text(self) -> str:
        said = f"{self.count} {self.unit}{'s' if self.count > 1 else ''}"
        return f"{said} + {self.more}" if self.more else said


@dataclass(frozen=True)
class Delay:
    """One fault as one ``way`` told it: direct, scraped, or a screen's name. ``took_s``: from the act to the first
    right screen."""

    drill: str
    way: str
    verdict: str
    bound: str
    bound_s: float
    took_s: float
    period_s: float


def told(drill: str, way: str, verdict: str, took_s: float, bound: Bound) -> None:
    """Prints the figure for whoever collects it, and holds it to its bound with slack. Raises AssertionError."""
    delay = Delay(drill, way, verdict, bound.text, bound.seconds, took_s, bound.period_s)
    sys.stdout.write(f"\n{MARK}{json.dumps(asdict(delay))}\n")
    assert took_s <= SLACK * bound.seconds, f"{drill}, {way}: seen after {took_s:.1f} s, meant are {bound.text}"
