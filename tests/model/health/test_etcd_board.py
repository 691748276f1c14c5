"""The etcd board from metrics, by tables: verdict, host, and why a cell has no figure."""

from typing import Any

import pytest

from fleetui.model.cluster import Health
from fleetui.model.health.etcd_board import EtcdRow, etcd_board
from fleetui.model.health.etcd_finding import About
from fleetui.model.health.etcd_promql import PANELS
from fleetui.model.health.sample import Age
from fleetui.model.health.series import Point, Target, Vector
from tests.model.health.scrapes import DOWN, IDLE, NO_ANSWER, NOW, answers, cluster

LATE: Any = {"ago": 40.0}
BROKEN, WARNING, BUSY, UNKNOWN, CALM = Health.BROKEN, Health.WARNING, Health.BUSY, Health.UNKNOWN, Health.CALM


def row(*told: Any, name: str = "c1", now: float = NOW, **options: Any) -> EtcdRow:
    rows = {found.cluster: found for found in etcd_board([answers(*told, **options)], [name], now=now)}
    return rows[name]


def test_a_cluster_that_is_well() -> None:
    found = row(cluster())
    assert (found.level, found.word, found.reason, found.findings) == (CALM, "can lose 1", "", ())
    assert (found.source, found.age, found.leader, found.sample_at) == ("store", Age.FRESH, "10.0.0.1", NOW - 3)
    assert [cell.panel for cell in found.cells] == [panel.id for panel in PANELS]
    assert {cell.panel: cell.level for cell in found.cells if cell.level is not CALM} == {}
    rtt = found.cell("rtt")
    assert rtt is not None
    assert rtt.sample.value == 0.002
    hours = found.cell("hours")
    assert hours is not None
    assert hours.idle, "it does not grow: there is no hour to tell"


