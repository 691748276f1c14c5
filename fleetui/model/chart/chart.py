"""What became of a request: curves, or why there are none."""

from collections.abc import Iterable, Sequence

import msgspec

from fleetui.model.chart.curve import Curve
from fleetui.model.chart.subject import Request
from fleetui.model.chart.window import Window
from fleetui.model.fault import Fault
from fleetui.model.health.series import Labels

MOST_CURVES = 12
"""More lines than that nobody tells apart; the rest is counted."""
_PLUMBING = frozenset({"__name__", "job", "prometheus", "prometheus_replica"})


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. Times are Unix seconds by our clock."""

    request: Request
    window: Window
    asked_at: float
    curves: tuple[Curve, ...] = ()
    """The worst first by their last values, at most ``MOST_CURVES``."""
    left_out: int = 0
    asked: tuple[str, ...] = ()
    """Names of the sources."""
    faults: tuple[tuple[str, Fault], ...] = ()
    """Of those that did not answer."""
    partial: str = ""
    """What is missing in an answer, in the source's own words."""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the curves: what tells them apart."""
        return names([curve.labels for curve in self.curves], told=self.request.clusters)

    @property
    def why_none(self) -> tuple[str, str]:
        """(why there is nothing to draw, what to do)."""
        if self.faults:
            source, fault = self.faults[0]
            return f"no data: {source}: {fault.word}: {fault.detail}", fault.remedy
        if not self.asked:
            return "no data: no source of metrics is asked about it", "write one under metrics:"
        if self.partial:
            return f"no data: {', '.join(self.asked)} answers in part: {self.partial}", "look at the stores behind it"
        said = f"no data: {', '.join(self.asked)} has no sample of it in this time"
        return said, "is it scraped, and kept for that long? :coverage says; a shorter or later time may have some"


def made(
    request: Request,
    window: Window,
    found: Iterable[Curve],
    *,
    asked_at: float,
    asked: Sequence[str],
    faults: Sequence[tuple[str, Fault]] = (),
    partial: str = "",
) -> Chart:
    """Curves without any value are none."""
    drawn = sorted((curve for curve in found if not curve.empty), key=lambda one: _rank(one, request))
    return Chart(
        request=request,
        window=window,
        asked_at=asked_at,
        curves=tuple(drawn[:MOST_CURVES]),
        left_out=max(0, len(drawn) - MOST_CURVES),
        asked=tuple(asked),
        faults=tuple(faults),
        partial=partial,
    )


def _rank(curve: Curve, request: Request) -> tuple[float, str]:
    assert curve.last is not None
    worth = curve.last[1]
    return worth if request.subject.falling else -worth, str(sorted(curve.labels.items()))


def names(labels: Sequence[Labels], *, told: Sequence[str] = ()) -> tuple[str, ...]:
    """The values of the labels that differ; of one curve alone its own, but for what the title tells."""
    keys = sorted({key for each in labels for key in each} - _PLUMBING)
    telling = [key for key in keys if len({each.get(key, "") for each in labels}) > 1] if len(labels) > 1 else keys
    if len(labels) == 1:
        telling = [key for key in keys if labels[0][key] not in told] or keys
    said = [" ".join(filter(None, (each.get(key, "") for key in telling))) for each in labels]
    return tuple(name or "value" for name in said)
