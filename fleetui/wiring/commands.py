"""What each word of the command line does: puts the pieces together, runs them, and returns the exit status."""

import argparse
import asyncio
import sys
from pathlib import Path

from fleetui.cli.output import terminal_width
from fleetui.clients.paths import shipped_kinds
from fleetui.model.cluster import ClusterRef
from fleetui.model.defaults import default_options
from fleetui.model.machine import Machine
from fleetui.model.operation import ETCD_KINDS, Intent, Target
from fleetui.model.text import LINE_LIMIT, clean, fence
from fleetui.ports.reader import Kind
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.listing import FAILED, interruptible
from fleetui.wiring.session import Session

__all__ = ["ack", "audit", "check_config", "controller", "export", "info", "op", "plan", "run", "screenshot", "silence"]

CHANGES = ("pause", "resume", "abort")
ASK_S = 10.0
"""To find the machines of an operation by their names."""


def plan(session: Session, arguments: argparse.Namespace) -> int:
    """0 when the plan could be approved, 1 when a check blocks it."""
    return interruptible(_plan(session, arguments))


async def _plan(session: Session, arguments: argparse.Namespace) -> int:
    from fleetui.cli import operate
    from fleetui.wiring.core import Core

    core = Core(session)
    intent = await _intent(Clusters(session), arguments)
    terminal = operate.standard_terminal()
    wide = arguments.output == "wide"
    may_run = await operate.rehearse(
        core.desk, intent, key=core.ids.new(), clock=core.clock, terminal=terminal, wide=wide
    )
    return 0 if may_run else FAILED


def run(session: Session, arguments: argparse.Namespace) -> int:
    """0 when the operation is done, 1 when it is not."""
    _refuse_read_only(session)
    return interruptible(_approve_and_follow(session, arguments))


def silence(session: Session, arguments: argparse.Namespace) -> int:
    """0 when it is posted, 1 when it is refused, not wanted or not known to have arrived."""
    from fleetui.wiring.hush import hush

    _refuse_read_only(session)
    return interruptible(hush(session, arguments))


ack = silence
"""As a silence: the words of the command line tell them apart."""


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
        wide=arguments.output == "wide",
    )
    if approved is None:
        return FAILED
    if arguments.no_follow:
        terminal.say(approved.op_id)
        return 0
    return operate.exit_status(await operate.follow(core.desk, approved.op_id, clock=core.clock, terminal=terminal))


async def _intent(clusters: Clusters, arguments: argparse.Namespace) -> Intent:
    """The machines by name, or the etcd of the cluster, frozen by uid as they are now. Raises TargetError."""
    from fleetui.cli.targets import TargetError, parse_options

    if arguments.cluster and arguments.cluster not in clusters.contexts:
        raise TargetError(f"no cluster {arguments.cluster}; see: fleetui get clusters")
    on_etcd = arguments.kind.startswith(ETCD_KINDS)
    ref, targets = await (_etcd if on_etcd else _machines)(clusters, arguments)
    config = clusters.config
    configured = default_options(arguments.kind, config.operations, mutes=bool(config.alertmanagers))
    options = dict(configured) | dict(parse_options(arguments.option))
    if path := options.get("path"):
        options["path"] = _absolute(str(path))
    pairs = tuple(sorted(options.items()))
    return Intent(kind=arguments.kind, cluster=ref, targets=targets, options=pairs, reason=arguments.reason)


def _absolute(path: str) -> str:
    """As it is meant here: the controller has a directory of its own."""
    return str(Path(path).expanduser().absolute())


async def _etcd(clusters: Clusters, arguments: argparse.Namespace) -> tuple[ClusterRef, tuple[Target, ...]]:
    """Raises ClusterError."""
    from fleetui.wiring.etcd_control import etcd_target

    ref = clusters.ref(arguments.cluster)
    assert ref is not None, "it was found among the contexts"
    return ref, (await etcd_target(await clusters.etcd(ref)),)


