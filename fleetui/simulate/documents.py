"""The parts of the API's documents that are understood, as types: a wrong type is the sender's fault."""

import msgspec

from fleetui.simulate.request import Document


class Doc(msgspec.Struct, frozen=True, rename="camel"):
    pass


class OwnerDoc(Doc, frozen=True):
    kind: str
    name: str
    uid: str = ""
    api_version: str = ""
    controller: bool | None = None


class MetaDoc(Doc, frozen=True):
    name: str = ""
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    finalizers: tuple[str, ...] | None = None
    owner_references: tuple[OwnerDoc, ...] | None = None


class NamespaceDoc(Doc, frozen=True):
    metadata: MetaDoc


class TaintDoc(Doc, frozen=True):
    key: str
    effect: str
    value: str = ""


class NodeSpecDoc(Doc, frozen=True):
    unschedulable: bool | None = None
    taints: tuple[TaintDoc, ...] | None = None


class NodeInfoDoc(Doc, frozen=True):
    kubelet_version: str = "v1.36.3"
    kernel_version: str = ""
    os_image: str = ""
    container_runtime_version: str = ""


class AddressDoc(Doc, frozen=True):
    type: str
    address: str


class ConditionDoc(Doc, frozen=True):
    type: str
    status: str
    reason: str = ""
    message: str = ""


class NodeStatusDoc(Doc, frozen=True):
    capacity: dict[str, str] | None = None
    allocatable: dict[str, str] | None = None
    node_info: NodeInfoDoc = NodeInfoDoc()
    addresses: tuple[AddressDoc, ...] | None = None
    conditions: tuple[ConditionDoc, ...] | None = None


class NodeDoc(Doc, frozen=True):
    metadata: MetaDoc
    spec: NodeSpecDoc = NodeSpecDoc()
    status: NodeStatusDoc = NodeStatusDoc()


class ContainerDoc(Doc, frozen=True):
    name: str
    image: str = ""
    resources: Document | None = None


class TolerationDoc(Doc, frozen=True):
    key: str = ""
    effect: str = ""
    toleration_seconds: int | None = None


class PodSpecDoc(Doc, frozen=True):
    containers: tuple[ContainerDoc, ...]
    node_name: str = ""
    termination_grace_period_seconds: int | None = None
    volumes: tuple[Document, ...] | None = None
    node_selector: dict[str, str] | None = None
    tolerations: tuple[TolerationDoc, ...] | None = None
    host_network: bool | None = None


class PodConditionDoc(Doc, frozen=True):
    type: str
    status: str


class PodStatusDoc(Doc, frozen=True):
    phase: str = ""
    conditions: tuple[PodConditionDoc, ...] = ()

    @property
    def ready(self) -> bool:
        """Without a word about it, a running pod is ready."""
        return all(each.status == "True" for each in self.conditions if each.type == "Ready")


class PodDoc(Doc, frozen=True):
    metadata: MetaDoc
    spec: PodSpecDoc
    status: PodStatusDoc = PodStatusDoc()


class RequirementDoc(Doc, frozen=True):
    key: str
    operator: str
    values: tuple[str, ...] | None = None


class SelectorDoc(Doc, frozen=True):
    match_labels: dict[str, str] | None = None
    match_expressions: tuple[RequirementDoc, ...] | None = None


class BudgetSpecDoc(Doc, frozen=True):
    selector: SelectorDoc | None = None
    min_available: int | str | None = None
    max_unavailable: int | str | None = None
    unhealthy_pod_eviction_policy: str | None = None


class BudgetDoc(Doc, frozen=True):
    metadata: MetaDoc
    spec: BudgetSpecDoc = BudgetSpecDoc()


class TemplateDoc(Doc, frozen=True):
    spec: PodSpecDoc
    metadata: MetaDoc = MetaDoc()


class WorkloadSpecDoc(Doc, frozen=True):
    template: TemplateDoc
    selector: SelectorDoc = SelectorDoc()
    replicas: int = 1


class WorkloadDoc(Doc, frozen=True):
    metadata: MetaDoc
    spec: WorkloadSpecDoc
