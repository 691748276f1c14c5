"""What happened lately, bounded: a cluster that flaps pushes out its own past and nobody else's."""

import heapq
from collections import deque
from collections.abc import Iterable
from itertools import takewhile

from fleetui.model.history import Transition

PER_CLUSTER = 500
"""Entries kept of one cluster: a flap a second for eight minutes, about 100 kB."""


class History:
    """The transitions of this session, newest kept."""

    def __init__(self, *, per_cluster: int = PER_CLUSTER) -> None:
        self._per_cluster = per_cluster
        self._entries: dict[str, deque[Transition]] = {}

    def add(self, transitions: Iterable[Transition]) -> None:
        """Entries arrive in the order of their times, cluster by cluster."""
        for transition in transitions:
            kept = self._entries.get(transition.cluster)
            if kept is None:
                kept = self._entries[transition.cluster] = deque(maxlen=self._per_cluster)
            kept.append(transition)

    def since(self, at: float) -> tuple[Transition, ...]:
        """All clusters' entries from ``at`` (Unix seconds) on, newest first."""
        recent = (takewhile(lambda entry: entry.at >= at, reversed(kept)) for kept in self._entries.values())
        return tuple(heapq.merge(*recent, key=lambda entry: entry.at, reverse=True))
