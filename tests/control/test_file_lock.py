"""Opening the store beside a process that does not let go of it: an end to the wait, and who it is."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from fleetui.control import sqlite_file
from fleetui.control.file_lock import LOOK_AGAIN_S, FileLockedError, lock_exclusively
from fleetui.control.sqlite_store import SqliteStore
from fleetui.ports.store import StoreUnusableError
from tests.control.samples import StillClock

HOLD = """
import fcntl, os, sys
fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX)
print(flush=True)
input()
"""


@contextmanager
def holding(directory: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock, as one does that makes the store at this moment."""
    command = [sys.executable, "-c", HOLD, str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        try:
            yield child
        finally:
            child.kill()


def test_a_stopped_process_does_not_hang_whoever_opens_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "BUSY_TIMEOUT_S", 0.1)
    state = tmp_path / "state"
    SqliteStore(state / "operations.db", StillClock()).close()
    with holding(state) as other:
        os.kill(other.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, other.pid, os.WSTOPPED)
        with pytest.raises(StoreUnusableError) as refused:
            SqliteStore(state / "operations.db", StillClock())
        assert f"{state} is kept locked by pid {other.pid} (python" in str(refused.value)
        assert "which is stopped" in str(refused.value)
        assert f"kill -CONT {other.pid}" in refused.value.remedy
    SqliteStore(state / "operations.db", StillClock()).close()  # the lock went with its process


def test_one_that_lets_go_in_time_is_waited_for(tmp_path: Path) -> None:
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 3:
            other.kill()
            other.wait()

    with holding(tmp_path) as other:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        lock_exclusively(descriptor, tmp_path, patience_s=5.0, monotonic=lambda: sum(naps), sleep=sleep)
        os.close(descriptor)
    assert naps == [LOOK_AGAIN_S] * 3


def test_patience_has_an_end_and_a_running_holder_is_waited_for_or_ended(tmp_path: Path) -> None:
    naps: list[float] = []
    descriptor = os.open(tmp_path, os.O_RDONLY)
    with holding(tmp_path) as other, pytest.raises(FileLockedError, match=rf"pid {other.pid} \(python[^,]*\)$") as held:
        lock_exclusively(descriptor, tmp_path, patience_s=0.1, monotonic=lambda: sum(naps), sleep=naps.append)
    os.close(descriptor)
    assert 0.1 <= sum(naps) < 0.15
    assert held.value.remedy.startswith("wait for it; or end it")


def test_a_holder_that_cannot_be_seen_is_looked_for_by_hand(tmp_path: Path) -> None:
    error = FileLockedError(tmp_path, None)
    assert "another process" in str(error)
    assert f"fuser {tmp_path}" in error.remedy
