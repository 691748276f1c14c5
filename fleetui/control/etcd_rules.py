"""What an operation on etcd goes by: is this the etcd that was meant, and may this be done to it now. Pure.

The orders and conditions are ``model.health.etcd_steps``'s; here they are asked of one cluster whose id was confirmed.
"""

import msgspec

from fleetui.model.amount import bytes_text
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.etcd import AlarmKind, Member, Picture, Status
from fleetui.model.health.etcd_quorum import Ruling
from fleetui.model.health.etcd_space import fragmentation, worth_defragmenting
from fleetui.model.health.etcd_steps import may_defragment

SLACK = 0.1
"""Share of a database file that may be holes just after a defragmentation: writes go on meanwhile."""
SLACK_BYTES = 1 << 20


class WrongEtcdError(Exception):
    """Another etcd cluster answers than the one that was confirmed. Its text is for people."""


def check_identity(picture: Picture, wanted: str) -> None:
    """Raises WrongEtcdError; ClusterError when nobody answers who could say which cluster it is."""
    found = picture.cluster_ids
    if others := [each for each in found if each != wanted]:
        raise WrongEtcdError(f"another etcd cluster answers: id {' and '.join(others)}, meant was {wanted}")
    if not found:
        why = picture.why or f"none of {len(picture.members)} members answers"
        remedy = picture.remedy or "look at the etcd screen for the reason of each"
        raise ClusterError(Fault(FaultKind.NETWORK, "no member answers", why, remedy))


def ready_to_defragment(picture: Picture, *, now: float) -> Ruling:
    """As ``may_defragment``; and nobody is still joining, whose catching up would suffer."""
    ruling = may_defragment(picture, now=now)
    joining = [member.host for member in picture.members if member.learner or not member.started]
    if (ruling.allowed or ruling.outage) and joining:
        return Ruling(False, f"{' and '.join(joining)} is still joining; wait until it votes")
    return ruling


def defragmented(status: Status) -> bool | None:
    """Whether a defragmentation would give back next to nothing; None while that is unknown."""
    if status.db_size is None or status.db_in_use is None:
        return None
    holes = status.db_size - status.db_in_use
    return holes <= max(SLACK_BYTES, SLACK * status.db_size)


class Worth(msgspec.Struct, frozen=True):
    """What defragmentations would give back."""

    worth: bool | None
    """None: unknown of some member, and of none it is known to be worth it."""
    text: str


def worth(picture: Picture) -> Worth:
    judged = [worth_defragmenting(member.said) if member.said else None for member in picture.members]
    text = "; ".join(f"{member.host} {_holes(member)}" for member in picture.members)
    return Worth(True if any(judged) else None if None in judged else False, text)


def _holes(member: Member) -> str:
    said = member.said
    if said is None:
        return member.absence
    share = fragmentation(said)
    if said.db_size is None or share is None:
        return "?"
    return f"{bytes_text(said.db_size)}, {share:.0%} of it holes"


def full_members(picture: Picture) -> tuple[str, ...]:
    """Hosts that have raised NOSPACE."""
    return tuple(picture.host_of(alarm.member) for alarm in picture.alarms if alarm.kind is AlarmKind.NOSPACE)
