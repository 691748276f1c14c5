"""How incidents are kept: an append-only journal that several consoles write at the same time."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from fleetui.model.incident.record import Record


class JournalError(OSError):
    """It cannot be read or written; the text says why and what to do."""


class Load(msgspec.Struct, frozen=True):
    """What is new in a journal since a place in it."""

    records: tuple[Record, ...]
    place: int
    """Where to go on reading."""
    damage: tuple[str, ...] = ()
    """What of it could not be read, a line each; the rest is whole."""
    anew: bool = False
    """The journal has become another than what was read before: these are all its records, from the first one on."""


class IncidentJournal(Protocol):
    """Both calls may take as long as a disk takes: not on the event loop."""

    def append(self, records: Sequence[Record]) -> None:
        """All of them durably, in order, or JournalError: then none is there, unless the disk refused that too."""
        ...

    def load(self, place: int = 0) -> Load:
        """The records from ``place`` (0, or that of an earlier load) on. Raises JournalError."""
        ...
