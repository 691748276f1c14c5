"""Alertmanagers from the configuration. Those of one server share its door."""

import os
from collections.abc import Mapping

from fleetui.clients.alertmanager.member import Member
from fleetui.clients.alertmanager.members import Members
from fleetui.clients.http.proxy import environment_proxy
from fleetui.clients.monitoring.breaker import Doors
from fleetui.clients.monitoring.origin import Origin
from fleetui.model.duration import parse_duration
from fleetui.model.monitoring import AlertmanagerConfig
from fleetui.ports.clock import Chance, Clock


def open_alertmanagers(
    configured: Mapping[str, AlertmanagerConfig], *, clock: Clock, chance: Chance, at_most_s: float | None = None
) -> Members:
    """None is asked yet. ``at_most_s``: for one answer, where the configuration grants more. To be called on the event
    loop. Raises ClusterError for a proxy that we cannot use."""
    doors = Doors(clock, chance)
    origins = [origin(name, config, at_most_s=at_most_s) for name, config in configured.items()]
    return Members({where.name: Member(where, door=doors.of(where), clock=clock) for where in origins})


def origin(
    name: str,
    config: AlertmanagerConfig,
    *,
    environ: Mapping[str, str] | None = None,
    at_most_s: float | None = None,
) -> Origin:
    """Raises ClusterError for a proxy that we cannot use."""
    timeout_s = parse_duration(config.timeout)
    return Origin(
        name=name,
        url=config.url.rstrip("/"),
        auth=config.auth,
        timeout_s=timeout_s if at_most_s is None else min(timeout_s, at_most_s),
        proxy=environment_proxy(config.url, os.environ if environ is None else environ),
    )