@pytest.mark.parametrize(
    ("different", "level", "word", "about", "bad"),
    [
        ({"m3": DOWN}, WARNING, "2/3 up, next loss fatal", About.NO_MARGIN, ("10.0.0.3",)),
        ({"m3": None}, WARNING, "2/3 up, next loss fatal", About.NO_MARGIN, ()),
        ({"m2": {**DOWN}, "m3": DOWN}, BROKEN, "1 of 3 seen", About.NO_QUORUM_SEEN, ("10.0.0.2", "10.0.0.3")),
        ({"m1": {"has_leader": 0, "is_leader": 0}, "m2": DOWN, "m3": DOWN}, BROKEN, "no leader", About.NO_LEADER,
         ("10.0.0.1", "10.0.0.2", "10.0.0.3")),
        ({"m1": DOWN, "m2": DOWN, "m3": DOWN}, BROKEN, "no member up", About.NO_QUORUM_SEEN,
         ("10.0.0.1", "10.0.0.2", "10.0.0.3")),
        ({"m2": {"has_leader": 0}}, WARNING, "2/3 up, next loss fatal", About.NO_MARGIN, ("10.0.0.2",)),
        ({"m2": {"fsync": 0.012}}, WARNING, "fsync 12 ms", About.SLOW_DISK, ("10.0.0.2",)),
        ({"m2": {"fsync": 0.32}, "m3": {"fsync": 0.2}}, BROKEN, "fsync 320 ms", About.SLOW_DISK, ("10.0.0.2",)),
        ({"m3": {"commit": 0.3}}, BROKEN, "commit 300 ms", About.SLOW_DISK, ("10.0.0.3",)),
        ({"m1": {"rtt": {"b2": 0.002, "c3": 0.2}}}, BROKEN, "rtt 200 ms", About.SLOW_NETWORK, ("10.0.0.1",)),
        ({"m2": {"unapplied": 5_000}}, BROKEN, "behind 5,000", About.BEHIND, ("10.0.0.2",)),
        ({"m2": {"size": 7.8 * 2**30}}, BROKEN, "db 98%", About.FILLING, ("10.0.0.2",)),
        ({"m2": {"growth": 2**20}}, BROKEN, "full in 2.11 h", About.FILLING, ("10.0.0.2",)),
        ({"m1": {"changes": 4}}, WARNING, "leaders 4", About.FLAPPING, ("10.0.0.1",)),
        ({"m2": {"in_use": 120 * 2**20}}, WARNING, "80% free in db", About.FRAGMENTED, ("10.0.0.2",)),
        ({"m1": {"alarms": ("NOSPACE",), "size": 8 * 2**30}, "m2": {"alarms": ("NOSPACE",)}}, BROKEN, "NOSPACE",
         About.NO_SPACE,
         ("10.0.0.1", "10.0.0.2")),
        ({"m1": {"alarms": ("NOSPACE", "CORRUPT")}}, BROKEN, "CORRUPT", About.CORRUPT, ("10.0.0.1",)),
        ({"m2": {"version": "3.5.9"}}, WARNING, "versions differ", About.VERSIONS, ()),
        ({"m3": {"is_learner": 1}}, WARNING, "2/2 up, next loss fatal", About.NO_MARGIN, ()),
        ({"m2": {"defragmenting": 1}}, BUSY, "defragmenting", About.FRAGMENTED, ("10.0.0.2",)),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_host(
    different: dict[str, Any], level: Health, word: str, about: About, bad: tuple[str, ...]
) -> None:
    found = row(cluster(**different))
    assert (found.level, found.word, found.findings[0].about, found.findings[0].hosts) == (level, word, about, bad)


def test_a_member_that_is_no_target_counts_for_the_quorum() -> None:
    """Service discovery drops the target of a deleted machine; the members still wait for it."""
    found = row(cluster(m3=None))
    assert found.margin is not None
    assert (found.margin.voters, found.margin.can_lose) == (3, 0)
    assert "1 not scraped" in [finding.word for finding in found.findings]
    old = row(cluster(m1={"peers": None}, m2={"peers": None}, m3=None))  # before 3.6 nobody says so
    assert old.margin is not None
    assert old.margin.voters == 2


def test_why_a_member_cannot_be_scraped() -> None:
    target = Target({"cluster": "c1", "instance": "10.0.0.3:2381"}, "http://…", False, "connect: connection refused")
    found = row(cluster(m3=DOWN), targets=(target,))
    silent = next(finding for finding in found.findings if finding.about is About.MEMBER_SILENT)
    assert silent.detail == "10.0.0.3 cannot be scraped: connect: connection refused"


@pytest.mark.parametrize(
    ("panel", "different", "why"),
    [
        ("fsync", {"m1": IDLE, "m2": IDLE, "m3": IDLE}, "idle"),
        ("rtt", {"m1": {"rtt": {}}, "m2": {"rtt": {}}, "m3": {"rtt": {}}}, "not exported"),
        ("of_quota", {"m1": {"quota": None}, "m2": {"quota": 0}, "m3": {"quota": None}}, "not exported"),
        ("fsync", {"m1": DOWN, "m2": DOWN, "m3": DOWN}, "no member up"),
    ],
)
def test_a_cell_without_a_figure_says_why(panel: str, different: dict[str, Any], why: str) -> None:
    cell = row(cluster(**different)).cell(panel)
    assert cell is not None
    assert (cell.text, cell.sample.value, cell.sample.sample_at) == (why, None, None)
    assert (cell.level is CALM) == (why == "idle"), "idle is known; nothing else without a figure is green"


def test_one_idle_member_does_not_hide_a_slow_one() -> None:
    cell = row(cluster(m1=IDLE, m2={"fsync": 0.2})).cell("fsync")
    assert cell is not None
    assert (cell.sample.value, cell.host) == (0.2, "10.0.0.2")


def test_a_query_that_failed_costs_its_own_cell() -> None:
    found = row(cluster(), faults=("fsync",))
    cell, other = found.cell("fsync"), found.cell("commit")
    assert cell is not None
    assert other is not None
    assert (cell.text, cell.level, other.level) == ("no answer", UNKNOWN, CALM)


# -- what is not there -------------------------------------------------------------------------------------------------


def test_the_roster_is_joined_from_the_left() -> None:
    rows = etcd_board([answers(cluster("c1"))], ["c1", "c2"], now=NOW)
    assert [(found.cluster, found.level, found.word) for found in rows] == [
        ("c2", UNKNOWN, "not scraped"), ("c1", CALM, "can lose 1"),
    ]  # fmt: skip
    assert "127.0.0.1:2381" in rows[0].findings[0].remedy
    assert {cell.text for cell in rows[0].cells} == {"not scraped"}
    assert {cell.level for cell in rows[0].cells} == {UNKNOWN}


def test_a_cluster_that_nobody_listed_has_a_row_too() -> None:
    assert [found.cluster for found in etcd_board([answers(cluster("extra"))], [], now=NOW)] == ["extra"]


def test_who_was_there_and_went_silent() -> None:
    told = answers()
    roster = Vector((Point({"cluster": "c1"}, NOW - 3600 * 6, NOW),), told.replies["up"].reply)  # type: ignore[union-attr]
    gone = type(told)(told.source, {**told.replies, "roster": roster})
    (found,) = etcd_board([gone], [], now=NOW)
    assert (found.cluster, found.level, found.word) == ("c1", UNKNOWN, "silent")
    assert "it was there 6h ago" in found.reason


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ([], "no source"),
        ([answers(faults=("up",))], "no answer"),
        ([answers(partial="store 10.0.0.9: deadline exceeded")], "partial answer"),
        ([answers()], "not scraped"),
    ],
)
def test_why_there_is_nothing(told: list[Any], word: str) -> None:
    (found,) = etcd_board(told, ["c1"], now=NOW)
    assert (found.level, found.word, found.margin) == (UNKNOWN, word, None)
    assert found.findings[0].remedy


