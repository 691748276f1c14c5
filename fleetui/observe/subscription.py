"""One reader's view of a table: what changed since it last asked, at most one entry per row, however much happened.

A reader that never asks costs at most one entry per row of the table: past that, its next delta is a reset.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Generic

from fleetui.model.picture import Delta, R

_log = logging.getLogger(__name__)

_SMALL = 1024
"""Below this many entries a pending delta is never turned into a reset: small tables may churn."""


class Subscription(Generic[R]):
    """Made by ``Table.subscribe``. Used on the loop only, as the table is.

    ``wake`` is called on the loop, once when something is pending and not again before the next ``take``.
    """

    def __init__(
        self,
        snapshot: Callable[[], tuple[tuple[str, R], ...]],
        close: Callable[["Subscription[R]"], None],
        wake: Callable[[], None] | None,
    ) -> None:
        self._snapshot = snapshot
        self._close = close
        self._wake = wake
        self._pending: dict[str, R | None] = {}
        self._reset = True
        self._woken = False

    def take(self) -> Delta[R]:
        """Everything since the last take; the first is a reset with the whole table. Empty (falsy) when nothing."""
        self._woken = False
        if self._reset:
            self._reset = False
            self._pending = {}
            return Delta(upserts=self._snapshot(), reset=True)
        if not self._pending:
            return Delta()
        pending, self._pending = self._pending, {}
        upserts = tuple((row_id, row) for row_id, row in pending.items() if row is not None)
        removes = tuple(row_id for row_id, row in pending.items() if row is None)
        return Delta(upserts=upserts, removes=removes)

    def close(self) -> None:
        """No further wake; closing twice is harmless."""
        self._wake = None
        self._close(self)

    def note(self, upserts: Iterable[tuple[str, R]], removes: Mapping[str, None], rows: int) -> None:
        """Called by the table for every change it applied; ``rows`` is how many it now has."""
        if not self._reset:
            self._pending.update(upserts)
            self._pending.update(removes)
            if len(self._pending) > max(_SMALL, rows):
                self._pending = {}
                self._reset = True
        self._ring()

    def _ring(self) -> None:
        if self._wake is None or self._woken:
            return
        self._woken = True
        try:
            self._wake()
        except Exception:  # fence: a reader's defect must not stop the feed that happened to call it
            _log.exception("a subscriber's wake failed")
