"""How many an etcd cluster can lose, and whom one may stop or remove."""

import pytest

from fleetui.model.fault import FaultKind
from fleetui.model.health.etcd import AlarmKind, Picture
from fleetui.model.health.etcd_quorum import GUARD_MAX_AGE_S, Step, guard, margin
from tests.model.health.pictures import AT, alarm, down, learner, picture, silent, unstarted, up

A, B, C, D, E = (up(name) for name in "abcde")


@pytest.mark.parametrize(
    ("members", "can_lose", "lost", "text"),
    [
        ((A,), 0, False, "single member"),
        ((A, B), 0, False, "2/2 up, next loss fatal"),
        ((A, B, C), 1, False, "can lose 1"),
        ((A, B, C, D), 1, False, "can lose 1"),
        ((A, B, C, D, E), 2, False, "can lose 2"),
        ((A, B, down("c")), 0, False, "2/3 up, next loss fatal"),
        ((A, B, silent("c")), 0, False, "2/3 up, next loss fatal"),
        ((A, down("b"), down("c")), -1, True, "quorum lost"),
        ((A, silent("b"), silent("c")), -1, False, "1 of 3 seen"),
        ((A, silent("b"), down("c")), -1, False, "1 of 3 seen"),
        ((down("a"), down("b"), down("c")), -2, True, "quorum lost"),
        ((A, B, C, learner("d")), 1, False, "can lose 1"),
        ((A, B, C, unstarted("d")), 0, False, "3/4 up, next loss fatal"),
        ((A, B, C, unstarted("d", learner=True)), 1, False, "can lose 1"),
        ((up("a", leader=""), up("b", leader=""), up("c", leader="")), -2, False, "no leader"),
        ((A, B, up("c", leader="")), 0, False, "2/3 up, next loss fatal"),
        ((A, B, up("c", no_leader=True)), 0, False, "2/3 up, next loss fatal"),
        ((A, B, silent("c", FaultKind.TLS, "unknown CA")), 0, False, "2/3 up, next loss fatal"),
    ],
)
def test_margin(members: tuple, can_lose: int, lost: bool, text: str) -> None:  # type: ignore[type-arg]
    found = margin(picture(*members))
    assert found is not None
    assert (found.can_lose, found.lost, found.text) == (can_lose, lost, text)
    assert found.voters == found.up + found.leaderless + found.down + found.silent


@pytest.mark.parametrize("seen", [picture(A, B, C, listed=False), picture(learner("a")), picture()])
def test_without_a_member_list_there_is_no_margin(seen: Picture) -> None:
    assert margin(seen) is None


FULL = up("b", alarms=alarm("b"))


@pytest.mark.parametrize(
    ("seen", "target", "stop", "remove"),
    [
        pytest.param(picture(A, B, C), "b", True, True, id="three, all well"),
        pytest.param(picture(A, B, down("c")), "b", False, False, id="three, another down"),
        pytest.param(picture(A, B, down("c")), "c", True, True, id="three, the one that is down"),
        pytest.param(picture(A, B, silent("c")), "b", False, False, id="silent counts as broken"),
        pytest.param(picture(A, B), "b", False, True, id="two: a restart is an outage, a removal is not"),
        pytest.param(picture(A, down("b")), "b", False, False, id="two, the dead one: nobody can agree to anything"),
        pytest.param(picture(A, B, C, D), "b", True, True, id="four, all well"),
        pytest.param(picture(A, B, C, down("d")), "b", False, True, id="four, one down: the restart is stricter"),
        pytest.param(picture(A, B, C, D, down("e")), "b", True, True, id="five, one down"),
        pytest.param(picture(A, B, C, down("d"), down("e")), "b", False, False, id="five, two down"),
        pytest.param(picture(A), "a", False, False, id="the only one"),
        pytest.param(picture(A, B, C, learner("d")), "b", False, False, id="a learner is joining"),
        pytest.param(picture(A, B, C, learner("d")), "d", True, True, id="the learner itself"),
        pytest.param(picture(A, B, C, unstarted("d")), "b", False, False, id="one has not started"),
        pytest.param(picture(A, B, C, unstarted("d")), "d", True, True, id="the one that has not started"),
        pytest.param(picture(A, FULL, C), "c", False, False, id="another has an alarm"),
        pytest.param(picture(A, FULL, C), "b", True, True, id="the one with the alarm"),
        pytest.param(picture(A, B, up("c", leader="")), "b", False, False, id="another is cut off"),
        pytest.param(picture(A, down("b"), down("c")), "b", False, False, id="the quorum is lost"),
        pytest.param(picture(A, B, C, split=("c",)), "b", False, False, id="another member list"),
        pytest.param(picture(A, B, C, listed=False), "b", False, False, id="no member list"),
        pytest.param(picture(A, B, C), "x", False, False, id="no member"),
        pytest.param(picture(*(up(n, leader="") for n in "abc")), "b", False, False, id="no leader"),
        pytest.param(picture(A, B, C, at=AT - GUARD_MAX_AGE_S), "b", True, True, id="just young enough"),
        pytest.param(picture(A, B, C, at=AT - GUARD_MAX_AGE_S - 1), "b", False, False, id="an old look"),
    ],
)
def test_guard(seen: Picture, target: str, stop: bool, remove: bool) -> None:
    rulings = [guard(seen, target, step, now=AT) for step in (Step.STOP, Step.REMOVE)]
    assert [ruling.allowed for ruling in rulings] == [stop, remove]
    assert all(ruling.reason for ruling in rulings)


def test_the_leader_is_moved_first() -> None:
    seen = picture(A, B, C)
    assert [guard(seen, name, Step.STOP, now=AT).first for name in "ab"] == ["move the leader", ""]


def test_the_only_member_may_be_stopped_by_who_accepts_the_outage() -> None:
    assert guard(picture(A), "a", Step.STOP, now=AT).outage
    assert not guard(picture(A), "a", Step.REMOVE, now=AT).outage
    assert not guard(picture(A, B, down("c")), "b", Step.STOP, now=AT).outage


def test_the_reason_has_the_numbers_and_who_is_missing() -> None:
    reason = guard(picture(A, B, down("c")), "b", Step.STOP, now=AT).reason
    assert reason == "without b: 1 healthy of 3 voters, quorum 2; c: refused"
    assert (
        "CORRUPT" in guard(picture(A, B, up("c", alarms=alarm("c", AlarmKind.CORRUPT))), "b", Step.STOP, now=AT).reason
    )