def test_members_missing_in_a_partial_answer_are_unknown_and_not_lost() -> None:
    found = row(cluster(m3=None), partial="store 10.0.0.9: deadline exceeded")
    assert ("partial answer", UNKNOWN) in [(finding.word, finding.level) for finding in found.findings]
    whole = row(cluster(), partial="store 10.0.0.9: deadline exceeded")
    assert whole.level is CALM, "all its members are there"


# -- age ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("later", "age", "level", "word"),
    [
        (27, Age.FRESH, CALM, "can lose 1"),  # the scrape was 3 s before the answer, and there is one every 15 s
        (28, Age.LATE, CALM, "can lose 1"),
        (57, Age.LATE, CALM, "can lose 1"),
        (58, Age.STALE, UNKNOWN, "stale 61s"),
    ],
)
def test_age_counts_in_scrape_intervals(later: float, age: Age, level: Health, word: str) -> None:
    found = row(cluster(), now=NOW + later)
    assert (found.age, found.level, found.word) == (age, level, word)
    cell = found.cell("fsync")
    assert cell is not None
    assert (cell.sample.value, cell.age, cell.level) == (0.004, age, level), "the last value stays, its verdict goes"


def test_the_targets_own_interval_counts() -> None:
    targets = tuple(
        Target({"cluster": "c1", "instance": f"10.0.0.{n}:2381"}, "", True, interval_s=60) for n in (1, 2, 3)
    )
    assert row(cluster(), now=NOW + 100, targets=targets).age is Age.FRESH
    assert row(cluster(), now=NOW + 100).age is Age.STALE


def test_a_frozen_prometheus_says_nothing_good() -> None:
    """Its store repeats what it last heard: up, with a leader, and rates that fall."""
    frozen: dict[str, Any] = {member: {"ago": 90.0} for member in ("m1", "m2", "m3")}
    found = row(cluster(**frozen))
    assert (found.level, found.age) == (UNKNOWN, Age.STALE)
    assert found.margin is not None
    assert found.margin.up == 0


