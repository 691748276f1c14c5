"""A simulated cluster, a store and controllers on one virtual clock: what the engine's tests and fault runs play on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import msgspec

from fleetui.control.engine import Engine
from fleetui.control.memory_store import MemoryStore
from fleetui.control.mutes import OpenMutes, no_mutes
from fleetui.control.operation_run import Connect, OpenEtcd, no_etcd
from fleetui.control.registry import load_registry
from fleetui.control.timing import Timing
from fleetui.model.cluster import ClusterRef
from fleetui.model.drain import NodeState
from fleetui.model.journal import EffectAnswered, EffectIntended, Record, Request, RequestKind, Submission
from fleetui.model.ledger import Ledger, Operation, fold
from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION
from fleetui.model.operation import Actor, Intent, Option, Target
from fleetui.ports.store import OperationStore
from fleetui.ports.target import EvictionAnswer, PatchAnswer, TargetCluster
from fleetui.simulate.host import Host
from fleetui.simulate.inprocess_target import SimulatedTarget
from fleetui.simulate.rows import node_state
from tests.control.virtual_time import VirtualClock
from tests.simulate.scenes import Scene

ANA = Actor("ana", "jump-1")
BEN = Actor("ben", "jump-2")
CLUSTER = ClusterRef("prod", "prod")
PATIENCE_S = 3_600.0
MUTE = object()
"""In the place of an annotation that a patch does not speak of."""


class Witnessed:
    """The stores of all stages of a test, and the mutations of which none of them had an open intent when they came.

    ``conftest`` clears it before each test and wants it empty after.
    """

    def __init__(self) -> None:
        self.stores: list[MemoryStore] = []
        self._ledgers: dict[tuple[int, str], Ledger] = {}
        """By place of the store and operation: a journal is read once, however many mutations come."""
        self.kinds: set[str] = set()
        """Of the effects that came and were announced."""
        self.unannounced: list[str] = []

    def clear(self) -> None:
        self.__init__()  # type: ignore[misc]

    def came(self, verb: str, thing: str, uid: str, kinds: set[str]) -> None:
        """A mutation has reached the cluster: an intent for it must be durable by now, and not answered yet."""
        announced = {
            effect.intended.kind
            for operation in self._operations()
            for effect in operation.open_effects
            if (effect.intended.verb, effect.intended.object, effect.intended.uid) == (verb, thing, uid)
        } & kinds
        self.kinds |= announced
        if not announced:
            self.unannounced.append(f"{verb} {thing} {uid}: no open intent of {' or '.join(sorted(kinds))}")

    def _operations(self) -> Iterator[Operation]:
        for place, store in enumerate(self.stores):
            for op_id in store.list_ids():
                ledger = self._ledgers.get((place, op_id)) or Ledger(store.load(op_id).submission)
                self._ledgers[place, op_id] = ledger
                ledger.feed(store.load(op_id, from_seq=ledger.next_seq))
                yield ledger.operation()


WITNESSED = Witnessed()


def kinds_of(patch: bytes) -> set[str]:
    """The effects that a patch of a node may be, by what it says."""
    body = msgspec.json.decode(patch)
    annotations = body["metadata"]["annotations"]
    lock = annotations.get(LOCK_ANNOTATION, MUTE)
    if "spec" in body:
        if not body["spec"]["unschedulable"]:
            return {"uncordon"}
        return {"lock-and-cordon"} if lock else {"cordon"}
    assert CORDON_ANNOTATION not in annotations
    return {"renew", "lock", "lock-and-cordon"} if lock else {"release"}


class WatchedTarget(SimulatedTarget):
    """Writes down every mutation with the answer, as an audit log does, and whether a journal had announced it."""

    def __init__(self, host: Host, log: list[tuple[str, str, str, int]]) -> None:
        super().__init__(host)
        self._log = log

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        WITNESSED.came("PATCH", f"node {name}", uid, kinds_of(patch))
        answer = await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)
        self._log.append(("patch", name, uid, answer.code))
        return answer

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        if not dry_run:
            WITNESSED.came("POST", f"pod {namespace}/{name}", uid, {"evict"})
        answer = await super().evict(namespace, name, uid=uid, grace_s=grace_s, dry_run=dry_run)
        if not dry_run:
            self._log.append(("evict", name, uid, answer.code))
        return answer


class Stage:
    """One cluster with the machines ``wk-1`` and ``wk-2``, and any number of stores and controllers."""

    def __init__(
        self,
        *,
        machines: tuple[str, ...] = ("wk-1", "wk-2"),
        timing: Timing | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        """``clock``: where something real takes part, one that runs in real time."""
        self.clock = clock or VirtualClock()
        self.scene = Scene()
        self.scene.now = self.clock.now()
        self.host = Host("prod", lambda: self.scene.world, self.clock)
        self.store = MemoryStore(self.clock)
        self.timing = timing or Timing()
        self.log: list[tuple[str, str, str, int]] = []
        self._count = 0
        for name in machines:
            self.scene.node(name)
        self._uids = {name: self.node(name).uid for name in machines}
        """As the operator saw them: a machine may be gone by now."""
        self.open_etcd: OpenEtcd = no_etcd
        self.open_mutes: OpenMutes = no_mutes
        self.snapshots: Path | None = None

    @property
    def uids(self) -> dict[str, str]:
        return self._uids

    @property
    def trouble(self):  # type: ignore[no-untyped-def]
        return self.host.trouble

    def engine(
        self,
        holder: str = "c1",
        *,
        store: OperationStore | None = None,
        target: TargetCluster | None = None,
        connect: Connect | None = None,
    ) -> Engine:
        theirs = [store] if isinstance(store, MemoryStore) else []
        WITNESSED.stores += [it for it in (self.store, *theirs) if it not in WITNESSED.stores]

        async def plain(_ref: ClusterRef) -> TargetCluster:
            return target or self.engine_target()

        return Engine(
            store or self.store,
            holder=holder,
            registry=load_registry(),
            connect=connect or plain,
            clock=self.clock,
            chance=Random(1),
            timing=self.timing,
            open_etcd=self.open_etcd,
            open_mutes=self.open_mutes,
            snapshots=self.snapshots,
        )

    def engine_target(self) -> TargetCluster:
        """The cluster as a controller sees it."""
        return WatchedTarget(self.host, self.log)

    @asynccontextmanager
    async def controller(self, holder: str = "c1", *, store: OperationStore | None = None) -> AsyncIterator[Engine]:
        """A controller at work; stops at safe points when the block ends."""
        engine = self.engine(holder, store=store)
        task = asyncio.create_task(engine.run())
        try:
            yield engine
            engine.stop()
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # What people do.

    def propose(
        self,
        kind: str,
        *machines: str,
        by: Actor = ANA,
        cluster: ClusterRef = CLUSTER,
        store: OperationStore | None = None,
        **options: Option,
    ) -> str:
        self._count += 1
        targets = tuple(Target(name, self._uids[name]) for name in machines)
        intent = Intent(kind, cluster, targets, tuple(sorted(options.items())), reason="new disks")
        submission = Submission(f"op-{self._count}", intent, by, self.clock.now())
        return (store or self.store).submit(submission, f"key-{self._count}")

    def ask(self, op_id: str, kind: RequestKind, *, digest: str = "", store: OperationStore | None = None) -> None:
        (store or self.store).request(op_id, Request(kind, ANA, self.clock.now(), digest))

    def operation(self, op_id: str, *, store: OperationStore | None = None) -> Operation:
        return fold((store or self.store).load(op_id))

    def records(self, op_id: str) -> tuple[Record, ...]:
        return self.store.load(op_id).records

    async def planned(self, op_id: str, *, store: OperationStore | None = None) -> Operation:
        return await self.until(op_id, lambda op: op.plan is not None or op.state.ended, store=store)

    async def approved(self, kind: str, *machines: str, store: OperationStore | None = None, **options: Option) -> str:
        """Proposed, planned and approved."""
        op_id = self.propose(kind, *machines, store=store, **options)
        operation = await self.planned(op_id, store=store)
        assert operation.plan is not None, operation.summary
        self.ask(op_id, RequestKind.APPROVE, digest=operation.plan.digest, store=store)
        return op_id

    async def until(
        self, op_id: str, wanted: Callable[[Operation], bool], *, store: OperationStore | None = None
    ) -> Operation:
        """The operation once it is as wanted; fails after an hour of virtual time."""
        deadline = self.clock.monotonic() + PATIENCE_S
        while not wanted(operation := self.operation(op_id, store=store)):
            assert self.clock.monotonic() < deadline, outline(operation)
            await self.clock.sleep(0.25)
        return operation

    async def ended(self, op_id: str, *, store: OperationStore | None = None) -> Operation:
        return await self.until(op_id, lambda op: op.state.ended, store=store)

    async def waiting(self, op_id: str, why: str) -> Operation:
        """Once a step waits for this cause."""
        return await self.until(op_id, lambda op: any(w.why == why for s in op.steps for w in s.waiting))

    # What is seen.

    def node(self, name: str) -> NodeState:
        self.scene.now = self.clock.now()
        return node_state(self.scene.get("nodes", name, ""))

    def now(self) -> None:
        """Brings the scene's hand to the clock before it is used."""
        self.scene.now = self.clock.now()
        self.scene.world.tick(self.scene.now)

    def names_on(self, node: str) -> set[str]:
        self.now()
        return {pod.name for pod in self.scene.world.pods_on(node)}

    def evictions(self, code: int = 201) -> list[str]:
        return [name for verb, name, _, said in self.log if verb == "evict" and said == code]

    def effects(self, op_id: str) -> list[tuple[str, str]]:
        """(kind, outcome) of every effect, in the order of the journal; ``open`` when unanswered."""
        answers = {r.effect_id: r.outcome.value for r in self.records(op_id) if isinstance(r, EffectAnswered)}
        intents = [r for r in self.records(op_id) if isinstance(r, EffectIntended)]
        return [(intent.kind, answers.get(intent.effect_id, "open")) for intent in intents]


def outline(operation: Operation) -> str:
    """What a failed expectation should show."""
    steps = [f"{s.id} {s.state} {[(w.object, w.why, w.detail) for w in s.waiting]}" for s in operation.steps]
    return "\n".join([f"{operation.op_id} {operation.state}: {operation.summary}", *steps])
