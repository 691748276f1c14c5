"""``fleetui incident`` with the journal, the fleet and the sources of alerts of this session."""

import argparse
from collections.abc import Callable, Sequence
from functools import cache

from fleetui.cli import incident as cli
from fleetui.cli.operate import standard_terminal
from fleetui.clients.incident_file import torn
from fleetui.clients.system import SystemClock, UlidIds, login_actor
from fleetui.control.desk import Desk
from fleetui.model.incident.incident import Incident
from fleetui.model.ledger import Operation
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.incident_file import journal
from fleetui.wiring.incident_glance import glance
from fleetui.wiring.listing import interruptible
from fleetui.wiring.session import Session


def incident(session: Session, arguments: argparse.Namespace) -> int:
    clusters, terminal = Clusters(session), standard_terminal()

    async def export(about: Incident, asked: argparse.Namespace) -> int:
        from fleetui.cli.incident_export import export
        from fleetui.wiring.incident_export import around

        clock = SystemClock()
        return await export(
            about, asked, around=lambda: around(session, about, terminal), now=clock.now(), terminal=terminal
        )

    means = cli.Incidents(
        journal=journal(session),
        aside=lambda: [
            f"{path}: the half of a record that a killed writer left" for path in torn(session.paths.state_dir)
        ],
        clusters=lambda: clusters.contexts,
        glance=lambda: glance(session, clusters, terminal),
        operations=_operations(session),
        export=export,
        by=str(login_actor()),
        clock=SystemClock(),
        ids=UlidIds(),
        terminal=terminal,
        lasting=not session.demo,
    )
    return interruptible(cli.incident(means, arguments))


def _operations(session: Session) -> Callable[[], Sequence[Operation]]:
    """Looking makes no store where there never was one."""

    @cache
    def desk() -> Desk:
        from fleetui.wiring.core import Core

        return Core(session).desk

    return lambda: desk().operations() if session.paths.operations.exists() else ()
