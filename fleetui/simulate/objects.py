"""The objects of a simulated cluster, as values: what changes is replaced, so a watch can hand out yesterday's object.

Small on purpose: 150 clusters of 1,000 nodes must fit in one process. What many objects have in common (``Hardware``,
``PodTemplate``) is one shared value, and text is made only when somebody reads it (``manifest``, ``printing``).
"""

import msgspec

from fleetui.model.drain import LabelRequirement, OwnerRef, Taint
from fleetui.model.labels import CONTROL_PLANE_ROLE

Pairs = tuple[tuple[str, str], ...]
"""Labels or annotations, sorted by key."""

Key = tuple[str, str]
"""(namespace, name); the namespace of a cluster-scoped object is empty."""

MIRROR_ANNOTATION = "kubernetes.io/config.mirror"
NO_SCHEDULE, NO_EXECUTE = "NoSchedule", "NoExecute"
CORDON_TAINT = Taint(key="node.kubernetes.io/unschedulable", effect=NO_SCHEDULE)
CONTROL_PLANE_TAINT = Taint(key=CONTROL_PLANE_ROLE, effect=NO_SCHEDULE)
UNREACHABLE_TAINTS = tuple(
    Taint(key="node.kubernetes.io/unreachable", effect=effect) for effect in (NO_SCHEDULE, NO_EXECUTE)
)


class Condition(msgspec.Struct, frozen=True, gc=False):
    type: str
    status: str
    """``True``, ``False`` or ``Unknown``."""
    reason: str
    message: str
    since: float


class Toleration(msgspec.Struct, frozen=True, gc=False):
    key: str = ""
    """Empty tolerates every key."""
    effect: str = ""
    seconds: int | None = None


class Hardware(msgspec.Struct, frozen=True):
    """What machines of one model have in common."""

    cpu_m: int
    """Allocatable, thousandths of a core."""
    memory: int
    """Allocatable, bytes."""
    system_cpu_m: int = 0
    """What the capacity has on top, for the kubelet and the system."""
    system_memory: int = 0
    storage: int = 200 * 2**30
    gpus: int = 0
    pods: int = 110
    architecture: str = "amd64"
    os_image: str = "Debian GNU/Linux 12 (bookworm)"
    kernel: str = "6.1.0-28-amd64"
    runtime: str = "containerd://2.2.0"


