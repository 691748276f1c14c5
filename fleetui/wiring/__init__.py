"""The one composition root: the only room that knows concrete clients, the simulation and every other room."""

import argparse
import gc
import os
import sys
from collections.abc import Callable

from fleetui.cli.operate_arguments import PLAN_TOPOLOGY
from fleetui.wiring.session import Session, demo_session, open_session

READER_LEFT = 141
"""128 + SIGPIPE: what a shell shows for a program that wrote into a pipe which nobody reads any more."""


def run(arguments: argparse.Namespace) -> int:
    """Runs the command that the line names; the console without one. Known errors become one line, status 2."""
    asks_nobody = arguments.command == PLAN_TOPOLOGY
    if arguments.command == "demo" or (arguments.demo and not asks_nobody):
        from fleetui.wiring.demo import simulated_fleet

        with simulated_fleet(seed=arguments.seed, speed=arguments.speed) as directory:
            session = demo_session(arguments, directory)
            if arguments.command not in (None, "demo"):
                return _guarded(session, arguments)
            from fleetui.wiring.colleague import colleague

            with colleague(directory):
                return _guarded(session, arguments)
    try:
        session = open_session(arguments)
    except OSError as error:
        return _complain(error, arguments.command)
    return _guarded(session, arguments)


def _guarded(session: Session, arguments: argparse.Namespace) -> int:
    try:
        status = _dispatch(session, arguments)
        sys.stdout.flush()  # here, where a reader that has left is no news
        return status
    except BrokenPipeError:
        _forget_output()
        return READER_LEFT
    except _known_errors() as error:
        return _complain(error, arguments.command)


def _forget_output() -> None:
    """Whoever read our output has left (``| head -1``); the interpreter would complain on its own last flush."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())


def _dispatch(session: Session, arguments: argparse.Namespace) -> int:
    if arguments.command in (None, "demo"):
        from fleetui.wiring.screen import open_console

        return open_console(session, arguments.open)
    from fleetui.cli.encoding import speak_plainly

    if arguments.command != "get" or arguments.watch:  # the rest is one answer, and then the end
        gc.enable()
    speak_plainly(sys.stdout)
    return handler(arguments.command)(session, arguments)


def handler(command: str) -> Callable[[Session, argparse.Namespace], int]:
    """What runs a command of the command line, but the console. A list imports nothing of the others."""
    if command == "get":
        from fleetui.wiring.listing import get

        return get
    if command == "check":
        from fleetui.wiring.check import check

        return check
    if command == "incident":
        from fleetui.wiring.incident import incident

        return incident
    if command == PLAN_TOPOLOGY:
        from fleetui.wiring.topology import plan_topology

        return plan_topology
    if command == "chart":
        from fleetui.wiring.chart_command import chart

        return chart
    from fleetui.wiring import commands

    found: Callable[[Session, argparse.Namespace], int] = getattr(commands, command.replace("-", "_"))
    return found


def _complain(error: BaseException, command: str | None) -> int:
    from fleetui.model.fault import ClusterError
    from fleetui.model.text import clean_block

    words = f"{error}; {error.fault.remedy}" if isinstance(error, ClusterError) else str(error)
    if isinstance(error, OSError) and error.filename is not None:
        words = f"{error.filename}: {error.strerror}"  # not "[Errno 2] ..."
    if command == "check":
        from fleetui.wiring.check import say_unknown

        return say_unknown(words)
    print(f"fleetui: {clean_block(words)}", file=sys.stderr)  # it may quote a file's name or a cluster's
    return 2


def _known_errors() -> tuple[type[Exception], ...]:
    """Those whose text is for people. Python asks for them only when something was raised."""
    from fleetui.cli.chart import ChartError
    from fleetui.cli.operate import NoOperationError
    from fleetui.cli.select import SelectionError
    from fleetui.cli.targets import TargetError
    from fleetui.clients.config_file import ConfigError
    from fleetui.clients.racks_file import RacksError
    from fleetui.clients.requirements_file import RequirementsError
    from fleetui.control.audit import TamperedError
    from fleetui.control.desk import DeskError
    from fleetui.control.process import LockHeldError
    from fleetui.model.fault import ClusterError
    from fleetui.model.incident.incident import IncidentError
    from fleetui.model.topology.arrangement import TooHardError
    from fleetui.ports.store import StoreError
    from fleetui.wiring.clusters import NoContextError
    from fleetui.wiring.screen import NoViewError
    from fleetui.wiring.topology import NoRequirementsError

    said_wrong = (
        ChartError,
        TargetError,
        SelectionError,
        NoContextError,
        NoOperationError,
        ConfigError,
        NoViewError,
        IncidentError,
        RacksError,
        NoRequirementsError,
        RequirementsError,
        TooHardError,
    )
    refused = (ClusterError, StoreError, DeskError, LockHeldError, TamperedError)
    return (OSError, *said_wrong, *refused)
