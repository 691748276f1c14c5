"""One cluster of the demo: its machines in their racks, what runs on them, and the stories that begin there."""

from collections.abc import Iterable, Iterator
from functools import partial
from random import Random

import msgspec
from msgspec.structs import replace

from fleetui.model.labels import ROLE_PREFIX, ZONE_LABEL
from fleetui.model.lock import CORDON_ANNOTATION, Cordon
from fleetui.simulate import kubelet, life
from fleetui.simulate.blueprint import DAY_S, Blueprint, round_robin, running
from fleetui.simulate.demo_clusters import GPU_SERVER, GPU_TAINT, MASTER, PLANS, Plan
from fleetui.simulate.demo_workloads import CATALOGUES, PAYMENTS_API, Service
from fleetui.simulate.life import Tempo
from fleetui.simulate.objects import Container, Node, Pod, PodTemplate, Resource, Workload
from fleetui.simulate.world import World

HEALS_AFTER_S = 240.0
BREAKS_AGAIN_AFTER_S = 420.0
"""The unready pod of payments/api: a drain that waits for it goes on within four minutes, the next one waits again."""
UNREADY_SINCE_S = 14 * 60.0
LOST_SINCE_S = 2 * 3600.0
LOST_NODES = frozenset({"cadiz1-wk-a-05"})
CORDONED = {"np1-wk-e-05": ("maria@jump-2", "RAID battery, ticket 4711")}
EVENT_EVERY_S = 30.0
"""Of ten machines, at ``busy`` 1."""


def build(plan: Plan, seed: int, speed: float, now: float) -> World:
    """One cluster of the demo as it is at ``now``."""
    rng = Random(f"{seed}/{plan.name}")  # noqa: S311 - a simulation must repeat
    draw = Blueprint(rng=rng, now=now, version=plan.version, age_days=plan.age_days)
    world = World(rng=rng, version=plan.version, speed=speed)
    objects = tuple(_objects(draw, plan, now))
    world.begin(objects, now)
    _stories(world, plan, objects, now)
    return world


def _stories(world: World, plan: Plan, objects: Iterable[Resource], now: float) -> None:
    """What goes on from here."""
    machines = sum(plan.racks)
    every = EVENT_EVERY_S * 10 / (machines * plan.busy)
    life.begin(world, Tempo(restarts=2 * every, moves=2 * every, rollouts=8 * every, failures=30 * every), now)
    for thing in objects:
        if isinstance(thing, Node) and thing.name in LOST_NODES:
            world.plan(now - LOST_SINCE_S, 0, partial(kubelet.fall_silent, thing.name))
        if isinstance(thing, Pod) and thing.template.crashes:
            world.plan(now, 0, partial(kubelet.crash, thing.key, thing.uid))
    if PAYMENTS_API in CATALOGUES[plan.catalogue]:
        namespace, prefix = PAYMENTS_API.namespace, f"{PAYMENTS_API.name}-"
        life.Moody(namespace, prefix, unready_s=HEALS_AFTER_S, ready_s=BREAKS_AGAIN_AFTER_S).begin(world, now)


# Drawing.


def _objects(draw: Blueprint, plan: Plan, now: float) -> Iterator[Resource]:
    services = CATALOGUES[plan.catalogue]
    yield from draw.namespaces(sorted({service.namespace for service in services} - {"kube-system"}))
    machines = tuple(_machines(draw, plan, now))
    yield from machines
    yield from draw.static_pods(machines)
    where = round_robin(machines)
    for number, service in enumerate(services):
        age_s = (1 + 7 * (number % 5)) * DAY_S
        yield from _service(draw, service, machines, where, now=now, age_s=age_s)
    if plan.catalogue == "nonprod":
        yield _naked_pod(draw, next(where), now)


class Slot(msgspec.Struct, frozen=True):
    """Where a machine stands: its rack (from 0, of the site's), its place in it (from 1), its number in the cluster."""

    rack: int
    place: int
    number: int


class Standing(msgspec.Struct, frozen=True):
    """A machine of a cluster, for whoever draws its rack."""

    name: str
    role: str
    """cp, gpu, wk."""
    slot: Slot


def standing(plan: Plan) -> Iterator[Standing]:
    """Every machine of a cluster, as its labels say where it stands."""
    return (Standing(_name(plan, slot), _role(plan, slot.number), slot) for slot in _slots(plan))


def control_plane_names(plan: Plan) -> tuple[str, ...]:
    """The machines that a cluster's etcd runs on."""
    return tuple(machine.name for machine in standing(plan) if machine.role == "cp")


def _slots(plan: Plan) -> Iterator[Slot]:
    """Control planes first, one a rack; then GPU machines spread over the racks; the rest are workers."""
    places = [(place, rack) for place in range(max(plan.racks)) for rack, size in enumerate(plan.racks) if place < size]
    return (Slot(rack, place + 1, number) for number, (place, rack) in enumerate(places))


