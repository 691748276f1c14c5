"""What a board asks of a store of 5 clusters and of one of 500: how many questions, and for how long.

`python -m bench.boards` prints a table; `--write FILE` keeps it in a Markdown file; with `--strict` a board that takes
longer than its bound, or asks more of more clusters, is an exit status of 1.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.provenance import commit
from bench.section import headed, put
from fleetui.clients.kind_files import read_kinds
from fleetui.clients.paths import shipped_kinds
from fleetui.clients.system import SystemClock
from fleetui.model.fault import Fault
from fleetui.model.health.etcd_promql import JOBS, QUERIES
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.panel_boards import CONTROLPLANE, COVERAGE, FLEET, SLO
from fleetui.observe.questions import Board, Questions
from fleetui.observe.replication import questions
from tests.bed import packages
from tests.bed.prometheus import Prometheus
from tests.bed.synthetic import SyntheticFleet
from tests.clients.sources import source

FEW, MANY = 5, 500
BOUND_S = 2.0
"""Query time of one refresh of a board."""
ROUNDS = 4
"""The first asks everything, those after it what is due every time."""


@dataclass(frozen=True)
class Cost:
    """Of one board and one store. Seconds: of the first refresh, and of the quickest and slowest after it."""

    questions: int
    first_s: float
    least_s: float
    most_s: float


def boards() -> dict[str, Board]:
    kinds = read_kinds(shipped_kinds(), Path("/nowhere")).kinds
    own = {"etcd": Board(QUERIES, JOBS), "replication": questions(kinds), "controlplane": CONTROLPLANE}
    return {**own, "slo": SLO, **FLEET, "coverage": COVERAGE}


def costs(count: int) -> dict[str, Cost]:
    """Of every board, beside a Prometheus that holds ``count`` clusters."""
    with SyntheticFleet(count) as fleet, Prometheus([fleet.job], scrape=5) as prometheus:
        prometheus.until_value("count(count by (cluster) (etcd_server_has_leader))", count, within=120)
        prometheus.until_value("min(count_over_time(up[1m])) > bool 4", 1, within=120)
        return {name: asyncio.run(cost(prometheus.url, board)) for name, board in boards().items()}


async def cost(url: str, board: Board) -> Cost:
    """Raises AssertionError where the store does not understand a question."""
    took = []
    async with source(url, timeout="30s") as store:
        asking = Questions(store, MetricsConfig(url=url), board, clock=SystemClock())
        for _ in range(ROUNDS):
            began = time.monotonic()
            told = await asking.ask()
            took.append(time.monotonic() - began)
    assert [id_ for id_, reply in told.replies.items() if isinstance(reply, Fault)] == []
    return Cost(len(told.replies), took[0], min(took[1:]), max(took[1:]))


def lines(few: Mapping[str, Cost], many: Mapping[str, Cost]) -> Iterator[str]:
    """A Markdown table."""
    pair = f"{FEW} | {MANY}"
    yield f"| board | questions of {pair} clusters | first refresh, {pair} | each later, {pair} | |"
    yield "|---|---:|---:|---:|---:|---:|---:|---|"
    for name, most in many.items():
        least = few[name]
        later = f"{least.least_s:.2f} to {least.most_s:.2f} s | {most.least_s:.2f} to {most.most_s:.2f} s"
        word = "held" if held(least, most) else "**missed**"
        counts, firsts = f"{least.questions} | {most.questions}", f"{least.first_s:.2f} s | {most.first_s:.2f} s"
        yield f"| {name} | {counts} | {firsts} | {later} | {word} |"


def held(few: Cost, many: Cost) -> bool:
    """As many questions, and answered in time."""
    return few.questions == many.questions and many.least_s < BOUND_S


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="FILE", help="keep the table in this Markdown file")
    parser.add_argument("--strict", action="store_true", help="exit 1 where a board misses its bound")
    options = parser.parse_args()
    packages.ensure()
    at_commit = commit()
    few, many = costs(FEW), costs(MANY)
    section = headed("\n".join(lines(few, many)), "bench.boards", at_commit=at_commit)
    print(section)
    if options.write:
        put(section, options.write, name="boards")
    return int(options.strict and not all(held(few[name], many[name]) for name in many))


if __name__ == "__main__":
    sys.exit(main())
