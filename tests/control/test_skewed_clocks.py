"""A cluster whose clock is an hour from ours, either way: locks are written and judged by the cluster's alone."""

import msgspec
import pytest

from fleetui.model.journal import RequestKind
from fleetui.model.lock import LOCK_ANNOTATION, Cordon, Lock, LockState, judge, read_cordon, read_lock
from fleetui.model.operation import OpState
from fleetui.simulate.request import Delete, Patch
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual

BOTH_WAYS = pytest.mark.parametrize("skew", [3_600.0, -3_600.0], ids=["ahead", "behind"])


def _stage(skew: float) -> Stage:
    stage = Stage()
    stage.trouble.skew_s = skew
    return stage


async def _held_by_a_budget(stage: Stage) -> str:
    stage.scene.workload("ReplicaSet", "api", replicas=4)
    await stage.clock.sleep(20)
    stage.now()
    stage.scene.budget("api", {"app": "api"}, minAvailable=4)
    op_id = await stage.approved("drain", "wk-1")
    await stage.waiting(op_id, "budget")
    return op_id


@BOTH_WAYS
def test_lock_and_cordon_are_dated_by_the_clusters_clock(skew: float) -> None:
    async def story() -> None:
        stage = _stage(skew)
        async with stage.controller():
            op_id = await _held_by_a_budget(stage)
            for _ in range(4):  # when it is taken, and at each renewal
                server_now, lock = stage.host.says_it_is(), read_lock(stage.node("wk-1"))
                assert isinstance(lock, Lock)
                assert 0 < lock.expires - server_now <= stage.timing.lock_ttl_s
                seen_by_another = judge(stage.node("wk-1"), op="other", fence=9, server_now=server_now)
                assert seen_by_another.state is LockState.HELD
                await stage.clock.sleep(stage.timing.lock_renew_s)
            cordon = read_cordon(stage.node("wk-1"))
            assert isinstance(cordon, Cordon)
            assert abs(stage.host.says_it_is() - cordon.at) < 600
            stage.now()
            stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
            assert (await stage.ended(op_id)).state is OpState.DONE

    run_virtual(story())


def _taken_over(stage: Stage, *, expires_in: float) -> None:
    """Another's lock on wk-1 that expires in so many seconds of the cluster's clock; below 0: expired so long ago."""
    lock = Lock("c9", "op-ben", "ben@jump-2", "drain", 1, stage.host.says_it_is() + expires_in)
    stage.now()
    said = {LOCK_ANNOTATION: msgspec.json.encode(lock).decode()}
    assert stage.scene.ask(Patch("nodes", "wk-1", {"metadata": {"annotations": said}})).code == 200


@BOTH_WAYS
def test_a_machine_that_another_holds_now_is_not_given_back(skew: float) -> None:
    """By our clock the other's lock has expired long ago where the cluster's is behind."""

    async def story() -> None:
        stage = _stage(skew)
        async with stage.controller():
            op_id = await _held_by_a_budget(stage)
            _taken_over(stage, expires_in=50)
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert operation.summary.startswith("wk-1 left as it is: held by drain op-ben by ben@jump-2")
        assert stage.node("wk-1").unschedulable
        assert "op-ben" in (stage.node("wk-1").annotation(LOCK_ANNOTATION) or "")

    run_virtual(story())


@BOTH_WAYS
def test_a_machine_that_another_left_behind_is_given_back(skew: float) -> None:
    """By our clock the other's lock is good for an hour where the cluster's is ahead."""

    async def story() -> None:
        stage = _stage(skew)
        async with stage.controller():
            op_id = await _held_by_a_budget(stage)
            _taken_over(stage, expires_in=-stage.timing.lock_ttl_s - 5)
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert (operation.state, operation.summary) == (OpState.ABORTED, "wk-1 uncordoned")
        assert stage.node("wk-1").annotations == ()

    run_virtual(story())


@BOTH_WAYS
@pytest.mark.parametrize(("expires_in", "blocks"), [(50.0, True), (-70.0, False)], ids=["held", "lapsed"])
def test_a_plan_judges_anothers_lock_by_the_clusters_clock(skew: float, expires_in: float, blocks: bool) -> None:
    async def story() -> None:
        stage = _stage(skew)
        _taken_over(stage, expires_in=expires_in)
        async with stage.controller():
            plan = (await stage.planned(stage.propose("drain", "wk-1"))).plan
        assert plan is not None
        (lock,) = [check for check in plan.checks if check.id == "lock"]
        assert lock.blocks is blocks

    run_virtual(story())
