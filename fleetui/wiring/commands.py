"""What each word of the command line does: puts the pieces together, runs them, and returns the exit status."""

import argparse
import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from fleetui.cli.get import Printer, Request, settled, watch, watch_operations
from fleetui.cli.tables import TABLES
from fleetui.model.defaults import default_options
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.machine import Machine
from fleetui.model.operation import Intent
from fleetui.model.pod import Pod
from fleetui.model.text import fence
from fleetui.ports.reader import Kind
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.session import Session

if TYPE_CHECKING:
    from fleetui.observe.fleet import TableName

_KINDS: dict[str, tuple[Kind, type[Any]]] = {"machines": (Kind.MACHINES, Machine), "pods": (Kind.PODS, Pod)}
CHANGES = ("pause", "resume", "abort")
FAILED, INTERRUPTED = 1, 130


def get(session: Session, arguments: argparse.Namespace) -> int:
    """0 when every cluster answered, 1 when one did not: its line is on standard error."""
    clusters = Clusters(session)
    request = Request(
        table=TABLES[arguments.what],
        query=_query(arguments),
        output=arguments.output,
        sort=arguments.sort or "",
        headers=not arguments.no_headers,
        timeout_s=arguments.timeout,
    )
    printer = Printer(to_yaml=_to_yaml, clock=clusters.clock)
    printer.check(request)
    if request.table is not TABLES["ops"]:
        _need_clusters(clusters)
    printer.faults(("kubeconfig", problem) for problem in clusters.problems)
    if arguments.what == "ops":
        return _get_operations(session, request, printer, watching=arguments.watch)
    if arguments.watch or arguments.what == "clusters":
        return _run(_get_live(clusters, request, printer, what=arguments.what, watching=arguments.watch))
    return _run(_get_once(clusters, request, printer, what=arguments.what))


def _need_clusters(clusters: Clusters) -> None:
    """An empty table would say that all is well. Raises ClusterError with the remedy."""
    if not clusters.contexts:
        problem = next(iter(clusters.problems), None)
        nothing = Fault(FaultKind.CONFIG, "no clusters", "the kubeconfig names no context", "set KUBECONFIG")
        raise ClusterError(problem or nothing)


def _query(arguments: argparse.Namespace) -> str:
    """The filter's words with kubectl's two options in the filter's language."""
    labels = [f"-l {label}" for label in arguments.selector.split(",") if label]
    namespace = [f"namespace={arguments.namespace}"] if arguments.namespace else []
    return " ".join([*arguments.filter, *labels, *namespace])


def _to_yaml(value: object) -> str:
    from fleetui.clients.yaml_file import dump

    return dump(value)


async def _get_once(clusters: Clusters, request: Request, printer: Printer, *, what: str) -> int:
    from fleetui.cli.collect import Collected, collect
    from fleetui.cli.scope import concerned

    kind, row_type = _KINDS[what]
    readers = clusters.readers(concerned(request.query, request.table, clusters.chosen))
    found: Collected[Any] = await collect(readers, kind, row_type, timeout_s=request.timeout_s)
    printer.rows(request, found.rows)
    printer.faults(found.faults)
    printer.left_out(clusters.left_out)
    return FAILED if found.faults or clusters.problems else 0


async def _get_live(clusters: Clusters, request: Request, printer: Printer, *, what: str, watching: bool) -> int:
    fleet = clusters.fleet()
    work = asyncio.create_task(fleet.run())
    try:
        if what == "pods":
            fleet.focus_pods(clusters.chosen)
        rows = await settled(
            fleet.subscribe("clusters"), wanted=clusters.chosen, timeout_s=request.timeout_s, clock=clusters.clock
        )
        feed = fleet.subscribe(cast("TableName", what))
        printer.rows(request, [row for _, row in feed.take().upserts])
        faults = [(name, row.fault) for name, row in rows.items() if row.fault is not None]
        printer.faults(faults)
        if watching:
            await watch(request, printer, feed, clock=clusters.clock)
        return FAILED if faults else 0
    finally:
        work.cancel()
        await asyncio.wait({work})


def _get_operations(session: Session, request: Request, printer: Printer, *, watching: bool) -> int:
    from fleetui.wiring.core import Core

    desk = Core(session).desk
    printer.rows(request, [operation for operation in desk.operations() if not operation.rehearsal])
    if watching:
        desk.poll()
        return _run(watch_operations(request, printer, desk.poll))
    return 0


def plan(session: Session, arguments: argparse.Namespace) -> int:
    """0 when the plan could be approved, 1 when a check blocks it."""
    return _run(_plan(session, arguments))


async def _plan(session: Session, arguments: argparse.Namespace) -> int:
    from fleetui.cli import operate
    from fleetui.wiring.core import Core

    core = Core(session)
    intent = await _intent(Clusters(session), arguments)
    terminal = operate.standard_terminal()
    may_run = await operate.rehearse(core.desk, intent, key=core.ids.new(), clock=core.clock, terminal=terminal)
    return 0 if may_run else FAILED


def run(session: Session, arguments: argparse.Namespace) -> int:
    """0 when the operation is done, 1 when it is not."""
    _refuse_read_only(session)
    return _run(_approve_and_follow(session, arguments))


def _refuse_read_only(session: Session) -> None:
    if session.readonly:
        raise PermissionError("--readonly: this session may not change anything")


