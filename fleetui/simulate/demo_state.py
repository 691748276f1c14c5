"""What kube-state-metrics and the kubelets tell of a demo cluster: read from its simulated world, so that a drain, a
lost node or a crash loop shows here as it does everywhere else.

Pods are added up by namespace, as by a store that drops the pod's label; those that are in trouble are told apart.
"""

from collections import Counter as Tally
from collections.abc import Iterator
from functools import partial
from typing import cast

from fleetui.model.labels import ZONE_LABEL
from fleetui.simulate.course import Counter, Recorded, Steady, Told
from fleetui.simulate.demo_scrape import DAY_S, HOUR_S, Scraped, since
from fleetui.simulate.demo_workloads import CATALOGUES, Service
from fleetui.simulate.objects import DisruptionBudget, Node, Pod
from fleetui.simulate.series_store import Series
from fleetui.simulate.world import World

STATE, KUBELET = "kube-state-metrics", "kubelet"
RECENT_S = DAY_S
CRASHES_PER_HOUR = 11.0
"""Of one crash loop: the back-off ends at five minutes."""
GROWTH_A_DAY = {"data-north-1": 0.004, "ml-north-1": 0.006, "ci-north-1": 0.003, "prod-east-1": 0.0015}
"""Of what is requested."""
FILLING = {"data-north-1": (0.71, 0.024), "platform-north-1": (0.62, 0.006), "prod-east-1": (0.48, 0.002)}
"""Volumes: (share in use now, of the whole a day)."""
EVICTING = "ci-north-1"
QUOTAS = {"nonprod-west-1": (640.0, 0.91), "ci-north-1": (400.0, 0.72)}
"""(cores, share in use)."""
GIB = 2.0**30


def read_state(of: Scraped, world: World, now: float) -> None:
    """Everything of the moment, into the cluster's memory."""
    nodes = cast("tuple[Node, ...]", tuple(world.all("nodes")))
    pods = cast("tuple[Pod, ...]", tuple(world.all("pods")))
    for node in nodes:
        _node(of, node, now)
    _pods(of, pods, now)
    _trouble(of, pods, now)
    for budget in cast("tuple[DisruptionBudget, ...]", tuple(world.all("poddisruptionbudgets"))):
        if budget.allowed is not None:
            of.memory.tell(
                STATE, "kube_poddisruptionbudget_status_pod_disruptions_allowed", float(budget.allowed), now,
                namespace=budget.namespace, poddisruptionbudget=budget.name,
            )  # fmt: skip
    running = Tally(pod.node for pod in pods if pod.phase == "Running")
    for node in nodes:
        of.memory.tell(KUBELET, "kubelet_running_pods", float(running[node.name]), now, instance=f"{node.name}:10250")


def _node(of: Scraped, node: Node, now: float) -> None:
    def tell(name: str, value: float, recorded: Recorded | None = None, /, **labels: str) -> None:
        of.memory.tell(STATE, name, value, now, recorded, node=node.name, **labels)

    ready = node.ready_condition
    for condition in node.conditions:
        for status in ("true", "false", "unknown") if condition.type == "Ready" else ("true",):
            value = float(condition.status.lower() == status)
            recent = condition is ready and now - condition.since < RECENT_S and not node.ready
            known = since(value, condition.since, float(status == "true")) if recent else None
            tell("kube_node_status_condition", value, known, condition=condition.type, status=status)
    hardware = node.hardware
    for resource, amount in (("cpu", hardware.cpu_m / 1000), ("memory", hardware.memory), ("pods", hardware.pods)):
        tell("kube_node_status_allocatable", float(amount), resource=resource)
    tell("kube_node_info", 1.0)
    tell("kube_node_spec_unschedulable", float(node.unschedulable))
    tell("kube_node_labels", 1.0, label_topology_kubernetes_io_zone=dict(node.labels).get(ZONE_LABEL, ""))


def _pods(of: Scraped, pods: tuple[Pod, ...], now: float) -> None:
    phases = Tally((pod.namespace, pod.phase) for pod in pods)
    ready = Tally((pod.namespace, str(pod.ready).lower()) for pod in pods if not pod.finished)
    for (namespace, phase), count in phases.items():
        of.memory.tell(STATE, "kube_pod_status_phase", float(count), now, namespace=namespace, phase=phase)
    for namespace in {namespace for namespace, _ in phases}:
        if (namespace, "Pending") not in phases:
            of.memory.tell(STATE, "kube_pod_status_phase", 0.0, now, namespace=namespace, phase="Pending")
    for (namespace, condition), count in ready.items():
        of.memory.tell(STATE, "kube_pod_status_ready", float(count), now, namespace=namespace, condition=condition)
    _requests(of, pods, now)
    _restarts(of, pods, now)
    used = float(sum(1 for pod in pods if pod.active and not pod.template.host_network))
    if not of.name.startswith("edge-"):
        of.memory.tell("calico", "ipam_allocations_in_use", used, now, _grown(of), instance="kube-controllers:9094")


