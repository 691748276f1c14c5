"""Pass after pass of the eviction step: what is asked again and when, what is said meanwhile, when a place is lent."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import msgspec
import pytest

from fleetui.control.timing import Timing
from fleetui.model.drain import Budget, PodState
from fleetui.model.journal import RequestKind, Waiting
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.model.step_progress import StepProgress
from fleetui.ports.target import EvictionAnswer, TargetCluster
from fleetui.simulate import kubelet
from fleetui.simulate.request import Delete, Patch
from fleetui.simulate.state import State
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual

RARELY = Timing(evict_retry_s=300.0, evict_retry_max_s=300.0)
SOON_S = 10.0
"""A few passes."""


async def _with(stage: Stage, target: TargetCluster, play: Callable[[], Awaitable[None]], holder: str = "c1") -> None:
    """A controller that sees the cluster through ``target``, while ``play`` lasts."""
    engine = stage.engine(holder, target=target)
    work = asyncio.create_task(engine.run())
    await play()
    engine.stop()
    await work


def _evict_step(operation: Operation, machine: str = "wk-1") -> StepProgress:
    return next(step for step in operation.steps if step.id == f"evict/{machine}")


def _only(operation: Operation) -> Waiting:
    (waiting,) = _evict_step(operation).waiting
    return waiting


def _slow(stage: Stage, name: str, *, node: str = "wk-1", seconds: int = 300) -> None:
    """A pod that takes all of its grace to end."""

    def stubborn(state: State, _now: float) -> None:
        pod = state.pod(("pay", name))
        assert pod is not None
        template = msgspec.structs.replace(pod.template, stops_in_s=float(seconds))
        state.put(msgspec.structs.replace(pod, template=template))

    stage.now()
    stage.scene.pod(name, node=node, labels={"app": name}, terminationGracePeriodSeconds=seconds)
    stage.scene.world.plan(stage.clock.now(), 0.0, stubborn)
    stage.now()


def _db(stage: Stage, name: str = "db", *, node: str = "wk-1") -> None:
    """A pod that its budget never lets go, and that takes 20 seconds once it may."""
    _slow(stage, name, node=node, seconds=20)
    stage.scene.budget(name, {"app": name}, minAvailable=1)


class Slow(WatchedTarget):
    """Reads that lag behind: an accepted eviction is not seen on the pod yet."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.host, stage.log)

    async def pods_on(self, node: str) -> tuple[PodState, ...]:
        pods = await super().pods_on(node)
        return tuple(msgspec.structs.replace(pod, deleting_since=None, deletes_at=None) for pod in pods)


class Answering(WatchedTarget):
    """Answers every eviction with what the test says; notes when each was asked for."""

    def __init__(self, stage: Stage, code: int, message: str) -> None:
        super().__init__(stage.host, stage.log)
        self.code, self.message = code, message
        self._clock = stage.clock
        self.asked: list[float] = []

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        if dry_run:
            return EvictionAnswer(201)
        self.asked.append(self._clock.now())
        return EvictionAnswer(self.code, "", self.message)


# -- what has been accepted --------------------------------------------------------------------------------------------


def test_an_accepted_eviction_is_asked_for_once_however_long_the_pod_takes_and_whoever_waits_for_it() -> None:
    async def story() -> None:
        stage = Stage()
        _slow(stage, "slow")
        op_id = ""

        async def first() -> None:
            nonlocal op_id
            op_id = await stage.approved("drain", "wk-1", force=True)
            await stage.until(op_id, lambda _: bool(stage.evictions()))
            await stage.clock.sleep(100)

        async def second() -> None:
            assert (await stage.ended(op_id)).state is OpState.DONE

        await _with(stage, Slow(stage), first, "c1")
        await _with(stage, Slow(stage), second, "c2")
        asked = [name for verb, name, _, _ in stage.log if verb == "evict"]
        assert asked == ["slow"]
        assert _evict_step(stage.operation(op_id)).summary == "1 pod evicted"

    run_virtual(story())


def test_a_pod_that_somebody_else_took_away_is_not_counted_as_evicted() -> None:
    async def story() -> None:
        stage = Stage()
        for name in ("db", "other"):
            _db(stage, name)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", force=True, settle_s=0)
            await stage.waiting(op_id, "budget")
            stage.now()
            stage.scene.ask(Delete("pods", "other", "pay"))
            stage.scene.ask(Patch("poddisruptionbudgets", "db", {"spec": {"minAvailable": 0}}, "pay"))
            operation = await stage.ended(op_id)
        assert _evict_step(operation).summary == "1 pod evicted"

    run_virtual(story())


def test_a_pod_of_a_silent_kubelet_that_was_not_waited_for_is_in_the_summary() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("lost", node="wk-1")
        stage.scene.world.plan(stage.clock.now(), 0.0, lambda world, now: kubelet.fall_silent("wk-1", world, now))
        await stage.clock.sleep(60)
        stage.now()
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", force=True, settle_s=0, skip_wait_unreachable_s=60)
            operation = await stage.ended(op_id)
        assert _evict_step(operation).summary == "1 pod evicted, 1 not waited for (silent kubelet)"

    run_virtual(story())


