"""Which columns survive at which width is decided; these are the decisions."""

import itertools
from typing import Any

import msgspec
import pytest

from fleetui.model.table.column import Column, Table
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.columns_controlplane import CONTROLPLANE
from fleetui.model.table.columns_coverage import COVERAGE
from fleetui.model.table.columns_etcd import ETCD
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.columns_operation import OPERATIONS
from fleetui.model.table.columns_pod import PODS
from fleetui.model.table.columns_replication import REPLICATION
from fleetui.model.table.columns_slo import SLO
from fleetui.model.table.layout import GAP, place

TABLES: tuple[Table[Any], ...] = (CLUSTERS, MACHINES, PODS, OPERATIONS)
START = 4
SAID = {"env": 7, "rack": 6, "pods": 6}
"""Optional columns that the demo and most fleets have a source for."""


def ids(table: Table[Any], width: int, **needs: int) -> list[str]:
    return [placed.column.id for placed in place(table.columns, width=width - 1, needs=SAID | needs, start=START)]


@pytest.mark.parametrize(
    ("table", "width", "expected"),
    [
        (CLUSTERS, 80, "name env state nodes cp operation age"),
        (CLUSTERS, 120, "name env state nodes cp pods version support operation age"),
        (MACHINES, 80, "name status cluster operation version age"),
        (MACHINES, 120, "name status cluster operation roles version rack age ip"),
        (PODS, 80, "namespace name ready status age cluster"),
        (PODS, 120, "namespace name ready status restarts age node cluster"),
        (OPERATIONS, 80, "name state done cluster waits age"),
        (OPERATIONS, 120, "name state done cluster waits by age"),
    ],
)
def test_what_survives(table: Table[Any], width: int, expected: str) -> None:
    assert ids(table, width) == expected.split()


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
@pytest.mark.parametrize("width", [80, 100, 120, 160, 200])
def test_columns_neither_overlap_nor_leave_the_screen(table: Table[Any], width: int) -> None:
    needs = {column.id: column.most for column in table.columns}

    placed = place(table.columns, width=width - 1, needs=needs, wide=True, start=START)

    for left, right in itertools.pairwise(placed):
        assert right.x == left.x + left.width + GAP
    assert placed[-1].x + placed[-1].width <= width - 1
    assert all(item.column.least <= item.width <= item.column.most for item in placed)


CALM_FLEET = {"name": 14, "env": 7, "state": 4, "nodes": 5, "cp": 3, "version": 7, "operation": 1, "age": 3}
DEMO_FLEET = CALM_FLEET | {"name": 16, "env": 10, "state": 16}
"""``management``, ``401 unauthorized``."""


def test_where_texts_are_short_there_is_room_for_one_more() -> None:
    assert "version" in [placed.column.id for placed in place(CLUSTERS.columns, width=80, needs=CALM_FLEET)]


def test_beside_the_inspector_of_120_columns_the_fleet_cuts_nothing() -> None:
    placed = {item.column.id: item.width for item in place(CLUSTERS.columns, width=78, needs=DEMO_FLEET, start=START)}
    assert set(placed) == DEMO_FLEET.keys() - {"version"}
    assert all(width >= DEMO_FLEET[column] for column, width in placed.items())


def test_a_wider_screen_never_loses_a_column() -> None:
    for table in TABLES:
        for width in range(80, 200):
            assert set(ids(table, width)) <= set(ids(table, width + 1)), (table.name, width)


def test_a_column_without_a_source_is_not_there() -> None:
    assert "remedy" not in ids(CLUSTERS, 200)
    assert "remedy" in ids(CLUSTERS, 200, remedy=20)


def test_wide_columns_wait_for_the_wide_view() -> None:
    assert "kernel" not in ids(MACHINES, 300)
    placed = place(MACHINES.columns, width=300, needs={}, wide=True)
    assert "kernel" in [item.column.id for item in placed]


def test_the_important_column_gets_the_room_first() -> None:
    def column(name: str, priority: int) -> Column[Any]:
        return Column(
            id=name,
            title="T",
            doc="",
            value=lambda row: row,
            text=lambda row, _: row,
            least=5,
            most=30,
            priority=priority,
        )

    placed = place([column("a", 2), column("b", 1)], width=40, needs={"a": 30, "b": 30})

    assert {item.column.id: item.width for item in placed} == {"a": 8, "b": 30}


BESIDE_THE_INSPECTOR = 110
"""Cells of a table on a screen of 160."""


def widths(table: Table[Any], needs: dict[str, int]) -> dict[str, int]:
    found = place(table.columns, width=BESIDE_THE_INSPECTOR, needs=needs, start=START)
    return {placed.column.id: placed.width for placed in found}


def test_long_names_of_instances_leave_the_other_words_of_replication_whole() -> None:
    """``slot filling``, ``nonprod-west-1``, ``edge-probe``, ``<0.1 s`` beside an address and a sparkline of 12."""
    needs = {"instance": 32, "state": 24, "cluster": 16, "kind": 13, "role": 8, "link": 6, "lag": 6, "backlog": 7}
    found = widths(with_trend(REPLICATION), needs)
    assert (found["state"] >= 12, found["cluster"] >= 14, found["kind"] >= 10, found["lag"] >= 6) == (True,) * 4
    assert {"role", "link"} <= found.keys()


def with_trend(table: Table[Any]) -> Table[Any]:
    """With the column of the last hour, as the console has it."""
    trend = msgspec.structs.replace(table.columns[0], id="trend", title="LAST HOUR", least=12, most=12, priority=4)
    return msgspec.structs.replace(table, columns=(*table.columns, trend))


def test_whose_row_it_is_comes_before_how_it_was_in_the_last_hour() -> None:
    """Two instances are called ``db-1:9187``: their group tells them apart. Of etcd the leader does."""
    needs = {"instance": 32, "state": 24, "cluster": 16, "group": 19, "kind": 13, "role": 8, "link": 6, "lag": 6}
    found = widths(with_trend(REPLICATION), needs)
    assert (found["group"] >= 14, found["cluster"], found["kind"]) == (True, 16, 13)
    assert "trend" not in found
    needs = {"cluster": 16, "state": 24, "leader": 14, "members": 7, "margin": 11, "alarms": 7, "db": 4, "fsync": 6}
    assert widths(with_trend(ETCD), needs)["leader"] == 14


@pytest.mark.parametrize("table", [CONTROLPLANE, COVERAGE, ETCD, SLO], ids=lambda table: table.name)
def test_columns_go_before_the_name_of_a_cluster_is_cut(table: Table[Any]) -> None:
    """On a screen of 80: ``nonprod-frankfurt-03``, and as much of everything else as there can be."""
    needs = {column.id: column.most for column in table.columns} | {"cluster": 20}
    found = place(table.columns, width=79, needs=needs, start=START)
    assert next(each.width for each in found if each.column.id == "cluster") == 20


def test_what_is_wrong_with_etcd_is_whole_beside_everything_else() -> None:
    """``no quorum``."""
    needs = {"name": 24, "env": 10, "state": 30, "etcd": 15, "alerts": 9, "pods": 10, "operation": 20}
    assert widths(CLUSTERS, needs)["etcd"] >= 9