def _requests(of: Scraped, pods: tuple[Pod, ...], now: float) -> None:
    cpu: Tally[str] = Tally()
    memory: Tally[str] = Tally()
    for pod in pods:
        if pod.node and not pod.finished:
            cpu[pod.namespace] += pod.template.cpu_m
            memory[pod.namespace] += pod.template.memory
    for resource, amounts, unit in (("cpu", cpu, 1000), ("memory", memory, 1)):
        for namespace, amount in amounts.items():
            of.memory.tell(
                STATE, "kube_pod_container_resource_requests", amount / unit, now, _grown(of),
                namespace=namespace, resource=resource,
            )  # fmt: skip


def _grown(of: Scraped) -> Recorded:
    """Before the demo it grew by so much a day."""
    share = GROWTH_A_DAY.get(of.name, 0.0008) / DAY_S
    return Recorded(lambda first, ago_s: first * max(0.0, 1 - share * ago_s))


def _restarts(of: Scraped, pods: tuple[Pod, ...], now: float) -> None:
    counts: Tally[str] = Tally()
    loops: Tally[str] = Tally()
    for pod in pods:
        counts[pod.namespace] += sum(each.restarts for each in pod.containers)
        loops[pod.namespace] += pod.template.crashes
    for namespace, count in counts.items():
        a_second = loops[namespace] * CRASHES_PER_HOUR / HOUR_S
        before = Recorded(partial(_counted, a_second))
        of.memory.tell(
            STATE, "kube_pod_container_status_restarts_total", float(count), now, before, namespace=namespace
        )  # fmt: skip


def _counted(a_second: float, first: float, ago_s: float) -> float:
    return first - a_second * ago_s


def _trouble(of: Scraped, pods: tuple[Pod, ...], now: float) -> None:
    for pod in pods:
        at = {"namespace": pod.namespace, "pod": pod.name}
        if pod.phase == "Pending" and pod.unschedulable:
            of.memory.tell(STATE, "kube_pod_status_unschedulable", 1.0, now, since(1.0, pod.created, 0.0), **at)
        for container, status in zip(pod.template.containers, pod.containers, strict=False):
            if status.reason == "CrashLoopBackOff":
                of.memory.tell(
                    STATE, "kube_pod_container_status_waiting_reason", 1.0, now, container=container.name,
                    reason=status.reason, **at,
                )  # fmt: skip


# What does not depend on the moment.


def fixtures(of: Scraped) -> Iterator[Series]:
    services = CATALOGUES[of.plan.catalogue]
    yield from _services(of, services)
    yield from _volumes(of, services)
    if not of.name.startswith("edge-"):
        size = Steady(256.0 * of.machines if of.machines > 15 else 1024.0)
        yield of.series("calico", "ipam_ippool_size", size, instance="kube-controllers:9094")
    if of.name in QUOTAS:
        hard, share = QUOTAS[of.name]
        for kind, value in (("hard", hard), ("used", hard * share)):
            yield of.series(
                STATE, "kube_resourcequota", Steady(value), namespace="all", resource="requests.cpu", type=kind
            )  # fmt: skip
    if of.name == EVICTING:
        pressed = Counter(of.wave(3 / HOUR_S), 0.0, bursts=((of.began - 2 * HOUR_S, float("inf"), 1.0),))
        yield of.series(KUBELET, "kubelet_evictions", pressed, eviction_signal="nodefs.available")


def _services(of: Scraped, services: tuple[Service, ...]) -> Iterator[Series]:
    """A Service for each workload that is not on every machine; who cannot run has no endpoint."""
    for service in services:
        if service.kind == "DaemonSet":
            continue
        at = {"namespace": service.namespace}
        yield of.series(STATE, "kube_service_spec_type", Steady(1.0), service=service.name, type="ClusterIP", **at)
        if not service.crashes and service.gpus <= 4:
            yield of.series(STATE, "kube_endpoint_address", Steady(1.0), endpoint=service.name, **at)


def _volumes(of: Scraped, services: tuple[Service, ...]) -> Iterator[Series]:
    share, a_day = FILLING.get(of.name, (0.4, 0.001))
    for service in services:
        for claim in service.claims:
            size = 200 * GIB * service.replicas
            at = {"namespace": service.namespace, "persistentvolumeclaim": f"{claim}-{service.name}"}
            yield of.series(KUBELET, "kubelet_volume_stats_capacity_bytes", Steady(size), **at)
            filled = Told(partial(_filled, size, share, a_day / DAY_S, of.began))
            yield of.series(KUBELET, "kubelet_volume_stats_used_bytes", filled, **at)


def _filled(size: float, share: float, a_second: float, began: float, t: float) -> float:
    return size * min(1.0, max(0.02, share + a_second * (t - began)))
