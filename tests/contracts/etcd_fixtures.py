"""The fixtures of the etcd suites; conftest hands them out."""

from collections.abc import AsyncIterator, Iterator

import pytest

from fleetui.clients.etcd.members import EtcdMembers as Client
from tests.bed.etcd_members import EtcdMembers
from tests.contracts.etcd_worlds import EtcdWorld, RealWorld, SimulatedWorld, open_world

PLAYERS = [
    pytest.param("simulated"),
    pytest.param("3.6", marks=pytest.mark.bed),
    pytest.param("3.4", marks=pytest.mark.bed),
]


@pytest.fixture(scope="session")
def etcd_36() -> Iterator[EtcdMembers]:
    with EtcdMembers("contract-36") as members:
        yield members


@pytest.fixture(scope="session")
def etcd_34() -> Iterator[EtcdMembers]:
    with EtcdMembers("contract-34", generation="3.4") as members:
        yield members


@pytest.fixture(params=PLAYERS)
async def etcd(request: pytest.FixtureRequest) -> AsyncIterator[EtcdWorld]:
    made: EtcdWorld
    if request.param == "simulated":
        made = SimulatedWorld()
    else:
        made = RealWorld(request.getfixturevalue({"3.6": "etcd_36", "3.4": "etcd_34"}[request.param]))
    await made.begin()
    yield made
    await made.end()


@pytest.fixture
async def members(etcd: EtcdWorld) -> AsyncIterator[Client]:
    opened = open_world(etcd)
    yield opened
    await opened.close()
