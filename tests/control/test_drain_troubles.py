"""What goes wrong during a drain, on a simulated cluster and virtual time: each trouble is named, none is forced."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from fleetui.control.memory_store import MemoryStore
from fleetui.model.drain import PodState
from fleetui.model.journal import EffectIntended, Record, RequestKind, StepWaiting, Stored, Waiting
from fleetui.model.ledger import Operation
from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION, Lock, read_lock, renew_patch, take_patch
from fleetui.model.operation import OpState
from fleetui.model.step_progress import StepState
from fleetui.ports.store import Changes
from fleetui.ports.target import PatchAnswer
from fleetui.simulate import kubelet
from fleetui.simulate.request import Delete, Patch
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual


async def _api_on(stage: Stage, *, replicas: int = 4, **spec: object) -> set[str]:
    stage.scene.workload("ReplicaSet", "api", replicas=replicas, **spec)
    await stage.clock.sleep(20)
    on_first = stage.names_on("wk-1")
    assert on_first
    return on_first


def _waiting(operation: Operation, why: str) -> Waiting:
    return next(one for step in operation.steps for one in step.waiting if one.why == why)


def test_the_workload_that_a_person_would_scale_is_named() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("Deployment", "api", replicas=4)
        await stage.clock.sleep(20)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            waiting = _waiting(await stage.waiting(op_id, "budget"), "budget")
        assert waiting.owner == "Deployment/api"
        assert waiting.remedy.startswith("it can never open with 4 pods: scale Deployment/api up to 5")

    run_virtual(story())


def test_the_pods_that_a_budget_waits_for_are_named() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("Deployment", "api", replicas=4)
        await stage.clock.sleep(20)
        stage.scene.budget("api", {"app": "api"}, minAvailable=3)
        sick = min(stage.names_on("wk-2"))
        stage.scene.world.plan(
            stage.clock.now(),
            0.0,
            lambda state, now: kubelet.set_ready(state, state.all("pods")["pay", sick], False, now),
        )
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            waiting = _waiting(await stage.waiting(op_id, "budget"), "budget")
        assert waiting.remedy == f"1 more pod of Deployment/api must become ready (1 is not: {sick})"

    run_virtual(story())


def test_a_budget_that_blocks_is_named_and_the_drain_goes_on_when_it_opens() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            waiting = _waiting(await stage.waiting(op_id, "budget"), "budget")
            assert waiting.detail == "pdb pay/api allows 0: needs 4, has 4 of 4 pods"
            assert waiting.owner == "ReplicaSet/api"
            assert waiting.remedy == (
                "it can never open with 4 pods: scale ReplicaSet/api up to 5, or lower what pdb pay/api asks for"
            )
            await stage.clock.sleep(600)
            refused = len(stage.evictions(429))
            stage.now()
            stage.scene.ask(Patch("poddisruptionbudgets", "api", {"spec": {"minAvailable": 3}}, "pay"))
            opened = stage.clock.now()
            operation = await stage.ended(op_id)
        assert operation.state is OpState.DONE
        # Two pods, ten minutes, first pause 5 s growing to 30 s: about twenty tries each, never a hammering.
        assert 20 <= refused <= 60
        assert operation.ended is not None
        assert operation.ended - opened < 60
        # Ten minutes of waiting are not six hundred records: the journal tells changes.
        assert sum(isinstance(record, StepWaiting) for record in stage.records(op_id)) < 20

    run_virtual(story())


def test_the_plan_shows_the_budget_by_arithmetic_and_by_dry_run() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            plan = (await stage.planned(stage.propose("drain", "wk-1"))).plan
        assert plan is not None
        needing = {check.id: check for check in plan.checks if check.needs_word}
        assert set(needing) == {"budgets", "dry-run"}
        assert "pdb pay/api allows 0" in needing["budgets"].evidence
        assert "429" in needing["dry-run"].evidence
        assert plan.blast.budgets_at_limit == ("pay/api",)
        assert plan.blast.confirm_word == "prod"
        assert not plan.blocked

    run_virtual(story())


def test_two_budgets_on_a_pod_are_not_tried_again_until_one_is_gone() -> None:
    async def story() -> None:
        stage = Stage()
        moved = await _api_on(stage, replicas=2)
        stage.scene.budget("one", {"app": "api"}, minAvailable=0)
        stage.scene.budget("two", {"app": "api"}, minAvailable=0)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            waiting = _waiting(await stage.waiting(op_id, "misconfigured"), "misconfigured")
            assert waiting.remedy == "change a selector, or delete one: pay/one, pay/two"
            await stage.clock.sleep(1_800)
            assert len(stage.evictions(500)) == len(moved)
            stage.now()
            stage.scene.ask(Delete("poddisruptionbudgets", "two", "pay"))
            assert (await stage.ended(op_id)).state is OpState.DONE

    run_virtual(story())


def test_a_finalizer_that_holds_a_pod_is_named() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("db", node="wk-1", finalizers=["backup.example.com/hold"])
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", force=True)
            waiting = _waiting(await stage.waiting(op_id, "finalizer"), "finalizer")
            assert waiting.detail == "finalizers backup.example.com/hold"
            stage.now()
            stage.scene.ask(Patch("pods", "db", {"metadata": {"finalizers": None}}, "pay"))
            assert (await stage.ended(op_id)).state is OpState.DONE

    run_virtual(story())


@pytest.mark.parametrize(("skip", "state"), [(0, OpState.FAILED), (60, OpState.DONE)])
def test_a_silent_kubelet_is_named_and_waited_for_unless_told_not_to(skip: int, state: OpState) -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.world.plan(stage.clock.now(), 0.0, lambda world, now: kubelet.fall_silent("wk-1", world, now))
        await stage.clock.sleep(60)
        stage.now()
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", timeout_s=600, settle_s=0, skip_wait_unreachable_s=skip)
            waiting = _waiting(await stage.waiting(op_id, "unreachable"), "unreachable")
            assert waiting.detail.startswith("the kubelet of wk-1 does not report: ")
            operation = await stage.ended(op_id)
        assert operation.state is state

    run_virtual(story())


def test_a_pod_that_comes_during_the_drain_is_said_and_never_touched() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage, replicas=2)
        stage.scene.budget("api", {"app": "api"}, minAvailable=2)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
            stage.now()
            stage.scene.pod("late", node="wk-1")
            waiting = _waiting(await stage.waiting(op_id, "pod outside the plan"), "pod outside the plan")
            assert waiting.object == "pod pay/late"
            assert waiting.detail == "it came to wk-1 after the plan was made and is not touched"
            stage.now()
            stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
            await stage.clock.sleep(300)
            assert stage.names_on("wk-1") == {"late"}
            stage.scene.ask(Delete("pods", "late", "pay"))
            assert (await stage.ended(op_id)).state is OpState.DONE
        assert "late" not in stage.evictions()

    run_virtual(story())


@pytest.mark.parametrize(("uncordon", "state"), [(False, OpState.FAILED), (True, OpState.ROLLED_BACK)])
def test_when_the_time_is_up_the_lock_goes_and_the_cordon_as_wanted(uncordon: bool, state: OpState) -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", timeout_s=120, uncordon_on_failure=uncordon)
            operation = await stage.ended(op_id)
        assert operation.state is state
        assert "not empty after 120 s, still there: pod pay/api-" in operation.summary
        assert operation.ended is not None
        assert operation.started is not None
        assert 120 <= operation.ended - operation.started < 140
        assert operation.steps[-1].title == ("wk-1 given back" if uncordon else "wk-1 unlocked")
        node = stage.node("wk-1")
        assert node.unschedulable is not uncordon
        assert read_lock(node) is None

    run_virtual(story())


def test_a_failure_starts_no_further_machine_and_gives_the_waiting_ones_back() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        await _api_on(stage, replicas=6)
        stage.scene.budget("api", {"app": "api"}, minAvailable=6)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", timeout_s=20)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "wk-2: not begun, since another machine failed (wk-2 uncordoned)" in operation.summary
        assert stage.node("wk-1").unschedulable
        assert not stage.node("wk-2").unschedulable
        assert [read_lock(stage.node(name)) for name in ("wk-1", "wk-2")] == [None, None]

    run_virtual(story())


# Locks.


def test_two_operators_with_two_stores_the_second_is_refused_in_the_plan_and_at_run_time() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        theirs = MemoryStore(stage.clock)
        async with stage.controller("c1"), stage.controller("c2", store=theirs):
            early = stage.propose("drain", "wk-1", store=theirs)
            early_plan = (await stage.planned(early, store=theirs)).plan
            assert early_plan is not None
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")

            late = stage.propose("drain", "wk-1", store=theirs)
            late_plan = (await stage.planned(late, store=theirs)).plan
            assert late_plan is not None
            (lock,) = [check for check in late_plan.checks if check.id == "lock"]
            assert lock.blocks
            assert f"held by drain {op_id} by ana@jump-1 (controller c1)" in lock.evidence

            stage.ask(early, RequestKind.APPROVE, digest=early_plan.digest, store=theirs)
            refused = await stage.ended(early, store=theirs)
            assert refused.state is OpState.FAILED
            assert f"held by drain {op_id} by ana@jump-1" in refused.summary
            lock_now = read_lock(stage.node("wk-1"))
            assert isinstance(lock_now, Lock)
            assert lock_now.op == op_id

    run_virtual(story())


def _steal(stage: Stage) -> None:
    """As another operator's controller would, after our lock has lapsed."""
    foreign = Lock("c9", "op-9", "ben@jump-2", "drain", 1, stage.clock.now() + 1e6)
    stage.now()
    assert stage.scene.ask(Patch("nodes", "wk-1", _document(renew_patch(foreign)))).code == 200


