"""The preflight catalogue on a simulated cluster: for each check a world in which it is not ok, and what it says."""

import asyncio
from collections.abc import Callable
from functools import partial

import msgspec
import pytest

from fleetui.control.facts import Facts
from fleetui.control.operation_kind import read_options
from fleetui.control.operation_run import no_etcd
from fleetui.control.preflight import CheckKind, Finding, run_checks
from fleetui.control.registry import load_registry
from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import RequestKind
from fleetui.model.labels import ZONE_LABEL
from fleetui.model.lock import Lock, take_patch
from fleetui.model.operation import Check, Headroom, Outcome, Plan, Severity
from fleetui.simulate import kubelet
from fleetui.simulate.request import Delete, Patch
from tests.control.stage import BEN, CLUSTER, Stage
from tests.control.virtual_time import run_virtual
from tests.simulate.scenes import pod_spec

Arrange = Callable[[Stage], object]


def _patch_node(stage: Stage, body: dict[str, object]) -> None:
    assert stage.scene.ask(Patch("nodes", "wk-1", body)).code == 200


def _lock(stage: Stage) -> None:
    lock = Lock("c9", "op-9", "ben@jump-2", "drain", 1, stage.clock.now() + 60)
    _patch_node(stage, msgspec.json.decode(take_patch(lock, None)))


def _silence(stage: Stage) -> None:
    stage.scene.world.plan(stage.clock.now(), 0.0, lambda world, now: kubelet.fall_silent("wk-1", world, now))


def _daemon(stage: Stage) -> None:
    stage.scene.workload("DaemonSet", "agent")


def _orphan(stage: Stage) -> None:
    owner = {"apiVersion": "apps/v1", "kind": "DaemonSet", "name": "gone", "uid": "u", "controller": True}
    manifest = {"metadata": {"name": "left", "ownerReferences": [owner]}, "spec": pod_spec(nodeName="wk-1")}
    stage.scene.create("pods", manifest)


def _two_budgets(stage: Stage) -> None:
    stage.scene.workload("ReplicaSet", "api", replicas=2)
    for name in ("one", "two"):
        stage.scene.budget(name, {"app": "api"}, minAvailable=0)


def _solo(stage: Stage) -> None:
    _patch_node(stage, {"metadata": {"labels": {"disk": "fast"}}})
    stage.scene.workload("ReplicaSet", "solo", replicas=1, nodeSelector={"disk": "fast"})


def _full(stage: Stage) -> None:
    stage.scene.workload("ReplicaSet", "big", replicas=2, cpu="5")


