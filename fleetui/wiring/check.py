"""``fleetui check``: what is looked at for how long, and the one line that comes of it whatever goes wrong."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from fleetui.cli.check import Status, Verdict, alerts_verdict, etcd_verdict, of_cluster, summed_up, unknown
from fleetui.cli.question import asked
from fleetui.cli.tables import table_of
from fleetui.model.cluster import Cluster
from fleetui.model.fault import ClusterError
from fleetui.model.table.column import Table
from fleetui.model.table.filter import Filter
from fleetui.model.table.scope import concerned
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.session import Session

_log = logging.getLogger(__name__)


def check(session: Session, arguments: argparse.Namespace) -> int:
    """Prints the line; its status."""
    try:
        verdict = asyncio.run(_verdict(session, arguments))
    except ClusterError as error:
        verdict = unknown(arguments.what, f"{error}; {error.fault.remedy}")
    except (OSError, ValueError) as error:
        verdict = unknown(arguments.what, str(error))
    except Exception as error:  # fence: Python's own status of a defect is 1, which a scheduler reads as WARNING
        _log.exception("check failed")
        verdict = unknown(arguments.what, f"a defect of fleetui: {type(error).__name__}")
    print(verdict.line)
    sys.stdout.flush()
    return verdict.status.value


def say_unknown(words: str) -> int:
    """For what goes wrong before there is a session."""
    print(Verdict("check", Status.UNKNOWN, words).line)
    return Status.UNKNOWN.value


async def _verdict(session: Session, arguments: argparse.Namespace) -> Verdict:
    table = table_of(arguments.what)
    kept = asked(table, arguments.filter)
    clusters = Clusters(session)
    match arguments.what:
        case "alerts":
            return await _alerts(session, table, kept, timeout_s=arguments.timeout)
        case "etcd":
            return await _etcd(clusters, table, kept, timeout_s=arguments.timeout)
        case _:
            return await _clusters(session, clusters, table, kept, timeout_s=arguments.timeout)


def _chosen(table: Table[Any], kept: Filter[Any], rows: Sequence[Any], *, now: float) -> tuple[list[Any], int]:
    """Those that the filter lets through, and of how many it cannot tell."""
    from fleetui.cli.select import select

    found = select(table, rows, kept=kept, now=now)
    return list(found.rows), found.unknown


async def _clusters(
    session: Session, clusters: Clusters, table: Table[Any], kept: Filter[Any], *, timeout_s: float
) -> Verdict:
    """With what monitoring says: the same rows as on the Fleet screen, so the same verdict."""
    from fleetui.cli.settle import settled
    from fleetui.observe.waiting import running
    from fleetui.wiring import vitals
    from fleetui.wiring.known_work import KnownWork

    if not clusters.contexts:
        return unknown("clusters", "the kubeconfig names no context")
    wanted = concerned(kept.term, clusters.chosen)
    fleet = clusters.fleet(wanted)
    deadline = clusters.clock.monotonic() + timeout_s
    vitals.look(fleet, wanted)
    async with running(fleet.run()):
        known = KnownWork(session)
        known.tell(fleet)
        feed = fleet.subscribe("clusters")
        rows = await settled(feed, wanted=wanted, timeout_s=timeout_s, clock=clusters.clock)
        known.tell(fleet)
        left_s = deadline - clusters.clock.monotonic()
        owed = await vitals.told(fleet, wanted, timeout_s=left_s, clock=clusters.clock)
        rows |= dict(feed.take().upserts)
    asked_for = [row for name, row in rows.items() if name in wanted or not wanted.isdisjoint(row.aliases)]
    found, left_out = _chosen(table, kept, asked_for, now=clusters.clock.now())
    aside = f"{clusters.left_out} contexts not connected" if clusters.left_out else ""
    points = [of_cluster(row, owed_by(row, owed)) for row in found]
    return summed_up("clusters", points, one="cluster", left_out=left_out, aside=aside)


def owed_by(row: Cluster, owed: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """By every name of it: monitoring is asked about the one that the configuration has."""
    return {board: who for name in (row.name, *row.aliases) for board, who in owed.get(name, {}).items()}


async def _etcd(clusters: Clusters, table: Table[Any], kept: Filter[Any], *, timeout_s: float) -> Verdict:
    from fleetui.wiring.etcd_listing import look_at_etcd

    rows = await look_at_etcd(clusters, concerned(kept.term, clusters.chosen), timeout_s=timeout_s)
    found, left_out = _chosen(table, kept, rows, now=clusters.clock.now())
    return etcd_verdict(found, left_out=left_out)


async def _alerts(session: Session, table: Table[Any], kept: Filter[Any], *, timeout_s: float) -> Verdict:
    from fleetui.clients.system import SystemChance, SystemClock
    from fleetui.wiring import alerts

    alerts.need_sources(session.config)
    clock = SystemClock()
    board = alerts.alert_board(session.config, clock=clock, chance=SystemChance(), first_s=timeout_s)
    feed = board.rows.subscribe()
    async with alerts.looked(board) as pipeline:
        rows = [row for _, row in feed.take().upserts]
    found, left_out = _chosen(table, kept, rows, now=clock.now())
    return alerts_verdict(found, pipeline, left_out=left_out)
