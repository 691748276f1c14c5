"""The boards of the fleet: exactly what is asked of them, one figure over all clusters, and the same in Grafana."""

import pytest

from fleetui.model.alerts.page_or_ticket import SEVERITIES, THEMES, Call
from fleetui.model.cluster import Health
from fleetui.model.health.answers import Answers
from fleetui.model.health.fleet_boards import FLEET_BOARDS, LOWERED, PAGES, PAGING, RAISED, READY
from fleetui.model.health.fleet_figures import FleetFigure, fleet_figures
from fleetui.model.health.silent import LAST
from fleetui.model.incident.incident import Incident
from fleetui.model.incident.open_figure import Opened
from fleetui.model.table.columns_board import ONCALL, known_text, limit_text, now_text, total_text, worst_text
from fleetui.model.table.sorting import RANKS
from fleetui.observe.panel_boards import judge_fleet
from fleetui.wiring.metrics_listing import silent_of
from tests.model.health.panel_answers import NOW, answers, vector

ASKED = {
    "executive": (
        "availability, clusters Ready %, burn, capacity, incidents, provisioning success over 30/90 d, "
        "cost of ephemeral clusters"
    ),
    "oncall": (
        "pod ready, control-plane and reconcile errors, pending pods, nodes down, restarts, "
        "machines NotReady or Deleting, upgrades and their stage, provider rate limits"
    ),
    "debug": (
        "per-node CPU/memory/disk, scheduler queue, evictions, lag, traces, bootstrap logs and times, "
        "reconcile P50/95/99, provider errors and backoff, orphans with deletion time"
    ),
}
"""Requirement F5."""


@pytest.mark.parametrize("name", ASKED)
def test_each_board_answers_all_that_is_asked_and_no_more(name: str) -> None:
    board = FLEET_BOARDS[name]
    assert ", ".join(asked for asked, _ in board.asked) == ASKED[name]
    assert all(panels for _, panels in board.asked)
    for panel in board.panels:
        assert panel.limit is not None, panel.id
        assert panel.doc.endswith("."), panel.id


def figure(
    name: str, panel: str, figures: dict[str, dict[str, float]], *roster: str, age_s: float = 1.0
) -> FleetFigure:
    found = fleet_figures(FLEET_BOARDS[name].panels, [answers(figures, age_s=age_s)], roster, now=NOW)
    return next(each for each in found if each.id == panel)


def test_counts_are_added_up_and_the_worst_clusters_named() -> None:
    said = {"pending": {"a": 2.0, "b": 120.0, "c": 11.0, "d": 13.0, "e": 40.0}}
    found = figure("oncall", "pending", said, *"abcde")
    assert (found.total, found.level, found.word, found.known) == (186.0, Health.BROKEN, "4 beyond", 5)
    assert (found.value, found.of) == (120.0, "b"), "the limit is of a cluster, so is the figure beside it"
    assert [name for name, _ in found.worst] == ["b", "e", "d"]


def test_a_sum_beyond_the_limit_of_one_cluster_is_no_trouble_and_does_not_stand_beside_it() -> None:
    found = figure("oncall", "pending", {"pending": {"a": 9.0, "b": 5.0}}, "a", "b")
    assert (now_text(found), limit_text(found), found.word) == ("9", "<10", "within limits")
    assert (total_text(found), worst_text(found)) == ("sum 14", "a")


def test_no_figure_stands_beside_a_limit_that_it_contradicts() -> None:
    """Whatever the board: what is said of it, its figure and its limit are of the same thing."""
    for name, board in FLEET_BOARDS.items():
        for panel in board.panels:
            assert panel.limit is not None
            for value in (panel.limit.amber, panel.limit.red, 0.0):
                found = figure(name, panel.id, {panel.id: {"a": value, "b": value, "c": value}}, *"abc")
                assert found.level is panel.limit.judge(found.value), panel.id


