"""The boards of control planes and service levels from a real Prometheus that holds 5 clusters, and 500: the same count
of questions, answered in time; and every query is understood."""

import time
from collections.abc import Iterator

import pytest

from fleetui.clients.prometheus.source import PrometheusSource
from fleetui.clients.system import SystemClock
from fleetui.model.cluster import Health
from fleetui.model.fault import Fault
from fleetui.model.health.answers import Answers
from fleetui.model.health.controlplane import CPU, ERRORS
from fleetui.model.health.coverage import Cover, CoverageRow
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.series import Targets, Vector
from fleetui.model.health.slo import Call
from fleetui.model.health.slo_board import SloRow
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.panel_boards import (
    CONTROLPLANE,
    COVERAGE,
    FLEET,
    SLO,
    judge_controlplane,
    judge_coverage,
    judge_fleet,
    judge_slo,
)
from fleetui.observe.questions import Board, Questions
from tests.bed.prometheus import Prometheus, Recording
from tests.bed.synthetic import SyntheticFleet
from tests.clients.sources import source

pytestmark = pytest.mark.bed
BROKEN, DEAD = "c003", "c004"
BOUND_S = 20.0
"""Query time of one refresh of a board, on a busy machine. The benchmarks hold it to 2 s with 500 clusters."""


class Counted:
    """A source that counts its questions."""

    def __init__(self, asked: PrometheusSource) -> None:
        self._asked = asked
        self.name = asked.name
        self.instants: list[str] = []

    async def instant(self, query: str) -> Vector:
        self.instants.append(query)
        return await self._asked.instant(query)

    async def targets(self) -> Targets:
        return await self._asked.targets()

    async def label_names(self, matching: str = "") -> tuple[str, ...]:
        return await self._asked.label_names(matching)


@pytest.fixture(scope="module", params=[5, 500])
def store(request: pytest.FixtureRequest) -> Iterator[tuple[int, Prometheus]]:
    """One cluster's API servers fail a quarter of their requests, one says nothing at all. One recording rule of the
    kubernetes-mixin is evaluated."""
    count: int = request.param
    recorded = Recording(ERRORS.rule, "sum by (cluster, code, resource) (rate(apiserver_request_total[20s]))")
    with SyntheticFleet(count) as fleet, Prometheus([fleet.job], scrape=5, rules=[recorded]) as prometheus:
        fleet.strike(BROKEN, "errors")
        fleet.strike(DEAD, "silent")
        prometheus.until_value('count(up{job="apiserver"})', count - 1, within=60)
        failed = f'increase(apiserver_request_total{{cluster="{BROKEN}",code="500"}}[1m])'
        prometheus.until_value(f"sum({failed} > bool 10)", 1, within=60)
        prometheus.until_value(f"count(count by (cluster) ({ERRORS.rule}))", count - 1, within=60)
        yield count, prometheus


async def asked(store: tuple[int, Prometheus], board: Board) -> Answers:
    """The first round asks everything, those after it what is due every time."""
    count, prometheus = store
    async with source(prometheus.url, timeout="30s") as real:
        counted = Counted(real)
        asking = Questions(counted, MetricsConfig(url="http://unused"), board, clock=SystemClock())  # type: ignore[arg-type]
        rounds, took = [], []
        for _ in range(3):
            before, began = len(counted.instants), time.monotonic()
            told = await asking.ask()
            took.append(time.monotonic() - began)
            rounds.append(len(counted.instants) - before)
    always = sum(1 for query in board.every if not query.every_s)
    assert rounds == [len(board.every), always, always], "as many for 5 clusters as for 500"
    assert {query: reply for query, reply in told.replies.items() if isinstance(reply, Fault)} == {}
    print(f"\n{count} clusters: {rounds[0]} questions in {took[0]:.2f} s, then {rounds[1]} in {min(took[1:]):.2f} s")
    assert min(took[1:]) < BOUND_S
    return told


async def test_recording_rules_are_read_where_there_are_any_and_nowhere_else(store: tuple[int, Prometheus]) -> None:
    async with source(store[1].url, timeout="30s") as real:
        counted = Counted(real)
        config = MetricsConfig(url="http://unused")
        await Questions(counted, config, CONTROLPLANE, clock=SystemClock()).ask()  # type: ignore[arg-type]
    (errors,) = [query for query in counted.instants if "5.." in query]
    assert "apiserver_request_total[" not in errors
    assert f'{ERRORS.rule}{{code!~"5.."}}' in errors
    (cpu,) = [query for query in counted.instants if 'mode="idle"' in query]
    assert CPU.rule not in cpu


async def test_the_control_planes_of_a_store(store: tuple[int, Prometheus]) -> None:
    told = await asked(store, CONTROLPLANE)
    names = frozenset(f"c{number:03d}" for number in range(store[0]))
    rows = dict(judge_controlplane([told], names, time.time()))
    assert rows.keys() == names
    assert rows[BROKEN].level is Health.BROKEN
    assert rows[BROKEN].word.startswith("5xx ")
    assert (rows[DEAD].level, rows[DEAD].word) == (Health.UNKNOWN, "not scraped")
    assert {row.level for name, row in rows.items() if name not in (BROKEN, DEAD)} == {Health.CALM}


@pytest.mark.parametrize("name", FLEET)
async def test_the_boards_of_the_whole_fleet(store: tuple[int, Prometheus], name: str) -> None:
    told = await asked(store, FLEET[name])
    names = frozenset(f"c{number:03d}" for number in range(store[0]))
    figures = {id_: row for id_, row in judge_fleet(name)([told], names, time.time()) if isinstance(row, FleetFigure)}
    known = {id_ for id_, row in figures.items() if row.known}
    assert (
        known
        >= {"executive": {"availability", "ready", "burn", "capacity"}, "oncall": {"errors"}, "debug": {"replication"}}[
            name
        ]
    )
    assert {row.known for id_, row in figures.items() if id_ in known} == {store[0] - 1}, "one is silent"
    if name == "oncall":
        assert [cluster for cluster, _ in figures["errors"].worst] == [BROKEN]


async def test_the_coverage_of_a_store(store: tuple[int, Prometheus]) -> None:
    told = await asked(store, COVERAGE)
    names = frozenset(f"c{number:03d}" for number in range(store[0]))
    rows = {id_: row for id_, row in judge_coverage([told], names, time.time()) if isinstance(row, CoverageRow)}
    assert rows.keys() == names
    assert rows["c000"].cell("apiserver").cover is Cover.SCRAPED
    assert (rows[DEAD].cell("etcd").cover, rows[DEAD].sample_at) == (Cover.SILENT, None)


async def test_the_service_levels_of_a_store(store: tuple[int, Prometheus]) -> None:
    told = await asked(store, SLO)
    names = frozenset(f"c{number:03d}" for number in range(store[0]))
    rows = {id_: row for id_, row in judge_slo()([told], names, time.time()) if isinstance(row, SloRow)}
    assert {row.cluster for row in rows.values()} == names
    burning = rows[f"{BROKEN}/api-errors"]
    assert (burning.call, burning.level) == (Call.PAGE, Health.BROKEN), burning
    assert "x its pace over" in burning.reason
    assert rows["c000/api-errors"].call is Call.NOBODY, rows["c000/api-errors"]
    dead = rows[f"{DEAD}/availability"]
    assert (dead.level, dead.word) == (Health.UNKNOWN, "not scraped")
