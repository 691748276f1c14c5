"""The safe points that an operation's lanes share: paused means that every lane stands still."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fleetui.control.logbook import Logbook
from fleetui.control.safe_points import AbortRequestedError, SafePoints, StopRequestedError
from fleetui.model.journal import Paused, RequestKind, Resumed
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual


class Walker:
    """A lane that reaches a safe point when it is told to."""

    def __init__(self, points: SafePoints) -> None:
        self._points = points
        self.arrives = asyncio.Event()
        self.passed = 0

    async def walk(self) -> None:
        with self._points.lane():
            await self.arrives.wait()
            while not await self._points.stand(10.0, "here"):
                pass
            self.passed += 1


async def _points() -> tuple[Stage, str, SafePoints]:
    stage = Stage()
    op_id = stage.propose("drain", "wk-1")
    fence = stage.store.claim(op_id, "c1", 1e6)
    return stage, op_id, SafePoints(Logbook(stage.store, stage.store.load(op_id), fence), stage.clock)


def _turns(stage: Stage, op_id: str) -> list[type]:
    return [type(record) for record in stage.records(op_id)]


def test_paused_is_written_once_the_last_lane_stands() -> None:
    async def story() -> None:
        stage, op_id, points = await _points()
        first, second = Walker(points), Walker(points)
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(first.walk())
            lanes.create_task(second.walk())
            await asyncio.sleep(0)
            stage.ask(op_id, RequestKind.PAUSE)
            points.look()
            first.arrives.set()
            await stage.clock.sleep(60)
            assert _turns(stage, op_id) == []
            second.arrives.set()
            await stage.clock.sleep(60)
            assert _turns(stage, op_id) == [Paused]
            assert first.passed == second.passed == 0
            stage.ask(op_id, RequestKind.RESUME)
            points.look()
        assert _turns(stage, op_id) == [Paused, Resumed]
        assert first.passed == second.passed == 1

    run_virtual(story())


def test_a_lane_that_ends_does_not_keep_the_others_from_being_paused() -> None:
    async def story() -> None:
        stage, op_id, points = await _points()
        waiting = Walker(points)
        with points.lane():
            task = asyncio.create_task(waiting.walk())
            stage.ask(op_id, RequestKind.PAUSE)
            points.look()
            waiting.arrives.set()
            await stage.clock.sleep(5)
            assert _turns(stage, op_id) == []
        await stage.clock.sleep(5)
        assert _turns(stage, op_id) == [Paused]
        task.cancel()

    run_virtual(story())


@pytest.mark.parametrize("resumed", [True, False])
def test_what_people_ask_of_a_paused_operation_while_no_controller_runs_is_seen_by_the_next(resumed: bool) -> None:
    async def story() -> None:
        stage, op_id, points = await _points()
        stage.ask(op_id, RequestKind.PAUSE)
        points.look()
        with points.lane():
            assert not await points.stand(10.0, "here")
        if resumed:
            stage.ask(op_id, RequestKind.RESUME)
        next_fence = stage.store.claim(op_id, "c1", 1e6)
        following = SafePoints(Logbook(stage.store, stage.store.load(op_id), next_fence), stage.clock)
        with following.lane():
            assert await following.stand(10.0, "here") is resumed
        assert _turns(stage, op_id) == [Paused, Resumed][: 1 + resumed]
        assert stage.operation(op_id).paused is not resumed

    run_virtual(story())


async def _abort(stage: Stage, op_id: str, points: SafePoints) -> None:
    stage.ask(op_id, RequestKind.ABORT)
    points.look()


async def _stop(_stage: Stage, _op_id: str, points: SafePoints) -> None:
    points.stop()


@pytest.mark.parametrize(("ask", "raised"), [(_abort, AbortRequestedError), (_stop, StopRequestedError)])
def test_a_lane_that_stands_hears_of_an_abort_and_of_a_stop(
    ask: Callable[[Stage, str, SafePoints], Awaitable[None]], raised: type[Exception]
) -> None:
    async def story() -> None:
        stage, op_id, points = await _points()
        stage.ask(op_id, RequestKind.PAUSE)
        points.look()
        walker = Walker(points)
        task = asyncio.create_task(walker.walk())
        walker.arrives.set()
        await stage.clock.sleep(1)
        await ask(stage, op_id, points)
        asked = stage.clock.monotonic()
        with pytest.raises(raised):
            await task
        assert stage.clock.monotonic() == asked, "it stood there until it would have looked by itself"

    run_virtual(story())


def test_an_undo_is_not_aborted_but_it_is_stopped() -> None:
    async def story() -> None:
        stage, op_id, points = await _points()
        await _abort(stage, op_id, points)
        points.check(abortable=False)
        points.stop()
        with pytest.raises(StopRequestedError):
            points.check(abortable=False)

    run_virtual(story())
