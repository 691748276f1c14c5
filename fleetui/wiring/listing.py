"""``fleetui get``: which clusters are asked, what is waited for, and what is said of those that do not answer."""

import argparse
import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from msgspec import structs

from fleetui.cli.get import Printer, Request
from fleetui.cli.select import BY_TROUBLE
from fleetui.cli.tables import BY_TROUBLE as TROUBLE_FIRST
from fleetui.cli.tables import table_of
from fleetui.cli.waiting import telling
from fleetui.model.cluster import Cluster
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.machine import Machine
from fleetui.model.picture import Delta
from fleetui.model.pod import Pod
from fleetui.model.table.column import Table
from fleetui.model.table.filter import Filter
from fleetui.observe.waiting import running
from fleetui.ports.reader import Kind
from fleetui.wiring.clusters import METRICS_BOARDS, Clusters
from fleetui.wiring.session import Session

if TYPE_CHECKING:
    from fleetui.model.ledger import Operation
    from fleetui.observe.fleet import TableName
    from fleetui.wiring.known_work import KnownWork

_KINDS: dict[str, tuple[Kind, type[Any]]] = {"machines": (Kind.MACHINES, Machine), "pods": (Kind.PODS, Pod)}
FAILED, INTERRUPTED = 1, 130
RACK_WORDS = frozenset({"racks", "devices", "feeds", "places"})
"""Tables of what the configuration's ``racks:`` describes."""


def get(session: Session, arguments: argparse.Namespace) -> int:
    """0 when every cluster answered, 1 when one did not: its line is on standard error."""
    clusters = Clusters(session)
    what, _, name = arguments.what.partition("/")
    table = table_of(what)
    request = Request(
        table=table,
        kept=_kept(arguments, table, name),
        name=name,
        output=arguments.output,
        sort=arguments.sort or (BY_TROUBLE if what in TROUBLE_FIRST else ""),
        headers=not arguments.no_headers,
        timeout_s=arguments.timeout,
    )
    printer = Printer(to_yaml=_to_yaml, clock=clusters.clock)
    printer.check(request)
    if what == "ops":
        return _operations(session, request, printer, watching=arguments.watch, everything=arguments.all)
    if what == "alerts":
        return _alerts(session, request, printer, watching=arguments.watch)
    if what == "replication":
        return _replication(session, request, printer, watching=arguments.watch)
    if what in RACK_WORDS:
        return _racks(session, request, printer, what=what, watching=arguments.watch)
    _need_clusters(clusters)
    printer.faults(("kubeconfig", problem) for problem in clusters.problems)
    faults = interruptible(_answer(session, clusters, request, printer, what=what, watching=arguments.watch))
    return faults or (FAILED if clusters.problems else 0)


def _answer(
    session: Session, clusters: Clusters, request: Request, printer: Printer, *, what: str, watching: bool
) -> Coroutine[Any, Any, int]:
    if what == "etcd":
        from fleetui.wiring.etcd_listing import list_etcd

        return list_etcd(clusters, request, printer, watching=watching)
    if what in METRICS_BOARDS:
        from fleetui.wiring.metrics_listing import list_board

        return list_board(clusters, request, printer, what=what, watching=watching)
    if watching or what == "clusters":
        from fleetui.wiring.known_work import KnownWork

        return _live(clusters, KnownWork(session), request, printer, what=what, watching=watching)
    return _once(clusters, request, printer, what=what)


