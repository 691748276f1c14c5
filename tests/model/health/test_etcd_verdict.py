"""What a picture comes to: the level, the word, the host that is bad."""

from typing import Any

import pytest

from fleetui.model.cluster import Health
from fleetui.model.fault import FaultKind
from fleetui.model.health.etcd import AlarmKind, Member, Picture
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_space import Forecast
from fleetui.model.health.etcd_trouble import Trend
from fleetui.model.health.etcd_verdict import Verdict, verdict
from tests.model.health.pictures import AT, GIB, PERIOD_S, alarm, down, learner, picture, silent, unstarted, up

A, B, C = up("a"), up("b"), up("c")
LEADERLESS = tuple(up(name, leader="", no_leader=True) for name in "abc")
CALM, WARNING, BROKEN, UNKNOWN, BUSY = Health.CALM, Health.WARNING, Health.BROKEN, Health.UNKNOWN, Health.BUSY


def judged(*members: Member, before: Picture | None = None, **more: Any) -> Verdict:
    return verdict(picture(*members), before, at=AT, period_s=PERIOD_S, **more)


@pytest.mark.parametrize(
    ("members", "level", "word", "bad"),
    [
        pytest.param((A, B, C), CALM, "can lose 1", (), id="well"),
        pytest.param((A,), CALM, "single member", (), id="one member, as it is meant"),
        pytest.param((A, B), WARNING, "2/2 up, next loss fatal", (), id="two members"),
        pytest.param((A, B, down("c")), WARNING, "2/3 up, next loss fatal", ("c",), id="one of three down"),
        pytest.param((A, B, silent("c")), WARNING, "2/3 up, next loss fatal", ("c",), id="one of three silent"),
        pytest.param((A, B, C, up("d"), down("e")), WARNING, "member down", ("e",), id="one of five down"),
        pytest.param((A, B, C, up("d"), silent("e")), WARNING, "no answer", ("e",), id="one of five silent"),
        pytest.param((A, down("b"), down("c")), BROKEN, "quorum lost", ("b", "c"), id="two of three down"),
        pytest.param((A, silent("b"), silent("c")), BROKEN, "no quorum seen", ("b", "c"), id="two of three silent"),
        pytest.param((down("a"), down("b"), down("c")), BROKEN, "quorum lost", ("a", "b", "c"), id="all down"),
        pytest.param(
            (silent("a"), silent("b"), silent("c")), BROKEN, "no quorum seen", ("a", "b", "c"), id="all silent"
        ),
        pytest.param(LEADERLESS, WARNING, "no leader", ("a", "b", "c"), id="an election"),
        pytest.param((A, B, up("c", leader="")), WARNING, "2/3 up, next loss fatal", (), id="one cut off"),
        pytest.param((A, up("b", alarms=alarm("b")), C), BROKEN, "NOSPACE", ("b",), id="full"),
        pytest.param(
            (A, B, up("c", alarms=alarm("b") + alarm("c", AlarmKind.CORRUPT))), BROKEN, "CORRUPT", ("c",), id="corrupt"
        ),
        pytest.param((A, B, up("c", cluster_id="bad")), BROKEN, "other cluster", ("c",), id="another cluster"),
        pytest.param((A, B, up("c", version="3.5.9")), WARNING, "versions differ", ("c",), id="versions"),
        pytest.param((A, B, C, learner("d", applied=890)), BUSY, "learner", (), id="a learner"),
        pytest.param((A, B, C, learner("d", applied=900)), BUSY, "learner ready", (), id="a learner to promote"),
        pytest.param(
            (A, B, C, unstarted("d", learner=True)), WARNING, "learner not started", ("d",), id="a learner to come"
        ),
        pytest.param((A, B, up("c", db_size=7 * GIB)), WARNING, "db 88%", ("c",), id="filling"),
        pytest.param((A, B, up("c", db_size=8 * GIB)), BROKEN, "db 100%", ("c",), id="at the quota, no alarm yet"),
        pytest.param((A, B, up("c", db_in_use=GIB // 4)), WARNING, "75% free in db", ("c",), id="fragmented"),
        pytest.param((A, B, up("c", downgrading_to="3.5.0")), BUSY, "downgrade to 3.5.0", (), id="downgrade"),
    ],
)
def test_one_look(members: tuple[Member, ...], level: Health, word: str, bad: tuple[str, ...]) -> None:
    found = judged(*members)
    assert (found.level, found.word, found.bad) == (level, word, bad or found.bad)
    assert bad or level in (CALM, BUSY) or not found.findings[0].hosts


def test_a_member_that_is_cut_off_is_named_under_the_margin() -> None:
    found = judged(A, B, up("c", leader=""))
    assert (found.bad, [finding.about for finding in found.findings]) == (("c",), [About.NO_MARGIN, About.CUT_OFF])


def test_without_a_member_list_nothing_is_green() -> None:
    refused = silent("", FaultKind.UNAUTHORIZED, "client cert refused", endpoint="https://10.0.0.1:2379")
    found = verdict(picture(refused, listed=False), at=AT, period_s=PERIOD_S)
    assert (found.level, found.word, found.margin) == (UNKNOWN, "client cert refused", None)
    assert "10.0.0.1: client cert refused" in found.reason
    assert found.findings[0].remedy == "look at it"


def test_nothing_configured_says_why() -> None:
    nothing = Picture("east", at=AT, why="no etcd certificates configured", remedy="set them")
    found = verdict(nothing, at=AT, period_s=PERIOD_S)
    assert (found.level, found.word, found.reason) == (UNKNOWN, "no data", "no etcd certificates configured")


def test_an_old_look_is_unknown_and_an_old_trouble_stays_trouble() -> None:
    later = AT + 4 * PERIOD_S + 1
    assert verdict(picture(A, B, C), at=later, period_s=PERIOD_S).level is UNKNOWN
    assert verdict(picture(A, B, C), at=later - 1, period_s=PERIOD_S).level is CALM
    lost = verdict(picture(A, down("b"), down("c")), at=later, period_s=PERIOD_S)
    assert (lost.level, lost.findings[-1].about) == (BROKEN, About.STALE)


def test_an_election_that_does_not_end_is_broken() -> None:
    assert judged(*LEADERLESS, before=picture(*LEADERLESS, at=AT - 0.5)).level is WARNING
    assert judged(*LEADERLESS, before=picture(A, B, C, at=AT - 5)).level is WARNING
    assert judged(*LEADERLESS, before=picture(*LEADERLESS, at=AT - 5)).level is BROKEN


def test_commits_prove_that_it_is_our_way_to_them() -> None:
    before = picture(up("a", applied=900), silent("b"), silent("c"), at=AT - 5)
    found = judged(A, silent("b"), silent("c"), before=before)
    assert (found.level, found.word) == (WARNING, "1 of 3 seen")
    assert "the way from here" in found.reason


def test_a_member_behind_is_named_once_it_is_proven() -> None:
    before = picture(up("a", applied=900), up("b", applied=900), up("c", applied=100), at=AT - 5)
    found = judged(A, B, up("c", applied=100), before=before)
    assert (found.level, found.word, found.bad) == (WARNING, "900 behind", ("c",))
    assert "about 45s" in found.reason
    assert judged(A, B, up("c", applied=100)).level is CALM
    slow = judged(up("a", applied=9_000), B, up("c", applied=100), before=before)
    assert (slow.level, slow.word) == (BROKEN, "8900 behind")


def test_a_learner_that_applies_nothing_is_stuck() -> None:
    before = picture(A, B, C, learner("d", applied=10), at=AT - 5)
    stuck = judged(A, B, C, learner("d", applied=10), before=before)
    assert (stuck.level, stuck.word, stuck.bad) == (WARNING, "learner stuck", ("d",))
    assert judged(A, B, C, learner("d", applied=500), before=before).level is BUSY
    caught_up = picture(A, B, C, learner("d"), at=AT - 5)
    assert judged(A, B, C, learner("d"), before=caught_up).level is BUSY


def test_two_leaders_are_believed_at_the_second_look() -> None:
    odd = (A, B, up("c", leader="c"))
    assert judged(*odd).level is CALM
    found = judged(*odd, before=picture(*odd, at=AT - 5))
    assert (found.level, found.word, found.bad) == (WARNING, "leaders differ", ("c",))


def test_member_lists_that_differ_twice() -> None:
    now, before = picture(A, B, C, split=("c",)), picture(A, B, C, split=("c",), at=AT - 5)
    assert verdict(now, None, at=AT, period_s=PERIOD_S).level is CALM
    found = verdict(now, before, at=AT, period_s=PERIOD_S)
    assert (found.level, found.word, found.bad) == (WARNING, "member lists differ", ("c",))


def test_who_answers_and_is_no_member() -> None:
    stranger = up("x", member={"endpoint": "https://10.0.0.9:2379"})
    found = verdict(picture(A, B, C, strangers=(stranger,)), at=AT, period_s=PERIOD_S)
    assert (found.level, found.word, found.bad) == (WARNING, "stranger", ("x",))


@pytest.mark.parametrize(("hours", "level"), [(100.0, CALM), (24.0, WARNING), (4.0, BROKEN), (None, CALM)])
def test_the_forecast(hours: float | None, level: Health) -> None:
    assert judged(A, B, C, trend=Trend(Forecast(hours=hours))).level is level


def test_the_quota_of_the_metrics_stands_in() -> None:
    old = tuple(up(name, quota=None, version="3.4.23", db_size=GIB) for name in "abc")
    assert judged(*old).level is CALM
    assert judged(*old, trend=Trend(quota=GIB)).level is BROKEN


@pytest.mark.parametrize(
    ("raised", "said", "hosts"),
    [
        (alarm("b"), "the database of b has reached its quota, and its alarm holds for all", ("b",)),
        (alarm("b") + alarm("c"), "the databases of b and c have reached their quota", ("b", "c")),
    ],
)
def test_an_alarm_of_one_member_is_told_as_the_whole_clusters(raised: tuple, said: str, hosts: tuple) -> None:  # type: ignore[type-arg]
    told = verdict(picture(A, up("b", alarms=raised), C), at=AT, period_s=PERIOD_S)
    found = [finding for finding in told.findings if finding.about is About.NO_SPACE]
    assert [(finding.word, finding.hosts) for finding in found] == [("NOSPACE", hosts)]
    assert found[0].detail == f"the whole cluster refuses writes: {said}; a restart does not help"
    assert "snapshot, compact" in found[0].remedy
