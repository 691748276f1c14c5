"""One controller per store: an exclusive flock in the state directory, and the status file that says who holds it.

The lock is the truth and ends with its process, however that ends. The status file is how others look without touching
the lock: a look that took it, for a blink, could turn away a controller that is just starting.
"""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import msgspec

from fleetui import __version__
from fleetui.control.holder import Holder, is_alive

LOCK_FILE = "controller.lock"
STATUS_FILE = "controller.json"
HEARTBEAT_S = 5.0
"""How often a controller says that it still goes round."""
SILENT_AFTER_S = 20.0
"""A living process that missed this many seconds of heartbeats is stopped or stuck, and the console says so."""
_LOOK_AGAIN_S = 0.02


class Status(msgspec.Struct, frozen=True):
    """What a controller last wrote about itself."""

    holder: Holder
    version: str
    started: float
    seen: float
    """Its last heartbeat."""
    running: bool
    """False once it has decided to end: it will take no new work."""
    ending: str = ""
    """Why it ends: ``idle`` (nothing to do), ``stopped`` (a signal), ``crashed``; empty while it runs."""


class LockHeldError(Exception):
    """Another process holds the lock. ``status`` is what it says of itself, None when it is no controller."""

    def __init__(self, status: Status | None) -> None:
        who = "another process"
        if status is not None:
            who = f"the controller with pid {status.holder.pid} on {status.holder.host} (fleetui {status.version})"
        super().__init__(f"{who} holds the lock of this state directory")
        self.status = status


def read_status(state_dir: Path) -> Status | None:
    """The last status written, by whoever; None when there is none."""
    try:
        return msgspec.json.decode((state_dir / STATUS_FILE).read_bytes(), type=Status)
    except (OSError, msgspec.MsgspecError):
        return None


def running_status(state_dir: Path) -> Status | None:
    """The status of the controller that lives and takes work; None when there is no such controller."""
    status = read_status(state_dir)
    return status if status is not None and status.running and is_alive(status.holder) else None


class ControllerLock:
    """Held from ``acquire`` to the end of the ``with`` block, or of the process."""

    def __init__(self, state_dir: Path, descriptor: int) -> None:
        self._state_dir = state_dir
        self._descriptor = descriptor

    @classmethod
    def acquire(
        cls,
        state_dir: Path,
        *,
        patience_s: float = 0.0,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> "ControllerLock":
        """Waits for one that is ending, at most ``patience_s``; never for one that runs. Raises LockHeldError."""
        descriptor = os.open(state_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = monotonic() + patience_s
        try:
            while not _try_lock(descriptor):
                status = running_status(state_dir)
                if status is not None or monotonic() >= deadline:
                    raise LockHeldError(status)
                sleep(_LOOK_AGAIN_S)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(state_dir, descriptor)

    def write_status(self, holder: Holder, *, started: float, now: float, ending: str = "") -> None:
        """Replaces the status file as a whole: a reader sees the old one or the new one. Raises OSError."""
        status = Status(holder, __version__, started=started, seen=now, running=not ending, ending=ending)
        draft = self._state_dir / f"{STATUS_FILE}.new"
        draft.touch(mode=0o600)
        draft.write_bytes(msgspec.json.encode(status))
        draft.replace(self._state_dir / STATUS_FILE)

    def release(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> "ControllerLock":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
