"""The start of an approved operation: what has moved since the plan refuses it, and no answer is waited for."""

import asyncio
from collections.abc import Callable
from itertools import takewhile

import pytest

from fleetui.control.memory_store import MemoryStore
from fleetui.control.start import clock_time
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import Record, RequestKind, Started, StepStarted, StepWaiting, Waiting
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.model.step_progress import StepState
from fleetui.ports.clock import Clock
from fleetui.ports.target import TargetCluster
from fleetui.simulate.request import Delete, Patch
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual


def _new_pod(stage: Stage) -> None:
    stage.scene.pod("late", node="wk-2")


def _shut_budget(stage: Stage) -> None:
    stage.scene.ask(Patch("poddisruptionbudgets", "db", {"spec": {"minAvailable": 1}}, "pay"))


def _machine_gone(stage: Stage) -> None:
    stage.scene.ask(Delete("nodes", "wk-2"))


def _machine_replaced(stage: Stage) -> None:
    _machine_gone(stage)
    stage.scene.node("wk-2")


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        (_new_pod, "pods of the plan: 1 came to wk-2 since the plan was made: pay/late"),
        (_shut_budget, "budgets of the plan: 1 pods of wk-2 would wait now: pdb pay/db allows 0: needs 1, has 1 of 1"),
        (_machine_gone, "the machine meant: no such node"),
        (_machine_replaced, "the machine meant: another node has this name now: uid "),
    ],
)
def test_a_drain_whose_cluster_has_moved_is_refused_and_changes_nothing(
    moves: Callable[[Stage], None], said: str
) -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        stage.scene.pod("db", node="wk-2", labels={"app": "db"})
        stage.scene.budget("db", {"app": "db"}, minAvailable=0)
        async with stage.controller():
            op_id = stage.propose("drain", "wk-1", "wk-2", force=True)
            plan = (await stage.planned(op_id)).plan
            assert plan is not None
            stage.now()
            moves(stage)
            stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert operation.summary.startswith(f"not begun, the cluster has moved since the plan was made: {said}")
        assert operation.summary.endswith("make a new plan")
        assert stage.log == []

    run_virtual(story())


def test_what_was_there_and_was_accepted_with_the_plan_refuses_nothing() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("db", node="wk-1", labels={"app": "db"})
        stage.scene.budget("db", {"app": "db"}, minAvailable=1)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", force=True)
            operation = await stage.waiting(op_id, "budget")
        assert operation.state is OpState.RUNNING

    run_virtual(story())


def test_another_cordon_than_the_plan_showed_is_not_lifted() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            await stage.ended(await stage.approved("cordon", "wk-1"))
            op_id = stage.propose("uncordon", "wk-1")
            plan = (await stage.planned(op_id)).plan
            assert plan is not None
            stage.now()
            stage.scene.ask(Patch("nodes", "wk-1", {"metadata": {"annotations": {"fleetui.dev/cordoned-by": None}}}))
            stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "wk-1 is cordoned by somebody outside fleetui since the plan was made" in operation.summary
        assert stage.node("wk-1").unschedulable

    run_virtual(story())


# No answer.


async def _approved_in_an_outage(stage: Stage) -> str:
    op_id = stage.propose("drain", "wk-1")
    plan = (await stage.planned(op_id)).plan
    assert plan is not None
    stage.trouble.dead = True
    stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
    await stage.waiting(op_id, "start unknown")
    return op_id


def _said(operation: Operation) -> Waiting:
    (waiting,) = operation.steps[0].waiting
    return waiting


def test_an_outage_at_the_start_is_waited_for_and_says_when_the_next_try_is() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = await _approved_in_an_outage(stage)
            first = _said(stage.operation(op_id))
            assert first.detail.startswith("the machine meant: ")
            started = stage.operation(op_id).started
            assert started is not None
            assert "; next try " in first.detail
            assert first.detail.endswith(f", given up {clock_time(started + stage.timing.start_s)}")
            await stage.clock.sleep(120)
            assert _said(stage.operation(op_id)).detail != first.detail, "the next try is a later one"
            assert stage.operation(op_id).state is OpState.RUNNING
            stage.trouble.dead = False
            operation = await stage.ended(op_id)
        assert operation.state is OpState.DONE
        assert operation.steps[0].waiting == ()
        said = [bool(record.waiting) for record in _before_the_first_step(stage, op_id)]
        assert len(said) > 2
        assert said == [True] * (len(said) - 1) + [False], "the wait is over before the first step begins"

    run_virtual(story())


