"""What a picture of an etcd cluster comes to: the level, the word for the cell, the reason, and the host to look at."""

from collections.abc import Iterator

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health.etcd import AlarmKind, Member, Picture
from fleetui.model.health.etcd_compare import READINGS_APART_S, committing, mismatches
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_quorum import Margin, follows, margin
from fleetui.model.health.etcd_trouble import NO_TREND, Trend, behind, joining, slowness, space
from fleetui.model.health.sample import STALE_AFTER


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
    trend: Trend = NO_TREND,
) -> Verdict:
    """``at`` is the moment of judging; ``before`` an earlier poll of the same cluster, ``period_s`` how often it is
    polled. ``trend`` is what only several looks can tell."""
    left = margin(now)
    findings = sorted(
        (
            *_absence(now, left, at=at, period_s=period_s),
            *_alarms(now),
            *(_quorum(now, before, left) if left else ()),
            *_members(now),
            *_contradictions(now, before),
            *behind(now, before),
            *space(now, trend),
            *slowness(now, trend),
            *joining(now, before),
            *_downgrades(now),
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
    yield from _no_space(now)
    for alarm in now.alarms:
        host = now.host_of(alarm.member)
        match alarm.kind:
            case AlarmKind.CORRUPT:
                detail = f"{host} holds other data than the rest: do not defragment, do not restart; replace the member"
                yield Finding(Health.BROKEN, About.CORRUPT, "CORRUPT", detail, (host,))
            case AlarmKind.OTHER:
                yield Finding(Health.BROKEN, About.ALARM, f"alarm {alarm.said}", f"raised by {host}", (host,))


def _no_space(now: Picture) -> Iterator[Finding]:
    """One, whoever raised it: it is the whole cluster's."""
    hosts = tuple(now.host_of(alarm.member) for alarm in now.alarms if alarm.kind is AlarmKind.NOSPACE)
    if hosts:
        said = f"the database of {hosts[0]} has reached its quota, and its alarm holds for all"
        if len(hosts) > 1:
            said = f"the databases of {' and '.join(hosts)} have reached their quota"
        detail = f"the whole cluster refuses writes: {said}; a restart does not help"
        remedy = "etcd-recover-space: snapshot, compact, defragment each member, disarm the alarm"
        yield Finding(Health.BROKEN, About.NO_SPACE, "NOSPACE", detail, hosts, remedy)


def _quorum(now: Picture, before: Picture | None, left: Margin) -> Iterator[Finding]:
    missing = tuple(member.host for member in now.voters if not member.answers)
    counts = f"{left.up} of {left.voters} voters answer and see a leader, quorum is {left.quorum}"
    if left.lost:
        remedy = "bring one of them back; remove no member and defragment nothing"
        yield Finding(Health.BROKEN, About.QUORUM_LOST, "quorum lost", counts, missing, remedy)
    elif left.can_lose < 0:
        yield _unseen(now, before, left, counts, missing)
    elif left.thin:
        yield Finding(Health.WARNING, About.NO_MARGIN, left.text, counts, missing)


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


def _downgrades(now: Picture) -> Iterator[Finding]:
    for target in sorted({member.said.downgrading_to for member in now.answering if member.said} - {""}):
        yield Finding(Health.BUSY, About.DOWNGRADE, f"downgrade to {target}", f"a downgrade to {target} is under way")
