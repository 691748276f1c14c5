"""The fixtures of the etcd suites; conftest hands them out."""

from collections.abc import AsyncIterator

import pytest

from fleetui.clients.etcd.members import EtcdMembers as Client
from tests.bed.fixtures import REAL_HEALTH
from tests.contracts.etcd_worlds import EtcdWorld, RealWorld, SimulatedWorld, open_world

REAL = {"3.6": "etcd_members", "3.4": "etcd34_members"}
"""The bed's fixture by generation."""
PLAYERS = [pytest.param("simulated"), *(pytest.param(generation, marks=REAL_HEALTH) for generation in REAL)]


@pytest.fixture(params=PLAYERS)
async def etcd(request: pytest.FixtureRequest) -> AsyncIterator[EtcdWorld]:
    name = REAL.get(request.param)
    made: EtcdWorld = RealWorld(request.getfixturevalue(name)) if name else SimulatedWorld()
    await made.begin()
    yield made
    await made.end()


@pytest.fixture
async def members(etcd: EtcdWorld) -> AsyncIterator[Client]:
    opened = open_world(etcd)
    yield opened
    await opened.close()
