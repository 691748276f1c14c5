"""A fleet as large as one asks, for measuring: clusters of plain nodes and a few pods, built when first looked at."""

from collections.abc import Iterator
from functools import cache, partial
from random import Random

from msgspec.structs import replace

from fleetui.model.labels import ZONE_LABEL
from fleetui.ports.clock import Clock
from fleetui.simulate.blueprint import Blueprint, round_robin
from fleetui.simulate.host import Host
from fleetui.simulate.objects import Container, Hardware, Node, PodTemplate, Resource
from fleetui.simulate.world import World

HOSTNAME = "kubernetes.io/hostname"
RACK = 40
"""Machines a rack."""
HARDWARE = Hardware(cpu_m=32_000, memory=256 * 2**30)
VERSIONS = ("v1.36.3", "v1.36.1", "v1.35.4", "v1.35.2", "v1.34.6")


def fleet_of(*, clusters: int, nodes: int, clock: Clock, seed: int = 1, pods: int = 0) -> tuple[Host, ...]:
    """``clusters`` clusters of ``nodes`` machines, each with ``pods`` pods of one deployment. Everything is healthy."""
    return tuple(
        Host(f"sim-{number:03}", partial(_world, number, nodes, pods, seed, clock.now()), clock)
        for number in range(clusters)
    )


def _world(number: int, nodes: int, pods: int, seed: int, now: float) -> World:
    rng = Random(f"{seed}/{number}")  # noqa: S311 - a simulation must repeat
    version = VERSIONS[number % len(VERSIONS)]
    draw = Blueprint(rng=rng, now=now, version=version)
    world = World(rng=rng, version=version)
    world.begin(_objects(draw, number, nodes, pods), now)
    return world


def _objects(draw: Blueprint, number: int, nodes: int, pods: int) -> Iterator[Resource]:
    yield from draw.namespaces(("load",))
    machines = tuple(_machines(draw, number, nodes))
    yield from machines
    if pods:
        where = round_robin(machines)
        template = PodTemplate(containers=(Container("web", "registry.example.com/load/web:1.4.2"),))
        yield from draw.deployment("load", "web", template, [next(where) for _ in range(pods)], age_s=86_400)


def _machines(draw: Blueprint, number: int, nodes: int) -> Iterator[Node]:
    """Drawn once and copied: what differs is the name, the uid, the address and the rack."""
    worker = draw.node("m", ip="", hardware=HARDWARE, labels={}, control_plane=False)
    master = draw.node("m", ip="", hardware=HARDWARE, labels={}, control_plane=True)
    yield from _copies(draw, master, number, range(min(3, nodes)))
    yield from _copies(draw, worker, number, range(3, nodes))


def _copies(draw: Blueprint, drawn: Node, number: int, indexes: range) -> Iterator[Node]:
    place = next(n for n, (key, _) in enumerate(drawn.labels) if key == HOSTNAME)
    before, after = drawn.labels[:place], drawn.labels[place + 1 :]
    for index in indexes:
        name = f"s{number:03}-m{index:04}"
        labels = (*before, (HOSTNAME, name), *after, _rack(index // RACK))
        address = f"10.{number}.{index // 250}.{1 + index % 250}"
        yield replace(drawn, name=name, uid=draw.uid(), labels=labels, internal_ip=address)


@cache
def _rack(number: int) -> tuple[str, str]:
    return (ZONE_LABEL, f"rack-{number:02}")
