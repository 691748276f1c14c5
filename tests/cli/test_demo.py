"""``--demo``: the whole program against the simulated fleet, and nothing left behind however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

WITHIN_S = 30.0


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "fleetui", "--demo", *arguments]


@contextmanager
def started(tmp: Path, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The program with its temporary files under ``tmp``, killed at the end if it still runs."""
    env = {**os.environ, "TMPDIR": str(tmp)}
    with subprocess.Popen(
        command(*arguments),
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {WITHIN_S:.0f} s: {what}"
        time.sleep(0.05)


def processes_of(tmp: Path) -> list[int]:
    """Every process that names the directory on its command line, the test's own aside."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if str(tmp).encode() in words:
                found.append(int(entry.name))
    return found


def test_an_answer_leaves_nothing_behind(tmp_path: Path) -> None:
    with started(tmp_path, "get", "machines", "@prod-east-1", "-o", "json") as process:
        out, err = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0, err
    assert {row["cluster"] for row in json.loads(out)} == {"prod-east-1"}
    until(lambda: not processes_of(tmp_path), "the simulation ends")
    assert not list(tmp_path.glob("fleetui-demo-*"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_killed_it_leaves_nothing_behind(tmp_path: Path, number: signal.Signals) -> None:
    with started(tmp_path, "get", "machines", "--watch", "-o", "name") as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        assert processes_of(tmp_path), "the simulation runs"
        process.send_signal(number)
    until(lambda: not processes_of(tmp_path), "the simulation ends")
    until(lambda: not list(tmp_path.glob("fleetui-demo-*")), "its directory goes")


def test_a_drain_is_planned_run_and_told(tmp_path: Path) -> None:
    words = ("run", "drain", "--cluster", "nonprod-west-1", "--reason", "test", "--yes", "--confirm", "nonprod-west-1")
    with started(tmp_path, "--speed", "20", *words, "np1-wk-d-05") as process:
        out, err = process.communicate(timeout=110)
    assert process.returncode == 0, out + err
    assert "evict/np1-wk-d-05: done" in out
    assert "the controller outlives this login" in out, "the plan says what ends with the login"
    assert "done: drain of 1 done" in out
    until(lambda: not processes_of(tmp_path), "simulation and controller end")
