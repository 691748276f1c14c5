"""What becomes of an alarm that a member's metrics count: they count activations and count on after a disarm.

Observed on etcd 3.6.16: it counts each activation in ``etcd_debugging_server_alarms``, also that of an alarm which its
AlarmStore has already, and takes one away for a disarm; a restart ends the count and not the alarm.
"""

from math import nan
from typing import Any

import pytest

from fleetui.model.cluster import Health
from fleetui.model.health.etcd_board import EtcdRow, etcd_board
from fleetui.model.health.etcd_finding import About, Finding
from tests.model.health.scrapes import DOWN, NOW, answers, cluster

BROKEN, WARNING = Health.BROKEN, Health.WARNING
MEBI = 2**20
COUNTED: dict[str, Any] = {"alarms": ("NOSPACE",)}
FULL: dict[str, Any] = {**COUNTED, "size": 8 * 2**30}


def row(**different: Any) -> EtcdRow:
    (found,) = etcd_board([answers(cluster(**different))], ["c1"], now=NOW)
    return found


def counted(found: EtcdRow, about: About = About.NO_SPACE) -> list[Finding]:
    return [finding for finding in found.findings if finding.about is about]


@pytest.mark.parametrize(
    ("different", "level"),
    [
        pytest.param({"m1": COUNTED}, WARNING, id="room on every member"),
        pytest.param({"m1": COUNTED, "m2": COUNTED, "m3": COUNTED}, WARNING, id="all count it"),
        pytest.param({"m1": FULL}, BROKEN, id="full"),
        pytest.param({"m1": COUNTED, "m2": {"size": 8 * 2**30}}, BROKEN, id="another one is full"),
        pytest.param({"m1": {**COUNTED, "size": 79 * MEBI, "quota": 100 * MEBI}}, WARNING, id="just below near"),
        pytest.param({"m1": {**COUNTED, "size": 80 * MEBI, "quota": 100 * MEBI}}, BROKEN, id="near"),
        pytest.param({"m1": {**COUNTED, "quota": None}}, BROKEN, id="quota unknown"),
        pytest.param({"m1": {**COUNTED, "size": None}}, BROKEN, id="size unknown"),
        pytest.param({"m1": {**COUNTED, "quota": 0}}, BROKEN, id="no quota said"),
        pytest.param({"m1": {**COUNTED, "size": nan}}, BROKEN, id="size no number"),
        pytest.param({"m1": {**COUNTED, "quota": -1}}, BROKEN, id="quota turned off"),
        pytest.param({"m1": COUNTED, "m2": {"quota": None}}, BROKEN, id="another one's quota unknown"),
        pytest.param({"m1": COUNTED, "m2": DOWN}, BROKEN, id="another one is not seen"),
        pytest.param({"m1": COUNTED, "m2": {"ago": 3600.0}}, BROKEN, id="another one's figures are old"),
        pytest.param({"m1": COUNTED, "m2": None}, BROKEN, id="another one is no target"),
    ],
)
def test_a_count_of_no_space_is_an_alarm_unless_there_is_room_everywhere(
    different: dict[str, Any], level: Health
) -> None:
    assert [finding.level for finding in counted(row(**different))] == [level]


def test_what_is_in_doubt_is_said_in_words() -> None:
    found = row(m1=COUNTED, m2={**COUNTED, "size": 4 * 2**30})
    (finding,) = counted(found)
    assert (found.level, found.word) == (WARNING, "NOSPACE in doubt")
    assert finding.hosts == ("10.0.0.1", "10.0.0.2")
    assert "50% of the quota" in finding.detail
    assert "count on after a disarm" in finding.detail
    assert "if the alarm is still raised, the whole cluster refuses writes" in finding.detail
    assert "etcdctl alarm list" in finding.remedy


@pytest.mark.parametrize(("alarm", "about"), [("CORRUPT", About.CORRUPT), ("OTHER", About.ALARM)])
def test_another_alarm_is_one_however_much_room_there_is(alarm: str, about: About) -> None:
    found = row(m1={"alarms": (alarm,)})
    assert (found.level, found.word) == (BROKEN, alarm)
    assert ["etcdctl alarm list" in finding.remedy for finding in counted(found, about)] == [True]


def test_a_member_that_is_not_scraped_any_more_counts_nothing() -> None:
    found = row(m1=FULL, m2={**FULL, "ago": 3600.0})
    assert [finding.hosts for finding in counted(found)] == [("10.0.0.1",)]
    assert counted(row(m1={**FULL, "ago": 3600.0})) == []
