"""The demo's colleague, a process of its own: somebody else drains a machine, and a budget stands in the way.

Through the command line, as a colleague would: what the console shows is a true operation of the demo's controller.
"""

import ctypes
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

from fleetui.cli.arguments import parse
from fleetui.wiring import run

CLUSTER, NAMESPACE = "dr-west-1", "payments"
BEGINS_AFTER_S = 2.0
"""After the first frames: on two cores a colleague's start would be seen in ours."""
NAME = "ben"


@contextmanager
def colleague(directory: Path) -> Iterator[None]:
    """Works beside the block, which neither waits for it nor hears of its failure: without it the demo is calmer."""
    process = subprocess.Popen(
        [sys.executable, "-m", "fleetui.wiring.colleague", str(directory)],
        env={**os.environ, "SUDO_USER": NAME},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # a Ctrl-C in the console is the console's
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def machine_of(pods: str) -> str:
    """The machine of a pod that may not go, from ``get pods -o json``; empty when there is none. While one of the
    namespace's pods is not ready the budget lets no other one go."""
    listed: Sequence[dict[str, object]] = json.loads(pods or "[]")
    ready = [pod for pod in listed if pod["containersReady"] == pod["containersTotal"]]
    return str(ready[0]["node"]) if ready and len(ready) < len(listed) else ""


def _main(directory: Path) -> None:
    _end_with_parent()
    time.sleep(BEGINS_AFTER_S)
    session = ["--kubeconfig", str(directory / "kubeconfig"), "--config", str(directory / "config.yaml")]
    session += ["--state-dir", str(directory / "state")]
    machine = machine_of(_fleetui("get", "pods", "-n", NAMESPACE, f"@{CLUSTER}", "-o", "json", *session))
    if machine:
        why = ["--reason", "swap a noisy fan, CHG-1204", "--confirm", CLUSTER]
        _fleetui("run", "drain", machine, "--cluster", CLUSTER, *why, "--no-follow", *session)


def _fleetui(*words: str) -> str:
    """What it prints."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(io.StringIO()):
        run(parse(words))
    return said.getvalue()


def _end_with_parent() -> None:
    """A console that is killed cannot say goodbye, and its directory is removed (Linux: prctl(2), PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
