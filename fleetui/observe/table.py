"""The rows of one kind over the whole fleet: one writer, immutable rows, a part per cluster, deltas to subscribers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Generic

from fleetui.model.picture import R
from fleetui.observe.subscription import Subscription

_NOTHING: Mapping[str, None] = MappingProxyType({})


class Table(Generic[R]):
    """Not thread-safe by design: everything happens on the loop's thread, in slices its callers keep short.

    A part is one cluster's share, so that a relist compares and a disconnect drops one cluster and scans no other.
    """

    def __init__(self) -> None:
        self._parts: dict[str, dict[str, R]] = {}
        self._subscriptions: list[Subscription[R]] = []
        self._rows = 0
        self.version = 0
        """Grows with every change that subscribers hear of."""

    def __len__(self) -> int:
        return self._rows

    def part(self, name: str) -> Mapping[str, R]:
        """A live read-only view of one cluster's rows by row id; the same view stays good as rows come and go."""
        return MappingProxyType(self._part(name))

    def parts(self) -> tuple[str, ...]:
        return tuple(self._parts)

    def snapshot(self) -> tuple[tuple[str, R], ...]:
        """All rows, cluster after cluster."""
        return tuple(item for part in self._parts.values() for item in part.items())

    def subscribe(self, wake: Callable[[], None] | None = None) -> Subscription[R]:
        """Take once right away: that is the reset; ``wake`` then tells of what comes after it."""
        subscription = Subscription(self.snapshot, self._forget, wake)
        self._subscriptions.append(subscription)
        return subscription

    def apply(
        self,
        part: str,
        upserts: Sequence[tuple[str, R]] = (),
        removes: Iterable[str] = (),
        quiet: Sequence[tuple[str, R]] = (),
    ) -> None:
        """Put rows in and take rows out, then tell. ``quiet`` rows replace theirs without a word: nothing that anyone
        shows has changed in them (a heartbeat moves only the resourceVersion). Removes of unknown ids are ignored."""
        rows = self._part(part)
        before = len(rows)
        rows.update(quiet)
        rows.update(upserts)
        gone = {row_id: None for row_id in removes if rows.pop(row_id, None) is not None}
        self._rows += len(rows) - before
        if upserts or gone:
            self._tell(upserts, gone)

    def drop(self, part: str) -> None:
        """Take out a whole cluster's rows."""
        rows = self._part(part)
        if not rows:
            return
        gone = dict.fromkeys(rows)
        self._rows -= len(rows)
        rows.clear()
        self._tell((), gone)

    def _part(self, name: str) -> dict[str, R]:
        return self._parts.setdefault(name, {})

    def _tell(self, upserts: Sequence[tuple[str, R]], gone: Mapping[str, None]) -> None:
        self.version += 1
        for subscription in tuple(self._subscriptions):
            subscription.note(upserts, gone or _NOTHING, self._rows)

    def _forget(self, subscription: Subscription[R]) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
