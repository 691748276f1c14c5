"""What a plan is made from: everything read directly, once, and shared by the checks and the steps that need it.

A read that fails fails for everyone who asks; the others go on. What is derived from reads (the rehearsal of budgets)
is kept the same way.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import msgspec

from fleetui.model.budget import BudgetVerdict, rehearse
from fleetui.model.drain import Budget, NodeState, PodState
from fleetui.model.eviction import Action, Filters, classify, is_daemon, must_leave
from fleetui.model.fault import ClusterError
from fleetui.model.health.etcd import Picture
from fleetui.model.health.etcd_course import Course
from fleetui.model.health.etcd_state import EtcdState, Known, etcd_state
from fleetui.model.operation import Intent, Option, Plan, PlannedPod, Target
from fleetui.ports.clock import Clock
from fleetui.ports.etcd import EtcdCluster, NoEtcdError
from fleetui.ports.reader import Identity
from fleetui.ports.target import Capacity, EvictionAnswer, OwnerState, Permission, TargetCluster

T = TypeVar("T")

PARALLEL_READS = 8
"""A plan of fifty machines asks hundreds of questions; this many at a time leave an API server room for others."""


class Neighbour(msgspec.Struct, frozen=True):
    """Another operation of this store that is approved or running in the same cluster."""

    op_id: str
    kind: str
    by: str
    targets: tuple[Target, ...]
    ahead: bool = True
    """It has begun, or was approved, before this one: of two that exclude each other, the later gives way."""


class RoundTrip(msgspec.Struct, frozen=True):
    latency_s: float
    skew_s: float
    """The server's clock minus ours; its Date header has a resolution of one second."""