def _document(patch: bytes) -> dict[str, object]:
    decoded: dict[str, object] = msgspec.json.decode(patch)
    return decoded


def test_a_lost_lock_stops_the_drain_and_nothing_more_is_written_there() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
            _steal(stage)
            stolen = stage.node("wk-1").annotations
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "held by drain op-9 by ben@jump-2" in operation.summary
        assert [step.kind for step in operation.steps if step.kind == "undo"] == []
        assert stage.node("wk-1").annotations == stolen
        assert stage.node("wk-1").unschedulable

    run_virtual(story())


def test_a_machine_that_was_lost_is_not_called_rolled_back() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", uncordon_on_failure=True)
            await stage.waiting(op_id, "budget")
            _steal(stage)
            operation = await stage.ended(op_id)
        assert stage.node("wk-1").unschedulable
        assert operation.state is OpState.FAILED
        assert "(wk-1 not given back: it is not ours any more)" in operation.summary

    run_virtual(story())


class NoGivingBack(WatchedTarget):
    """A server that lets nodes be cordoned, not uncordoned."""

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        if _document(patch).get("spec") == {"unschedulable": None}:
            return PatchAnswer(403, "policy: who cordons, waits")
        return await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)


def test_a_machine_that_could_not_be_given_back_is_not_called_rolled_back() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        engine = stage.engine(target=NoGivingBack(stage.host, stage.log))
        work = asyncio.create_task(engine.run())
        operation = await stage.ended(await stage.approved("drain", "wk-1", timeout_s=60, uncordon_on_failure=True))
        engine.stop()
        await work
        assert stage.node("wk-1").unschedulable
        assert operation.state is OpState.FAILED
        assert "wk-1 could not be given back: the API server refused" in operation.summary
        assert "policy: who cordons, waits" in operation.summary

    run_virtual(story())


