"""Carries the picture from one session to the next: shows the last one at the start, writes this one in good time."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

import msgspec

from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Source
from fleetui.model.machine import Machine
from fleetui.observe import cache
from fleetui.observe.supervisor import Supervisor
from fleetui.observe.table import Table
from fleetui.ports.clock import Clock

_log = logging.getLogger(__name__)

SAVE_EVERY_S = 30.0
SAVE_SHARE = 0.01
"""Of a core, at most, for saving: a picture that takes a second to write is written every hundred."""


class Memory:
    """Of one session. Without a file it remembers nothing."""

    def __init__(self, path: Path | None, *, clock: Clock, clusters: Table[Cluster], machines: Table[Machine]) -> None:
        self._path = path
        self._clock = clock
        self._clusters = clusters
        self._machines = machines
        self._last: cache.LastPicture | None = None
        self._saved_version = (-1, -1)
        self.notes: tuple[str, ...] = ()

    def load(self, supervisors: Mapping[str, Supervisor]) -> None:
        """The clusters at once; a file that cannot be read becomes a note."""
        if self._path is None:
            return
        try:
            self._last = cache.load(self._path)
        except cache.CacheError as error:
            self._note(str(error))
        for row in self._last.clusters if self._last is not None else ():
            if (supervisor := supervisors.get(row.name)) is not None:
                _recall(supervisor, row)

    async def restore(self, supervisors: Mapping[str, Supervisor]) -> None:
        """The machines, a piece at a time, of the clusters whose live ones have not come yet."""
        last, self._last = self._last, None
        try:
            for name in last.pieces if last is not None else ():
                if last is not None and (supervisor := supervisors.get(name)) is not None:
                    await _restore_machines(supervisor, last)
        except cache.CacheError as error:
            self._note(str(error))

    async def save_regularly(self) -> NoReturn:
        pause = SAVE_EVERY_S
        while True:
            await self._clock.sleep(pause)
            began = self._clock.monotonic()
            try:
                await self._save_aside()
            except Exception as error:  # fence: a cache is never worth a session
                self._note(f"the picture is not saved: {error}")
            pause = max(SAVE_EVERY_S, (self._clock.monotonic() - began) / SAVE_SHARE)

    def save_or_note(self) -> None:
        """Write now, if anything changed since it was written."""
        work = self._saving()
        try:
            if work is not None:
                work()
        except OSError as error:
            self._note(f"the picture is not saved: {error.strerror}")

    async def _save_aside(self) -> None:
        work = self._saving()
        if work is not None:
            await asyncio.to_thread(work)

    def _saving(self) -> Callable[[], None] | None:
        """What to write now, as a piece of work for any thread; None when nothing has changed or there is no file."""
        version = (self._clusters.version, self._machines.version)
        if self._path is None or version == self._saved_version:
            return None
        self._saved_version = version
        path, at = self._path, self._clock.now()
        clusters = tuple(row for _, row in self._clusters.snapshot() if row.last_contact is not None)
        machines = {name: tuple(self._machines.part(name).values()) for name in self._machines.parts()}
        return lambda: cache.save(path, at=at, clusters=clusters, machines=machines)

    def _note(self, words: str) -> None:
        _log.warning("%s", words)
        if words not in self.notes:
            self.notes = (*self.notes, words)


def _recall(supervisor: Supervisor, row: Cluster) -> None:
    """What was known of a cluster, as the configuration names it now. A fault of then says nothing about now."""
    if supervisor.row.source is not Source.CACHED:
        return
    member = supervisor.member
    recalled = msgspec.structs.replace(
        row,
        context=member.context,
        tags=member.tags,
        trust=supervisor.row.trust,
        source=Source.CACHED,
        fault=None,
        api_latency_s=None,
        skew_s=None,
        feeds=(),
        aliases=(),
        works=(),
        etcd=None,
        alerts=None,
    )
    supervisor.holdings.recall(recalled)
    supervisor.show()


async def _restore_machines(supervisor: Supervisor, last: cache.LastPicture) -> None:
    for piece in last.machines(supervisor.member.name):
        if not supervisor.holdings.recallable:
            return
        supervisor.holdings.machines.restore(piece)
        await asyncio.sleep(0)
