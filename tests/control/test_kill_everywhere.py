"""A controller that dies before or after any record of its journal, on virtual time: the next one finishes the work.

The real processes are killed in ``tests/drills``; here every point of every story is cheap, so every point is tried.
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from fleetui.control.effect_kind import EVICT
from fleetui.control.memory_store import MemoryStore
from fleetui.control.registry import load_registry
from fleetui.model.drain import PodState
from fleetui.model.journal import EffectAnswered, EffectIntended, EffectOutcome, Record, RequestKind, StepStarted
from fleetui.model.lock import read_lock
from fleetui.model.operation import OpState
from fleetui.model.step_progress import StepState
from fleetui.ports.clock import Clock
from fleetui.simulate.inprocess_target import SimulatedTarget
from fleetui.simulate.request import Delete
from tests.control.muting import StageAlerting
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual


class _KilledError(BaseException):
    """Death: no handler of the controller may catch it and go on."""


class DyingStore(MemoryStore):
    """Kills its user at the n-th append, before or after the record is durable; then refuses everything else."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.dies_at: int | None = None
        self.dies_on: Callable[[Record], bool] = lambda _record: False
        self.dies_after: Callable[[Record], bool] = lambda _record: False
        self.after = False
        self.appended = 0
        self.dead = False

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        if self.dead:
            raise _KilledError
        if (self.appended == self.dies_at and not self.after) or self.dies_on(record):
            self._die()
        self.appended += 1
        seq = super().append(op_id, fence, expected_seq, record)
        if (self.appended - 1 == self.dies_at and self.after) or self.dies_after(record):
            self._die()
        return seq

    def _die(self) -> None:
        self.dead = True
        raise _KilledError

    def revive(self) -> None:
        """For the next controller."""
        self.dead, self.dies_at = False, None
        self.dies_on = self.dies_after = lambda _record: False


async def _drain(stage: Stage) -> str:
    return await stage.approved("drain", "wk-1")


async def _drain_muted(stage: Stage) -> str:
    return await stage.approved("drain", "wk-1", silence=True)


async def _drain_two(stage: Stage) -> str:
    return await stage.approved("drain", "wk-1", "wk-2", max_parallel=2)


async def _drain_aborted(stage: Stage) -> str:
    op_id = await stage.approved("drain", "wk-1", silence=True)
    await stage.until(op_id, lambda op: any(step.kind == "evict" and step.started for step in op.steps))
    stage.ask(op_id, RequestKind.ABORT)
    return op_id


async def _drain_aborted_midway(stage: Stage) -> str:
    """The first machine is finished, the second held by a budget."""
    stage.now()
    stage.scene.pod("db", node="wk-2", labels={"app": "db"})
    stage.scene.budget("db", {"app": "db"}, minAvailable=1)
    op_id = await stage.approved("drain", "wk-1", "wk-2", force=True)
    wanted = {"release/wk-1": StepState.DONE, "evict/wk-2": StepState.WAITING}
    await stage.until(op_id, lambda op: wanted.items() <= {step.id: step.state for step in op.steps}.items())
    stage.ask(op_id, RequestKind.ABORT)
    return op_id


async def _drain_rolled_back(stage: Stage) -> str:
    stage.now()
    stage.scene.budget("api", {"app": "api"}, minAvailable=4)
    return await stage.approved("drain", "wk-1", timeout_s=10, uncordon_on_failure=True)


async def _drain_failed(stage: Stage) -> str:
    stage.now()
    stage.scene.budget("api", {"app": "api"}, minAvailable=4)
    return await stage.approved("drain", "wk-1", timeout_s=10)


async def _cordon(stage: Stage) -> str:
    return await stage.approved("cordon", "wk-1")


STORIES: dict[str, tuple[Callable[[Stage], Awaitable[str]], OpState]] = {
    "drain": (_drain_muted, OpState.DONE),
    "two machines": (_drain_two, OpState.DONE),
    "aborted": (_drain_aborted, OpState.ABORTED),
    "aborted midway": (_drain_aborted_midway, OpState.ABORTED),
    "failed": (_drain_failed, OpState.FAILED),
    "rolled back": (_drain_rolled_back, OpState.ROLLED_BACK),
    "cordon": (_cordon, OpState.DONE),
}


