"""A snapshot's file as it lies on disk: is the place free, has it room, and is what lies there whole.

A file of etcd is pages of its database and behind them their SHA-256: the file proves itself.
"""

import hashlib
import os
import shutil
from pathlib import Path
from typing import BinaryIO

HASH_BYTES = 32
PAGE = 512
READ_AT = 1 << 20


def part_of(path: Path) -> Path:
    """Where it grows until it is whole."""
    return path.with_name(f"{path.name}.part")


def whole(path: Path) -> str:
    """The SHA-256 of the database, when the file ends with just that; empty for everything else."""
    try:
        size = path.stat().st_size
        if size % PAGE != HASH_BYTES:
            return ""
        with path.open("rb") as file:
            found = _hash(file, size - HASH_BYTES)
            return found.hex() if found == file.read() else ""
    except OSError:
        return ""


def _hash(file: BinaryIO, size: int) -> bytes:
    digest, left = hashlib.sha256(), size
    while left and (block := file.read(min(READ_AT, left))):
        digest.update(block)
        left -= len(block)
    return digest.digest()


def obstacle(path: Path) -> str:
    """Why no new file can be made there, for people; empty when it can."""
    if not path.is_absolute():
        return f"{path}: write the whole path, from / on"
    if not path.parent.is_dir():
        return f"{path.parent} is no directory"
    for there in (path, part_of(path)):
        if there.exists() or there.is_symlink():
            return f"{there} exists: none is overwritten"
    return "" if os.access(path.parent, os.W_OK | os.X_OK) else f"{path.parent}: not allowed to write there"


def free_bytes(folder: Path) -> int | None:
    """Room for files of ours; None when that cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
