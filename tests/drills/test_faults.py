"""Real controllers, real servers, and what happens to both: two operators on one machine, servers that stop or hang."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.journal import Waiting
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from tests.bed.cluster import BedCluster
from tests.drills import witness
from tests.drills.scene import TIMEOUT_S, DrillScene, is_waiting, until

pytestmark = [pytest.mark.bed, pytest.mark.timeout(TIMEOUT_S)]


@pytest.fixture
def scene(bed_cluster: BedCluster, tmp_path: Path) -> Iterator[DrillScene]:
    scene = DrillScene(bed_cluster, tmp_path)
    yield scene
    scene.close()


@pytest.fixture
def own(bed_factory: Callable[..., BedCluster], tmp_path: Path) -> Iterator[DrillScene]:
    """On a cluster of its own, that may be stopped."""
    scene = DrillScene(bed_factory("faulty"), tmp_path)
    yield scene
    scene.close()


def _waiting(operation: Operation, why: str) -> Waiting:
    return next(one for step in operation.steps for one in step.waiting if one.why == why)


def test_two_operators_with_two_stores_the_second_is_refused_with_the_reason(scene: DrillScene, tmp_path: Path) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir(mode=0o700)
    theirs = SqliteStore(folder / "operations.db", scene.clock)
    scene.budget(2)
    scene.start()
    scene.start(folder=folder)
    early = scene.propose("drain", store=theirs)
    scene.wait(early, lambda op: op.plan is not None, store=theirs)

    op_id = scene.propose("drain")
    scene.approve(op_id)
    scene.wait_for_why(op_id, "budget")

    late = scene.propose("drain", store=theirs)
    plan = scene.wait(late, lambda op: op.plan is not None, store=theirs).plan
    assert plan is not None
    (lock,) = [check for check in plan.checks if check.id == "lock"]
    assert lock.blocks
    assert lock.evidence.startswith(f"held by drain {op_id} by ana@jump-1 (controller ")

    scene.approve(early, store=theirs)
    refused = scene.wait(early, lambda op: op.state.ended, store=theirs)
    assert refused.state is OpState.FAILED
    assert f"held by drain {op_id} by ana@jump-1" in refused.summary
    assert refused.effects == ()

    scene.budget(0)
    assert scene.wait(op_id, lambda op: op.state.ended).state is OpState.DONE
    assert scene.misdeeds(op_id) == []
    theirs.close()


def test_a_budget_that_opens_later_is_named_until_it_does(scene: DrillScene) -> None:
    scene.budget(2)
    scene.start()
    op_id = scene.propose("drain")
    scene.approve(op_id)
    waiting = _waiting(scene.wait_for_why(op_id, "budget"), "budget")
    assert waiting.detail == f"pdb {scene.namespace}/api allows 0: needs 2, has 2 of 2 pods"
    assert waiting.owner == "ReplicaSet/api-0"
    assert waiting.since is not None
    assert scene.clock.now() - waiting.since < 60
    assert waiting.remedy.startswith(
        f"it can never open with 2 pods: scale {waiting.owner} up to 3, or lower what pdb "
    )
    scene.budget(1)
    operation = scene.wait(op_id, lambda op: op.state.ended)
    assert operation.state is OpState.DONE
    assert scene.pods_here() == []
    assert len(witness.accepted_evictions(scene.audited())) == 2


@pytest.mark.parametrize(
    ("fault", "mend"),
    [
        (BedCluster.stop_api, BedCluster.start_api),
        (BedCluster.freeze_api, BedCluster.thaw_api),
        (BedCluster.stop_etcd, BedCluster.start_etcd),
    ],
    ids=["stopped", "frozen", "without storage"],
)
@pytest.mark.drill
def test_a_server_that_fails_in_the_middle_is_waited_for(
    own: DrillScene, fault: Callable[[BedCluster], None], mend: Callable[[BedCluster], None]
) -> None:
    own.budget(2)
    own.start()
    op_id = own.propose("drain")
    own.approve(op_id)
    own.wait_for_why(op_id, "budget")
    fault(own.bed)
    operation = own.wait(op_id, lambda op: any(w.object == "cluster faulty" for s in op.steps for w in s.waiting))
    assert not operation.state.ended
    mend(own.bed)
    own.wait(op_id, lambda op: is_waiting(op, "budget"))
    own.budget(0)
    assert own.wait(op_id, lambda op: op.state.ended).state is OpState.DONE
    until(lambda: len(witness.accepted_evictions(own.audited())) == 2 or None, "both evictions in the audit log")
    assert own.misdeeds(op_id) == []


def test_a_controller_that_is_told_to_stop_leaves_nothing_open(scene: DrillScene) -> None:
    scene.budget(2)
    first = scene.start()
    op_id = scene.propose("drain")
    scene.approve(op_id)
    scene.wait_for_why(op_id, "budget")
    first.send_signal(signal.SIGTERM)
    assert first.wait(timeout=30) == 0
    operation = scene.operation(op_id)
    assert (operation.state, operation.open_effects) == (OpState.RUNNING, ())
    scene.start()
    scene.budget(0)
    assert scene.wait(op_id, lambda op: op.state.ended).state is OpState.DONE
