"""The desk: what a console may ask, what it is told, and that everything goes through the store."""

from collections.abc import Callable

import msgspec
import pytest

from fleetui.control.desk import Desk, DeskError
from fleetui.control.memory_store import MemoryStore
from fleetui.model import journal
from fleetui.model.journal import Record, RequestKind
from fleetui.model.operation import APPROVAL_S, OpState, Option, Outcome, Plan
from fleetui.model.plan_pages import plan_records
from fleetui.ports.store import UnknownOperationError
from tests.control.samples import ANA, BEN, INTENT, CountingIds, StillClock, note, plan


class Bench:
    """A desk, another person's desk on the same store, and a controller's pen."""

    def __init__(self) -> None:
        self.clock = StillClock()
        self.store = MemoryStore(self.clock)
        self.wakes = 0
        self.revivals = 0
        self.ids = CountingIds()
        self.desk = self.open_desk(ANA)

    def open_desk(self, actor: object) -> Desk:
        def wake() -> None:
            self.wakes += 1

        def revive() -> None:
            self.revivals += 1

        return Desk(self.store, clock=self.clock, ids=self.ids, actor=actor, wake=wake, revive=revive)  # type: ignore[arg-type]

    def write(self, op_id: str, *records: Record) -> None:
        fence = self.store.claim(op_id, "controller", 60.0)
        for record in records:
            self.store.append(op_id, fence, len(self.store.load(op_id).records), record)

    def planned(self, made: Plan | None = None) -> str:
        op_id = self.desk.propose(INTENT, key=f"key {self.ids.count}")
        self.write(op_id, *plan_records(made or plan()))
        return op_id

    def asked(self, op_id: str) -> list[RequestKind]:
        return [request.kind for request in self.store.load(op_id).requests]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_proposal_says_who_what_and_when_and_wakes_a_controller(bench: Bench) -> None:
    op_id = bench.desk.propose(INTENT, key="key")
    submission = bench.store.load(op_id).submission
    assert (submission.intent, submission.actor, submission.at) == (INTENT, ANA, bench.clock.time)
    assert bench.wakes == 1
    assert bench.desk.operation(op_id).state is OpState.PROPOSED


@pytest.mark.parametrize(
    ("options", "said"),
    [((("foo", 1),), "drain has no option 'foo'; it has:"), ((("grace_s", "soon"),), "'soon' is not a whole number")],
)
def test_a_mistyped_option_is_no_operation(bench: Bench, options: tuple[tuple[str, Option], ...], said: str) -> None:
    intent = msgspec.structs.replace(INTENT, kind="drain", options=options)
    with pytest.raises(DeskError, match=said):
        bench.desk.propose(intent, key="typo")
    assert bench.desk.operations() == ()


def test_an_operation_that_only_a_newer_controller_knows_is_asked_for(bench: Bench) -> None:
    intent = msgspec.structs.replace(INTENT, kind="teleport", options=(("where", "mars"),))
    op_id = bench.desk.propose(intent, key="newer")
    assert bench.desk.operation(op_id).intent == intent


def test_two_enters_make_one_operation(bench: Bench) -> None:
    first = bench.desk.propose(INTENT, key="one wish")
    assert bench.desk.propose(INTENT, key="one wish") == first
    assert bench.open_desk(BEN).propose(INTENT, key="one wish") == first
    assert [operation.op_id for operation in bench.desk.operations()] == [first]
    assert bench.desk.propose(INTENT, key="another wish") != first


def test_what_is_confirmed_is_what_runs(bench: Bench) -> None:
    op_id = bench.planned()
    bench.desk.approve(op_id, plan().digest)
    (approval,) = bench.store.load(op_id).requests
    assert (approval.kind, approval.by, approval.digest) == (RequestKind.APPROVE, ANA, plan().digest)
    assert bench.desk.operation(op_id).state is OpState.APPROVED


def test_a_second_approval_is_no_second_request(bench: Bench) -> None:
    op_id = bench.planned()
    bench.desk.approve(op_id, plan().digest)
    bench.open_desk(BEN).approve(op_id, plan().digest)
    bench.write(op_id, journal.Finished(OpState.DONE, "quicker than the second Enter", 9.0))
    bench.open_desk(BEN).approve(op_id, plan().digest)
    assert bench.asked(op_id) == [RequestKind.APPROVE]
    assert bench.desk.operation(op_id).approved_by == ANA


def test_a_plan_that_changed_meanwhile_is_not_approved(bench: Bench) -> None:
    op_id = bench.planned()
    shown = bench.desk.operation(op_id)
    assert shown.plan is not None
    bench.write(op_id, *plan_records(plan(pods=9)))
    with pytest.raises(DeskError, match="changed"):
        bench.desk.approve(op_id, shown.plan.digest)
    assert bench.asked(op_id) == []


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.UNKNOWN])
def test_a_blocked_plan_is_not_approved(bench: Bench, outcome: Outcome) -> None:
    blocked = plan(outcome=outcome)
    op_id = bench.planned(blocked)
    with pytest.raises(DeskError, match="a check blocks"):
        bench.desk.approve(op_id, blocked.digest)
    assert bench.asked(op_id) == []


def test_without_a_plan_there_is_nothing_to_approve(bench: Bench) -> None:
    op_id = bench.desk.propose(INTENT, key="key")
    with pytest.raises(DeskError):
        bench.desk.approve(op_id, "")
    assert bench.asked(op_id) == []


