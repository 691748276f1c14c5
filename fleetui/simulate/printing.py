"""The cells of server-side Tables, as the real server prints them (pkg/printers/internalversion)."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, cast

import msgspec

from fleetui.model.labels import ROLE_PREFIX
from fleetui.simulate.kinds import EMPTY
from fleetui.simulate.objects import DisruptionBudget, Event, Namespace, Node, Pairs, Pod, Resource, Workload

NONE = "<none>"
Cells = list[Any]


class Column(msgspec.Struct, frozen=True):
    name: str
    type: str = "string"
    format: str = ""
    priority: int = 0


def columns(resource: str) -> tuple[Column, ...]:
    return _TABLES[resource][0]


def cells(thing: Resource, now: float) -> Cells:
    return _TABLES[thing.resource][1](thing, now)


_SECOND, _MINUTE, _HOUR, _DAY, _YEAR = 1, 60, 3600, 86_400, 31_536_000
_AGES = (
    (2 * _MINUTE, _SECOND, "s", None),
    (10 * _MINUTE, _MINUTE, "m", (_SECOND, "s")),
    (3 * _HOUR, _MINUTE, "m", None),
    (8 * _HOUR, _HOUR, "h", (_MINUTE, "m")),
    (2 * _DAY, _HOUR, "h", None),
    (8 * _DAY, _DAY, "d", (_HOUR, "h")),
    (2 * _YEAR, _DAY, "d", None),
    (8 * _YEAR, _YEAR, "y", (_DAY, "d")),
)
"""(below so many seconds, unit, its letter, the second unit and its letter): apimachinery's HumanDuration."""


def age(since: float, now: float) -> str:
    """As kubectl prints it: ``3s``, ``2m7s``, ``15m``, ``7h5m``, ``26h``, ``4d2h``, ``9d``, ``2y3d``."""
    seconds = int(now - since)
    if seconds < 0:
        return "<invalid>" if seconds < -1 else "0s"
    for below, unit, letter, second in _AGES:
        if seconds < below:
            rest = seconds % unit // second[0] if second else 0
            return f"{seconds // unit}{letter}" + (f"{rest}{second[1]}" if second and rest else "")
    return f"{seconds // _YEAR}y"


def node_status(node: Node) -> str:
    condition = node.ready_condition
    word = "Unknown" if condition is None else "Ready" if condition.status == "True" else "NotReady"
    return f"{word},SchedulingDisabled" if node.unschedulable else word


def node_roles(node: Node) -> tuple[str, ...]:
    return roles(node.labels)


def roles(labels: Pairs) -> tuple[str, ...]:
    """Sorted, as the server prints them."""
    return tuple(sorted(key[len(ROLE_PREFIX) :] for key, _ in labels if key.startswith(ROLE_PREFIX)))


def pod_status(pod: Pod) -> str:
    """The word in the STATUS column."""
    word = pod.phase
    for container in reversed(pod.containers):
        if container.state != "running" and container.reason:
            word = container.reason
    if word == "Completed" and any(each.state == "running" for each in pod.containers):
        word = "Running" if pod.ready else "NotReady"
    return "Terminating" if pod.deletes_at is not None else word


def pod_restarts(pod: Pod) -> int:
    return sum(container.restarts for container in pod.containers)


def pod_ready_containers(pod: Pod) -> int:
    return sum(container.ready and container.state == "running" for container in pod.containers)


_NAME = Column("Name", format="name")
_AGE = Column("Age")


def _node_cells(thing: Resource, now: float) -> Cells:
    node = cast("Node", thing)
    hardware = node.hardware
    return [
        node.name, node_status(node), ",".join(node_roles(node)) or NONE, age(node.created, now), node.kubelet,
        node.internal_ip or NONE, NONE, hardware.os_image, f"{hardware.kernel} ({hardware.architecture})",
        hardware.runtime,
    ]  # fmt: skip


def _pod_cells(thing: Resource, now: float) -> Cells:
    pod = cast("Pod", thing)
    return [
        pod.name, f"{pod_ready_containers(pod)}/{len(pod.template.containers)}", pod_status(pod), _restarts(pod, now),
        age(pod.created, now), pod.ip or NONE, pod.node or NONE, NONE, NONE,
    ]  # fmt: skip


def _restarts(pod: Pod, now: float) -> str:
    restarts = pod_restarts(pod)
    last = max((each.last_exit for each in pod.containers if each.last_exit is not None), default=None)
    return f"{restarts} ({age(last, now)} ago)" if restarts and last is not None else str(restarts)


def _namespace_cells(thing: Resource, now: float) -> Cells:
    namespace = cast("Namespace", thing)
    return [namespace.name, "Active" if namespace.deletes_at is None else "Terminating", age(namespace.created, now)]