def test_an_abort_that_leaves_a_cordon_behind_has_failed_and_says_what_to_do() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        engine = stage.engine(target=NoGivingBack(stage.host, stage.log))
        work = asyncio.create_task(engine.run())
        op_id = await stage.approved("drain", "wk-1")
        await stage.waiting(op_id, "budget")
        stage.ask(op_id, RequestKind.ABORT)
        operation = await stage.ended(op_id)
        engine.stop()
        await work
        assert stage.node("wk-1").unschedulable
        assert operation.state is OpState.FAILED
        undo = operation.steps[-1]
        assert (undo.id, undo.state) == ("undo/wk-1", StepState.FAILED)
        (reason,) = undo.waiting
        assert reason.detail.startswith("wk-1 could not be given back: the API server refused to change the node: 403")
        assert reason.remedy == "see to what refused it; then lift our cordon: fleetui run uncordon wk-1 --cluster prod"
        assert operation.summary.endswith("then lift our cordon: fleetui run uncordon wk-1 --cluster prod")

    run_virtual(story())


def test_an_abort_has_nothing_to_give_back_of_a_machine_that_is_gone() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller("c1"):
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
        stage.now()
        stage.scene.ask(Delete("nodes", "wk-1"))
        stage.ask(op_id, RequestKind.ABORT)
        async with stage.controller("c2"):
            operation = await stage.ended(op_id)
        assert operation.state is OpState.ABORTED
        assert operation.summary == "nothing to give back: wk-1 is not in the cluster any more"

    run_virtual(story())


