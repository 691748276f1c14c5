"""A member's database streamed into a file, and believed only when the hash at its end is right.

etcd writes the pages of its database and behind them their SHA-256. A file's size tells whether that hash is there:
pages are multiples of 512 bytes. The file holds every secret of the cluster, so nobody else may read it.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from fleetui.clients.etcd import wire
from fleetui.clients.http.faults import fault
from fleetui.clients.http.library import aiohttp
from fleetui.model.fault import Fault, FaultKind
from fleetui.ports.etcd import Progress, SnapshotError

HASH_BYTES = 32
PAGE = 512
WRITE_AT = 1 << 20
"""Bytes gathered before they are written in one go, off the event loop."""


class Written(msgspec.Struct, frozen=True):
    size: int
    sha256: str
    version: str


async def write(pieces: AsyncIterator[bytes], path: Path, *, progress: Progress | None, host: str) -> Written:
    """The stream of /v3/maintenance/snapshot into a new file. Raises SnapshotError, and what ``pieces`` raises; leaves
    nothing then."""
    part = path.with_name(f"{path.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SnapshotError(_unwritable(part, error)) from error
    try:
        written = await _Writer(descriptor, progress, host).write(pieces)
        await asyncio.to_thread(_publish, part, path)
        return written
    except aiohttp.ClientError:  # some of them are OSErrors too, and it is the network's failure
        raise
    except OSError as error:
        raise SnapshotError(_unwritable(path, error)) from error
    finally:
        os.close(descriptor)
        part.unlink(missing_ok=True)


def _publish(part: Path, path: Path) -> None:
    """Under its name, durably, and never over another file."""
    os.link(part, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class _Writer:
    """The last 32 bytes seen are held back from the hash: any of them may be the last of the stream."""

    def __init__(self, descriptor: int, progress: Progress | None, host: str) -> None:
        self._descriptor = descriptor
        self._progress = progress
        self._host = host
        self._hash = hashlib.sha256()
        self._tail = b""
        self._gathered = bytearray()
        self._size = 0
        self._version = ""

    async def write(self, pieces: AsyncIterator[bytes]) -> Written:
        rest = b""
        async for piece in pieces:
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                await self._line(line)
        await self._line(rest)
        await self._flush()
        await asyncio.to_thread(os.fsync, self._descriptor)
        return self._verified()

    async def _line(self, line: bytes) -> None:
        if not line.strip():
            return
        try:
            said = wire.decode(line, wire.SnapshotLine)
        except msgspec.DecodeError as error:
            raise SnapshotError(self._fault("cut off", f"the stream ends or breaks in mid-line: {error}")) from error
        if said.error is not None or said.result is None:
            why = said.error.message if said.error else "a line without data"
            raise SnapshotError(self._fault("broke off", f"etcd ended the stream: {why}"))
        self._version = said.result.version or self._version
        self._gathered += said.result.blob
        if len(self._gathered) >= WRITE_AT:
            await self._flush()
        if self._progress is not None:
            got = self._size + len(self._gathered)
            self._progress(got, got + wire.number(said.result.remaining_bytes))

    async def _flush(self) -> None:
        block, self._gathered = bytes(self._gathered), bytearray()
        await asyncio.to_thread(self._store, block)

    def _store(self, block: bytes) -> None:
        seen = self._tail + block
        self._hash.update(seen[:-HASH_BYTES])
        self._tail = seen[-HASH_BYTES:]
        self._size += len(block)
        view = memoryview(block)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def _verified(self) -> Written:
        if self._size % PAGE != HASH_BYTES:
            raise SnapshotError(self._fault("cut off", f"{self._size} bytes are not whole pages and a hash"))
        if self._hash.digest() != self._tail:
            raise SnapshotError(self._fault("hash wrong", "what arrived is not what etcd wrote"))
        return Written(self._size, self._tail.hex(), self._version)

    def _fault(self, word: str, detail: str) -> Fault:
        remedy = "nothing was kept; take it again, from another member"
        return fault(FaultKind.SERVER_ERROR, f"snapshot {word}", f"{self._host}: {detail}", remedy)


def _unwritable(path: Path, error: OSError) -> Fault:
    detail = f"{path} cannot be written: {error.strerror or error}"
    return fault(FaultKind.CONFIG, "cannot write", detail, "choose a new file on a disk with room; none is overwritten")
