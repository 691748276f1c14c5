"""A server process that cannot outlive the tests, and what can be done to it."""

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# The kernel's parent-death signal fires when the *thread* that forked ends. One thread that lives as long as the
# interpreter starts every server, so that none dies with the short-lived thread of a test.
_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="bed-spawner")


class Process:
    """One child in its own process group, its output in a file; killed with this interpreter, however that ends."""

    def __init__(self, argv: list[str], log: Path, env: dict[str, str] | None = None) -> None:
        self.argv, self.log, self._env = argv, log, env
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Process id; raises where it was never started."""
        if self._popen is None:
            raise RuntimeError(f"not started: {self.argv[0]}")
        return self._popen.pid

    @property
    def alive(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        if self.alive:
            raise RuntimeError(f"runs already: {self.argv[0]}")
        self._popen = _SPAWNER.submit(self._spawn).result()

    def kill(self) -> None:
        """SIGKILL to the group, and wait; nothing happens when it is gone already."""
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM and wait for a clean end (10 s, then SIGKILL)."""
        try:
            self._end(signal.SIGTERM, timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()

    def freeze(self) -> None:
        """SIGSTOP: its sockets stay open and nobody answers, as with a hung host. Returns when all threads stand."""
        os.killpg(self.pid, signal.SIGSTOP)
        while self.alive and not all(_stopped(task) for task in Path(f"/proc/{self.pid}/task").iterdir()):
            time.sleep(0.001)

    def thaw(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def tail(self, size: int = 3000) -> str:
        """The end of its output, for error messages."""
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *self.argv],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._env,
                start_new_session=True,
            )

    def _end(self, number: signal.Signals, timeout: float | None = None) -> None:
        if self._popen is None or self._popen.poll() is not None:
            return
        os.killpg(self._popen.pid, signal.SIGCONT)
        os.killpg(self._popen.pid, number)
        self._popen.wait(timeout)


def _stopped(task: Path) -> bool:
    """Does the thread stand? One that has ended runs no more either."""
    try:
        state = (task / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "TtZX"
