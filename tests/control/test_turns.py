"""A drain of several machines: free ones go first, a held one lends its place, and never more move than was allowed."""

import asyncio
from itertools import pairwise

import pytest

from fleetui.control.turns import Turn, Turns
from fleetui.model.ledger import Effect, Operation
from fleetui.model.operation import OpState
from fleetui.model.step_progress import StepState
from fleetui.ports.target import PatchAnswer
from fleetui.simulate.request import Patch
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual


def _held(stage: Stage, *names: str) -> None:
    """A pod on each of these machines that its budget never lets go."""
    stage.now()
    for name in names:
        stage.scene.pod(f"db-{name}", node=name, labels={"app": name})
        stage.scene.budget(f"db-{name}", {"app": name}, minAvailable=1)


def _open(stage: Stage, name: str) -> None:
    stage.now()
    assert (
        stage.scene.ask(Patch("poddisruptionbudgets", f"db-{name}", {"spec": {"minAvailable": 0}}, "pay")).code == 200
    )


def _state(operation: Operation, step_id: str) -> StepState:
    return next(step.state for step in operation.steps if step.id == step_id)


def test_a_free_machine_goes_before_one_that_the_rehearsal_calls_held() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        stage.scene.pod("web", node="wk-2")
        _held(stage, "wk-1")
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", force=True)
            plan = stage.operation(op_id).plan
            assert plan is not None
            evicts = [step for step in plan.steps if step.kind == "evict"]
            assert [step.target.name for step in evicts] == ["wk-2", "wk-1"]
            assert evicts[0].breaks == "1 pods end here"
            assert evicts[1].breaks.startswith("1 pods end here, 1 would wait: pdb pay/db-wk-1 allows 0: ")
            operation = await stage.waiting(op_id, "budget")
            assert _state(operation, "release/wk-2") is StepState.DONE
            assert stage.evictions() == ["web"]
            _open(stage, "wk-1")
            assert (await stage.ended(op_id)).state is OpState.DONE

    run_virtual(story())


class SlowToCordon(WatchedTarget):
    """The change of one machine takes long."""

    def __init__(self, stage: Stage, slow: str) -> None:
        super().__init__(stage.host, stage.log)
        self._slow, self._clock = slow, stage.clock

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        if name == self._slow:
            await self._clock.sleep(10)
        return await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)


def test_no_pod_moves_before_every_machine_is_cordoned() -> None:
    """Or it could move to a machine that is drained next."""

    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        stage.scene.pod("web", node="wk-1")
        engine = stage.engine(target=SlowToCordon(stage, "wk-2"))
        work = asyncio.create_task(engine.run())
        operation = await stage.ended(await stage.approved("drain", "wk-1", "wk-2", force=True))
        engine.stop()
        await work
        assert operation.state is OpState.DONE
        assert [entry[:2] for entry in stage.log[:3]] == [("patch", "wk-1"), ("patch", "wk-2"), ("evict", "web")]

    run_virtual(story())


class NotThere(WatchedTarget):
    """One machine may not be changed, by nobody's fault that a check could see."""

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        if name == "wk-2":
            return PatchAnswer(403, "policy: not this one")
        return await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)


def test_a_machine_that_cannot_be_cordoned_ends_the_drain_of_those_that_wait_for_it() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        stage.scene.pod("web", node="wk-1")
        engine = stage.engine(target=NotThere(stage.host, stage.log))
        work = asyncio.create_task(engine.run())
        operation = await stage.ended(await stage.approved("drain", "wk-1", "wk-2", force=True))
        engine.stop()
        await work
        assert operation.state is OpState.FAILED
        assert "wk-1: not begun, since another machine failed (wk-1 uncordoned)" in operation.summary
        assert stage.evictions() == []
        assert not stage.node("wk-1").unschedulable

    run_virtual(story())


