"""The journal of incidents: one file of the operator's own, a record a line, each with its checksum.

A line is written in one go under the file's lock, and made durable before the lock is let go. A writer that is killed
in the middle leaves a tail without an end: the next writer puts it aside, in a file of its own beside the journal.
"""

import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import BinaryIO

import msgspec

from fleetui.model.incident.record import Record
from fleetui.ports.incidents import JournalError, Load

NAME = "incidents.jsonl"
CHECK = 8
"""Hexadecimal digits of a CRC-32 in front of each line: of a disk's errors, not of anybody's malice."""

_decoder = msgspec.json.Decoder(Record)

Lock = Callable[[int, Path], None]
"""Holds an open file for this process until it is closed. Raises OSError, or what says who keeps it."""
Prepare = Callable[[Path], Path]
"""The directory, made if need be, fit to keep something. Raises OSError, which says why it is not."""


class IncidentFile:
    """``ports.incidents.IncidentJournal`` in a directory of this machine."""

    def __init__(self, directory: Path, *, lock: Lock, prepare: Prepare) -> None:
        self._directory = directory
        self._lock = lock
        self._prepare = prepare
        self.path = directory / NAME

    def append(self, records: Sequence[Record]) -> None:
        try:
            with self._locked() as descriptor:
                self._mend(descriptor)
                self._add(descriptor, b"".join(map(_line, records)))
        except OSError as error:
            raise _cannot("written", self.path, error) from error

    def _add(self, descriptor: int, lines: bytes) -> None:
        """All of it durably, or none: what was refused must not be read as if it had been written down."""
        before = os.fstat(descriptor).st_size
        try:
            _write_all(descriptor, lines)
            os.fsync(descriptor)
            if before == 0:
                _sync_directory(self._directory)
        except OSError:
            os.ftruncate(descriptor, before)
            raise

    def load(self, place: int = 0) -> Load:
        """Reads beside writers: what has no end yet is read the next time. Where no line ends at ``place`` any more,
        what was read there was taken back or put aside: it is read from the beginning."""
        try:
            with self.path.open("rb") as file:
                begin = place if _ends_a_line(file, place) else 0
                file.seek(begin)
                data = file.read()
        except FileNotFoundError:
            return Load((), 0, anew=place > 0)
        except OSError as error:
            raise _cannot("read", self.path, error) from error
        whole = data[: data.rfind(b"\n") + 1]
        found = [_read(line, number) for number, line in enumerate(whole.splitlines(), 1)]
        records = tuple(one for one in found if not isinstance(one, str))
        damage = tuple(f"{self.path}, from byte {begin}: {one}" for one in found if isinstance(one, str))
        return Load(records, begin + len(whole), damage, anew=begin < place)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self._prepare(self._directory)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._lock(descriptor, self.path)
            yield descriptor
        finally:
            os.close(descriptor)

    def _mend(self, descriptor: int) -> None:
        """A tail without an end was never confirmed to anybody: it is kept aside, and the journal goes on before it."""
        tail = _tail(descriptor)
        if not tail:
            return
        end = os.fstat(descriptor).st_size - len(tail)
        _keep_aside(self.path, end, tail)
        os.ftruncate(descriptor, end)


def torn(directory: Path) -> tuple[Path, ...]:
    """Tails that were put aside, oldest first."""
    return tuple(sorted(directory.glob(f"{NAME}.torn-*"), key=lambda path: path.stat().st_mtime))


def _keep_aside(path: Path, end: int, tail: bytes) -> None:
    """Under a name of its own: another writer may once have been killed at the same place."""
    for number in count(1):
        aside = path.with_name(f"{NAME}.torn-{end}-{number}")
        try:
            descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            continue
        try:
            _write_all(descriptor, tail)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return


def _line(record: Record) -> bytes:
    said = msgspec.json.encode(record)
    return b"%0*x %b\n" % (CHECK, zlib.crc32(said), said)


def _read(line: bytes, number: int) -> Record | str:
    """The record, or what is wrong with the line."""
    said = line[CHECK + 1 :]
    try:
        if int(line[:CHECK], 16) != zlib.crc32(said):
            return f"line {number} is not what was written"
        record: Record = _decoder.decode(said)
        return record
    except (ValueError, msgspec.DecodeError):
        return f"line {number} cannot be read (a newer fleetui may have written it)"


def _tail(descriptor: int) -> bytes:
    """What stands behind the last line break."""
    end = os.fstat(descriptor).st_size
    tail = b""
    while end > 0:
        begin = max(0, end - 65_536)
        block = os.pread(descriptor, end - begin, begin)
        cut = block.rfind(b"\n")
        if cut >= 0:
            return block[cut + 1 :] + tail
        tail, end = block + tail, begin
    return tail


def _ends_a_line(file: BinaryIO, place: int) -> bool:
    if place == 0:
        return True
    file.seek(place - 1)
    return file.read(1) == b"\n"


def _sync_directory(directory: Path) -> None:
    """A new file's name is durable only then."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _cannot(done: str, path: Path, error: OSError) -> JournalError:
    """The reason before the path: a line on a narrow screen is cut at its end."""
    reason = str(error) if isinstance(error, JournalError) else f"{error.strerror or error}: {path}"
    return JournalError(f"the journal of incidents cannot be {done}: {reason}")