def _machines(draw: Blueprint, plan: Plan, now: float) -> Iterator[Node]:
    for slot in _slots(plan):
        node = _machine(draw, plan, slot)
        yield _cordoned(node, now) if node.name in CORDONED else node


def _role(plan: Plan, number: int) -> str:
    if number < plan.control_planes:
        return "cp"
    return "gpu" if number < plan.control_planes + plan.gpus else "wk"


def _name(plan: Plan, slot: Slot) -> str:
    role, racks = _role(plan, slot.number), plan.site.racks
    rack = racks[slot.rack].lower() if len(racks) > 1 else "a"
    one_each = role == "cp" and len(racks) > 1
    return f"{plan.prefix}-cp-{rack}" if one_each else f"{plan.prefix}-{role}-{rack}-{slot.place:02}"


def _machine(draw: Blueprint, plan: Plan, slot: Slot) -> Node:
    role, site = _role(plan, slot.number), plan.site
    return draw.node(
        _name(plan, slot),
        ip=f"10.{20 + PLANS.index(plan)}.{slot.rack}.{10 + slot.place}",
        hardware={"cp": MASTER, "gpu": GPU_SERVER}.get(role, plan.hardware),
        labels=_labels(plan, role, site.racks[slot.rack]),
        control_plane=role == "cp",
        taints=(GPU_TAINT,) if role == "gpu" else (),
        kubelet_version="" if role == "cp" else plan.kubelets,
    )


def _labels(plan: Plan, role: str, rack: str) -> dict[str, str]:
    labels = {
        "topology.kubernetes.io/region": plan.site.region,
        ZONE_LABEL: rack,
        "node.kubernetes.io/room": plan.site.room,
        "node.kubernetes.io/row": plan.site.row,
        "node.kubernetes.io/purpose": {"cp": "control-plane", "gpu": "gpu"}.get(role, plan.purpose),
    }
    if role == "gpu":
        labels["node.kubernetes.io/gpu"] = "nvidia-l40s"
    if role != "cp":
        labels[f"{ROLE_PREFIX}worker"] = ""
    return labels


def _cordoned(node: Node, now: float) -> Node:
    """Somebody took it out of service before the demo began, with fleetui."""
    by, reason = CORDONED[node.name]
    mark = Cordon(op="01JCN5V0Y4T4M8QG2Z7R9XKD3A", by=by, at=now - 5400, reason=reason, kind="cordon")
    note = (CORDON_ANNOTATION, msgspec.json.encode(mark).decode())
    annotations = tuple(sorted((*node.annotations, note)))
    return replace(node, unschedulable=True, annotations=annotations)


def _service(
    draw: Blueprint, service: Service, machines: tuple[Node, ...], where: Iterator[str], *, now: float, age_s: float
) -> Iterator[Resource]:
    template, namespace, name = service.template(), service.namespace, service.name
    if service.kind == "DaemonSet":
        yield from draw.daemon_set(namespace, name, template, machines)
    elif service.gpus > GPU_SERVER.gpus:
        yield from _left_to_the_scheduler(draw, service, template)
    else:
        gpu_machines = (node for node in machines if node.hardware.gpus)
        where = round_robin(gpu_machines, tainted=True) if service.gpus else where
        nodes = [next(where) for _ in range(service.count(len(machines)))]
        build = draw.stateful_set if service.kind == "StatefulSet" else draw.deployment
        objects = build(namespace, name, template, nodes, age_s=age_s)
        yield from _with_an_unready_one(objects, now) if service is PAYMENTS_API else objects
    if service.min_available or service.max_unavailable:
        yield draw.budget(
            namespace, name, template.labels,
            min_available=service.min_available, max_unavailable=service.max_unavailable,
        )  # fmt: skip


def _left_to_the_scheduler(draw: Blueprint, service: Service, template: PodTemplate) -> Iterator[Resource]:
    """More than any machine has: its pods stay Pending."""
    for thing in draw.deployment(service.namespace, service.name, template, (), age_s=0):
        assert isinstance(thing, Workload)
        yield replace(thing, replicas=service.replicas)


def _with_an_unready_one(objects: Iterable[Resource], now: float) -> Iterator[Resource]:
    """The last pod's readiness probe has failed for a quarter of an hour."""
    *others, last = objects
    yield from others
    assert isinstance(last, Pod)
    since = now - UNREADY_SINCE_S
    yield replace(
        last, ready=False, ready_changed=since, containers=tuple(replace(each, ready=False) for each in last.containers)
    )


def _naked_pod(draw: Blueprint, node: str, now: float) -> Pod:
    """Somebody's debugging session: a drain must ask before it goes."""
    template = PodTemplate(
        containers=(Container("shell", "registry.corp.example/tools/debug:latest"),), labels=(("run", "debug-shell"),)
    )
    bare = Pod(
        name="debug-shell", namespace="default", uid=draw.uid(), created=now - 9000, labels=template.labels,
        template=template, containers=(), node=node, ip="10.99.3.7", revision=draw.revision(),
    )  # fmt: skip
    return running(bare, since=now - 8990)
