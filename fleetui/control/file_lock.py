"""An flock that is waited for, not for ever: a stopped process keeps what it holds, and somebody must be told which."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LOOK_AGAIN_S = 0.02


class FileLockedError(Exception):
    """Its text names who holds the lock; ``remedy`` what to do about it."""

    def __init__(self, path: Path, holder: int | None) -> None:
        if holder is None:
            super().__init__(f"another process keeps {path} locked")
            self.remedy = f"find it with: fuser {path}; end it if it hangs"
            return
        name, stopped = _look_at(holder)
        super().__init__(f"{path} is kept locked by pid {holder} ({name}{', which is stopped' if stopped else ''})")
        go_on = f"let it go on: kill -CONT {holder}" if stopped else "wait for it"
        self.remedy = f"{go_on}; or end it: kill -KILL {holder} (nothing that was written is lost)"


def lock_exclusively(
    descriptor: int,
    path: Path,
    *,
    patience_s: float,
    monotonic: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Held until the descriptor is closed. Raises FileLockedError after ``patience_s``, OSError."""
    deadline = monotonic() + patience_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if monotonic() >= deadline:
                raise FileLockedError(path, next(_holders(descriptor), None)) from None
        sleep(LOOK_AGAIN_S)


def _holders(descriptor: int) -> Iterator[int]:
    """The pids that hold an flock on this very file, by proc_locks(5); none where there is no such list.

    A file system may show another device there than to its users, so that who is listed is looked at once more.
    """
    wanted = os.fstat(descriptor)
    try:
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return
    for fields in (line.split() for line in lines):
        if fields[1] == "FLOCK" and fields[5].rpartition(":")[2] == str(wanted.st_ino):
            pid = int(fields[4])
            if pid != os.getpid() and _has_open(pid, wanted):
                yield pid


def _has_open(pid: int, wanted: os.stat_result) -> bool:
    try:
        return any(os.path.samestat(file.stat(), wanted) for file in Path(f"/proc/{pid}/fd").iterdir() if file.exists())
    except OSError:  # it ended, or is somebody else's
        return False


def _look_at(pid: int) -> tuple[str, bool]:
    """Its name, and whether it is stopped (proc_pid_stat(5): T, t)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return "?", False
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return name, rest.split()[0] in "Tt"
