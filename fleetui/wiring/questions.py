"""The sources of metrics of the configuration, opened for one board's queries."""

from collections.abc import Mapping

from fleetui.clients.prometheus.connect import open_sources
from fleetui.clients.prometheus.origin import origin
from fleetui.model.fault import ClusterError, Fault
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.questions import Asked, Board, Questions, Unopened
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.metrics import MetricsSource


def open_questions(
    metrics: Mapping[str, MetricsConfig], board: Board, *, clock: Clock, chance: Chance
) -> dict[str, tuple[Asked, MetricsConfig]]:
    """By the source's name; one that cannot be opened leaves the others."""
    sources, faults = open_usable(metrics, clock=clock, chance=chance)
    found: dict[str, Asked] = {name: Unopened(name, fault, board, metrics[name]) for name, fault in faults.items()}
    for name, source in sources.items():
        found[name] = Questions(source, metrics[name], board, clock=clock)
    return {name: (asked, metrics[name]) for name, asked in found.items()}


def open_usable(
    metrics: Mapping[str, MetricsConfig], *, clock: Clock, chance: Chance
) -> tuple[Mapping[str, MetricsSource], Mapping[str, Fault]]:
    """(those that can be opened, why the others cannot), by name. Those of one server share its door."""
    usable: dict[str, MetricsConfig] = {}
    faults: dict[str, Fault] = {}
    for name, said in metrics.items():
        try:
            origin(name, said)
            usable[name] = said
        except ClusterError as error:
            faults[name] = error.fault
    return open_sources(usable, clock=clock, chance=chance), faults