def test_a_machine_that_is_held_lends_its_place_and_takes_it_back() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3", "wk-4"))
        _held(stage, "wk-1", "wk-2", "wk-3")
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", "wk-3", force=True, settle_s=0)
            await stage.until(op_id, lambda op: _state(op, "evict/wk-2") is StepState.WAITING)
            operation = await stage.until(op_id, lambda op: _state(op, "evict/wk-3") is StepState.WAITING)
            starts = [step.started for step in operation.steps if step.kind == "evict"]
            assert all(later - earlier >= stage.timing.lend_s for earlier, later in pairwise(starts))
            _open(stage, "wk-2")
            await stage.until(op_id, lambda op: _state(op, "release/wk-2") is StepState.DONE)
            _open(stage, "wk-1")
            _open(stage, "wk-3")
            assert (await stage.ended(op_id)).state is OpState.DONE
        assert stage.evictions()[0] == "db-wk-2"
        assert sorted(stage.evictions()) == ["db-wk-1", "db-wk-2", "db-wk-3"]

    run_virtual(story())


def test_a_machine_that_may_go_on_waits_for_the_one_that_works_in_its_place() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        _held(stage, "wk-1", "wk-2")
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", force=True, settle_s=0)
            await stage.until(op_id, lambda op: _state(op, "evict/wk-2") is StepState.WAITING)
            _open(stage, "wk-1")
            opened = stage.clock.now()
            operation = await stage.until(op_id, lambda op: _state(op, "release/wk-1") is StepState.DONE)
            assert not operation.state.ended
            evicted = next(e.intended.at for e in operation.effects if _is_last_eviction(e, "db-wk-1"))
            second = next(step.started for step in operation.steps if step.id == "evict/wk-2")
            assert second is not None
            assert opened < second + stage.timing.lend_s <= evicted, "wk-2 stood for a while before it lent its place"
            _open(stage, "wk-2")
            assert (await stage.ended(op_id)).state is OpState.DONE

    run_virtual(story())


def _is_last_eviction(effect: Effect, pod: str) -> bool:
    answered = effect.answered
    return effect.intended.object.endswith(f"/{pod}") and answered is not None and answered.code == 201


# The book of places.


def _turns(at_once: int, *names: str) -> dict[str, Turn]:
    turns = Turns(names, at_once=at_once)
    return {name: Turn(turns, name) for name in names}


def test_machines_begin_in_order_as_far_as_there_are_places() -> None:
    turn = _turns(2, "a", "b", "c")
    assert not turn["b"].begin(), "not before a"
    assert [turn[name].begin() for name in "abc"] == [True, True, False]
    turn["b"].end()
    assert turn["c"].begin()


def test_who_has_begun_goes_before_who_has_not() -> None:
    turn = _turns(1, "a", "b", "c")
    assert turn["a"].begin()
    turn["a"].lend()
    assert turn["b"].begin()
    assert not turn["a"].hold(), "b works in its place"
    turn["b"].end()
    assert not turn["c"].begin(), "a was there before"
    assert turn["a"].hold()
    turn["a"].end()
    assert turn["c"].begin()


@pytest.mark.parametrize("ends", ["lend", "end"])
def test_a_place_is_given_back_once(ends: str) -> None:
    turn = _turns(1, "a", "b", "c")
    assert turn["a"].begin()
    getattr(turn["a"], ends)()
    turn["a"].end()
    assert turn["b"].begin()
    assert not turn["c"].begin()


def test_who_gives_up_wanting_a_place_holds_up_nobody() -> None:
    turn = _turns(1, "a", "b", "c")
    assert turn["a"].begin()
    turn["a"].lend()
    assert turn["b"].begin()
    assert not turn["a"].hold()
    turn["a"].end()
    turn["b"].end()
    assert turn["c"].begin()


def test_who_has_its_place_back_keeps_nobody_from_beginning() -> None:
    turn = _turns(2, "a", "b", "c", "d")
    assert turn["a"].begin()
    assert turn["b"].begin()
    turn["a"].lend()
    assert turn["c"].begin()
    assert not turn["a"].hold()
    turn["b"].end()
    assert turn["a"].hold()
    turn["c"].end()
    assert turn["d"].begin()


def test_who_never_began_has_no_place_to_give() -> None:
    turn = _turns(1, "a", "b", "c")
    turn["c"].end()
    assert turn["a"].begin()
    assert not turn["b"].begin()
