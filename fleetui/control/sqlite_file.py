"""Opening the embedded store's file: private, with a write-ahead log, and a schema that no live controller misses."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from fleetui.control.controller_lock import ControllerLock, LockHeldError
from fleetui.control.file_lock import FileLockedError, lock_exclusively
from fleetui.control.migrations import Migration, is_foreign, migrate, version_of
from fleetui.control.state_dir import LOCAL_DISK_REMEDY
from fleetui.ports.store import StoreUnusableError

BUSY_TIMEOUT_S = 5.0
"""How long a write waits for another process's write, which takes fractions of a millisecond."""


def open_database(path: Path, *, migrations: Sequence[Migration], lock: ControllerLock | None) -> sqlite3.Connection:
    """A connection in autocommit mode to a file whose schema is ``migrations``; made when it is not there.

    A newer program never migrates a journal under a live older controller: it needs the controller's lock, its own or
    one that is free. Raises StoreUnusableError, sqlite3.Error, OSError.
    """
    with _one_at_a_time(path.parent):
        connection = _connect(path)
        try:
            _bring_up_to_date(connection, path, migrations, lock)
        except BaseException:
            connection.close()
            raise
    return connection


def identity_of(path: Path) -> tuple[int, int] | None:
    """(device, inode); None when there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _bring_up_to_date(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration], lock: ControllerLock | None
) -> None:
    if is_foreign(connection):
        raise StoreUnusableError(f"{path} is another program's database", LOCAL_DISK_REMEDY)
    present, wanted = version_of(connection), len(migrations)
    if present > wanted:
        raise StoreUnusableError(
            f"a newer fleetui wrote {path} (schema {present}, this one knows {wanted})",
            "use that newer fleetui, or another --state-dir",
        )
    if present == wanted:
        return
    if present == 0 or lock is not None:  # nobody can be at work in a file that has no tables yet
        migrate(connection, migrations)
        return
    _migrate_while_no_controller_runs(connection, path, migrations)


def _migrate_while_no_controller_runs(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]
) -> None:
    try:
        with ControllerLock.acquire(path.parent):
            migrate(connection, migrations)
    except LockHeldError as held:
        raise StoreUnusableError(
            f"the operations must be brought to schema {len(migrations)} first, but {held}",
            "let it finish, or end it with SIGTERM (it stops at a safe point), then try again",
        ) from held


@contextmanager
def _one_at_a_time(directory: Path) -> Iterator[None]:
    """Two processes that make the file at the same moment: switching to WAL does not wait, it fails as busy.

    Raises StoreUnusableError when the other one does not come to an end.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        lock_exclusively(descriptor, directory, patience_s=BUSY_TIMEOUT_S)
        yield
    except FileLockedError as error:
        raise StoreUnusableError(str(error), error.remedy) from error
    finally:
        os.close(descriptor)


def _connect(path: Path) -> sqlite3.Connection:
    _make_private(path)
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
    try:
        (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise StoreUnusableError(f"{path} cannot have a write-ahead log", LOCAL_DISK_REMEDY)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE fires DELETE triggers only with this
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """Mode 0600, which SQLite gives its -wal and -shm files too.

    An existing file is never opened here: to close it would drop the POSIX locks of every other connection of this
    process (sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
