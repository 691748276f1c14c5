"""The simulated fleet as a process of its own, spoken to like any other: real clients, controller and console."""

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 5.0


class DemoError(OSError):
    """The simulated fleet did not start; the message holds its last words."""


@contextmanager
def simulated_fleet(*, seed: int, speed: float) -> Iterator[Path]:
    """A directory with the fleet's kubeconfig and configuration; the processes and the directory end with the block.

    The simulation ends by itself when this process dies, however it dies. Raises DemoError.
    """
    with tempfile.TemporaryDirectory(prefix="fleetui-demo-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        process = _start(directory, seed=seed, speed=speed)
        try:
            _wait_until_ready(process)
            yield directory
        finally:
            _stop_controller(directory)
            _stop(process)


def _start(directory: Path, *, seed: int, speed: float) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "fleetui.simulate", "--seed", str(seed), "--speed", str(speed)]
    command += ["--dir", str(directory), "--parent-pid", str(os.getpid()), "--scratch"]
    with (directory / "simulate.log").open("w") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,  # a Ctrl-C in the console is the console's
        )


def _wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        readable, _, _ = select.select([process.stdout], [], [], 0.5)
        if readable and process.stdout.readline():
            return
        if process.poll() is not None:
            break
    process.kill()
    raise DemoError("the simulated fleet did not start")


def _stop_controller(directory: Path) -> None:
    """The demo's controller works only for the demo."""
    from fleetui.control.process import controller_status

    status = controller_status(directory / "state")
    if status.pid is None:
        return
    try:
        os.kill(status.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while time.monotonic() < deadline and controller_status(directory / "state").pid is not None:
        time.sleep(0.05)


def _stop(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