def test_silent_clusters_stand_there_as_unknown_with_why_and_since_when() -> None:
    heard = answers({"pending": {"a": 1.0}, "last": {}})
    ago = vector(({"cluster": "gone"}, NOW - 2_820))
    found = fleet_figures(
        FLEET_BOARDS["oncall"].panels, [Answers("central", {**heard.replies, LAST.id: ago})], ["a", "gone", "never"],
        now=NOW,
    )  # fmt: skip
    silent, pending = found[0], next(each for each in found if each.id == "pending")
    assert (silent.id, silent.level, silent.value) == ("silent", Health.UNKNOWN, 2.0)
    assert silent.word == "unheard for 47m"
    assert silent.told == ("gone not scraped for 47m", "never not scraped")
    assert (pending.word, known_text(pending)) == ("within, 2 unheard", "1 of 3")


def test_a_cluster_that_has_grown_stale_is_silent_since_its_last_sample() -> None:
    fresh, old = answers({"pending": {"a": 1.0}}), answers({"pending": {"b": 1.0}}, age_s=900, source="edge")
    found = fleet_figures(FLEET_BOARDS["oncall"].panels, [fresh, old], ["a", "b"], now=NOW)
    assert found[0].told == ("b stale for 15m",)


def test_the_command_line_says_which_clusters_are_silent_and_ends_with_that() -> None:
    heard = answers({"pending": {"a": 1.0}})
    rows = fleet_figures(FLEET_BOARDS["oncall"].panels, [heard], ["a", "never"], now=NOW)
    ((whose, fault),) = silent_of(rows)
    assert (whose, fault.word, fault.detail) == ("fleet", "unheard", "never not scraped")
    assert silent_of(fleet_figures(FLEET_BOARDS["oncall"].panels, [heard], ["a"], now=NOW)) == []


def test_where_all_are_heard_nobody_is_told_of_silence() -> None:
    found = fleet_figures(FLEET_BOARDS["oncall"].panels, [answers({"pending": {"a": 1.0}})], ["a"], now=NOW)
    assert [each.id for each in found] == [panel.id for panel in FLEET_BOARDS["oncall"].panels]


def test_shares_are_the_mean_and_what_falls_is_worst_below() -> None:
    found = figure("executive", READY.id, {READY.id: {"a": 1.0, "b": 0.0, "c": 1.0, "d": 1.0}}, *"abcd")
    assert (found.value, found.of, found.level) == (0.75, "", Health.BROKEN), "its limit is the fleet's"
    assert figure(
        "executive", READY.id, {READY.id: {"a": 0.0} | dict.fromkeys("bcdefghijkl", 1.0)}, *"abcdefghijkl"
    ).level is (Health.WARNING)
    assert [name for name, _ in found.worst] == ["b"]


def test_pages_are_counted_over_the_fleet_and_the_muted_are_said_to_be_among_them() -> None:
    found = figure("executive", PAGES.id, {PAGES.id: {"a": 3.0, "b": 1.0, "c": 0.0, "d": 1.0}}, *"abcd")
    assert (found.value, found.of, found.level, found.word) == (5.0, "", Health.BROKEN, "in 3 clusters")
    assert worst_text(found).startswith("a 3, ")
    assert "muted" in found.panel.title
    assert figure("executive", PAGES.id, {PAGES.id: {"a": 1.0}}, "a").word == "in 1 cluster"


def test_what_is_withheld_for_a_broken_link_is_broken_also_where_no_other_is_known() -> None:
    broken = {"replication-broken": {"a": 1.0, "b": 2.0}}
    found = figure("debug", "replication", broken, "a", "b")
    assert (found.level, found.word, found.told) == (
        Health.BROKEN, "2 link broken", ("a link broken", "b link broken")
    )  # fmt: skip
    calm = figure("debug", "replication", broken | {"replication": {"a": 0.1, "b": 0.2}}, "a", "b")
    assert calm.level is Health.CALM, "a figure that is there is not withheld"
    assert figure("debug", "replication", broken, "a", "b", age_s=900).level is Health.UNKNOWN


def test_of_the_rest_the_worst_stands_for_all() -> None:
    found = figure("oncall", "errors", {"errors": {"a": 0.0, "b": 0.004}}, "a", "b")
    assert (found.value, found.level) == (0.004, Health.WARNING)


