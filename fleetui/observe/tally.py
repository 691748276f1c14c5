"""The numbers of a cluster's row, kept up to date row by row: a watch event costs one addition, never a scan."""

from collections import Counter
from typing import Protocol, TypeVar

from fleetui.model.machine import Machine
from fleetui.model.picture import Row
from fleetui.model.pod import Pod

Counted_contra = TypeVar("Counted_contra", bound=Row, contravariant=True)


class Tally(Protocol[Counted_contra]):
    """Counts rows in and out. ``sign`` is +1 or -1."""

    def count(self, row: Counted_contra, sign: int) -> None: ...

    def clear(self) -> None: ...


class MachineTally:
    """Of the nodes of one cluster."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.total = 0
        self.ready = 0
        self.cordoned = 0
        self.control_plane_total = 0
        self.control_plane_ready = 0
        self._operations: Counter[str] = Counter()

    def count(self, row: Machine, sign: int) -> None:
        ready = sign if row.ready else 0
        self.total += sign
        self.ready += ready
        if row.cordoned:
            self.cordoned += sign
        if row.control_plane:
            self.control_plane_total += sign
            self.control_plane_ready += ready
        if row.operation:
            self._operations[row.operation] += sign
            if not self._operations[row.operation]:
                del self._operations[row.operation]

    @property
    def operation(self) -> str:
        """``drain by ana``, ``drain by ana +1`` when others hold locks too; empty when nobody does."""
        if not self._operations:
            return ""
        first = min(self._operations, key=lambda words: (-self._operations[words], words))
        others = len(self._operations) - 1
        return f"{first} +{others}" if others else first


class PodTally:
    """Of the pods of one cluster. What has finished its work is not counted: it is neither ready nor in trouble."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.total = 0
        self.ready = 0

    def count(self, row: Pod, sign: int) -> None:
        if row.finished:
            return
        self.total += sign
        if row.healthy:
            self.ready += sign
