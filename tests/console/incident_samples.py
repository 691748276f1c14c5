"""An incident of the sample fleet, and the register that it stands in."""

from collections.abc import Sequence
from typing import Any

from fleetui.model.cluster import Health
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.incident.past import Told
from fleetui.model.incident.record import (
    AlertRef,
    Closed,
    LackOf,
    Looked,
    Noted,
    Opened,
    Record,
    Recorded,
    Ticked,
    Watched,
)
from fleetui.observe.incident_board import IncidentBoard
from fleetui.ports.incidents import IncidentJournal, JournalError, Load
from tests.console.world import NOON, World

FEED = "01JD8Q2M4X0000000000IN4F7Q"
OVER = "01JD8Q2M4X0000000000IN2B9C"
ANA, BEN = "ana@jump-1", "ben@jump-2"


class Journal:
    """In memory."""

    def __init__(self, records: Sequence[Record] = ()) -> None:
        self.records = list(records)
        self.broken = ""

    def append(self, records: Sequence[Record]) -> None:
        if self.broken:
            raise JournalError(self.broken)
        self.records += records

    def load(self, place: int = 0) -> Load:
        return Load(tuple(self.records[place:]), len(self.records))


class Quiet:
    """No cluster is asked: what is recorded is what a test writes."""

    async def events(self, cluster: str, *, since: float) -> Told:
        return Told()

    async def changes(self, cluster: str, *, since: float) -> Told:
        return Told()


async def register(
    world: World, *records: Record, kept: IncidentJournal | None = None
) -> tuple[IncidentBoard, Journal]:
    """The console's board of incidents, with these in it; ``kept``: in place of the journal in memory."""
    journal = Journal(records)
    board = IncidentBoard(
        kept or journal,
        Quiet(),
        world.desk.operations,
        by=ANA,
        clock=world.clock,
        ids=world.ids,  # type: ignore[arg-type]
    )
    world.fleet.boards["incidents"] = board
    world.fleet.tables["incidents"] = board.rows  # type: ignore[assignment]
    await board.refresh()
    return board, journal


def _seen(kind: EntryKind, at: float, text: str, **more: Any) -> Recorded:
    entry = Entry(kind=kind, at=NOON + at, text=text, cluster="prod-east-2", **more)
    return Recorded(incident=FEED, at=NOON + at, by=ANA, console="A", entry=entry)


def _changed(at: float, text: str, who: str = "") -> Recorded:
    return _seen(EntryKind.CHANGE, at, text, level=Health.BUSY, who=who, source="api")


def _rang(at: float, text: str, level: Health, who: str = "") -> Recorded:
    fact = f"alert/{text.partition(' ')[0]}/{'firing' if 'fires' in text else 'ack'}"
    return _seen(EntryKind.ALERT, at, text, level=level, who=who, source="eu-a, eu-b", fact=fact)


def _beat(at: float, *silent: str) -> Watched:
    names = {"Alertmanager eu-a", "Alertmanager eu-b", "cluster prod-east-2"}
    hears = tuple(sorted(names.difference(silent)))
    return Watched(incident=FEED, at=NOON + at, by=ANA, console="A", hears=hears, silent=silent)


STORY: tuple[Record, ...] = (
    Opened(
        incident=OVER, at=NOON - 260_000, by=BEN, title="registry slow in eu", symptom=NOON - 261_000,
        clusters=("ci-eu",),
    ),
    Closed(incident=OVER, at=NOON - 250_000, by=BEN, summary="the cache disk was full; it has a limit now"),
    Opened(
        incident=FEED, at=NOON - 600, by=ANA, title="rack C dark, checkout slow", symptom=NOON - 900,
        alerts=tuple(AlertRef(name, name, "prod-east-2") for name in ("KubeNodeNotReady", "CheckoutLatencyHigh")),
        clusters=("prod-east-2",),
    ),
    Looked(
        incident=FEED, at=NOON - 598, by=ANA, cluster="prod-east-2", about="changes", since=NOON - 8100,
        lacks=(LackOf("secrets", "may not be listed (403)"),),
    ),
    Looked(incident=FEED, at=NOON - 598, by=ANA, cluster="prod-east-2", about="events", since=NOON - 1500),
    *(_beat(at) for at in range(-600, -300, 60)),
    _beat(-290, "Alertmanager eu-b"),
    _beat(-230, "Alertmanager eu-b"),
    *(_beat(at) for at in range(-170, 1, 60)),
    _changed(-1320, "Deployment shop/checkout edited", "argocd-controller"),
    _changed(-1318, "Deployment shop/checkout rolls out checkout-5f7d9c"),
    _changed(-4200, "Node wk-c-03 edited", "kubectl-cordon"),
    _seen(EntryKind.STATE, -900, "wk-c-03 status Ready → NotReady", level=Health.BROKEN, source="session"),
    _seen(EntryKind.EVENT, -860, "Node wk-c-03 NodeNotReady", who="node-controller", source="events"),
    _rang(-780, "KubeNodeNotReady fires: page (node=wk-c-03)", Health.BROKEN),
    _rang(-720, "CheckoutLatencyHigh fires: ticket", Health.WARNING),
    _rang(-540, "KubeNodeNotReady acknowledged: rack C (node=wk-c-03)", Health.BUSY, "ana"),
    Ticked(incident=FEED, at=NOON - 560, by=ANA, item="lead", done=True),
    Ticked(incident=FEED, at=NOON - 540, by=ANA, item="ack", done=True),
    Noted(incident=FEED, at=NOON - 500, by=BEN, text="feed A of rack C is dark, facilities is on its way"),
    _seen(EntryKind.OPERATION, -360, "drain wk-b-07 +2 begun (load away from rack C)", level=Health.BUSY, who=ANA,
          source="operation OP0001"),
)  # fmt: skip
