"""The engine on a simulated cluster and virtual time: propose, plan, approve, run, and what people change meanwhile."""

import pytest

from fleetui.model.journal import Paused, RequestKind, Resumed
from fleetui.model.ledger import Operation
from fleetui.model.lock import LockState, cordon_owner, judge, read_lock
from fleetui.model.operation import OpState
from fleetui.model.step_progress import StepState
from fleetui.ports.target import TargetCluster
from fleetui.simulate.request import Delete, Patch
from tests.control.stage import BEN, Stage, WatchedTarget
from tests.control.virtual_time import run_virtual


async def _api_on(stage: Stage, *, replicas: int = 4, **spec: object) -> set[str]:
    """Pods of one ReplicaSet, Running and Ready; the names of those on wk-1."""
    stage.scene.workload("ReplicaSet", "api", replicas=replicas, **spec)
    await stage.clock.sleep(20)
    on_first = stage.names_on("wk-1")
    assert on_first
    return on_first


def test_a_machine_is_drained_and_stays_cordoned_without_a_lock() -> None:
    async def story() -> None:
        stage = Stage()
        moved = await _api_on(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            operation = await stage.ended(op_id)
        assert (operation.state, operation.summary) == (OpState.DONE, "drain of 1 done")
        assert stage.names_on("wk-1") == set()
        assert sorted(stage.evictions()) == sorted(moved)
        node = stage.node("wk-1")
        assert node.unschedulable
        assert read_lock(node) is None
        assert cordon_owner(node) == f"ana@jump-1 (drain {op_id}): new disks"

    run_virtual(story())


def test_effects_are_journaled_in_the_order_of_the_steps() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage, replicas=2)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.ended(op_id)
        kinds = [kind for kind, outcome in stage.effects(op_id) if kind != "renew"]
        assert kinds == ["lock-and-cordon", "evict", "release"]
        assert all(outcome == "done" for _, outcome in stage.effects(op_id))

    run_virtual(story())


@pytest.mark.parametrize(("parallel", "most"), [(1, 1), (2, 2)])
def test_machines_are_worked_on_within_the_budget(parallel: int, most: int) -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3", "wk-4"))
        await _api_on(stage, replicas=8)
        seen = 0
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", "wk-3", max_parallel=parallel)

            def ended_counting(operation: Operation) -> bool:
                nonlocal seen
                busy = [
                    step for step in operation.steps if step.kind == "evict" and step.state in ("running", "waiting")
                ]
                seen = max(seen, len(busy))
                return operation.state.ended

            operation = await stage.until(op_id, ended_counting)
        assert operation.state is OpState.DONE
        assert seen == most

    run_virtual(story())


def test_cordon_and_uncordon_say_whose_it_was() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            cordon = await stage.approved("cordon", "wk-1", "wk-2")
            assert (await stage.ended(cordon)).state is OpState.DONE
            assert stage.node("wk-1").unschedulable
            assert read_lock(stage.node("wk-1")) is None
            uncordon = stage.propose("uncordon", "wk-1", by=BEN)
            plan = (await stage.planned(uncordon)).plan
            assert plan is not None
            warned = next(check for check in plan.checks if check.id == "cordoned")
            assert f"ana@jump-1 (cordon {cordon})" in warned.evidence
            stage.ask(uncordon, RequestKind.APPROVE, digest=plan.digest)
            assert (await stage.ended(uncordon)).state is OpState.DONE
        assert not stage.node("wk-1").unschedulable
        assert cordon_owner(stage.node("wk-2")) != ""

    run_virtual(story())


def test_a_machine_that_is_cordoned_already_is_left_as_it_is() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.ask(Patch("nodes", "wk-1", {"spec": {"unschedulable": True}}))
        async with stage.controller():
            op_id = await stage.approved("cordon", "wk-1")
            operation = await stage.ended(op_id)
        assert operation.steps[0].summary == "wk-1 was already cordoned by somebody outside fleetui"
        assert stage.effects(op_id) == []

    run_virtual(story())


# What people ask for.


