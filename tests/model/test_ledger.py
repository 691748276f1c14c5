"""The ledger: journals of whole lives, and every prefix of them, as a killed controller would leave it."""

import msgspec
import pytest

from fleetui.model import journal
from fleetui.model.journal import EffectOutcome, Record, Request, RequestKind, Stored, Waiting
from fleetui.model.ledger import Ledger, Operation, fold
from fleetui.model.operation import APPROVAL_S, OpState, Outcome, Plan
from fleetui.model.plan_pages import plan_records
from fleetui.model.step_progress import StepState
from tests.control.samples import ANA, BEN, INTENT, plan, request, submission

BLOCKED = Waiting(
    "pod payments/api-0", "budget", "pdb payments/api allows 0", owner="Deployment/api", remedy="scale up"
)


def intended(effect_id: str, *, at: float = 20.0) -> journal.EffectIntended:
    return journal.EffectIntended(effect_id, "evict/wk-b-01", "evict", "POST", "pod payments/api-0", "pod-0", 1, at)


def answered(effect_id: str, outcome: EffectOutcome, code: int) -> journal.EffectAnswered:
    return journal.EffectAnswered(effect_id, outcome, code, "", 21.0)


def stored(*records: Record, requests: tuple[Request, ...] = (), first_seq: int = 0) -> Stored:
    return Stored(submission(), requests, records, holder="h/1", fence=3, claim_expires=99.0, first_seq=first_seq)


def approval(of: Plan) -> Request:
    return request(RequestKind.APPROVE, by=BEN, at=12.0, digest=of.digest)


PLAN = plan()
PLANNED = tuple(plan_records(PLAN))
RUN: tuple[Record, ...] = (
    journal.Started("h/1", 1, 15.0),
    journal.StepStarted("cordon/wk-b-01", 16.0),
    journal.StepDone("cordon/wk-b-01", "cordoned", 17.0),
    journal.StepStarted("evict/wk-b-01", 18.0),
    intended("evict/a/1"),
    answered("evict/a/1", EffectOutcome.DONE, 201),
    journal.StepWaiting("evict/wk-b-01", (BLOCKED,), 2, 22.0),
    journal.Paused(23.0, "between two evictions"),
    journal.Resumed(24.0),
    journal.Started("h/2", 2, 25.0, resumed=True),
    journal.Note("the budget allows one again", 26.0),
    journal.StepWaiting("evict/wk-b-01", (), 1, 27.0),
    journal.StepDone("evict/wk-b-01", "3 pods evicted", 28.0),
    journal.Finished(OpState.DONE, "wk-b-01 is empty", 29.0),
)
ABORTED: tuple[Record, ...] = (
    *RUN[:7],
    journal.Aborting(30.0, "asked by ben"),
    journal.StepStarted("release/wk-b-01", 31.0, title="wk-b-01 takes pods again"),
    journal.StepDone("release/wk-b-01", "uncordoned", 32.0),
    journal.Finished(OpState.ABORTED, "undone", 33.0),
)
REPLANNED: tuple[Record, ...] = (*PLANNED[:3], *tuple(plan_records(plan(pods=1))), *PLANNED, *RUN)
LIVES = {"done": (*PLANNED, *RUN), "aborted": (*PLANNED, *ABORTED), "replanned": REPLANNED}


@pytest.mark.parametrize("life", LIVES)
def test_every_prefix_folds_and_the_running_fold_agrees(life: str) -> None:
    records = LIVES[life]
    asked = (approval(PLAN),)
    ledger = Ledger(submission())
    for length in range(len(records) + 1):
        whole = fold(stored(*records[:length], requests=asked))
        seen = ledger.next_seq
        ledger.feed(stored(*records[seen:length], requests=asked, first_seq=seen))
        assert ledger.operation() == whole
        assert whole.next_seq == length
        assert whole.plan_error == ""
        assert whole.state.ended == (length == len(records))
        assert whole.plan is None or 0.0 <= (whole.done_fraction or 0.0) <= 1.0


