"""What a cluster itself remembers of the last hours: its events, and who changed what in it. Read when asked for."""

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.incident.record import LackOf


class Happened(msgspec.Struct, frozen=True):
    """One thing that the API server remembers. Text is clean for the screen."""

    at: float
    """Unix seconds, by the cluster's clock."""
    kind: str
    """``Deployment``."""
    namespace: str
    name: str
    text: str
    """``rolled out, revision 12``; of an event its reason and message."""
    who: str = ""
    """The manager's or the component's name as they gave it: who sat behind it only the audit log knows."""
    warning: bool = False
    count: int = 1

    @property
    def place(self) -> str:
        return f"{self.namespace}/{self.name}" if self.namespace else self.name


MAY_NOT = "may not be listed (403)"
NOT_SERVED = "this server has none (404)"


class Told(msgspec.Struct, frozen=True):
    said: tuple[Happened, ...] = ()
    lacks: tuple[LackOf, ...] = ()
    """What could not be read, and why: without these, nothing said would mean nothing happened."""


def event_entry(cluster: str, one: Happened) -> Entry:
    """One that comes again and again is told again whenever its number has doubled."""
    times = f" ({one.count} times)" if one.count > 1 else ""
    return Entry(
        kind=EntryKind.EVENT,
        at=one.at,
        text=f"{one.kind} {one.place} {one.text}{times}",
        fact=f"event/{cluster}/{one.kind}/{one.place}/{one.text}/{one.count.bit_length()}",
        once=True,
        cluster=cluster,
        source="events",
        who=one.who,
        level=Health.WARNING if one.warning else Health.CALM,
    )


def change_entry(cluster: str, one: Happened) -> Entry:
    return Entry(
        kind=EntryKind.CHANGE,
        at=one.at,
        text=f"{one.kind} {one.place} {one.text}",
        fact=f"change/{cluster}/{one.kind}/{one.place}/{one.text}/{one.who}",
        cluster=cluster,
        source="api",
        who=one.who,
        level=Health.BUSY,
    )