def test_a_failure_after_a_finished_machine_is_not_called_rolled_back() -> None:
    async def story() -> None:
        stage = await _second_blocked()
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", force=True, timeout_s=120, uncordon_on_failure=True)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "(wk-2 uncordoned)" in operation.summary
        assert operation.summary.endswith("wk-1: was finished and stays so")
        assert [stage.node(name).unschedulable for name in ("wk-1", "wk-2")] == [True, False]

    run_virtual(story())


def test_an_abort_keeps_what_is_finished_and_gives_back_the_rest() -> None:
    async def story() -> None:
        stage = await _second_blocked()
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", force=True)
            await stage.waiting(op_id, "budget")
            assert stage.names_on("wk-1") == set()
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.ABORTED
        assert operation.summary == "wk-1 was finished and stays so; wk-2 uncordoned"
        assert [stage.node(name).unschedulable for name in ("wk-1", "wk-2")] == [True, False]
        assert [read_lock(stage.node(name)) for name in ("wk-1", "wk-2")] == [None, None]

    run_virtual(story())


async def _second_blocked() -> Stage:
    """wk-1 is empty; a pod on wk-2 may not be evicted."""
    stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
    stage.scene.pod("db", node="wk-2", labels={"app": "db"})
    stage.scene.budget("db", {"app": "db"}, minAvailable=1)
    await stage.clock.sleep(20)
    return stage


def test_an_abort_leaves_a_machine_alone_that_somebody_else_holds() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller("c1"):
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
        _steal(stage)
        stolen = stage.node("wk-1").annotations
        stage.ask(op_id, RequestKind.ABORT)
        async with stage.controller("c2"):
            operation = await stage.ended(op_id)
        assert operation.state is OpState.ABORTED
        assert operation.summary.startswith("wk-1 left as it is: held by drain op-9")
        assert stage.node("wk-1").annotations == stolen
        assert stage.node("wk-1").unschedulable

    run_virtual(story())


class Meddled(WatchedTarget):
    """Somebody changes the node just before our first PATCH arrives."""

    def __init__(self, stage: Stage, meddle: Callable[[Stage], None]) -> None:
        super().__init__(stage.host, stage.log)
        self._stage, self._meddle = stage, meddle

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        meddle, self._meddle = self._meddle, lambda _stage: None
        meddle(self._stage)
        return await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)


def _relabel(stage: Stage) -> None:
    stage.now()
    assert stage.scene.ask(Patch("nodes", "wk-1", {"metadata": {"labels": {"a": "b"}}})).code == 200


@pytest.mark.parametrize(
    ("meddle", "state", "said"),
    [(_steal, OpState.FAILED, "held by drain op-9 by ben@jump-2"), (_relabel, OpState.DONE, "drain of 1 done")],
)
def test_a_node_that_changed_under_our_hands_is_read_and_judged_again(
    meddle: Callable[[Stage], None], state: OpState, said: str
) -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        engine = stage.engine(target=Meddled(stage, meddle))
        work = asyncio.create_task(engine.run())
        operation = await stage.ended(await stage.approved("drain", "wk-1"))
        engine.stop()
        await work
        assert operation.state is state
        assert said in operation.summary
        assert stage.log[0][3] == 409

    run_virtual(story())


