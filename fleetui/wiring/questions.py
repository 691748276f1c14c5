"""The sources of metrics of the configuration, opened for one board's queries."""

from collections.abc import Mapping

from fleetui.clients.prometheus.connect import open_sources
from fleetui.clients.prometheus.origin import origin
from fleetui.model.fault import ClusterError
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.questions import Asked, Board, Questions, Unopened
from fleetui.ports.clock import Chance, Clock


def open_questions(
    metrics: Mapping[str, MetricsConfig], board: Board, *, clock: Clock, chance: Chance
) -> dict[str, tuple[Asked, MetricsConfig]]:
    """By the source's name. Those of one server share its door; one that cannot be opened leaves the others."""
    found: dict[str, Asked] = {}
    usable: dict[str, MetricsConfig] = {}
    for name, said in metrics.items():
        try:
            origin(name, said)
            usable[name] = said
        except ClusterError as error:
            found[name] = Unopened(name, error.fault, board, said)
    for name, source in open_sources(usable, clock=clock, chance=chance).items():
        found[name] = Questions(source, metrics[name], board, clock=clock)
    return {name: (asked, metrics[name]) for name, asked in found.items()}
