"""Sources from the configuration. Those of one server share its door, so that its silence is found out once."""

from collections.abc import Mapping

from fleetui.clients.monitoring.breaker import Door
from fleetui.clients.prometheus.origin import origin
from fleetui.clients.prometheus.source import PrometheusSource
from fleetui.model.monitoring import MetricsConfig
from fleetui.ports.clock import Chance, Clock


def open_sources(
    configured: Mapping[str, MetricsConfig], *, clock: Clock, chance: Chance
) -> dict[str, PrometheusSource]:
    """By name, none asked yet. To be called on the event loop. Raises ClusterError for a proxy that we cannot use."""
    doors: dict[str, Door] = {}
    sources = {}
    for name, config in configured.items():
        where = origin(name, config)
        door = doors.setdefault(where.door, Door(clock, chance))
        sources[name] = PrometheusSource(where, door=door, clock=clock)
    return sources
