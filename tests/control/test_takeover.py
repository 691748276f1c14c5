"""What the next controller of an operation that has begun does first, and what it does not do again."""

import asyncio

import pytest

from fleetui.control.memory_store import MemoryStore
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import Aborting, EffectAnswered, Record, RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.ports.target import TargetCluster
from fleetui.simulate.request import Delete
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual

PATIENCE_S = 120.0


async def _begun(stage: Stage) -> str:
    """A drain of wk-1 whose controller has gone, in good order, while a budget held it."""
    stage.scene.workload("ReplicaSet", "api", replicas=4)
    await stage.clock.sleep(20)
    stage.scene.budget("api", {"app": "api"}, minAvailable=4)
    async with stage.controller("c1"):
        op_id = await stage.approved("drain", "wk-1")
        await stage.waiting(op_id, "budget")
    return op_id


def test_the_look_before_the_start_is_not_made_again_once_a_step_has_begun() -> None:
    """It would end the operation as not begun, with a cordon left behind."""

    async def story() -> None:
        stage = Stage()
        op_id = await _begun(stage)
        stage.now()
        stage.scene.pod("late", node="wk-1")
        async with stage.controller("c2"):
            await stage.waiting(op_id, "pod outside the plan")
            stage.now()
            stage.scene.ask(Delete("pods", "late", "pay"))
            stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
            operation = await stage.ended(op_id)
        assert (operation.state, operation.fence) == (OpState.DONE, 2)

    run_virtual(story())


def test_an_abort_waits_for_the_kubeconfig_of_what_has_begun() -> None:
    async def story() -> None:
        stage = Stage()
        op_id = await _begun(stage)
        mended = stage.clock.now() + 300

        async def connect(_ref: ClusterRef) -> TargetCluster:
            if stage.clock.now() < mended:
                raise ClusterError(Fault(FaultKind.CONFIG, "config", "no context prod", "put it back"))
            return stage.engine_target()

        engine = stage.engine("c2", connect=connect)
        work = asyncio.create_task(engine.run())
        await stage.until(op_id, lambda op: bool(op.notes))
        stage.ask(op_id, RequestKind.ABORT)
        operation = await stage.ended(op_id)
        engine.stop()
        await work
        assert (operation.state, operation.summary) == (OpState.ABORTED, "wk-1 uncordoned")
        assert not stage.node("wk-1").unschedulable

    run_virtual(story())


class _KilledError(BaseException):
    """Death: nothing may catch it and go on."""


class DiesAt(MemoryStore):
    """Kills its first user as it writes down such a record: before it is durable, or after."""

    def __init__(self, stage: Stage, kind: type[Record], *, after: bool) -> None:
        super().__init__(stage.clock)
        self._kind, self._after = kind, after
        self.killed = False

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        dies = isinstance(record, self._kind) and not self.killed
        self.killed |= dies
        if dies and not self._after:
            raise _KilledError
        seq = super().append(op_id, fence, expected_seq, record)
        if dies:
            raise _KilledError
        return seq


async def _killed(stage: Stage, work: "asyncio.Task[None]") -> None:
    await asyncio.wait({work}, timeout=PATIENCE_S)
    assert isinstance(stage.store, DiesAt)
    assert stage.store.killed
    await asyncio.gather(work, return_exceptions=True)


async def _locked_and_unanswered(stage: Stage) -> str:
    """The machine is cordoned and locked, and no journal knows it."""
    stage.store = DiesAt(stage, EffectAnswered, after=False)
    dies = asyncio.create_task(stage.engine("c1").run())
    op_id = await stage.approved("drain", "wk-1")
    await _killed(stage, dies)
    assert stage.effects(op_id) == [("lock-and-cordon", "open")]
    assert stage.node("wk-1").unschedulable
    return op_id


def test_what_became_of_an_open_effect_is_found_out_before_anything_else_is_sent() -> None:
    async def story() -> None:
        stage = Stage()
        op_id = await _locked_and_unanswered(stage)
        sent = len(stage.log)
        stage.ask(op_id, RequestKind.PAUSE)
        async with stage.controller("c2"):
            await stage.until(op_id, lambda op: op.paused)
            assert stage.operation(op_id).open_effects == ()
            assert stage.effects(op_id) == [("lock-and-cordon", "done")]
            assert len(stage.log) == sent

    run_virtual(story())


def test_an_abort_does_not_cut_short_the_search_for_what_became_of_an_open_effect() -> None:
    async def story() -> None:
        stage = Stage()
        op_id = await _locked_and_unanswered(stage)
        stage.trouble.dead = True
        stage.ask(op_id, RequestKind.ABORT)
        async with stage.controller("c2"):
            await stage.waiting(op_id, "unreachable")
            await stage.clock.sleep(PATIENCE_S)
            stage.trouble.dead = False
            operation = await stage.ended(op_id)
        assert (operation.state, operation.summary) == (OpState.ABORTED, "wk-1 uncordoned")
        assert not stage.node("wk-1").unschedulable

    run_virtual(story())


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_an_abort_before_the_first_step_is_carried_through_by_the_next_controller(after: bool) -> None:
    async def story() -> None:
        stage = Stage()
        stage.store = DiesAt(stage, Aborting, after=after)
        dies = asyncio.create_task(stage.engine("c1").run())
        op_id = stage.propose("drain", "wk-1")
        plan = (await stage.planned(op_id)).plan
        assert plan is not None
        stage.trouble.dead = True
        stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
        await stage.waiting(op_id, "start unknown")
        stage.ask(op_id, RequestKind.ABORT)
        await _killed(stage, dies)
        assert stage.operation(op_id).undoing is after
        async with stage.controller("c2"):
            operation: Operation = await stage.ended(op_id)
        assert (operation.state, operation.summary) == (OpState.ABORTED, "nothing had been changed")
        assert sum(isinstance(record, Aborting) for record in stage.records(op_id)) == 1
        assert stage.log == []

    run_virtual(story())
