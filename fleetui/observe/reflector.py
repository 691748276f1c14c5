"""The rules of list and watch for one kind of one cluster, without I/O: what goes in, what comes out, where to go on.

The driver (``feeder``) asks ``position``: None means list, anything else means watch from there. It hands in what
arrives and applies the ``Changeset`` that comes back. Events may arrive twice, late or out of order: rows end up the
same, because a row only moves to a newer resourceVersion and a deleted one comes back with a newer one only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, cast

from fleetui.model.machine import Machine
from fleetui.model.picture import R
from fleetui.model.pod import Pod
from fleetui.ports.reader import Change, ChangeType

TOMBSTONES = 20_000
"""Deletions remembered between two lists; a replay that reaches back farther starts with 410 and a new list anyway."""


@dataclass(slots=True)
class Changeset(Generic[R]):
    upserts: list[tuple[str, R]] = field(default_factory=list)
    removes: list[str] = field(default_factory=list)


def older(version: str, than: str) -> bool:
    """True when ``version`` is certainly the older resourceVersion. They are numbers in every Kubernetes so far and
    comparable by contract since 1.35; anything else is in no known order."""
    left, right = _number(version), _number(than)
    return left is not None and right is not None and left < right


def _number(version: str) -> int | None:
    return int(version) if version.isascii() and version.isdigit() else None


class Reflector(Generic[R]):
    """State of one feed. ``rows`` is the live view of what the table holds for this cluster, cached rows included."""

    def __init__(self, *, cluster: str, rows: Mapping[str, R]) -> None:
        self._cluster = cluster
        self._rows = rows
        self._listed: set[str] = set()
        self._floor: str | None = None
        self._gone: dict[str, str] = {}
        self.position: str | None = None
        """resourceVersion to watch from; None when only a new list can tell what is true."""
        self.undecodable = 0
        """Objects of the last list and since that could not be read or had no uid."""

    def begin_list(self) -> None:
        """A new list is authority over everything before it. Rows stay until its end says which are gone."""
        self.position = None
        self._listed = set()
        self._floor = None
        self._gone.clear()
        self.undecodable = 0

    def page(self, resource_version: str, undecodable: int = 0) -> None:
        """Count in one page of the list: the watch starts from the lowest version of all pages."""
        self.undecodable += undecodable
        if self._floor is None or older(resource_version, self._floor):
            self._floor = resource_version

    def rows(self, items: Iterable[Machine | Pod]) -> Changeset[R]:
        """Rows of the list, as they come. A row may come in two pages that are not equally fresh: the newer stays."""
        changes: Changeset[R] = Changeset()
        for item in items:
            row_id = self._row_id(item)
            if row_id is None:
                continue
            known = self._rows.get(row_id) if row_id in self._listed else None
            self._listed.add(row_id)
            if known is None or not older(item.resource_version, _version(known)):
                changes.upserts.append((row_id, cast(R, item)))
        return changes

    def end_list(self) -> Changeset[R]:
        """The list is complete: what it did not have is gone."""
        gone = self._rows.keys() - self._listed
        self._listed = set()
        self.position = self._floor
        return Changeset(removes=list(gone))

    def changes(self, batch: Sequence[Change]) -> Changeset[R]:
        """What one batch of the watch changes. Bookmarks change nothing."""
        latest: dict[str, R | None] = {}
        for change in batch:
            self.undecodable += change.undecodable
            if change.item is not None and (row_id := self._row_id(change.item)) is not None:
                self._change(latest, row_id, change.type, change.item)
        return Changeset(
            upserts=[(row_id, row) for row_id, row in latest.items() if row is not None],
            removes=[row_id for row_id, row in latest.items() if row is None],
        )

    def applied(self, batch: Sequence[Change]) -> None:
        """The batch's changeset is in the table: a watch may go on behind it. Not before, or a cut would lose it."""
        for change in batch:
            self._advance(change.resource_version)

    def gone(self) -> None:
        """410: the server has forgotten our position."""
        self.position = None

    def _change(self, latest: dict[str, R | None], row_id: str, kind: ChangeType, item: Machine | Pod) -> None:
        if kind is ChangeType.DELETED:
            self._bury(row_id, item.resource_version)
            latest[row_id] = None
            return
        if row_id in self._gone and not older(self._gone[row_id], item.resource_version):
            return
        known = latest.get(row_id) or self._rows.get(row_id)
        if known is None or not older(item.resource_version, _version(known)):
            latest[row_id] = cast(R, item)

    def _bury(self, row_id: str, version: str) -> None:
        self._gone[row_id] = version
        if len(self._gone) > TOMBSTONES:
            del self._gone[next(iter(self._gone))]

    def _advance(self, version: str) -> None:
        if version and not (self.position and older(version, self.position)):
            self.position = version

    def _row_id(self, item: Machine | Pod) -> str | None:
        if item.cluster != self._cluster:
            raise ValueError(f"a row of {item.cluster!r} arrived on the feed of {self._cluster!r}")
        if not item.uid:
            self.undecodable += 1
            return None
        return f"{self._cluster}/{item.uid}"


def _version(row: object) -> str:
    return cast(Machine | Pod, row).resource_version
