"""The demo's process: one ready line, files that work, and nothing left when it ends, however its parent ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

WITHIN_S = 30.0
PARENT = """
import os, subprocess, sys, time
command = [sys.executable, "-m", "fleetui.simulate", "--dir", sys.argv[1], "--parent-pid", str(os.getpid())]
child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
print(child.pid, child.stdout.readline(), end="", flush=True)
time.sleep(600)
"""


def _until(wanted: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not wanted():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    path = tmp_path / "fleet"
    path.mkdir()
    return path


@contextmanager
def _simulation(directory: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "fleetui.simulate", "--dir", str(directory), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _ready_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_it_says_when_it_is_ready_and_takes_its_files_along(directory: Path) -> None:
    with _simulation(directory) as process:
        assert _ready_line(process).startswith("ready: 20 clusters on https://127.0.0.1:")
        kubeconfig = yaml.safe_load((directory / "kubeconfig").read_text())
        config = yaml.safe_load((directory / "config.yaml").read_text())
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=WITHIN_S)

    names = [context["name"] for context in kubeconfig["contexts"]]
    assert names == list(config["clusters"])
    assert (process.returncode, errors) == (0, "")
    assert list(directory.iterdir()) == []


def test_a_scratch_directory_goes_whole(directory: Path) -> None:
    scratch = directory / "scratch"
    (scratch / "state").mkdir(parents=True)
    with _simulation(scratch, "--scratch") as process:
        _ready_line(process)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=WITHIN_S)
    assert not scratch.exists()


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent(directory: Path, end: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(directory)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline().split()[0])
    assert _runs(child)

    parent.send_signal(end)
    parent.communicate()

    _until(lambda: not _runs(child), "the simulation outlived its parent")
    assert list(directory.iterdir()) == []


def test_a_speed_of_nothing_is_refused(directory: Path) -> None:
    with _simulation(directory, "--speed", "0") as process:
        _, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 2
    assert "--speed" in errors
