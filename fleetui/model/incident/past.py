"""What a cluster itself remembers of the last hours: its events, and who changed what in it. Read when asked for."""

from collections.abc import Iterable

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.incident.record import LackOf
from fleetui.model.ledger import Operation


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


OURS = "fleetui"
"""How managedFields call this program: the beginning of what it says of itself (``User-Agent``)."""
SOON_S = 2.0
"""Two clocks, and the field's whole seconds."""


def person(cluster: str, one: Happened, operations: Iterable[Operation]) -> str:
    """Who sat behind a change that this program made, by its own audit: whoever submitted the operation that worked on
    that object at that moment. Else what the API server says, a program's name."""
    if one.who != OURS:
        return one.who
    then = [
        operation
        for operation in operations
        if operation.intent.cluster.name == cluster
        and one.name in {target.name for target in operation.intent.targets}
        and _was_at_work(operation, one.at)
    ]
    people = {str(operation.actor) for operation in then}
    return people.pop() if len(people) == 1 else one.who


def _was_at_work(operation: Operation, at: float) -> bool:
    began, ended = operation.started, operation.ended
    return began is not None and began - SOON_S <= at and (ended is None or at <= ended + SOON_S)


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
