"""Pauses, deadlines and cuts: nothing waits longer than it should, nothing that was cut goes on."""

import asyncio
import random

import pytest

from fleetui.model.fault import Fault, FaultKind
from fleetui.observe.backoff import Backoff
from fleetui.observe.gate import Gate
from fleetui.observe.waiting import Bell, Stretch, running, within
from tests.observe.virtual_clock import VirtualClock, settle


async def test_a_bell_ends_a_pause_early_and_is_not_lost_before_it() -> None:
    clock = VirtualClock()
    bell = Bell(clock)
    pause = asyncio.create_task(bell.wait(60.0))
    await clock.advance(1.0)
    assert not pause.done()
    bell.ring()
    await settle()
    assert pause.done()
    bell.ring()
    await bell.wait(60.0)
    pause = asyncio.create_task(bell.wait(5.0))
    await clock.advance(4.9)
    assert not pause.done()
    await clock.advance(0.2)
    assert pause.done()


async def test_within_gives_the_result_the_failure_or_the_deadline() -> None:
    clock = VirtualClock()
    ended: list[str] = []

    async def answer(after: float) -> str:
        try:
            await clock.sleep(after)
        finally:
            ended.append("ended")
        return "answer"

    async def failure() -> None:
        raise ValueError("no")

    quick = asyncio.create_task(within(clock, 3.0, answer(2.0)))
    slow = asyncio.create_task(within(clock, 3.0, answer(4.0)))
    await clock.advance(3.0)
    assert quick.result() == "answer"
    with pytest.raises(TimeoutError):
        slow.result()
    assert ended == ["ended", "ended"]
    with pytest.raises(ValueError, match="no"):
        await within(clock, 3.0, failure())


async def test_cancelling_whoever_waits_cancels_the_work() -> None:
    clock = VirtualClock()
    work_ended = asyncio.Event()

    async def work() -> None:
        try:
            await clock.sleep(100.0)
        finally:
            work_ended.set()

    for waiting in (within(clock, 50.0, work()), Stretch().run(work())):
        work_ended.clear()
        task = asyncio.create_task(waiting)
        await settle()
        task.cancel()
        await settle()
        assert task.cancelled()
        assert work_ended.is_set()


async def test_a_stretch_that_is_cut_says_so_and_one_that_fails_raises() -> None:
    stretch = Stretch()
    running = asyncio.create_task(stretch.run(asyncio.sleep(100)))
    await settle()
    stretch.cut()
    await settle()
    assert running.result() is False
    assert await stretch.run(asyncio.sleep(0)) is True
    stretch.cut()

    async def failure() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await stretch.run(failure())


async def test_a_gate_lets_few_in_and_those_who_are_late_lose_their_place() -> None:
    clock = VirtualClock()
    gate = Gate(clock, places=2, patience_s=0.1)
    first, second = await gate.enter(), await gate.enter()
    third = asyncio.create_task(gate.enter())
    fourth = asyncio.create_task(gate.enter())
    await settle()
    assert not third.done()
    first.leave()
    first.leave()
    await settle()
    assert third.done()
    assert not fourth.done()
    await clock.advance(0.1)
    assert fourth.done()
    second.leave()
    for place in (third.result(), fourth.result()):
        place.leave()
    assert gate._places._value == 2


def test_delays_double_to_their_cap_with_jitter_and_start_again() -> None:
    backoff = Backoff(random.Random(3))
    delays = [backoff.delay() for _ in range(10)]
    for number, delay in enumerate(delays):
        step = min(60.0, 2.0**number)
        assert step / 2 <= delay <= step
    assert len({round(delay / min(60.0, 2.0**number), 3) for number, delay in enumerate(delays)}) > 5
    backoff.reset()
    assert backoff.delay() <= 1.0


@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [(FaultKind.REFUSED, 0.5, 1.0), (FaultKind.UNAUTHORIZED, 7.5, 15.0), (FaultKind.FORBIDDEN, 7.5, 15.0)],
)
def test_what_a_person_mends_is_asked_less_often(kind: FaultKind, low: float, high: float) -> None:
    fault = Fault(kind=kind, word="", detail="", remedy="")
    assert low <= Backoff(random.Random(1)).delay(fault) <= high
    patient = Backoff(random.Random(1))
    assert max(patient.delay(fault) for _ in range(20)) <= 120.0


def test_retry_after_is_honoured_up_to_five_minutes() -> None:
    def asked(seconds: float) -> float:
        fault = Fault(kind=FaultKind.THROTTLED, word="", detail="", remedy="", retry_after_s=seconds)
        return Backoff(random.Random(1)).delay(fault)

    assert asked(40.0) == 40.0
    assert asked(86_400.0) == 300.0
    assert asked(0.0) <= 1.0


async def test_work_beside_a_block_has_ended_when_the_block_is_left_even_by_a_failure() -> None:
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("ended")

    async def block() -> None:
        async with running(work()) as task:
            await settle()
            assert not task.done()
            raise ValueError("of the block")

    with pytest.raises(ValueError, match="of the block"):
        await block()
    assert ended == ["ended"]
