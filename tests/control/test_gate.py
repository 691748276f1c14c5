"""The gate that an operation's lanes share: paused means that every lane stands still."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fleetui.control.gate import AbortRequestedError, Gate, StopRequestedError
from fleetui.control.logbook import Logbook
from fleetui.model.journal import Paused, RequestKind, Resumed
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual


class Walker:
    """A lane that reaches a safe point when it is told to."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.arrives = asyncio.Event()
        self.passed = 0

    async def walk(self) -> None:
        with self._gate.lane():
            await self.arrives.wait()
            while not await self._gate.stand(10.0, "here"):
                pass
            self.passed += 1


async def _gate() -> tuple[Stage, str, Gate]:
    stage = Stage()
    op_id = stage.propose("drain", "wk-1")
    fence = stage.store.claim(op_id, "c1", 1e6)
    return stage, op_id, Gate(Logbook(stage.store, stage.store.load(op_id), fence), stage.clock)


def _turns(stage: Stage, op_id: str) -> list[type]:
    return [type(record) for record in stage.records(op_id)]


def test_paused_is_written_once_the_last_lane_stands() -> None:
    async def story() -> None:
        stage, op_id, gate = await _gate()
        first, second = Walker(gate), Walker(gate)
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(first.walk())
            lanes.create_task(second.walk())
            await asyncio.sleep(0)
            stage.ask(op_id, RequestKind.PAUSE)
            gate.look()
            first.arrives.set()
            await stage.clock.sleep(60)
            assert _turns(stage, op_id) == []
            second.arrives.set()
            await stage.clock.sleep(60)
            assert _turns(stage, op_id) == [Paused]
            assert first.passed == second.passed == 0
            stage.ask(op_id, RequestKind.RESUME)
            gate.look()
        assert _turns(stage, op_id) == [Paused, Resumed]
        assert first.passed == second.passed == 1

    run_virtual(story())


def test_a_lane_that_ends_does_not_keep_the_others_from_being_paused() -> None:
    async def story() -> None:
        stage, op_id, gate = await _gate()
        waiting = Walker(gate)
        with gate.lane():
            task = asyncio.create_task(waiting.walk())
            stage.ask(op_id, RequestKind.PAUSE)
            gate.look()
            waiting.arrives.set()
            await stage.clock.sleep(5)
            assert _turns(stage, op_id) == []
        await stage.clock.sleep(5)
        assert _turns(stage, op_id) == [Paused]
        task.cancel()

    run_virtual(story())


async def _abort(stage: Stage, op_id: str, gate: Gate) -> None:
    stage.ask(op_id, RequestKind.ABORT)
    gate.look()


async def _stop(_stage: Stage, _op_id: str, gate: Gate) -> None:
    gate.stop()


@pytest.mark.parametrize(("ask", "raised"), [(_abort, AbortRequestedError), (_stop, StopRequestedError)])
def test_a_lane_that_stands_hears_of_an_abort_and_of_a_stop(
    ask: Callable[[Stage, str, Gate], Awaitable[None]], raised: type[Exception]
) -> None:
    async def story() -> None:
        stage, op_id, gate = await _gate()
        stage.ask(op_id, RequestKind.PAUSE)
        gate.look()
        walker = Walker(gate)
        task = asyncio.create_task(walker.walk())
        walker.arrives.set()
        await stage.clock.sleep(1)
        await ask(stage, op_id, gate)
        with pytest.raises(raised):
            await task

    run_virtual(story())


def test_an_undo_is_not_aborted_but_it_is_stopped() -> None:
    async def story() -> None:
        stage, op_id, gate = await _gate()
        await _abort(stage, op_id, gate)
        gate.check(abortable=False)
        gate.stop()
        with pytest.raises(StopRequestedError):
            gate.check(abortable=False)

    run_virtual(story())
