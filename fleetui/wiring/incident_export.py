"""What a bundle holds beside its incident: clusters, alerts and operations of this session, as of now."""

import asyncio
import platform
from collections.abc import Iterator
from typing import Any

import msgspec

from fleetui import __version__
from fleetui.cli.operate import Terminal
from fleetui.cli.operation_table import operation_table
from fleetui.cli.output import objects
from fleetui.cli.settle import settled
from fleetui.cli.tables import table_of
from fleetui.control.audit import operation_lines
from fleetui.model.cluster import Cluster
from fleetui.model.fault import ClusterError
from fleetui.model.incident.before import CHANGES_BEFORE_S, looks_back
from fleetui.model.incident.bundle import Around
from fleetui.model.incident.incident import Incident
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.incident_glance import LOOK_S, glance
from fleetui.wiring.session import Session


async def around(session: Session, incident: Incident, terminal: Terminal) -> Around:
    clusters = Clusters(session)
    rows, missing = await _clusters(clusters, incident)
    alerts, no_alerts = await _alerts(session, clusters, incident, terminal)
    versions = {"fleetui": __version__, "python": platform.python_version()}
    versions |= {f"cluster {row.name}": row.version for row in rows if row.version}
    return Around(
        versions=versions,
        clusters=tuple(objects(table_of("clusters"), rows)),
        alerts=tuple(alerts),
        operations=tuple(_operations(session, incident)),
        lacks=(*missing, *no_alerts),
    )


async def _clusters(clusters: Clusters, incident: Incident) -> tuple[list[Cluster], list[str]]:
    """Their rows as of now; of one that does not answer, its row says so."""
    wanted = frozenset(incident.clusters) & frozenset(clusters.contexts)
    missing = [f"cluster {name}: no kubeconfig names it" for name in incident.clusters if name not in wanted]
    if not wanted:
        return [], missing
    fleet = clusters.fleet(wanted)
    work = asyncio.create_task(fleet.run())
    waiting: set[str] = set()
    try:
        feed = fleet.subscribe("clusters")
        rows = await settled(feed, wanted=wanted, timeout_s=LOOK_S, clock=clusters.clock, waiting=waiting)
    finally:
        work.cancel()
        await asyncio.wait({work})
    missing += [f"cluster {name}: did not answer within {LOOK_S:.0f} s" for name in sorted(waiting)]
    return [rows[name] for name in sorted(wanted) if name in rows], missing


async def _alerts(
    session: Session, clusters: Clusters, incident: Incident, terminal: Terminal
) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        async with glance(session, clusters, terminal) as picture:
            mine = [one for one in picture.alerts if incident.concerns(cluster=one.cluster, alert=one.key)]
            none = [] if picture.board("alerts") else ["alerts: no source is configured"]
            return objects(table_of("alerts"), mine), none
    except ClusterError as error:
        return [], [f"alerts: {error.fault.word}"]


def _operations(session: Session, incident: Incident) -> Iterator[dict[str, Any]]:
    """With everything that was written down of each."""
    from fleetui.wiring.core import Core

    if not session.paths.operations.exists():
        return
    core, since = Core(session), looks_back(incident, CHANGES_BEFORE_S)
    for operation in core.desk.operations():
        begun = operation.submitted if operation.ended is None else operation.ended
        if begun >= since and incident.concerns(cluster=operation.intent.cluster.name):
            (said,) = objects(operation_table(), [operation])
            audit = [msgspec.to_builtins(line) for line in operation_lines(core.store.load(operation.op_id))]
            yield {**said, "audit": audit}
