"""The demo's evaluator of PromQL beside a real Prometheus that holds the same series, over what the boards ask."""

import math
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from fleetui.model.health.promql import Scope
from fleetui.simulate.promql_evaluate import evaluate
from fleetui.simulate.promql_syntax import Selector, parse
from fleetui.simulate.series_store import NAME, SCRAPE_S, Series
from tests.bed import packages
from tests.bed.prometheus import Prometheus
from tests.simulate.demo_store import WINDOW_S, DemoStore, boards

pytestmark = pytest.mark.bed

CLUSTERS = frozenset({"data-north-1", "pci-east-1", "edge-cadiz-01", "edge-turku-01", "mgmt-north-1"})
HISTORY_S = 16 * 60.0
"""Of which the real one knows: queries that look further back are left out."""
NEAR = 0.08
"""Prometheus extrapolates rates from a few samples, and finds extremes and means among them; ours are those of the
functions."""
ALSO = (
    'topk(1, sum by (verb) (rate(apiserver_request_total{cluster="pci-east-1"}[5m])))',
    'count by (cluster) (kube_node_info) > bool 5',
    'up{cluster="pci-east-1",job="etcd"} == 0',
    "-sum(up) + 2 * sum(up) % 7",
    'avg without (instance, job) (etcd_server_is_leader)',
    'label_replace(up{job="haproxy"}, "host", "$1-x", "instance", "(.*):.*") or vector(3)',
    'max_over_time(etcd_server_is_leader[2m]) unless on (cluster) up{cluster="pci-east-1"}',
    'quantile by (cluster) (0.5, node_memory_MemTotal_bytes)',
    "vector(1) / 0 - vector(0) / 0",
)  # fmt: skip


@pytest.fixture(scope="module")
def store() -> DemoStore:
    """A part of the fleet: writing all of it down takes longer than asking."""
    return DemoStore(clusters=CLUSTERS)


@pytest.fixture(scope="module")
def real(store: DemoStore) -> Iterator[Prometheus]:
    with Prometheus() as made:
        made.kill()
        page = made.folder / "series.txt"
        page.write_text(_written(store))
        argv = [packages.program("promtool"), "tsdb", "create-blocks-from", "openmetrics", page, made.folder / "data"]
        subprocess.run(list(map(str, argv)), check=True, capture_output=True)
        made.restart()
        yield made


def _written(store: DemoStore) -> str:
    """As OpenMetrics: each metric's series together, each series oldest first."""
    lines: list[str] = []
    found = sorted(store.series.select(_everything()), key=lambda series: series.labels[NAME])
    for series in found:
        labels = ",".join(f'{name}="{value}"' for name, value in series.bare.items())
        lines += [f"{series.labels[NAME]}{{{labels}}} {value!r} {at:.3f}" for at, value in _samples(store, series)]
    return "\n".join([*lines, "# EOF\n"])


def _samples(store: DemoStore, series: Series) -> Iterator[tuple[float, float]]:
    """Of each scrape within the history."""
    before, t = 0.0, store.at - HISTORY_S
    while t <= store.at:
        found = series.sample(t)
        if found is not None and found[0] > before:
            before = found[0]
            yield found
        t += SCRAPE_S


def _everything() -> Selector:
    found = parse('{__name__=~".+"}')
    assert isinstance(found, Selector)
    return found


def asked() -> Iterator[str]:
    for board in boards().values():
        scope = Scope(jobs=board.jobs, window_s=WINDOW_S)
        yield from (text for query in board.every if _looks_back(text := scope.fill(query)) <= HISTORY_S / 2)
    yield from ALSO


def _looks_back(query: str) -> float:
    """The furthest window or offset of a query."""
    return max(_reach(parse(query)), default=0.0)


def _reach(node: Any) -> Iterator[float]:
    if isinstance(node, Selector):
        yield (node.window_s or 0.0) + node.offset_s
    for field in getattr(node, "__struct_fields__", ()):
        below = getattr(node, field)
        for each in below if isinstance(below, tuple) else (below,):
            if hasattr(each, "__struct_fields__"):
                yield from _reach(each)


def test_the_same_series_come_out_with_the_same_values(store: DemoStore, real: Prometheus) -> None:
    compared = 0
    wrong = []
    for query in asked():
        ours, theirs = _ours(store, query), _theirs(real, query, store.at)
        if ours.keys() != theirs.keys():
            wrong.append((query, sorted(ours.keys() ^ theirs.keys())[:3]))
        wrong += [
            (query, key, ours[key], theirs[key]) for key in ours.keys() & theirs if not _near(ours[key], theirs[key])
        ]
        compared += len(ours)
    assert wrong == []
    assert compared > 500


def _ours(store: DemoStore, query: str) -> dict[tuple[tuple[str, str], ...], float]:
    found = evaluate(query, store.series, store.at)
    pairs = [({}, found)] if isinstance(found, float) else found
    return _by_labels(query, ((dict(labels), value) for labels, value in pairs))


def _theirs(real: Prometheus, query: str, at: float) -> dict[tuple[tuple[str, str], ...], float]:
    found = real.query(query, at=at)
    return _by_labels(query, ((point["metric"], float(point["value"][1])) for point in found))


def _by_labels(
    query: str, found: Iterable[tuple[Mapping[str, str], float]]
) -> dict[tuple[tuple[str, str], ...], float]:
    """Which of two that are all but equal is the highest is not compared."""
    near = ("instance", "verb") if query.startswith("topk") else ()
    return {tuple(sorted((k, v) for k, v in labels.items() if k not in near)): value for labels, value in found}


def _near(ours: float, theirs: float) -> bool:
    if math.isnan(ours) or math.isnan(theirs):
        return math.isnan(ours) and math.isnan(theirs)
    return ours == theirs or math.isclose(ours, theirs, rel_tol=NEAR, abs_tol=1e-4)
