"""One etcd cluster over many looks: forecasts, elections, paces, and what they add to the verdict."""

from math import inf

import pytest

from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.etcd_course import ELECTIONS_WITHIN_S, SIZES_EVERY_S, Course
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_pace import Buckets, Counters
from fleetui.model.health.etcd_space import WINDOW_S
from fleetui.model.health.etcd_verdict import Verdict
from tests.model.health.pictures import AT, GIB, PERIOD_S, down, picture, up

FAULT = Fault(FaultKind.TIMEOUT, "no answer", "no answer", "look at it")


def after(course: Course, at: float, **said: object) -> Course:
    return course.after(picture(*(up(name, **said) for name in "abc"), at=at))


def judged(course: Course) -> Verdict:
    assert course.picture is not None
    found = course.verdict(at=course.picture.at, period_s=PERIOD_S)
    assert found is not None
    return found


def test_before_the_first_look_there_is_nothing_to_judge() -> None:
    assert Course().verdict(at=AT, period_s=PERIOD_S) is None
    assert Course().elections(AT) is None


def test_the_look_before_is_at_least_a_second_older() -> None:
    course = after(after(after(Course(), AT), AT + 5), AT + 5.5)
    assert course.picture is not None
    assert course.before is not None
    assert (course.picture.at, course.before.at) == (AT + 5.5, AT)


def test_an_hour_of_growth_is_a_forecast() -> None:
    course = Course()
    for minute in range(61):
        course = after(course, AT + 60 * minute, db_size=5 * GIB + minute * GIB // 60)
    found = judged(course)
    # 6 of 8 GiB at a GiB an hour: two hours.
    assert (found.level, found.word, found.findings[0].about) == (Health.BROKEN, "full in 2h", About.FILLING)


def test_a_day_of_looks_stays_small() -> None:
    course = Course()
    for look in range(8_640):
        course = after(course, AT + 10 * look, term=7 + look // 100)
    assert len(course.sizes) <= WINDOW_S / SIZES_EVERY_S + 1
    assert len(course.terms) <= 2


@pytest.mark.parametrize(
    ("terms", "elections", "level"),
    [
        ([7], 0, Health.CALM),
        ([7, 7, 7], 0, Health.CALM),
        ([7, 8, 9, 10], 3, Health.CALM),
        ([7, 8, 9, 10, 11], 4, Health.WARNING),
        ([7, 11], 4, Health.WARNING),
        ([7, 19], 12, Health.BROKEN),
    ],
)
def test_elections_are_counted_by_terms(terms: list[int], elections: int, level: Health) -> None:
    course = Course()
    for minute, term in enumerate(terms):
        course = after(course, AT + 60 * minute, term=term)
    found = judged(course)
    assert (course.elections(AT + 60 * len(terms)), found.level) == (elections, level)
    assert (level is Health.CALM) is (found.findings == ())


def test_old_elections_are_forgotten() -> None:
    course = after(after(after(Course(), AT), AT + 60, term=20), AT + 61 + ELECTIONS_WITHIN_S, term=20)
    assert course.elections(AT + 61 + ELECTIONS_WITHIN_S) == 0
    later = after(course, AT + 120 + ELECTIONS_WITHIN_S, term=22)
    assert later.elections(AT + 120 + ELECTIONS_WITHIN_S) == 2


def test_a_look_that_nobody_answered_changes_no_history() -> None:
    course = after(Course(), AT)
    silent = course.after(picture(down("a"), down("b"), down("c"), at=AT + 60))
    assert (silent.sizes, silent.terms) == (course.sizes, course.terms)
    assert Course().after(picture(down("a"), at=AT)).terms == ()


def buckets(quick: int, slow: int) -> Buckets:
    return ((0.008, quick), (0.016, quick), (0.256, quick + slow), (inf, quick + slow))


def measured(course: Course, at: float, *, slow: int = 0, quota: int | None = None) -> Course:
    """b is slow, a is quick and far from c, c tells nothing."""
    quick = Counters(at=at, fsync=buckets(int(at), 0), commit=buckets(int(at), 0), quota=quota)
    late = Counters(at=at, fsync=buckets(int(at), slow), round_trips=(("c", buckets(0, slow)),))
    return course.measured({"a": quick, "b": late, "c": FAULT})


def test_a_slow_disk_names_its_host() -> None:
    course = measured(measured(after(Course(), AT), 100), 200, slow=5)
    assert set(course.paces) == {"a", "b"}
    found = judged(course)
    disk, line = found.findings
    assert (disk.about, disk.hosts, found.bad, found.level) == (About.SLOW_DISK, ("b",), ("b",), Health.BROKEN)
    assert (line.about, line.hosts) == (About.SLOW_NETWORK, ("b", "c"))
    assert judged(measured(course, 300, slow=5)).level is Health.CALM


def test_one_look_at_the_metrics_is_no_pace() -> None:
    assert measured(after(Course(), AT), 100, slow=5).paces == {}


def test_of_whose_disk_nothing_is_known_is_said_with_the_reason() -> None:
    course = after(Course(), AT)
    assert course.unmeasured == ("a: no sample", "b: no sample", "c: no sample")
    once = measured(course, 100)
    assert once.unmeasured == ("a: one sample", "b: one sample", "c: no answer")
    assert measured(once, 200).unmeasured == ("c: no answer",)
    idle = once.measured({"a": Counters(at=200, fsync=buckets(100, 0)), "b": Counters(at=200)})
    assert idle.unmeasured == ("b: not exported", "c: no sample"), "a disk that wrote nothing is known to be idle"


def test_the_quota_of_the_metrics_makes_the_forecast_of_an_old_version() -> None:
    course = measured(after(Course(), AT, quota=None, db_size=GIB), 100, quota=GIB)
    found = judged(course)
    assert (found.level, found.word) == (Health.BROKEN, "db 100%")
