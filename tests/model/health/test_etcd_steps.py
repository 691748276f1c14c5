"""What may be done to etcd now, and in which order."""

import pytest

from fleetui.model.health.etcd import AlarmKind, Picture
from fleetui.model.health.etcd_steps import (
    defragmentation_order,
    leader_candidates,
    may_compact,
    may_defragment,
    may_disarm,
    may_move_leader,
    snapshot_sources,
)
from tests.model.health.pictures import AT, GIB, alarm, down, learner, picture, silent, unstarted, up

A, B, C = up("a"), up("b"), up("c")
WELL = picture(A, B, C)
FULL = picture(A, up("b", alarms=alarm("b")), C)
CORRUPT = picture(A, up("b", alarms=alarm("b", AlarmKind.CORRUPT)), C)
LOST = picture(A, down("b"), down("c"))
OLD = picture(A, B, C, at=AT - 60)
UNLISTED = picture(A, listed=False)


@pytest.mark.parametrize(
    ("seen", "allowed"),
    [
        (WELL, True),
        (FULL, True),
        (CORRUPT, False),
        (LOST, False),
        (OLD, False),
        (UNLISTED, False),
        (picture(A, B, silent("c")), False),
        (picture(A, B, C, up("d"), down("e")), False),
        (picture(A, B), False),
        (picture(A), False),
    ],
)
def test_defragment(seen: Picture, allowed: bool) -> None:
    ruling = may_defragment(seen, now=AT)
    assert (ruling.allowed, bool(ruling.reason)) == (allowed, True)


def test_a_single_member_may_be_defragmented_by_who_accepts_the_outage() -> None:
    assert may_defragment(picture(A), now=AT).outage
    assert not may_defragment(picture(A, B), now=AT).outage


def test_the_leader_is_defragmented_last() -> None:
    assert [m.id for m in defragmentation_order(picture(A, B, C, learner("d")))] == ["d", "b", "c", "a"]


def test_who_may_lead_best_first() -> None:
    seen = picture(A, up("b", applied=999), C, up("d", alarms=alarm("d")), learner("e"), down("f"), unstarted("g"))
    assert [m.id for m in leader_candidates(seen)] == ["c", "b", "d"], "NOSPACE is the whole cluster's"


@pytest.mark.parametrize(
    ("seen", "to", "reason"),
    [
        (WELL, "b", "from a to b"),
        (WELL, "a", "it leads already"),
        (WELL, "x", "not in the member list"),
        (picture(A, B, C, learner("d")), "d", "a learner does not vote"),
        (picture(A, B, down("c")), "c", "refused"),
        (CORRUPT, "b", "alarm CORRUPT"),
        (picture(down("a"), B, C), "b", "the leader itself does not answer"),
        (LOST, "b", "no quorum"),
        (OLD, "b", "60 s old"),
    ],
)
def test_move_leader(seen: Picture, to: str, reason: str) -> None:
    ruling = may_move_leader(seen, to, now=AT)
    assert ruling.allowed is (reason == "from a to b")
    assert reason in ruling.reason


@pytest.mark.parametrize(
    ("seen", "kind", "allowed"),
    [
        (FULL, AlarmKind.NOSPACE, True),
        (FULL, AlarmKind.CORRUPT, False),
        (FULL, AlarmKind.OTHER, False),
        (picture(A, up("b", alarms=alarm("b"), db_size=int(7.3 * GIB)), C), AlarmKind.NOSPACE, False),
        (picture(A, up("b", alarms=alarm("b")), down("c")), AlarmKind.NOSPACE, False),
        (picture(A, up("b", alarms=alarm("b"), quota=None), C), AlarmKind.NOSPACE, False),
        (LOST, AlarmKind.NOSPACE, False),
    ],
)
def test_disarm(seen: Picture, kind: AlarmKind, allowed: bool) -> None:
    assert may_disarm(seen, kind, now=AT).allowed is allowed


def test_disarm_with_the_quota_of_the_metrics() -> None:
    old = picture(*(up(name, quota=None) for name in "abc"))
    assert may_disarm(old, AlarmKind.NOSPACE, now=AT, quota=8 * GIB).allowed
    assert not may_disarm(old, AlarmKind.NOSPACE, now=AT, quota=GIB).allowed


@pytest.mark.parametrize(
    ("seen", "allowed"), [(WELL, True), (FULL, True), (CORRUPT, False), (LOST, False), (OLD, False)]
)
def test_compact(seen: Picture, allowed: bool) -> None:
    assert may_compact(seen, now=AT).allowed is allowed


def test_snapshots_come_from_a_follower_that_is_well_and_from_the_last_survivor_if_need_be() -> None:
    seen = picture(A, up("b", applied=900), C, up("d", alarms=alarm("d", AlarmKind.CORRUPT)), learner("e"), down("f"))
    assert [m.id for m in snapshot_sources(seen)] == ["c", "b", "a", "d"]
    assert [m.id for m in snapshot_sources(picture(up("a", leader=""), down("b"), down("c")))] == ["a"]
