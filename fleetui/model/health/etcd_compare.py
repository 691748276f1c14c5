"""Where members contradict each other, and which contradictions to believe.

Members are asked one after the other while writes go on, so revisions, terms and indexes of one reading always differ
a little. Such a soft difference is believed once a second reading shows it again; a hard one (another cluster,
another version) cannot come from the moment of asking, and is believed at once.
"""

from collections.abc import Callable

import msgspec

from fleetui.model.health.etcd import Member, Picture, Status

READINGS_APART_S = 1.0
"""Two readings closer than this are one: etcd's own diagnosis asks again after one second."""
NOISE_PERIODS = 2.0
"""A lag in seconds means something from this many periods of the poll on; below it is the moment of asking."""


class Lag(msgspec.Struct, frozen=True):
    """How far a member is behind the one that is furthest."""

    member: str
    """Its id."""
    entries: int
    """Log entries it has not applied yet; 0 for the furthest."""
    seconds: float | None = None
    """Only when the cluster writes at a rate that was measured and the lag is more than the moment of asking."""
    proven: bool = False
    """It now is behind where another member was at the reading before: no moment of asking explains that."""


class Mismatch(msgspec.Struct, frozen=True):
    """Members say different things about what must be one."""

    about: str
    """``cluster``, ``version``, ``storage version``, ``leader``, ``term``, ``member list``."""
    said: tuple[tuple[str, str], ...]
    """(what was said, by which hosts), the most frequent first."""
    odd: tuple[str, ...] = ()
    """Hosts in the minority; empty when there is none to name."""
    hard: bool = False


def mismatches(now: Picture, before: Picture | None) -> tuple[Mismatch, ...]:
    """Those to believe: hard ones at once, soft ones when the reading before shows the same members at odds."""
    found = [_compare(now, about, of, hard=True) for about, of in _HARD]
    if before is not None and now.at - before.at >= READINGS_APART_S:
        found += [_twice(now, before, about, of) for about, of in _SOFT]
    return tuple(mismatch for mismatch in found if mismatch is not None)


def _twice(now: Picture, before: Picture, about: str, of: Callable[[Status], str]) -> Mismatch | None:
    then = _compare(before, about, of)
    today = _compare(now, about, of)
    return today if then is not None and today is not None and set(then.odd) == set(today.odd) else None


def _compare(picture: Picture, about: str, of: Callable[[Status], str], *, hard: bool = False) -> Mismatch | None:
    hosts: dict[str, list[str]] = {}
    for member in (*picture.answering, *picture.strangers):
        if member.said is not None and (said := of(member.said)):
            hosts.setdefault(said, []).append(member.host)
    if len(hosts) < 2:
        return None
    ranked = sorted(hosts.items(), key=lambda item: (-len(item[1]), item[0]))
    majority = len(ranked[0][1]) > len(ranked[1][1])
    odd = tuple(sorted(host for _, group in ranked[1:] for host in group)) if majority else ()
    return Mismatch(about, tuple((said, ", ".join(sorted(group))) for said, group in ranked), odd, hard)


_HARD: tuple[tuple[str, Callable[[Status], str]], ...] = (
    ("cluster", lambda status: status.cluster_id),
    ("version", lambda status: status.version),
    ("storage version", lambda status: status.storage_version),
)
_SOFT: tuple[tuple[str, Callable[[Status], str]], ...] = (
    ("leader", lambda status: status.leader),
    ("term", lambda status: str(status.term)),
)


def committing(now: Picture, before: Picture | None) -> bool:
    """Entries were applied between two readings: some quorum is at work, whoever answers us."""
    first, last = furthest(before), furthest(now)
    return first is not None and last is not None and last > first


def furthest(picture: Picture | None) -> int | None:
    """The highest entry that any member has applied."""
    return max((m.said.applied for m in picture.answering if m.said), default=None) if picture else None


def lags(now: Picture, before: Picture | None) -> tuple[Lag, ...]:
    """Of every member that answers, the worst first."""
    front = furthest(now)
    if front is None:
        return ()
    found = [_lag(member, front, now, before) for member in now.answering if member.said is not None]
    return tuple(sorted(found, key=lambda lag: -lag.entries))


def _lag(member: Member, front: int, now: Picture, before: Picture | None) -> Lag:
    assert member.said is not None
    entries = front - member.said.applied
    then = furthest(before)
    if before is None or then is None or now.at - before.at < READINGS_APART_S:
        return Lag(member.id, entries)
    period = now.at - before.at
    rate = (front - then) / period
    seconds = entries / rate if rate > 0 else None
    means_something = seconds is not None and seconds > NOISE_PERIODS * period
    return Lag(member.id, entries, seconds if means_something else None, proven=member.said.applied < then)
