"""An operation's state, folded from what is written down about it. Pure: the same journal is the same operation.

A controller may be killed after any record, so every prefix of a journal folds. Records only ever add to what is known:
a reader keeps a ``Ledger`` and feeds it what is new.
"""

import msgspec

from fleetui.model import journal
from fleetui.model.journal import EffectOutcome, Record, Request, RequestKind, Stored, Submission
from fleetui.model.operation import APPROVAL_S, Actor, Intent, OpState, Plan
from fleetui.model.plan_pages import Draft, Part
from fleetui.model.step_progress import StepProgress, StepRecord, left, moved, pending, unplanned


class Effect(msgspec.Struct, frozen=True):
    """One mutating request: what was intended, and the last that is known of its outcome."""

    intended: journal.EffectIntended
    answered: journal.EffectAnswered | None = None

    @property
    def is_open(self) -> bool:
        """Nobody knows whether it happened: it is to be probed before anything else is done to its object."""
        return self.answered is None or self.answered.outcome is EffectOutcome.UNKNOWN


class Operation(msgspec.Struct, frozen=True):
    """One operation as consoles show it and as its controller resumes it."""

    op_id: str
    intent: Intent
    actor: Actor
    submitted: float
    state: OpState = OpState.PROPOSED
    plan: Plan | None = None
    """None while it is planned."""
    plan_error: str = ""
    """Why there is no plan."""
    approved_by: Actor | None = None
    approved_at: float | None = None
    asked: tuple[Request, ...] = ()
    """What people have asked of it since it was submitted, in order: who approved, paused, resumed or aborted, when."""
    paused: bool = False
    """At a safe point, nothing under way."""
    paused_at: float | None = None
    """Since when it is; None while it is not paused."""
    pausing: bool = False
    """Pause was asked for; the safe point is not reached yet."""
    resuming: bool = False
    """Resume was asked for; the controller has not taken it up yet."""
    aborting: bool = False
    """Abort was asked for or is under way."""
    undoing: bool = False
    """The controller has begun the undo steps of an abort."""
    steps: tuple[StepProgress, ...] = ()
    effects: tuple[Effect, ...] = ()
    """In the order they were intended, those of every controller."""
    notes: tuple[journal.Note, ...] = ()
    started: float | None = None
    ended: float | None = None
    summary: str = ""
    holder: str = ""
    """The controller that claimed it last."""
    fence: int = 0
    claim_expires: float = 0.0
    next_seq: int = 0
    """The sequence number of the next record."""
    newer: str = ""
    """Why this program leaves it alone: a newer one has written it, in a schema that this one does not know. What is
    folded of it is then only who wants what."""
    damaged: str = ""
    """What of it the store cannot read, and what to do: nobody goes on with it, and ``state`` is failed."""

    @property
    def held_since(self) -> float | None:
        """Since when a step of it has been held; None while none is, and when it has ended."""
        held = (step.held_since for step in self.steps if step.held_since is not None)
        return None if self.state.ended else min(held, default=None)

    @property
    def open_effects(self) -> tuple[Effect, ...]:
        return tuple(effect for effect in self.effects if effect.is_open)

    @property
    def rehearsal(self) -> bool:
        """It ended without ever having been approved: somebody looked at a plan, and nothing was changed."""
        return self.state is OpState.ABORTED and self.approved_by is None

    @property
    def awaits_approval(self) -> bool:
        """Its plan waits for a person, and for nothing else; at most ``APPROVAL_S`` after it was submitted."""
        waits = self.plan is not None and self.approved_by is None and self.started is None
        return waits and not self.newer and not self.state.ended and not self.aborting

    @property
    def needs_controller(self) -> bool:
        """False when it has ended, when its plan only waits for a person, or when only a newer program may touch it. A
        paused operation does need one: its locks are renewed."""
        return not self.newer and not self.state.ended and not self.awaits_approval

    def is_overdue(self, now: float) -> bool:
        """A proposal that a controller should have ended by now: none has run."""
        return self.awaits_approval and now > self.submitted + APPROVAL_S

    @property
    def done_fraction(self) -> float | None:
        """0 to 1, each step weighing as many as its pods and one more; None without a plan."""
        if self.state is OpState.DONE:
            return 1.0
        if self.plan is None:
            return None
        total = sum(step.total + 1 for step in self.steps)
        return sum(step.done for step in self.steps) / total if total else 0.0


def fold(stored: Stored) -> Operation:
    """The operation from its first record on. ``stored`` must hold all records."""
    ledger = Ledger(stored.submission)
    ledger.feed(stored)
    return ledger.operation()


