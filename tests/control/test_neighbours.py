"""Which other operations of a store a plan has to reckon with: those of its cluster that may be changing machines."""

import asyncio

import msgspec
import pytest

from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import RequestKind
from fleetui.model.operation import Check, OpState, Outcome
from fleetui.ports.target import TargetCluster
from tests.control.stage import CLUSTER, Stage
from tests.control.virtual_time import run_virtual


def _others(checks: tuple[Check, ...]) -> Check:
    (check,) = [check for check in checks if check.id == OTHERS]
    return check


OTHERS = "others"


def test_an_operation_that_is_approved_and_not_begun_is_a_neighbour() -> None:
    async def story() -> None:
        stage = Stage()
        async with stage.controller("c1"):
            first = stage.propose("drain", "wk-1")
            plan = (await stage.planned(first)).plan
            assert plan is not None
        stage.ask(first, RequestKind.APPROVE, digest=plan.digest)
        opened = 0

        async def slow_to_open_the_first(_ref: ClusterRef) -> TargetCluster:
            nonlocal opened
            opened += 1
            await stage.clock.sleep(60 if opened == 1 else 0)
            return stage.engine_target()

        engine = stage.engine("c2", connect=slow_to_open_the_first)
        work = asyncio.create_task(engine.run())
        await stage.until(first, lambda op: op.fence == 2)
        planned = await stage.planned(stage.propose("drain", "wk-1"))
        assert stage.operation(first).state is OpState.APPROVED
        assert planned.plan is not None
        check = _others(planned.plan.checks)
        assert check.blocks
        assert check.evidence == f"already being worked on: drain {first} by ana@jump-1"
        engine.stop()
        await work

    run_virtual(story())


EAST, WEST = "this cluster's uid", "another uid"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (CLUSTER, CLUSTER, True),
        (ClusterRef("a", "ctx", ("f",), EAST), ClusterRef("b", "another ctx", ("g",), EAST), True),
        (ClusterRef("a", "ctx", ("f",), EAST), ClusterRef("a", "ctx", ("f",), WEST), False),
        (ClusterRef("a", "ctx", ("f",)), ClusterRef("b", "ctx", ("f",), EAST), True),
        (ClusterRef("a", "ctx", ("f",)), ClusterRef("a", "another ctx", ("f",)), False),
        (ClusterRef("a", "ctx", ("f",)), ClusterRef("a", "ctx", ("g",)), False),
    ],
)
def test_a_neighbour_is_in_the_same_cluster_by_uid_or_else_by_context(
    one: ClusterRef, other: ClusterRef, same: bool
) -> None:
    async def story() -> None:
        stage = Stage()
        uid = stage.scene.get("namespaces", "kube-system", "").uid
        first, second = (msgspec.structs.replace(ref, uid=uid if ref.uid == EAST else ref.uid) for ref in (one, other))
        stage.scene.pod("db", node="wk-1", labels={"app": "db"})
        stage.scene.budget("db", {"app": "db"}, minAvailable=1)
        async with stage.controller():
            running = stage.propose("drain", "wk-1", cluster=first, force=True)
            plan = (await stage.planned(running)).plan
            assert plan is not None
            stage.ask(running, RequestKind.APPROVE, digest=plan.digest)
            await stage.waiting(running, "budget")
            planned = (await stage.planned(stage.propose("drain", "wk-2", cluster=second))).plan
        assert planned is not None
        check = _others(planned.checks)
        assert check.outcome is (Outcome.FAIL if same else Outcome.OK)
        assert ("elsewhere in this cluster: drain of 1" in check.evidence) is same

    run_virtual(story())
