"""SQLite's own errors as what an operator can act on."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from fleetui.ports.store import StoreUnusableError


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raises StoreUnusableError in place of what SQLite, the disk or the decoder of a damaged row raise."""
    try:
        yield
    except sqlite3.Error as error:
        raise _unusable(path, error) from error
    except msgspec.DecodeError as error:
        raise StoreUnusableError(f"{path} is damaged: {error}", _DAMAGED) from error
    except OSError as error:
        raise StoreUnusableError(f"{path} cannot be opened: {os.strerror(error.errno or 0)}", _ACCESS) from error


_DAMAGED = "nothing was changed: keep a copy of it and its -wal file, then move both aside to start with an empty store"
_ACCESS = "check the directory's owner and mode, or use --state-dir"
_REMEDIES = {
    "SQLITE_FULL": ("the disk is full", "make room; what was acknowledged is safe, and work goes on from there"),
    "SQLITE_IOERR": ("the disk answers with errors", "look at dmesg; what was acknowledged is safe"),
    "SQLITE_CORRUPT": ("the database is damaged", _DAMAGED),
    "SQLITE_NOTADB": ("this is not a database", _DAMAGED),
    "SQLITE_BUSY": ("another process keeps it locked", "find it with: fuser, lsof; end it if it hangs"),
    "SQLITE_READONLY": ("it cannot be written", _ACCESS),
    "SQLITE_CANTOPEN": ("it cannot be opened", _ACCESS),
    "SQLITE_PERM": ("it cannot be opened", _ACCESS),
}


def _unusable(path: Path, error: sqlite3.Error) -> StoreUnusableError:
    name = getattr(error, "sqlite_errorname", None) or type(error).__name__
    for prefix, (what, remedy) in _REMEDIES.items():
        if name.startswith(prefix):
            return StoreUnusableError(f"{path}: {what} ({name}: {error})", remedy)
    return StoreUnusableError(f"{path}: {name}: {error}", "keep a copy of the file, and report this")
