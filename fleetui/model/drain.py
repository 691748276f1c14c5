"""What the drain rules look at: nodes, pods and disruption budgets as the controller reads them, whole and direct.

The rules themselves are in ``eviction`` (which pods, in which way), ``budget`` (what PodDisruptionBudgets allow) and
``placement`` (which machines let a pod in).
"""

from collections.abc import Mapping

import msgspec


class Taint(msgspec.Struct, frozen=True):
    key: str
    value: str = ""
    effect: str = ""


class Toleration(msgspec.Struct, frozen=True):
    """An empty effect tolerates every effect; an empty key with ``Exists`` every taint."""

    key: str = ""
    operator: str = "Equal"
    value: str = ""
    effect: str = ""


class LabelRequirement(msgspec.Struct, frozen=True):
    key: str
    operator: str
    """In, NotIn, Exists, DoesNotExist; of nodes also Gt and Lt."""
    values: tuple[str, ...] = ()

    def admits(self, labels: Mapping[str, str]) -> bool:
        value = labels.get(self.key)
        match self.operator:
            case "In":
                return value in self.values
            case "NotIn":
                return value not in self.values  # a missing key is "not in" too
            case "Exists":
                return value is not None
            case "DoesNotExist":
                return value is None
            case "Gt" | "Lt":
                return self._compares(value)
        return False  # an operator we do not know selects nothing rather than too much

    def _compares(self, value: str | None) -> bool:
        """Whole numbers; anything else is not admitted, as the scheduler has it."""
        try:
            have, bound = int(value or ""), int(self.values[0])
        except (ValueError, IndexError):
            return False
        return have > bound if self.operator == "Gt" else have < bound


class NodeTerm(msgspec.Struct, frozen=True):
    """One alternative of a required node affinity: all of its requirements at once."""

    labels: tuple[LabelRequirement, ...] = ()
    fields: tuple[LabelRequirement, ...] = ()
    """Of ``metadata.name``, the only one there is."""


class NodeState(msgspec.Struct, frozen=True):
    uid: str
    name: str
    resource_version: str
    unschedulable: bool = False
    ready: bool | None = None
    """None when the Ready condition is Unknown or missing: the kubelet does not report."""
    ready_since: float | None = None
    """Last transition of the Ready condition."""
    control_plane: bool = False
    annotations: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    taints: tuple[Taint, ...] = ()
    cpu: float | None = None
    """Allocatable, cores."""
    memory: float | None = None
    """Allocatable, bytes."""

    def annotation(self, key: str) -> str | None:
        return dict(self.annotations).get(key)


class OwnerRef(msgspec.Struct, frozen=True):
    kind: str
    name: str
    uid: str = ""
    api_version: str = ""


class PodState(msgspec.Struct, frozen=True):
    uid: str
    namespace: str
    name: str
    node: str
    phase: str
    """``Pending``, ``Running``, ``Succeeded``, ``Failed``, ``Unknown``."""
    ready: bool = False
    """The Ready condition."""
    ready_changed: float | None = None
    resource_version: str = ""
    mirror: bool = False
    """Carries kubernetes.io/config.mirror: a static pod's shadow, which the API cannot evict."""
    controller: OwnerRef | None = None
    labels: tuple[tuple[str, str], ...] = ()
    empty_dirs: tuple[str, ...] = ()
    """Names of emptyDir volumes."""
    host_paths: tuple[str, ...] = ()
    local_claims: tuple[str, ...] = ()
    """Names of the PersistentVolumeClaims it mounts."""
    finalizers: tuple[str, ...] = ()
    deleting_since: float | None = None
    """metadata.deletionTimestamp minus the grace period: when deletion was asked for."""
    deletes_at: float | None = None
    """metadata.deletionTimestamp: when the grace ends."""
    grace_s: int | None = None
    """spec.terminationGracePeriodSeconds."""
    cpu: float = 0.0
    """Sum of the containers' requests, cores."""
    memory: float = 0.0
    """Bytes."""
    tolerations: tuple[Toleration, ...] = ()
    node_selector: tuple[tuple[str, str], ...] = ()
    node_terms: tuple[NodeTerm, ...] | None = None
    """The required node affinity: one of these terms. None when it asks for nothing."""

    @property
    def full_name(self) -> str:
        return f"{self.namespace}/{self.name}"


class Budget(msgspec.Struct, frozen=True):
    """One PodDisruptionBudget and its status."""

    namespace: str
    name: str
    uid: str = ""
    match_labels: tuple[tuple[str, str], ...] = ()
    match_expressions: tuple[LabelRequirement, ...] = ()
    selects_nothing: bool = False
    """A null selector selects no pod; an empty one selects all."""
    min_available: str = ""
    max_unavailable: str = ""
    always_allow_unhealthy: bool = False
    """unhealthyPodEvictionPolicy: AlwaysAllow."""
    disruptions_allowed: int | None = None
    """None when the controller has not observed this generation yet: then evictions are refused."""
    current_healthy: int | None = None
    desired_healthy: int | None = None
    expected_pods: int | None = None
    blocked_since: float | None = None
    """Last transition of DisruptionAllowed to False."""

    @property
    def full_name(self) -> str:
        return f"{self.namespace}/{self.name}"