class Facts:
    """Use as ``async with``: what is still being read at the end is cancelled."""

    def __init__(
        self,
        cluster: TargetCluster,
        intent: Intent,
        *,
        options: Mapping[str, Option],
        clock: Clock,
        op_id: str,
        fence: int,
        neighbours: tuple[Neighbour, ...] = (),
        plan: Plan | None = None,
        open_etcd: Callable[[], Awaitable[EtcdCluster]],
        snapshots: Path | None = None,
    ) -> None:
        """``plan``: the one that was confirmed; None while it is made. ``open_etcd`` raises ClusterError.
        ``snapshots``: the controller's own directory for those of which nobody says where; None: it has none."""
        self.cluster = cluster
        self.intent = intent
        self.options = options
        self.clock = clock
        self.op_id = op_id
        self.fence = fence
        self.neighbours = neighbours
        self.plan = plan
        self.snapshots = snapshots
        self._open_etcd = open_etcd
        self._asked: dict[object, asyncio.Future[Any]] = {}
        self._slots = asyncio.Semaphore(PARALLEL_READS)

    async def __aenter__(self) -> "Facts":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for future in self._asked.values():
            future.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    @property
    def filters(self) -> Filters:
        """The operator's consent, as the drain rules want it."""
        return Filters(
            force=bool(self.options.get("force", False)),
            delete_emptydir_data=bool(self.options.get("delete_emptydir_data", False)),
            ignore_daemonsets=bool(self.options.get("ignore_daemonsets", True)),
        )

    @property
    def target_names(self) -> frozenset[str]:
        return frozenset(target.name for target in self.intent.targets)

    async def identity(self) -> Identity:
        return await self._read("identity", self.cluster.identify)

    async def round_trip(self) -> RoundTrip:
        return await self._read("round trip", self._round_trip)

    async def server_now(self) -> float:
        return self.clock.now() + (await self.round_trip()).skew_s

    async def node(self, name: str) -> NodeState | None:
        return await self._read(("node", name), lambda: self.cluster.node(name))

    async def nodes(self) -> tuple[NodeState, ...]:
        return await self._read("nodes", self.cluster.nodes)

    async def picture(self) -> Picture:
        """All members of its etcd, asked at the same time."""
        return await self._read("etcd", self._look)

    async def _look(self) -> Picture:
        return await (await self._open_etcd()).look()

    async def etcd_state(self) -> EtcdState:
        """Its etcd after one look of our own, judged as its screen judges it; not configured where no way to it is."""
        name, now = self.intent.cluster.name, self.clock.now()
        try:
            picture = await self.picture()
        except NoEtcdError:
            return etcd_state(Known(name, configured=False), at=now)
        course, heard_at = Course().after(picture), picture.at if picture.answering else None
        return etcd_state(Known(name, course=course, heard_at=heard_at, settled=True), at=self.clock.now())

    async def pods_on(self, name: str) -> tuple[PodState, ...]:
        return await self._read(("pods", name), lambda: self.cluster.pods_on(name))

    async def pods_in(self, namespace: str) -> tuple[PodState, ...]:
        return await self._read(("pods in", namespace), lambda: self.cluster.pods_in(namespace))

    async def budgets(self, namespace: str) -> tuple[Budget, ...]:
        return await self._read(("budgets", namespace), lambda: self.cluster.budgets(namespace))

    async def owner(self, pod: PodState) -> OwnerState | None:
        key = ("owner", pod.namespace, pod.controller.kind, pod.controller.name) if pod.controller else ("naked",)
        return await self._read(key, lambda: self.cluster.owner(pod))

    async def daemon_set_gone(self, pod: PodState) -> bool:
        """True only when it is known to be gone."""
        if not is_daemon(pod) or pod.controller is None:
            return False
        name = pod.controller.name
        key = ("daemon set", pod.namespace, name)
        try:
            return await self._read(key, lambda: self.cluster.daemon_set_exists(pod.namespace, name)) is False
        except ClusterError:
            return False

    async def allowed(self, permissions: tuple[Permission, ...]) -> dict[Permission, bool | None]:
        return await self._read("allowed", lambda: self.cluster.allowed(permissions))

    async def capacity(self, *, without: frozenset[str]) -> Capacity:
        return await self._read(("capacity", without), lambda: self.cluster.capacity(without=without))

    async def dry_run(self, pod: PodState) -> EvictionAnswer:
        """What the server would say to its eviction now; changes nothing."""
        return await self._read(
            ("dry run", pod.uid),
            lambda: self.cluster.evict(pod.namespace, pod.name, uid=pod.uid, grace_s=None, dry_run=True),
        )

    async def living(self, target: Target) -> tuple[PodState, ...]:
        """Pods of this machine that would be evicted or refused: running, no mirror, not a DaemonSet's, not going."""
        pods = await self.pods_on(target.name)
        return tuple(pod for pod in pods if must_leave(pod) and pod.deleting_since is None)

    async def evictable(self, target: Target) -> tuple[PodState, ...]:
        """The pods of this machine that the drain would evict."""
        pods = await self.pods_on(target.name)
        gone = await asyncio.gather(*(self.daemon_set_gone(pod) for pod in pods))
        return tuple(
            pod
            for pod, orphan in zip(pods, gone, strict=True)
            if classify(pod, self.filters, daemon_set_gone=orphan).action == Action.EVICT
        )

    async def rehearsal(self) -> Mapping[str, BudgetVerdict]:
        """What the budgets will say to each pod of the whole plan, by uid, machines in order."""
        return await self.once("rehearsal", self._rehearse)

    async def planned(self, target: Target) -> tuple[PlannedPod, ...]:
        """Every pod of this machine with what the drain does to it."""
        pods = await self.pods_on(target.name)
        gone = await asyncio.gather(*(self.daemon_set_gone(pod) for pod in pods))
        try:
            verdicts = await self.rehearsal()
        except ClusterError:
            verdicts = {}  # the check of the budgets says so; the server still enforces them
        return tuple(
            classify(pod, self.filters, daemon_set_gone=orphan, blocked=_blocked(verdicts.get(pod.uid)))
            for pod, orphan in zip(pods, gone, strict=True)
        )

    async def _rehearse(self) -> Mapping[str, BudgetVerdict]:
        pods = [pod for target in self.intent.targets for pod in await self.evictable(target)]
        namespaces = sorted({pod.namespace for pod in pods})
        found = await asyncio.gather(*(self.budgets(namespace) for namespace in namespaces))
        verdicts = rehearse(pods, (budget for budgets in found for budget in budgets))
        return {verdict.pod.uid: verdict for verdict in verdicts}

    async def _round_trip(self) -> RoundTrip:
        begun = self.clock.monotonic()
        server = await self.cluster.server_now()
        latency = self.clock.monotonic() - begun
        return RoundTrip(latency_s=latency, skew_s=server - (self.clock.now() - latency / 2))

    async def _read(self, key: object, ask: Callable[[], Awaitable[T]]) -> T:
        async def limited() -> T:
            async with self._slots:
                return await ask()

        return await self.once(key, limited)

    async def once(self, key: object, ask: Callable[[], Awaitable[T]]) -> T:
        """The answer to ``key``, asked for by whoever comes first: what several derive from reads is derived once."""
        if key not in self._asked:
            self._asked[key] = asyncio.ensure_future(ask())
        # One asker that runs out of time must not take the answer from the others.
        answer: T = await asyncio.shield(self._asked[key])
        return answer


def _blocked(verdict: BudgetVerdict | None) -> str:
    return verdict.detail if verdict is not None and verdict.blocks else ""
