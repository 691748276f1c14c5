"""Clusters' etcd in every state that the table can show, judged by the real rules."""

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source
from fleetui.model.health.etcd import Alarm, AlarmKind, Member, Picture, Status
from fleetui.model.health.etcd_course import Course
from fleetui.model.health.etcd_state import EtcdState, Known, etcd_state
from fleetui.model.health.sample import missing, sampled
from tests.console.world import NOON, World

REFUSED = Fault(FaultKind.REFUSED, "refused", "nothing listens at 10.0.0.13:2379", "start etcd there: crictl ps -a")
QUOTA = 8 << 30


def member(name: str, *, leader: str = "cp-a", at: float = NOON, fault: Fault | None = None, **said: object) -> Member:
    """One that answers, unless it has a fault. Its id is its name."""
    if fault is not None:
        return Member(name, name, missing(fault.word, at=at, source=Source.POLLED), fault=fault)
    told: dict[str, object] = {"db_size": 2 << 30, "db_in_use": 1 << 30, "quota": QUOTA, "index": 810_441}
    status = Status(**{"version": "3.6.16", "leader": leader, "term": 18, "applied": 810_441, **told, **said})  # type: ignore[arg-type]
    return Member(name, name, sampled(status, at=at, source=Source.POLLED))


def state(cluster: str, *members: Member, at: float = NOON) -> EtcdState:
    """As judged when the picture was taken a second before."""
    picture = Picture(cluster, at=at - 1, members=members, listed_at=at - 1)
    return etcd_state(Known(cluster, course=Course().after(picture), heard_at=at - 1, settled=True), at=at)


def well(cluster: str) -> EtcdState:
    return state(cluster, *map(member, ("cp-a", "cp-b", "cp-c")))


def thin(cluster: str) -> EtcdState:
    """One of three is down: the next loss is fatal."""
    return state(cluster, member("cp-a"), member("cp-b"), member("cp-c", fault=REFUSED))


def lost(cluster: str) -> EtcdState:
    alone = member("cp-a", leader="", no_leader=True, errors=("etcdserver: no leader",))
    return state(cluster, alone, member("cp-b", fault=REFUSED), member("cp-c", fault=REFUSED))


def full(cluster: str) -> EtcdState:
    alarms = (Alarm("cp-b", AlarmKind.NOSPACE, "NOSPACE"),)
    return state(cluster, *(member(name, alarms=alarms, db_size=QUOTA) for name in ("cp-a", "cp-b", "cp-c")))


def unconfigured(cluster: str) -> EtcdState:
    return etcd_state(Known(cluster, configured=False), at=NOON)


def put(world: World, *states: EtcdState) -> World:
    for row in states:
        world.fleet.tables["etcd"].apply(row.cluster, [(row.cluster, row)])  # type: ignore[list-item]
    return world


def put_all(world: World) -> World:
    return put(
        world,
        well("prod-east-2"),
        thin("prod-east-1"),
        lost("edge-oslo-01"),
        full("dr-west"),
        unconfigured("edge-lima-02"),
    )