CASES: list[tuple[str, Arrange, Outcome, Severity, str]] = [
    (
        "clock",
        lambda s: setattr(s.trouble, "skew_s", 90.0),
        Outcome.FAIL,
        Severity.WARN,
        "the server's clock is +90.0 s",
    ),
    (
        "permissions",
        lambda s: setattr(s.trouble, "forbidden", frozenset({"create pods/eviction"})),
        Outcome.FAIL,
        Severity.BLOCK,
        "not allowed to create pods/eviction",
    ),
    (
        "api",
        lambda s: setattr(s.trouble, "dead", True),
        Outcome.UNKNOWN,
        Severity.BLOCK,
        "refused: prod: connection refused",
    ),
    ("api", lambda s: setattr(s.trouble, "hang", True), Outcome.UNKNOWN, Severity.BLOCK, "timeout: prod: no answer"),
    ("api", lambda s: setattr(s.trouble, "slow_s", 3.0), Outcome.FAIL, Severity.WARN, "v1.36.3, answers in 3000 ms"),
    ("machine", lambda s: s.scene.ask(Delete("nodes", "wk-1")), Outcome.FAIL, Severity.BLOCK, "no such node"),
    ("lock", _lock, Outcome.FAIL, Severity.BLOCK, "held by drain op-9 by ben@jump-2 (controller c9), renewed"),
    (
        "cordoned",
        lambda s: _patch_node(s, {"spec": {"unschedulable": True}}),
        Outcome.FAIL,
        Severity.INFO,
        "already cordoned by somebody outside",
    ),
    (
        "control-plane",
        lambda s: _patch_node(s, {"metadata": {"labels": {"node-role.kubernetes.io/control-plane": ""}}}),
        Outcome.FAIL,
        Severity.WARN,
        "a control-plane machine",
    ),
    ("reporting", _silence, Outcome.FAIL, Severity.WARN, "the kubelet does not report since"),
    (
        "pods",
        lambda s: s.scene.pod("naked", node="wk-1"),
        Outcome.FAIL,
        Severity.BLOCK,
        "0 to evict, 0 stay, 0 already going, 1 refused",
    ),
    (
        "naked",
        lambda s: s.scene.pod("naked", node="wk-1"),
        Outcome.FAIL,
        Severity.BLOCK,
        "nothing will bring back pay/naked",
    ),
    (
        "emptydir",
        lambda s: s.scene.workload("ReplicaSet", "c", replicas=2, volumes=[{"name": "tmp", "emptyDir": {}}]),
        Outcome.FAIL,
        Severity.BLOCK,
        "lost with pay/c-",
    ),
    ("daemons", _orphan, Outcome.FAIL, Severity.BLOCK, "their DaemonSet is gone: pay/left"),
    (
        "volumes",
        lambda s: s.scene.workload(
            "ReplicaSet", "v", replicas=2, volumes=[{"name": "d", "hostPath": {"path": "/srv"}}]
        ),
        Outcome.FAIL,
        Severity.WARN,
        "pay/v-",
    ),
    (
        "several-budgets",
        _two_budgets,
        Outcome.FAIL,
        Severity.FORCE,
        "2 budgets select it (pdb pay/one and pdb pay/two)",
    ),
    ("single", _solo, Outcome.FAIL, Severity.WARN, "the only replica: pay/solo-"),
    (
        "stuck",
        lambda s: s.scene.pod("h", node="wk-1", finalizers=["a.example/b"]),
        Outcome.FAIL,
        Severity.WARN,
        "finalizers: pay/h (a.example/b)",
    ),
    ("capacity", _full, Outcome.FAIL, Severity.FORCE, "cpu: 50 % of today's stays, 62 % is asked for"),
    ("biggest", _full, Outcome.FAIL, Severity.WARN, "pay/big-"),
]


@pytest.mark.parametrize(("check", "arrange", "outcome", "severity", "evidence"), CASES, ids=[c[0] for c in CASES])
def test_what_each_check_says(
    check: str, arrange: Arrange, outcome: Outcome, severity: Severity, evidence: str
) -> None:
    async def story() -> None:
        stage = Stage()
        arrange(stage)
        if not stage.trouble.dead and not stage.trouble.hang:
            await stage.clock.sleep(60)
        plan = await _plan(stage)
        found = next(one for one in plan.checks if one.id == check)
        assert (found.outcome, found.severity) == (outcome, severity)
        assert evidence in found.evidence
        assert found.source

    run_virtual(story())


async def _weighed(stage: Stage) -> Plan:
    await stage.clock.sleep(20)
    assert stage.names_on("wk-1")
    return await _plan(stage)


def _capacity_of(plan: Plan) -> tuple[Outcome, str]:
    return next((check.outcome, check.evidence) for check in plan.checks if check.id == "capacity")


def test_machines_whose_taints_keep_the_pods_away_are_no_room_for_them() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.node("gpu-1", cpu="64", taints=[{"key": "gpu", "value": "yes", "effect": "NoSchedule"}])
        stage.scene.workload("ReplicaSet", "big", replicas=2, cpu="5")
        plan = await _weighed(stage)
        outcome, evidence = _capacity_of(plan)
        assert outcome is Outcome.FAIL
        said = "cpu: 50 % of today's stays, 62 % is asked for, on the 1 of 2 machines that let its pods in"
        assert evidence == said
        assert (plan.blast.capacity_left_pct, plan.blast.headroom.cpu_left) == (50, 8.0)
        (room,) = [check for check in plan.checks if check.id == "biggest"]
        assert room.outcome is Outcome.FAIL

    run_virtual(story())


