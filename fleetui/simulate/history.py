"""What happened to the objects of one kind, kept for watches: bounded, so a slow one meets 410."""

from collections import deque
from collections.abc import Callable

import msgspec

from fleetui.ports.reader import ChangeType
from fleetui.simulate.objects import Resource

KEPT = 4096
"""Changes kept per kind; a real API server's watch cache holds a few hundred to a few thousand."""


class TooOldError(Exception):
    """The asked resourceVersion is older than what is kept: list again."""

    def __init__(self, asked: int, oldest: int) -> None:
        super().__init__(f"too old resource version: {asked} ({oldest})")


class Happening(msgspec.Struct, frozen=True):
    """One change. ``before`` is None when it was added, ``after`` is the last state when it was deleted."""

    type: ChangeType
    revision: int
    after: Resource
    before: Resource | None = None


class History:
    """The happenings of one kind, oldest first."""

    def __init__(self, floor: int, kept: int = KEPT) -> None:
        self._floor = floor
        self._happenings: deque[Happening] = deque(maxlen=kept)

    @property
    def oldest(self) -> int:
        """The oldest resourceVersion that can be watched from."""
        return self._floor

    def append(self, happening: Happening) -> None:
        if len(self._happenings) == self._happenings.maxlen:
            self._floor = self._happenings[0].revision
        self._happenings.append(happening)

    def forget(self, revision: int) -> None:
        """As etcd's compaction does: what happened up to ``revision`` cannot be watched any more."""
        while self._happenings and self._happenings[0].revision <= revision:
            self._happenings.popleft()
        self._floor = max(self._floor, revision)

    def since(self, revision: int) -> list[Happening]:
        """Newer than ``revision``, oldest first. Raises TooOldError."""
        if revision < self._floor:
            raise TooOldError(revision, self._floor)
        newer: list[Happening] = []
        for happening in reversed(self._happenings):
            if happening.revision <= revision:
                break
            newer.append(happening)
        newer.reverse()
        return newer


Chooser = Callable[[Resource], bool]


def seen_through(happening: Happening, chosen: Chooser) -> Happening | None:
    """The happening as a watch with a selector sees it: what starts to match is added, what stops is deleted."""
    was = happening.before is not None and chosen(happening.before)
    now = happening.type is not ChangeType.DELETED and chosen(happening.after)
    if happening.type is ChangeType.DELETED:
        return happening if was or chosen(happening.after) else None
    if was and now:
        return happening
    if now:
        return msgspec.structs.replace(happening, type=ChangeType.ADDED)
    return msgspec.structs.replace(happening, type=ChangeType.DELETED) if was else None
