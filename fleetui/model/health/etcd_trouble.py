"""What is wrong with single members while the quorum holds: behind, full, slow, not yet joined. Each names its host."""

from collections.abc import Iterator, Mapping

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health import etcd_limits
from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_compare import furthest, lags
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_pace import Pace
from fleetui.model.health.etcd_space import Forecast, fragmentation, fullness, worth_defragmenting
from fleetui.model.health.threshold import Threshold


class Trend(msgspec.Struct, frozen=True):
    """What only several looks can tell."""

    forecast: Forecast = Forecast()
    paces: Mapping[str, Pace] = {}
    """By member id, from the metrics; empty where nobody reads them."""
    elections: int | None = None
    """Changes of leader within the last 15 minutes."""
    quota: int | None = None
    """Bytes, from the metrics: stands in for members whose status does not say theirs."""


NO_TREND = Trend()
READY_AT = 0.9
"""Of the furthest log: from there on etcd accepts a learner's promotion (readyPercentThreshold)."""


def behind(now: Picture, before: Picture | None) -> Iterator[Finding]:
    """Voters that apply later than the others, once that is proven."""
    for lag in lags(now, before):
        member = now.member(lag.member)
        level = etcd_limits.APPLY_LAG.judge(lag.entries)
        if member is None or not lag.proven or member.learner or level is Health.CALM:
            continue
        seconds = f", about {format_duration(lag.seconds)}" if lag.seconds is not None else ""
        detail = f"{member.host} is {lag.entries} entries behind{seconds}: its disk or its network"
        yield Finding(level, About.BEHIND, f"{lag.entries} behind", detail, (member.host,))


def space(now: Picture, trend: Trend) -> Iterator[Finding]:
    """Databases that fill up or hold much free space."""
    for member in now.answering:
        if member.said is None:
            continue
        full = fullness(member.said, trend.quota)
        level = etcd_limits.DB_OF_QUOTA.judge(full)
        if full is not None and level in (Health.WARNING, Health.BROKEN):
            detail = f"the database of {member.host} takes {full:.0%} of its quota"
            yield Finding(level, About.FILLING, f"db {full:.0%}", detail, (member.host,))
        if worth_defragmenting(member.said):
            share = fragmentation(member.said) or 0.0
            detail = f"{share:.0%} of the database of {member.host} is free space: defragment"
            yield Finding(Health.WARNING, About.FRAGMENTED, f"{share:.0%} free in db", detail, (member.host,))
    hours = trend.forecast.hours
    level = etcd_limits.HOURS_TO_FULL.judge(hours)
    if hours is not None and level in (Health.WARNING, Health.BROKEN):
        yield Finding(
            level, About.FILLING, f"full in {hours:.0f}h", f"the quota is reached in {hours:.1f} h at this rate"
        )


def slowness(now: Picture, trend: Trend) -> Iterator[Finding]:
    """Slow disks, slow lines, a leader that changes hands."""
    level = etcd_limits.LEADER_CHANGES.judge(trend.elections)
    if level in _BAD:
        detail = f"{trend.elections} leaders in 15 minutes: a slow disk or network makes them late for their heartbeats"
        yield Finding(level, About.FLAPPING, f"{trend.elections} leader changes", detail)
    for member in now.answering:
        pace = trend.paces.get(member.id)
        if pace is None:
            continue
        yield from _slow(etcd_limits.FSYNC_P99, pace.fsync_p99, About.SLOW_DISK, "fsync", (member.host,))
        yield from _slow(etcd_limits.COMMIT_P99, pace.commit_p99, About.SLOW_DISK, "commit", (member.host,))
        hosts = (member.host, now.host_of(pace.slowest_peer))
        yield from _slow(etcd_limits.RTT_P99, pace.round_trip_p99, About.SLOW_NETWORK, "rtt", hosts)


def _slow(limit: Threshold, took: float | None, about: About, word: str, hosts: tuple[str, ...]) -> Iterator[Finding]:
    level = limit.judge(took)
    if took is not None and level in _BAD:
        between = " and ".join(hosts)
        detail = f"{limit.figure} of {between} is {took * 1000:.0f} ms, meant to be under {limit.amber * 1000:.0f} ms"
        yield Finding(level, about, f"{word} {took * 1000:.0f} ms", detail, hosts)


_BAD = frozenset({Health.WARNING, Health.BROKEN})


def joining(now: Picture, before: Picture | None) -> Iterator[Finding]:
    """Members that do not vote yet."""
    for member in now.members:
        if now.listed_at is not None and (member.learner or not member.started):
            yield _joining(member, now, before)


def _joining(member: Member, now: Picture, before: Picture | None) -> Finding:
    kind = "learner" if member.learner else "member"
    if not member.started:
        detail = f"a {kind} was added at {', '.join(member.peer_urls) or '?'} and has never started"
        remedy = "start it there, or remove it from the member list: until then nobody else may be touched"
        return Finding(Health.WARNING, About.JOINING, f"{kind} not started", detail, (member.host,), remedy)
    earlier = before.member(member.id) if before else None
    if member.said and earlier and earlier.said and before is not None and _stuck(member, earlier, before):
        detail = f"the learner {member.host} has applied nothing since the last look while the others did"
        return Finding(Health.WARNING, About.JOINING, "learner stuck", detail, (member.host,))
    if member.said and member.said.applied >= READY_AT * (furthest(now) or 0):
        detail = f"the learner {member.host} has caught up: it can be promoted, and does not vote until then"
        return Finding(Health.BUSY, About.JOINING, "learner ready", detail)
    return Finding(Health.BUSY, About.JOINING, "learner", f"{member.host} is catching up and does not vote yet")


def _stuck(member: Member, earlier: Member, before: Picture) -> bool:
    """It stands where it stood, and the others had been further already."""
    if member.said is None or earlier.said is None:
        return False
    ahead = [other.said.applied for other in before.answering if other.said and other.id != member.id]
    return member.said.applied == earlier.said.applied and bool(ahead) and max(ahead) > member.said.applied
