"""Replicas in every state that the table can show, judged by the real rules of the kinds that ship."""

from pathlib import Path

from fleetui.clients.kind_files import read_kinds
from fleetui.clients.paths import shipped_kinds
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_kind import Role
from fleetui.model.health.replication_reading import Figure, Link, LinkSaid, Reading
from fleetui.model.health.replication_verdict import judge
from tests.console.world import NOON, World

KINDS = {kind.name: kind for kind in read_kinds(shipped_kinds(), Path("/nowhere")).kinds}
UP = LinkSaid(Link.UP, "it says so itself")
BROKEN = LinkSaid(Link.BROKEN, "the primary sends to nobody who could be it")
UNKNOWN = LinkSaid(Link.UNKNOWN, "its primary is not known; enable the exporter's collector stat_wal_receiver")
MIB = 2.0**20


def replica(kind: str, cluster: str, instance: str, **said: object) -> Replica:
    """One that receives and has replayed all, unless said otherwise; ``figures`` by their ids."""
    rules = {rule.id: rule for rule in KINDS[kind].figures}
    values: dict[str, tuple[float, str]] = said.pop("figures", {})  # type: ignore[assignment]
    figures = tuple(Figure(rule, *values.get(id_, (None, ""))) for id_, rule in rules.items())
    told: dict[str, object] = {
        "group": "", "seen_at": NOON - 4, "period_s": 15.0, "role": Role.REPLICA, "link": UP, "alive": True,
        "seconds": 0.0, "held": 0.0, "backlog": 0.0, "writes": MIB, "primaries": 1,
    }  # fmt: skip
    reading = Reading(
        kind=KINDS[kind],
        cluster=cluster,
        instance=instance,
        source="central",
        figures=figures,
        **{**told, **said},  # type: ignore[arg-type]
    )
    return judge(reading, now=NOON)


def primary(kind: str, cluster: str, instance: str, **said: object) -> Replica:
    none = LinkSaid(Link.NONE, "")
    return replica(kind, cluster, instance, **{"role": Role.PRIMARY, "link": none, "backlog": None, **said})


def state(kind: str, cluster: str, instance: str, **figures: tuple[float, str]) -> Replica:
    named = {id_.replace("_", "-"): value for id_, value in figures.items()}
    return replica(
        kind,
        cluster,
        instance,
        role=Role.MEMBER,
        link=LinkSaid(Link.NONE, ""),
        backlog=None,
        seconds=None,
        figures=named,
    )


ROWS = (
    primary("postgres", "prod-east-1", "10.1.0.11:9187", group="payments", figures={
        "slot-kept": (9216 * MIB, "analytics"), "hit-ratio": (0.994, ""), "connections": (0.61, "")}),
    replica("postgres", "prod-east-1", "10.1.0.12:9187", group="payments", link=BROKEN, backlog=None, figures={
        "replayed": (732, ""), "hit-ratio": (0.987, "")}),
    replica("postgres", "prod-east-1", "10.1.0.13:9187", group="payments", figures={"heard": (2, "")}),
    replica("postgres", "prod-east-2", "10.2.0.12:9187", group="ledger", seconds=41.0, held=38.0, backlog=212 * MIB),
    replica("postgres", "dr-west", "10.7.0.12:9187", group="ledger", link=UNKNOWN, backlog=None),
    primary("patroni", "prod-east-2", "10.2.0.31:8008", group="orders/main"),
    replica("patroni", "prod-east-2", "10.2.0.32:8008", group="orders/main", backlog=90_112.0),
    replica("redis", "prod-east-1", "10.1.0.41:9121", group="sessions", seconds=1.0),
    replica("mysql", "dr-west", "10.7.0.51:9104", group="shop", seen_at=None, silent=True,
            error="dial tcp 10.7.0.51:9104: connect: connection refused"),
    replica("kafka", "prod-east-1", "clicks", group="billing", role=Role.CONSUMER, seconds=312.0, backlog=48_211.0),
    state("galera", "edge-oslo-01", "10.9.0.21:9104", state=(4, ""), component=(1, ""), ready=(1, ""), size=(3, "")),
    state("ceph", "prod-east-2", "", health=(1, ""), degraded=(14, ""), osds_down=(0, ""), used=(0.62, "")),
)  # fmt: skip


def put_all(world: World, rows: tuple[Replica, ...] = ROWS) -> World:
    for row in rows:
        world.fleet.tables["replication"].apply(row.cluster, [(row.id, row)])  # type: ignore[list-item]
    return world