CORDONED_AFTER: dict[str, tuple[str, ...]] = {
    "aborted": (),
    "aborted midway": ("wk-1",),
    "rolled back": (),
}
"""Where not all machines of the story stay cordoned."""


async def _play(story: str, dies_at: int | None, *, after: bool) -> int:
    """One life and, when it was cut short, a second; the number of records when it was not."""
    stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
    store = DyingStore(stage.clock)
    stage.store = store
    stage.scene.workload("ReplicaSet", "api", replicas=4)
    alerting = StageAlerting(stage)
    stage.open_mutes = alerting.open
    await stage.clock.sleep(20)
    store.dies_at, store.after = dies_at, after
    people = asyncio.create_task(STORIES[story][0](stage))
    first = asyncio.create_task(stage.engine("c1").run())
    await asyncio.wait({first}, timeout=120)
    assert first.done() is (dies_at is not None), "the record at which it should have died was never written"
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    store.revive()
    async with stage.controller("c2"):
        op_id = await people
        operation = await stage.ended(op_id)
        _check(stage, story, op_id)
        assert operation.state is STORIES[story][1]
    assert alerting.active == []
    assert len(alerting.all) <= 2, "no silence was made twice"
    return store.appended


def _check(stage: Stage, story: str, op_id: str) -> None:
    operation = stage.operation(op_id)
    assert operation.open_effects == ()
    steps = load_registry()[operation.intent.kind].steps
    declared = {(step.name, effect.name) for step in steps for effect in step.effects}
    intents = [record for record in stage.records(op_id) if isinstance(record, EffectIntended)]
    assert {(intent.step_id.partition("/")[0], intent.kind) for intent in intents} <= declared
    for target in operation.intent.targets:
        node = stage.node(target.name)
        assert read_lock(node) is None
        assert node.unschedulable is (target.name in CORDONED_AFTER.get(story, (target.name,)))
        assert operation.state is not OpState.DONE or story == "cordon" or stage.names_on(target.name) == set()
    _check_evictions(stage, op_id)


def _check_evictions(stage: Stage, op_id: str) -> None:
    operation = stage.operation(op_id)
    assert operation.plan is not None
    planned = {pod.uid for step in operation.plan.steps for pod in step.pods if pod.action == "evict"}
    accepted = [uid for verb, _, uid, code in stage.log if verb == "evict" and code == 201]
    assert set(accepted) <= planned
    assert len(accepted) == len(set(accepted))


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("story", STORIES)
def test_whatever_record_a_controller_dies_at_the_next_one_finishes(story: str, after: bool) -> None:
    records = run_virtual(_play(story, None, after=False))
    assert records > 5
    for dies_at in range(records):
        run_virtual(_play(story, dies_at, after=after))


def test_an_effect_has_one_probe_wherever_it_is_declared() -> None:
    """The journal knows its name alone."""
    declared = {effect for kind in load_registry().values() for step in kind.steps for effect in step.effects}
    assert len({effect.name for effect in declared}) == len(declared)


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("evict", "probed: the pod is gone"),
        ("lock-and-cordon", "probed: our lock is on it"),
        ("release", "probed: our lock is off it"),
    ],
)
def test_an_answer_that_was_never_written_down_is_found_out(kind: str, seen: str) -> None:
    async def story() -> None:
        stage = Stage()
        store = stage.store = DyingStore(stage.clock)
        stage.scene.workload("ReplicaSet", "api", replicas=2)
        await stage.clock.sleep(20)
        store.dies_on = lambda record: isinstance(record, EffectAnswered) and record.effect_id.startswith(kind)
        people = asyncio.create_task(_drain(stage))
        first = asyncio.create_task(stage.engine("c1").run())
        await asyncio.wait({first}, timeout=120)
        assert first.done()
        assert isinstance(first.exception(), BaseExceptionGroup)
        made = len(stage.log)
        store.revive()
        async with stage.controller("c2"):
            await stage.ended(await people)
        probed = [r for r in stage.records("op-1") if isinstance(r, EffectAnswered) and r.message.startswith("probed")]
        assert [(answer.outcome, answer.code) for answer in probed] == [(EffectOutcome.DONE, 0)]
        assert probed[0].message == seen
        again = [entry for entry in stage.log[made:] if entry[0] == "evict" and entry in stage.log[:made]]
        assert again == []

    run_virtual(story())