def test_one_stale_member_is_not_counted_on() -> None:
    found = row(cluster(m3={"ago": 90.0}))
    assert (found.level, found.word) == (WARNING, "2/3 up, next loss fatal")
    assert found.age is Age.STALE
    two = row(cluster(m2={"ago": 90.0}, m3={"ago": 90.0}))
    assert (two.level, two.word) == (UNKNOWN, "1 of 3 seen"), "nothing was seen to fail"


def test_a_dead_members_last_figures_do_not_count() -> None:
    """Federation keeps them for five minutes after its target went down."""
    found = row(cluster(m3={"up": 0.0, "fsync": 3.0}))
    cell = found.cell("fsync")
    assert cell is not None
    assert cell.sample.value == 0.004
    assert found.margin is not None
    assert found.margin.up == 2


@pytest.mark.parametrize("skew_s", [-3600.0, 3600.0])
def test_the_sources_clock_makes_nothing_old_or_young(skew_s: float) -> None:
    found = row(cluster(), skew_s=skew_s)
    assert (found.age, found.sample_at) == (Age.FRESH, NOW - 3)


def test_what_a_store_hides_by_design_is_added_to_the_age() -> None:
    found = row(cluster(), behind_s=30.0)
    assert (found.age, found.sample_at) == (Age.LATE, NOW - 33)


def test_a_member_whose_age_nobody_tells_is_not_green() -> None:
    told = answers(cluster())
    seen = Vector((), told.replies["up"].reply)  # type: ignore[union-attr]
    (found,) = etcd_board([type(told)(told.source, {**told.replies, "seen": seen})], [], now=NOW)
    assert (found.level, found.word) == (UNKNOWN, "age unknown")


def test_a_source_that_stopped_answering_leaves_its_values_to_age() -> None:
    older = answers(cluster(), fault=NO_ANSWER)
    (young,), (old,) = (etcd_board([older], [], now=NOW + later) for later in (5, 300))
    assert (young.level, young.word) == (CALM, "can lose 1")
    assert (old.level, old.word) == (UNKNOWN, "stale 5m")
    assert "store: no answer" in old.reason


# -- several views -----------------------------------------------------------------------------------------------------


def test_of_a_pair_in_one_store_the_younger_view_counts() -> None:
    fresh, stale = (
        {f"{instance}": {**member, "replica": replica, "ago": ago, **more} for instance, member in cluster().items()}
        for replica, ago, more in (("a", 3.0, {"has_leader": 0.0}), ("b", 50.0, {}))
    )
    found = row(stale, fresh, replica_label="replica")
    assert [member.replica for member in found.members] == ["a", "a", "a"]
    assert found.word == "no leader"


def test_of_two_sources_the_younger_view_counts_and_the_other_is_told() -> None:
    stale: dict[str, Any] = {member: {"ago": 200.0} for member in ("m1", "m2", "m3")}
    told = [answers(cluster(**stale), source="a"), answers(cluster(), source="b")]
    (found,) = etcd_board(told, ["c1"], now=NOW)
    assert (found.source, found.level, found.others) == ("b", CALM, ("a: 3m old",))


def test_names_of_the_store_and_ours() -> None:
    found = row(cluster("eu1"), name="prod-east", names={"eu1": "prod-east"})
    assert found.level is CALM


def test_a_source_of_one_cluster_needs_no_label() -> None:
    assert row(cluster(""), name="own", cluster="own", cluster_label="").level is CALM


def test_worst_first_then_by_name() -> None:
    told = answers(cluster("b"), cluster("a"), cluster("z", m2=DOWN, m3=DOWN), cluster("y", m3=DOWN))
    assert [found.cluster for found in etcd_board([told], ["x"], now=NOW)] == ["z", "y", "x", "a", "b"]


def test_no_level_of_any_row_is_green_without_a_number() -> None:
    """Every panel taken away from every member, one at a time."""
    for panel in PANELS:
        for query in panel.needs:
            without: dict[str, Any] = {member: {query: None, "rtt": {}} for member in ("m1", "m2", "m3")}
            found = row(cluster(**without))
            cell = found.cell(panel.id)
            assert cell is not None
            assert (cell.level, cell.sample.value) == (UNKNOWN, None), panel.id
