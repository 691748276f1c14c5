"""``fleetui plan topology``: reads the requirements, plans, and prints the plan or writes its files."""

import argparse
import sys
from pathlib import Path

from fleetui.cli.output import terminal_width
from fleetui.cli.topology_text import conflict_lines, topology_json, topology_lines
from fleetui.clients.paths import data_file
from fleetui.clients.requirements_file import read_requirements
from fleetui.model.text import clean_block
from fleetui.model.topology.needs import Needs
from fleetui.model.topology.plan import Impossible, Plan
from fleetui.model.topology.planner import plan
from fleetui.wiring.listing import FAILED
from fleetui.wiring.session import Session
from fleetui.wiring.topology_files import plan_files

EXAMPLE = "examples/requirements.yaml"
"""What is planned with ``--demo`` and without a file: it ships."""


class NoRequirementsError(ValueError):
    """The message is for the operator."""


def plan_topology(_: Session, arguments: argparse.Namespace) -> int:
    """0 when there is a plan, 1 when there is none. Raises OSError, RequirementsError and TooHardError."""
    needs = read_requirements(_file(arguments))
    found = plan(needs)
    if arguments.output == "json":
        sys.stdout.write(topology_json(found))
    elif isinstance(found, Impossible):
        _say("\n".join(conflict_lines(found, width=terminal_width(sys.stdout))))
    elif arguments.output == "text":
        _say("\n".join(topology_lines(found, width=terminal_width(sys.stdout))))
    else:
        _write(Path(arguments.output), needs, found)
    return FAILED if isinstance(found, Impossible) else 0


def _file(arguments: argparse.Namespace) -> Path:
    if arguments.file is not None:
        return Path(arguments.file)
    if arguments.demo:
        return data_file(EXAMPLE)
    raise NoRequirementsError(
        f"plan topology: which file? The example: fleetui --demo plan topology, {data_file(EXAMPLE)}"
    )


def _write(directory: Path, needs: Needs, found: Plan) -> None:
    """Into a directory of its own: never over files that are there."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise FileExistsError(17, "is there already; name a new or empty directory", str(directory))
    for name, text in plan_files(needs, found).items():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        _say(str(file))


def _say(text: str) -> None:
    sys.stdout.write(f"{clean_block(text)}\n")
