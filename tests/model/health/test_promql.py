"""Queries and what fills their holes."""

import pytest

from fleetui.model.health import promql
from fleetui.model.health.promql import Query, Scope


def test_the_holes_are_filled() -> None:
    query = Query("q", "max by ($by) (rate(m{$s}[$w])) / count by ($cluster) (up)")
    assert Scope("k8s", "replica", ".*etcd.*", 60).fill(query) == (
        'max by (k8s, instance, replica) (rate(m{job=~".*etcd.*"}[60s])) / count by (k8s) (up)'
    )


def test_a_source_of_one_cluster_is_asked_without_its_label() -> None:
    assert Scope("").fill(Query("q", "max by ($by) (up)")) == "max by (instance) (up)"


def test_jobs_are_quoted() -> None:
    assert Scope(jobs='a"b\\d').fill(Query("q", "up{$s}")) == 'up{job=~"a\\"b\\\\d"}'


@pytest.mark.parametrize(("interval", "window"), [(1, 20), (15, 60), (30, 120), (61.5, 246)])
def test_rates_look_back_four_scrapes(interval: float, window: int) -> None:
    assert promql.rate_window(interval) == window


@pytest.mark.parametrize(
    ("said", "names", "found"),
    [
        ("auto", ("job", "cluster_name", "cluster"), "cluster"),
        ("auto", ("job", "k8s_cluster"), "k8s_cluster"),
        ("auto", ("job", "instance"), None),
        ("site", ("site", "cluster"), "site"),
        ("site", ("cluster",), None),
    ],
)
def test_the_clusters_label(said: str, names: tuple[str, ...], found: str | None) -> None:
    assert promql.cluster_label(said, names) == found
