"""The demo's etcd: what an operator is to find there is found, by the client that real members are asked with."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from fleetui.clients.etcd.connect import open_etcd
from fleetui.clients.system import SystemClock
from fleetui.model.cluster import Health
from fleetui.model.config import Config
from fleetui.model.health.etcd import Picture
from fleetui.model.health.etcd_verdict import Verdict, verdict
from fleetui.simulate.demo import demo_fleet
from fleetui.simulate.etcd_demo import HIDDEN, STORIES, DemoEtcds
from fleetui.simulate.handout import config_document

CLOCK = SystemClock()


@pytest.fixture
async def etcds() -> AsyncIterator[DemoEtcds]:
    made = DemoEtcds(seed=1, clock=CLOCK)
    await made.start()
    yield made
    await made.stop()


def configured(etcds: DemoEtcds) -> Config:
    fleet = demo_fleet(seed=1, speed=1.0, clock=CLOCK)
    return msgspec.convert(config_document(fleet, etcd=etcds.endpoints), Config)


async def look(etcds: DemoEtcds, cluster: str) -> tuple[Picture, Verdict]:
    said = configured(etcds).cluster(cluster).etcd
    members = open_etcd(cluster, said, nodes=tuple, clock=CLOCK)
    try:
        picture = await members.look()
    finally:
        await members.close()
    return picture, verdict(picture, at=CLOCK.now(), period_s=5.0)


async def test_every_cluster_has_one_but_those_that_are_hidden(etcds: DemoEtcds) -> None:
    config = configured(etcds)
    assert {name for name, said in config.clusters.items() if not said.etcd.configured} == HIDDEN


async def test_the_thin_one_may_lose_no_more_and_names_its_host(etcds: DemoEtcds) -> None:
    picture, told = await look(etcds, "pci-east-1")
    assert (told.level, told.word, told.bad) == (Health.WARNING, "2/3 up, next loss fatal", ("pci-cp-c",))
    assert [member.name for member in picture.members] == ["pci-cp-a", "pci-cp-b", "pci-cp-c"]


async def test_the_full_one_refuses_writes(etcds: DemoEtcds) -> None:
    _, told = await look(etcds, "data-north-1")
    assert (told.level, told.word) == (Health.BROKEN, "NOSPACE")


async def test_the_mixed_one_has_two_versions(etcds: DemoEtcds) -> None:
    _, told = await look(etcds, "nonprod-west-1")
    assert told.word == "versions differ"


@pytest.mark.parametrize("cluster", ["prod-east-1", "sandbox-north-1", "edge-kyoto-01"])
async def test_one_without_a_story_is_calm(etcds: DemoEtcds, cluster: str) -> None:
    assert cluster not in STORIES
    _, told = await look(etcds, cluster)
    assert (told.level, told.findings) == (Health.CALM, ())


async def test_the_same_seed_tells_the_same_story(etcds: DemoEtcds) -> None:
    again = DemoEtcds(seed=1, clock=CLOCK)
    await again.start()
    try:
        one, other = (await look(etcds, "prod-east-1"))[0], (await look(again, "prod-east-1"))[0]
    finally:
        await again.stop()
    sizes = [
        [member.said and (member.id, member.said.db_size) for member in picture.members] for picture in (one, other)
    ]
    assert sizes[0] == sizes[1]
