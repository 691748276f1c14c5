"""The last hour of one alert: the value of its rule's own expression, beside the threshold it is compared with."""

from collections.abc import Sequence

import msgspec

from fleetui.console.ink import Line, fit, line, width
from fleetui.console.session import Session
from fleetui.console.sparkline import EVERY_S, LABEL_CELLS, Spark, spark_of
from fleetui.model.alerts.alert import Alert
from fleetui.model.chart.alert_subject import alert_request
from fleetui.model.chart.alert_value import measure
from fleetui.model.chart.comparison import Comparison, comparison
from fleetui.model.chart.spark import MOMENTS, SPAN_S


class Told(msgspec.Struct, frozen=True):
    """What is known of one alert's last hour."""

    key: str
    spark: Spark | None
    """None where no source has a sample of it."""
    compared: Comparison | None
    """None where its expression cannot be split: then the expression itself is drawn."""
    asked_at: float


class AlertTrend:
    """Of the alert under the cursor alone."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._told: Told | None = None
        self._asking = ""
        """Key of the alert whose answer is awaited."""

    def due(self, alert: Alert) -> bool:
        if self._session.charts is None or alert.rule is None or alert.key == self._asking:
            return False
        told, now = self._told, self._session.clock.monotonic()
        return told is None or told.key != alert.key or now - told.asked_at > EVERY_S

    async def ask(self, alert: Alert) -> bool:
        """Whether there is something new to say."""
        assert alert.rule is not None, "it is due"
        before, self._asking = self._told, alert.key
        try:
            spark = await self._spark(alert)
        finally:
            if self._asking == alert.key:
                self._asking = ""
        self._told = Told(alert.key, spark, comparison(alert.rule.query), self._session.clock.monotonic())
        return before is None or (before.key, before.spark) != (alert.key, spark)

    async def _spark(self, alert: Alert) -> Spark | None:
        request = alert_request(alert)
        assert self._session.charts is not None, "it is due"
        assert request is not None, "it is due"
        now = self._session.clock.now()
        chart = await self._session.charts.chart(request, end=now, span_s=SPAN_S, moments=MOMENTS)
        return spark_of(chart.curves[0], request.subject) if chart.curves else None

    def lines(self, alert: Alert, cells: int) -> Sequence[Line]:
        """``value  ▁▁▁▁▁▁▁█████  12 s, trouble above 10 s``; too wide for one line, the trouble has its own."""
        told = self._told
        if told is None or told.key != alert.key or told.spark is None:
            return ()
        assert alert.rule is not None, "it is due"
        means = measure(alert.rule.query)
        last = "no sample" if told.spark.last is None else means.text(told.spark.last)
        label = "value, last hour" if told.compared is not None else "rule, last hour"
        said = line(
            (f"  {label.ljust(LABEL_CELLS)}  ", "muted"),
            (told.spark.text(self._session.glyphs), told.spark.style),
            (f"  {last}", "text"),
        )
        if not means.trouble:
            return (fit(said, cells),)
        whole = line(*said, (f", trouble {means.trouble}", "muted"))
        apart = line((f"  {'trouble'.ljust(LABEL_CELLS)}  {means.trouble}", "muted"))
        return (whole,) if width(whole) <= cells else (fit(said, cells), fit(apart, cells))
