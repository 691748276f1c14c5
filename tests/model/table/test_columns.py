"""What the cells say: unknown is ``?``, fresh is a glyph, ages are coarse."""

from typing import Any

import msgspec
import pytest

from fleetui.model.cluster import Feed, Health
from fleetui.model.duration import age_text
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source, Trust
from fleetui.model.pod import Pod
from fleetui.model.table.cell_text import percent_text
from fleetui.model.table.column import Kind, Table, natural, version_parts
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.columns_machine import MACHINES, machine_health
from fleetui.model.table.columns_operation import OPERATIONS
from fleetui.model.table.columns_pod import PODS, pod_health
from fleetui.model.table.operand import EXAMPLES
from tests.model.table.rows import HOUR, NOW, cluster, machine

TABLES: tuple[Table[Any], ...] = (CLUSTERS, MACHINES, PODS, OPERATIONS)
EXPIRED = Fault(FaultKind.UNAUTHORIZED, "token expired", "401", "run: aws sso login")


def text(table: Table[Any], column_id: str, row: Any, now: float = NOW) -> str:
    column = table.column(column_id)
    assert column is not None
    return column.text(row, now)


def style(table: Table[Any], column_id: str, row: Any, now: float = NOW) -> str:
    column = table.column(column_id)
    assert column is not None
    assert column.style is not None
    return column.style(row, now)


def pod(status: str = "Running", ready: int = 1, containers: int = 1) -> Pod:
    return Pod("u", "web-1", "shop", "eu-1", status, ready=ready, containers=containers)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_have_unique_names_and_words_for_the_help(table: Table[Any]) -> None:
    ids = [column.id for column in table.columns]

    assert len(set(ids)) == len(ids)
    assert all(column.doc.endswith(".") for column in table.columns)
    assert all(column.least <= column.most for column in table.columns)
    assert all(len(column.title) <= column.most for column in table.columns)
    assert table.column(table.headline) is not None
    assert all(column.kind in EXAMPLES for column in table.columns)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_json_begins_with_the_name_and_names_no_field_twice(table: Table[Any]) -> None:
    names = [field.name for field in table.fields]

    assert names[0] == "name"
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("table", "row"),
    [
        (CLUSTERS, cluster()),
        (CLUSTERS, cluster(trust=Trust.SILENT, fault=EXPIRED, nodes_ready=None, nodes_total=None)),
        (MACHINES, machine()),
        (MACHINES, machine(status="", created=None)),
        (PODS, pod()),
        (PODS, pod("", 0, 0)),
    ],
)
def test_every_cell_and_field_of_any_row_can_be_said(table: Table[Any], row: Any) -> None:
    for column in table.columns:
        assert isinstance(column.text(row, NOW), str)
        value, key = column.value(row), column.sort_key(row)
        assert (value is None) == (key is None)
        assert value is not None or not column.known
        if column.attribute:
            assert value == getattr(row, column.attribute)
    msgspec.json.encode({field.name: field.value(row) for field in table.fields})


@pytest.mark.parametrize(
    ("said", "nodes", "cp", "look"),
    [
        ({}, "3/3", "–", ""),
        ({"nodes_ready": 2}, "2/3", "–", "warn"),
        ({"control_plane_ready": 2, "control_plane_total": 3}, "3/3", "2/3", ""),
        ({"trust": Trust.STALE}, "3/3", "–", "stale"),
        ({"trust": Trust.SILENT}, "?/3", "?", "unknown"),
        ({"trust": Trust.IDLE, "control_plane_ready": 3, "control_plane_total": 3}, "?/3", "?/3", "unknown"),
        ({"trust": Trust.CONNECTING, "nodes_ready": None, "nodes_total": None}, "?", "?", "unknown"),
    ],
)
def test_numbers_are_only_shown_while_they_can_be_trusted(said: dict[str, Any], nodes: str, cp: str, look: str) -> None:
    row = cluster(**said)

    assert (text(CLUSTERS, "nodes", row), text(CLUSTERS, "cp", row)) == (nodes, cp)
    assert style(CLUSTERS, "nodes", row) == look


def test_fresh_is_a_glyph_and_late_is_a_number() -> None:
    live = cluster(last_contact=NOW - 3)
    silent = cluster(trust=Trust.SILENT, last_contact=NOW - 6 * 60, source=Source.POLLED)
    age = CLUSTERS.column("age")
    assert age is not None
    assert age.sign is not None

    assert (age.text(live, NOW), age.sign(live)) == ("", "live")
    assert (age.text(silent, NOW), age.sign(silent)) == ("6m", "broken")
    assert age.text(cluster(trust=Trust.STALE, last_contact=NOW - 43), NOW) == "40s"


@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("trust", [trust for trust in Trust if trust is not Trust.LIVE])
def test_what_is_not_live_never_wears_a_sign_of_life(trust: Trust, source: Source) -> None:
    age = CLUSTERS.column("age")
    assert age is not None
    assert age.sign is not None
    row = cluster(trust=trust, source=source)

    assert age.sign(row) not in ("live", "scraped")
    assert age.style is not None
    assert age.style(row, NOW) != "ok"
    assert age.text(cluster(trust=Trust.CONNECTING), NOW) == "?"


