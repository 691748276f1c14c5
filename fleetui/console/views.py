"""Where the operator is, where he was, and what ``esc``, ``-``, ``[`` and ``]`` lead to. Values only."""

from collections.abc import Sequence

import msgspec

HISTORY_LIMIT = 50


class View(msgspec.Struct, frozen=True):
    """One place of the console: a screen and what it is narrowed to."""

    screen: str
    cluster: str = ""
    machine: str = ""
    query: str = ""
    """The filter that it opens with."""
    item: str = ""
    """The one thing that it shows: an incident's id."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """One screen is kept alive for each; a filter alone does not make another."""
        return (self.screen, self.cluster, self.machine, self.item)


FLEET = View("fleet")


class Trail(msgspec.Struct, frozen=True):
    """Visited views in order, and which of them is shown. ``parents`` is the way that ``esc`` goes back."""

    visited: tuple[View, ...] = (FLEET,)
    at: int = 0
    parents: tuple[View, ...] = ()
    before: View | None = None
    """The view shown before this one, for ``-``."""

    @property
    def here(self) -> View:
        return self.visited[self.at]

    def open(self, view: View) -> "Trail":
        """A step to a new view; what lay ahead in the history is forgotten."""
        if view == self.here:
            return self
        visited = (*self.visited[: self.at + 1], view)[-HISTORY_LIMIT:]
        return Trail(visited, len(visited) - 1, _without(self.parents, view, self.here), self.here)

    def back(self) -> "Trail":
        """``esc``: to the view this one was opened from; at the root nothing happens."""
        if not self.parents:
            return self
        parent = self.parents[-1]
        visited = (*self.visited[: self.at + 1], parent)[-HISTORY_LIMIT:]
        return Trail(visited, len(visited) - 1, self.parents[:-1], self.here)

    def last(self) -> "Trail":
        """``-``: to and fro between two views."""
        return self if self.before is None else self.open(self.before)

    def step(self, by: int) -> "Trail":
        """``[`` and ``]``: along the history."""
        to = min(max(0, self.at + by), len(self.visited) - 1)
        if to == self.at:
            return self
        return Trail(self.visited, to, self.parents, self.here)


def _without(parents: Sequence[View], view: View, here: View) -> tuple[View, ...]:
    """The way back from ``view``: a view that is already on the way is not entered twice."""
    way = [*parents, here]
    if view in way:
        way = way[: way.index(view)]
    return tuple(way)
