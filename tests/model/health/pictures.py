"""Pictures of etcd clusters, written as short as they are read: ``picture(up("a"), up("b"), down("c"))``."""

from typing import Any

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source
from fleetui.model.health.etcd import Alarm, AlarmKind, Member, Picture, Status
from fleetui.model.health.sample import missing, sampled

AT = 1_790_000_000.0
PERIOD_S = 5.0
GIB = 1 << 30
LEADER = "a"
"""Members' ids are their names here."""


def up(name: str, *, at: float = AT, member: dict[str, Any] | None = None, **said: Any) -> Member:
    """Answers and follows ``LEADER``. ``said`` changes its status, ``member`` the entry of the member list."""
    status = Status(
        **{
            "version": "3.6.16",
            "leader": LEADER,
            "term": 7,
            "index": 1_000,
            "applied": 1_000,
            "revision": 900,
            "db_size": GIB,
            "db_in_use": GIB,
            "quota": 8 * GIB,
            "cluster_id": "5eed",
            **said,
        }
    )
    entry: dict[str, Any] = {"endpoint": f"https://{name}:2379", **(member or {})}
    return Member(id=name, name=name, status=sampled(status, at=at, source=Source.POLLED), **entry)


def silent(name: str, kind: FaultKind = FaultKind.TIMEOUT, word: str = "no answer", **entry: Any) -> Member:
    fault = Fault(kind, word, f"{name}:2379: {word}", "look at it")
    return Member(id=name, name=name, status=missing(word, at=AT, source=Source.POLLED), fault=fault, **entry)


def down(name: str, **entry: Any) -> Member:
    return silent(name, FaultKind.REFUSED, "refused", **entry)


def unstarted(id_: str, *, learner: bool = False) -> Member:
    status = missing("not started", at=AT, source=Source.POLLED)
    return Member(id=id_, name="", learner=learner, peer_urls=(f"https://{id_}:2380",), status=status)


def learner(name: str, **said: Any) -> Member:
    return up(name, member={"learner": True}, learner=True, **said)


def picture(*members: Member, at: float = AT, listed: bool = True, **more: Any) -> Picture:
    return Picture("east", at=at, members=members, listed_at=at if listed else None, **more)


def alarm(member: str, kind: AlarmKind = AlarmKind.NOSPACE) -> tuple[Alarm, ...]:
    return (Alarm(member, kind, kind.value),)
