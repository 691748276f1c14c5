"""What is written down about an operation, append-only, schema version 1.

That is the submission, the requests of people, and the records of its controller in the order it writes them. A record
says what was about to happen or what was seen; ``model.ledger.fold`` turns all of it into the operation's state. An
effect is one mutating request: ``EffectIntended`` is durable before it is sent, ``EffectAnswered`` after the answer.
"""

from enum import StrEnum

import msgspec

from fleetui.model.operation import SCHEMA_VERSION, Actor, Blast, Check, Intent, OpState, PlannedPod, PlannedStep
from fleetui.model.waiting import Waiting as Waiting  # noqa: PLC0414 - one of the journal's own words


class RequestKind(StrEnum):
    APPROVE = "approve"
    PAUSE = "pause"
    RESUME = "resume"
    ABORT = "abort"


class Submission(msgspec.Struct, frozen=True):
    op_id: str
    intent: Intent
    actor: Actor
    at: float
    schema: int = 1
    """``SCHEMA_VERSION`` of the program that submitted it; journals older than this field are of version 1."""

    @property
    def newer(self) -> str:
        """Why this program must leave the operation alone, with the remedy; empty when it knows the schema."""
        if self.schema <= SCHEMA_VERSION:
            return ""
        return (
            f"operation {self.op_id} was written by a newer fleetui (schema {self.schema}, this one knows "
            f"{SCHEMA_VERSION}): upgrade fleetui here"
        )


class Request(msgspec.Struct, frozen=True):
    kind: RequestKind
    by: Actor
    at: float
    digest: str = ""
    """Of the plan that was confirmed; only with APPROVE."""


class PlanBegun(msgspec.Struct, frozen=True, tag="plan-begun"):
    """Planning starts; what an earlier, interrupted planning left unsealed is void."""

    at: float


class PlanStep(msgspec.Struct, frozen=True, tag="plan-step"):
    """A step without its pods; ``PlanPods`` bring them in pages that fit a record."""

    step: PlannedStep


class PlanPods(msgspec.Struct, frozen=True, tag="plan-pods"):
    step_id: str
    pods: tuple[PlannedPod, ...]


class PlanChecks(msgspec.Struct, frozen=True, tag="plan-checks"):
    checks: tuple[Check, ...]


class PlanSealed(msgspec.Struct, frozen=True, tag="plan-sealed"):
    """The plan is complete. A later ``PlanBegun`` (or ``PlanStep``) starts a new plan that replaces it."""

    digest: str
    blast: Blast
    at: float


class Started(msgspec.Struct, frozen=True, tag="started"):
    """A controller has begun to run the approved plan, or taken over after another ended. Never before approval."""

    holder: str
    fence: int
    at: float
    resumed: bool = False


class StepStarted(msgspec.Struct, frozen=True, tag="step-started"):
    step_id: str
    at: float
    title: str = ""
    """Only for a step that the plan does not list, as the undo steps of an abort."""


class EffectIntended(msgspec.Struct, frozen=True, tag="effect-intended"):
    effect_id: str
    """Unique in the operation: ``evict/wk-b-01/<pod uid>/1``."""
    step_id: str
    kind: str
    """As the operation declares it: ``lock-and-cordon``, ``evict``, ``renew``, ``release``, ``uncordon``."""
    verb: str
    """``PATCH`` or ``POST``."""
    object: str
    """``node wk-b-01``, ``pod payments/api-7d9-x``."""
    uid: str
    """The precondition."""
    fence: int
    at: float


class EffectOutcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    """Answered, and nothing changed (409, 429, 403, 404)."""
    UNKNOWN = "unknown"
    """No answer, or the controller died: to be probed, never assumed."""


class EffectAnswered(msgspec.Struct, frozen=True, tag="effect-answered"):
    effect_id: str
    outcome: EffectOutcome
    code: int
    """HTTP; 0 when there was no answer."""
    message: str
    at: float


class StepWaiting(msgspec.Struct, frozen=True, tag="step-waiting"):
    """Written when the set of what is waited for changes, not at every poll. Empty: nothing blocks any more."""

    step_id: str
    waiting: tuple[Waiting, ...]
    left: int
    """How much of the step is still to be done (pods)."""
    at: float


class StepDone(msgspec.Struct, frozen=True, tag="step-done"):
    step_id: str
    summary: str
    at: float


class StepFailed(msgspec.Struct, frozen=True, tag="step-failed"):
    """The step did not reach its state and is not tried again. A step of the plan says so with its operation's end
    (``Finished``); this is for those of an undo, which has no other end."""

    step_id: str
    why: str
    remedy: str
    """What a person can do about it."""
    at: float


class Paused(msgspec.Struct, frozen=True, tag="paused"):
    """At a safe point: nothing is under way until ``Resumed``."""

    at: float
    safe_point: str


class Resumed(msgspec.Struct, frozen=True, tag="resumed"):
    at: float


class Aborting(msgspec.Struct, frozen=True, tag="aborting"):
    """The undo steps begin: of machines not finished our own cordons are lifted, our locks released."""

    at: float
    why: str


class Note(msgspec.Struct, frozen=True, tag="note"):
    text: str
    at: float


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    state: OpState
    summary: str
    at: float


Record = (
    PlanBegun
    | PlanStep
    | PlanPods
    | PlanChecks
    | PlanSealed
    | Started
    | StepStarted
    | EffectIntended
    | EffectAnswered
    | StepWaiting
    | StepDone
    | StepFailed
    | Paused
    | Resumed
    | Aborting
    | Note
    | Finished
)


class Stored(msgspec.Struct, frozen=True):
    """Everything the store knows of one operation; ``model.ledger.fold`` makes sense of it."""

    submission: Submission
    requests: tuple[Request, ...]
    records: tuple[Record, ...]
    """``records[n]`` has sequence number ``first_seq + n``."""
    holder: str = ""
    fence: int = 0
    claim_expires: float = 0.0
    first_seq: int = 0
    """0 unless the reader asked for the later records only."""
