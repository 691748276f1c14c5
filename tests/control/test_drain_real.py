"""Plans and drains against a real API server with Running and Ready pods: the rules meet what they imitate."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fleetui.clients.kube.connect import Connector
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.control.engine import Engine
from fleetui.control.memory_store import MemoryStore
from fleetui.control.registry import load_registry
from fleetui.control.timing import Timing
from fleetui.model.budget import rehearse
from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import Request, RequestKind, Submission, Waiting
from fleetui.model.ledger import Operation, fold
from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION
from fleetui.model.operation import Actor, Check, Intent, OpState, Option, Plan, Target
from fleetui.ports.target import TargetCluster
from tests.bed import objects
from tests.bed.cluster import BedCluster

pytestmark = pytest.mark.bed

ANA = Actor("ana", "jump-1")
PATIENCE_S = 60.0
"""Of a busy machine; an idle one needs seconds."""


class Site:
    """Machines and pods of one test on the shared cluster."""

    def __init__(self, bed: BedCluster, namespace: str, *, user: str = "admin", kubelet: bool = True) -> None:
        self.bed, self.api, self.namespace, self.user = bed, bed.api(), namespace, user
        self.machine, self.spare = f"{namespace}-a", f"{namespace}-b"
        self.clock = SystemClock()
        self.store = MemoryStore(self.clock)
        self._connector = Connector((bed.kubeconfig_for(user),), clock=self.clock, chance=SystemChance())
        for name in (self.machine, self.spare):
            self.api.create(
                objects.NODES, objects.node(name, labels={"topology.kubernetes.io/zone": name}, kubelet=kubelet)
            )

    async def target(self) -> TargetCluster:
        return self._connector.open_target(ClusterRef(self.bed.name, self.bed.name))

    def pod(self, name: str, **options: Any) -> Any:
        created = objects.pod(name, node=self.machine, **options)
        return self.api.create(objects.pods_in(self.namespace), created)

    async def workload(self, name: str = "api", *, replicas: int = 1, **options: Any) -> list[str]:
        """A ReplicaSet with Ready pods on the machine, whose replacements are born elsewhere; the pods' names."""
        path = objects.workloads_in(self.namespace, "replicasets")
        made = objects.replicaset(name, replicas=replicas, node=self.machine)
        made["spec"]["template"]["spec"] = objects.pod(name, node=self.machine, **options)["spec"]
        if finalizers := options.get("finalizers"):
            made["spec"]["template"]["metadata"]["finalizers"] = list(finalizers)
        self.api.create(path, made)
        pods = await self.until(lambda: len(found := self._pods_of(name)) == replicas and found, f"pods of {name}")
        self.api.patch(f"{path}/{name}", {"spec": {"template": {"spec": {"nodeName": self.spare}}}}, kind="strategic")
        return [pod["metadata"]["name"] for pod in pods]

    async def daemon(self) -> str:
        """The pod of a DaemonSet for this machine alone; nothing schedules here, so it is bound by hand."""
        made = objects.daemonset("agent")
        made["spec"]["template"]["spec"]["nodeSelector"] = {"kubernetes.io/hostname": self.machine}
        self.api.create(objects.workloads_in(self.namespace, "daemonsets"), made)
        (pod,) = await self.until(lambda: self._pods_of("agent"), "the DaemonSet's pod")
        name: str = pod["metadata"]["name"]
        binding = {"metadata": {"name": name}, "target": {"kind": "Node", "name": self.machine}}
        self.api.create(f"{objects.pods_in(self.namespace)}/{name}/binding", binding)
        return name

    def set_ready(self, name: str, ready: bool) -> None:
        """The pod runs, and its readiness is this."""
        condition = {"type": "Ready", "status": str(ready), "lastTransitionTime": "2026-01-01T00:00:00Z"}
        status = {"status": {"phase": "Running", "conditions": [condition]}}
        self.api.patch(f"{objects.pods_in(self.namespace)}/{name}/status", status, kind="strategic")

    def _pods_of(self, name: str) -> list[Any]:
        items = self.api.get(objects.pods_in(self.namespace))["items"]
        return [pod for pod in items if any(o["name"] == name for o in pod["metadata"].get("ownerReferences", []))]

    def replace_machine(self) -> Any:
        """Deleted and made again at once, with its annotations and its cordon: as it is after that."""
        old = self.api.get(f"{objects.NODES}/{self.machine}")
        meta = {key: old["metadata"][key] for key in ("name", "labels", "annotations")}
        self.api.delete(f"{objects.NODES}/{self.machine}")
        return self.api.create(objects.NODES, {**old, "metadata": meta})

    def budget(self, name: str, match: dict[str, str], **options: Any) -> None:
        self.api.create(objects.budgets_in(self.namespace), objects.pdb(name, match, **options))

    async def until(self, wanted: Callable[[], Any], what: str) -> Any:
        deadline = self.clock.monotonic() + PATIENCE_S
        while not (found := wanted()):
            assert self.clock.monotonic() < deadline, f"not within {PATIENCE_S:g} s: {what}\n{self._state()}"
            await asyncio.sleep(0.05)
        return found

    def _state(self) -> str:
        """For failure messages."""
        steps = self.operation().steps if self.store.list_ids() else ()
        said = [f"{s.id} {s.state} {s.summary} {[(w.object, w.why, w.detail) for w in s.waiting]}" for s in steps]
        return "\n".join([*said, str(self.here())])

    async def running(self, count: int) -> None:
        """Until so many pods are Ready and every budget knows of them."""
        await self.until(lambda: self._ready() == count, f"{count} Ready pods")
        await self.until(self._budgets_know, "budgets observed")

    def _ready(self) -> int:
        items = self.api.get(objects.pods_in(self.namespace))["items"]
        return sum(map(_is_ready, items))

    def _budgets_know(self) -> bool:
        items = self.api.get(objects.budgets_in(self.namespace))["items"]
        pods = self.api.get(objects.pods_in(self.namespace))["items"]
        for item in items:
            match = item["spec"]["selector"]["matchLabels"].items()
            ours = [pod for pod in pods if match <= pod["metadata"].get("labels", {}).items()]
            status = item.get("status", {})
            known = (status.get("expectedPods"), status.get("currentHealthy"))
            if known != (len(ours), sum(map(_is_ready, ours))):
                return False
        return True

    def here(self) -> set[str]:
        items = self.api.get(objects.pods_in(self.namespace))["items"]
        return {pod["metadata"]["name"] for pod in items if pod["spec"].get("nodeName") == self.machine}

    @asynccontextmanager
    async def controller(self) -> AsyncIterator[None]:
        async def connect(_ref: ClusterRef) -> TargetCluster:
            return await self.target()

        engine = Engine(
            self.store,
            holder="c1",
            registry=load_registry(),
            connect=connect,
            clock=self.clock,
            chance=SystemChance(),
            timing=Timing(scan_s=0.05, poll_s=0.1, evict_retry_s=0.3, evict_retry_max_s=0.6),
        )
        task = asyncio.create_task(engine.run())
        try:
            yield
        finally:
            engine.stop()
            await task
            await self._connector.close()

    def propose(self, **options: Option) -> str:
        uid = self.api.get(f"{objects.NODES}/{self.machine}")["metadata"]["uid"]
        cluster = ClusterRef(self.bed.name, self.bed.name)
        intent = Intent("drain", cluster, (Target(self.machine, uid),), tuple(sorted(options.items())), "test")
        return self.store.submit(Submission(self.machine, intent, ANA, self.clock.now()), self.machine)

    def operation(self) -> Operation:
        return fold(self.store.load(self.machine))

    async def planned(self, **options: Option) -> Plan:
        self.propose(**options)
        operation = await self.until(lambda: (op := self.operation()).plan and op, "a plan")
        plan: Plan = operation.plan
        return plan

    async def drained(self, **options: Option) -> Operation:
        await self.started(**options)
        return await self.ended()

    async def started(self, **options: Option) -> None:
        plan = await self.planned(**options)
        assert not plan.blocked, [check for check in plan.checks if check.blocks]
        self.store.request(self.machine, Request(RequestKind.APPROVE, ANA, self.clock.now(), plan.digest))

    async def ended(self) -> Operation:
        operation: Operation = await self.until(lambda: (op := self.operation()).state.ended and op, "the end")
        return operation

    async def waiting(self, why: str) -> Waiting:
        def look() -> Waiting | None:
            return next((w for s in self.operation().steps for w in s.waiting if w.why == why), None)

        found: Waiting = await self.until(look, f"waiting for {why}")
        return found


