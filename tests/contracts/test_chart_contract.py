"""Charts and sparklines out of a real Prometheus with hours of history: what was never scraped is a gap, and a screen
of rows is one question that names them."""

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from fleetui.clients.system import SystemClock
from fleetui.model.chart.chart import Chart
from fleetui.model.chart.subject import Request, Subject, Wish
from fleetui.model.health.series import Matrix
from fleetui.model.health.threshold import Threshold
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.charts import Charts
from tests.bed import packages
from tests.bed.prometheus import Prometheus
from tests.clients.sources import CLIENTS, source

pytestmark = pytest.mark.bed

SCRAPED_S = 30
NOON = int(time.time()) // 3_600 * 3_600 - 3_600
"""Noon of the story: the last full hour but one."""
HOLE = range(NOON - 40 * 60, NOON - 20 * 60)
"""Nobody scraped a member of eu-1 then."""
LOOK_BACK_S = 300
"""For how long Prometheus goes on with a last sample, where no scrape has failed."""
LIMIT = Threshold("lag", "s", amber=5, red=30, source="test")
LAG = Subject(id="test/lag", title="lag", query="max by ($by) (lag_seconds)", unit="s", limit=LIMIT)
OF_ONE = Subject(
    id="test/own", title="lag", query="max by ($per, ns, pod) (lag_seconds)", limit=LIMIT, group=("ns",),
    instance=("pod",),
)  # fmt: skip
SIZE = Subject(id="test/size", title="size", query="size_bytes", unit="B")


def value(cluster: str, instance: str, at: int) -> float | None:
    """Member b of eu-1 lags from five minutes before noon on."""
    if (cluster, instance) == ("eu-1", "a") and at in HOLE:
        return None
    return 40.0 if (cluster, instance) == ("eu-1", "b") and at >= NOON - 300 else 1.0


def history() -> Iterator[str]:
    """OpenMetrics: two members of each of three clusters, three hours."""
    places = [(cluster, instance) for cluster in ("eu-1", "eu-2", "eu-3") for instance in "ab"]
    for metric in ("up", "lag_seconds", "size_bytes"):
        yield f"# TYPE {metric} gauge"
        for cluster, instance in places:
            labels = f'cluster="{cluster}",instance="{instance}",ns="db",pod="{instance}-0",job="etcd"'
            for at in range(NOON - 3 * 3_600, NOON + 60, SCRAPED_S):
                if (found := value(cluster, instance, at)) is not None:
                    yield f"{metric}{{{labels}}} {found} {at}"
    yield "# EOF\n"


class WithPast(Prometheus):
    def start_all(self) -> None:
        page = self.folder / "history.txt"
        page.write_text("\n".join(history()))
        command = [
            packages.program("promtool"),
            "tsdb",
            "create-blocks-from",
            "openmetrics",
            page,
            self.folder / "data",
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        super().start_all()


class Then(SystemClock):
    """It is noon of the story."""

    def now(self) -> float:
        return float(NOON)


class Counted:
    """The source, with the range queries that it was asked."""

    def __init__(self, asked: object) -> None:
        self._asked = asked
        self.queries: list[str] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._asked, name)

    async def range_(self, query: str, *, start: float, end: float, step_s: int) -> Matrix:
        self.queries.append(query)
        found: Matrix = await self._asked.range_(query, start=start, end=end, step_s=step_s)  # type: ignore[attr-defined]
        return found


@pytest.fixture(scope="module")
def prometheus() -> Iterator[Prometheus]:
    with WithPast() as made:
        yield made


@pytest.fixture(params=CLIENTS)
async def counted(request: pytest.FixtureRequest, prometheus: Prometheus) -> AsyncIterator[Counted]:
    async with source(prometheus.url, client=request.param) as made:
        yield Counted(made)


def charts(counted: Counted, *, names: Mapping[str, str] | None = None) -> Charts:
    config = MetricsConfig(url="http://x", names=dict(names or {}))
    return Charts(lambda: {"s": (counted, config)}, clock=Then())  # type: ignore[dict-item]


async def drawn(counted: Counted, request: Request, *, span_s: float = 3_600) -> Chart:
    return await charts(counted).chart(request, end=NOON, span_s=span_s, moments=121)