class Ledger:
    """The running fold of one operation: feed it loads in order, ask for the operation at any time."""

    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._next_seq = 0
        self._requests: tuple[Request, ...] = ()
        self._claim = ("", 0, 0.0)
        self._forget_plan()
        self._draft = Draft()
        self._plan_error = ""
        self._steps: dict[str, StepProgress] = {}
        self._effects: dict[str, Effect] = {}
        self._notes: list[journal.Note] = []
        self._started: float | None = None
        self._paused_at: float | None = None
        self._undoing = False
        self._finished: journal.Finished | None = None

    @property
    def next_seq(self) -> int:
        """Load from here to feed what is new."""
        return self._next_seq

    def feed(self, stored: Stored) -> None:
        """Takes in a load that begins where the last one ended, or earlier. Raises ValueError on a gap."""
        if stored.first_seq > self._next_seq:
            raise ValueError(
                f"records {self._next_seq} to {stored.first_seq - 1} of {stored.submission.op_id} are missing"
            )
        self._requests = stored.requests
        self._claim = (stored.holder, stored.fence, stored.claim_expires)
        for record in stored.records[self._next_seq - stored.first_seq :]:
            if not self._submission.newer:
                self._apply(record)
            self._next_seq += 1

    def operation(self) -> Operation:
        holder, fence, claim_expires = self._claim
        approval = self._approval()
        wants_pause, paused = self._wants_pause(), self._paused_at is not None
        ended = self._finished is not None
        return Operation(
            op_id=self._submission.op_id,
            intent=self._submission.intent,
            actor=self._submission.actor,
            submitted=self._submission.at,
            state=self._state(approved=approval is not None),
            plan=self._plan,
            plan_error=self._submission.newer or self._plan_error,
            approved_by=approval.by if approval else None,
            approved_at=approval.at if approval else None,
            asked=self._requests,
            paused=paused and not ended,
            paused_at=None if ended else self._paused_at,
            pausing=wants_pause and not paused and not ended,
            resuming=paused and not wants_pause and not ended,
            aborting=not ended and (self._undoing or self._asked(RequestKind.ABORT)),
            undoing=self._undoing and not ended,
            steps=tuple(self._steps.values()),
            effects=tuple(self._effects.values()),
            notes=tuple(self._notes),
            started=self._started,
            ended=self._finished.at if self._finished else None,
            summary=self._finished.summary if self._finished else "",
            holder=holder,
            fence=fence,
            claim_expires=claim_expires,
            next_seq=self._next_seq,
            newer=self._submission.newer,
        )

    # What people asked for.

    def _approval(self) -> Request | None:
        """The first approval of exactly this plan; one of an older, different plan counts for nothing."""
        if self._plan is None:
            return None
        for request in self._requests:
            if request.kind is RequestKind.APPROVE and request.digest == self._digest:
                return request
        return None

    def _wants_pause(self) -> bool:
        turns = [request.kind for request in self._requests if request.kind in (RequestKind.PAUSE, RequestKind.RESUME)]
        return bool(turns) and turns[-1] is RequestKind.PAUSE

    def _asked(self, kind: RequestKind) -> bool:
        return any(request.kind is kind for request in self._requests)

    def _state(self, *, approved: bool) -> OpState:
        if self._finished is not None:
            return self._finished.state
        if self._started is not None:
            return OpState.RUNNING
        return OpState.APPROVED if approved else OpState.PROPOSED

    # What the controller wrote.

    def _apply(self, record: Record) -> None:
        match record:
            case journal.PlanBegun() | journal.PlanStep() | journal.PlanPods() | journal.PlanChecks():
                self._draft_plan(record)
            case journal.PlanSealed():
                self._seal_plan(record)
            case journal.StepStarted() | journal.StepWaiting() | journal.StepDone() | journal.StepFailed():
                self._move_step(record)
            case journal.EffectIntended():
                self._effects[record.effect_id] = Effect(record)
            case journal.EffectAnswered():
                self._answer(record)
            case journal.Note():
                self._notes.append(record)
            case journal.Finished():
                self._finish(record)
            case _:
                self._change_course(record)

    def _draft_plan(self, part: Part) -> None:
        if isinstance(part, journal.PlanBegun) or self._plan is not None:
            self._forget_plan()
            self._draft = Draft()
        self._draft.add(part)

    def _forget_plan(self) -> None:
        self._plan: Plan | None = None
        self._digest = ""
        self._steps = {}

    def _seal_plan(self, sealed: journal.PlanSealed) -> None:
        plan = self._draft.plan(self._submission.intent, blast=sealed.blast, made_at=sealed.at)
        self._draft = Draft()
        if plan.digest != sealed.digest:
            self._plan_error = "the plan in the journal is not the one that was sealed: it is not used"
            return
        self._plan, self._digest, self._plan_error = plan, sealed.digest, ""
        self._steps = {step.id: pending(step) for step in plan.steps}

    def _move_step(self, record: StepRecord) -> None:
        step = self._steps.get(record.step_id) or unplanned(record.step_id)
        self._steps[record.step_id] = moved(step, record)

    def _answer(self, answered: journal.EffectAnswered) -> None:
        effect = self._effects.get(answered.effect_id)
        if effect is not None:
            self._effects[answered.effect_id] = msgspec.structs.replace(effect, answered=answered)

    def _change_course(self, record: journal.Started | journal.Paused | journal.Resumed | journal.Aborting) -> None:
        match record:
            case journal.Started():
                self._started = record.at if self._started is None else self._started
            case journal.Paused():
                self._paused_at = record.at if self._paused_at is None else self._paused_at
            case journal.Resumed():
                self._paused_at = None
            case journal.Aborting():
                self._undoing = True
                self._paused_at = None

    def _finish(self, finished: journal.Finished) -> None:
        self._finished = finished
        if self._plan is None and finished.state is OpState.FAILED:
            self._plan_error = self._plan_error or finished.summary
        self._steps = {id_: left(step, finished) for id_, step in self._steps.items()}