def test_a_start_that_waits_for_nothing_says_nothing() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            assert (await stage.ended(op_id)).state is OpState.DONE
        assert _before_the_first_step(stage, op_id) == []

    run_virtual(story())


def _before_the_first_step(stage: Stage, op_id: str) -> list[StepWaiting]:
    before = takewhile(lambda record: not isinstance(record, StepStarted), stage.records(op_id))
    return [record for record in before if isinstance(record, StepWaiting)]


def test_an_outage_that_lasts_past_the_deadline_ends_it_without_a_change() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = await _approved_in_an_outage(stage)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert operation.summary.startswith("not begun within 10 min: the machine meant: ")
        assert operation.started is not None
        assert operation.ended is not None
        assert 600 <= operation.ended - operation.started < 602
        assert stage.log == []
        assert len(stage.records(op_id)) < 60, "a try in half a minute, not one in a second"

    run_virtual(story())


def test_a_pause_in_the_outage_holds_and_stops_the_clock() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = await _approved_in_an_outage(stage)
            stage.ask(op_id, RequestKind.PAUSE)
            await stage.until(op_id, lambda op: op.paused)
            await stage.clock.sleep(3_000)
            stage.trouble.dead = False
            assert stage.operation(op_id).paused
            stage.ask(op_id, RequestKind.RESUME)
            assert (await stage.ended(op_id)).state is OpState.DONE

    run_virtual(story())


def test_what_moves_during_a_pause_before_the_start_refuses_it_too() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = stage.propose("drain", "wk-1")
            stage.ask(op_id, RequestKind.PAUSE)
            plan = (await stage.planned(op_id)).plan
            assert plan is not None
            stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
            await stage.until(op_id, lambda op: op.paused)
            await stage.clock.sleep(3_600)
            stage.now()
            stage.scene.pod("late", node="wk-1")
            stage.ask(op_id, RequestKind.RESUME)
            operation = await stage.ended(op_id)
        assert "1 came to wk-1 since the plan was made: pay/late" in operation.summary
        assert stage.log == []

    run_virtual(story())


def test_an_abort_in_the_outage_needs_no_answer() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller():
            op_id = await _approved_in_an_outage(stage)
            asked = stage.clock.now()
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert (operation.state, stage.log) == (OpState.ABORTED, [])
        assert operation.ended is not None
        assert operation.ended - asked < 2

    run_virtual(story())


class _KilledError(BaseException):
    """Death: nothing may catch it and go on."""


class DiesStarting(MemoryStore):
    """Kills its first user once the start is written down."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.killed = False

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        seq = super().append(op_id, fence, expected_seq, record)
        if isinstance(record, Started) and not self.killed:
            self.killed = True
            raise _KilledError
        return seq


def test_a_controller_that_died_before_it_looked_leaves_the_look_to_the_next() -> None:
    async def story() -> None:
        stage = Stage()
        stage.store = DiesStarting(stage.clock)
        dies = asyncio.create_task(stage.engine("c1").run())
        op_id = await stage.approved("drain", "wk-1")
        await asyncio.wait({dies})
        assert stage.store.killed
        stage.now()
        stage.scene.pod("late", node="wk-1")
        async with stage.controller("c2"):
            operation = await stage.ended(op_id)
        assert operation.summary.startswith(
            "not begun, the cluster has moved since the plan was made: pods of the plan"
        )
        assert stage.log == []
        await asyncio.gather(dies, return_exceptions=True)

    run_virtual(story())


@pytest.mark.parametrize(("broken_s", "state"), [(120.0, OpState.DONE), (1e9, OpState.FAILED)])
def test_an_approved_operation_waits_for_its_kubeconfig_within_the_deadline(broken_s: float, state: OpState) -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller("c1"):
            op_id = stage.propose("cordon", "wk-1")
            plan = (await stage.planned(op_id)).plan
            assert plan is not None
        mended = stage.clock.now() + broken_s

        async def connect(_ref: ClusterRef) -> TargetCluster:
            if stage.clock.now() < mended:
                raise ClusterError(Fault(FaultKind.CONFIG, "config", "no context prod", "put it back"))
            return stage.engine_target()

        engine = stage.engine("c2", connect=connect)
        work = asyncio.create_task(engine.run())
        stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
        operation = await stage.ended(op_id)
        engine.stop()
        await work
        assert operation.state is state
        (note,) = operation.notes
        assert "no context prod; put it back; tried again every 30 s, given up " in note.text
        if state is OpState.FAILED:
            assert operation.summary.startswith("not begun within 10 min: the cluster cannot be opened: config: ")
            assert operation.steps[0].state is StepState.PENDING

    run_virtual(story())