async def test_a_chart_has_a_curve_a_member_and_a_gap_where_nobody_scraped(counted: Counted) -> None:
    found = await drawn(counted, Request(subject=LAG, clusters=("eu-1",)))
    assert found.names == ("b", "a"), "the worst first; those of other clusters are not asked for"
    assert (found.window.step_s, found.window.end, len(found.window.moments)) == (30, NOON, 121)
    b, a = found.curves
    assert [value for at, value in zip(b.window.moments, b.values, strict=True) if at >= NOON - 300] == [40.0] * 11
    unknown = [at for at, value in zip(a.window.moments, a.values, strict=True) if value is None]
    certain = [at for at in a.window.moments if at in HOLE and at > HOLE.start + LOOK_BACK_S]
    assert set(certain) <= set(unknown) <= set(HOLE)
    assert {value for value in a.values if value is not None} == {1.0}, "a gap is no 0"


async def test_before_the_first_sample_nothing_is_known(counted: Counted) -> None:
    (first, *_) = (await drawn(counted, Request(subject=LAG, clusters=("eu-2",)), span_s=6 * 3_600)).curves
    assert first.values[0] is None
    assert first.values[-1] == 1.0


async def test_the_sparklines_of_a_screen_are_one_question_that_names_their_clusters(counted: Counted) -> None:
    wishes = [Wish(subject, (cluster, "", "")) for subject in (LAG, SIZE) for cluster in ("eu-1", "eu-2")]
    found = await charts(counted).sparks(wishes, span_s=3_600, moments=61)
    assert set(found) == {wish.key for wish in wishes}
    assert found["test/lag", ("eu-1", "", "")].last == (NOON, 40.0), "of its members the worst"
    assert found["test/lag", ("eu-2", "", "")].last == (NOON, 1.0)
    (query,) = counted.queries
    assert query.count('cluster=~"eu-1|eu-2"') == 2


async def test_a_row_that_is_an_instance_has_its_own(counted: Counted) -> None:
    wishes = [Wish(OF_ONE, ("eu-1", "db", pod)) for pod in ("a-0", "b-0", "gone-0")]
    found = await charts(counted).sparks(wishes, span_s=3_600, moments=61)
    assert {key[1][2]: curve.last[1] for key, curve in found.items() if curve.last} == {"a-0": 1.0, "b-0": 40.0}
    (chart,) = (await drawn(counted, Request(subject=OF_ONE, clusters=("eu-1",), place=("eu-1", "db", "b-0")))).curves
    assert chart.last == (NOON, 40.0)


async def test_an_alert_has_its_own_series_alone(counted: Counted) -> None:
    labels = (("cluster", "eu-1"), ("instance", "b"), ("severity", "page"))
    subject = Subject(id="alerts/Lag", title="Lag", query="lag_seconds")
    found = await drawn(counted, Request(subject=subject, clusters=("eu-1",), labels=labels))
    assert [curve.labels["instance"] for curve in found.curves] == ["b"]


async def test_a_cluster_that_a_store_calls_otherwise_is_found_by_its_display_name(counted: Counted) -> None:
    mapped = charts(counted, names={"eu-1": "prod"})
    found = await mapped.chart(Request(subject=LAG, clusters=("prod",)), end=NOON, span_s=3_600, moments=61)
    assert found.names == ("b", "a")
    assert 'cluster="eu-1"' in counted.queries[-1]


async def test_what_the_source_refuses_is_said_in_the_chart(counted: Counted) -> None:
    wrong = Subject(id="test/wrong", title="wrong", query="up + on (x) group_left () lag_seconds")
    found = await drawn(counted, Request(subject=wrong, clusters=("eu-1",)))
    assert found.curves == ()
    assert "query refused" in found.why_none[0]


def test_the_command_line_draws_it(prometheus: Prometheus, tmp_path: Path) -> None:
    """The program itself, from a configuration to JSON."""
    config, kubeconfig = tmp_path / "config.yaml", tmp_path / "kubeconfig"
    config.write_text(yaml.safe_dump({"metrics": {"central": {"url": prometheus.url}}}))
    cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}
    contexts = [{"name": name, "context": {"cluster": "c", "user": ""}} for name in ("eu-1", "eu-9")]
    kubeconfig.write_text(
        yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": contexts})
    )
    program = [sys.executable, "-m", "fleetui", "--config", config, "--kubeconfig", kubeconfig, "chart", "etcd/up"]

    def ran(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*program, "--since", "4h", *words], capture_output=True, text=True, timeout=60)

    drawn = ran("--cluster", "eu-1", "-o", "json")
    found = json.loads(drawn.stdout)
    assert (drawn.returncode, [curve["name"] for curve in found["curves"]]) == (0, ["b", "a"])
    assert {value for curve in found["curves"] for value in curve["values"]} >= {1.0, None}
    silent = ran("--cluster", "eu-9", "--size", "80x20")
    assert (silent.returncode, "central has no sample of it" in silent.stdout) == (1, True)
