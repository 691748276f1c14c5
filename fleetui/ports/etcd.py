"""How observe and control see one etcd cluster: looked at member by member, and acted on with outcomes that never
pretend to know."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from fleetui.model.fault import ClusterError, Fault
from fleetui.model.health.etcd import Alarm, Picture
from fleetui.model.health.etcd_pace import Counters
from fleetui.ports.ended import Ended


class Outcome(msgspec.Struct, frozen=True):
    """How one action ended."""

    ended: Ended
    detail: str
    """One sentence, clean."""
    fault: Fault | None = None
    """For REFUSED and UNKNOWN."""
    took_s: float = 0.0


class Snapshot(msgspec.Struct, frozen=True):
    """A snapshot that is complete on disk and whose hash was read back right."""

    path: str
    size: int
    """Bytes of the file, the 32 of the hash at its end among them."""
    sha256: str
    """Of the database as etcd wrote it behind it, and as it was computed from what arrived; hexadecimal."""
    member: str
    """Id of the member it is from."""
    revision: int | None = None
    """Of the key space just before it was taken: it holds at least this."""
    version: str = ""
    """Storage version, from 3.6 on."""
    took_s: float = 0.0


class SnapshotError(Exception):
    """No snapshot; nothing is left at the path."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.word}: {fault.detail}")
        self.fault = fault


Progress = Callable[[int, int | None], None]
"""(bytes so far, bytes in all or None while unknown)."""


class NoEtcdError(ClusterError):
    """Nobody has configured a way to it: that says nothing of how it is."""


class EtcdCluster(Protocol):
    """One etcd cluster. Cancelling any method is safe; an action that was sent may still be carried out."""

    async def look(self) -> Picture:
        """Status of every member at the same time, each with its own second; never raises: a member that fails to
        answer is in the picture with its fault."""
        ...

    async def counters(self) -> dict[str, Counters | Fault]:
        """The metrics of every member that has an endpoint, by member id."""
        ...

    async def alarms(self) -> tuple[Alarm, ...]:
        """The alarm list itself. It goes through raft, so it is only asked of a cluster that has a leader; what the
        members already know of alarms is in ``look``. Raises ClusterError."""
        ...

    async def move_leader(self, to: str) -> Outcome:
        """The leader hands over to the member of this id."""
        ...

    async def defragment(self, member: str) -> Outcome:
        """One member rewrites its database; it serves nothing meanwhile."""
        ...

    async def disarm(self, alarm: Alarm) -> Outcome:
        """One alarm of one member. Without the member's id etcd answers well and clears nothing, so it is required."""
        ...

    async def compact(self, revision: int) -> Outcome:
        """History before the revision is dropped, on disk too (physical)."""
        ...

    async def snapshot(self, member: str, path: Path, *, progress: Progress | None = None) -> Snapshot:
        """The member's database into a new file of mode 0600, verified against the hash at its end. It appears under
        its name only when it is whole. Raises SnapshotError."""
        ...

    async def close(self) -> None: ...


class Dialer(Protocol):
    """The door for other ways to a member than the network's own: a port-forward to its static pod is one that
    opens a local port. TLS still names the endpoint's host, not the place dialled."""

    async def address(self, endpoint: str) -> str:
        """Where to connect instead of ``endpoint`` (scheme, host, port), in the same form; itself for a direct way.
        Raises ClusterError."""
        ...
