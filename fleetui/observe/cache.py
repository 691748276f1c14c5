"""The last known picture on disk: what the next session shows, with its age, before anything answers.

A cache and nothing more: it may be deleted at any time, and what cannot be read is left alone with a note. Machines
are encoded and decoded in pieces, so that neither a thread nor the loop is held for long.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from fleetui.model.cluster import Cluster
from fleetui.model.machine import Machine

T = TypeVar("T")

FORMAT = 1
"""Raised when an older program could misread the file."""
PIECE = 500
"""Machines encoded at a time; less than a millisecond with the interpreter's lock held."""
LIMIT = 48 * 1024 * 1024
"""Bytes of machines in the file, about 80,000 of them; clusters beyond it are kept without their machines."""


class CacheError(Exception):
    """The file exists and cannot be used. The text is a note for the operator, not a reason to stop."""


class _Picture(msgspec.Struct, frozen=True, array_like=True):
    format: int
    saved_at: float
    clusters: tuple[Cluster, ...]
    machines: dict[str, tuple[msgspec.Raw, ...]]
    """Pieces of each cluster's machines, decoded one by one when somebody has time for them."""


class LastPicture(msgspec.Struct, frozen=True):
    """What an earlier session has left."""

    saved_at: float
    """Unix seconds."""
    clusters: tuple[Cluster, ...]
    pieces: Mapping[str, tuple[msgspec.Raw, ...]]

    def machines(self, cluster: str) -> Iterator[tuple[Machine, ...]]:
        """Piece by piece; decoding happens as they are taken. Raises CacheError on a damaged piece."""
        for piece in self.pieces.get(cluster, ()):
            yield _decode(piece, tuple[Machine, ...])


def load(path: Path) -> LastPicture | None:
    """The last picture, or None when there is none. Raises CacheError for a file that is damaged or not ours."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CacheError(f"the last known picture cannot be read: {error.strerror}") from error
    if len(data) > 2 * LIMIT:
        raise CacheError("the last known picture is too large to be ours")
    _check_format(data)
    picture = _decode(data, _Picture)
    return LastPicture(saved_at=picture.saved_at, clusters=picture.clusters, pieces=picture.machines)


def save(path: Path, *, at: float, clusters: Iterable[Cluster], machines: Mapping[str, Iterable[Machine]]) -> None:
    """Replace the file in one move; readable by its owner only. Safe to call from a thread: rows are immutable.

    Raises OSError when the place cannot be written.
    """
    pieces: dict[str, tuple[msgspec.Raw, ...]] = {}
    size = 0
    for name, rows in machines.items():
        encoded = tuple(_encode(rows))
        size += sum(map(len, encoded))
        if size > LIMIT:
            break
        pieces[name] = tuple(map(msgspec.Raw, encoded))
    picture = _Picture(format=FORMAT, saved_at=at, clusters=tuple(clusters), machines=pieces)
    _replace(path, msgspec.msgpack.encode(picture))


def _encode(rows: Iterable[Machine]) -> Iterator[bytes]:
    remaining = iter(rows)
    while piece := tuple(islice(remaining, PIECE)):
        yield msgspec.msgpack.encode(piece)


def _check_format(data: bytes) -> None:
    """The version stands first, so that a file of any other shape is told from a damaged one."""
    head = data[:2]
    if len(head) < 2 or head[0] & 0xF0 != 0x90:
        raise CacheError("the last known picture is damaged")
    if head[1] != FORMAT:
        raise CacheError("the last known picture was written by another version")


def _decode(data: bytes | msgspec.Raw, kind: type[T]) -> T:
    try:
        return msgspec.msgpack.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise CacheError("the last known picture is damaged") from error


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
