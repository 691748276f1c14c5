"""The demo is the fleet it says it is, and its stories happen."""

import asyncio
from collections import Counter
from typing import cast

import msgspec
import pytest

from fleetui.clients.system import SystemClock
from fleetui.model.config import Config
from fleetui.model.labels import CONTROL_PLANE_ROLE, ZONE_LABEL
from fleetui.simulate.demo import demo_fleet, demo_settings, weather
from fleetui.simulate.demo_build import build
from fleetui.simulate.demo_clusters import PLANS
from fleetui.simulate.handout import config_document, kubeconfig_document
from fleetui.simulate.life import next_image
from fleetui.simulate.objects import DisruptionBudget, Node, Pod
from fleetui.simulate.request import Evict, Get
from fleetui.simulate.world import World
from tests.control.virtual_time import VirtualClock, run_virtual

START = 1_800_000_000.0
COMPANY = {"prod-east-1": 63, "pci-east-1": 18, "dr-west-1": 38, "nonprod-west-1": 31}


def _world(name: str, *, seed: int = 1, speed: float = 1.0) -> World:
    return build(next(plan for plan in PLANS if plan.name == name), seed, speed, START)


def _nodes(world: World) -> list[Node]:
    return [cast(Node, thing) for thing in world.all("nodes")]


def _pods(world: World, namespace: str) -> list[Pod]:
    return [cast(Pod, thing) for thing in world.all("pods") if thing.namespace == namespace]


def _rack(node: Node) -> str:
    return dict(node.labels)[ZONE_LABEL]


@pytest.fixture(scope="module")
def company() -> dict[str, list[Node]]:
    return {name: _nodes(_world(name)) for name in COMPANY}


def test_the_150_machines_stand_where_the_planner_puts_them(company: dict[str, list[Node]]) -> None:
    racks = Counter(_rack(node) for nodes in company.values() for node in nodes)
    assert {name: len(nodes) for name, nodes in company.items()} == COMPANY
    assert racks == {"A": 27, "B": 27, "C": 27, "D": 23, "E": 23, "F": 23}


def test_each_cluster_has_one_control_plane_in_each_of_its_racks(company: dict[str, list[Node]]) -> None:
    for nodes in company.values():
        masters = [node for node in nodes if CONTROL_PLANE_ROLE in dict(node.labels)]
        assert sorted(map(_rack, masters)) == sorted({_rack(node) for node in nodes})


def test_ten_machines_have_gpus_and_say_so(company: dict[str, list[Node]]) -> None:
    gpus = [node for nodes in company.values() for node in nodes if node.hardware.gpus]
    assert len(gpus) == 10
    assert {dict(node.labels)["node.kubernetes.io/gpu"] for node in gpus} == {"nvidia-l40s"}


def test_every_machine_has_a_name_an_address_and_a_place_of_its_own(company: dict[str, list[Node]]) -> None:
    nodes = [node for each in company.values() for node in each]
    assert len({node.name for node in nodes}) == len({node.internal_ip for node in nodes}) == 150
    wanted = {
        "topology.kubernetes.io/region",
        "node.kubernetes.io/room",
        "node.kubernetes.io/row",
        "node.kubernetes.io/purpose",
    }
    assert all(wanted <= dict(node.labels).keys() for node in nodes)


def test_what_goes_into_files_is_what_the_demo_says() -> None:
    fleet = demo_fleet(seed=1, speed=1, clock=SystemClock())
    config = msgspec.convert(config_document(fleet), Config)
    document = kubeconfig_document(fleet, url=lambda name: f"https://x/{name}", authority=b"pem")

    assert {name: config.tags(name) for name in demo_settings()} == dict(demo_settings())
    assert [context["name"] for context in document["contexts"]] == list(demo_settings())
    assert len(demo_settings()) == 20


def test_the_drain_of_a_payments_machine_hangs_and_then_does_not() -> None:
    world = _world("prod-east-1")
    ready = next(pod for pod in _pods(world, "payments") if pod.ready)

    def ask(after_s: float) -> int:
        return world.apply(Evict("payments", ready.name, uid=ready.uid, dry_run=True), START + after_s).code

    def budget() -> DisruptionBudget:
        return cast(DisruptionBudget, world.apply(Get("poddisruptionbudgets", "api", "payments"), START + 1).item)

    assert (budget().desired, budget().healthy, budget().expected) == (3, 3, 4)
    assert budget().changed == START - 14 * 60
    assert [ask(1), ask(230), ask(300), ask(650), ask(700)] == [429, 429, 201, 201, 429]


