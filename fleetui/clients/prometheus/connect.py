"""Sources from the configuration. Those of one server share its door."""

from collections.abc import Mapping

from fleetui.clients.monitoring.breaker import Doors
from fleetui.clients.prometheus.origin import origin
from fleetui.clients.prometheus.source import PrometheusSource
from fleetui.model.monitoring import MetricsConfig
from fleetui.ports.clock import Chance, Clock


def open_sources(
    configured: Mapping[str, MetricsConfig], *, clock: Clock, chance: Chance
) -> dict[str, PrometheusSource]:
    """By name, none asked yet. To be called on the event loop. Raises ClusterError for a proxy that we cannot use."""
    doors = Doors(clock, chance)
    origins = [origin(name, config) for name, config in configured.items()]
    return {where.name: PrometheusSource(where, door=doors.of(where), clock=clock) for where in origins}
