"""One look at what an incident is about, for the command line: the alerts of now, and what its clusters remember."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fleetui.cli.operate import Terminal
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.alerts.alert import Alert
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.history import Transition
from fleetui.model.incident.past import Told
from fleetui.observe.alert_board import AlertBoard
from fleetui.observe.subscription import Subscription
from fleetui.observe.table import Table
from fleetui.ports.reader import ClusterReader
from fleetui.wiring.alerts import alert_board, looked
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.session import Session

LOOK_S = 10.0
"""For the sources of alerts, and for each cluster."""


class Glance:
    """``observe.incident_recorder.Picture`` of one moment."""

    def __init__(self, clusters: Clusters, board: AlertBoard | None) -> None:
        self._clusters = clusters
        self._board = board

    @property
    def alerts(self) -> Sequence[Alert]:
        return [row for _, row in self._board.rows.snapshot()] if self._board is not None else ()

    def subscribe(self, table: Any, wake: Callable[[], None] | None = None) -> Subscription[Any]:
        rows: Table[Any] = self._board.rows if table == "alerts" and self._board is not None else Table()
        return rows.subscribe(wake)

    def board(self, name: Any) -> object | None:
        return self._board if name == "alerts" else None

    def cluster(self, name: str) -> None:
        """Nobody watches it."""

    def history(self, since: float) -> tuple[Transition, ...]:  # noqa: ARG002 - nobody was watching
        return ()

    async def events(self, cluster: str, *, since: float) -> Told:
        return await self._ask(cluster, lambda reader: reader.events(since=since))

    async def changes(self, cluster: str, *, since: float) -> Told:
        return await self._ask(cluster, lambda reader: reader.changes(since=since))

    async def _ask(self, cluster: str, ask: Callable[[ClusterReader], Awaitable[Told]]) -> Told:
        if cluster not in self._clusters.contexts:
            raise ClusterError(
                Fault(FaultKind.CONFIG, "no context", f"no kubeconfig names {cluster}", "set KUBECONFIG")
            )
        reader = self._clusters.reader(cluster)
        try:
            async with asyncio.timeout(LOOK_S):
                return await ask(reader)
        except TimeoutError as error:
            fault = reader.held_up or Fault(FaultKind.TIMEOUT, "no answer", f"not within {LOOK_S:.0f} s", "try again")
            raise ClusterError(fault) from error
        finally:
            await reader.close()


@asynccontextmanager
async def glance(session: Session, clusters: Clusters, terminal: Terminal) -> AsyncIterator[Glance]:
    """What the sources say now; those that do not answer are told."""
    if not session.config.alertmanagers and not session.config.metrics:
        yield Glance(clusters, None)
        return
    board = alert_board(session.config, clock=SystemClock(), chance=SystemChance(), first_s=LOOK_S)
    async with looked(board) as found:
        for trouble in found.troubles:
            terminal.say(f"{trouble.level.value}: {trouble.what}")
        yield Glance(clusters, board)
