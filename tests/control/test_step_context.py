"""What every step is promised while it waits: it keeps what it holds, and hears at once what people want."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from fleetui.control.effect_kind import EVICT
from fleetui.control.safe_points import StopRequestedError
from fleetui.control.step_context import StepContext
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import EffectOutcome, Paused, RequestKind, StepWaiting, Waiting
from fleetui.ports.target import EvictionAnswer
from tests.control.lone_step import OP_ID, lone_step
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual

LONG_S = 200.0


def _ask(stage: Stage, context: StepContext, kind: RequestKind) -> None:
    stage.ask(OP_ID, kind)
    context.around.safe_points.look()


async def _rests(_stage: Stage, context: StepContext) -> None:
    await context.rest(LONG_S)


async def _stands_paused(stage: Stage, context: StepContext) -> None:
    _ask(stage, context, RequestKind.PAUSE)
    async with asyncio.TaskGroup() as group:
        group.create_task(context.safe_point())
        await stage.clock.sleep(LONG_S)
        _ask(stage, context, RequestKind.RESUME)


@pytest.mark.parametrize("waits", [_rests, _stands_paused])
def test_what_a_step_holds_is_looked_after_all_the_while_it_waits(
    waits: Callable[[Stage, StepContext], Awaitable[None]],
) -> None:
    async def story() -> None:
        stage = Stage()
        context = lone_step(stage)
        looked = [stage.clock.monotonic()]

        async def keep() -> None:
            looked.append(stage.clock.monotonic())

        context.keep_with(keep)
        await waits(stage, context)
        assert looked[-1] - looked[0] >= LONG_S - stage.timing.lock_renew_s
        assert max(later - earlier for earlier, later in pairwise(looked)) <= stage.timing.lock_renew_s

    run_virtual(story())


def test_a_pause_that_was_asked_for_while_a_step_worked_holds_as_it_comes_to_rest() -> None:
    async def story() -> None:
        stage = Stage()
        context = lone_step(stage)
        with context.around.safe_points.lane():
            _ask(stage, context, RequestKind.PAUSE)
            resting = asyncio.create_task(context.rest(60.0))
            await stage.clock.sleep(1)
            assert [type(record) for record in stage.records(OP_ID)] == [Paused]
            resting.cancel()

    run_virtual(story())


@pytest.mark.parametrize("begins_after", [False, True], ids=["while it waits", "before it waits"])
def test_a_wait_for_an_answer_ends_when_the_controller_is_to_end(begins_after: bool) -> None:
    async def story() -> None:
        stage = Stage()
        context = lone_step(stage)
        asyncio.get_running_loop().call_later(1.0, context.around.safe_points.stop)
        await stage.clock.sleep(2.0 if begins_after else 0.0)
        began = stage.clock.monotonic()
        with pytest.raises(StopRequestedError):
            await context.linger(30.0)
        assert stage.clock.monotonic() - began <= 1.0

    run_virtual(story())


def test_what_a_step_waited_for_before_an_outage_is_said_again_after_it() -> None:
    async def story() -> None:
        stage = Stage()
        context = lone_step(stage)
        held = Waiting("pod pay/db", "budget", "pdb pay/db allows 0")
        context.wait_for([held], 3)
        failures = iter([ClusterError(Fault(FaultKind.NETWORK, "refused", "connection refused", "look there"))])

        async def ask() -> str:
            for failure in failures:
                raise failure
            return "answer"

        assert await context.answered(ask) == "answer"
        said = [record for record in stage.records(OP_ID) if isinstance(record, StepWaiting)]
        assert [[one.why for one in record.waiting] for record in said] == [["budget"], ["unreachable"], ["budget"]]
        assert (said[-1].waiting, said[-1].left, context.left) == ((held,), 3, 3)

    run_virtual(story())


def test_a_lock_that_was_never_confirmed_is_looked_for_before_an_eviction() -> None:
    async def story() -> None:
        stage = Stage()
        context = lone_step(stage)
        happened: list[str] = []

        async def keep() -> None:
            happened.append("keep")
            context.around.renewals[context.target.uid] = stage.clock.monotonic()

        async def act() -> EvictionAnswer:
            happened.append("evict")
            return EvictionAnswer(201)

        context.keep_with(keep)
        answered, _ = await context.perform(EVICT, "POST", "pod pay/db", "uid-db", act)
        assert answered.outcome is EffectOutcome.DONE
        assert happened == ["keep", "evict"]

    run_virtual(story())
