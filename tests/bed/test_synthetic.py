"""The made-up fleet reads like a real one: enough series, counters that only grow, faults that queries find."""

from contextlib import ExitStack

import pytest

from tests.bed.prometheus import Prometheus
from tests.bed.synthetic import SyntheticFleet
from tests.bed.synthetic_page import FAULTS, Page

P99 = "histogram_quantile(0.99, sum by (cluster, le) (rate(etcd_disk_wal_fsync_duration_seconds_bucket[10s])))"


def series(page: str) -> dict[str, float]:
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in page.splitlines())}


@pytest.mark.parametrize("fault", FAULTS)
def test_no_counter_goes_back_and_no_bucket_exceeds_the_next(fault: str) -> None:
    page = Page(3)
    seen = series(page.render())
    for faults in ({fault}, set(), {fault}):
        page.clusters["c001"].faults = faults  # type: ignore[assignment]
        page.live(5)
        now = series(page.render())
        for name, value in now.items():
            if "_total{" in name or "_bucket{" in name or "_count{" in name:
                assert value >= seen.get(name, 0), name
        seen |= now
    _assert_cumulative(page.render())


def _assert_cumulative(page: str) -> None:
    before, below = "", 0.0
    for line in page.splitlines():
        if "_bucket{" not in line:
            continue
        labels, _, value = line.rpartition(" ")
        histogram = labels.partition(',le="')[0]
        assert histogram != before or float(value) >= below, line
        before, below = histogram, float(value)


def test_500_clusters_are_more_than_126_000_series_of_etcd(synthetic_fleet: SyntheticFleet) -> None:
    lines = synthetic_fleet.page().splitlines()
    assert len({line.rpartition(" ")[0] for line in lines}) == len(lines)  # no series twice
    assert sum('job="etcd"' in line for line in lines) >= 126_000
    assert sum(line.startswith("up{") and 'job="etcd"' in line for line in lines) == 1500


def test_queries_find_the_struck_among_many(bed_services: ExitStack) -> None:
    """As in a store that scraped each cluster itself: by `cluster`, `up` included."""
    fleet = bed_services.enter_context(SyntheticFleet(20))
    prometheus = bed_services.enter_context(Prometheus([fleet.job]))
    prometheus.until_value('count(count by (cluster) (up{job="etcd"}))', 20)
    fleet.strike("c003", "leaderless")
    fleet.strike("c005", "member-down")
    fleet.strike("c007", "slow-disk")
    fleet.strike("c009", "silent")
    found = {
        "c003": 'min by (cluster) (etcd_server_has_leader{job="etcd"}) == 0',
        "c005": 'count by (cluster) (up{job="etcd"} == 0)',
        "c007": f"{P99} > 0.5",
        "c009": 'count by (cluster) (count_over_time(up{job="etcd"}[5m])) unless count by (cluster) (up{job="etcd"})',
    }
    for cluster, expression in found.items():
        prometheus.until(
            lambda expression=expression, cluster=cluster: _clusters(prometheus, expression) == [cluster] or None,  # type: ignore[misc]
            f"{cluster} alone by {expression}",
        )


def _clusters(prometheus: Prometheus, expression: str) -> list[str]:
    return [one["metric"]["cluster"] for one in prometheus.query(expression)]
