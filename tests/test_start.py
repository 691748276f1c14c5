"""What is imported when: a heavy library before the first frame is seconds on a slow disk and a slow line."""

import subprocess
import sys

import pytest

HEAVY = ("kubernetes", "aiohttp", "asyncssh", "prometheus_api_client", "keyring", "requests", "multidict", "yarl")


def imported_by(statement: str) -> set[str]:
    """Top-level modules that a fresh interpreter holds after ``statement``."""
    script = f"{statement}\nimport sys; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_help_and_version_import_nothing_but_the_command_line() -> None:
    modules = imported_by("from fleetui.cli.arguments import parse; parse([])")
    assert modules.isdisjoint({*HEAVY, "textual", "rich", "yaml", "msgspec", "asyncio"})


def test_before_the_first_frame_there_is_textual_and_nothing_heavy() -> None:
    modules = imported_by("import fleetui.wiring.screen, fleetui.console.app, fleetui.console.screens.fleet")
    assert "textual" in modules
    assert modules.isdisjoint(HEAVY)


def test_the_command_line_runs_without_textual() -> None:
    modules = imported_by("import fleetui.wiring.commands, fleetui.cli.operate, fleetui.cli.collect")
    assert modules.isdisjoint({*HEAVY, "textual", "rich"})


@pytest.mark.parametrize("module", ["fleetui.clients.kube.connect"])
def test_reading_a_cluster_does_not_import_the_controllers_library(module: str) -> None:
    modules = imported_by(f"import {module}")
    assert "aiohttp" in modules
    assert "kubernetes" not in modules
