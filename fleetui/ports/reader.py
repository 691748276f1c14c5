"""How observe sees a cluster: read-only, typed rows out, every failure a ``ClusterError``."""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

from fleetui.model.fault import Fault
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod

if TYPE_CHECKING:  # no list and no start needs them
    from fleetui.model.details import Details
    from fleetui.model.incident.past import Told


class Kind(StrEnum):
    MACHINES = "nodes"
    PODS = "pods"


class Identity(msgspec.Struct, frozen=True):
    uid: str
    """UID of kube-system; empty when reading it is forbidden (then the context's server and CA stand for it)."""
    version: str
    """gitVersion of the server that answered."""


class Ready(msgspec.Struct, frozen=True):
    """A good /readyz."""

    latency_s: float
    skew_s: float | None
    """Server's Date header minus our clock; None without the header. Resolution one second."""


class Page(msgspec.Struct, frozen=True):
    items: tuple[Machine | Pod, ...]
    resource_version: str
    continue_: str = ""
    """Token of the next page; empty on the last."""
    remaining: int | None = None
    undecodable: int = 0


class ChangeType(StrEnum):
    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"


class Change(msgspec.Struct, frozen=True, gc=False):
    type: ChangeType
    resource_version: str
    item: Machine | Pod | None = None
    """None for a bookmark."""
    undecodable: bool = False
    """On a bookmark: an object changed in a way that could not be read; its row is out of date until a later change."""


class ClusterReader(Protocol):
    """One cluster, read. Methods raise ``ClusterError``; 410 raises ``GoneError``. Cancelling is always safe."""

    @property
    def name(self) -> str:
        """Display name written into the rows' ``cluster`` field."""
        ...

    @property
    def held_up(self) -> Fault | None:
        """What keeps requests under way from even reaching the server (a credential plugin that has not answered), as
        the fault to show when they take too long; None when it is the server that is waited for."""
        ...

    async def identify(self) -> Identity: ...

    async def readyz(self) -> Ready:
        """One GET of /readyz with a timeout of 3 s, and at most one second more to find out why there was no answer."""
        ...

    async def list_page(self, kind: Kind, *, limit: int, continue_: str = "") -> Page:
        """One page of a paged list."""
        ...

    def list_all(self, kind: Kind, *, preview: bool = True) -> AsyncIterator[Page]:
        """The whole kind the quickest way the server allows (first page small, then per namespace or in pages).

        With ``preview`` the first page comes at once and its objects may come again later; without, every object comes
        once, and all of them a little sooner. Every page's ``resource_version`` is safe to watch from: from the lowest
        of all pages, nothing is missed.
        """
        ...

    def watch(self, kind: Kind, *, resource_version: str) -> AsyncIterator[tuple[Change, ...]]:
        """Changes in batches as the network delivers them. Ends normally when the server ends the watch."""
        ...

    async def describe(self, kind: Kind, *, namespace: str, name: str) -> str:
        """The whole object as YAML without managedFields, cleaned for the screen line by line."""
        ...

    async def details(self, kind: Kind, *, namespace: str, name: str) -> "Details":
        """One object with what belongs to it: of a node the pods on it, of a pod its budgets, of both their events.
        What is refused beside the object itself is None in the answer and named there."""
        ...

    async def events(self, *, since: float) -> "Told":
        """What the cluster's events say since then (Unix seconds): warnings, and everything about machines. What may
        not be read is named in the answer."""
        ...

    async def changes(self, *, since: float) -> "Told":
        """Who changed what since then, from metadata alone; what may not be read is named in the answer."""
        ...

    async def close(self) -> None: ...
