"""A disk that is slow to sync, for one process: strace holds back its fdatasync calls.

Chosen over a device-mapper delay: that needs root, a loop device and a kernel with dm-delay; this needs ptrace alone,
is attached to a running server and taken off again. The server pays for the tracing too: each system call stops it.
"""

import errno
import os
import time
from pathlib import Path

from tests.bed import packages
from tests.bed.process import Process
from tests.bed.service import ServiceError

_REFUSED = os.strerror(errno.EPERM)


class SlowDisk:
    """From the constructor's return until `close`, every fdatasync of process `pid` starts `delay` seconds late; with
    `only`, every one of that file."""

    def __init__(self, pid: int, delay: float, log: Path, *, only: Path | None = None) -> None:
        microseconds = round(delay * 1e6)
        self.process = Process(
            [
                str(packages.program("strace")),
                "--follow-forks",
                f"--attach={pid}",
                "--trace=fdatasync",
                f"--inject=fdatasync:delay_enter={microseconds}",
                "--output=/dev/null",
                *([f"--trace-path={only}"] if only is not None else []),
            ],
            log,
            {"LD_LIBRARY_PATH": packages.libraries()},
        )
        self.process.start()
        self._wait_attached(pid)

    def close(self) -> None:
        """The disk is as quick as before: strace lets go and the server runs on."""
        self.process.terminate()

    def _wait_attached(self, pid: int, within: float = 30) -> None:
        deadline = time.monotonic() + within
        while any(_tracer_of(task) != self.process.pid for task in Path(f"/proc/{pid}/task").iterdir()):
            if not self.process.alive or time.monotonic() > deadline:
                self.process.kill()
                raise ServiceError(f"strace does not trace {pid}: {self.process.tail()}{_remedy(self.process.tail())}")
            time.sleep(0.005)


def _tracer_of(task: Path) -> int:
    """Process id of the task's tracer, or 0."""
    try:
        status = (task / "status").read_text()
    except FileNotFoundError:  # a thread that ended meanwhile
        return 0
    return int(status.partition("TracerPid:")[2].split()[0])


def _remedy(said: str) -> str:
    if _REFUSED not in said:
        return ""
    return "\nAllow it with `sysctl kernel.yama.ptrace_scope=0`, or run the tests as root or with CAP_SYS_PTRACE."