def test_pods_that_only_the_drained_machine_lets_in_are_named() -> None:
    async def story() -> None:
        stage = Stage()
        _solo(stage)
        outcome, evidence = _capacity_of(await _weighed(stage))
        assert outcome is Outcome.FAIL
        assert evidence.startswith(
            "no machine that stays lets 1 pods in (taints, node selectors, required node affinity)"
        )
        assert "pay/solo-" in evidence

    run_virtual(story())


def test_the_evidence_says_what_was_weighed_and_what_was_not() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        outcome, evidence = _capacity_of(await _weighed(stage))
        assert outcome is Outcome.OK
        said = "(weighed: taints, node selectors, required node affinity; not: pod affinity, spread, volumes)"
        assert evidence.endswith(said)

    run_virtual(story())


async def _plan(stage: Stage, **options: int) -> Plan:
    async with stage.controller():
        plan = (await stage.planned(stage.propose("drain", "wk-1", **options))).plan
    assert plan is not None
    return plan


def test_with_the_operators_consent_a_loss_is_a_warning() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("naked", node="wk-1")
        plan = await _plan(stage, force=True)
        naked = next(check for check in plan.checks if check.id == "naked")
        assert (naked.outcome, naked.severity) == (Outcome.FAIL, Severity.WARN)
        assert not plan.blocked

    run_virtual(story())


def test_every_check_of_a_quiet_cluster_is_ok_and_a_plain_yes_is_enough() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        _daemon(stage)
        await stage.clock.sleep(20)
        plan = await _plan(stage)
        notes = {check.id: check.severity for check in plan.checks if check.outcome is not Outcome.OK}
        assert notes == {"etcd-writes": Severity.INFO}, "nobody has configured a way to its etcd, which is only noted"
        assert plan.blast.confirm_word == ""
        assert plan.blast.capacity_left_pct == 50
        assert plan.blast.headroom == Headroom(cpu_left=8.0, cpu_needed=0.5, memory_left=32 * 2**30, memory_needed=0.0)
        assert plan.blast.pods_moved == 2

    run_virtual(story())


def test_what_moves_is_unknown_when_the_server_is_gone() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        await stage.clock.sleep(20)
        stage.trouble.dead = True
        blast = (await _plan(stage)).blast
        assert blast.pods_moved is None
        assert "moves an unknown number of pods" in blast.confirm_why

    run_virtual(story())


def test_a_shut_budget_is_said_with_the_pod_that_shuts_it_and_the_owner() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        stage.scene.pod("sick", node="wk-2", ready=False, labels={"app": "api"})
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        await stage.clock.sleep(60)
        assert stage.names_on("wk-1")
        (check,) = (check for check in (await _plan(stage)).checks if check.id == "budgets")
        assert check.evidence.startswith("pdb pay/api allows 0: needs 4, has 4 of 5 pods, not Ready: pay/sick")
        assert "owner ReplicaSet/api, pay/api-" in check.evidence
        assert check.evidence.endswith(" and 1 more would wait")

    run_virtual(story())


def test_a_cordoned_target_is_already_out_of_what_is_left() -> None:
    async def story() -> None:
        stage = Stage()
        _patch_node(stage, {"spec": {"unschedulable": True}, "metadata": {"labels": {ZONE_LABEL: "E"}}})
        plan = await _plan(stage)
        assert plan.blast.already_out == ("wk-1",)
        assert plan.blast.domains == ("rack E keeps 0 of 0 machines (1 already out)",)
        assert plan.blast.capacity_left_pct == 100
        (capacity,) = (check for check in plan.checks if check.id == "capacity")
        assert "wk-1 already out" in capacity.evidence

    run_virtual(story())


def test_another_cluster_behind_the_same_context_blocks() -> None:
    async def story() -> None:
        stage = Stage()
        checks = await _run(stage, cluster=ClusterRef("prod", "prod", uid="another"))
        assert checks["api"].blocks
        assert checks["api"].evidence.startswith("this is another cluster: kube-system has uid ")

    run_virtual(story())