def _bare_cells(thing: Resource, now: float) -> Cells:
    return [thing.name, age(thing.created, now)]


def _budget_cells(thing: Resource, now: float) -> Cells:
    budget = cast("DisruptionBudget", thing)
    return [
        budget.name, budget.min_available or "N/A", budget.max_unavailable or "N/A", budget.allowed or 0,
        age(budget.created, now),
    ]  # fmt: skip


def _deployment_cells(thing: Resource, now: float) -> Cells:
    workload = cast("Workload", thing)
    ready = f"{workload.counts.ready}/{workload.replicas}"
    return [
        workload.name,
        ready,
        str(workload.counts.updated),
        str(workload.counts.ready),
        age(workload.created, now),
        *_wide(workload),
    ]


def _replica_set_cells(thing: Resource, now: float) -> Cells:
    workload = cast("Workload", thing)
    return [
        workload.name,
        workload.replicas,
        workload.counts.pods,
        workload.counts.ready,
        age(workload.created, now),
        *_wide(workload),
    ]


def _stateful_set_cells(thing: Resource, now: float) -> Cells:
    workload = cast("Workload", thing)
    return [
        workload.name,
        f"{workload.counts.ready}/{workload.replicas}",
        age(workload.created, now),
        *_wide(workload)[:2],
    ]


def _daemon_set_cells(thing: Resource, now: float) -> Cells:
    workload = cast("Workload", thing)
    counts = workload.counts
    counted = [counts.pods, counts.pods, counts.ready, counts.pods, counts.ready]
    selector = _join(workload.template.node_selector)
    return [workload.name, *counted, selector, age(workload.created, now), *_wide(workload)]


def _wide(workload: Workload) -> list[str]:
    containers = workload.template.containers
    names, images = (",".join(parts) for parts in ([c.name for c in containers], [c.image for c in containers]))
    return [names, images, _join(workload.selector)]


def _join(pairs: Pairs) -> str:
    return ",".join(f"{key}={value}" for key, value in pairs) or NONE


def _event_cells(thing: Resource, now: float) -> Cells:
    event = cast("Event", thing)
    about = f"{event.about_kind.lower()}/{event.about[1]}"
    return [
        age(event.last, now), event.type, event.reason, about, "", event.source, event.message,
        age(event.created, now), event.count, event.name,
    ]  # fmt: skip


def _wide_columns(*, selector: bool = True) -> tuple[Column, ...]:
    names = ("Containers", "Images", "Selector") if selector else ("Containers", "Images")
    return tuple(Column(name, priority=1) for name in names)


def _text(*names: str, priority: int = 0) -> tuple[Column, ...]:
    return tuple(Column(name, priority=priority) for name in names)


def _counts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, type="integer") for name in names)


_Printer = Callable[[Resource, float], Cells]
_NODE_WIDE = ("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime")
_DAEMON_COUNTS = ("Desired", "Current", "Ready", "Up-to-date", "Available")
_EVENT_COLUMNS = (
    *_text("Last Seen", "Type", "Reason", "Object"), *_text("Subobject", "Source", priority=1), Column("Message"),
    *_text("First Seen", "Count", priority=1), Column("Name", format="name", priority=1),
)  # fmt: skip
_TABLES: MappingProxyType[str, tuple[tuple[Column, ...], _Printer]] = MappingProxyType(
    {
        "nodes": (
            (_NAME, *_text("Status", "Roles", "Age", "Version"), *_text(*_NODE_WIDE, priority=1)),
            _node_cells,
        ),
        "pods": (
            (
                _NAME,
                *_text("Ready", "Status", "Restarts", "Age"),
                *_text("IP", "Node", "Nominated Node", "Readiness Gates", priority=1),
            ),
            _pod_cells,
        ),
        "namespaces": ((_NAME, Column("Status"), _AGE), _namespace_cells),
        "poddisruptionbudgets": (
            (_NAME, *_text("Min Available", "Max Unavailable"), *_counts("Allowed Disruptions"), _AGE),
            _budget_cells,
        ),
        "deployments": (
            (_NAME, *_text("Ready", "Up-to-date", "Available"), _AGE, *_wide_columns()),
            _deployment_cells,
        ),
        "replicasets": (
            (_NAME, *_counts("Desired", "Current", "Ready"), _AGE, *_wide_columns()),
            _replica_set_cells,
        ),
        "statefulsets": ((_NAME, Column("Ready"), _AGE, *_wide_columns(selector=False)), _stateful_set_cells),
        "daemonsets": (
            (_NAME, *_counts(*_DAEMON_COUNTS), Column("Node Selector"), _AGE, *_wide_columns()),
            _daemon_set_cells,
        ),
        "events": (_EVENT_COLUMNS, _event_cells),
        **{kind.resource: ((_NAME, _AGE), _bare_cells) for kind in EMPTY},
    }
)
