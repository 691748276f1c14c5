"""Whose turn it is: so many machines of one operation at once, in the order of the plan.

A machine whose pods are all held (a budget that is shut, a finalizer, a silent kubelet) moves nothing, so it lends its
place to the next one and asks for it again when it can go on. At no time do more machines move than the operator
allowed; those that were begun go before those that were not, so that few machines are half empty at any time.
"""

from collections.abc import Iterable


class Turns:
    """One per operation, shared by its lanes."""

    def __init__(self, names: Iterable[str], *, at_once: int) -> None:
        """``names``: the machines in the order in which they shall begin."""
        self._queue = list(names)
        self._free = at_once
        self._back: set[str] = set()
        """Begun, without a place, and able to go on."""

    def is_next(self, name: str) -> bool:
        return self._free > 0 and not self._back and self._queue[0] == name

    def leave(self, name: str) -> None:
        """It does not wait for its first turn any more: it begins, or never will."""
        if name in self._queue:
            self._queue.remove(name)

    def take(self, name: str) -> bool:
        """A place for a machine that has begun; without a free one it is remembered, before all that have not."""
        if self._free == 0:
            self._back.add(name)
            return False
        self._back.discard(name)
        self._free -= 1
        return True

    def give(self) -> None:
        self._free += 1

    def forget(self, name: str) -> None:
        """It wants no place back: for now, or for good."""
        self._back.discard(name)


class Turn:
    """One machine's place among those at work: taken, lent, taken back, given up for good."""

    def __init__(self, turns: Turns, name: str) -> None:
        self._turns = turns
        self._name = name
        self._held = False

    def begin(self) -> bool:
        """False while it is not its turn, or no place is free."""
        if not self._turns.is_next(self._name):
            return False
        self._turns.leave(self._name)
        self._held = self._turns.take(self._name)
        return self._held

    def hold(self) -> bool:
        """Takes its place back if it was lent. False: another machine works there, and nothing may be moved here."""
        if not self._held:
            self._held = self._turns.take(self._name)
        return self._held

    def lend(self) -> None:
        """Nothing moves here, nor can it: another machine may work meanwhile."""
        self._turns.forget(self._name)
        if self._held:
            self._held = False
            self._turns.give()

    end = lend
    """The machine is finished, or given up."""
