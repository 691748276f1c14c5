"""Why the machine under the cursor is not Ready: its Ready condition, which no row carries, read once it rests there.

The server's Tables leave conditions out, and whole objects of every node are what they are there to avoid. So one
object is read at a time, of a machine that is not Ready, on a live cluster, while an operator looks at it.
"""

from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from fleetui.console.session import Session
from fleetui.model.details import Condition, Happening, MachineDetails
from fleetui.model.fault import ClusterError
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine

REMEMBERED = 64
"""Machines; the oldest reading is forgotten first. A faulty rack is some 40."""

Key = tuple[str, str, str]


class Reasons:
    """``run`` starts a reading in the background, ending one that is under way; ``changed`` is called after it."""

    def __init__(
        self, session: Session, run: Callable[[Coroutine[Any, Any, None]], object], changed: Callable[[], None]
    ) -> None:
        self._session = session
        self._run = run
        self._changed = changed
        self._known: dict[Key, MachineDetails | None] = {}
        """None: it could not be read."""
        self._reading: Key | None = None

    def of(self, machine: Machine) -> Condition | None:
        """None while it is not known, and for a machine that is Ready."""
        read = self._known.get(_key(machine))
        return next((one for one in read.conditions if one.type == "Ready"), None) if read is not None else None

    def happenings(self, machine: Machine) -> tuple[Happening, ...]:
        """The events that its cluster keeps about it, as they were read."""
        read = self._known.get(_key(machine))
        return (read.happenings or ()) if read is not None else ()

    def read(self, machine: Machine) -> bool:
        """Whether it was tried."""
        return _key(machine) in self._known

    def look(self, machine: Machine) -> None:
        """Reads what is not known yet; again only once the server tells of a newer machine."""
        key, cluster = _key(machine), self._session.clusters.get(machine.cluster)
        asked = key in self._known or key == self._reading
        if machine.ready or asked or cluster is None or cluster.trust is not Trust.LIVE:
            return
        self._reading = key
        self._run(self._read(machine, key))

    async def _read(self, machine: Machine, key: Key) -> None:
        try:
            details = await self._session.fleet.details(machine)
        except ClusterError:
            details = None  # the row says what it knows; d says what went wrong
        finally:
            if self._reading == key:
                self._reading = None
        while len(self._known) >= REMEMBERED:
            del self._known[next(iter(self._known))]
        kept = msgspec.structs.replace(details, pods=None) if isinstance(details, MachineDetails) else None
        self._known[key] = kept
        self._changed()


def _key(machine: Machine) -> Key:
    return machine.cluster, machine.uid, machine.resource_version