class SlowToShow(WatchedTarget):
    """Reads that lag behind: an accepted eviction is not seen on the pod yet."""

    async def pods_on(self, node: str) -> tuple[PodState, ...]:
        pods = await super().pods_on(node)
        return tuple(msgspec.structs.replace(pod, deleting_since=None, deletes_at=None) for pod in pods)


def test_an_accepted_eviction_is_not_repeated_even_when_it_cannot_be_seen_yet() -> None:
    async def story() -> None:
        stage = Stage()
        moved = await _api_on(stage)
        engine = stage.engine(target=SlowToShow(stage.host, stage.log))
        work = asyncio.create_task(engine.run())
        await stage.ended(await stage.approved("drain", "wk-1"))
        engine.stop()
        await work
        assert sorted(stage.evictions()) == sorted(moved)

    run_virtual(story())


@pytest.mark.parametrize("text", ["{broken", '{"another": "tool"}'])
def test_a_lock_that_cannot_be_read_refuses_with_the_remedy(text: str) -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.ask(Patch("nodes", "wk-1", {"metadata": {"annotations": {LOCK_ANNOTATION: text}}}))
        async with stage.controller():
            plan = (await stage.planned(stage.propose("drain", "wk-1"))).plan
        assert plan is not None
        (lock,) = [check for check in plan.checks if check.id == "lock"]
        assert lock.blocks
        assert lock.remedy.endswith(f"kubectl annotate node wk-1 {LOCK_ANNOTATION}-")

    run_virtual(story())


def test_a_lock_left_behind_by_a_dead_controller_is_taken_over_after_its_time() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        dead = Lock("c9", "op-9", "ben@jump-2", "drain", 1, stage.clock.now() + 60)
        stage.scene.ask(Patch("nodes", "wk-1", _document(take_patch(dead, None))))
        async with stage.controller():
            first = (await stage.planned(stage.propose("drain", "wk-1"))).plan
            assert first is not None
            assert first.blocked
            await stage.clock.sleep(121)
            op_id = await stage.approved("drain", "wk-1")
            assert (await stage.ended(op_id)).state is OpState.DONE

    run_virtual(story())


def test_somebody_who_uncordons_the_machine_ends_the_drain() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
            stage.now()
            stage.scene.ask(Patch("nodes", "wk-1", {"spec": {"unschedulable": None}}))
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "somebody uncordoned wk-1 meanwhile" in operation.summary
        assert read_lock(stage.node("wk-1")) is None

    run_virtual(story())


def test_another_machine_of_the_same_name_is_another_machine() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = stage.propose("cordon", "wk-1")
            plan = (await stage.planned(op_id)).plan
            assert plan is not None
            stage.now()
            stage.scene.ask(Delete("nodes", "wk-1"))
            stage.scene.node("wk-1")
            stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "another node has this name now" in operation.summary
        assert not stage.node("wk-1").unschedulable

    run_virtual(story())


class FrozenClaims(MemoryStore):
    """A store seen from a process that was frozen: its renewals of the claim do not come through."""

    def __init__(self, store: MemoryStore) -> None:
        self._behind = store
        self._claimed = False

    def claim(self, op_id: str, holder: str, ttl_s: float) -> int:
        if self._claimed:
            return 1
        self._claimed = True
        return self._behind.claim(op_id, holder, ttl_s)

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        return self._behind.append(op_id, fence, expected_seq, record)

    def load(self, op_id: str, *, from_seq: int = 0) -> Stored:
        return self._behind.load(op_id, from_seq=from_seq)

    def changes(self, since: int) -> Changes:
        return self._behind.changes(since)

    def list_ids(self) -> tuple[str, ...]:
        return self._behind.list_ids()