@pytest.mark.parametrize("life", LIVES)
def test_state_only_moves_forward(life: str) -> None:
    order = [OpState.PROPOSED, OpState.APPROVED, OpState.RUNNING, OpState.DONE, OpState.ABORTED]
    records = LIVES[life]
    states = [fold(stored(*records[:n], requests=(approval(PLAN),))).state for n in range(len(records) + 1)]
    ranks = [order.index(state) for state in states]
    assert ranks == sorted(ranks)
    assert set(states) >= {OpState.PROPOSED, OpState.APPROVED, OpState.RUNNING}


def test_nothing_written_is_a_proposal_without_a_plan() -> None:
    operation = fold(stored())
    assert (operation.op_id, operation.intent, operation.actor, operation.submitted) == ("OP1", INTENT, ANA, 1.0)
    assert (operation.state, operation.plan, operation.done_fraction) == (OpState.PROPOSED, None, None)
    assert (operation.holder, operation.fence, operation.claim_expires) == ("h/1", 3, 99.0)
    assert operation.needs_controller


def test_the_plan_comes_back_whole_and_with_its_digest() -> None:
    operation = fold(stored(*PLANNED))
    assert operation.plan is not None
    assert operation.plan.steps == plan().steps
    assert operation.plan.checks == plan().checks
    assert operation.plan.digest == PLAN.digest
    assert [(step.id, step.state, step.left, step.total) for step in operation.steps] == [
        ("cordon/wk-b-01", StepState.PENDING, 0, 0),
        ("evict/wk-b-01", StepState.PENDING, 3, 3),
    ]
    assert not operation.needs_controller, "it waits for a person"
    assert operation.awaits_approval
    assert [operation.is_overdue(operation.submitted + later) for later in (APPROVAL_S, APPROVAL_S + 1)] == [
        False,
        True,
    ]


def test_a_plan_that_is_not_what_was_sealed_is_not_used() -> None:
    without_a_pod = [
        msgspec.structs.replace(record, pods=record.pods[1:]) if isinstance(record, journal.PlanPods) else record
        for record in PLANNED
    ]
    operation = fold(stored(*without_a_pod))
    assert operation.plan is None
    assert "not the one that was sealed" in operation.plan_error
    assert fold(stored(*without_a_pod, *PLANNED)).plan is not None, "planned anew"


def test_an_interrupted_planning_leaves_nothing_in_the_next_plan() -> None:
    other = plan(pods=1)
    operation = fold(stored(*PLANNED[:-1], *plan_records(other)))
    assert operation.plan is not None
    assert operation.plan.digest == other.digest


def test_a_new_plan_is_not_the_one_that_was_approved() -> None:
    asked = (approval(PLAN),)
    assert fold(stored(*PLANNED, requests=asked)).approved_by == BEN
    other = fold(stored(*PLANNED, *plan_records(plan(pods=9)), requests=asked))
    assert (other.state, other.approved_by) == (OpState.PROPOSED, None)
    same = fold(stored(*PLANNED, *PLANNED, requests=asked))
    assert (same.state, same.approved_by, same.approved_at) == (OpState.APPROVED, BEN, 12.0)


def test_a_plan_under_way_to_be_replaced_is_no_plan() -> None:
    operation = fold(stored(*PLANNED, journal.PlanBegun(14.0), requests=(approval(PLAN),)))
    assert (operation.plan, operation.steps, operation.state) == (None, (), OpState.PROPOSED)


def test_planning_that_failed_says_why() -> None:
    operation = fold(stored(journal.PlanBegun(2.0), journal.Finished(OpState.FAILED, "the cluster is silent", 3.0)))
    assert (operation.plan_error, operation.state) == ("the cluster is silent", OpState.FAILED)
    ran = fold(stored(*PLANNED, RUN[0], journal.Finished(OpState.FAILED, "gave up", 3.0)))
    assert (ran.plan_error, ran.summary) == ("", "gave up")


def state_after(*asked: RequestKind, records: tuple[Record, ...] = ()) -> tuple[bool, bool, bool]:
    requests = (approval(PLAN), *(request(kind) for kind in asked))
    operation = fold(stored(*PLANNED, RUN[0], *records, requests=requests))
    return operation.pausing, operation.paused, operation.resuming


