"""What a row, the headlines and the inspector say of one thing is the same, word for word."""

import msgspec
import pytest

from fleetui.console import grid_attention
from fleetui.console.glyphs import UNICODE
from fleetui.console.headline import cluster_trust_line, standing, trust_line, trust_mark
from fleetui.console.ink import plain
from fleetui.console.inspector import cluster_lines, machine_lines, pod_lines
from fleetui.console.page import Page
from fleetui.console.views import View
from fleetui.model.cluster import Cluster, Feed
from fleetui.model.freshness import Source, Trust
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.columns_pod import PODS
from fleetui.model.waiting import Waiting
from fleetui.model.work import Work
from tests.console.samples import EXPIRED, cluster, machine, pod
from tests.console.test_table_keys import cursor_on, grid, started
from tests.console.waiting import until
from tests.console.world import NOON, World

CELLS = 60


def cell(row: Cluster) -> tuple[str, str]:
    """Glyph and text of the AGE cell."""
    age = CLUSTERS.column("age")
    assert age is not None
    assert age.sign is not None
    return getattr(UNICODE, age.sign(row)), age.text(row, NOON)


def inspector(row: Cluster) -> str:
    return "\n".join(plain(said) for said in cluster_lines(row, now=NOON, glyphs=UNICODE, cells=CELLS))


@pytest.mark.parametrize("quiet", [12, 70, 119, 372, 7_300, 200_000])
@pytest.mark.parametrize("trust", [Trust.SILENT, Trust.STALE])
def test_the_age_of_a_cluster_that_is_late(quiet: float, trust: Trust) -> None:
    row = cluster("edge-1", "edge", 3, trust=trust, last_contact=NOON - quiet, fault=EXPIRED, feeds=())
    glyph, age = cell(row)

    assert f"last contact {age} ago" in inspector(row)
    assert f"{glyph} {trust.value} {age}" in plain(cluster_trust_line(row, now=NOON, glyphs=UNICODE, cells=200))
    fleet_line = plain(trust_line(standing([row]), now=NOON, glyphs=UNICODE, cells=200))
    assert f"({age}, " in fleet_line or f"(max {age})" in fleet_line


@pytest.mark.parametrize("trust", [trust for trust in Trust if trust is not Trust.LIVE])
@pytest.mark.parametrize("source", Source)
def test_the_glyph_of_a_cluster_that_is_not_live(trust: Trust, source: Source) -> None:
    row = cluster("edge-1", "edge", 3, trust=trust, source=source)

    assert cell(row)[0] == trust_mark(trust, UNICODE)[0]


@pytest.mark.parametrize("old", [5, 65, 119, 4_000, 90_000])
def test_the_age_of_a_pod(old: float) -> None:
    row = pod("web-1", created=NOON - old)
    age = PODS.column("age")
    assert age is not None
    facts = [plain(said).split() for said in pod_lines(row, None, now=NOON, glyphs=UNICODE, cells=CELLS)]

    assert ["age", age.text(row, NOON)] in facts


@pytest.mark.parametrize("heard", [NOON - 372, None])
async def test_a_machine_of_a_silent_cluster_is_what_was_last_known(heard: float | None) -> None:
    """In its cell and in the inspector, never as if it were now."""
    world = World()
    world.fleet.put(cluster("edge-1", "edge", 3, trust=Trust.SILENT, last_contact=heard, fault=EXPIRED, feeds=()))
    world.fleet.put(machine("wk-1", "edge-1"))
    was = "Ready once" if heard is None else "Ready 6m ago"
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        inspector = app.frame.query_one("#inspector", Page)
        await until(pilot, lambda: was in inspector.text)
        painted = grid(app).render_line(1)
        assert was in painted.text
        said = next(segment for segment in painted if was in segment.text)
        assert said.style is not None
        assert said.style.color == world.session.styles["stale"].color


async def test_the_inspector_never_says_what_its_row_no_longer_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """It follows a moved cursor when that rests; it does not wait with what has changed under it."""
    world = World()
    calm = cluster("edge-1", "edge", 3)
    world.fleet.put(calm)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        inspector = app.frame.query_one("#inspector", Page)
        await cursor_on(pilot, app, "edge-1")
        assert "3 of 3 ready" in inspector.text
        monkeypatch.setattr(grid_attention, "REST_S", 3_600.0)
        world.fleet.put(msgspec.structs.replace(calm, nodes_ready=1, not_ready=2))
        await until(pilot, lambda: "1/3" in grid(app).render_line(2).text)
        await pilot.pause()
        assert "1 of 3 ready" in inspector.text


