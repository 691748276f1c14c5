"""Alerts: where they come from by the configuration, and ``fleetui get alerts``."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fleetui.cli.get import Printer, Request
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.alerts.evidence import Origin
from fleetui.model.alerts.label_set import REPLICAS, Scheme
from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble
from fleetui.model.config import Config
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.monitoring import AlertmanagerConfig, MetricsConfig
from fleetui.model.picture import Delta
from fleetui.observe.alert_board import AlertBoard
from fleetui.observe.alert_sources import AlertSources
from fleetui.observe.alert_watch import FIRST_S
from fleetui.observe.waiting import running
from fleetui.ports.clock import Chance, Clock

FAILED = 1


def alert_board(config: Config, *, clock: Clock, chance: Chance, first_s: float = FIRST_S, by: str = "") -> AlertBoard:
    """Connected to nothing yet. ``by``: whose acks it keeps alive."""

    def opened() -> AlertSources:
        return open_sources(config, clock=clock, chance=chance)

    return AlertBoard(opened, clock=clock, chance=chance, scheme=scheme(config), first_s=first_s, by=by)


def scheme(config: Config) -> Scheme:
    """Which labels mean what in this session's alerts: what the configuration says of any source holds for all."""
    sources: list[AlertmanagerConfig | MetricsConfig] = [*config.alertmanagers.values(), *config.metrics.values()]
    said = [one.labels.cluster for one in sources if one.labels.cluster != "auto"]
    replicas = REPLICAS.union(one.labels.replica for one in sources if one.labels.replica)
    names = {value: name for one in sources for value, name in one.names.items()}
    return Scheme(cluster=said[0] if said else "cluster", replicas=replicas, names=names)


def open_sources(config: Config, *, clock: Clock, chance: Chance) -> AlertSources:
    """On the event loop; imports the clients. Raises ClusterError for a proxy that cannot be used."""
    from fleetui.clients.alertmanager.connect import open_alertmanagers
    from fleetui.clients.prometheus.connect import open_sources as open_metrics

    found = open_metrics(config.metrics, clock=clock, chance=chance)
    return AlertSources(
        prometheis=tuple((Origin(name, config.metrics[name].cluster), source) for name, source in found.items()),
        alerting=open_alertmanagers(config.alertmanagers, clock=clock, chance=chance),
    )


def need_sources(config: Config) -> None:
    """An empty table would say that nothing fires. Raises ClusterError with the remedy."""
    if not config.alertmanagers and not config.metrics:
        remedy = "name them in the configuration, under alertmanagers: and metrics: (config.example.yaml shows how)"
        raise ClusterError(Fault(FaultKind.CONFIG, "no alerts", "no source of alerts is configured", remedy))


def need_alertmanagers(config: Config) -> None:
    """Nobody else takes silences. Raises ClusterError with the remedy."""
    if not config.alertmanagers:
        remedy = "name them in the configuration, under alertmanagers: (config.example.yaml shows how)"
        raise ClusterError(Fault(FaultKind.CONFIG, "no Alertmanager", "none is configured", remedy))


async def get(config: Config, request: Request, printer: Printer, *, watching: bool) -> int:
    """0 when every source answered and the pipeline lives, as far as one look can tell; else 1."""
    board = alert_board(config, clock=SystemClock(), chance=SystemChance(), first_s=request.timeout_s)
    feed = board.rows.subscribe()
    async with looked(board) as found:
        rows = [row for _, row in feed.take().upserts]
        if watching:
            await _watch(board, rows, feed.take, request=request, printer=printer)
        complete = printer.rows(request, rows)
        _Troubles(printer).tell(found)
        return 0 if complete and _is_whole(found) else FAILED


@asynccontextmanager
async def looked(board: AlertBoard) -> AsyncIterator[Pipeline]:
    """The first verdict, with the board watched on until the block ends."""
    try:
        async with running(board.watch()) as looking, running(board.drawn.wait()) as drawn:
            await asyncio.wait({looking, drawn}, return_when=asyncio.FIRST_COMPLETED)
            if board.pipeline is None:
                looking.result()  # a defect of ours: told as such, not waited for
            assert board.pipeline is not None, "a look ends with a verdict"
            yield board.pipeline
    finally:
        await board.close()


async def _watch(
    board: AlertBoard, found: list[Any], take: Callable[[], Delta[Any]], *, request: Request, printer: Printer
) -> None:
    from fleetui.cli.stream import follow

    troubles = _Troubles(printer)

    def taken() -> Delta[Any]:
        if board.pipeline is not None:
            troubles.tell(board.pipeline)
        return take()

    await follow(request, printer, found, taken)


def _is_whole(found: Pipeline) -> bool:
    return not found.failed and found.level is not Level.DEAD


class _Troubles:
    """Tells what is wrong with the pipeline on standard error, each trouble once while it lasts."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._told: set[tuple[object, ...]] = set()

    def tell(self, found: Pipeline) -> None:
        now = {_identity(trouble): trouble for trouble in found.troubles}
        for identity, trouble in now.items():
            if identity not in self._told:
                self._printer.note(f"{trouble.level.value}: {trouble.what}; {trouble.remedy}")
        self._told = set(now)


def _identity(trouble: Trouble) -> tuple[object, ...]:
    """Without the age that its text tells."""
    return (trouble.level, trouble.cluster, trouble.what if trouble.since is None else trouble.remedy)
