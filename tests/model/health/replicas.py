"""Replies of a source about kinds of clusters, as tests write them down."""

from collections.abc import Mapping

from fleetui.model.health.answers import Answers
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_group import readings
from fleetui.model.health.replication_kind import (
    BacklogRule,
    FigureRule,
    Kind,
    Level,
    LinkRule,
    Role,
    RoleRule,
    SecondsRule,
    Steps,
)
from fleetui.model.health.replication_verdict import judge
from fleetui.model.health.series import Labels, Point, Reply, Target, Vector

NOW = 1_000_000.0
MIB = 2.0**20

PAIRED = Kind(
    name="pg",
    title="PG",
    exporter="an exporter",
    marker="pg_up",
    alive="$by",
    role=RoleRule(query="$by", values={0: Role.PRIMARY, 1: Role.REPLICA}),
    link=LinkRule(own="$by", before="$by", seen="$group", match=("client_addr",), enable="enable the collector"),
    seconds=SecondsRule(query="$by", held="$by", at_most=True),
    backlog=BacklogRule(query="$group", match=("client_addr",)),
    writes="$group",
    figures=(
        FigureRule(
            "slot", "WAL kept", "$by", unit="B", label="slot_name", amber=64 * MIB, red=1024 * MIB,
            word="slot filling", step="find its reader",
        ),
    ),
    steps=Steps(broken="look at the receiver", down="look at the log", lagging="look at replay", leaderless="look"),
)  # fmt: skip
STATE = Kind(
    name="ceph",
    title="Ceph",
    exporter="an exporter",
    marker="ceph_health_status",
    instance=(),
    figures=(
        FigureRule(
            "health", "health", "$by", words={0: "HEALTH_OK", 1: "HEALTH_WARN"}, levels={1: Level.AMBER, 2: Level.RED}
        ),
        FigureRule("free", "free", "$by", unit="ratio", amber=0.2, red=0.1, falling=True),
    ),
)  # fmt: skip

Series = Mapping[str, list[tuple[Labels, float]]]


def vector(points: list[tuple[Labels, float]]) -> Vector:
    return Vector(tuple(Point(labels, value, NOW) for labels, value in points), Reply("store", NOW, NOW))


def answers(kind: Kind, said: Series, *, targets: tuple[Target, ...] = (), replica: str = "") -> Answers:
    replies = {f"{kind.name}/{name}": vector(points) for name, points in said.items()}
    return Answers(source="store", replies=replies, targets=targets, replica_label=replica)


def at(instance: str, **more: str) -> Labels:
    return {"cluster": "eu", "instance": instance, **more}


def rows(kind: Kind, said: Series, **more: object) -> dict[str, Replica]:
    """Verdicts by instance."""
    found = readings(kind, answers(kind, said, **more), now=NOW)  # type: ignore[arg-type]
    return {one.instance: judge(one, now=NOW) for one in found}