async def test_a_machines_inspector_follows_its_cluster_into_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    live = cluster("edge-1", "edge", 3)
    world.fleet.put(live)
    world.fleet.put(machine("wk-1", "edge-1"))
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        inspector = app.frame.query_one("#inspector", Page)
        await until(pilot, lambda: inspector.text.startswith("wk-1"))
        monkeypatch.setattr(grid_attention, "REST_S", 3_600.0)
        world.fleet.put(msgspec.structs.replace(live, trust=Trust.SILENT, last_contact=NOON - 372, fault=EXPIRED))
        await until(pilot, lambda: "Ready 6m ago" in grid(app).render_line(1).text)
        await pilot.pause()
        assert "Ready 6m ago" in inspector.text


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        (Feed("pods", Trust.IDLE, Source.CACHED), "not watched"),
        (Feed("nodes", Trust.CONNECTING, Source.CACHED), "not read yet"),
        (Feed("nodes", Trust.SILENT, Source.CACHED, fault=EXPIRED), "never read"),
        (Feed("nodes", Trust.STALE, Source.CACHED, NOON - 372), "cached 6m"),
        (Feed("nodes", Trust.LIVE, Source.PUSHED, NOON, complete=True), "pushed"),
    ],
)
def test_a_feed_that_was_never_read_has_no_source(feed: Feed, said: str) -> None:
    row = cluster("edge-1", "edge", 3, feeds=(feed,))

    assert inspector(row).split("feeds")[1].split(feed.kind)[1].lstrip().startswith(said)


def test_a_fault_of_the_whole_cluster_is_told_once() -> None:
    feeds = tuple(Feed(kind, Trust.SILENT, Source.POLLED, NOON - 372, EXPIRED) for kind in ("readyz", "nodes"))
    row = cluster("edge-1", "edge", 3, trust=Trust.SILENT, fault=EXPIRED, feeds=feeds)

    assert inspector(row).count(EXPIRED.word) == 1


@pytest.mark.parametrize("status", ["Ready,SchedulingDisabled", "NotReady", ""])
def test_the_status_of_a_machine(status: str) -> None:
    row = machine("wk-1", status=status)
    column = MACHINES.column("status")
    assert column is not None
    said = [plain(told).split() for told in machine_lines(row, None, now=NOON, glyphs=UNICODE, cells=CELLS)]

    assert ["status", column.text(row, NOON)] in said


REASON = Waiting("pod pay/api-0", "budget", "pdb pay/api allows 0", owner="Deployment/api")
STUCK = Work("op", "drain", "ana", "prod-1", total=1, stuck=True, stuck_since=NOON - 240, holds=(REASON,))


@pytest.mark.parametrize(
    ("cells", "there", "gone"),
    [
        (383, ["drain 0/1 blocked 4m (pdb pay/api allows 0", "5 silent: edge-0", "edge-2", "+2", "1 stale"], []),
        (153, ["drain 0/1 blocked 4m (pdb pay/api allows 0", "5 silent: edge-0", "+4"], ["edge-1"]),
        (113, ["drain 0/1 blocked 4m (pdb pay/api allows 0", "5 silent"], ["edge-0"]),
        (63, ["drain 0/1 blocked 4m", "5 silent"], ["pdb pay/api"]),
    ],
)
def test_a_blocked_operation_outlives_the_names_of_silent_clusters(
    cells: int, there: list[str], gone: list[str]
) -> None:
    silent = [
        cluster(f"edge-{n}", "edge", 3, trust=Trust.SILENT, fault=EXPIRED, last_contact=NOON - 99) for n in range(5)
    ]
    rows = [cluster("prod-1", "prod", 3, works=(STUCK,)), cluster("b", "dr", 3, trust=Trust.STALE), *silent]
    said = plain(trust_line(standing(rows), now=NOON, glyphs=UNICODE, cells=cells))

    assert [text for text in there if text not in said] == []
    assert [text for text in gone if text in said] == []