@pytest.fixture
def site(bed_cluster: BedCluster, bed_namespace: str) -> Site:
    return Site(bed_cluster, bed_namespace)


def _is_ready(pod: Any) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"].get("conditions", []))


def _check(plan: Plan, name: str) -> Check:
    return next(check for check in plan.checks if check.id == name)


async def test_every_check_of_a_harmless_drain_is_ok(site: Site) -> None:
    await site.workload(replicas=2)
    site.budget("api", {"app": "api"}, min_available=1)
    await site.running(2)
    async with site.controller():
        plan = await site.planned()
    troubled = {check.id for check in plan.checks if check.outcome != "ok"}
    assert troubled == {"domains", "etcd-writes"}  # the only machine of its zone; nobody configured a way to its etcd
    assert not any(check.blocks or check.needs_word for check in plan.checks)
    assert _check(plan, "domains").evidence == f"{site.machine} keeps 0 of 1"
    assert (
        _check(plan, "budgets").evidence
        == "pods that may go at once 1, that wait for replacements of others 1, without budget 0"
    )
    assert plan.blast.pods_moved == 2


async def test_pods_that_would_lose_something_block_until_it_is_accepted(site: Site) -> None:
    site.pod("naked")
    (scratch,) = await site.workload(volumes=[objects.empty_dir()])
    agent = await site.daemon()
    site.pod("static", mirror=True)
    await site.running(4)
    async with site.controller():
        plan = await site.planned()
    assert {check.id for check in plan.checks if check.blocks} == {"pods", "naked", "emptydir"}
    actions = {pod.name: pod.action for step in plan.steps for pod in step.pods}
    assert actions == {"naked": "refuse", scratch: "refuse", agent: "skip", "static": "skip"}


