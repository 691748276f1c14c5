"""What an answer says about a change: made, refused, or unknown and to be looked for."""

import asyncio

import pytest

from fleetui.control.effects import outcome_of
from fleetui.control.registry import load_registry
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import EffectAnswered, EffectOutcome, RequestKind
from fleetui.model.lock import release_patch, uncordon_patch
from fleetui.model.operation import OpState
from fleetui.ports.target import EvictionAnswer
from fleetui.simulate.request import Delete
from tests.control.muting import StageAlerting
from tests.control.stage import WITNESSED, Stage, WatchedTarget, kinds_of
from tests.control.virtual_time import run_virtual

SEVERAL = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."
DENIED = 'admission webhook "guard.example.com" denied the request: not on a Friday'
UNCALLED = 'Internal error occurred: failed calling webhook "guard.example.com": context deadline exceeded'


@pytest.mark.parametrize(
    ("code", "message", "outcome"),
    [
        (200, "", EffectOutcome.DONE),
        (201, "", EffectOutcome.DONE),
        (400, DENIED, EffectOutcome.REFUSED),
        (403, "", EffectOutcome.REFUSED),
        (404, "", EffectOutcome.REFUSED),
        (409, "the object has been modified", EffectOutcome.REFUSED),
        (429, "Cannot evict pod as it would violate the pod's disruption budget.", EffectOutcome.REFUSED),
        (500, SEVERAL, EffectOutcome.REFUSED),
        (500, DENIED, EffectOutcome.REFUSED),
        (500, UNCALLED, EffectOutcome.REFUSED),
        (500, "etcdserver: request timed out", EffectOutcome.UNKNOWN),
        (503, SEVERAL, EffectOutcome.UNKNOWN),
        (504, "Timeout: request did not complete within requested timeout", EffectOutcome.UNKNOWN),
        (302, "", EffectOutcome.UNKNOWN),
    ],
)
def test_what_an_answer_says_about_the_change(code: int, message: str, outcome: EffectOutcome) -> None:
    assert outcome_of(code, message) is outcome


class Misleading(WatchedTarget):
    """Its first eviction happens, and is answered as if it had not, or not at all."""

    def __init__(self, stage: Stage, answer: EvictionAnswer | ClusterError) -> None:
        super().__init__(stage.host, stage.log)
        self._answer: EvictionAnswer | ClusterError | None = answer
        self.posted: list[str] = []

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        answer = await super().evict(namespace, name, uid=uid, grace_s=grace_s, dry_run=dry_run)
        if dry_run:
            return answer
        self.posted.append(uid)
        misleading, self._answer = self._answer, None
        if isinstance(misleading, ClusterError):
            raise misleading
        return misleading or answer


LOST = ClusterError(Fault(FaultKind.TIMEOUT, "no answer", "none within 10 s", "look at the line"))


@pytest.mark.parametrize(
    ("answer", "code"),
    [(EvictionAnswer(500, "InternalError", "etcdserver: request timed out"), 500), (LOST, 0)],
    ids=["500", "no answer"],
)
def test_an_eviction_that_happened_behind_an_error_is_found_and_not_repeated(
    answer: EvictionAnswer | ClusterError, code: int
) -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        await stage.clock.sleep(20)
        target = Misleading(stage, answer)
        engine = stage.engine(target=target)
        work = asyncio.create_task(engine.run())
        op_id = await stage.approved("drain", "wk-1")
        operation = await stage.ended(op_id)
        engine.stop()
        await work
        assert operation.state is OpState.DONE
        answers = [
            r for r in stage.records(op_id) if isinstance(r, EffectAnswered) and r.effect_id.startswith("evict/")
        ]
        assert [(one.outcome, one.code) for one in answers[:2]] == [
            (EffectOutcome.UNKNOWN, code),
            (EffectOutcome.DONE, 0),
        ]
        assert answers[1].message.startswith("probed: the pod is ")
        assert len(target.posted) == len(set(target.posted)) > 0, "one POST for each pod"

    run_virtual(story())


# -- the journal knows first -------------------------------------------------------------------------------------------


async def _every_effect(stage: Stage) -> None:
    """A drain that renews and releases its lock, one that is taken back, a cordon, and one that is lifted."""
    stage.scene.workload("ReplicaSet", "api", replicas=4)
    await stage.clock.sleep(20)
    stage.now()
    stage.scene.budget("api", {"app": "api"}, minAvailable=4)
    taken_back = await stage.approved("drain", "wk-1", silence=True)
    await stage.waiting(taken_back, "budget")
    await stage.clock.sleep(stage.timing.lock_renew_s * 2)
    stage.ask(taken_back, RequestKind.ABORT)
    await stage.ended(taken_back)
    for kind in ("cordon", "uncordon"):
        await stage.ended(await stage.approved(kind, "wk-1"))
    stage.now()
    stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
    assert (await stage.ended(await stage.approved("drain", "wk-1"))).state is OpState.DONE


def test_of_every_effect_that_is_declared_the_journal_knows_before_the_cluster() -> None:
    """The other half is ``conftest``'s: nothing came that was not announced. A new effect needs its story here."""

    async def story() -> None:
        stage = Stage()
        stage.open_mutes = StageAlerting(stage).open
        async with stage.controller():
            await _every_effect(stage)
        kinds = [kind for name, kind in load_registry().items() if not name.startswith("etcd-")]  # test_etcd_operations
        declared = {e.name for kind in kinds for step in kind.steps for e in step.effects}
        assert WITNESSED.kinds == declared

    run_virtual(story())


def test_the_witness_accuses_a_change_that_nobody_announced() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("db", node="wk-1")
        stage.engine()  # so that there is a store, and nothing in it
        target = stage.engine_target()
        node, pod = stage.node("wk-1"), await target.pod("pay", "db")
        assert pod is not None
        rv = node.resource_version
        assert (await target.patch_node("wk-1", uid=node.uid, resource_version=rv, patch=uncordon_patch())).code == 200
        assert (await target.evict("pay", "db", uid=pod.uid, grace_s=None, dry_run=True)).code == 201
        assert (await target.evict("pay", "db", uid=pod.uid, grace_s=None, dry_run=False)).code == 201
        assert WITNESSED.unannounced == [
            f"PATCH node wk-1 {node.uid}: no open intent of uncordon",
            f"POST pod pay/db {pod.uid}: no open intent of evict",
        ]
        assert kinds_of(release_patch()) == {"release"}
        WITNESSED.clear()

    run_virtual(story())
