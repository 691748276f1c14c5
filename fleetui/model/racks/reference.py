"""How an entry is named by another: by its name, or by as much of its path as tells it from its namesakes.

Rack names are unique in their row at best, so ``A`` may be two racks; ``row-3/A`` and ``east/hall-1/row-3/A`` are one.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

SHOWN = 4
"""Names that a fix offers."""


class Book:
    """The keys of one section, found by any end of them."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys: tuple[str, ...] = tuple(keys)
        self._all = frozenset(self.keys)
        self._ends: dict[str, list[str]] = {}
        for key in self.keys:
            for end in _ends(key):
                self._ends.setdefault(end, []).append(key)

    def find(self, reference: str, *, near: Sequence[str] = ()) -> tuple[str, ...]:
        """The keys that it may mean: one is an answer. Of namesakes the one under the first of ``near`` that has
        exactly one is meant."""
        if reference in self._all:
            return (reference,)
        found = tuple(self._ends.get(reference, ()))
        for around in near if len(found) > 1 else ():
            close = tuple(key for key in found if key.startswith(f"{around}/"))
            if len(close) == 1:
                return close
        return found

    def similar(self, reference: str) -> tuple[str, ...]:
        """Names that a slip of the finger may have meant; else the first that there are."""
        names = list(dict.fromkeys(key.rpartition("/")[2] for key in self.keys))
        return tuple(get_close_matches(reference, names, n=SHOWN) or names[:SHOWN])


def _ends(key: str) -> Iterable[str]:
    parts = key.split("/")
    return ("/".join(parts[at:]) for at in range(len(parts)))


def distinct(keys: Iterable[str]) -> tuple[str, ...]:
    """The keys, with ``#2`` after the second of the same: a mistake must not hide an entry."""
    seen: dict[str, int] = {}
    told = []
    for key in keys:
        seen[key] = seen.get(key, 0) + 1
        told.append(key if seen[key] == 1 else f"{key}#{seen[key]}")
    return tuple(told)


def round_trip(start: int, parents: Mapping[int, int]) -> bool:
    """Whether whoever climbs from ``start`` comes by it again."""
    seen, here = {start}, parents.get(start)
    while here is not None and here not in seen:
        seen.add(here)
        here = parents.get(here)
    return here == start