def test_an_approval_of_another_plan_is_answered_and_not_obeyed() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = stage.propose("cordon", "wk-1")
            await stage.planned(op_id)
            stage.ask(op_id, RequestKind.APPROVE, digest="0123456789abcdef")
            operation = await stage.until(op_id, lambda op: bool(op.notes))
            stage.ask(op_id, RequestKind.APPROVE, digest="another")
            await stage.until(op_id, lambda op: len(op.notes) > 1)
            await stage.clock.sleep(60)
        assert len(stage.operation(op_id).notes) == 2
        assert operation.notes[0].text.startswith("refused: ana@jump-1 approved another plan (0123456789ab)")
        assert stage.operation(op_id).state is OpState.PROPOSED
        assert stage.log == []

    run_virtual(story())


def test_a_proposal_that_nobody_approves_ends_by_itself() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            operation = await stage.ended(stage.propose("drain", "wk-1"))
        assert operation.state is OpState.ABORTED
        assert operation.summary == "never approved: nobody did within 15 min; nothing was changed"
        assert operation.ended is not None
        assert 900 <= operation.ended - operation.submitted < 902

    run_virtual(story())


def test_an_abort_before_the_start_changes_nothing() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = stage.propose("drain", "wk-1")
            await stage.planned(op_id)
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert (operation.state, stage.log) == (OpState.ABORTED, [])

    run_virtual(story())


def test_a_blocked_plan_does_not_run_even_when_it_is_approved() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("naked", node="wk-1")
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert operation.summary.startswith("refused: pods: 0 to evict")
        assert stage.log == []

    run_virtual(story())


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("reboot", {}, "no operation 'reboot'; there are: cordon, drain, etcd-defragment"),
        ("drain", {"speed": 1}, "drain has no option 'speed'; it has: delete_emptydir_data"),
        ("drain", {"timeout_s": -1}, "drain option timeout_s: -1 is below 0"),
        ("drain", {"force": 1}, "drain option force: 1 is not yes or no"),
        ("drain", {"max_parallel": True}, "drain option max_parallel: True is not a whole number"),
    ],
)
def test_a_wish_that_makes_no_sense_fails_with_the_reason(kind: str, options: dict[str, int], said: str) -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            operation = await stage.ended(stage.propose(kind, "wk-1", **options))
        assert operation.state is OpState.FAILED
        assert operation.plan_error.startswith(said)

    run_virtual(story())


@pytest.mark.parametrize("machines", [(), ("wk-1", "wk-2", "wk-1")], ids=["none", "one twice"])
def test_every_machine_is_named_once(machines: tuple[str, ...]) -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            operation = await stage.ended(stage.propose("cordon", *machines))
        assert (operation.state, operation.plan_error) == (
            OpState.FAILED,
            "cordon wants one machine or more, each named once",
        )

    run_virtual(story())


def test_what_is_taken_back_as_it_is_approved_never_begins() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            stage.ask(op_id, RequestKind.ABORT)  # before the controller has looked once more
            operation = await stage.ended(op_id)
        assert (operation.state, operation.started) == (OpState.ABORTED, None)
        assert operation.summary == "taken back before it began; nothing was changed"
        assert stage.log == []

    run_virtual(story())


class Closing(WatchedTarget):
    """Is among ``still_open`` until it is closed."""

    def __init__(self, stage: Stage, still_open: list[TargetCluster]) -> None:
        super().__init__(stage.host, stage.log)
        self._still_open = still_open
        still_open.append(self)

    async def close(self) -> None:
        self._still_open.remove(self)


@pytest.mark.parametrize("ends", [OpState.DONE, OpState.FAILED, OpState.PROPOSED], ids=["done", "refused", "stopped"])
def test_a_cluster_is_open_for_as_long_as_its_operation_is_driven(ends: OpState) -> None:
    async def story() -> None:
        stage = Stage()
        still_open: list[TargetCluster] = []
        stage.engine_target = lambda: Closing(stage, still_open)  # type: ignore[method-assign]
        if ends is OpState.FAILED:
            stage.scene.pod("naked", node="wk-1")
        async with stage.controller():
            op_id = stage.propose("drain", "wk-1")
            plan = (await stage.planned(op_id)).plan
            assert plan is not None
            assert len(still_open) == 1
            if ends is not OpState.PROPOSED:
                stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
                await stage.ended(op_id)
        assert (stage.operation(op_id).state, still_open) == (ends, [])

    run_virtual(story())


