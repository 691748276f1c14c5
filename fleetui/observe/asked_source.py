"""One source of metrics with what has to be known of it before a question makes sense: which label names the cluster,
how often it scrapes. Both are found out once."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from fleetui.model.chart.window import Window
from fleetui.model.fault import Fault
from fleetui.model.health import promql
from fleetui.model.health.series import Matrix, Vector
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.questions import USUAL_INTERVAL_S
from fleetui.ports.clock import Clock
from fleetui.ports.metrics import MetricsError

COUNTED_S = 120
"""Window in which its scrapes are counted: short, so that one that has just been started is not taken for slow."""
AGAIN_S = 600.0
"""After which they are counted anew."""


class History(Protocol):
    """What of a source is asked for history. Every method raises MetricsError."""

    @property
    def name(self) -> str: ...

    async def instant(self, query: str, *, at: float | None = None) -> Vector: ...

    async def range_(self, query: str, *, start: float, end: float, step_s: int) -> Matrix: ...

    async def label_names(self, matching: str = "") -> tuple[str, ...]: ...

    async def close(self) -> None: ...


class Unopenable:
    """``History`` of a source that could not even be opened: the reason is its only answer."""

    def __init__(self, name: str, fault: Fault) -> None:
        self.name = name
        self._fault = fault

    async def instant(self, query: str, *, at: float | None = None) -> Vector:  # noqa: ARG002 - of History
        raise MetricsError(self._fault)

    async def range_(self, query: str, *, start: float, end: float, step_s: int) -> Matrix:  # noqa: ARG002 - of History
        raise MetricsError(self._fault)

    async def label_names(self, matching: str = "") -> tuple[str, ...]:  # noqa: ARG002 - of History
        raise MetricsError(self._fault)

    async def close(self) -> None:
        """Nothing is open."""


class AskedSource:
    def __init__(self, source: History, config: MetricsConfig, *, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self.config = config
        self._label: str | None = "" if config.cluster else None
        self._interval: tuple[float, float] | None = None
        self._values = {name: value for value, name in config.names.items()}

    @property
    def name(self) -> str:
        return self._source.name

    async def cluster_label(self) -> str:
        """Empty where its series name none. Raises MetricsError."""
        if self._label is None:
            said, names = self.config.labels.cluster, await self._source.label_names("up")
            self._label = promql.cluster_label(said, names) or ""
        return self._label

    async def interval_s(self) -> float:
        """How often it scrapes what it scrapes most often; the usual while it does not say."""
        now = self._clock.monotonic()
        if self._interval is None or now - self._interval[0] > AGAIN_S:
            self._interval = now, await self._counted()
        return self._interval[1]

    async def _counted(self) -> float:
        try:
            points = (await self._source.instant(f"max(count_over_time(up[{COUNTED_S}s]))")).points
        except MetricsError:
            return USUAL_INTERVAL_S
        return COUNTED_S / points[0].value if points and points[0].value else USUAL_INTERVAL_S

    def matchers(self, clusters: Iterable[str], label: str) -> Mapping[str, tuple[str, ...]]:
        """For series of these clusters, by the label's own values."""
        wanted = tuple(self._values.get(name, name) for name in clusters)
        return {label: wanted} if label and wanted and not self.config.cluster else {}

    def name_of(self, labels: Mapping[str, str]) -> str:
        """The display name of the cluster that a series is of."""
        said = labels.get(self._label, "") if self._label else ""
        return self.config.cluster or self.config.names.get(said, said)

    async def range_(self, query: str, over: Window) -> Matrix:
        """Raises MetricsError."""
        return await self._source.range_(query, start=over.start, end=over.end, step_s=over.step_s)

    async def close(self) -> None:
        await self._source.close()