def test_a_controller_that_was_overtaken_stops_and_writes_nothing_more() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        stale = stage.engine("stale", store=FrozenClaims(stage.store))
        overtaken = asyncio.create_task(stale.run())
        op_id = await stage.approved("drain", "wk-1")
        await stage.waiting(op_id, "budget")
        async with stage.controller("newer"):
            await stage.until(op_id, lambda op: op.fence == 2)
            await stage.clock.sleep(120)
            lock = read_lock(stage.node("wk-1"))
            assert isinstance(lock, Lock)
            assert (lock.holder, lock.fence) == ("newer", 2)
            fences = [record.fence for record in stage.records(op_id) if isinstance(record, EffectIntended)]
            assert fences == sorted(fences)
            stage.now()
            stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
            assert (await stage.ended(op_id)).state is OpState.DONE
        stale.stop()
        await overtaken

    run_virtual(story())


# The API server.


@pytest.mark.parametrize("outage", ["dead", "hang", "server_error", "unauthorized"])
def test_an_outage_in_the_middle_is_said_and_survived(outage: str) -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
            setattr(stage.trouble, outage, True)
            operation = await stage.until(
                op_id, lambda op: op.steps[1].waiting[:1] and op.steps[1].waiting[0].object == "cluster prod"
            )
            said = operation.steps[1].waiting[0]
            assert said.remedy
            assert said.next_within_s == pytest.approx(1.2 * stage.timing.outage_retry_max_s)
            await stage.clock.sleep(1_200)
            setattr(stage.trouble, outage, False)
            stage.now()
            stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
            operation = await stage.ended(op_id)
        assert operation.state is OpState.DONE
        assert len(stage.evictions()) == len(set(stage.evictions()))
        assert CORDON_ANNOTATION in dict(stage.node("wk-1").annotations)

    run_virtual(story())


def test_an_outage_while_it_is_planned_is_in_the_checks() -> None:
    async def story() -> None:
        stage = Stage()
        op_id = stage.propose("drain", "wk-1")
        stage.trouble.dead = True
        async with stage.controller():
            plan = (await stage.planned(op_id)).plan
        assert plan is not None
        assert plan.blocked
        unknown = {check.id for check in plan.checks if check.outcome == "unknown"}
        assert {"api", "machine", "lock", "pods", "capacity"} <= unknown
        assert all("refused" in check.evidence for check in plan.checks if check.id == "api")

    run_virtual(story())


def test_one_check_that_may_not_read_is_unknown_and_the_others_stay() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.trouble.forbidden = frozenset({"list poddisruptionbudgets"})
        async with stage.controller():
            plan = (await stage.planned(stage.propose("drain", "wk-1"))).plan
        assert plan is not None
        outcomes = {check.id: check.outcome for check in plan.checks}
        assert outcomes["budgets"] == "unknown"
        assert outcomes["pods"] == outcomes["machine"] == outcomes["capacity"] == "ok"
        assert sum(pod.action == "evict" for step in plan.steps for pod in step.pods) == plan.blast.pods_moved > 0

    run_virtual(story())


# Settling.


def test_replacements_that_do_not_become_ready_are_said_and_do_not_hold_the_lock() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage, replicas=2, cpu="5")
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", settle_s=90)
            waiting = _waiting(await stage.waiting(op_id, "replacement"), "replacement")
            assert (waiting.object, waiting.detail) == ("ReplicaSet pay/api", "1 of 2 ready")
            operation = await stage.ended(op_id)
        assert operation.state is OpState.DONE
        assert [note.text for note in operation.notes] == [
            "wk-1: not whole after 90 s: ReplicaSet pay/api 1 of 2 ready"
        ]
        assert read_lock(stage.node("wk-1")) is None

    run_virtual(story())


def test_every_mutation_names_the_uid_that_was_planned() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            operation = await stage.ended(op_id)
        assert operation.plan is not None
        planned = {pod.uid for step in operation.plan.steps for pod in step.pods if pod.action == "evict"}
        intents = [record for record in stage.records(op_id) if isinstance(record, EffectIntended)]
        assert {intent.uid for intent in intents if intent.kind == "evict"} == planned
        assert {uid for verb, _, uid, _ in stage.log if verb == "patch"} == {stage.node("wk-1").uid}

    run_virtual(story())
