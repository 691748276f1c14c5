"""What changes between a machine's cordon and its evictions, at the last moment at which nothing has been evicted yet.

Each meddling happens as the eviction step is written down as begun. The lock was renewed a moment before, so that only
the look at the point of no return can notice: without it the pods would go.
"""

from collections.abc import Callable

import msgspec
import pytest

from fleetui.control.memory_store import MemoryStore
from fleetui.model.journal import EffectIntended, Record, StepStarted
from fleetui.model.ledger import Operation
from fleetui.model.lock import LOCK_ANNOTATION, Lock
from fleetui.model.operation import OpState
from fleetui.simulate.request import Delete, Patch
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual

Meddling = Callable[[Stage], None]


class MeddlingStore(MemoryStore):
    """Calls ``meddle`` once the step is durable as begun."""

    def __init__(self, stage: Stage, step_id: str, meddle: Meddling) -> None:
        super().__init__(stage.clock)
        self._stage, self._step_id, self._meddle = stage, step_id, meddle

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        seq = super().append(op_id, fence, expected_seq, record)
        if isinstance(record, StepStarted) and record.step_id == self._step_id:
            self._stage.now()
            self._meddle(self._stage)
        return seq


def _replaced(stage: Stage) -> None:
    """Another machine of this name."""
    node = stage.node("wk-1")
    stage.scene.ask(Delete("nodes", "wk-1"))
    stage.scene.node("wk-1")
    assert stage.node("wk-1").uid != node.uid


def _locked_by_another(stage: Stage) -> None:
    lock = Lock("c9", "op-ben", "ben@jump-2", "drain", 1, stage.clock.now() + 60)
    said = {LOCK_ANNOTATION: msgspec.json.encode(lock).decode()}
    assert stage.scene.ask(Patch("nodes", "wk-1", {"metadata": {"annotations": said}})).code == 200


def _uncordoned(stage: Stage) -> None:
    assert stage.scene.ask(Patch("nodes", "wk-1", {"spec": {"unschedulable": None}})).code == 200


async def _drained(stage: Stage, step_id: str, meddle: Meddling) -> Operation:
    """A drain of wk-1 that is meddled with as this step begins, at its end."""
    stage.store = MeddlingStore(stage, step_id, meddle)
    stage.scene.workload("ReplicaSet", "api", replicas=4)
    await stage.clock.sleep(20)
    assert stage.names_on("wk-1")
    async with stage.controller():
        return await stage.ended(await stage.approved("drain", "wk-1"))


@pytest.mark.parametrize(
    ("meddle", "said"),
    [
        (_replaced, "wk-1: the machine meant: another node has this name now: uid "),
        (_locked_by_another, "wk-1: lock in the cluster: held by drain op-ben by ben@jump-2"),
        (_uncordoned, "wk-1: somebody uncordoned wk-1 meanwhile"),
    ],
    ids=["another machine", "another's lock", "uncordoned"],
)
def test_what_has_moved_since_the_cordon_ends_it_before_the_first_eviction(meddle: Meddling, said: str) -> None:
    async def story() -> None:
        stage = Stage()
        operation = await _drained(stage, "evict/wk-1", meddle)
        assert (operation.state, operation.summary[: len(said)]) == (OpState.FAILED, said)
        assert [entry for entry in stage.log if entry[0] == "evict"] == []
        intents = [record for record in stage.records(operation.op_id) if isinstance(record, EffectIntended)]
        assert "evict" not in {intent.kind for intent in intents}

    run_virtual(story())


def test_what_another_has_taken_meanwhile_is_left_as_it_is() -> None:
    async def story() -> None:
        stage = Stage()
        await _drained(stage, "evict/wk-1", _locked_by_another)
        lock = stage.node("wk-1").annotation(LOCK_ANNOTATION)
        assert lock is not None
        assert "op-ben" in lock
        assert stage.node("wk-1").unschedulable

    run_virtual(story())


@pytest.mark.parametrize(
    ("meddle", "said"),
    [
        (_replaced, "wk-1: the machine meant: another node has this name now: uid "),
        (_locked_by_another, "wk-1: lock in the cluster: held by drain op-ben by ben@jump-2"),
    ],
    ids=["another machine", "another's lock"],
)
def test_what_has_moved_since_the_start_ends_it_before_the_cordon(meddle: Meddling, said: str) -> None:
    async def story() -> None:
        stage = Stage()
        operation = await _drained(stage, "cordon/wk-1", meddle)
        assert (operation.state, operation.summary[: len(said)]) == (OpState.FAILED, said)
        assert stage.log == []
        assert not stage.node("wk-1").unschedulable

    run_virtual(story())


def test_without_an_answer_at_the_point_of_no_return_nothing_is_evicted_until_there_is_one() -> None:
    async def story() -> None:
        stage = Stage()

        def dies(stage: Stage) -> None:
            stage.trouble.dead = True

        stage.store = MeddlingStore(stage, "evict/wk-1", dies)
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        await stage.clock.sleep(20)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            operation = await stage.waiting(op_id, "guard unknown")
            titles = {w.detail.partition(":")[0] for s in operation.steps for w in s.waiting}
            assert titles == {"the machine meant", "lock in the cluster", "etcd can spare it"}
            await stage.clock.sleep(1_800)
            assert [entry for entry in stage.log if entry[0] == "evict"] == []
            stage.trouble.dead = False
            assert (await stage.ended(op_id)).state is OpState.DONE
        assert stage.evictions()

    run_virtual(story())


def test_what_moved_behind_the_silence_ends_it_when_the_answer_comes() -> None:
    async def story() -> None:
        stage = Stage()

        def dies(stage: Stage) -> None:
            stage.trouble.dead = True

        stage.store = MeddlingStore(stage, "evict/wk-1", dies)
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        await stage.clock.sleep(20)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "guard unknown")
            stage.now()
            _locked_by_another(stage)
            stage.trouble.dead = False
            operation = await stage.ended(op_id)
        assert operation.summary.startswith("wk-1: lock in the cluster: held by drain op-ben")
        assert [entry for entry in stage.log if entry[0] == "evict"] == []

    run_virtual(story())