async def _approve_and_follow(session: Session, arguments: argparse.Namespace) -> int:
    from fleetui.cli import operate
    from fleetui.wiring.core import Core

    core = Core(session)
    intent = await _intent(Clusters(session), arguments)
    terminal = operate.standard_terminal()
    approved = await operate.approve(
        core.desk,
        intent,
        key=core.ids.new(),
        clock=core.clock,
        terminal=terminal,
        consent=operate.Consent(word=arguments.confirm, yes=arguments.yes),
    )
    if approved is None:
        return FAILED
    if arguments.no_follow:
        terminal.say(approved.op_id)
        return 0
    return operate.exit_status(await operate.follow(core.desk, approved.op_id, clock=core.clock, terminal=terminal))


async def _intent(clusters: Clusters, arguments: argparse.Namespace) -> Intent:
    """The machines by name, frozen by uid as they are now. Raises TargetError."""
    from fleetui.cli.collect import collect
    from fleetui.cli.targets import TargetError, parse_options, resolve

    if arguments.cluster and arguments.cluster not in clusters.contexts:
        raise TargetError(f"no cluster {arguments.cluster}; see: fleetui get clusters")
    readers = clusters.readers(frozenset([arguments.cluster]) if arguments.cluster else clusters.chosen)
    found = await collect(readers, Kind.MACHINES, Machine, timeout_s=10.0)
    name, targets = resolve(found.rows, arguments.machines, cluster=arguments.cluster)
    reader = clusters.reader(name)
    try:
        uid = (await reader.identify()).uid
    finally:
        await reader.close()
    ref = clusters.ref(name, uid=uid)
    assert ref is not None, "it was found among the contexts"
    configured = default_options(arguments.kind, clusters.config.operations)
    options = tuple(sorted({**dict(configured), **dict(parse_options(arguments.option))}.items()))
    return Intent(kind=arguments.kind, cluster=ref, targets=targets, options=options, reason=arguments.reason)


def op(session: Session, arguments: argparse.Namespace) -> int:
    """show, follow, pause, resume, abort."""
    from fleetui.cli import operate
    from fleetui.wiring.core import Core

    if arguments.action in CHANGES:
        _refuse_read_only(session)
    core = Core(session)
    terminal = operate.standard_terminal()
    operation = operate.find_operation(core.desk, arguments.op_id)
    match arguments.action:
        case "show":
            operate.show_plan(operation, terminal)
            for line in operate.progress_lines(operation):
                terminal.say(line)
        case "follow":
            work = operate.follow(core.desk, operation.op_id, clock=core.clock, terminal=terminal)
            return operate.exit_status(asyncio.run(work))
        case action:
            operate.change(core.desk, operation, action, terminal)
    return 0


def audit(session: Session, arguments: argparse.Namespace) -> int:
    """Exports, or checks an exported file."""
    from fleetui.control import audit as trail
    from fleetui.wiring.core import Core

    if arguments.verify:
        with open(arguments.verify, encoding="utf-8") as file:
            count, last = trail.verify(file)
        print(f"{count} lines, whole; the last one's hash is {last}")
        return 0
    lines = trail.audit_lines(Core(session).store)
    write = trail.to_csv if arguments.output == "csv" else trail.to_json_lines
    sys.stdout.writelines(f"{line.rstrip()}\n" for line in write(lines))
    return 0


def screenshot(session: Session, arguments: argparse.Namespace) -> int:
    """One frame into a file."""
    from fleetui.wiring.shot import draw

    svg = asyncio.run(draw(session, arguments.screen, size=arguments.size))
    Path(arguments.output).write_text(svg, encoding="utf-8")
    return 0


def controller(session: Session, arguments: argparse.Namespace) -> int:
    """run, status, install."""
    from fleetui.control.process import controller_status
    from fleetui.wiring.core import install_unit, run_engine, store_damage

    match arguments.action:
        case "status":
            status = controller_status(session.paths.state_dir)
            print(status.complaint(Clusters(session).clock.now()) or f"controller {status.version}, pid {status.pid}")
            damage = store_damage(session)
            for line in damage:
                print(line)
            return 0 if status.running and not damage else FAILED
        case "install":
            print("\n".join(install_unit(session)))
            return 0
        case _:
            run_engine(session, stay=arguments.stay)
            return 0


def check_config(session: Session, _: argparse.Namespace) -> int:
    """Says what is wrong with the configuration and the kubeconfigs, or that nothing is."""
    clusters = Clusters(session)
    print(f"{session.paths.config_file}: ok, theme {session.config.theme}")
    for problem in clusters.problems:
        print(f"{problem.word}: {problem.detail}; {problem.remedy}")
    print(f"{len(clusters.contexts)} contexts, {len(clusters.chosen)} connected at the start")
    return FAILED if clusters.problems else 0


def info(session: Session, _: argparse.Namespace) -> int:
    """The paths and decisions of a session, for support."""
    from fleetui import __version__
    from fleetui.clients.system import login_actor

    actor = login_actor()
    lines = {
        "version": __version__,
        "configuration": session.paths.config_file,
        "kubeconfigs": ", ".join(map(str, session.kubeconfigs)),
        "operations": session.paths.operations,
        "last known picture": session.paths.picture,
        "theme": session.theme,
        "you are": f"{actor} from {actor.origin}",
    }
    for name, value in lines.items():
        print(fence(f"{name:<20} {value}"))
    return 0


def _run(work: Coroutine[Any, Any, int]) -> int:
    """A command's loop; Ctrl-C ends it quietly with the status a shell expects."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        return INTERRUPTED
