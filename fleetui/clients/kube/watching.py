"""A watch's bytes as changes: lines cut anywhere by the network, bookmarks, and errors sent as events."""

from typing import Protocol

import msgspec

from fleetui.clients.http.faults import fault
from fleetui.clients.kube.faults import Status
from fleetui.model.fault import ClusterError, FaultKind, GoneError
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.ports.reader import Change, ChangeType

LINE_LIMIT = 32 << 20
"""Bytes of one event: etcd refuses objects over 1.5 MB, so more is no watch."""


class WireEvent(msgspec.Struct):
    type: str = ""
    object: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


class Version(msgspec.Struct, rename="camel"):
    resource_version: str = ""


class Versioned(msgspec.Struct):
    """Any object. A bookmark in a Table is a Table without rows, whose own metadata carries the version."""

    metadata: Version = msgspec.field(default_factory=Version)


_event = msgspec.json.Decoder(WireEvent)
_status = msgspec.json.Decoder(Status)
_versioned = msgspec.json.Decoder(Versioned)
_CHANGES = {
    "ADDED": ChangeType.ADDED,
    "MODIFIED": ChangeType.MODIFIED,
    "DELETED": ChangeType.DELETED,
}
"""Types of events that are about an object."""


class Rows(Protocol):
    """Reads the objects of one kind of one cluster."""

    def event(self, line: bytes) -> tuple[str, Machine | Pod] | None:
        """Type and row of a whole event, read in one go; None when it is anything else."""
        ...

    def object(self, text: msgspec.Raw) -> Machine | Pod | None:
        """The row of an event's object; None when it cannot be read."""
        ...


class Lines:
    """Whole lines out of pieces; a line of a megabyte arrives in many of them and is put together once."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._held = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that end in ``chunk``. Raises ClusterError when a line has no end."""
        first, *rest = chunk.split(b"\n")
        self._pieces.append(first)
        self._held += len(first)
        if self._held > LINE_LIMIT:
            raise _unreadable("an event without end")
        if not rest:
            return []
        lines = [b"".join(self._pieces), *rest[:-1]]
        self._pieces, self._held = [rest[-1]], len(rest[-1])
        return [line for line in lines if line]


class Changes:
    """Events to changes. An object that cannot be read comes as a bookmark that says so: its row is out of date."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def read(self, lines: list[bytes]) -> tuple[Change, ...]:
        """Raises GoneError for 410, ClusterError for any other ERROR event and for what is no event."""
        return tuple(change for change in map(self._change, lines) if change is not None)

    def _change(self, line: bytes) -> Change | None:
        """Nearly all events are what they should be; whatever is not is looked at once more."""
        event = self._rows.event(line)
        if event is None or event[0] not in _CHANGES:
            return self._unusual(line)
        return Change(_CHANGES[event[0]], event[1].resource_version, event[1])

    def _unusual(self, line: bytes) -> Change | None:
        try:
            event = _event.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _unreadable(f"not an event: {error}") from error
        if event.type == "ERROR":
            raise _refused(event.object)
        if event.type == "BOOKMARK":
            return Change(ChangeType.BOOKMARK, _version(event.object))
        kind = _CHANGES.get(event.type)
        if kind is None:
            return None
        item = self._rows.object(event.object)
        if item is None:
            return Change(ChangeType.BOOKMARK, _version(event.object), undecodable=True)
        return Change(kind, item.resource_version, item)


def _version(text: msgspec.Raw) -> str:
    try:
        return _versioned.decode(text).metadata.resource_version
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(f"an object without a version: {error}") from error


def _refused(text: msgspec.Raw) -> ClusterError:
    try:
        status = _status.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _unreadable("an error that is not a Status")
    if status.code == 410 or status.reason in ("Expired", "Gone"):
        return GoneError(fault(FaultKind.GONE, "expired", status.message, ""))
    word = f"{status.code or 500} {status.reason or 'watch error'}"
    return ClusterError(fault(FaultKind.SERVER_ERROR, word, status.message, "retried by itself"))


def _unreadable(detail: str) -> ClusterError:
    return ClusterError(
        fault(FaultKind.SERVER_ERROR, "broken watch", detail, "retried by itself; a proxy may cut answers")
    )