async def test_what_was_accepted_goes_and_what_belongs_to_the_machine_stays(site: Site) -> None:
    site.pod("naked")
    await site.workload(volumes=[objects.empty_dir()])
    agent = await site.daemon()
    site.pod("static", mirror=True)
    await site.running(4)
    async with site.controller():
        operation = await site.drained(force=True, delete_emptydir_data=True, grace_s=1)
    assert (operation.state, operation.summary) == (OpState.DONE, "drain of 1 done")
    assert site.here() == {agent, "static"}
    assert operation.steps[2].summary == "every moved workload is whole again"


async def test_two_budgets_on_a_pod_are_said_by_the_server_and_by_us(site: Site) -> None:
    await site.workload()
    site.budget("one", {"app": "api"}, min_available=0)
    site.budget("two", {"app": "api"}, min_available=0)
    await site.running(1)
    async with site.controller():
        await site.started(settle_s=0)
        plan = site.operation().plan
        assert plan is not None
        assert "2 budgets select it" in _check(plan, "several-budgets").evidence
        assert "500" in _check(plan, "dry-run").evidence
        waiting = await site.waiting("misconfigured")
        assert f"{site.namespace}/one" in waiting.remedy
        site.api.delete(f"{objects.budgets_in(site.namespace)}/two")
        assert (await site.ended()).state is OpState.DONE


