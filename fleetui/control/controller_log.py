"""What the controller says when nobody watches: one file, bounded however long it lives and whatever it prints."""

import os
import shutil
from pathlib import Path

LOG_FILE = "controller.log"
LOG_LIMIT = 1_000_000
"""Bytes; one older file of as many is kept beside it."""


def open_log(state_dir: Path) -> int:
    """A descriptor that appends, for the standard output of a detached controller."""
    return os.open(state_dir / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def bound_log(state_dir: Path, *, limit: int = LOG_LIMIT) -> None:
    """Moves a log that has grown past the limit aside, by copy and truncation: its writers keep their descriptors.

    A line written between the two is lost; the journal, not the log, is what must be whole.
    """
    log = state_dir / LOG_FILE
    try:
        if log.stat().st_size <= limit:
            return
    except FileNotFoundError:
        return
    older = log.with_suffix(".log.1")
    older.touch(mode=0o600)
    shutil.copyfile(log, older)
    os.truncate(older, limit)
    os.truncate(log, 0)
