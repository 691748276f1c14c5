"""Pieces of large answers that are said again and again: read once, and the same object ever after.

Of 5,000 alerts between two polls the labels are the same, and all carry one of a few receivers; reading them anew took
half of what an answer costs.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

V = TypeVar("V")

FEW = 1_000
"""Pieces that are kept whatever is said: some 300 kB."""


class Pieces(Generic[V]):
    """By their bytes. Two answers may be read at once, in threads: at worst a piece is read twice."""

    def __init__(self, read: Callable[[bytes], V]) -> None:
        self._read = read
        self._known: dict[bytes, V] = {}

    def of(self, raw: msgspec.Raw) -> V:
        """Raises what ``read`` raises."""
        piece = bytes(raw)
        try:
            return self._known[piece]
        except KeyError:
            found = self._known[piece] = self._read(piece)
            return found

    def tidy(self, said: int) -> None:
        """An answer of so many pieces has been read: once most of what is known has not been said by it, all is
        forgotten."""
        if len(self._known) > 2 * said + FEW:
            self._known.clear()