def test_the_grace_of_a_pod_is_over_by_the_clock_of_the_server() -> None:
    async def story() -> None:
        stage = Stage()
        stage.trouble.skew_s = 3_600.0
        stage.scene.pod("db", node="wk-1", finalizers=["backup.example.com/hold"], terminationGracePeriodSeconds=600)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", force=True)
            began = stage.clock.now()
            operation = await stage.waiting(op_id, "finalizer")
        assert operation.started is not None
        assert stage.clock.now() - began < SOON_S

    run_virtual(story())


# -- what is said ------------------------------------------------------------------------------------------------------


def test_strangers_are_said_first_then_what_is_refused_then_what_is_on_its_way() -> None:
    async def story() -> None:
        stage = Stage()
        _slow(stage, "a-slow")
        _db(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", force=True)
            await stage.waiting(op_id, "budget")
            stage.now()
            stage.scene.pod("late", node="wk-1")
            operation = await stage.waiting(op_id, "pod outside the plan")
        step = _evict_step(operation)
        assert [one.object for one in step.waiting] == ["pod pay/late", "pod pay/db", "pod pay/a-slow"]
        assert step.left == 3

    run_virtual(story())


def test_since_when_a_refusal_lasts_is_kept_until_it_is_another_one() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("web", node="wk-1")
        target = Answering(stage, 429, "later")

        async def play() -> None:
            op_id = await stage.approved("drain", "wk-1", force=True)
            first = _only(await stage.waiting(op_id, "rate limit"))
            assert first.since is not None
            assert first.since == pytest.approx(target.asked[0], abs=1)
            target.message = "much later"
            again = _only(await stage.until(op_id, lambda op: _only(op).detail == "much later"))
            assert again.since == first.since
            target.code = 403
            other = _only(await stage.waiting(op_id, "forbidden"))
            assert other.since == pytest.approx(target.asked[-1], abs=1)
            stage.ask(op_id, RequestKind.ABORT)
            await stage.ended(op_id)

        await _with(stage, target, play)

    run_virtual(story())


def test_budgets_that_may_not_be_read_leave_the_servers_own_words() -> None:
    async def story() -> None:
        stage = Stage()
        _db(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", force=True)
            await stage.waiting(op_id, "budget")
            stage.trouble.forbidden = frozenset({"list poddisruptionbudgets"})
            operation = await stage.until(op_id, lambda op: not _only(op).detail.startswith("pdb "))
        waiting = _only(operation)
        assert (waiting.why, waiting.remedy) == ("budget", "more of its pods must be ready")
        assert "disruption budget" in waiting.detail

    run_virtual(story())


class Counting(WatchedTarget):
    """Counts the reads of budgets."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.host, stage.log)
        self.reads = 0

    async def budgets(self, namespace: str) -> tuple[Budget, ...]:
        self.reads += 1
        return await super().budgets(namespace)


def test_a_free_drain_reads_no_budgets_while_it_waits_for_its_pods() -> None:
    async def story() -> None:
        stage = Stage()
        _slow(stage, "slow")
        target = Counting(stage)

        async def play() -> None:
            op_id = await stage.approved("drain", "wk-1", force=True)
            await stage.waiting(op_id, "terminating")
            before = target.reads
            assert (await stage.ended(op_id)).state is OpState.DONE
            assert target.reads == before

        await _with(stage, target, play)

    run_virtual(story())


# -- when it is asked again --------------------------------------------------------------------------------------------


def test_the_pauses_between_two_tries_grow_to_their_limit() -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("web", node="wk-1")
        target = Answering(stage, 403, "no")

        async def play() -> None:
            op_id = await stage.approved("drain", "wk-1", force=True, timeout_s=600)
            await stage.ended(op_id)

        await _with(stage, target, play)
        timing, gaps = stage.timing, [later - earlier for earlier, later in pairwise(target.asked)]
        slack = 2 * 1.2 * timing.poll_s
        assert 0.8 * timing.evict_retry_s <= gaps[0] <= 1.2 * timing.evict_retry_s + slack
        assert gaps[0] < gaps[2] < gaps[4]
        assert all(0.8 * timing.evict_retry_max_s <= gap for gap in gaps[6:])
        assert all(gap <= 1.2 * timing.evict_retry_max_s + slack for gap in gaps)

    run_virtual(story())


def _shut(stage: Stage) -> None:
    stage.scene.budget("one", {"app": "db"}, minAvailable=1)


def _open_it(stage: Stage) -> None:
    stage.scene.ask(Patch("poddisruptionbudgets", "one", {"spec": {"minAvailable": 0}}, "pay"))


def _two(stage: Stage) -> None:
    stage.scene.budget("one", {"app": "db"}, minAvailable=0)
    stage.scene.budget("two", {"app": "db"}, minAvailable=0)


def _leave_one(stage: Stage) -> None:
    stage.scene.ask(Delete("poddisruptionbudgets", "two", "pay"))


@pytest.mark.parametrize(
    ("hold", "why", "let_go"), [(_shut, "budget", _open_it), (_two, "misconfigured", _leave_one)], ids=["shut", "two"]
)
def test_a_budget_that_opens_makes_its_pod_due_at_once(
    hold: Callable[[Stage], None], why: str, let_go: Callable[[Stage], None]
) -> None:
    async def story() -> None:
        stage = Stage(timing=RARELY)
        stage.scene.pod("db", node="wk-1", labels={"app": "db"})
        hold(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", force=True)
            await stage.waiting(op_id, why)
            stage.now()
            let_go(stage)
            opened = stage.clock.now()
            await stage.until(op_id, lambda _: stage.evictions() == ["db"])
        assert stage.clock.now() - opened < SOON_S

    run_virtual(story())


def test_a_budget_that_is_open_does_not_hurry_what_something_else_refuses() -> None:
    async def story() -> None:
        stage = Stage(timing=RARELY)
        stage.scene.pod("db", node="wk-1", labels={"app": "db"})
        stage.scene.budget("db", {"app": "db"}, minAvailable=0)
        target = Answering(stage, 500, 'admission webhook "x" denied the request')

        async def play() -> None:
            op_id = await stage.approved("drain", "wk-1", force=True)
            await stage.waiting(op_id, "webhook")
            await stage.clock.sleep(0.7 * RARELY.evict_retry_s)
            assert len(target.asked) == 1
            stage.ask(op_id, RequestKind.ABORT)
            await stage.ended(op_id)

        await _with(stage, target, play)

    run_virtual(story())


# -- where a person can stop it ----------------------------------------------------------------------------------------


class Takes(WatchedTarget):
    """An eviction takes long enough for a person to ask for a pause meanwhile."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.host, stage.log)
        self._stage = stage
        self.began = asyncio.Event()

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        if not dry_run:
            self.began.set()
            await self._stage.clock.sleep(2.0)
        return await super().evict(namespace, name, uid=uid, grace_s=grace_s, dry_run=dry_run)


def test_a_pause_holds_between_two_evictions_of_one_pass() -> None:
    async def story() -> None:
        stage = Stage()
        for n in range(4):
            stage.scene.pod(f"web-{n}", node="wk-1")
        target = Takes(stage)

        async def play() -> None:
            op_id = await stage.approved("drain", "wk-1", force=True)
            await target.began.wait()
            stage.ask(op_id, RequestKind.PAUSE)
            await stage.until(op_id, lambda op: op.paused)
            await stage.clock.sleep(600)
            assert len(stage.evictions()) == 1
            stage.ask(op_id, RequestKind.RESUME)
            assert (await stage.ended(op_id)).state is OpState.DONE
            assert len(stage.evictions()) == 4

        await _with(stage, target, play)

    run_virtual(story())


# -- when its place is lent --------------------------------------------------------------------------------------------


async def _second_begins_after_first(stage: Stage, target: TargetCluster) -> bool:
    """Whether wk-2 waits for the end of wk-1, one machine at a time."""
    later = False

    async def play() -> None:
        nonlocal later
        op_id = await stage.approved("drain", "wk-1", "wk-2", force=True, max_parallel=1, settle_s=0)
        operation = await stage.until(op_id, lambda op: _evict_step(op, "wk-2").started is not None)
        later = _evict_step(operation, "wk-1").ended is not None
        stage.ask(op_id, RequestKind.ABORT)
        await stage.ended(op_id)

    await _with(stage, target, play)
    return later


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "not seen yet"])
def test_a_machine_whose_pods_are_on_their_way_keeps_its_place(seen: bool) -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        _slow(stage, "slow")
        stage.scene.pod("web", node="wk-2")
        target = stage.engine_target() if seen else Slow(stage)
        assert await _second_begins_after_first(stage, target)

    run_virtual(story())


def test_a_machine_lends_its_place_once_it_has_been_held_without_a_break() -> None:
    """Held, then moving for a while, then held again: the time counts from the last time that anything moved."""

    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        for name, node in {"db": "wk-1", "late": "wk-1", "a": "wk-2", "b": "wk-2", "c": "wk-2"}.items():
            _db(stage, name, node=node)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", force=True, max_parallel=1, settle_s=0)
            operation = await stage.waiting(op_id, "budget")
            began = _evict_step(operation, "wk-1").started
            assert began is not None
            await stage.clock.sleep(began + stage.timing.lend_s - 10 - stage.clock.now())
            stage.now()
            stage.scene.ask(Patch("poddisruptionbudgets", "db", {"spec": {"minAvailable": 0}}, "pay"))
            operation = await stage.until(op_id, lambda op: _evict_step(op, "wk-1").left == 1)
            moved = stage.clock.now()
            operation = await stage.until(op_id, lambda op: _evict_step(op, "wk-2").started is not None)
        second = _evict_step(operation, "wk-2").started
        assert second is not None
        assert stage.timing.lend_s <= second - moved + 2 <= stage.timing.lend_s + SOON_S

    run_virtual(story())
