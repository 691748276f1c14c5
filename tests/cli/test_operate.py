"""Operations on the plain command line: what is asked, what is refused, and that nothing is left half proposed."""

import asyncio
import io
from collections.abc import Callable, Iterator

import msgspec
import pytest

from fleetui.cli.operate import Consent, NoOperationError, Terminal, approve, change, find_operation, follow, rehearse
from fleetui.cli.plan_text import waiting_line
from fleetui.control.desk import Desk, DeskError
from fleetui.control.memory_store import MemoryStore
from fleetui.model.journal import Finished, Record, RequestKind, StepDone, StepStarted, StepWaiting, Waiting
from fleetui.model.operation import Blast, OpState, Outcome, Plan
from fleetui.model.plan_pages import plan_records
from tests.control.samples import ANA, INTENT, CountingIds, StillClock, plan

DANGEROUS = msgspec.structs.replace(plan(), blast=Blast(pods_moved=3, confirm_word="prod-east-1", confirm_why="many"))


class Bench:
    """A desk over a store, a controller that writes what the test says, and a terminal that answers from a list."""

    def __init__(self, planned: Plan | None = None, *, answers: tuple[str, ...] = ()) -> None:
        self.clock = StillClock()
        self.store = MemoryStore(self.clock)
        self.desk = Desk(self.store, clock=self.clock, ids=CountingIds(), actor=ANA, wake=self._plan)
        self.out = io.StringIO()
        self.questions: list[str] = []
        self._planned = planned
        self._answers: Iterator[str] = iter(answers)
        self.terminal = Terminal(out=self.out, ask=self._answer)

    def _answer(self, question: str) -> str:
        self.questions.append(question)
        return next(self._answers, "")

    def _plan(self) -> None:
        for op_id in self.store.list_ids():
            if self._planned is not None and not self.store.load(op_id).records:
                self.write(op_id, *plan_records(self._planned))

    def write(self, op_id: str, *records: Record) -> None:
        fence = self.store.claim(op_id, "c1", 60)
        for record in records:
            self.store.append(op_id, fence, len(self.store.load(op_id).records), record)

    def requests(self) -> list[RequestKind]:
        (op_id,) = self.store.list_ids()
        return [request.kind for request in self.store.load(op_id).requests]

    async def approve(self, **consent: object) -> bool:
        said = Consent(**consent)  # type: ignore[arg-type]
        approved = await approve(self.desk, INTENT, key="k", clock=self.clock, terminal=self.terminal, consent=said)
        return approved is not None


APPROVED, TAKEN_BACK = [RequestKind.APPROVE], [RequestKind.ABORT]


@pytest.mark.parametrize(
    ("planned", "consent", "answers", "expected"),
    [
        pytest.param(plan(), {"yes": True}, (), APPROVED, id="yes"),
        pytest.param(plan(), {}, ("y",), APPROVED, id="answered y"),
        pytest.param(plan(), {}, ("n",), TAKEN_BACK, id="answered n"),
        pytest.param(plan(), {}, (), TAKEN_BACK, id="end of input"),
        pytest.param(DANGEROUS, {"word": "prod-east-1"}, (), APPROVED, id="word given"),
        pytest.param(DANGEROUS, {"word": "prod-east-2", "yes": True}, (), TAKEN_BACK, id="wrong word given"),
        pytest.param(DANGEROUS, {"yes": True}, (), TAKEN_BACK, id="yes is not the word"),
        pytest.param(DANGEROUS, {"yes": True}, ("prod-east-1",), APPROVED, id="word typed"),
        pytest.param(DANGEROUS, {}, ("y",), TAKEN_BACK, id="y is not the word"),
        pytest.param(plan(outcome=Outcome.FAIL), {"yes": True}, ("y",), TAKEN_BACK, id="blocked"),
    ],
)
async def test_only_a_clear_yes_to_a_plan_that_may_run_approves_it(
    planned: Plan, consent: dict[str, object], answers: tuple[str, ...], expected: list[RequestKind]
) -> None:
    bench = Bench(planned, answers=answers)
    assert await bench.approve(**consent) is (expected == APPROVED)
    assert bench.requests() == expected


async def test_what_is_approved_is_the_plan_that_was_shown() -> None:
    bench = Bench(plan())
    await bench.approve(yes=True)
    (op_id,) = bench.store.list_ids()
    (request,) = bench.store.load(op_id).requests
    assert request.digest == plan().digest
    assert plan().digest in bench.out.getvalue()


async def test_an_interrupted_question_takes_the_proposal_back() -> None:
    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    bench = Bench(plan())
    bench.terminal = Terminal(out=bench.out, ask=interrupt)
    with pytest.raises(KeyboardInterrupt):
        await bench.approve()
    assert bench.requests() == TAKEN_BACK


