"""History for the screens and for ``fleetui chart``: the sources of metrics and the kinds of the configuration. What it
takes is imported when the first chart or sparkline is asked for: a start needs none of it."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from fleetui.ports.clock import Chance, Clock
from fleetui.wiring.session import Session

if TYPE_CHECKING:
    from fleetui.model.chart.chart import Chart
    from fleetui.model.chart.curve import Curve
    from fleetui.model.chart.subject import Place, Request, Subject, Wish
    from fleetui.observe.charts import Charts, Sources


class LateCharts:
    """``console.doors.LiveCharts``."""

    def __init__(self, session: Session, *, clock: Clock, chance: Chance) -> None:
        self._session = session
        self._clock = clock
        self._chance = chance
        self._made: Charts | None = None

    @cached_property
    def kinds(self) -> "Mapping[str, Subject]":
        """Of a kind whose file is wrong ``check-config`` says so."""
        from fleetui.clients.kind_files import read_kinds
        from fleetui.clients.paths import shipped_kinds
        from fleetui.model.chart.replication_subjects import replication_subjects

        return replication_subjects(read_kinds(shipped_kinds(), self._session.paths.kinds).kinds)

    async def chart(self, request: "Request", *, end: float, span_s: float, moments: int) -> "Chart":
        return await self._charts().chart(request, end=end, span_s=span_s, moments=moments)

    async def sparks(
        self, wishes: "Iterable[Wish]", *, span_s: float, moments: int
    ) -> "Mapping[tuple[str, Place], Curve]":
        return await self._charts().sparks(wishes, span_s=span_s, moments=moments)

    async def close(self) -> None:
        if self._made is not None:
            await self._made.close()
            self._made = None

    def _charts(self) -> "Charts":
        if self._made is None:
            from fleetui.observe.charts import Charts

            self._made = Charts(self._open, clock=self._clock)
        return self._made

    def _open(self) -> "Sources":
        from fleetui.observe.asked_source import Unopenable
        from fleetui.wiring.questions import open_usable

        metrics = self._session.config.metrics
        sources, faults = open_usable(metrics, clock=self._clock, chance=self._chance)
        found = {name: (source, metrics[name]) for name, source in sources.items()}
        return found | {name: (Unopenable(name, fault), metrics[name]) for name, fault in faults.items()}