def interruptible(work: Coroutine[Any, Any, int]) -> int:
    """A command's loop; Ctrl-C ends it quietly with the status a shell expects."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        return INTERRUPTED


def _need_clusters(clusters: Clusters) -> None:
    """An empty table would say that all is well. Raises ClusterError with the remedy."""
    if not clusters.contexts:
        problem = next(iter(clusters.problems), None)
        nothing = Fault(FaultKind.CONFIG, "no clusters", "the kubeconfig names no context", "set KUBECONFIG")
        raise ClusterError(problem or nothing)


def _kept(arguments: argparse.Namespace, table: Table[Any], name: str) -> Filter[Any]:
    from fleetui.cli.question import asked

    if name and table.column("id"):  # an operation is named by its id, or the end of it
        return asked(table, [*arguments.filter, f"id~{re.escape(name)}$"])
    return asked(table, arguments.filter, labels=arguments.selector, namespace=arguments.namespace, name=name)


def _to_yaml(value: object) -> str:
    from fleetui.clients.yaml_file import dump

    return dump(value)


async def _once(clusters: Clusters, request: Request, printer: Printer, *, what: str) -> int:
    from fleetui.cli.collect import Collected, collect
    from fleetui.model.table.scope import concerned

    kind, row_type = _KINDS[what]
    readers = clusters.readers(concerned(request.kept.term, clusters.chosen))
    waiting: set[str] = set()
    async with telling(
        lambda: waiting, of=len(readers), timeout_s=request.timeout_s, err=printer.err, clock=clusters.clock
    ):
        found: Collected[Any] = await collect(readers, kind, row_type, timeout_s=request.timeout_s, waiting=waiting)
    complete = printer.rows(request, found.rows)
    printer.aliases(found.aliases)
    printer.faults(found.faults)
    printer.left_out(clusters.left_out)
    return FAILED if found.faults or not complete else 0


async def _live(
    clusters: Clusters, known: "KnownWork", request: Request, printer: Printer, *, what: str, watching: bool
) -> int:
    from fleetui.cli.settle import settled, shortfalls
    from fleetui.model.table.scope import concerned
    from fleetui.wiring import vitals
    from fleetui.wiring.answer import answered

    kind = "pods" if what == "pods" else "nodes"
    wanted = concerned(request.kept.term, clusters.chosen)
    fleet = clusters.fleet(wanted)
    if known.trouble:
        printer.note(f"operations: {known.trouble}")

    def take() -> Delta[Any]:
        known.tell(fleet)
        return feed.take()

    waiting: set[str] = set()
    patience = request.timeout_s
    monitored = what == "clusters" and vitals.asked_for(request)
    if monitored:
        vitals.look(fleet, wanted)
    async with running(fleet.run()):
        if what == "pods":
            fleet.focus_pods(wanted)
        async with telling(lambda: waiting, of=len(wanted), timeout_s=patience, err=printer.err, clock=clusters.clock):
            rows = await settled(
                fleet.subscribe("clusters"),
                wanted=wanted,
                timeout_s=patience,
                clock=clusters.clock,
                kind=kind,
                waiting=waiting,
            )
        if monitored:
            owed = await vitals.told(fleet, wanted, timeout_s=min(vitals.WITHIN_S, patience), clock=clusters.clock)
            if owed:
                printer.note(f"no answer yet: {vitals.owed_text(owed)}")
        faults = shortfalls(rows, kind=kind, unanswered=waiting, timeout_s=patience)
        feed, keep = fleet.subscribe(cast("TableName", what)), _asked_for(clusters)
        return await answered(request, printer, take, faults=faults, watching=watching, keep=keep)


def _asked_for(clusters: Clusters) -> Callable[[Any], bool]:
    """Whoever names contexts wants to read of those alone; without any, the others are listed as not connected."""
    named = clusters.chosen if clusters.patterns else None
    return lambda row: named is None or not isinstance(row, Cluster) or not named.isdisjoint((row.name, *row.aliases))


def _alerts(session: Session, request: Request, printer: Printer, *, watching: bool) -> int:
    from fleetui.cli.select import SelectionError
    from fleetui.wiring import alerts

    if session.patterns:
        raise SelectionError("--context: alerts come from monitoring, not from contexts; name clusters as '@prod-*'")
    alerts.need_sources(session.config)
    return interruptible(alerts.get(session.config, request, printer, watching=watching))


def _replication(session: Session, request: Request, printer: Printer, *, watching: bool) -> int:
    from fleetui.cli.select import SelectionError
    from fleetui.wiring.replication_listing import list_replication

    if session.patterns:
        raise SelectionError("--context: replication comes from metrics, not from contexts; name clusters as '@prod-*'")
    return interruptible(list_replication(session, request, printer, watching=watching))


def _racks(session: Session, request: Request, printer: Printer, *, what: str, watching: bool) -> int:
    from fleetui.cli.select import SelectionError
    from fleetui.wiring.racks_listing import list_racks

    if session.patterns:
        raise SelectionError("--context: racks come from a file, not from contexts; name clusters as '@prod-*'")
    if watching:
        raise SelectionError("--watch: racks come from a file, which is read once")
    return list_racks(session, request, printer, what=what)


def _operations(session: Session, request: Request, printer: Printer, *, watching: bool, everything: bool) -> int:
    from fleetui.cli.operation_table import operation_table
    from fleetui.wiring.core import Core

    def asked_for(operation: "Operation") -> bool:
        return everything or not operation.rehearsal

    desk = Core(session).desk
    known = desk.operations()
    request = structs.replace(request, table=operation_table(known, whole=request.output == "wide"))
    running_first = sorted(known, key=lambda operation: operation.state.ended)
    shown = list(filter(asked_for, running_first))
    if len(shown) < len(known):
        printer.note(f"plans that were never approved, left out: {len(known) - len(shown)}; --all shows them")
    if not watching:
        return 0 if printer.rows(request, shown) else FAILED
    from fleetui.cli.stream import follow

    def take() -> Delta[Any]:
        return Delta(upserts=tuple((operation.op_id, operation) for operation in desk.poll()))

    return interruptible(follow(request, printer, shown, take, keep=asked_for))