def test_there_is_trouble_to_look_at() -> None:
    world = _world("prod-east-1")
    world.tick(START + 30)
    pods = [cast(Pod, thing) for thing in world.all("pods")]
    stuck = [pod for pod in pods if not pod.node]

    assert [pod.template.gpus for pod in stuck] == [8]
    assert "Insufficient nvidia.com/gpu" in stuck[0].unschedulable
    assert any(container.reason == "CrashLoopBackOff" for pod in pods for container in pod.containers)


def test_a_machine_that_was_lost_long_ago_looks_so() -> None:
    world = _world("edge-cadiz-01")
    world.tick(START)
    (lost,) = [node for node in _nodes(world) if not node.ready]

    assert lost.ready_condition is not None
    assert START - lost.ready_condition.since == pytest.approx(7160, abs=1)
    terminating = [pod for pod in world.pods_on(lost.name) if pod.deletes_at is not None]
    assert terminating
    assert all(pod.deletes_at < START for pod in terminating if pod.deletes_at)


def test_a_machine_was_taken_out_of_service_by_somebody() -> None:
    (node,) = [node for node in _nodes(_world("nonprod-west-1")) if node.unschedulable]
    assert "maria@jump-2" in dict(node.annotations)["fleetui.dev/cordoned-by"]


def test_life_goes_on_in_a_quarter_of_an_hour() -> None:
    world = _world("nonprod-west-1")
    since = world.revision
    gone, failed = set[str](), set[str]()
    for second in range(0, 900, 10):
        world.tick(START + second)
        gone |= {each.after.uid for each in world.changes("pods", since) if each.type.value == "DELETED"}
        failed |= {node.name for node in _nodes(world) if not node.ready}
        since = world.revision
    restarts = sum(container.restarts for thing in world.all("pods") for container in cast(Pod, thing).containers)
    images = {pod.template.containers[0].image for thing in world.all("pods") if (pod := cast(Pod, thing)).owner}

    assert len(gone) > 10
    assert restarts > 10
    assert failed
    assert any(image.endswith((".1", ".4", ".9")) for image in images)


def test_the_same_seed_lives_the_same_life() -> None:
    def story(seed: int) -> list[object]:
        world = _world("edge-oslo-01", seed=seed)
        since = world.revision
        world.tick(START + 1800)
        return [world.changes(resource, since) for resource in ("nodes", "pods", "events")]

    assert story(7) == story(7)
    assert story(7) != story(8)


def test_speed_makes_life_quicker_and_leaves_the_clock_alone() -> None:
    world = _world("prod-east-1", speed=10)
    ready = next(pod for pod in _pods(world, "payments") if pod.ready)
    world.tick(START + 26)

    assert world.apply(Evict("payments", ready.name, dry_run=True), START + 26).code == 201
    assert all(thing.created <= START + 26 for thing in world.all("pods"))


def test_a_line_goes_down_and_comes_back() -> None:
    async def story() -> list[int]:
        clock = VirtualClock()
        fleet = demo_fleet(seed=1, speed=1, clock=clock)
        storm = asyncio.create_task(weather(fleet, speed=1, clock=clock))
        down: list[int] = []
        for second in range(0, 400, 20):
            if fleet.host("edge-bergen-01").trouble.hang:
                down.append(second)
            await clock.sleep(20)
        storm.cancel()
        return down

    assert run_virtual(story()) == [80, 100, 120, 380]


@pytest.mark.parametrize(
    ("image", "shipped"),
    [
        ("r/a:3.14.0", "r/a:3.14.1"),
        ("r/a:v9", "r/a:v9.1"),
        ("r/a:2026.11", "r/a:2026.12"),
        ("r/a:7.2.0-rc1", "r/a:7.2.0-rc1.1"),
    ],
)
def test_the_next_image(image: str, shipped: str) -> None:
    assert next_image(image) == shipped
