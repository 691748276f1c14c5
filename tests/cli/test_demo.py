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

from bench.pty_probe import TRUECOLOR, Probe
from bench.subjects import environment
from fleetui.wiring.colleague import machine_of

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


def line_of(pid: int) -> str:
    try:
        return (Path("/proc") / str(pid) / "cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return ""


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
    words = (
        "run",
        "drain",
        "--cluster",
        "nonprod-west-1",
        "--reason",
        "test",
        "--yes",
        "--confirm",
        "nonprod-west-1",
        "-o",
        "wide",
    )
    for _ in range(4):  # pods of the simulation move: one that comes between plan and approval ends it, rightly
        with started(tmp_path, "--speed", "20", *words, "np1-wk-d-05") as process:
            out, err = process.communicate(timeout=110)
        if "the cluster has moved since the plan was made" not in out:
            break
    assert process.returncode == 0, out + err
    assert "evict/np1-wk-d-05: done" in out
    assert "the controller outlives this login" in out, "the plan says what ends with the login"
    assert "done: drain of 1 done" in out
    until(lambda: not processes_of(tmp_path), "simulation and controller end")


def test_in_the_console_a_colleague_s_drain_hangs_on_a_budget_and_ends_with_it(tmp_path: Path) -> None:
    env = environment(tmp_path, TRUECOLOR) | {"TMPDIR": str(tmp_path)}
    with Probe([sys.executable, "-m", "fleetui", "demo", "-c", "operations"], env=env) as probe:
        probe.wait_for(lambda screen: "blocked" in screen.text and "payments/api" in screen.text, within=60)
        os.kill(probe.pid, signal.SIGKILL)
        until(lambda: not processes_of(tmp_path), "simulation, colleague and controller end")
    until(lambda: not list(tmp_path.glob("fleetui-demo-*")), "its directory goes")


def test_a_console_that_a_wrapper_started_ends_with_its_terminal(tmp_path: Path) -> None:
    """``make demo`` over a connection that breaks: the leader of the session tells nobody, and waits."""
    env = environment(tmp_path, TRUECOLOR) | {"TMPDIR": str(tmp_path)}
    wrapper = ["sh", "-c", 'trap : HUP; "$@"; while :; do wait; sleep 1; done', "sh"]
    with Probe([*wrapper, sys.executable, "-m", "fleetui", "demo"], env=env) as probe:
        probe.wait_for("prod-east-1", within=60)
        probe.hang_up()
        until(lambda: not processes_of(tmp_path), "console and simulation end")
        assert probe.alive, "the wrapper has outlived it"


def test_a_colleague_killed_at_its_start_with_the_console_leaves_nothing(tmp_path: Path) -> None:
    env = environment(tmp_path, TRUECOLOR) | {"TMPDIR": str(tmp_path)}
    with Probe([sys.executable, "-m", "fleetui", "demo"], env=env) as probe:
        until(lambda: any("fleetui.wiring.colleague" in line_of(pid) for pid in processes_of(tmp_path)), "it starts")
        os.kill(probe.pid, signal.SIGKILL)
        until(lambda: not processes_of(tmp_path), "all processes end")
    until(lambda: not list(tmp_path.glob("fleetui-demo-*")), "its directory goes")


@pytest.mark.parametrize(
    ("pods", "machine"),
    [
        ([], ""),
        ([("wk-1", 2, 2), ("wk-2", 2, 2)], ""),
        ([("wk-1", 0, 2), ("wk-2", 2, 2)], "wk-2"),
        ([("wk-1", 0, 2)], ""),
    ],
)
def test_the_colleague_takes_a_machine_whose_pod_may_not_go(pods: list[tuple[str, int, int]], machine: str) -> None:
    listed = [{"node": node, "containersReady": ready, "containersTotal": total} for node, ready, total in pods]
    assert machine_of(json.dumps(listed)) == machine
