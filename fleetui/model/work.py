"""What an operation does to a cluster, as small as the cluster's row needs it: how far it is, and what blocks it."""

import msgspec

from fleetui.model.duration import age_text
from fleetui.model.waiting import Waiting

RUNNING = "running"


class Work(msgspec.Struct, frozen=True):
    """An approved operation that has not ended."""

    op_id: str
    kind: str
    """``drain``."""
    by: str
    """Who started it: ``ana``."""
    cluster: str
    """The cluster's name when it was submitted."""
    uid: str = ""
    """The cluster's UID, which decides where it is known."""
    done: int = 0
    """Machines of which every step is done."""
    total: int = 0
    state: str = RUNNING
    """As the Operations screen says it: ``running``, ``paused``, ``aborting``."""
    stuck: bool = False
    """It waits for a person."""
    stuck_since: float | None = None
    """Since when it waits for a person: held, or paused. Not since when a budget that holds it has been shut."""
    holds: tuple[Waiting, ...] = ()
    """What blocks it; empty while it moves."""

    def is_of(self, *, name: str, uid: str) -> bool:
        """Whether it works on the cluster of this name and UID. A name may have moved to another cluster since."""
        return self.uid == uid if self.uid and uid else self.cluster == name

    @property
    def blocked_since(self) -> float | None:
        """Since when it has been blocked; None when it is not, or nobody knows."""
        return self.stuck_since if self.holds else None

    @property
    def words(self) -> str:
        """Without an age, for filters: ``drain 0/2 blocked``."""
        state = "blocked" if self.holds else self.state
        return f"{self.kind} {self.done}/{self.total}" + ("" if state == RUNNING else f" {state}")

    def text(self, now: float) -> str:
        """``drain 0/2``, ``drain 0/2 blocked 2m``, ``drain 1/2 paused 5m``."""
        since = self.stuck_since
        return self.words if since is None else f"{self.words} {age_text(since, now)}"

    @property
    def reason(self) -> str:
        """What blocks it, in one line with its owner: ``pdb payments/api allows 0, Deployment/api``."""
        if not self.holds:
            return ""
        first = self.holds[0]
        return ", ".join(part for part in (first.detail or first.why, first.owner) if part)
