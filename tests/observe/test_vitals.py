"""The boards' words reach the clusters' rows while somebody looks, and a dying pipeline does too."""

import asyncio
import random

import msgspec
import pytest

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.alerts.pipeline import Level, Pipeline
from fleetui.model.cluster import AlertSign, BoardSign, Health
from fleetui.model.health.etcd_quorum import Margin
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.health.panel_board import PanelRow
from fleetui.observe.fleet import Fleet
from fleetui.observe.table import Table
from fleetui.ports.reader import ClusterReader
from tests.observe.virtual_clock import VirtualClock, settle

MANY = 1_100
"""Above what a subscription keeps one by one."""
LIVING = Pipeline(at=0.0, level=Level.OK)
WELL = EtcdState("eu-1", Health.CALM, "can lose 1", margin=Margin(3, 3, 0, 0, 0), settled=True)
PAGE = Alert(
    key="k", name="Down", cluster="eu-1", labels=(), phase=Phase.FIRING, call=Call.PAGE, why="", confirmed_at=0.0
)


class StillBoard:
    """Rows that a test puts there."""

    def __init__(self) -> None:
        self.rows: Table[object] = Table()
        self.pipeline: Pipeline | None = None

    async def watch(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        """Nothing is open."""


def nobody() -> ClusterReader:
    raise AssertionError("no cluster is connected here")


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def boards() -> dict[str, StillBoard]:
    return {"etcd": StillBoard(), "alerts": StillBoard(), "controlplane": StillBoard()}


def fleet_of(clock: VirtualClock, boards: dict[str, StillBoard]) -> Fleet:
    fleet = Fleet(clock=clock, chance=random.Random(1))
    for name in ("eu-1", "eu-2"):
        fleet.add(name, open_reader=nobody)
    fleet.add_board("etcd", lambda: boards["etcd"])
    fleet.add_board("alerts", lambda: boards["alerts"])
    fleet.add_board("controlplane", lambda: boards["controlplane"])
    return fleet


async def test_rows_get_what_the_boards_say(clock: VirtualClock, boards: dict[str, StillBoard]) -> None:
    fleet = fleet_of(clock, boards)
    work = asyncio.create_task(fleet.run())
    fleet.look({"etcd", "alerts"})
    boards["etcd"].rows.apply("eu-1", [("eu-1", WELL)])
    await clock.advance(1)
    row, other = fleet.cluster("eu-1"), fleet.cluster("eu-2")
    assert row is not None
    assert other is not None
    assert (row.etcd and row.etcd.word, row.alerts, other.etcd) == ("can lose 1", None, None)
    boards["alerts"].pipeline = LIVING
    boards["alerts"].rows.apply("", [("k", PAGE)])
    await clock.advance(1)
    row, other = fleet.cluster("eu-1"), fleet.cluster("eu-2")
    assert row is not None
    assert other is not None
    assert (row.alerts, other.alerts) == (AlertSign(pages=1), AlertSign())
    work.cancel()
    await asyncio.wait({work})


async def test_a_pipeline_that_dies_is_told_without_any_new_row(
    clock: VirtualClock, boards: dict[str, StillBoard]
) -> None:
    fleet = fleet_of(clock, boards)
    boards["alerts"].pipeline = LIVING
    fleet.look({"alerts"})
    work = asyncio.create_task(fleet.run())
    await clock.advance(1)
    feed = fleet.subscribe("clusters")
    assert {name: getattr(row, "alerts", None) for name, row in feed.take().upserts} == {
        "eu-1": AlertSign(), "eu-2": AlertSign(),
    }  # fmt: skip
    boards["alerts"].pipeline = msgspec.structs.replace(LIVING, level=Level.DEAD)
    await clock.advance(10)
    assert {name for name, row in feed.take().upserts if row.alerts and row.alerts.dead} == {"eu-1", "eu-2"}
    await clock.advance(10)
    assert not feed.take(), "the same again is no news"
    work.cancel()
    await asyncio.wait({work})


async def test_nobody_looks_nothing_is_made(clock: VirtualClock) -> None:
    fleet = Fleet(clock=clock, chance=random.Random(1))
    fleet.add("eu-1", open_reader=nobody)
    fleet.look({"slo"})
    fleet.take_vitals()
    row = fleet.cluster("eu-1")
    assert row is not None
    assert (row.etcd, row.alerts) == (None, None)
    await settle()


def etcd_words(fleet: Fleet) -> list[str | None]:
    return [row.etcd.word if row.etcd else None for name in ("eu-1", "eu-2") if (row := fleet.cluster(name))]


async def test_a_cluster_that_leaves_the_board_of_etcd_says_nothing_any_more(
    clock: VirtualClock, boards: dict[str, StillBoard]
) -> None:
    fleet, rows = fleet_of(clock, boards), boards["etcd"].rows
    rows.apply("eu-1", [("eu-1", WELL)])
    rows.apply("eu-2", [("eu-2", msgspec.structs.replace(WELL, cluster="eu-2"))])
    fleet.look({"etcd"})
    fleet.take_vitals()
    assert etcd_words(fleet) == ["can lose 1", "can lose 1"]
    rows.drop("eu-1")
    fleet.take_vitals()
    assert etcd_words(fleet) == [None, "can lose 1"]


async def test_rows_that_come_anew_replace_all_that_was_known(
    clock: VirtualClock, boards: dict[str, StillBoard]
) -> None:
    """More has changed than a reader is told one by one: what is not in the new picture is gone."""
    fleet, etcd, alerts = fleet_of(clock, boards), boards["etcd"].rows, boards["alerts"].rows
    boards["alerts"].pipeline = LIVING
    etcd.apply("eu-1", [("eu-1", WELL)])
    alerts.apply("", [("k", PAGE)])
    fleet.look({"etcd", "alerts"})
    fleet.take_vitals()
    row = fleet.cluster("eu-1")
    assert row is not None
    assert (row.etcd and row.etcd.word, row.alerts) == ("can lose 1", AlertSign(pages=1))
    names = [f"x-{n}" for n in range(MANY)]
    etcd.apply("eu-1", [(name, msgspec.structs.replace(WELL, cluster=name)) for name in names])
    alerts.apply("", [(name, msgspec.structs.replace(PAGE, key=name, cluster="else")) for name in names])
    etcd.drop("eu-1")
    alerts.drop("")
    fleet.take_vitals()
    row = fleet.cluster("eu-1")
    assert row is not None
    assert (row.etcd, row.alerts) == (None, AlertSign())


async def test_a_board_of_metrics_says_its_word_and_takes_it_back(
    clock: VirtualClock, boards: dict[str, StillBoard]
) -> None:
    fleet, rows = fleet_of(clock, boards), boards["controlplane"].rows
    burning = PanelRow("eu-1", Health.BROKEN, "5xx 16%", "5xx 16%, writes 2.4 s", settled=True)
    rows.apply("eu-1", [("eu-1", burning)])
    rows.apply("eu-2", [("eu-2", PanelRow("eu-2"))])
    fleet.look({"controlplane"})
    fleet.take_vitals()
    row, awaited = fleet.cluster("eu-1"), fleet.cluster("eu-2")
    assert row is not None
    assert awaited is not None
    assert row.boards == (BoardSign("controlplane", Health.BROKEN, "5xx 16%", "writes 2.4 s"),)
    assert awaited.boards == (), "what nobody has asked yet is no word"
    rows.drop("eu-1")
    fleet.take_vitals()
    row = fleet.cluster("eu-1")
    assert row is not None
    assert row.boards == ()


async def test_what_rings_in_the_fleet_is_counted_also_where_no_cluster_is_named(
    clock: VirtualClock, boards: dict[str, StillBoard]
) -> None:
    fleet = fleet_of(clock, boards)
    assert fleet.alarms is None
    fleet.look({"alerts"})
    fleet.take_vitals()
    assert fleet.alarms is None, "the first look has not ended"
    boards["alerts"].pipeline = LIVING
    boards["alerts"].rows.apply("", [("k", PAGE), ("l", msgspec.structs.replace(PAGE, key="l", cluster=""))])
    fleet.take_vitals()
    assert fleet.alarms is not None
    assert (fleet.alarms.total.pages, fleet.alarms.pipeline) == (2, LIVING)