def test_an_operation_on_the_same_machine_blocks_and_one_elsewhere_warns() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        stage.scene.workload("ReplicaSet", "api", replicas=6)
        stage.scene.budget("api", {"app": "api"}, minAvailable=6)
        await stage.clock.sleep(20)
        async with stage.controller():
            running = await stage.approved("drain", "wk-1")
            await stage.waiting(running, "budget")
            same = (await stage.planned(stage.propose("drain", "wk-1", by=BEN))).plan
            elsewhere = (await stage.planned(stage.propose("drain", "wk-2", by=BEN))).plan
            stage.ask(running, RequestKind.ABORT)
            await stage.ended(running)
        assert same is not None
        assert elsewhere is not None
        (clash,) = [check for check in same.checks if check.id == "others"]
        (beside,) = [check for check in elsewhere.checks if check.id == "others"]
        assert (clash.blocks, clash.evidence) == (True, f"already being worked on: drain {running} by ana@jump-1")
        assert (beside.severity, beside.evidence) == (
            Severity.WARN,
            "elsewhere in this cluster: drain of 1 by ana@jump-1",
        )

    run_virtual(story())


def test_several_machines_and_their_zone_ask_for_the_word() -> None:
    async def story() -> None:
        stage = Stage(machines=("a1", "a2", "b1"))
        for name in ("a1", "a2", "b1"):
            zone = {"metadata": {"labels": {"topology.kubernetes.io/zone": name[0]}}}
            stage.scene.ask(Patch("nodes", name, zone))
        async with stage.controller():
            plan = (await stage.planned(stage.propose("drain", "a1", "a2"))).plan
        assert plan is not None
        assert plan.blast.domains == ("rack a keeps 0 of 2 machines",)
        assert (plan.blast.confirm_word, plan.blast.confirm_why) == ("prod", "2 machines")

    run_virtual(story())


@pytest.mark.parametrize(
    ("kind", "environment", "word"),
    [("drain", "prod", "east"), ("drain", "Production", "east"), ("drain", "stage", ""), ("cordon", "prod", "")],
)
def test_production_asks_for_the_word_where_pods_end(kind: str, environment: str, word: str) -> None:
    async def story() -> None:
        stage = Stage()
        cluster = ClusterRef("east", "east", environment=environment)
        async with stage.controller():
            plan = (await stage.planned(stage.propose(kind, "wk-1", cluster=cluster))).plan
        assert plan is not None
        assert (plan.blast.confirm_word, plan.blast.confirm_why) == (word, "production" if word else "")

    run_virtual(story())


def test_a_check_that_breaks_is_unknown_and_takes_no_other_with_it() -> None:
    async def broken(_facts: Facts, _target: object) -> Finding:
        raise KeyError("status")

    async def story() -> None:
        stage = Stage()
        fine = next(check for check in load_registry()["drain"].checks if check.id == "machine")
        checks = await _run(stage, kinds=(CheckKind("x", "x", Severity.BLOCK, "GET {name}", broken), fine))
        assert (checks["x"].outcome, checks["x"].source) == (Outcome.UNKNOWN, "GET wk-1")
        assert checks["x"].evidence == "the check itself failed: KeyError: 'status'"
        assert checks["x"].blocks
        assert checks["machine"].outcome is Outcome.OK

    run_virtual(story())


def test_a_check_without_an_answer_is_unknown_after_its_time() -> None:
    async def endless(_facts: Facts, _target: object) -> Finding:
        await asyncio.sleep(1e9)
        raise AssertionError

    async def story() -> None:
        stage = Stage()
        checks = await _run(stage, kinds=(CheckKind("x", "x", Severity.WARN, "GET x", endless),))
        assert (checks["x"].outcome, checks["x"].evidence) == (Outcome.UNKNOWN, "no answer within 5 s")

    run_virtual(story())


async def _run(
    stage: Stage, *, cluster: ClusterRef = CLUSTER, kinds: tuple[CheckKind, ...] | None = None
) -> dict[str, Check]:
    kind = load_registry()["drain"]
    op_id = stage.propose("drain", "wk-1")
    intent = msgspec.structs.replace(stage.operation(op_id).intent, cluster=cluster)
    target = stage.engine_target()
    facts = Facts(
        target,
        intent,
        options=read_options(kind, ()),
        clock=stage.clock,
        op_id="op",
        fence=1,
        open_etcd=partial(no_etcd, cluster),
    )
    async with facts:
        checks = await run_checks(kinds or kind.checks, facts, intent.targets, limit_s=5.0)
    return {check.id: check for check in checks}
