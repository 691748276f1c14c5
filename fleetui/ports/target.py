"""How control sees a cluster: direct reads of its targets, guarded writes, no cache; failures are ``ClusterError``."""

from typing import Protocol

import msgspec

from fleetui.model.drain import Budget, NodeState, PodState
from fleetui.ports.reader import Identity


class Permission(msgspec.Struct, frozen=True):
    verb: str
    resource: str
    """``nodes``, ``pods``, ``pods/eviction``, ``poddisruptionbudgets.policy``."""
    namespace: str = ""


class EvictionAnswer(msgspec.Struct, frozen=True):
    """What the eviction subresource said. Codes: 201/200 accepted, 404 gone, 409 other uid, 429 budget, 403, 500."""

    code: int
    reason: str = ""
    message: str = ""
    causes: tuple[str, ...] = ()
    """``details.causes`` as ``reason: message``; a budget's says how many pods it needs and has."""
    retry_after_s: float | None = None


class PatchAnswer(msgspec.Struct, frozen=True):
    """What the server said to a PATCH. ``node`` is the object after it when the code is 200."""

    code: int
    message: str = ""
    node: NodeState | None = None


class Capacity(msgspec.Struct, frozen=True):
    """Room on the schedulable Ready nodes. CPU in cores, memory in bytes. ``None`` is unknown."""

    allocatable_cpu: float | None
    allocatable_memory: float | None
    requested_cpu: float | None
    requested_memory: float | None
    nodes: int


class OwnerState(msgspec.Struct, frozen=True):
    """The workload at the top of a pod's owner chain. Counts are None when the kind does not say."""

    kind: str
    namespace: str
    name: str
    replicas: int | None = None
    ready: int | None = None


class TargetCluster(Protocol):
    """Methods raise ``ClusterError`` when there was no usable answer: the outcome of a write is then unknown."""

    async def identify(self) -> Identity: ...

    async def server_now(self) -> float:
        """The server's clock from its Date header, Unix seconds. Lock expiry is judged by it, never by ours."""
        ...

    async def allowed(self, permissions: tuple[Permission, ...]) -> dict[Permission, bool | None]:
        """SelfSubjectAccessReview for each; None when the review itself failed."""
        ...

    async def node(self, name: str) -> NodeState | None: ...

    async def nodes(self) -> tuple[NodeState, ...]: ...

    async def pods_on(self, node: str) -> tuple[PodState, ...]:
        """All pods with spec.nodeName = node, finished ones too."""
        ...

    async def pods_in(self, namespace: str) -> tuple[PodState, ...]: ...

    async def pod(self, namespace: str, name: str) -> PodState | None: ...

    async def budgets(self, namespace: str) -> tuple[Budget, ...]: ...

    async def owner(self, pod: PodState) -> OwnerState | None:
        """Follows controller references upward (ReplicaSet -> Deployment); None for a naked pod or a forbidden kind."""
        ...

    async def daemon_set_exists(self, namespace: str, name: str) -> bool | None: ...

    async def capacity(self, *, without: frozenset[str]) -> Capacity:
        """Room without the nodes of these names."""
        ...

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        """JSON merge patch. The adapter adds ``metadata.uid`` and ``metadata.resourceVersion`` to the body as
        preconditions: another node of the same name, or a node changed since, answers 409."""
        ...

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        """POST policy/v1 Eviction with ``deleteOptions.preconditions.uid``; ``dry_run`` sends dryRun=All."""
        ...

    async def close(self) -> None: ...
