"""What is asked again, when, and how often that is said."""

import asyncio

import pytest

from fleetui.control.memory_store import MemoryStore
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import Stored
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState, Option
from fleetui.ports.clock import Clock
from fleetui.ports.store import StoreUnusableError
from fleetui.ports.target import EvictionAnswer, PatchAnswer, TargetCluster
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual


async def _drained(stage: Stage, target: TargetCluster, **options: Option) -> Operation:
    engine = stage.engine(target=target)
    work = asyncio.create_task(engine.run())
    operation = await stage.ended(await stage.approved("drain", "wk-1", **options))
    engine.stop()
    await work
    return operation


class Busy(WatchedTarget):
    """Sends the first three changes of a node away with this answer."""

    def __init__(self, stage: Stage, answer: PatchAnswer) -> None:
        super().__init__(stage.host, stage.log)
        self._answer = answer
        self.sent_away = 0

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        if self.sent_away < 3:
            self.sent_away += 1
            return self._answer
        return await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)


@pytest.mark.parametrize(
    "answer",
    [
        PatchAnswer(429, "Too many requests, please try again later."),  # API priority and fairness
        PatchAnswer(500, 'Internal error occurred: failed calling webhook "nodes.example.com": connection refused'),
    ],
    ids=["no time", "webhook down"],
)
def test_a_change_of_a_node_that_the_server_could_not_take_now_is_asked_for_again(answer: PatchAnswer) -> None:
    async def story() -> None:
        stage = Stage()
        target = Busy(stage, answer)
        operation = await _drained(stage, target)
        assert (operation.state, target.sent_away) == (OpState.DONE, 3)
        kinds = [kind for kind, outcome in stage.effects(operation.op_id) if outcome == "refused"]
        assert kinds == ["lock-and-cordon"] * 3

    run_virtual(story())


RETRY_AFTER_S = 100.0


class ComeBackLater(WatchedTarget):
    """Refuses each pod once and says when to come again; notes when each was asked for."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.host, stage.log)
        self._clock = stage.clock
        self.asked: dict[str, list[float]] = {}

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        if not dry_run:
            self.asked.setdefault(uid, []).append(self._clock.now())
            if len(self.asked[uid]) == 1:
                return EvictionAnswer(429, "TooManyRequests", "later", retry_after_s=RETRY_AFTER_S)
        return await super().evict(namespace, name, uid=uid, grace_s=grace_s, dry_run=dry_run)


def test_a_servers_retry_after_is_kept_and_spread() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("ReplicaSet", "api", replicas=16)
        await stage.clock.sleep(20)
        target = ComeBackLater(stage)
        assert (await _drained(stage, target)).state is OpState.DONE
        assert len(target.asked) >= 4
        assert {len(times) for times in target.asked.values()} == {2}
        pauses = sorted(again - first for first, again in target.asked.values())
        assert pauses[0] >= RETRY_AFTER_S
        assert pauses[-1] <= RETRY_AFTER_S * 1.2 + 2 * stage.timing.poll_s
        assert pauses[-1] - pauses[0] > 5.0, "all at once is what the server asked us not to do"
        at_once = [pause for pause in pauses if pause < RETRY_AFTER_S + 2 * stage.timing.poll_s]
        assert len(at_once) <= len(pauses) / 4

    run_virtual(story())


def test_a_kubeconfig_that_stays_broken_is_said_once() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("db", node="wk-1", labels={"app": "db"})
        stage.scene.budget("db", {"app": "db"}, minAvailable=1)
        async with stage.controller("c1"):
            op_id = await stage.approved("drain", "wk-1", force=True)
            await stage.waiting(op_id, "budget")
        tries = 0
        fault = Fault(FaultKind.CONFIG, "config", "no context prod", "put it back")

        async def connect(_ref: ClusterRef) -> TargetCluster:
            nonlocal tries
            tries += 1
            if tries <= 10:
                raise ClusterError(fault)
            return stage.engine_target()

        engine = stage.engine("c2", connect=connect)
        work = asyncio.create_task(engine.run())
        operation = await stage.until(op_id, lambda op: op.fence == 2 and len(op.effects) > 2 and tries > 10)
        engine.stop()
        await work
        said = [note.text for note in operation.notes]
        assert said == ["the cluster cannot be opened: config: no context prod; put it back; tried again every 30 s"]

    run_virtual(story())


class UnreadableOnce(MemoryStore):
    """Its disk answers the first loads with errors."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.failures = 0

    def load(self, op_id: str, *, from_seq: int = 0) -> Stored:
        if self.failures > 0:
            self.failures -= 1
            raise StoreUnusableError("the disk answers with errors", "look at dmesg")
        return super().load(op_id, from_seq=from_seq)


def test_an_operation_that_could_not_be_read_is_read_again() -> None:
    async def story() -> None:
        stage = Stage()
        store = UnreadableOnce(stage.clock)
        op_id = stage.propose("cordon", "wk-1", store=store)
        store.failures = 1
        async with stage.controller(store=store):
            await stage.clock.sleep(stage.timing.claim_ttl_s / 2)
            assert store.failures == 0
            assert stage.operation(op_id, store=store).plan is None
            assert (await stage.planned(op_id, store=store)).plan is not None

    run_virtual(story())
