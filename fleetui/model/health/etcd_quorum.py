"""How many members an etcd cluster can still lose, and whether one may be stopped or removed now.

The margin says what is. The guard judges the state after the step, as the controllers of Cluster API's control planes
do: project the members, count everything as broken that is not known to be well, then ask for a quorum.
"""

from enum import StrEnum

import msgspec

from fleetui.model.health.etcd import Member, Picture

GUARD_MAX_AGE_S = 10.0
"""Nobody stops a member on an older picture; the poll takes a second."""


SINGLE = "single member"
"""As it was meant: it can lose nobody, and has lost nobody."""
NEXT_FATAL = "next loss fatal"
"""Ends the text of a margin that is used up."""


class Margin(msgspec.Struct, frozen=True):
    """Voters against the quorum. Learners do not vote."""

    voters: int
    up: int
    """Answer and follow a leader."""
    leaderless: int
    """Answer and know no leader: an election, or they cannot hear the others."""
    down: int
    """Certainly down: nothing listens there, or never started."""
    silent: int
    """Neither: no answer, or one that we may not read. It may be our way to them."""

    @property
    def quorum(self) -> int:
        return self.voters // 2 + 1

    @property
    def can_lose(self) -> int:
        """Members that may fail from here on, counting only those known to be up; negative when the quorum is not
        reached by them."""
        return self.up - self.quorum

    @property
    def lost(self) -> bool:
        """Certainly: what is left cannot be a quorum, whatever the silent ones do."""
        return self.voters - self.down < self.quorum

    @property
    def thin(self) -> bool:
        """A quorum works, and the next loss ends it; of a single member that is no news."""
        return self.can_lose == 0 and self.voters > 1

    @property
    def text(self) -> str:
        """``can lose 1``, ``2/3 up, next loss fatal``, ``single member``."""
        if self.lost:
            return "quorum lost"
        if self.thin:
            return f"{self.up}/{self.voters} up, {NEXT_FATAL}"
        if self.can_lose == 0:
            return SINGLE
        if self.can_lose > 0:
            return f"can lose {self.can_lose}"
        return f"{self.up} of {self.voters} seen" if self.up else "no leader"


def margin(picture: Picture) -> Margin | None:
    """None while nobody has told the member list: without it the number of voters is a guess."""
    voters = picture.voters
    if picture.listed_at is None or not voters:
        return None
    up = sum(1 for member in voters if follows(member))
    answering = sum(1 for member in voters if member.answers)
    down = sum(1 for member in voters if member.certainly_down)
    return Margin(len(voters), up, answering - up, down, silent=len(voters) - answering - down)


def follows(member: Member) -> bool:
    """It answers and knows a leader."""
    return member.said is not None and bool(member.said.leader) and not member.said.no_leader


class Step(StrEnum):
    """What is to happen to a member."""

    STOP = "stop"
    """It goes down and comes back: a restart, an upgrade, a drain of its machine. It goes on counting as a voter."""
    REMOVE = "remove"
    """It leaves the member list for good."""


class Ruling(msgspec.Struct, frozen=True):
    """The guard's answer. Never allowed on what is not known."""

    allowed: bool
    reason: str
    """One sentence, the numbers in it."""
    first: str = ""
    """What should happen before, when allowed: ``move the leader``."""
    outage: bool = False
    """Refused only because it is the one member there is: whoever accepts that the API is down may go on."""
    unknown: bool = False
    """Refused only because nobody knows enough."""


def guard(picture: Picture, member_id: str, step: Step, *, now: float, also: frozenset[str] = frozenset()) -> Ruling:
    """May this member be stopped or removed now? ``also``: ids of those that are stopped together with it."""
    target = picture.member(member_id)
    doubt = _doubt(picture, now) if target else f"{member_id} is not in the member list"
    if target is None or doubt:
        return Ruling(allowed=False, reason=f"not known well enough: {doubt}", unknown=True)
    others = tuple(member for member in picture.members if member.id != member_id)
    if waiting := [member.host for member in others if member.learner or not member.started]:
        return Ruling(allowed=False, reason=f"{' and '.join(waiting)} is still joining; wait until it votes")
    return _project(picture, target, others, step, also - {member_id})


def _doubt(picture: Picture, now: float) -> str:
    if picture.listed_at is None:
        return picture.why or "no member has told the member list"
    if now - picture.at > GUARD_MAX_AGE_S:
        return f"the last look is {now - picture.at:.0f} s old"
    if picture.split:
        return f"{' and '.join(picture.split)} has another member list"
    left = margin(picture)
    if left is None or left.can_lose < 0:
        return f"no quorum is seen to work: {left.text if left else '?'}"
    return ""


def _project(picture: Picture, target: Member, others: tuple[Member, ...], step: Step, also: frozenset[str]) -> Ruling:
    stays = step is Step.STOP and not target.learner
    voters = len(others) + (1 if stays else 0)
    stopped = [member.host for member in others if member.id in also]
    rest = [member for member in others if member.id not in also]
    unwell = {member.host: ill for member in rest if (ill := illness(picture, member))}
    healthy, quorum, without = len(rest) - len(unwell), voters // 2 + 1, " and ".join((target.host, *stopped))
    if voters == 0 or (stays and voters == 1):
        return Ruling(False, f"{target.host} is the only member: the API is down without it", outage=stays)
    count_text = f"{healthy} healthy of {voters} voters, quorum {quorum}"
    if healthy < quorum:
        because = "".join(f"; {host}: {ill}" for host, ill in unwell.items())
        return Ruling(False, f"without {without}: {count_text}{because}")
    return Ruling(True, f"without {without}: {count_text}", first="move the leader" if target.leads else "")


def illness(picture: Picture, member: Member) -> str:
    """Why a member cannot be counted on, empty when it can. An alarm counts: its member refuses writes or holds other
    data."""
    if not member.answers:
        return member.status.why or "no answer"
    if not follows(member):
        return "sees no leader"
    raised = [alarm.kind.value for alarm in picture.alarms if alarm.member == member.id]
    return f"alarm {raised[0]}" if raised else ""