class Resource(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What every object has: its metadata."""

    name: str
    uid: str
    created: float
    namespace: str = ""
    revision: int = 0
    """The resourceVersion."""
    generation: int = 1
    labels: Pairs = ()
    annotations: Pairs = ()
    owner: OwnerRef | None = None
    """The controller reference."""
    finalizers: tuple[str, ...] = ()
    deletes_at: float | None = None
    """metadata.deletionTimestamp: when the grace ends."""
    grace_s: int | None = None
    """metadata.deletionGracePeriodSeconds."""

    @property
    def resource(self) -> str:
        """The plural the API calls it by."""
        raise NotImplementedError

    @property
    def key(self) -> Key:
        return (self.namespace, self.name)


class Namespace(Resource, frozen=True, kw_only=True, gc=False):
    @property
    def resource(self) -> str:
        return "namespaces"


class Node(Resource, frozen=True, kw_only=True, gc=False):
    hardware: Hardware
    kubelet: str
    """Its version."""
    internal_ip: str
    conditions: tuple[Condition, ...]
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()

    @property
    def resource(self) -> str:
        return "nodes"

    @property
    def ready_condition(self) -> Condition | None:
        return next((condition for condition in self.conditions if condition.type == "Ready"), None)

    @property
    def ready(self) -> bool:
        condition = self.ready_condition
        return condition is not None and condition.status == "True"


class Container(msgspec.Struct, frozen=True, gc=False):
    """One container's specification."""

    name: str
    image: str
    cpu_m: int = 100
    memory: int = 128 * 2**20


class PodTemplate(msgspec.Struct, frozen=True):
    """What the pods of one workload have in common, and how they behave. Times are seconds of simulated life."""

    containers: tuple[Container, ...]
    labels: Pairs = ()
    annotations: Pairs = ()
    grace_s: int = 30
    empty_dirs: tuple[str, ...] = ()
    host_paths: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    node_selector: Pairs = ()
    node: str = ""
    """spec.nodeName: its pods are born bound there, cordoned or not."""
    tolerations: tuple[Toleration, ...] = ()
    finalizers: tuple[str, ...] = ()
    host_network: bool = False
    gpus: int = 0
    starts_in_s: float = 3.0
    stops_in_s: float = 2.0
    """After deletion was asked for; never longer than the grace."""
    crashes: bool = False
    """Starts, exits with an error, backs off, for ever."""
    never_ready: bool = False
    """Runs, but its readiness probe fails."""

    @property
    def cpu_m(self) -> int:
        return sum(container.cpu_m for container in self.containers)

    @property
    def memory(self) -> int:
        return sum(container.memory for container in self.containers)


class ContainerStatus(msgspec.Struct, frozen=True, gc=False):
    state: str
    """``waiting``, ``running`` or ``terminated``."""
    reason: str = ""
    ready: bool = False
    restarts: int = 0
    since: float | None = None
    last_exit: float | None = None
    """When it last ended, if it ever did."""


class Pod(Resource, frozen=True, kw_only=True, gc=False):
    template: PodTemplate
    containers: tuple[ContainerStatus, ...]
    node: str = ""
    phase: str = "Pending"
    ready: bool = False
    ready_changed: float | None = None
    started: float | None = None
    """When the kubelet took it."""
    ip: str = ""
    unschedulable: str = ""
    """Why the scheduler found no node; empty when it did, or has not looked."""
    evicted: bool = False

    @property
    def resource(self) -> str:
        return "pods"

    @property
    def finished(self) -> bool:
        return self.phase in ("Succeeded", "Failed")

    @property
    def active(self) -> bool:
        """As the workload controllers count: neither finished nor on its way out."""
        return not self.finished and self.deletes_at is None

    @property
    def mirror(self) -> bool:
        return any(key == MIRROR_ANNOTATION for key, _ in self.annotations)


class Counts(msgspec.Struct, frozen=True, gc=False):
    """What a workload's status says of its pods; those on their way out are not counted."""

    pods: int = 0
    ready: int = 0
    updated: int = 0
    """Of the newest template."""

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.pods + other.pods, self.ready + other.ready, self.updated + other.updated)


class Workload(Resource, frozen=True, kw_only=True, gc=False):
    """A Deployment, ReplicaSet, StatefulSet or DaemonSet."""

    kind: str
    template: PodTemplate
    selector: Pairs
    replicas: int = 1
    """Wanted; without meaning for a DaemonSet."""
    template_hash: str = ""
    counts: Counts = Counts()
    edited_by: str = ""
    """The field manager that last wrote its spec; empty for whoever made it."""
    edited_at: float | None = None

    @property
    def resource(self) -> str:
        return f"{self.kind.lower()}s"

    @property
    def reference(self) -> OwnerRef:
        return OwnerRef(kind=self.kind, name=self.name, uid=self.uid, api_version="apps/v1")


class DisruptionBudget(Resource, frozen=True, kw_only=True, gc=False):
    """A PodDisruptionBudget. The status counts are None until the controller has looked at this generation."""

    match_labels: Pairs = ()
    match_expressions: tuple[LabelRequirement, ...] = ()
    selects_nothing: bool = False
    min_available: str = ""
    """``2`` or ``50%``; empty when the other is set."""
    max_unavailable: str = ""
    always_allow_unhealthy: bool = False
    allowed: int | None = None
    healthy: int | None = None
    desired: int | None = None
    expected: int | None = None
    sufficient: bool | None = None
    """The condition DisruptionAllowed: the controller's, while an eviction spends ``allowed`` by itself."""
    changed: float | None = None
    """Last transition of that condition."""

    @property
    def resource(self) -> str:
        return "poddisruptionbudgets"


class Event(Resource, frozen=True, kw_only=True, gc=False):
    """A core/v1 Event about another object."""

    about: Key
    about_kind: str
    about_uid: str
    type: str
    reason: str
    message: str
    source: str
    count: int = 1
    last: float = 0.0

    @property
    def resource(self) -> str:
        return "events"