async def _machines(clusters: Clusters, arguments: argparse.Namespace) -> tuple[ClusterRef, tuple[Target, ...]]:
    from fleetui.cli.collect import collect
    from fleetui.cli.targets import resolve
    from fleetui.cli.waiting import telling

    readers = clusters.readers(frozenset([arguments.cluster]) if arguments.cluster else clusters.chosen)
    waiting: set[str] = set()
    async with telling(lambda: waiting, of=len(readers), timeout_s=ASK_S, err=sys.stderr, clock=clusters.clock):
        found = await collect(readers, Kind.MACHINES, Machine, timeout_s=ASK_S, waiting=waiting)
    name, targets = resolve(found.rows, arguments.machines, cluster=arguments.cluster)
    reader = clusters.reader(name)
    try:
        uid = (await reader.identify()).uid
    finally:
        await reader.close()
    ref = clusters.ref(name, uid=uid)
    assert ref is not None, "it was found among the contexts"
    return ref, targets


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
    """Prints or exports; with ``--verify`` checks an exported file: 0 when it is whole, 1 when it is not."""
    from fleetui.control import audit as trail
    from fleetui.wiring.core import Core

    if arguments.verify:
        return _verify(Path(arguments.verify))
    lines = trail.audit_lines(Core(session).store)
    match arguments.output:
        case "table":
            from fleetui.cli.audit_table import audit_table

            text = audit_table(lines, headers=not arguments.no_headers, width=terminal_width(sys.stdout))
            sys.stdout.write(fence(text))
        case "json":
            sys.stdout.write("[" + ",\n ".join(trail.to_json_lines(lines)) + "]\n")
        case output:
            write = trail.to_csv if output == "csv" else trail.to_json_lines
            sys.stdout.writelines(f"{line.rstrip()}\n" for line in write(lines))
    return 0


def _verify(exported: Path) -> int:
    from fleetui.control.audit import TamperedError, verify

    with exported.open(encoding="utf-8") as file:
        # The list of -o json has one object a line, between brackets and commas.
        lines = (bare for line in file if (bare := line.strip().lstrip("[").rstrip(",]")))
        try:
            count, last = verify(lines)
        except TamperedError as error:
            print(clean(f"NOT whole: {exported}: {error}"))
            return FAILED
    print(clean(f"whole: {exported}: {count} lines, none changed, missing or moved since they were exported"))
    print(f"hash of the last line: {last}")
    print("it stands for the whole file: kept elsewhere and compared, it also shows a shortened or rewritten one")
    return 0


def export(session: Session, arguments: argparse.Namespace) -> int:
    """A board as a dashboard."""
    from fleetui.wiring.export import export as write

    return write(session, arguments)


def screenshot(session: Session, arguments: argparse.Namespace) -> int:
    """One frame into a file."""
    from fleetui.wiring.shot import check, draw

    file = Path(arguments.output)
    check(session, file)
    svg = asyncio.run(draw(session, arguments.screen, size=arguments.size))
    file.write_text(svg, encoding="utf-8")
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
    wrong = [_check_kinds(session), _check_racks(session)]
    print(f"{len(clusters.contexts)} contexts, {len(clusters.chosen)} connected at the start")
    return FAILED if clusters.problems or any(wrong) else 0


def _check_kinds(session: Session) -> bool:
    """Says which files of kinds cannot be used."""
    from fleetui.clients.kind_files import read_kinds

    found = read_kinds(shipped_kinds(), session.paths.kinds)
    for fault in found.faults:
        print(f"{fault.word}: {fault.detail}; {fault.remedy}")
    return bool(found.faults)


def _check_racks(session: Session) -> bool:
    """Says what is wrong with racks, with the line and the fix; whether any of it is an error."""
    if not session.config.racks.path:
        return False
    from fleetui.clients.system import SystemClock
    from fleetui.model.racks.finding import Severity
    from fleetui.wiring.racks import open_racks, racks_path

    racks = open_racks(session, SystemClock())
    for finding in racks.survey.findings:
        print(clean(f"{racks.source.where(finding.path)}: {finding}", limit=LINE_LIMIT))
    layout = racks.source.layout
    print(f"{racks_path(session)}: {len(layout.racks)} racks, {len(layout.devices)} devices")
    return any(finding.severity is Severity.ERROR for finding in racks.survey.findings)


def info(session: Session, _: argparse.Namespace) -> int:
    """The paths and decisions of a session, for support."""
    from fleetui import __version__
    from fleetui.clients.system import login_actor

    actor = login_actor()
    lines = {
        "version": __version__,
        "configuration": session.paths.config_file,
        "kinds of clusters": f"{shipped_kinds()}, {session.paths.kinds}",
        "kubeconfigs": ", ".join(map(str, session.kubeconfigs)),
        "operations": session.paths.operations,
        "last known picture": session.paths.picture,
        "theme": session.theme,
        "you are": f"{actor} from {actor.origin}",
    }
    for name, value in lines.items():
        print(fence(f"{name:<20} {value}"))
    return 0
