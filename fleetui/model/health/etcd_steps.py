"""What may be done to an etcd cluster now, and in which order. Each rule refuses on what is not known.

The order of a defragmentation and its conditions are those that etcd's maintainers put into etcd-defrag: every member
well (a full database excepted, that is what it is for), one at a time, the leader last.
"""

from fleetui.model.health.etcd import AlarmKind, Member, Picture
from fleetui.model.health.etcd_quorum import GUARD_MAX_AGE_S, Ruling, follows, illness, margin
from fleetui.model.health.etcd_space import fullness

DISARM_BELOW = 0.9
"""Of the quota, on every member: disarmed above it, the alarm comes back with the next writes (etcd-defrag)."""


def may_defragment(picture: Picture, *, now: float) -> Ruling:
    """It stops the member for seconds per gigabyte, so the others have to carry the cluster meanwhile."""
    if doubt := _doubt(picture, now):
        return Ruling(False, doubt)
    if corrupt := _corrupt(picture):
        return Ruling(False, f"alarm CORRUPT of {corrupt}: a defragmentation would spread or hide it")
    unwell = [f"{m.host}: {ill}" for m in picture.members if (ill := illness(picture, m)) and ill != "alarm NOSPACE"]
    if unwell:
        return Ruling(False, f"not every member is well: {'; '.join(unwell)}")
    left = margin(picture)
    assert left is not None
    if left.can_lose < 1:
        only = left.voters == 1
        return Ruling(False, "the API stands still meanwhile: no other member carries it", outage=only)
    return Ruling(True, f"every member is well, {left.text}")


def defragmentation_order(picture: Picture) -> tuple[Member, ...]:
    """Learners and followers by name, the leader last."""
    return tuple(sorted(picture.members, key=lambda member: (member.leads, not member.learner, member.host)))


def leader_candidates(picture: Picture) -> tuple[Member, ...]:
    """Who may lead instead, best first: voters that are well, those furthest in the log before others. NOSPACE keeps
    nobody from it: it stands for the whole cluster, and under load each member raises its own."""
    fit = [
        member
        for member in picture.voters
        if member.started and not member.leads and not _serious(picture, member) and member.said is not None
    ]

    def rank(member: Member) -> tuple[bool, int, str]:
        return bool(illness(picture, member)), -member.said.applied if member.said else 0, member.host

    return tuple(sorted(fit, key=rank))


def may_move_leader(picture: Picture, to: str, *, now: float) -> Ruling:
    if doubt := _doubt(picture, now):
        return Ruling(False, doubt)
    if picture.leader is None:
        return Ruling(False, "the leader itself does not answer: it cannot be asked to hand over")
    if to not in {member.id for member in leader_candidates(picture)}:
        target = picture.member(to)
        why = "not in the member list" if target is None else _serious(picture, target) or _unfit(target)
        return Ruling(False, f"{picture.host_of(to)} cannot lead: {why}")
    return Ruling(True, f"from {picture.leader.host} to {picture.host_of(to)}")


def _unfit(member: Member) -> str:
    if member.learner:
        return "a learner does not vote"
    return "it leads already" if member.leads else "it has never started"


def may_disarm(picture: Picture, kind: AlarmKind, *, now: float, quota: int | None = None) -> Ruling:
    """NOSPACE, once every member has room again. CORRUPT is never disarmed: the member is replaced."""
    if kind is not AlarmKind.NOSPACE:
        return Ruling(False, f"{kind.value} is not disarmed by hand: replace the member that raised it")
    if doubt := _doubt(picture, now):
        return Ruling(False, doubt)
    for member in picture.members:
        full = fullness(member.said, quota) if member.said else None
        if full is None:
            return Ruling(False, f"{member.host}: {member.status.why or 'its quota'} is unknown")
        if full >= DISARM_BELOW:
            return Ruling(False, f"{member.host} still takes {full:.0%} of its quota, needs under {DISARM_BELOW:.0%}")
    return Ruling(True, f"every member is under {DISARM_BELOW:.0%} of its quota")


def may_compact(picture: Picture, *, now: float) -> Ruling:
    if doubt := _doubt(picture, now):
        return Ruling(False, doubt)
    if corrupt := _corrupt(picture):
        return Ruling(False, f"alarm CORRUPT of {corrupt}: the history is evidence")
    return Ruling(True, "a quorum answers")


def snapshot_sources(picture: Picture) -> tuple[Member, ...]:
    """Who can give a snapshot, best first: well, not leading, furthest in the log. A member that sees no leader may
    still hold the last data there is, so it comes last instead of never."""
    able = [member for member in picture.voters if member.said is not None]

    def rank(member: Member) -> tuple[bool, bool, int, str]:
        behind = -member.said.applied if member.said else 0
        return bool(_serious(picture, member)), member.leads, behind, member.host

    return tuple(sorted(able, key=rank))


def _serious(picture: Picture, member: Member) -> str:
    ill = illness(picture, member)
    return "" if ill == "alarm NOSPACE" else ill


def _doubt(picture: Picture, now: float) -> str:
    if picture.listed_at is None:
        return picture.why or "no member has told the member list"
    if now - picture.at > GUARD_MAX_AGE_S:
        return f"the last look is {now - picture.at:.0f} s old"
    left = margin(picture)
    if left is None or left.can_lose < 0 or not any(follows(member) for member in picture.members):
        return f"no quorum: {left.text if left else '?'}"
    return ""


def _corrupt(picture: Picture) -> str:
    return next((picture.host_of(alarm.member) for alarm in picture.alarms if alarm.kind is AlarmKind.CORRUPT), "")
