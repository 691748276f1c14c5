"""Objects before their story begins: nodes, namespaces, workloads with their pods running, budgets."""

from collections.abc import Iterable, Iterator, Mapping
from random import Random

from msgspec.structs import replace

from fleetui.model.drain import OwnerRef, Taint
from fleetui.model.labels import CONTROL_PLANE_ROLE, ZONE_LABEL
from fleetui.simulate import kubelet
from fleetui.simulate.objects import (
    CONTROL_PLANE_TAINT,
    Container,
    ContainerStatus,
    DisruptionBudget,
    Hardware,
    Namespace,
    Node,
    Pairs,
    Pod,
    PodTemplate,
    Resource,
    Workload,
)
from fleetui.simulate.state import ALPHABET
from fleetui.simulate.workloads import daemon_template, new_pod, template_hash

SYSTEM_NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
STATIC_PODS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler")
DAY_S = 86_400.0


class Blueprint:
    """Draws one cluster. ``now`` is when the story begins; everything is older than that."""

    def __init__(self, *, rng: Random, now: float, version: str, age_days: float = 200.0) -> None:
        self._rng = rng
        self._now = now
        self._version = version
        self._born = now - age_days * DAY_S
        self._revision = 0

    def uid(self) -> str:
        text = f"{self._rng.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"

    def revision(self) -> int:
        """Below the World's first: what exists before the story is older than anything in it."""
        self._revision += 1
        return min(self._revision, 999)

    def namespaces(self, names: Iterable[str] = ()) -> Iterator[Namespace]:
        for name in (*SYSTEM_NAMESPACES, *names):
            label = ("kubernetes.io/metadata.name", name)
            yield Namespace(name=name, uid=self.uid(), created=self._born, labels=(label,), revision=self.revision())

    def node(
        self, name: str, *, ip: str, hardware: Hardware, labels: Mapping[str, str], control_plane: bool = False,
        kubelet_version: str = "",
        taints: tuple[Taint, ...] = (),
    ) -> Node:  # fmt: skip
        said = {
            "beta.kubernetes.io/arch": hardware.architecture,
            "kubernetes.io/arch": hardware.architecture,
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            **labels,
            **({CONTROL_PLANE_ROLE: ""} if control_plane else {}),
        }
        joined = self._born + self._rng.uniform(0, 3600)
        return Node(
            name=name,
            uid=self.uid(),
            created=joined,
            revision=self.revision(),
            labels=tuple(sorted(said.items())),
            annotations=(("node.alpha.kubernetes.io/ttl", "0"),),
            hardware=hardware,
            kubelet=kubelet_version or self._version,
            internal_ip=ip,
            conditions=kubelet.healthy_conditions(joined),
            taints=(CONTROL_PLANE_TAINT, *taints) if control_plane else taints,
        )

    def static_pods(self, nodes: Iterable[Node]) -> Iterator[Pod]:
        """The control plane as kubeadm runs it: mirror pods owned by their node."""
        for node in nodes:
            if not any(key == CONTROL_PLANE_ROLE for key, _ in node.labels):
                continue
            for name in STATIC_PODS:
                yield self._static_pod(node, name)

    def _static_pod(self, node: Node, name: str) -> Pod:
        image = f"registry.k8s.io/{name}:{'3.6.6-0' if name == 'etcd' else node.kubelet}"
        labels = (("component", name), ("tier", "control-plane"))
        template = PodTemplate(containers=(Container(name, image, cpu_m=200),), labels=labels, host_network=True)
        bare = Pod(
            name=f"{name}-{node.name}", namespace="kube-system", uid=self.uid(), created=node.created, labels=labels,
            annotations=(("kubernetes.io/config.hash", template_hash(template)),
                         ("kubernetes.io/config.mirror", template_hash(template))),
            owner=OwnerRef(kind="Node", name=node.name, uid=node.uid, api_version="v1"),
            template=template, containers=(), node=node.name, ip=node.internal_ip, revision=self.revision(),
        )  # fmt: skip
        return running(bare, since=node.created + 20)

    def daemon_set(self, namespace: str, name: str, template: PodTemplate, nodes: Iterable[Node]) -> Iterator[Resource]:
        workload = self._workload("DaemonSet", namespace, name, template)
        yield workload
        tolerant = replace(workload, template=daemon_template(workload.template))
        for node in nodes:
            pod = new_pod(
                tolerant, name=f"{name}-{self._suffix()}", uid=self.uid(), created=node.created, node=node.name
            )
            yield running(replace(pod, ip=node.internal_ip, revision=self.revision()), since=node.created + 30)

    def deployment(
        self, namespace: str, name: str, template: PodTemplate, nodes: Iterable[str], *, age_s: float
    ) -> Iterator[Resource]:
        """One pod for each name in ``nodes``."""
        where = tuple(nodes)
        workload = self._workload("Deployment", namespace, name, template, replicas=len(where))
        yield workload
        labels = tuple(sorted({*workload.template.labels, ("pod-template-hash", workload.template_hash)}))
        replica_set = replace(
            workload, kind="ReplicaSet", name=f"{name}-{workload.template_hash}", uid=self.uid(), labels=labels,
            selector=labels, owner=workload.reference, template=replace(workload.template, labels=labels),
        )  # fmt: skip
        yield replica_set
        yield from self._pods(replica_set, (f"{replica_set.name}-{self._suffix()}" for _ in where), where, age_s)

    def stateful_set(
        self, namespace: str, name: str, template: PodTemplate, nodes: Iterable[str], *, age_s: float
    ) -> Iterator[Resource]:
        where = tuple(nodes)
        workload = self._workload("StatefulSet", namespace, name, template, replicas=len(where))
        yield workload
        yield from self._pods(workload, (f"{name}-{ordinal}" for ordinal in range(len(where))), where, age_s)

    def budget(
        self, namespace: str, name: str, labels: Pairs, *, min_available: str = "", max_unavailable: str = ""
    ) -> DisruptionBudget:
        return DisruptionBudget(
            name=name, namespace=namespace, uid=self.uid(), created=self._born, revision=self.revision(),
            match_labels=labels, min_available=min_available, max_unavailable=max_unavailable,
        )  # fmt: skip

    def _workload(self, kind: str, namespace: str, name: str, template: PodTemplate, *, replicas: int = 1) -> Workload:
        labelled = template if template.labels else replace(template, labels=(("app", name),))
        return Workload(
            kind=kind, name=name, namespace=namespace, uid=self.uid(), created=self._born, revision=self.revision(),
            labels=labelled.labels, template=labelled, selector=labelled.labels, replicas=replicas,
            template_hash=template_hash(labelled),
        )  # fmt: skip

    def _pods(self, owner: Workload, names: Iterable[str], nodes: Iterable[str], age_s: float) -> Iterator[Pod]:
        for name, node in zip(names, nodes, strict=True):
            born = self._now - age_s * self._rng.uniform(0.6, 1.0)
            pod = new_pod(owner, name=name, uid=self.uid(), created=born, node=node)
            ip = f"10.{64 + self._rng.randrange(64)}.{self._rng.randrange(250)}.{1 + self._rng.randrange(250)}"
            yield running(replace(pod, ip=ip, revision=self.revision()), since=born + 5)

    def _suffix(self) -> str:
        return "".join(self._rng.choices(ALPHABET, k=5))


def running(pod: Pod, *, since: float) -> Pod:
    status = ContainerStatus("running", ready=True, since=since)
    return replace(
        pod, phase="Running", ready=True, ready_changed=since, started=since,
        containers=tuple(status for _ in pod.template.containers),
    )  # fmt: skip


def round_robin(nodes: Iterable[Node], *, tainted: bool = False) -> Iterator[str]:
    """Names of nodes, a rack after the other, for ever: replicas land in different racks. Without those that carry a
    taint, unless ``tainted``."""
    racks: dict[str, list[str]] = {}
    for node in nodes:
        if tainted or not node.taints:
            racks.setdefault(dict(node.labels).get(ZONE_LABEL, ""), []).append(node.name)
    columns = list(racks.values())
    order = [column[n % len(column)] for n in range(max(map(len, columns))) for column in columns]
    position = 0
    while True:
        yield order[position % len(order)]
        position += 1