def test_pause_and_resume_are_asked_for_once_each(bench: Bench) -> None:
    op_id = bench.planned()
    desk, pause, resume = bench.desk, RequestKind.PAUSE, RequestKind.RESUME
    desk.resume(op_id)
    assert bench.asked(op_id) == [], "nothing to resume"
    desk.pause(op_id)
    desk.pause(op_id)
    assert bench.asked(op_id) == [pause]
    desk.resume(op_id)
    desk.resume(op_id)
    assert bench.asked(op_id) == [pause, resume], "a pause can be taken back before it is reached"
    desk.pause(op_id)
    bench.write(op_id, journal.Paused(1.0, "here"))
    desk.pause(op_id)
    assert bench.asked(op_id) == [pause, resume, pause]
    desk.resume(op_id)
    desk.resume(op_id)
    desk.pause(op_id)
    assert bench.asked(op_id) == [pause, resume, pause, resume, pause], "also while it is still resuming"


def test_an_abort_is_asked_for_once(bench: Bench) -> None:
    op_id = bench.planned()
    bench.desk.abort(op_id)
    bench.open_desk(BEN).abort(op_id)
    assert bench.asked(op_id) == [RequestKind.ABORT]
    assert bench.desk.operation(op_id).aborting


@pytest.mark.parametrize(
    "act",
    [
        lambda desk, op_id: desk.approve(op_id, plan().digest),
        lambda desk, op_id: desk.pause(op_id),
        lambda desk, op_id: desk.resume(op_id),
        lambda desk, op_id: desk.abort(op_id),
    ],
)
def test_an_ended_operation_takes_no_requests(bench: Bench, act: Callable[[Desk, str], None]) -> None:
    op_id = bench.planned()
    bench.write(op_id, journal.Finished(OpState.ABORTED, "taken back", 9.0))
    with pytest.raises(DeskError, match="has ended: aborted"):
        act(bench.desk, op_id)
    assert bench.asked(op_id) == []


def test_every_request_wakes_a_controller(bench: Bench) -> None:
    op_id = bench.planned()
    for n, act in enumerate((bench.desk.pause, bench.desk.resume, bench.desk.abort), start=2):
        act(op_id)
        assert bench.wakes == n


def test_an_unknown_operation_is_said(bench: Bench) -> None:
    for act in (bench.desk.operation, bench.desk.pause, bench.desk.abort):
        with pytest.raises(UnknownOperationError):
            act("none")


def test_poll_tells_what_changed_since_the_last_one(bench: Bench) -> None:
    first, second = bench.planned(), bench.planned()
    assert [operation.op_id for operation in bench.desk.poll()] == [first, second]
    assert bench.desk.poll() == ()
    bench.write(first, note("a"))
    bench.write(second, note("b"))
    bench.write(first, note("c"))
    changed = bench.desk.poll()
    assert [(operation.op_id, operation.notes[-1].text) for operation in changed] == [(second, "b"), (first, "c")]
    assert bench.desk.poll() == ()


def test_other_questions_do_not_take_from_the_poll(bench: Bench) -> None:
    op_id = bench.planned()
    bench.desk.poll()
    bench.write(op_id, note("a"))
    assert bench.desk.operation(op_id).notes == bench.desk.operations()[0].notes == (note("a"),)
    assert [operation.op_id for operation in bench.desk.poll()] == [op_id]


def test_every_desk_polls_for_itself(bench: Bench) -> None:
    other = bench.open_desk(BEN)
    op_id = bench.planned()
    assert [operation.op_id for operation in bench.desk.poll()] == [op_id]
    assert [operation.op_id for operation in other.poll()] == [op_id]


def test_operations_come_newest_first(bench: Bench) -> None:
    made = [bench.planned() for _ in range(3)]
    bench.write(made[0], note("the oldest changed last"))
    assert [operation.op_id for operation in bench.desk.operations()] == made[::-1]


def test_only_what_is_new_is_read(bench: Bench) -> None:
    """A drain of hundreds of pods is followed record by record, not from its start each time."""
    read: list[int] = []
    load = bench.store.load

    def counting(op_id: str, *, from_seq: int = 0) -> journal.Stored:
        stored = load(op_id, from_seq=from_seq)
        read.append(len(stored.records))
        return stored

    op_id = bench.planned()
    bench.store.load = counting  # type: ignore[method-assign]
    bench.desk.poll()
    read.clear()
    for n in range(10):
        bench.store.append(op_id, 1, len(load(op_id).records), note(f"n{n}"))
        assert bench.desk.poll()[0].notes[-1].text == f"n{n}"
    bench.desk.poll()
    assert read == [1] * 10


def test_work_without_a_controller_is_revived_by_polling(bench: Bench) -> None:
    op_id = bench.desk.propose(INTENT, key="key")
    bench.desk.poll()
    bench.desk.poll()
    assert bench.revivals == 2
    bench.write(op_id, *plan_records(plan()))
    bench.desk.poll()
    assert bench.revivals == 2, "a plan that waits for a person needs nobody"
    bench.clock.time += APPROVAL_S + 1
    bench.desk.poll()
    assert bench.revivals == 3, "nobody has ended a proposal that is too old"
    bench.desk.approve(op_id, plan().digest)
    bench.desk.poll()
    assert bench.revivals == 4
    bench.write(op_id, journal.Finished(OpState.DONE, "", 9.0))
    bench.desk.poll()
    assert bench.revivals == 4
