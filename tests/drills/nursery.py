"""Where the drills' controllers are born: a process that has imported all they need, and forks.

Each is a process of its own, with its own arguments, environment, output and signals, to be killed as any other. It
only lacks the second in which Python reads the client libraries, which a kill drill would pay three times.
"""

import atexit
import functools
import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from fleetui.control.registry import load_registry

NEEDED = ("fleetui.clients.kube.target", "tests.drills.controller_entry")
"""Imported before the first birth; the first is otherwise imported when a cluster is connected."""


class Birth(msgspec.Struct, frozen=True, tag=True):
    arguments: tuple[str, ...]
    """Of ``tests.drills.controller_entry``."""
    log: str
    """File of both outputs."""
    env: dict[str, str]


class Question(msgspec.Struct, frozen=True, tag=True):
    pid: int


class Answer(msgspec.Struct, frozen=True):
    pid: int
    status: int | None = None
    """As of ``Popen.returncode``: None while it lives."""


class Controller:
    """As a ``subprocess.Popen``, of what these tests use."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery, self.pid = nursery, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask(Question(self.pid)).status
        return self.returncode

    def wait(self, timeout: float = float("inf")) -> int:
        """Raises TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(f"controller {self.pid}", timeout)
            time.sleep(0.01)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:  # the nursery keeps an ended one's id until it has told us
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Nursery:
    """One for each process of tests; ends with it, and its children with it."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.drills.nursery"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def start(self, arguments: Sequence[str], *, log: Path, env: Mapping[str, str]) -> Controller:
        return Controller(self, self.ask(Birth(tuple(arguments), str(log), dict(env))).pid)

    def ask(self, request: Birth | Question) -> Answer:
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        asked.write(msgspec.json.encode(request) + b"\n")
        asked.flush()
        return msgspec.json.decode(told.readline(), type=Answer)

    def close(self) -> None:
        self._process.communicate(timeout=30)


@functools.cache
def nursery() -> Nursery:
    """The one of this process."""
    made = Nursery()
    atexit.register(made.close)
    return made


# -- the nursery's side ------------------------------------------------------------------------------------------------


def main() -> None:
    *_, entry = [importlib.import_module(name) for name in NEEDED]
    load_registry()
    children: dict[int, int | None] = {}
    for line in sys.stdin.buffer:
        request = msgspec.json.decode(line, type=Birth | Question)
        pid = request.pid if isinstance(request, Question) else os.fork()
        if pid == 0:
            assert isinstance(request, Birth)
            _become(request)
            return entry.main()
        children[pid] = None if isinstance(request, Birth) else _status(pid, children[pid])
        sys.stdout.buffer.write(msgspec.json.encode(Answer(pid, children[pid])) + b"\n")
        sys.stdout.buffer.flush()
    for pid, status in children.items():
        if _status(pid, status) is None:
            os.kill(pid, signal.SIGKILL)
    return None


def _become(birth: Birth) -> None:
    """What a shell does between fork and exec."""
    log = os.open(birth.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    os.environ.clear()
    os.environ.update(birth.env)
    sys.argv[1:] = birth.arguments


def _status(pid: int, known: int | None) -> int | None:
    if known is not None:
        return known
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


if __name__ == "__main__":
    main()