class SlowToShow(WatchedTarget):
    """Whoever lists the pods is not told for a minute that they are on their way out."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.host, stage.log)
        self._stage = stage
        self.blind_until = 0.0

    async def pods_on(self, node: str) -> tuple[PodState, ...]:
        found = await super().pods_on(node)
        if self._stage.clock.now() >= self.blind_until:
            return found
        return tuple(msgspec.structs.replace(pod, deleting_since=None, deletes_at=None) for pod in found)


def test_an_eviction_that_was_answered_is_known_to_the_next_controller_whatever_the_pod_shows() -> None:
    async def story() -> None:
        stage = Stage()
        store = stage.store = DyingStore(stage.clock)
        stage.scene.pod("db", node="wk-1", terminationGracePeriodSeconds=120)
        target = SlowToShow(stage)
        people = asyncio.create_task(stage.approved("drain", "wk-1", force=True, settle_s=0))
        store.dies_after = lambda record: isinstance(record, EffectAnswered) and record.effect_id.startswith("evict")
        first = asyncio.create_task(stage.engine("c1", target=target).run())
        await asyncio.wait({first}, timeout=120)
        assert first.done()
        assert isinstance(first.exception(), BaseExceptionGroup)
        assert (stage.evictions(), stage.names_on("wk-1")) == (["db"], {"db"})
        store.revive()
        target.blind_until = stage.clock.now() + 60
        second = stage.engine("c2", target=target)
        work = asyncio.create_task(second.run())
        operation = await stage.ended(await people)
        second.stop()
        await work
        assert (operation.state, operation.fence) == (OpState.DONE, 2)
        assert [name for verb, name, *_ in stage.log if verb == "evict"] == ["db"], (
            "no second request, not even refused"
        )
        (step,) = [step for step in operation.steps if step.kind == "evict"]
        assert step.summary == "1 pod evicted"

    run_virtual(story())


def test_a_step_that_failed_has_failed_for_the_next_controller_too() -> None:
    async def story() -> None:
        stage = Stage()
        store = stage.store = DyingStore(stage.clock)
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        await stage.clock.sleep(20)
        store.dies_on = lambda record: isinstance(record, StepStarted) and record.step_id == "undo/wk-1"
        people = asyncio.create_task(_drain_failed(stage))
        first = asyncio.create_task(stage.engine("c1").run())
        await asyncio.wait({first}, timeout=120)
        assert first.done()
        assert isinstance(first.exception(), BaseExceptionGroup)
        stage.now()
        stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
        store.revive()
        async with stage.controller("c2"):
            operation = await stage.ended(await people)
        assert operation.state is OpState.FAILED
        assert "not empty after 10 s" in operation.summary
        assert stage.evictions() == []
        assert read_lock(stage.node("wk-1")) is None

    run_virtual(story())


def test_each_probe_reads_its_mark_from_the_object() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("db", node="wk-1", finalizers=["a.example/b"])
        target = SimulatedTarget(stage.host)  # no controller is at work, and no journal
        pod = await target.pod("pay", "db")
        assert pod is not None
        effect = EffectIntended("e", "evict/wk-1", "evict", "POST", "pod pay/db", pod.uid, 1, 0.0)
        probe = EVICT.probe
        assert await probe(target, effect, "op-1") == (EffectOutcome.REFUSED, "probed: the pod runs on")
        await target.evict("pay", "db", uid=pod.uid, grace_s=None, dry_run=False)
        assert await probe(target, effect, "op-1") == (EffectOutcome.DONE, "probed: the pod is terminating")
        other = msgspec.structs.replace(effect, uid="another pod of this name")
        assert await probe(target, other, "op-1") == (EffectOutcome.DONE, "probed: the pod is gone")

    run_virtual(story())