def test_the_state_is_a_plain_word() -> None:
    forbidden = Fault(FaultKind.FORBIDDEN, "403 pods", "", "", what="pods")

    assert text(CLUSTERS, "state", cluster()) == "live"
    assert text(CLUSTERS, "state", cluster(trust=Trust.SILENT, fault=EXPIRED)) == "token expired"
    assert text(CLUSTERS, "remedy", cluster(trust=Trust.SILENT, fault=EXPIRED)) == "run: aws sso login"
    assert text(CLUSTERS, "state", cluster(feeds=(Feed("pods", fault=forbidden),))) == "403 pods"


def test_the_share_of_pods_shows_its_age_when_it_is_late() -> None:
    row = cluster(pods_ready=991, pods_total=1000, pods_at=NOW)

    assert text(CLUSTERS, "pods", row) == "99.1%"
    assert text(CLUSTERS, "pods", row, NOW + 5 * 60) == "99.1% 5m"
    assert text(CLUSTERS, "pods", cluster()) == "?"
    assert text(CLUSTERS, "pods", cluster(pods_ready=0, pods_total=0)) == "–"


def test_the_end_of_support_is_in_days() -> None:
    ends = 1_792_540_800.0 + 7 * 86_400  # 2026-10-27 and a day, UTC
    row = cluster(version="v1.34.6")

    assert text(CLUSTERS, "support", row, ends - 10.5 * 86_400) == "10d"
    assert style(CLUSTERS, "support", row, ends - 10.5 * 86_400) == "warn"
    assert text(CLUSTERS, "support", row, ends + 1) == "ended"
    assert style(CLUSTERS, "support", row, ends + 1) == "danger"
    assert text(CLUSTERS, "support", cluster(version="v1.99.0")) == "?"


@pytest.mark.parametrize(
    ("status", "said", "health"),
    [
        ("Ready", {}, Health.CALM),
        ("NotReady", {}, Health.BROKEN),
        ("NotReady,SchedulingDisabled", {}, Health.BROKEN),
        ("Unknown", {}, Health.UNKNOWN),
        ("Ready,SchedulingDisabled", {}, Health.WARNING),
        ("Ready,SchedulingDisabled", {"operation": "drain by ana"}, Health.BUSY),
    ],
)
def test_the_verdict_on_a_machine(status: str, said: dict[str, Any], health: Health) -> None:
    assert machine_health(machine(status=status, **said)) is health


def test_cordoned_is_said_in_one_word() -> None:
    assert text(MACHINES, "status", machine(status="Ready,SchedulingDisabled")) == "Ready,cordoned"


@pytest.mark.parametrize(
    ("row", "health"),
    [
        (pod(), Health.CALM),
        (pod("Completed", 0), Health.CALM),
        (pod("Running", 0), Health.WARNING),
        (pod("Init:0/1", 0), Health.WARNING),
        (pod("Terminating"), Health.WARNING),
        (pod("Init:CrashLoopBackOff", 0), Health.BROKEN),
        (pod("CrashLoopBackOff", 0), Health.BROKEN),
        (pod("Evicted", 0), Health.BROKEN),
        (pod("Unknown", 0), Health.UNKNOWN),
    ],
)
def test_the_verdict_on_a_pod(row: Pod, health: Health) -> None:
    assert pod_health(row) is health


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(5, "<1m"), (59, "<1m"), (60, "1m"), (119, "1m"), (3 * HOUR, "3h"), (72 * HOUR, "3d"), (-5, "<1m")],
)
def test_ages_are_coarse(seconds: float, said: str) -> None:
    assert age_text(NOW - seconds, NOW) == said


@pytest.mark.parametrize(
    ("have", "of", "said"), [(3, 3, "100%"), (99_999, 100_000, "99.9%"), (1, 100_000, "0.1%"), (0, 5, "0%")]
)
def test_a_percentage_never_rounds_trouble_away(have: int, of: int, said: str) -> None:
    assert percent_text(have, of) == said


@pytest.mark.parametrize(
    ("version", "parts"), [("v1.35.4", (1, 35, 4)), ("1.36.0-rc.1", (1, 36, 0)), ("v1.35+", (1, 35)), ("none", ())]
)
def test_versions(version: str, parts: tuple[int, ...]) -> None:
    assert version_parts(version) == parts


def test_natural_order() -> None:
    assert sorted(["n-10", "n-9", "n-1a", "n-1"], key=natural) == ["n-1", "n-1a", "n-9", "n-10"]


def test_units_of_kinds_are_documented() -> None:
    assert set(EXAMPLES) == set(Kind)


def test_a_cordon_that_nobody_holds_is_told_on_the_cluster_as_on_its_machine() -> None:
    forgotten = cluster(cordoned=2)
    held = cluster(cordoned=2, operation="drain by ana")

    assert (text(CLUSTERS, "state", forgotten), style(CLUSTERS, "state", forgotten)) == ("live, 2 cordoned", "warn")
    assert (text(CLUSTERS, "state", held), style(CLUSTERS, "state", held)) == ("live, 2 cordoned", "muted")
    assert CLUSTERS.health(forgotten) is machine_health(machine(status="Ready,SchedulingDisabled"))
    busy = machine(status="Ready,SchedulingDisabled", operation="drain by ana")
    assert CLUSTERS.health(held) is machine_health(busy)
