"""The players of the contract suites. A new one is one entry in ``WORLDS`` and a class that fits ``worlds.World``."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from fleetui.ports.reader import ClusterReader
from fleetui.ports.target import TargetCluster
from tests.bed.cluster import BedCluster
from tests.contracts.etcd_fixtures import etcd, members  # noqa: F401 - fixtures
from tests.contracts.simulated import InProcessWorld, WireWorld
from tests.contracts.worlds import NAME, BedWorld, World
from tests.simulate.wire_bed import WireBed, bare_fleet, serve


def _kubernetes(request: pytest.FixtureRequest) -> World:
    bed: BedCluster = request.getfixturevalue("bed_cluster")
    return BedWorld(bed)


def _wire(request: pytest.FixtureRequest) -> World:
    bed: WireBed = request.getfixturevalue("wire_cluster")
    return WireWorld(bed)


def _in_process(_: pytest.FixtureRequest) -> World:
    return InProcessWorld()


WORLDS: dict[str, tuple[Callable[[pytest.FixtureRequest], World], tuple[pytest.MarkDecorator, ...]]] = {
    "kubernetes": (_kubernetes, (pytest.mark.bed,)),
    "wire": (_wire, ()),
    "inprocess": (_in_process, ()),
}
"""By name: how to make it, and the marks of its tests."""


@pytest.fixture(scope="session")
def wire_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireBed]:
    """A simulated cluster behind HTTPS; tests share it as they share the real one."""
    directory: Path = tmp_path_factory.mktemp("wire")
    with serve(bare_fleet(NAME), directory) as bed:
        yield bed


@pytest.fixture(params=[pytest.param(name, marks=marks) for name, (_, marks) in WORLDS.items()])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    make, _ = WORLDS[request.param]
    made = make(request)
    yield made
    await made.close()


@pytest.fixture
async def reader(world: World) -> ClusterReader:
    return await world.reader()


@pytest.fixture
async def target(world: World) -> TargetCluster:
    return await world.target()
