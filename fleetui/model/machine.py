"""A machine as the Machines screen shows it: today a Node of one cluster."""

import msgspec

CONTROL_PLANE_ROLES = frozenset({"control-plane", "master", "controlplane"})


class Machine(msgspec.Struct, frozen=True, gc=False):
    """One Node, as the server prints it (server-side Table) plus its metadata. Text is already clean for the screen."""

    uid: str
    name: str
    cluster: str
    """The cluster's display name."""
    status: str
    """As the server prints it: ``Ready``, ``NotReady``, ``Ready,SchedulingDisabled``, ``Unknown``."""
    roles: tuple[str, ...] = ()
    version: str = ""
    """Of the kubelet."""
    created: float | None = None
    internal_ip: str = ""
    os_image: str = ""
    kernel: str = ""
    runtime: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    """Sorted by key."""
    cordoned_by: str = ""
    """Who cordoned it, from our annotation: ``ana drain op-01J9``; empty when not by us or not cordoned."""
    operation: str = ""
    """The operation that holds the lock in our annotation: ``drain by ana``; empty when none."""
    resource_version: str = ""

    @property
    def ready(self) -> bool | None:
        """None when the node has never reported."""
        first = self.status.partition(",")[0]
        return {"Ready": True, "NotReady": False}.get(first)

    @property
    def state(self) -> str:
        """The status in the words that every table and text of ours shares: kubectl's SchedulingDisabled takes 18 cells
        to say ``cordoned``. ``?`` when there is none."""
        return self.status.replace("SchedulingDisabled", "cordoned") or "?"

    @property
    def cordoned(self) -> bool:
        return "SchedulingDisabled" in self.status

    @property
    def locked(self) -> bool:
        """An operation, whoever's, holds our lock on it."""
        return bool(self.operation)

    @property
    def drained(self) -> bool | None:
        """A drain of ours has ended on it and has left it cordoned. None where another cordon than ours stands: whoever
        set it may have drained the machine or not, and its row does not know its pods."""
        if not self.cordoned:
            return False
        if not self.cordoned_by:
            return None
        return self.cordoned_by.split()[-2:-1] == ["drain"] and not self.locked

    @property
    def control_plane(self) -> bool:
        return not CONTROL_PLANE_ROLES.isdisjoint(self.roles)

    def label(self, key: str) -> str | None:
        for name, value in self.labels:
            if name == key:
                return value
        return None