def test_pause_and_resume_are_asked_for_and_then_done() -> None:
    pause, resume = RequestKind.PAUSE, RequestKind.RESUME
    paused, resumed = journal.Paused(1.0, "here"), journal.Resumed(2.0)
    assert state_after() == (False, False, False)
    assert state_after(pause) == (True, False, False)
    assert state_after(pause, resume) == (False, False, False)
    assert state_after(pause, records=(paused,)) == (False, True, False)
    assert state_after(pause, resume, records=(paused,)) == (False, True, True)
    assert state_after(pause, resume, records=(paused, resumed)) == (False, False, False)
    assert state_after(pause, resume, pause, records=(paused, resumed)) == (True, False, False)


def test_a_paused_operation_keeps_its_controller() -> None:
    asked = (approval(PLAN), request(RequestKind.PAUSE))
    assert fold(stored(*PLANNED, RUN[0], journal.Paused(1.0, "here"), requests=asked)).needs_controller


def test_an_abort_is_asked_for_under_way_and_over() -> None:
    asked = (approval(PLAN), request(RequestKind.ABORT))
    before = fold(stored(*PLANNED, *RUN[:7], requests=asked))
    assert (before.aborting, before.undoing, before.state) == (True, False, OpState.RUNNING)
    during = fold(stored(*PLANNED, *ABORTED[:-1], requests=asked))
    assert (during.aborting, during.undoing) == (True, True)
    assert not during.awaits_approval
    after = fold(stored(*PLANNED, *ABORTED, requests=asked))
    assert (after.aborting, after.undoing, after.state, after.summary) == (False, False, OpState.ABORTED, "undone")
    assert not after.needs_controller


def test_an_abort_of_a_proposal_needs_a_controller() -> None:
    assert fold(stored(*PLANNED, requests=(request(RequestKind.ABORT),))).needs_controller


def test_an_undo_that_failed_is_failed_with_its_reason_until_it_is_tried_again() -> None:
    failed = journal.StepFailed("undo/wk-b-01", "wk-b-01 could not be given back: 403", "uncordon it", 40.0)
    begun = journal.StepStarted("undo/wk-b-01", 39.0, "wk-b-01 given back")
    after = fold(stored(*PLANNED, RUN[0], begun, failed, journal.Finished(OpState.FAILED, "left behind", 41.0)))
    undo = after.steps[-1]
    assert (undo.state, undo.ended, undo.summary) == (StepState.FAILED, 40.0, failed.why)
    assert undo.waiting == (Waiting("wk-b-01", "failed", failed.why, since=40.0, remedy="uncordon it"),)
    done = journal.StepDone("undo/wk-b-01", "wk-b-01 uncordoned", 43.0)
    again = fold(stored(*PLANNED, RUN[0], begun, failed, begun, done)).steps[-1]
    assert (again.state, again.waiting) == (StepState.DONE, ())


def test_a_step_that_waits_before_it_has_begun_is_pending_afterwards() -> None:
    unclear = journal.StepWaiting("cordon/wk-b-01", (BLOCKED,), 0, 16.0)
    clear = journal.StepWaiting("cordon/wk-b-01", (), 0, 17.0)
    assert fold(stored(*PLANNED, RUN[0], unclear)).steps[0].state is StepState.WAITING
    assert fold(stored(*PLANNED, RUN[0], unclear, clear)).steps[0].state is StepState.PENDING


def steps_of(operation: Operation) -> dict[str, StepState]:
    return {step.id: step.state for step in operation.steps}


def test_steps_tell_what_they_wait_for_and_how_much_is_left() -> None:
    waiting = fold(stored(*PLANNED, *RUN[:7])).steps[1]
    assert (waiting.state, waiting.waiting, waiting.left, waiting.started) == (StepState.WAITING, (BLOCKED,), 2, 18.0)
    free = fold(stored(*PLANNED, *RUN[:12])).steps[1]
    assert (free.state, free.waiting, free.left) == (StepState.RUNNING, (), 1)
    done = fold(stored(*PLANNED, *RUN[:13])).steps[1]
    assert (done.state, done.left, done.ended, done.summary) == (StepState.DONE, 0, 28.0, "3 pods evicted")


