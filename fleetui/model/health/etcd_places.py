"""Where a cluster's etcd listens when nobody has said it: on the machines of its control plane."""

from collections.abc import Iterable

from fleetui.model.machine import Machine
from fleetui.model.pod import Pod

CLIENT_PORT = 2379
"""etcd's registered port for clients; kubeadm puts it on every control-plane node's internal address."""


def control_plane_endpoints(machines: Iterable[Machine], pods: Iterable[Pod] = ()) -> tuple[str, ...]:
    """``https://10.0.0.11:2379`` for each machine that etcd's static pod runs on; without such a pod (pods are only
    known in focus) for each control-plane machine. By machine name."""
    running = frozenset(pod.node for pod in pods if _is_etcd(pod))
    chosen = (machine for machine in machines if (machine.name in running if running else machine.control_plane))
    return tuple(_endpoint(m.internal_ip) for m in sorted(chosen, key=lambda m: m.name) if m.internal_ip)


def _is_etcd(pod: Pod) -> bool:
    """kubeadm's static pod and those of its kin: their label is part of what other tools select by."""
    return pod.namespace == "kube-system" and pod.label("component") == "etcd" and bool(pod.node)


def _endpoint(address: str) -> str:
    return f"https://[{address}]:{CLIENT_PORT}" if ":" in address else f"https://{address}:{CLIENT_PORT}"