async def test_a_finalizer_is_named_until_its_owner_lets_go(bed_cluster: BedCluster, bed_namespace: str) -> None:
    site = Site(bed_cluster, bed_namespace, kubelet=False)  # the bed's kubelets remove finalizers themselves
    (name,) = await site.workload(finalizers=["example.com/backup"], grace=1)
    site.set_ready(name, True)
    async with site.controller():
        await site.started(settle_s=0)
        waiting = await site.waiting("finalizer")
        assert (waiting.object, waiting.detail) == (f"pod {site.namespace}/{name}", "finalizers example.com/backup")
        path = f"{objects.pods_in(site.namespace)}/{name}"
        site.api.patch(path, {"metadata": {"finalizers": None}})
        site.api.delete(path, {"gracePeriodSeconds": 0})  # as the kubelet says once the containers have ended
        assert (await site.ended()).state is OpState.DONE


@pytest.mark.parametrize("then", ["eviction", "undo"])
async def test_another_machine_with_everything_that_the_old_one_said_is_not_touched(
    bed_cluster: BedCluster, bed_namespace: str, then: str
) -> None:
    """As after ``kubectl replace --force``: the pods run on, and the server takes changes that name the new uid."""
    site = Site(bed_cluster, bed_namespace, kubelet=False)  # the bed's kubelets take away the pods of a deleted node
    (name,) = await site.workload(grace=1)
    site.set_ready(name, True)
    site.budget("api", {"app": "api"}, min_available=1)
    await site.running(1)
    async with site.controller():
        await site.started(settle_s=0)
        await site.waiting("budget")
        new = site.replace_machine()
        if then == "eviction":
            site.api.delete(f"{objects.budgets_in(site.namespace)}/api")
        else:
            site.store.request(site.machine, Request(RequestKind.ABORT, ANA, site.clock.now()))
        operation = await site.ended()
    said = f"another machine is called {site.machine} now (uid {new['metadata']['uid']})"
    assert operation.state is (OpState.FAILED if then == "eviction" else OpState.ABORTED)
    assert operation.summary.endswith((f"nothing to give back: {said}", f"(nothing to give back: {said})"))
    found = site.api.get(f"{objects.NODES}/{site.machine}")
    before, after = new["metadata"]["annotations"], found["metadata"]["annotations"]
    marks = (LOCK_ANNOTATION, CORDON_ANNOTATION)
    assert [after.get(mark) for mark in marks] == [before[mark] for mark in marks]
    assert found["spec"]["unschedulable"]
    pod = site.api.get(f"{objects.pods_in(site.namespace)}/{name}")
    assert "deletionTimestamp" not in pod["metadata"]


async def test_what_we_may_not_do_is_known_before(bed_cluster: BedCluster, bed_namespace: str) -> None:
    site = Site(bed_cluster, bed_namespace, user="viewer")
    async with site.controller():
        plan = await site.planned()
    permissions = _check(plan, "permissions")
    assert permissions.blocks
    assert permissions.evidence == "not allowed to patch nodes, create pods/eviction"


@pytest.mark.parametrize(
    ("options", "ready", "lets_go"),
    [
        ({"min_available": 0}, True, True),
        ({"min_available": 1}, True, True),
        ({"min_available": 2}, True, False),
        ({"max_unavailable": 0}, True, False),
        ({"max_unavailable": 1}, True, True),
        ({"min_available": "50%"}, True, True),
        ({"min_available": 2}, False, False),
        ({"min_available": 1}, False, True),
        ({"min_available": 2, "unhealthy": "AlwaysAllow"}, False, True),
    ],
)
async def test_our_arithmetic_says_what_the_server_says(
    site: Site, options: dict[str, Any], ready: bool, lets_go: bool
) -> None:
    name, _ = await site.workload(replicas=2)
    await site.running(2)
    if not ready:
        site.set_ready(name, False)
    site.budget("api", {"app": "api"}, **options)
    await site.running(2 if ready else 1)
    target = await site.target()
    pod = await target.pod(site.namespace, name)
    assert pod is not None
    assert pod.ready is ready
    (verdict,) = rehearse([pod], await target.budgets(site.namespace))
    answer = await target.evict(site.namespace, name, uid=pod.uid, grace_s=None, dry_run=True)
    await target.close()
    assert (not verdict.blocks, answer.code == 201) == (lets_go, lets_go)