def test_a_step_begun_again_after_a_kill_keeps_its_first_start() -> None:
    again = fold(stored(*PLANNED, *RUN[:7], journal.StepStarted("evict/wk-b-01", 40.0))).steps[1]
    assert (again.started, again.state) == (18.0, StepState.RUNNING)


def test_what_was_not_reached_is_failed_or_given_up() -> None:
    failed = fold(stored(*PLANNED, *RUN[:7], journal.Finished(OpState.FAILED, "timeout", 50.0)))
    assert steps_of(failed) == {"cordon/wk-b-01": StepState.DONE, "evict/wk-b-01": StepState.FAILED}
    aborted = fold(stored(*PLANNED, *ABORTED))
    assert steps_of(aborted)["evict/wk-b-01"] is StepState.PENDING


def test_a_step_of_the_undo_has_a_name_of_its_own() -> None:
    undo = fold(stored(*PLANNED, *ABORTED)).steps[-1]
    assert (undo.id, undo.kind, undo.target.name) == ("release/wk-b-01", "release", "wk-b-01")
    assert undo.title == "wk-b-01 takes pods again"


def test_effects_without_a_sure_answer_are_open() -> None:
    journal_so_far = (*PLANNED, *RUN[:4], intended("e/1"), intended("e/2"), intended("e/3"), intended("e/4"))
    answers = (
        answered("e/1", EffectOutcome.DONE, 201),
        answered("e/2", EffectOutcome.UNKNOWN, 0),
        answered("e/3", EffectOutcome.REFUSED, 429),
    )
    operation = fold(stored(*journal_so_far, *answers))
    assert [effect.intended.effect_id for effect in operation.open_effects] == ["e/2", "e/4"]
    probed = fold(stored(*journal_so_far, *answers, answered("e/2", EffectOutcome.DONE, 0)))
    assert [effect.intended.effect_id for effect in probed.open_effects] == ["e/4"]
    assert [effect.intended.effect_id for effect in probed.effects] == ["e/1", "e/2", "e/3", "e/4"]


def test_an_answer_to_nothing_is_no_effect() -> None:
    assert fold(stored(*PLANNED, answered("e/9", EffectOutcome.DONE, 200))).effects == ()


def test_progress_counts_pods_and_steps() -> None:
    fractions = [fold(stored(*PLANNED, *RUN[:n])).done_fraction for n in (0, 3, 7, 13, 14)]
    assert fractions == [0.0, 1 / 5, 2 / 5, 1.0, 1.0]


def test_pods_that_came_after_the_plan_take_nothing_away_from_its_progress() -> None:
    more = journal.StepWaiting("evict/wk-b-01", (BLOCKED,), 9, 22.0)
    assert fold(stored(*PLANNED, *RUN[:3], more)).done_fraction == 1 / 5


def test_times_of_the_first_start_and_of_the_end() -> None:
    operation = fold(stored(*PLANNED, *RUN))
    assert (operation.started, operation.ended, operation.summary) == (15.0, 29.0, "wk-b-01 is empty")
    assert [note.text for note in operation.notes] == ["the budget allows one again"]


def test_a_gap_in_the_records_is_not_folded_over() -> None:
    ledger = Ledger(submission())
    ledger.feed(stored(*PLANNED[:2]))
    with pytest.raises(ValueError, match="records 2 to 3"):
        ledger.feed(stored(PLANNED[4], first_seq=4))


def test_a_load_that_overlaps_is_taken_in_once() -> None:
    ledger = Ledger(submission())
    ledger.feed(stored(*PLANNED[:3]))
    ledger.feed(stored(*PLANNED[1:], first_seq=1))
    assert ledger.operation() == fold(stored(*PLANNED))


def test_a_plan_with_a_blocking_check_stays_a_proposal() -> None:
    blocked = plan(outcome=Outcome.UNKNOWN)
    operation = fold(stored(*plan_records(blocked)))
    assert operation.plan is not None
    assert operation.plan.blocked
    assert operation.state is OpState.PROPOSED