def test_an_abort_in_the_middle_gives_the_machine_back() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
            assert stage.node("wk-1").unschedulable
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert (operation.state, operation.summary) == (OpState.ABORTED, "wk-1 uncordoned")
        undo = operation.steps[-1]
        assert (undo.id, undo.state, undo.summary) == ("undo/wk-1", StepState.DONE, "wk-1 uncordoned")
        assert undo.title == "wk-1 given back"
        node = stage.node("wk-1")
        assert not node.unschedulable
        assert node.annotations == ()

    run_virtual(story())


def test_an_abort_leaves_a_cordon_that_was_there_before() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        stage.now()
        stage.scene.ask(Patch("nodes", "wk-1", {"spec": {"unschedulable": True}}))
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert operation.summary == "wk-1 stays cordoned as it was before"
        node = stage.node("wk-1")
        assert node.unschedulable
        assert node.annotations == ()

    run_virtual(story())


def test_a_pause_holds_for_hours_keeps_the_lock_and_then_goes_on() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", timeout_s=600)
            await stage.waiting(op_id, "budget")
            stage.ask(op_id, RequestKind.PAUSE)
            await stage.until(op_id, lambda op: op.paused)
            stage.now()
            stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
            before = len(stage.evictions())
            await stage.clock.sleep(3_600)
            verdict = judge(stage.node("wk-1"), op="other", fence=1, server_now=stage.clock.now())
            assert verdict.state is LockState.HELD
            assert len(stage.evictions()) == before
            stage.ask(op_id, RequestKind.RESUME)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.DONE
        turns = [type(record) for record in stage.records(op_id) if isinstance(record, Paused | Resumed)]
        assert turns == [Paused, Resumed]

    run_virtual(story())


def test_a_paused_operation_can_be_aborted() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
            stage.ask(op_id, RequestKind.PAUSE)
            await stage.until(op_id, lambda op: op.paused)
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.ABORTED
        assert not stage.node("wk-1").unschedulable

    run_virtual(story())


def test_a_stopped_controller_leaves_a_safe_point_and_the_next_one_goes_on() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller("c1"):
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
        assert stage.operation(op_id).state is OpState.RUNNING
        assert stage.operation(op_id).open_effects == ()
        stage.now()
        stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
        async with stage.controller("c2"):
            operation = await stage.ended(op_id)
        assert (operation.state, operation.fence) == (OpState.DONE, 2)
        assert len(stage.evictions()) == len(set(stage.evictions()))

    run_virtual(story())


def test_a_second_controller_of_the_same_store_waits_while_the_first_one_lives() -> None:
    async def story() -> None:
        stage = Stage()
        await _api_on(stage)
        stage.scene.budget("api", {"app": "api"}, minAvailable=4)
        async with stage.controller("c1"), stage.controller("c2"):
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "budget")
            holder = stage.operation(op_id).holder
            await stage.clock.sleep(300)
            assert (stage.operation(op_id).holder, stage.operation(op_id).fence) == (holder, 1)

    run_virtual(story())


def test_what_has_changed_for_the_worse_since_the_plan_stops_it_before_it_begins() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        await _api_on(stage, replicas=3, cpu="5")
        async with stage.controller():
            op_id = stage.propose("drain", "wk-1")
            plan = (await stage.planned(op_id)).plan
            assert plan is not None
            assert not any(check.needs_word for check in plan.checks)
            stage.now()
            stage.scene.ask(Patch("nodes", "wk-3", {"spec": {"unschedulable": True}}))
            stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert operation.summary.startswith(
            "not begun, the cluster has moved since the plan was made: capacity left: cpu: "
        )
        assert stage.log == []

    run_virtual(story())
