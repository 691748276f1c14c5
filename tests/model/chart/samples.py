"""Charts with known curves."""

from collections.abc import Sequence

from fleetui.model.chart.board_subjects import CONTROLPLANE
from fleetui.model.chart.chart import Chart, made
from fleetui.model.chart.curve import Curve, Value
from fleetui.model.chart.subject import Request, Subject
from fleetui.model.chart.window import Window

NOON = 1_795_003_200
"""2026-11-18 12:00:00 UTC, a Wednesday."""
HOUR = Window(NOON - 3_600, NOON, 60)
WRITES = CONTROLPLANE["writes"]
"""Seconds; amber from 1, red from 4."""


def of(values: Sequence[Value], *, name: str = "cp-a", window: Window | None = None) -> Curve:
    """By default as many minutes until noon as there are values."""
    over = window or Window(NOON - 60 * (len(values) - 1), NOON, 60)
    return Curve({"cluster": "prod-1", "instance": name}, over, tuple(values), "central")


def chart(*curves: Curve, subject: Subject = WRITES, **more: object) -> Chart:
    over = curves[0].window if curves else HOUR
    request = Request(subject=subject, clusters=("prod-1",))
    return made(request, over, curves, asked_at=NOON, **({"asked": ("central",)} | more))  # type: ignore[arg-type]
