"""What a cluster's etcd forbids of work on machines: one rule for the lens' list, the checks of a plan, the margin and
the etcd screen, so that none of them allows what another forbids. Nothing is allowed on what is not known."""

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_quorum import Margin, Ruling, Step, follows, guard, illness

NO_WAY = "no way to its etcd is configured"
_ALARMED = (About.CORRUPT, About.NO_SPACE)


class Seen(msgspec.Struct, frozen=True):
    """What is known of one cluster's etcd, as far as these rules go by it."""

    findings: tuple[Finding, ...]
    """Of its verdict."""
    left: Margin | None
    """None where it is not known."""
    picture: Picture | None
    """Of its members, asked directly; None where they are not."""
    doubt: str
    """Why nothing of it says anything about now; empty when it does."""

    def finding(self, *abouts: About, broken: bool = False) -> Finding | None:
        """The worst about any of these. ``broken``: only one that is more than a warning."""
        found = (one for one in self.findings if one.about in abouts and one.level is not Health.UNKNOWN)
        return next((one for one in found if one.level is Health.BROKEN or not broken), None)


def may_write(seen: Seen) -> Ruling:
    """Whether the API server can write: each cordon, eviction and lock does."""
    if doubt := _doubt(seen):
        return _unclear(doubt)
    if _quorum_gone(seen):
        return Ruling(False, "the quorum is lost: nothing can be written")
    if found := seen.finding(About.NO_SPACE):
        return Ruling(False, f"{found.word}: writes are refused, it would stop half way")
    return Ruling(True, f"a quorum works, {seen.left.text if seen.left else '?'}, no alarm")


def may_stop(seen: Seen, machine: str = "", *, now: float, also: frozenset[str] = frozenset()) -> Ruling:
    """Whether a control-plane machine may be stopped, or drained to be worked on. ``machine`` is its name, where a
    member of etcd is called like it; of any other it is judged as if it carried the worst of the members that work.
    ``also``: the control-plane machines that are stopped at the same time, judged alike: the quorum must outlast all
    of them together."""
    if doubt := _doubt(seen):
        return _unclear(doubt)
    if _quorum_gone(seen):
        return Ruling(False, "the quorum is lost: who still answers holds the newest data")
    if seen.finding(About.CORRUPT):
        return Ruling(False, "CORRUPT: members differ, and nobody knows yet which of them is right")
    if found := seen.finding(About.NO_SPACE):
        return Ruling(
            False, f"{found.word}: the whole cluster refuses writes, and a member that restarts comes back full"
        )
    return _by_members(seen, machine, now, also - {machine}) if seen.picture is not None else _by_figures(seen)


def alarmed(findings: tuple[Finding, ...]) -> bool:
    """Whether an alarm forbids that any member is stopped, however many of them work."""
    return any(one.about in _ALARMED and one.level is not Health.UNKNOWN for one in findings)


def _doubt(seen: Seen) -> str:
    if seen.doubt or _quorum_gone(seen) or (seen.left is not None and seen.left.can_lose >= 0):
        return seen.doubt
    return f"no quorum is seen to work: {seen.left.text if seen.left else '?'}"


def _quorum_gone(seen: Seen) -> bool:
    return seen.finding(About.QUORUM_LOST, About.NO_LEADER, About.NO_QUORUM_SEEN, broken=True) is not None


def _by_members(seen: Seen, machine: str, now: float, also: frozenset[str]) -> Ruling:
    """The quorum guard's word on the member of this machine, else its worst on any that works."""
    picture = seen.picture
    assert picture is not None

    def stopped(member: Member) -> Ruling:
        return guard(picture, member.id, Step.STOP, now=now, also=_company(picture, member, also))

    own = next((member for member in picture.members if machine and machine == member.name), None)
    if own is not None:
        ruling = stopped(own)
        return (_thin(seen) or ruling) if ruling.unknown else ruling
    return _worst(seen, [stopped(member) for member in picture.voters if follows(member)])


def _company(picture: Picture, member: Member, machines: frozenset[str]) -> frozenset[str]:
    """Ids of the members that these machines carry: those called like them, and for each machine of which that is not
    known one that is well, for it may be any."""
    named = {other.name: other.id for other in picture.members if other.name in machines}
    known = {member.id, *named.values()}
    well = [other.id for other in picture.voters if other.id not in known and not illness(picture, other)]
    return frozenset((*named.values(), *well[: len(machines) - len(named)]))


def _worst(seen: Seen, rulings: list[Ruling]) -> Ruling:
    if not rulings:
        return _unclear("none of its members answers")
    worst = min(rulings, key=lambda ruling: (ruling.allowed, ruling.unknown))
    if worst.allowed:
        return Ruling(True, worst.reason)  # who leads it is not of this machine
    if worst.outage or (thin := _thin(seen)) is None:
        return worst
    return thin if worst.unknown else Ruling(False, f"{_THIN}; {worst.reason}")


def _by_figures(seen: Seen) -> Ruling:
    """What was scraped can forbid it, and never allows it: it says nothing of this moment."""
    return _thin(seen) or _unclear("its members are not asked directly")


_THIN = "etcd can lose no member"


def _thin(seen: Seen) -> Ruling | None:
    return Ruling(False, _THIN) if seen.finding(About.NO_MARGIN) else None


def _unclear(why: str) -> Ruling:
    return Ruling(False, f"not known well enough: {why}", unknown=True)
