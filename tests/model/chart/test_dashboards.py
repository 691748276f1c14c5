"""Boards as Grafana dashboards: every panel of each, with the query that the console asks, its unit and its limit."""

import json
from typing import Any

import pytest

from fleetui.cli.export_arguments import EXPORTS
from fleetui.clients.kind_files import read_kinds
from fleetui.clients.paths import shipped_kinds
from fleetui.model.chart.etcd_subjects import ETCD
from fleetui.model.chart.replication_subjects import replication_subjects
from fleetui.model.health import controlplane
from fleetui.model.health.capacity import RESOURCES
from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.grafana import Json, dashboard, panel_curves
from fleetui.model.health.panels import Panel
from fleetui.model.health.promql import Scope
from fleetui.model.health.slo_objectives import FIGURES, OBJECTIVES
from fleetui.wiring.export import made

KINDS = read_kinds(shipped_kinds(), shipped_kinds() / "none").kinds
SUBJECTS = replication_subjects(KINDS)
PLAIN = ("controlplane", *FLEET_BOARDS)


def panels_of(board: str) -> tuple[Panel, ...]:
    return controlplane.PANELS if board == "controlplane" else FLEET_BOARDS[board].panels


def export(board: str) -> Json:
    return made(board, kinds=KINDS, cluster_label="site")


def drawn(exported: Json) -> list[dict[str, Any]]:
    """Those in rows too."""
    return [one for panel in exported["panels"] for one in panel.get("panels", [panel])]


def test_every_board_can_be_exported() -> None:
    assert set(EXPORTS) == {*PLAIN, "etcd", "slo", "replication"}


@pytest.mark.parametrize("board", PLAIN)
def test_every_panel_of_a_board_is_in_its_dashboard_with_the_same_query(board: str) -> None:
    scope = Scope(cluster_label="site")
    assert [(one["title"], one["targets"][0]["expr"]) for one in export(board)["panels"]] == [
        (panel.title, scope.fill(panel.query)) for panel in panels_of(board)
    ]


@pytest.mark.parametrize("board", EXPORTS)
def test_no_hole_is_left_in_a_query_and_the_file_is_json(board: str) -> None:
    exported = export(board)
    assert drawn(exported)
    assert "$" not in "".join(one["targets"][0]["expr"] for one in drawn(exported)).replace("$1", "")
    assert json.loads(json.dumps(exported)) == exported
    ids = [one["id"] for panel in exported["panels"] for one in (panel, *panel.get("panels", ()))]
    assert len(set(ids)) == len(ids)


def test_etcd_shows_what_its_board_draws_a_line_a_member() -> None:
    found = {one["title"]: one for one in drawn(export("etcd"))}
    assert found.keys() == {subject.title for subject in ETCD.values()}
    fsync = found[ETCD["fsync"].title]
    assert 'job=~".*etcd.*"' in fsync["targets"][0]["expr"]
    assert fsync["targets"][0]["legendFormat"] == "__auto"
    assert fsync["fieldConfig"]["defaults"]["unit"] == "s"


def test_replication_has_a_row_a_kind_that_asks_nothing_while_it_is_shut() -> None:
    rows = export("replication")["panels"]
    assert {row["type"] for row in rows} == {"row"}
    assert all(row["collapsed"] for row in rows)
    shown = {row["title"]: {one["title"] for one in row["panels"]} for row in rows}
    assert shown.keys() == {name.partition(":")[0] for name in SUBJECTS}
    assert "seconds behind" in shown["postgres"]
    assert sum(map(len, shown.values())) == len({(n.partition(":")[0], s.title) for n, s in SUBJECTS.items()})


def test_a_promise_has_its_burn_and_what_is_left_of_its_budget_beside_figures_and_capacity() -> None:
    found = {one["title"]: one for one in drawn(export("slo"))}
    for objective in OBJECTIVES:
        burn, left = found[f"{objective.title}: budget burns"], found[f"{objective.title}: budget left"]
        assert "[1h]" in burn["targets"][0]["expr"]
        assert [step["value"] for step in burn["fieldConfig"]["defaults"]["thresholds"]["steps"]] == [None, 3.0, 14.4]
        assert "[30d]" in left["targets"][0]["expr"]
        assert (left["type"], left["targets"][0]["instant"]) == ("bargauge", True), "not at every moment of a picture"
    assert {panel.title for panel in FIGURES} <= found.keys()
    assert {f"{resource.title}, in use" for resource in RESOURCES} <= found.keys()


@pytest.mark.parametrize("board", EXPORTS)
def test_panels_stand_in_a_grid_without_overlap(board: str) -> None:
    exported = export(board)
    for panels in (exported["panels"], *(row.get("panels", ()) for row in exported["panels"])):
        places = [one["gridPos"] for one in panels]
        taken = [(at["x"] + x, at["y"] + y) for at in places for x in range(at["w"]) for y in range(at["h"])]
        assert len(set(taken)) == len(taken)
        assert max((x for x, _ in taken), default=0) < 24


def test_limits_are_steps_that_rise() -> None:
    board = FLEET_BOARDS["executive"]
    made_of = [panel_curves(panel) for panel in board.panels]
    for panel, one in zip(board.panels, dashboard("e", "E", made_of, scope=Scope())["panels"], strict=True):
        steps = one["fieldConfig"]["defaults"]["thresholds"]["steps"]
        values = [step["value"] for step in steps]
        assert values[0] is None
        assert values[1:] == sorted(values[1:])
        assert panel.limit is not None
        assert steps[0]["color"] == ("red" if panel.limit.falling else "green")
