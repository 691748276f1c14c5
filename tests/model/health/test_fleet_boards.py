"""The boards of the fleet: exactly what is asked of them, one figure over all clusters, and the same in Grafana."""

import json

import pytest

from fleetui.cli.arguments import EXPORTS
from fleetui.model.cluster import Health
from fleetui.model.health import controlplane
from fleetui.model.health.fleet_boards import FLEET_BOARDS, READY
from fleetui.model.health.fleet_figures import FleetFigure, fleet_figures
from fleetui.model.health.grafana import dashboard
from fleetui.model.health.panels import Panel
from fleetui.model.health.promql import Scope
from fleetui.wiring.export import made
from tests.model.health.panel_answers import NOW, answers

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
    assert (found.value, found.level, found.word, found.known) == (186.0, Health.BROKEN, "4 beyond", 5)
    assert [name for name, _ in found.worst] == ["b", "e", "d"]


def test_shares_are_the_mean_and_what_falls_is_worst_below() -> None:
    found = figure("executive", READY.id, {READY.id: {"a": 1.0, "b": 0.0, "c": 1.0, "d": 1.0}}, *"abcd")
    assert (found.value, found.level) == (0.75, Health.BROKEN)
    assert [name for name, _ in found.worst] == ["b"]


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


def panels_of(board: str) -> tuple[Panel, ...]:
    return controlplane.PANELS if board == "controlplane" else FLEET_BOARDS[board].panels


def test_every_board_can_be_exported() -> None:
    assert set(EXPORTS) == {"controlplane", *FLEET_BOARDS}


@pytest.mark.parametrize("board", EXPORTS)
def test_every_panel_of_a_board_is_in_its_dashboard_with_the_same_query(board: str) -> None:
    exported = made(board, cluster_label="site")
    scope = Scope(cluster_label="site")
    assert [(one["title"], one["targets"][0]["expr"]) for one in exported["panels"]] == [
        (panel.title, scope.fill(panel.query)) for panel in panels_of(board)
    ]
    assert "$" not in "".join(one["targets"][0]["expr"] for one in exported["panels"]).replace("$1", "")
    assert json.loads(json.dumps(exported)) == exported


def test_panels_stand_in_a_grid_without_overlap() -> None:
    places = [one["gridPos"] for one in made("controlplane")["panels"]]
    taken = [(place["x"] + x, place["y"] + y) for place in places for x in range(place["w"]) for y in range(place["h"])]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24


def test_limits_are_steps_that_rise() -> None:
    board = FLEET_BOARDS["executive"]
    for panel, one in zip(board.panels, dashboard("e", "E", board.panels, scope=Scope())["panels"], strict=True):
        steps = one["fieldConfig"]["defaults"]["thresholds"]["steps"]
        values = [step["value"] for step in steps]
        assert values[0] is None
        assert values[1:] == sorted(values[1:])
        assert panel.limit is not None
        assert steps[0]["color"] == ("red" if panel.limit.falling else "green")
