"""A simulated etcd of three members that outlives its controllers, beside a real API server that carries the lock.

The members are served from a thread of the test's own process. They write down every mutation that reaches them: the
witness that shares no code with the controller.
"""

import asyncio
import os
import threading
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import msgspec
from aiohttp import web

from fleetui.clients.system import SystemClock
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import EffectIntended, Request, RequestKind, Submission
from fleetui.model.ledger import Operation, fold
from fleetui.model.lock import LOCK_ANNOTATION
from fleetui.model.operation import ETCD_TARGET, Intent, Option, Target
from fleetui.simulate.etcd_cluster import PAGE, SimulatedEtcd, SimulatedMember
from fleetui.simulate.etcd_gateway import EtcdGateways
from tests.bed import objects
from tests.bed.cluster import BedCluster
from tests.drills import witness
from tests.drills.controller_entry import ALERTMANAGER
from tests.drills.kill_points import KillPoint
from tests.drills.nursery import Controller, nursery
from tests.drills.scene import ANA, USER, outline, until

T = TypeVar("T")
QUOTA = 64 << 20
CLUSTER_ID = 0x5EED
KINDS = {
    "/v3/maintenance/defragment": "defragment",
    "/v3/maintenance/transfer-leadership": "move-leader",
    "/v3/kv/compaction": "compact",
    "/v3/maintenance/alarm": "disarm",
    "/v3/maintenance/snapshot": "snapshot",
}


class Arrival(msgspec.Struct, frozen=True):
    """One mutation as it reached a member."""

    kind: str
    uid: str
    """As an intent names it: ``<cluster id>/<member id>``."""
    at: float


class WitnessedGateways(EtcdGateways):
    """Writes down what comes, before it is done."""

    def __init__(self, etcd: SimulatedEtcd, clock: SystemClock, arrivals: list[Arrival]) -> None:
        super().__init__(etcd, clock)
        self._arrivals = arrivals
        self._time = clock

    async def _answer(self, request: web.Request, member: SimulatedMember) -> web.StreamResponse:
        if kind := KINDS.get(request.path):
            body = msgspec.json.decode(await request.read() or b"{}", type=dict)
            if kind != "disarm" or body["action"] == "DEACTIVATE":
                self._arrivals.append(Arrival(kind, _uid(kind, member, body), self._time.now()))
        return await super()._answer(request, member)


def _uid(kind: str, member: SimulatedMember, body: dict[str, str]) -> str:
    about = {"move-leader": "targetID", "disarm": "memberID"}.get(kind)
    concerned = "" if kind == "compact" else f"{int(body[about]) if about else member.id:x}"
    return f"{CLUSTER_ID:x}/{concerned}"


class EtcdScene:
    """Members m1 (leads), m2, m3 with databases full of holes; ``full``: at the quota, and NOSPACE is raised."""

    def __init__(self, bed: BedCluster, folder: Path, *, full: bool, alertmanager: str = "") -> None:
        """``alertmanager``: address of the one that takes maintenance silences."""
        self._env = {**os.environ, ALERTMANAGER: alertmanager}
        self.folder, self.clock, self.api = folder, SystemClock(), bed.api()
        self.bed = bed
        self.etcd = SimulatedEtcd(("m1", "m2", "m3"), quota=QUOTA, cluster_id=CLUSTER_ID)
        for member in self.etcd.members:
            member.db_size, member.db_in_use = QUOTA if full else QUOTA // 2, 100 * PAGE
        if full:
            self.etcd.alarms.add((self.etcd.members[0].id, "NOSPACE"))
        self.arrivals: list[Arrival] = []
        self.store = SqliteStore(folder / "operations.db", self.clock)
        self.snapshot = folder / "etcd.db"
        self.carrier = f"cp-{uuid.uuid4().hex[:8]}"
        labels = {"node-role.kubernetes.io/control-plane": ""}
        self.api.create(objects.NODES, objects.node(self.carrier, labels=labels))
        self._begun = self.clock.now()
        self._controllers: list[Controller] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._gateways = WitnessedGateways(self.etcd, self.clock, self.arrivals)
        self._do(self._gateways.start)

    def _do(self, work: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(timeout=30)

    # What people do.

    def propose(self, kind: str, **options: Option) -> str:
        cluster = ClusterRef(self.bed.name, self.bed.name, (str(self.bed.kubeconfig_for(USER)),))
        target = Target(ETCD_TARGET, f"{CLUSTER_ID:x}")
        intent = Intent(kind, cluster, (target,), tuple(sorted(options.items())), "drill")
        op_id = uuid.uuid4().hex
        return self.store.submit(Submission(op_id, intent, ANA, self.clock.now()), op_id)

    def ask(self, op_id: str, kind: RequestKind, *, digest: str = "") -> None:
        self.store.request(op_id, Request(kind, ANA, self.clock.now(), digest))

    def operation(self, op_id: str) -> Operation:
        return fold(self.store.load(op_id))

    def approve(self, op_id: str) -> None:
        def planned() -> Operation | None:
            operation = self.operation(op_id)
            return operation if operation.plan is not None or operation.state.ended else None

        operation = until(planned, f"a plan: {outline(self.operation(op_id))}")
        assert operation.plan is not None, operation.summary
        assert not operation.plan.blocked, [check for check in operation.plan.checks if check.blocks]
        self.ask(op_id, RequestKind.APPROVE, digest=operation.plan.digest)

    # Controllers.

    def start(self, point: KillPoint | None = None) -> Controller:
        """A controller process; it dies at ``point``."""
        log = self.folder / f"controller-{len(self._controllers)}.log"
        arguments = [str(self.folder / "operations.db"), str(self.bed.kubeconfig_for(USER))]
        arguments.append(msgspec.json.encode(point).decode() if point else "")
        arguments += [member.client_url for member in self.etcd.members]
        self._controllers.append(nursery().start(arguments, log=log, env=self._env))
        return self._controllers[-1]

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.glob("controller-*.log")))

    # What is seen.

    def is_locked(self) -> bool:
        node = self.api.get(f"{objects.NODES}/{self.carrier}")
        return LOCK_ANNOTATION in node["metadata"].get("annotations", {})

    def misdeeds(self, operation: Operation) -> list[str]:
        """Requests whose intent was not in the journal when they came, or more of them than intents."""
        intents = [effect.intended for effect in operation.effects]
        events = witness.mutations(self.bed.audit(), user=USER, since=self._begun)
        return witness.unannounced(events, intents) + self._unannounced(intents)

    def _unannounced(self, intents: list[EffectIntended]) -> list[str]:
        left, found = list(intents), list[str]()
        for arrival in self.arrivals:
            mine = [it for it in left if (it.kind, it.uid) == (arrival.kind, arrival.uid) and it.at <= arrival.at]
            if mine:
                left.remove(max(mine, key=lambda it: it.at))
            else:
                found.append(f"not in the journal when it came, or twice for one intent: {arrival}")
        return found

    def close(self) -> None:
        for process in self._controllers:
            if process.poll() is None:
                process.terminate()
        for process in self._controllers:
            process.wait(timeout=30)
        self._do(self._gateways.stop)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()
        self.store.close()
        self.api.delete(f"{objects.NODES}/{self.carrier}")
