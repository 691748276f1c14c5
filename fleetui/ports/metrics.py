"""How observe sees a monitoring system: Prometheus, or what speaks its API. Nothing but questions."""

from typing import Protocol

from fleetui.model.fault import Fault
from fleetui.model.health.series import Alerts, Matrix, Rules, Targets, Vector


class MetricsError(Exception):
    """Raised by every method of a source instead of a library's own exception."""

    def __init__(self, fault: Fault, *, asked_wrong: bool = False) -> None:
        super().__init__(f"{fault.word}: {fault.detail}")
        self.fault = fault
        self.asked_wrong = asked_wrong
        """The source lives and refuses this question (400, 404, 422): asking another one makes sense."""


class MetricsSource(Protocol):
    """One source. Cancelling any method is safe and leaves nothing running. Every method raises MetricsError; while a
    source is known not to answer it does so at once, without asking (the fault says when it is asked again)."""

    @property
    def name(self) -> str:
        """As the configuration calls it; unique in the session."""
        ...

    @property
    def held_up(self) -> Fault | None:
        """Why it is not asked now, when it is not."""
        ...

    async def instant(self, query: str, *, at: float | None = None) -> Vector:
        """The value of each series at one moment: Unix seconds, None for the source's own present."""
        ...

    async def range_(self, query: str, *, start: float, end: float, step_s: int) -> Matrix:
        """The values from ``start`` to ``end`` at the multiples of ``step_s`` (whole seconds since the epoch), the
        last one before ``start`` among them: every call for one series meets the same moments. Raises ValueError for
        no span, and for more than 11,000 values a series, which every source refuses."""
        ...

    async def targets(self) -> Targets:
        """What it scrapes now. A shared store that only receives has none, or refuses (``asked_wrong``)."""
        ...

    async def rules(self) -> Rules:
        """All rules, with the alerts that each has now."""
        ...

    async def alerts(self) -> Alerts:
        """Pending and firing."""
        ...

    async def label_names(self, matching: str = "") -> tuple[str, ...]:
        """The labels that series carry which match a selector; of all without one. Sorted."""
        ...

    async def close(self) -> None: ...
