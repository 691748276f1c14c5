"""Starting the controller so that nothing that happens to the console happens to it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fleetui.control.controller_lock import read_status, running_status
from fleetui.control.controller_log import bound_log, open_log
from fleetui.control.holder import start_of
from fleetui.control.state_dir import prepare_state_dir

_SECOND_FORK = """
import os, sys
child = os.fork()
if child:
    os.write(1, b"%d" % child)
    os._exit(0)
log = int(sys.argv[1])
os.dup2(log, 1)
os.dup2(log, 2)
os.close(log)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Runs in the new session's leader, which ends at once: the controller is no leader, so it never gets a terminal, and
its parent is init, so nobody's console keeps its zombie."""

START_TIMEOUT_S = 10.0


def start_detached(argv: Sequence[str], state_dir: Path) -> int:
    """Starts a program (absolute path first) in a session of its own, and returns its pid.

    Its directory is ``/``, its input empty, its output the bounded log in the state directory, its environment ours.
    To start two at once is harmless: the lock lets one through, the other one says so and ends. Raises OSError and
    StoreUnusableError.
    """
    directory = prepare_state_dir(state_dir)
    bound_log(directory)
    log = open_log(directory)
    try:
        leader = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _SECOND_FORK, str(log), *argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd="/",
            start_new_session=True,
            pass_fds=(log,),
            check=True,
            timeout=START_TIMEOUT_S,
        )
    except subprocess.SubprocessError as error:
        raise OSError(f"the controller could not be started: {error}") from error
    finally:
        os.close(log)
    return int(leader.stdout)


class Waker:
    """A console's ``wake`` and ``revive``: sees to it that a controller runs. Never raises: ``trouble`` says what is
    wrong, for the line where the console tells about the controller."""

    def __init__(
        self,
        state_dir: Path,
        start: Callable[[], int],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        first_s: float = 5.0,
        longest_s: float = 300.0,
    ) -> None:
        """``start`` is ``start_detached`` with everything but patience; ``first_s`` is how long a revival waits for the
        one before, doubled after each up to ``longest_s``: what dies at once is not started four times a second."""
        self.trouble = ""
        self._state_dir = state_dir
        self._start = start
        self._monotonic = monotonic
        self._first_s = self._wait_s = first_s
        self._longest_s = longest_s
        self._revived = float("-inf")
        self._child: tuple[int, str] | None = None

    def wake(self) -> None:
        """A person has asked for something: start a controller unless one runs. One that is only on its way does not
        count: it may be about to find another in office, which may be about to end. The lock sorts them out."""
        self._wait_s = self._first_s
        if running_status(self._state_dir) is None:
            self._start_one()

    def revive(self) -> None:
        """Work waits: start a controller if the last one was killed or crashed. One that a person stopped stays down
        until a person asks for something."""
        now = self._monotonic()
        if now - self._revived < self._wait_s or self._is_served():
            return
        status = read_status(self._state_dir)
        if status is None or status.ending != "stopped":
            self._revived, self._wait_s = now, min(2 * self._wait_s, self._longest_s)
            self._start_one()

    def _is_served(self) -> bool:
        if running_status(self._state_dir) is not None:
            return True
        return self._child is not None and start_of(self._child[0]) == self._child[1] != ""

    def _start_one(self) -> None:
        try:
            pid = self._start()
            self._child, self.trouble = (pid, start_of(pid)), ""
        except Exception as error:
            self.trouble = str(error)
