"""What travels from the live picture to its readers: immutable rows, and the differences between two moments."""

from typing import Generic, TypeVar

import msgspec

from fleetui.model.cluster import Cluster
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod

Row = Cluster | Machine | Pod
R = TypeVar("R")
"""A ``Row``, or a row of a board (alerts): those are imported by whoever looks at them."""


def row_id(row: Row) -> str:
    """The key of a row in its table, stable over the life of the object: the cursor and the marks follow it."""
    if isinstance(row, Cluster):
        return row.name
    return f"{row.cluster}/{row.uid}"


class Delta(msgspec.Struct, Generic[R], frozen=True):
    """All changes of one table since the reader last asked, coalesced: at most one entry per row."""

    upserts: tuple[tuple[str, R], ...] = ()
    """(row id, row) of what is new or changed."""
    removes: tuple[str, ...] = ()
    reset: bool = False
    """True: forget every row, then apply the upserts."""

    def __bool__(self) -> bool:
        return self.reset or bool(self.upserts) or bool(self.removes)
