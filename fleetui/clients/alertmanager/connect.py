"""Alertmanagers from the configuration. Those of one server share its door, so that its silence is found out once."""

import os
from collections.abc import Mapping

from fleetui.clients.alertmanager.member import Member
from fleetui.clients.alertmanager.members import Members
from fleetui.clients.http.proxy import environment_proxy
from fleetui.clients.monitoring.breaker import Door
from fleetui.clients.monitoring.origin import Origin
from fleetui.model.duration import parse_duration
from fleetui.model.monitoring import AlertmanagerConfig
from fleetui.ports.clock import Chance, Clock


def open_alertmanagers(configured: Mapping[str, AlertmanagerConfig], *, clock: Clock, chance: Chance) -> Members:
    """None is asked yet. To be called on the event loop. Raises ClusterError for a proxy that we cannot use."""
    doors: dict[str, Door] = {}
    members = {}
    for name, config in configured.items():
        where = origin(name, config)
        door = doors.setdefault(where.door, Door(clock, chance))
        members[name] = Member(where, door=door, clock=clock)
    return Members(members)


def origin(name: str, config: AlertmanagerConfig, *, environ: Mapping[str, str] | None = None) -> Origin:
    """Raises ClusterError for a proxy that we cannot use."""
    return Origin(
        name=name,
        url=config.url.rstrip("/"),
        auth=config.auth,
        timeout_s=parse_duration(config.timeout),
        proxy=environment_proxy(config.url, os.environ if environ is None else environ),
    )
