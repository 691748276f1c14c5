"""A laptop that is closed during a drain: its lock lapses while it sleeps, and somebody else takes the machine."""

from collections.abc import Callable

import msgspec
import pytest

from fleetui.control.effect_kind import EVICT
from fleetui.control.memory_store import MemoryStore
from fleetui.model.drain import PodState
from fleetui.model.journal import EffectAnswered, EffectIntended, EffectOutcome, Record
from fleetui.model.lock import Lock, LockState, judge, read_lock, take_patch
from fleetui.model.operation import OpState
from fleetui.simulate.request import Patch
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual, suspend

NIGHT_S = 130.0
"""Longer than a lock's TTL and the one more that passes before somebody else may have it."""


class SleepyTarget(WatchedTarget):
    """The machine is suspended while it waits for the list of the pods."""

    asleep: Callable[[], None]

    async def pods_on(self, node: str) -> tuple[PodState, ...]:
        self.asleep()
        return await super().pods_on(node)


class SleepyStore(MemoryStore):
    """The machine is suspended while the intent to evict is being made durable: the last moment before the request."""

    asleep: Callable[[], None]

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        following = super().append(op_id, fence, expected_seq, record)
        if isinstance(record, EffectIntended) and record.kind == EVICT.name:
            self.asleep()
        return following


class Lid:
    """Closed once, the first time it is asked after the lock was taken; meanwhile ben's controller may come."""

    def __init__(self, stage: Stage, *, ben_comes: bool) -> None:
        self._stage = stage
        self._ben_comes = ben_comes
        self.evictions_before: int | None = None

    def close(self) -> None:
        if self.evictions_before is not None or read_lock(self._stage.node("wk-1")) is None:
            return
        self.evictions_before = len(self._stage.evictions())
        suspend(NIGHT_S)
        if self._ben_comes:
            self._take()

    def _take(self) -> None:
        stage, now = self._stage, self._stage.clock.now()
        assert judge(stage.node("wk-1"), op="op-b", fence=1, server_now=now).state is LockState.LAPSED
        lock = Lock("laptop-b", "op-b", "ben@jump-2", "drain", 1, now + 60.0)
        stage.now()
        assert stage.scene.ask(Patch("nodes", "wk-1", msgspec.json.decode(take_patch(lock, None)))).code == 200


async def _closed_during_a_drain(moment: str, *, ben_comes: bool) -> tuple[Stage, str, Lid]:
    stage = Stage()
    lid = Lid(stage, ben_comes=ben_comes)
    store, target = SleepyStore(stage.clock), SleepyTarget(stage.host, stage.log)
    store.asleep = lid.close if moment == "intent" else lambda: None
    target.asleep = lid.close if moment == "reading" else lambda: None
    stage.store = store
    stage.engine_target = lambda: target  # type: ignore[method-assign]
    stage.scene.workload("ReplicaSet", "api", replicas=4)
    await stage.clock.sleep(20)
    async with stage.controller():
        op_id = await stage.approved("drain", "wk-1")
        await stage.ended(op_id)
    assert lid.evictions_before is not None
    return stage, op_id, lid


@pytest.mark.parametrize("moment", ["reading", "intent"])
def test_nothing_is_evicted_once_somebody_else_holds_the_machine(moment: str) -> None:
    async def story() -> None:
        stage, op_id, lid = await _closed_during_a_drain(moment, ben_comes=True)
        operation = stage.operation(op_id)
        assert operation.state is OpState.FAILED
        assert "held by drain op-b by ben@jump-2" in operation.summary
        assert len(stage.evictions()) == lid.evictions_before == 0
        lock = read_lock(stage.node("wk-1"))
        assert isinstance(lock, Lock)
        assert lock.op == "op-b"
        assert operation.open_effects == ()

    run_virtual(story())


def test_a_lock_that_nobody_wanted_meanwhile_is_renewed_first_and_the_drain_goes_on() -> None:
    async def story() -> None:
        stage, op_id, _ = await _closed_during_a_drain("intent", ben_comes=False)
        assert stage.operation(op_id).state is OpState.DONE
        said = [(r.outcome, r.message) for r in stage.records(op_id) if isinstance(r, EffectAnswered)]
        unsent = said.index((EffectOutcome.REFUSED, "not sent: our lock may have lapsed"))
        assert stage.effects(op_id)[unsent : unsent + 3] == [("evict", "refused"), ("renew", "done"), ("evict", "done")]

    run_virtual(story())
