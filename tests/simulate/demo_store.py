"""The demo's store of metrics without its wire: built once, asked as often as a test likes."""

import asyncio
from collections.abc import Iterator, Mapping

from fleetui.clients.kind_files import read_kinds
from fleetui.clients.paths import shipped_kinds
from fleetui.model.health.answers import Answers
from fleetui.model.health.etcd_promql import JOBS, QUERIES
from fleetui.model.health.promql import Query, Scope
from fleetui.model.health.replication_kind import Kind
from fleetui.model.health.replication_queries import DOWN, all_queries, presence
from fleetui.model.health.series import Point, Reply, Vector
from fleetui.observe.panel_boards import CONTROLPLANE, COVERAGE, FLEET, SLO
from fleetui.observe.questions import Board
from fleetui.simulate.demo import demo_fleet
from fleetui.simulate.demo_series import DemoSeries
from fleetui.simulate.etcd_demo import STORIES, DemoEtcds
from fleetui.simulate.promql_evaluate import evaluate
from fleetui.simulate.series_store import SCRAPE_S, Series, SeriesStore

NOW = 1_800_000_000.0
WINDOW_S = 60


class StillClock:
    """Stands."""

    def now(self) -> float:
        return NOW

    def monotonic(self) -> float:
        return NOW

    async def sleep(self, _: float) -> None:
        await asyncio.Event().wait()


def kinds() -> tuple[Kind, ...]:
    return tuple(read_kinds(shipped_kinds(), shipped_kinds().parent / "none").kinds)


def boards() -> Mapping[str, Board]:
    """Every board that asks a store, by name."""
    found = {"controlplane": CONTROLPLANE, "slo": SLO, "coverage": COVERAGE, **FLEET, "etcd": Board(QUERIES, JOBS)}
    return {**found, "replication": Board((presence(kinds()), DOWN, *all_queries(kinds())))}


class DemoStore:
    """As it is a minute after the demo's start."""

    def __init__(self, *, seed: int = 1, clusters: frozenset[str] | None = None) -> None:
        """``clusters``: those of the series that it holds; all of them without."""
        clock = StillClock()
        etcds = DemoEtcds(seed=seed, clock=clock)
        self.etcds = etcds.etcds
        for name, etcd in etcds.etcds.items():
            STORIES.get(name, lambda _: None)(etcd)
        told = DemoSeries(demo_fleet(seed=seed, speed=1.0, clock=clock), etcds, seed=seed, clock=clock)

        def read(now: float) -> Iterator[Series]:
            return (one for one in told.read(now) if clusters is None or one.bare["cluster"] in clusters)

        self.series = SeriesStore(read)
        self.at = NOW
        self.series.refresh(NOW)
        self.pass_s(WINDOW_S)

    def pass_s(self, seconds: float) -> None:
        """Time passes, scrape by scrape."""
        until = self.at + seconds
        while self.at < until:
            self.at += SCRAPE_S
            self.series.refresh(self.at)

    def ask(self, board: Board, query: Query) -> Vector:
        """Raises PromqlError."""
        found = evaluate(Scope(jobs=board.jobs, window_s=WINDOW_S).fill(query), self.series, self.at)
        pairs = [({}, found)] if isinstance(found, float) else found
        points = tuple(Point(dict(labels), value, self.at) for labels, value in pairs)
        return Vector(points, Reply("store", self.at, self.at))

    def answers(self, name: str) -> Answers:
        """Everything that a board asks, in the wording of raw series."""
        board = boards()[name]
        return Answers(source="store", replies={query.id: self.ask(board, query) for query in board.every})
