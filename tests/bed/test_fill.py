"""A filled cluster looks as a large one does, and a seed of it is made once."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bed import build, fill, objects
from tests.bed.cluster import BedCluster


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds the user's binaries and no fill."""
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / build.bin_dir().name).symlink_to(build.bin_dir())
    monkeypatch.setenv("FLEETUI_BED_CACHE", str(cache))
    return cache


def test_objects_have_the_size_of_real_ones(bed_factory: Callable[..., BedCluster]) -> None:
    cluster = bed_factory("sizes", controllers=False, kubelets=False)
    fill.fill(cluster, nodes=10, pods=40)
    for path, count, size in (("/api/v1/nodes", 10, 14_500), ("/api/v1/pods", 40, 5_800)):
        answer = cluster.api().request("GET", path)
        assert len(answer) / count == pytest.approx(size, rel=0.07)


def test_fills_once_and_starts_from_the_seed_after(own_cache: Path) -> None:
    with fill.filled("first", nodes=5, pods=60) as cluster:
        first = cluster.api().get("/api/v1/pods")["items"]
    with fill.filled("second", nodes=5, pods=60) as cluster:
        second = cluster.api().get("/api/v1/pods")["items"]
        machines = cluster.api().get(objects.NODES)["items"]
    assert [pod["metadata"]["uid"] for pod in first] == [pod["metadata"]["uid"] for pod in second]
    assert {pod["status"]["phase"] for pod in second} == {"Running"}
    assert len({pod["metadata"]["namespace"] for pod in second}) == fill.NAMESPACES
    assert (len(machines), len(machines[0]["status"]["images"])) == (5, fill.IMAGES)
    assert len(list(own_cache.glob("filled-*"))) == 1
