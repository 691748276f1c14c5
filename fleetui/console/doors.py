"""What the console asks of the rooms beside it: ``observe.Fleet`` and ``control.Desk`` fit, a scripted fleet too."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

from fleetui.model.cluster import ClusterRef, Feed
from fleetui.model.details import Details
from fleetui.model.history import Transition
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.operation import Intent
from fleetui.model.picture import Delta, Row
from fleetui.model.pod import Pod
from fleetui.model.runbook import Runbook
from fleetui.model.work import Work

if TYPE_CHECKING:
    from fleetui.model.chart.chart import Chart
    from fleetui.model.chart.curve import Curve
    from fleetui.model.chart.subject import Place, Request, Subject, Wish
    from fleetui.model.vitals import Alarms

TableName = Literal[
    "clusters", "machines", "pods", "alerts", "silences", "etcd", "replication", "controlplane", "slo",
    "executive", "oncall", "debug", "coverage", "incidents",
]  # fmt: skip

ClusterRefs = Callable[[str], ClusterRef | None]
"""How to reach a cluster of this name, for an operation; None when it never answered and is not in a kubeconfig."""

ControllerStatus = Callable[[], str]
"""One plain sentence when work waits and no controller does it; empty when all is well."""


class Runbooks(Protocol):
    """Where runbooks are found."""

    def __call__(self, names: Iterable[str]) -> Runbook | None:
        """The first that there is of these; None where there is none."""
        ...

    def names(self) -> tuple[str, ...]: ...


class NoRunbooks:
    """Of a session without any."""

    def __call__(self, names: Iterable[str]) -> Runbook | None:  # noqa: ARG002 - of Runbooks
        return None

    def names(self) -> tuple[str, ...]:
        return ()


class LiveTable(Protocol):
    def take(self) -> Delta[Row]:
        """Everything since the last take, coalesced; the first one is a reset with all rows."""
        ...

    def close(self) -> None: ...


class LiveFleet(Protocol):
    """The live picture."""

    def subscribe(self, table: TableName, wake: Callable[[], None] | None = None) -> LiveTable: ...

    def focus_pods(self, clusters: frozenset[str]) -> None: ...

    def look(self, boards: Iterable[str]) -> None:
        """Which tables that have to be asked for are looked at now."""
        ...

    def board(self, name: TableName) -> object | None:
        """What such a table knows beside its rows, as its own screen knows to read it; None where there is none."""
        ...

    @property
    def alarms(self) -> "Alarms | None":
        """What fires in the whole fleet; None before somebody has looked at the alerts and they have answered."""
        ...

    def connect(self, names: Iterable[str]) -> None: ...

    def disconnect(self, names: Iterable[str]) -> None: ...

    def tell_work(self, works: tuple[Work, ...]) -> None:
        """The operations that are under way, for the clusters' rows."""
        ...

    async def run(self) -> None: ...

    async def describe(self, row: Machine | Pod) -> str: ...

    async def details(self, row: Machine | Pod) -> Details: ...

    def history(self, since: float) -> tuple[Transition, ...]: ...

    def feed(self, cluster: str, kind: str) -> Feed | None: ...


@runtime_checkable
class DoubtingBoard(Protocol):
    """A ``LiveFleet.board`` that knows whether a cluster without rows has nothing, or has not been told of."""

    def doubt(self, cluster: str) -> str:
        """Who has not answered yet, or cannot; empty where it has all there is."""
        ...


class LiveCharts(Protocol):
    """History, asked for while it is looked at. Cancelling a call leaves nothing running."""

    @property
    def kinds(self) -> "Mapping[str, Subject]":
        """What of each declared kind is drawn, by ``KIND:FIGURE``."""
        ...

    async def chart(self, request: "Request", *, end: float, span_s: float, moments: int) -> "Chart":
        """What cannot be had, and why, is in the chart."""
        ...

    async def sparks(
        self, wishes: "Iterable[Wish]", *, span_s: float, moments: int
    ) -> "Mapping[tuple[str, Place], Curve]":
        """By the wish's key; without those of which nothing is known."""
        ...

    async def close(self) -> None:
        """Nobody looks any more."""
        ...


class LiveDesk(Protocol):
    """The controller core's face. Calls are quick: they write to the store and return."""

    def propose(self, intent: Intent, *, key: str) -> str: ...

    def approve(self, op_id: str, digest: str) -> None: ...

    def pause(self, op_id: str) -> None: ...

    def resume(self, op_id: str) -> None: ...

    def abort(self, op_id: str) -> None: ...

    def operation(self, op_id: str) -> Operation: ...

    def operations(self) -> tuple[Operation, ...]: ...

    def poll(self) -> tuple[Operation, ...]: ...
