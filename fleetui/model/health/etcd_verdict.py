"""What a picture of an etcd cluster comes to: the level, the word for the cell, the reason, and the host to look at."""

from collections.abc import Iterator
from enum import StrEnum

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health import etcd_limits
from fleetui.model.health.etcd import AlarmKind, Member, Picture
from fleetui.model.health.etcd_compare import READINGS_APART_S, committing, lags, mismatches
from fleetui.model.health.etcd_quorum import Margin, follows, margin
from fleetui.model.health.etcd_space import Forecast, fragmentation, fullness, worth_defragmenting
from fleetui.model.health.sample import STALE_AFTER


class About(StrEnum):
    """What a finding is about, in the order in which findings of one level are told."""

    NOTHING_KNOWN = "nothing known"
    CORRUPT = "corrupt"
    QUORUM_LOST = "quorum lost"
    NO_QUORUM_SEEN = "no quorum seen"
    NO_LEADER = "no leader"
    OTHER_CLUSTER = "other cluster"
    NO_SPACE = "no space"
    ALARM = "alarm"
    NO_MARGIN = "no margin"
    MEMBER_DOWN = "member down"
    MEMBER_SILENT = "member silent"
    CUT_OFF = "cut off"
    DISAGREEMENT = "disagreement"
    MEMBER_LISTS = "member lists"
    BEHIND = "behind"
    FILLING = "filling"
    FRAGMENTED = "fragmented"
    VERSIONS = "versions"
    JOINING = "joining"
    DOWNGRADE = "downgrade"
    STALE = "stale"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is not as it should be."""

    level: Health
    about: About
    word: str
    """At most four words, for a cell."""
    detail: str
    """One sentence with the figures."""
    hosts: tuple[str, ...] = ()
    """The machines to look at."""
    remedy: str = ""


class Verdict(msgspec.Struct, frozen=True):
    """The whole judgement, worst finding first. CALM only when everything that matters is known and well."""

    level: Health
    word: str
    reason: str
    bad: tuple[str, ...]
    """Hosts of the worst finding that names any."""
    margin: Margin | None
    findings: tuple[Finding, ...]


_LEVELS = (Health.BROKEN, Health.WARNING, Health.UNKNOWN, Health.BUSY, Health.CALM)


def verdict(
    now: Picture,
    before: Picture | None = None,
    *,
    at: float,
    period_s: float,
    forecast: Forecast | None = None,
    quota: int | None = None,
) -> Verdict:
    """``at`` is the moment of judging; ``before`` an earlier poll of the same cluster, ``period_s`` how often it is
    polled. ``quota`` (bytes) stands in for members whose status does not say theirs."""
    left = margin(now)
    findings = sorted(
        (
            *_absence(now, left, at=at, period_s=period_s),
            *_alarms(now),
            *(_quorum(now, before, left) if left else ()),
            *_members(now),
            *_contradictions(now, before),
            *_behind(now, before),
            *_space(now, forecast, quota),
            *_going_on(now, before),
        ),
        key=lambda finding: (_LEVELS.index(finding.level), list(About).index(finding.about)),
    )
    return _sum_up(findings, left)


def _sum_up(findings: list[Finding], left: Margin | None) -> Verdict:
    told = tuple(findings)
    if not told:
        word = left.text if left else "?"
        return Verdict(Health.CALM if left else Health.UNKNOWN, word, "", (), left, ())
    bad = next((finding.hosts for finding in told if finding.hosts), ())
    return Verdict(told[0].level, told[0].word, told[0].detail, bad, left, told)


def _absence(now: Picture, left: Margin | None, *, at: float, period_s: float) -> Iterator[Finding]:
    if not now.members:
        why = now.why or "no member is known"
        yield Finding(Health.UNKNOWN, About.NOTHING_KNOWN, "no data", why, remedy=now.remedy)
    elif left is None:
        faults = [f"{member.host}: {member.status.why or 'no answer'}" for member in now.members]
        first = now.members[0].fault
        word = first.word if first else "no answer"
        yield Finding(
            Health.UNKNOWN, About.NOTHING_KNOWN, word, "; ".join(faults), remedy=first.remedy if first else ""
        )
    if (age := at - now.at) > STALE_AFTER * period_s:
        yield Finding(Health.UNKNOWN, About.STALE, f"stale {format_duration(age)}", "no newer look at its members")


def _alarms(now: Picture) -> Iterator[Finding]:
    for alarm in now.alarms:
        host = now.host_of(alarm.member)
        match alarm.kind:
            case AlarmKind.CORRUPT:
                detail = f"{host} holds other data than the rest: do not defragment, do not restart; replace the member"
                yield Finding(Health.BROKEN, About.CORRUPT, "CORRUPT", detail, (host,))
            case AlarmKind.NOSPACE:
                detail = f"the database of {host} has reached its quota: writes are refused; a restart does not help"
                remedy = "compact, defragment each member, disarm the alarm"
                yield Finding(Health.BROKEN, About.NO_SPACE, "NOSPACE", detail, (host,), remedy)
            case _:
                yield Finding(Health.BROKEN, About.ALARM, f"alarm {alarm.said}", f"raised by {host}", (host,))


def _quorum(now: Picture, before: Picture | None, left: Margin) -> Iterator[Finding]:
    missing = tuple(member.host for member in now.voters if not member.answers)
    counts = f"{left.up} of {left.voters} voters answer and see a leader, quorum is {left.quorum}"
    if left.lost:
        remedy = "bring one of them back; remove no member and defragment nothing"
        yield Finding(Health.BROKEN, About.QUORUM_LOST, "quorum lost", counts, missing, remedy)
    elif left.can_lose < 0:
        yield _unseen(now, before, left, counts, missing)
    elif left.can_lose == 0 and left.voters > 1:
        yield Finding(Health.WARNING, About.NO_MARGIN, "can lose 0", f"the next loss is fatal: {counts}", missing)


def _unseen(now: Picture, before: Picture | None, left: Margin, counts: str, missing: tuple[str, ...]) -> Finding:
    """Fewer than a quorum are seen to work, and it is not certain that they do not."""
    if committing(now, before):
        detail = f"writes are being committed, so it is the way from here: {counts}"
        return Finding(Health.WARNING, About.NO_QUORUM_SEEN, f"{left.up} of {left.voters} seen", detail, missing)
    if left.up + left.leaderless >= left.quorum:
        earlier = margin(before) if before and now.at - before.at >= READINGS_APART_S else None
        again = earlier is not None and earlier.up < earlier.quorum
        level = Health.BROKEN if again else Health.WARNING
        hosts = missing or tuple(member.host for member in now.voters if not follows(member))
        return Finding(
            level, About.NO_LEADER, "no leader", f"{'still electing' if again else 'electing'}: {counts}", hosts
        )
    return Finding(Health.BROKEN, About.NO_QUORUM_SEEN, "no quorum seen", counts, missing)


def _members(now: Picture) -> Iterator[Finding]:
    some_follow = any(follows(member) for member in now.members)
    for member in now.members:
        if member.answers:
            if some_follow and not follows(member):
                detail = f"{member.host} sees no leader while others do: its peer network, port 2380"
                yield Finding(Health.WARNING, About.CUT_OFF, "cut off", detail, (member.host,))
        elif member.started and now.listed_at is not None:
            yield _missing(member)


def _missing(member: Member) -> Finding:
    fault, host = member.fault, (member.host,)
    said = fault.detail if fault else member.status.why
    remedy = fault.remedy if fault else ""
    if member.certainly_down:
        return Finding(Health.WARNING, About.MEMBER_DOWN, "member down", f"{member.host} is down: {said}", host, remedy)
    word = fault.word if fault else "no answer"
    return Finding(Health.WARNING, About.MEMBER_SILENT, word, f"{member.host}: {said}", host, remedy)


def _contradictions(now: Picture, before: Picture | None) -> Iterator[Finding]:
    for found in mismatches(now, before):
        detail = f"{found.about}: " + "; ".join(f"{said} says {hosts}" for said, hosts in found.said)
        match found.about:
            case "cluster":
                yield Finding(Health.BROKEN, About.OTHER_CLUSTER, "other cluster", detail, found.odd)
            case "version" | "storage version":
                yield Finding(Health.WARNING, About.VERSIONS, "versions differ", detail, found.odd)
            case about:
                yield Finding(Health.WARNING, About.DISAGREEMENT, f"{about}s differ", detail, found.odd)
    for stranger in now.strangers:
        detail = f"who answers at {stranger.endpoint} is not in the member list: removed, or of another cluster"
        yield Finding(Health.WARNING, About.OTHER_CLUSTER, "stranger", detail, (stranger.host,))
    if now.split and before is not None and set(now.split) & set(before.split):
        detail = f"{', '.join(now.split)} has another member list than the leader"
        yield Finding(Health.WARNING, About.MEMBER_LISTS, "member lists differ", detail, now.split)


def _behind(now: Picture, before: Picture | None) -> Iterator[Finding]:
    for lag in lags(now, before):
        member = now.member(lag.member)
        level = etcd_limits.APPLY_LAG.judge(lag.entries)
        if member is None or not lag.proven or member.learner or level is Health.CALM:
            continue
        seconds = f", about {format_duration(lag.seconds)}" if lag.seconds is not None else ""
        detail = f"{member.host} is {lag.entries} entries behind{seconds}: its disk or its network"
        yield Finding(level, About.BEHIND, f"{lag.entries} behind", detail, (member.host,))


def _space(now: Picture, forecast: Forecast | None, quota: int | None) -> Iterator[Finding]:
    for member in now.answering:
        if member.said is None:
            continue
        full = fullness(member.said, quota)
        level = etcd_limits.DB_OF_QUOTA.judge(full)
        if full is not None and level in (Health.WARNING, Health.BROKEN):
            detail = f"the database of {member.host} takes {full:.0%} of its quota"
            yield Finding(level, About.FILLING, f"db {full:.0%}", detail, (member.host,))
        if worth_defragmenting(member.said):
            share = fragmentation(member.said) or 0.0
            detail = f"{share:.0%} of the database of {member.host} is free space: defragment"
            yield Finding(Health.WARNING, About.FRAGMENTED, f"{share:.0%} free in db", detail, (member.host,))
    hours = forecast.hours if forecast else None
    level = etcd_limits.HOURS_TO_FULL.judge(hours)
    if hours is not None and level in (Health.WARNING, Health.BROKEN):
        yield Finding(
            level, About.FILLING, f"full in {hours:.0f}h", f"the quota is reached in {hours:.1f} h at this rate"
        )


def _going_on(now: Picture, before: Picture | None) -> Iterator[Finding]:
    for member in now.members:
        if now.listed_at is not None and (member.learner or not member.started):
            yield _joining(member, before)
    targets = {member.said.downgrading_to for member in now.answering if member.said} - {""}
    for target in sorted(targets):
        yield Finding(Health.BUSY, About.DOWNGRADE, f"downgrade to {target}", f"a downgrade to {target} is under way")


def _joining(member: Member, before: Picture | None) -> Finding:
    kind = "learner" if member.learner else "member"
    if not member.started:
        detail = f"a {kind} was added at {', '.join(member.peer_urls) or '?'} and has never started"
        remedy = "start it there, or remove it from the member list: until then nobody else may be touched"
        return Finding(Health.WARNING, About.JOINING, f"{kind} not started", detail, (member.host,), remedy)
    earlier = before.member(member.id) if before else None
    if member.said and earlier and earlier.said and before is not None and _stuck(member, earlier, before):
        detail = f"the learner {member.host} has applied nothing since the last look while the others did"
        return Finding(Health.WARNING, About.JOINING, "learner stuck", detail, (member.host,))
    return Finding(Health.BUSY, About.JOINING, "learner", f"{member.host} is catching up and does not vote yet")


def _stuck(member: Member, earlier: Member, before: Picture) -> bool:
    """It stands where it stood, and the others had been further already."""
    if member.said is None or earlier.said is None:
        return False
    ahead = [other.said.applied for other in before.answering if other.said and other.id != member.id]
    return member.said.applied == earlier.said.applied and bool(ahead) and max(ahead) > member.said.applied
