"""Machines with running pods on a real cluster, a store on disk, and controller processes that come and go."""

import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from fleetui.clients.system import SystemClock
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import Request, RequestKind, Submission
from fleetui.model.ledger import Operation, fold
from fleetui.model.operation import Actor, Intent, Option, Target
from tests.bed import objects
from tests.bed.cluster import BedCluster
from tests.drills import witness
from tests.drills.controller_entry import ALERTMANAGER
from tests.drills.kill_points import KillPoint
from tests.drills.nursery import Controller, nursery

T = TypeVar("T")
ANA = Actor("ana", "jump-1", "10.0.0.9")
USER = "drainer"
"""May cordon and evict, and nothing else: what a drain needs is known to the byte."""
DEADLINE_S = 200.0
"""For what must come true, however busy the machine is: a whole story takes 15 s on two cores, several times that
beside others. Only a failure waits so long."""
TIMEOUT_S = 300
"""Of a drill, above ``DEADLINE_S``: what did not come true is said, with the journal and the controllers' logs."""
API, HELD = "api", "held"
"""The applications: one on all machines, or the other on the last one."""


def until(wanted: Callable[[], T | None], what: str, within: float = DEADLINE_S) -> T:
    deadline = time.monotonic() + within
    while (found := wanted()) is None:
        assert time.monotonic() < deadline, f"not within {within:g} s: {what}"
        time.sleep(0.03)
    return found


PODS = 2
"""On each machine."""


