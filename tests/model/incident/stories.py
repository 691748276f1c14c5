"""One incident, told record by record."""

from typing import Any

from fleetui.model.cluster import Health
from fleetui.model.incident.entry import Entry, EntryKind
from fleetui.model.incident.incident import Incident, fold
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

NOON = 1_800_000_000.0
"""2027-01-15 08:00 UTC: when the incident was begun."""
ID = "01JD8Q2M4X0000000000IN4F7Q"
ANA, BEN = "ana@jump-1", "ben@jump-2"


def opened(**more: Any) -> Opened:
    said: dict[str, Any] = {
        "title": "checkout is slow",
        "symptom": NOON - 300,
        "alerts": (AlertRef("k1", "KubeNodeNotReady", "prod-1"),),
        "clusters": ("prod-1",),
    }
    return Opened(incident=ID, at=NOON, by=ANA, console="A", **(said | more))


def entry(text: str, at: float, kind: EntryKind = EntryKind.STATE, **more: Any) -> Entry:
    return Entry(kind=kind, at=at, text=text, **({"cluster": "prod-1", "source": "session"} | more))


def seen(what: Entry, *, console: str = "A", at: float = NOON) -> Recorded:
    return Recorded(incident=ID, at=at, by=ANA, console=console, entry=what)


def watched(at: float, *, console: str = "A", hears: tuple[str, ...] = (), silent: tuple[str, ...] = ()) -> Watched:
    return Watched(incident=ID, at=at, by=ANA, console=console, hears=hears, silent=silent)


def change(text: str, at: float, who: str = "", cluster: str = "prod-1") -> Entry:
    fact = f"change/{cluster}/{text}"
    return entry(text, at, EntryKind.CHANGE, fact=fact, who=who, source="api", cluster=cluster, level=Health.BUSY)


def fires(name: str, at: float, *, key: str = "k1", phase: str = "firing") -> Entry:
    text = f"{name} fires: page" if phase == "firing" else f"{name} {phase}"
    return entry(text, at, EntryKind.ALERT, fact=f"alert/{key}/{phase}", source="am-1", level=Health.BROKEN)


def looked(*lacks: LackOf, cluster: str = "prod-1", about: str = "changes") -> Looked:
    return Looked(
        incident=ID, at=NOON, by=ANA, console="A", cluster=cluster, about=about, since=NOON - 7500, lacks=lacks
    )


def noted(text: str, at: float, by: str = BEN) -> Noted:
    return Noted(incident=ID, at=at, by=by, text=text)


def ticked(item: str, at: float = NOON + 60, *, done: bool = True) -> Ticked:
    return Ticked(incident=ID, at=at, by=BEN, item=item, done=done)


def closed(at: float = NOON + 1800) -> Closed:
    return Closed(incident=ID, at=at, by=BEN, summary="rack C has power again")


STORY: tuple[Record, ...] = (
    opened(),
    looked(LackOf("secrets", "may not be listed (403)")),
    looked(about="events"),
    seen(change("Deployment shop/web edited (Update)", NOON - 420, "helm")),
    seen(change("Deployment shop/web rolls out web-7d9", NOON - 418)),
    seen(change("Node wk-9 joined", NOON + 100)),
    seen(entry("wk-b-04 status Ready → NotReady", NOON - 300, fact="s1", level=Health.BROKEN)),
    seen(fires("KubeNodeNotReady", NOON - 120)),
    watched(NOON),
    noted("feed A of rack C is dark", NOON + 90),
    ticked("lead"),
    seen(entry("drain wk-b-04 begun", NOON + 200, EntryKind.OPERATION, fact="o1", who=ANA, source="operation 0OP001")),
    watched(NOON + 60),
    watched(NOON + 120),
)


def told(*records: Record) -> Incident:
    (incident,) = fold(records)
    return incident