def test_what_nobody_exports_is_unknown_with_what_to_do() -> None:
    found = figure("executive", "ephemeral-cost", {"availability": {"a": 1.0}}, "a")
    assert (found.level, found.value, found.word, found.known) == (Health.UNKNOWN, None, "not exported", 0)
    assert "OpenCost" in found.why


def test_stale_figures_count_for_nothing() -> None:
    found = figure("oncall", "pending", {"pending": {"a": 900.0}}, "a", age_s=900)
    assert (found.level, found.value) == (Health.UNKNOWN, None)


def test_clusters_that_are_not_looked_at_do_not_count() -> None:
    found = figure("oncall", "pending", {"pending": {"a": 1.0, "stranger": 900.0}}, "a")
    assert (found.value, found.clusters) == (1.0, 1)


def incident(title: str, opened: float, *clusters: str) -> Incident:
    return Incident(id=title, title=title, by="ana", opened=opened, symptom=opened, clusters=clusters)


def executive(opened: Opened) -> dict[str, FleetFigure]:
    said = answers({"pages": {"a": 7.0}})
    return {
        id_: row
        for id_, row in judge_fleet("executive", lambda: opened)([said], frozenset({"a"}), NOW)
        if isinstance(row, FleetFigure)
    }


def test_incidents_are_those_of_the_journal_and_pages_are_called_pages() -> None:
    opened = Opened((incident("etcd is full", NOW - 600, "a"), incident("switch", NOW - 60)), read_at=NOW)
    rows = executive(opened)
    assert (rows["incidents"].value, rows["incidents"].word) == (2.0, "2 open")
    assert rows["incidents"].told == ("switch 1m", "etcd is full (a) 10m")
    assert (rows["pages"].value, rows["pages"].panel.title) == (7.0, PAGES.title)


def test_a_page_of_the_board_is_what_the_list_of_alerts_calls_a_page() -> None:
    raised = "|".join(theme.names for theme in THEMES if theme.raises)
    lowered = "|".join(theme.names for theme in THEMES if theme.lowers)
    assert ("|".join(SEVERITIES[Call.PAGE]), raised, lowered) == (PAGING, RAISED, LOWERED)
    for part in (f'severity=~"(?i:{PAGING})"', f'alertname!~"{LOWERED}"', f'alertname=~"{RAISED}"'):
        assert part in PAGES.promql


def test_a_journal_that_cannot_be_read_is_not_without_incidents() -> None:
    found = executive(Opened(trouble="permission denied"))["incidents"]
    assert (found.value, found.level, found.why) == (None, Health.UNKNOWN, "permission denied")
    assert executive(Opened(read_at=NOW))["incidents"].level is Health.CALM


@pytest.mark.parametrize(
    ("known", "level", "word"),
    [
        (0, Health.UNKNOWN, "0 or more open"),
        (1, Health.WARNING, "1 or more open"),
        (5, Health.BROKEN, "5 or more open"),
    ],
)
def test_a_damaged_journal_may_have_more_incidents_than_can_be_read(known: int, level: Health, word: str) -> None:
    incidents = tuple(incident(f"i{number}", NOW - number) for number in range(known))
    found = executive(Opened(incidents, read_at=NOW, damage="line 2 is not what was written"))["incidents"]
    assert (found.level, found.word) == (level, word)
    assert worst_text(found).startswith("the journal is damaged: line 2 is not what was written")
    assert len(found.told) == 1 + known


def test_trouble_stands_first_on_every_board() -> None:
    said = {"pending": {"a": 2.0}, "pod-ready": {"a": 0.2}, "errors": {"a": 0.002}}
    rows = fleet_figures(FLEET_BOARDS["oncall"].panels, [answers(said)], ["a", "gone"], now=NOW)
    assert ONCALL.first is not None
    shown = [row.level for row in sorted(rows, key=ONCALL.first)]
    assert shown == sorted(shown, key=list(RANKS).index)
    assert (shown[0], shown[-1]) == (Health.BROKEN, Health.CALM)