class DrillScene:
    """Each ``wk-<id>-n`` carries two Ready pods of a ReplicaSet; replacements are born on ``spare-<id>``."""

    def __init__(
        self,
        bed: BedCluster,
        folder: Path,
        *,
        machines: int = 1,
        cordoned: bool = False,
        replacements_run: bool = True,
        last_is_held: bool = False,
        kubeconfig: Path | None = None,
        alertmanager: str = "",
    ) -> None:
        """``kubeconfig``: what controllers use, when it is not the plain one of ``USER``. ``last_is_held``: the last
        machine runs ``HELD``, whose budget is the test's to open. ``alertmanager``: address of the one that takes
        maintenance silences."""
        mark = uuid.uuid4().hex[:8]
        self.bed, self.api, self.folder = bed, bed.api(), folder
        self.namespace, self.spare = f"drill-{mark}", f"spare-{mark}"
        self.machines = [f"wk-{mark}-{n}" for n in range(machines)]
        self.machine = self.machines[0]
        self.kubeconfig = kubeconfig or bed.kubeconfig_for(USER)
        self._env = {**os.environ, ALERTMANAGER: alertmanager}
        self.clock = SystemClock()
        self._begun = self.clock.now()
        self.store = SqliteStore(folder / "operations.db", self.clock)
        self._controllers: list[Controller] = []
        self.api.create("/api/v1/namespaces", objects.namespace(self.namespace))
        for name in self.machines:
            self.api.create(objects.NODES, objects.node(name, unschedulable=cordoned))
        self.api.create(objects.NODES, objects.node(self.spare, kubelet=replacements_run))
        self._apps = [API] * (machines - last_is_held) + [HELD] * last_is_held
        self._run_pods()
        self.uids = self._uids()
        """Of the scene's machines and of the pods on them, as the server gave them out."""

    def _uids(self) -> dict[str, str]:
        nodes = {f"node {name}": self.node(name)["metadata"]["uid"] for name in (*self.machines, self.spare)}
        pods = [item["metadata"] for item in self.api.get(objects.pods_in(self.namespace))["items"]]
        return nodes | {f"pod {meta['namespace']}/{meta['name']}": meta["uid"] for meta in pods}

    def audited(self) -> list[witness.Event]:
        """Everything that the controllers' user has tried to change since the scene began, anywhere."""
        return witness.mutations(self.bed.audit(), user=USER, since=self._begun)

    def misdeeds(self, op_id: str) -> list[str]:
        """What the audit log holds against this operation, the only one that may change anything."""
        operation, events = self.operation(op_id), self.audited()
        intents = [effect.intended for effect in operation.effects]
        return witness.faults(events, operation.plan, self.uids) + witness.unannounced(events, intents)

    def _run_pods(self) -> None:
        path = objects.workloads_in(self.namespace, "replicasets")
        for n, (name, app) in enumerate(zip(self.machines, self._apps, strict=True)):
            labels = {"app": app, "machine": name}
            self.api.create(path, objects.replicaset(f"api-{n}", replicas=PODS, labels=labels, node=name))
        wanted = PODS * len(self.machines)
        until(lambda: len(self.ready_pods()) == wanted or None, f"{wanted} Ready pods")
        born_elsewhere = {"spec": {"template": {"spec": {"nodeName": self.spare}}}}
        for n in range(len(self.machines)):
            self.api.patch(f"{path}/api-{n}", born_elsewhere, kind="strategic")

    def budget(self, min_available: int, app: str = API) -> None:
        """Creates or changes the application's budget; returns when the API server enforces it."""
        path = objects.budgets_in(self.namespace)
        names = [item["metadata"]["name"] for item in self.api.get(path)["items"]]
        if app in names:
            self.api.patch(f"{path}/{app}", {"spec": {"minAvailable": min_available}})
        else:
            self.api.create(path, objects.pdb(app, {"app": app}, min_available=min_available))
        until(lambda: self._is_observed(app), "the budget's status")

    def _is_observed(self, app: str) -> bool | None:
        budget = self.api.get(f"{objects.budgets_in(self.namespace)}/{app}")
        status = budget.get("status", {})
        return status.get("observedGeneration") == budget["metadata"]["generation"] or None

    def ready_pods(self) -> list[str]:
        return [
            pod["metadata"]["name"]
            for pod in self.api.get(objects.pods_in(self.namespace))["items"]
            if any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))
        ]

    def pods_here(self) -> list[str]:
        items = self.api.get(objects.pods_in(self.namespace))["items"]
        return [pod["metadata"]["name"] for pod in items if pod["spec"].get("nodeName") in self.machines]

    def node(self, name: str = "") -> Any:
        return self.api.get(f"{objects.NODES}/{name or self.machine}")

    # What people do.

    def propose(self, kind: str, *, store: SqliteStore | None = None, **options: Option) -> str:
        targets = tuple(Target(name, self.node(name)["metadata"]["uid"]) for name in self.machines)
        cluster = ClusterRef(self.bed.name, self.bed.name, (str(self.kubeconfig),))
        intent = Intent(kind, cluster, targets, tuple(sorted(options.items())), "drill")
        op_id = uuid.uuid4().hex
        return (store or self.store).submit(Submission(op_id, intent, ANA, self.clock.now()), op_id)

    def ask(self, op_id: str, kind: RequestKind, *, digest: str = "", store: SqliteStore | None = None) -> None:
        (store or self.store).request(op_id, Request(kind, ANA, self.clock.now(), digest))

    def operation(self, op_id: str, *, store: SqliteStore | None = None) -> Operation:
        return fold((store or self.store).load(op_id))

    def approve(self, op_id: str, *, store: SqliteStore | None = None) -> None:
        """Waits for the plan and approves it."""
        operation = self.wait(op_id, lambda op: op.plan is not None or op.state.ended, store=store)
        assert operation.plan is not None, operation.summary
        assert not operation.plan.blocked, [check for check in operation.plan.checks if check.blocks]
        self.ask(op_id, RequestKind.APPROVE, digest=operation.plan.digest, store=store)

    def wait(self, op_id: str, wanted: Callable[[Operation], bool], *, store: SqliteStore | None = None) -> Operation:
        def look() -> Operation | None:
            operation = self.operation(op_id, store=store)
            return operation if wanted(operation) else None

        return until(look, f"the operation is as wanted: {outline(self.operation(op_id, store=store))}")

    def wait_for_why(self, op_id: str, why: str) -> Operation:
        return self.wait(op_id, lambda op: is_waiting(op, why))

    # Controllers.

    def start(self, point: KillPoint | None = None, *, folder: Path | None = None) -> Controller:
        """A controller process on the store of ``folder``; it dies at ``point``."""
        folder = folder or self.folder
        log = folder / f"controller-{len(self._controllers)}.log"
        arguments = [str(folder / "operations.db"), str(self.kubeconfig)]
        arguments.append(msgspec.json.encode(point).decode() if point else "")
        self._controllers.append(nursery().start(arguments, log=log, env=self._env))
        return self._controllers[-1]

    def logs(self) -> str:
        return "\n".join(path.read_text() for path in sorted(self.folder.rglob("controller-*.log")))

    def close(self) -> None:
        for process in self._controllers:
            if process.poll() is None:
                process.terminate()
        for process in self._controllers:
            process.wait(timeout=30)
        self.store.close()
        for path in (
            f"/api/v1/namespaces/{self.namespace}",
            *(f"{objects.NODES}/{name}" for name in (*self.machines, self.spare)),
        ):
            self.api.delete(path)


def is_waiting(operation: Operation, why: str) -> bool:
    return any(one.why == why for step in operation.steps for one in step.waiting)


def outline(operation: Operation) -> str:
    steps = [f"{s.id} {s.state} {[(w.object, w.why, w.detail) for w in s.waiting]}" for s in operation.steps]
    return "\n".join([f"{operation.op_id} {operation.state}: {operation.summary} {operation.plan_error}", *steps])
