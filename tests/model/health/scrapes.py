"""What a source may answer about etcd, as tables: one cluster of three members that is well, and what is different."""

from math import nan
from typing import Any

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.answers import Answers
from fleetui.model.health.etcd_promql import QUERIES
from fleetui.model.health.series import Point, Reply, Vector

NOW = 1_790_000_000.0
AGO = 3.0
"""Seconds since the last scrape; every 15 s there is one."""
WELL: dict[str, float] = {
    "up": 1, "scrapes": 40, "has_leader": 1, "is_leader": 0, "is_learner": 0, "peers": 3, "changes": 0,
    "fsync": 0.004, "fsync_slow": 0.0, "commit": 0.005, "unapplied": 0, "applied": 1000, "writes": 20, "pending": 0,
    "failed": 0, "slow_apply": 0, "heartbeats": 0, "size": 600 * 2**20, "in_use": 500 * 2**20, "quota": 8 * 2**30,
    "growth": 0.0, "defragmenting": 0,
}  # fmt: skip
IDS = {"m1": "a1", "m2": "b2", "m3": "c3"}
NO_ANSWER = Fault(FaultKind.TIMEOUT, "no answer", "store:9090: no answer within 10 s", "look at it")


def answers(
    *clusters: dict[str, dict[str, Any]],
    source: str = "store",
    partial: str = "",
    behind_s: float = 0.0,
    faults: tuple[str, ...] = (),
    skew_s: float = 0.0,
    **more: Any,
) -> Answers:
    """``clusters`` are members by instance; the cluster's name is in each member. ``skew_s``: the source's clock."""
    reply = Reply(
        source, NOW - 1, NOW, warnings=(partial,) if partial else (), partial=bool(partial), behind_s=behind_s
    )
    points: dict[str, list[Point]] = {query.id: [] for query in QUERIES}
    for members in clusters:
        for instance, member in members.items():
            for query, labels, value in _series(instance, member, skew_s):
                points[query].append(Point(labels, value, NOW + skew_s))
    replies: dict[str, Vector | Fault] = {query: Vector(tuple(found), reply) for query, found in points.items()}
    replies |= dict.fromkeys(faults, NO_ANSWER)
    return Answers(source, replies, **more)


def cluster(name: str = "c1", **different: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Three members on 10.0.0.1 to 3, m1 leads. ``m2={"fsync": 0.3}`` differs; ``m2=None`` is not there."""
    members: dict[str, dict[str, Any]] = {}
    for number, member in enumerate(IDS, start=1):
        changed = different.get(member, {})
        if changed is not None:
            leads = {"is_leader": float(member == "m1")}
            members[f"10.0.0.{number}:2381"] = {"cluster": name, "id": IDS[member], **WELL, **leads, **changed}
    return members


DOWN = {"up": 0.0, **dict.fromkeys((key for key in WELL if key not in ("up", "scrapes")), None)}
"""A member whose scrape fails: its other series end with a staleness marker."""


def _series(instance: str, member: dict[str, Any], skew_s: float) -> list[tuple[str, dict[str, str], float]]:
    labels = {"cluster": member["cluster"], "instance": instance}
    labels |= {"replica": member["replica"]} if "replica" in member else {}
    found = [(query, labels, float(member[query])) for query in WELL if member.get(query) is not None]
    found.append(("seen", labels, NOW + skew_s - member.get("ago", AGO)))
    if member["up"]:
        found.append(("id", {**labels, "server_id": member["id"]}, 1.0))
        found.append(("version", {**labels, "server_version": member.get("version", "3.6.16")}, 1.0))
        peers = member.get("rtt", {peer: 0.002 for peer in IDS.values() if peer != member["id"]})
        found += [("rtt", {**labels, "To": peer}, took) for peer, took in peers.items()]
        found += [("alarms", {**labels, "alarm_type": alarm}, 1.0) for alarm in member.get("alarms", ())]
    return found


IDLE: dict[str, Any] = {"fsync": nan, "fsync_slow": nan, "commit": nan, "rtt": {"b2": nan}}