@pytest.mark.parametrize(("planned", "may_run"), [(plan(), True), (plan(outcome=Outcome.UNKNOWN), False)])
async def test_a_rehearsal_leaves_nothing_proposed(planned: Plan, may_run: bool) -> None:
    bench = Bench(planned)
    rehearsed = await rehearse(bench.desk, INTENT, key="k", clock=bench.clock, terminal=bench.terminal)
    assert rehearsed is may_run
    assert bench.requests() == TAKEN_BACK
    assert "payments/api-0" in bench.out.getvalue()


async def test_no_controller_is_said_instead_of_waiting_for_ever() -> None:
    bench = Bench(None)
    with pytest.raises(TimeoutError, match="fleetui controller status"):
        await rehearse(bench.desk, INTENT, key="k", clock=bench.clock, terminal=bench.terminal)
    assert bench.requests() == TAKEN_BACK


async def test_a_plan_that_is_no_longer_waited_for_is_taken_back() -> None:
    bench = Bench(None)
    waits = asyncio.create_task(rehearse(bench.desk, INTENT, key="k", clock=bench.clock, terminal=bench.terminal))
    await _until(lambda: bool(bench.store.list_ids()))
    waits.cancel()
    await asyncio.wait({waits})
    assert bench.requests() == TAKEN_BACK


async def test_a_plan_that_nobody_reads_to_its_end_is_taken_back() -> None:
    class Left(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    bench = Bench(plan())
    nobody = Terminal(out=Left(), ask=lambda _: "y")
    with pytest.raises(BrokenPipeError):
        await rehearse(bench.desk, INTENT, key="k", clock=bench.clock, terminal=nobody)
    assert bench.requests() == TAKEN_BACK


@pytest.mark.parametrize("action", ["pause", "abort"])
async def test_a_change_is_asked_for_and_said(action: str) -> None:
    bench = Bench(plan())
    await bench.approve(yes=True)
    (operation,) = bench.desk.operations()
    change(bench.desk, operation, action, bench.terminal)
    assert bench.requests()[-1] == action
    assert f"{action} asked for" in bench.out.getvalue()


async def test_an_operation_that_has_ended_is_not_changed() -> None:
    bench = Bench(plan())
    await bench.approve(yes=True)
    (operation,) = bench.desk.operations()
    bench.write(operation.op_id, Finished(OpState.DONE, "done", 1.0))
    with pytest.raises(DeskError, match="ended"):
        change(bench.desk, operation, "pause", bench.terminal)


def test_a_wait_that_ends_by_itself_says_when_it_is_tried_again() -> None:
    waiting = Waiting("cluster prod", "unreachable", "connection refused", remedy="is it up?", next_within_s=36.0)
    said = "waits for cluster prod: unreachable: connection refused; is it up?"
    assert waiting_line(waiting) == f"{said}; next try within 36s"
    assert waiting_line(msgspec.structs.replace(waiting, next_within_s=None)) == said


async def test_following_tells_what_blocks_and_how_it_ended() -> None:
    bench = Bench(plan())
    await bench.approve(yes=True)
    (op_id,) = bench.store.list_ids()
    step = "evict/wk-b-01"
    wait = Waiting("pod payments/api-0", "budget", "pdb payments/api allows 0", "Deployment/api", None, "add a replica")
    told = asyncio.create_task(follow(bench.desk, op_id, clock=bench.clock, terminal=bench.terminal))
    bench.write(op_id, StepStarted(step, 1.0), StepWaiting(step, (wait,), 1, 2.0))
    await _until(lambda: "owner Deployment/api; add a replica" in bench.out.getvalue())
    bench.write(op_id, StepDone(step, "3 evicted", 3.0), Finished(OpState.DONE, "drain of 1 done", 4.0))
    assert (await told).state is OpState.DONE
    assert bench.out.getvalue().count("waits for pod payments/api-0") == 1
    assert "done: drain of 1 done" in bench.out.getvalue()


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - a StringIO has no event to wait for
            await asyncio.sleep(0)


def test_an_operation_is_found_by_the_end_of_its_id_if_that_is_only_one() -> None:
    bench = Bench()
    first = bench.desk.propose(INTENT, key="1")
    second = bench.desk.propose(INTENT, key="2")
    assert find_operation(bench.desk, second[-1].lower()).op_id == second
    for wanted in ("", "ZZ"):  # every id ends so, none does
        with pytest.raises(NoOperationError, match=f"operation {wanted}: "):
            find_operation(bench.desk, wanted)
    assert first != second
