"""Mutating requests, each journaled before it is sent and after it is answered."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import msgspec

from fleetui.control.logbook import Logbook
from fleetui.model.fault import ClusterError
from fleetui.model.journal import EffectAnswered, EffectIntended, EffectOutcome
from fleetui.ports.clock import Clock


class Answer(Protocol):
    """What ``PatchAnswer`` and ``EvictionAnswer`` have in common."""

    @property
    def code(self) -> int: ...

    @property
    def message(self) -> str: ...


A = TypeVar("A", bound=Answer)


class Effect(msgspec.Struct, frozen=True):
    """One request to be made."""

    kind: str
    """As the step kind declares it."""
    step_id: str
    verb: str
    object: str
    """``node wk-b-01``, ``pod payments/api-7d9-x``."""
    uid: str


class NotSentError(Exception):
    """Raised by an act that has found out, at the last moment, that its request must not be sent."""


MESSAGE_LIMIT = 1_000
"""Characters of a server's message that the journal keeps; a record holds 16 kB and a webhook may say anything."""


async def perform(
    effect: Effect, act: Callable[[], Awaitable[A]], *, logbook: Logbook, clock: Clock
) -> tuple[EffectAnswered, A | None]:
    """Writes the intent, acts, writes the answer; the answer is None when the server gave none, or was not asked.

    When the process dies in between, the effect stays open in the journal and the next controller probes it.
    """
    effect_id = logbook.next_effect_id(f"{effect.kind}/{effect.object.partition(' ')[2]}/{effect.uid}")
    logbook.write(
        EffectIntended(
            effect_id=effect_id,
            step_id=effect.step_id,
            kind=effect.kind,
            verb=effect.verb,
            object=effect.object,
            uid=effect.uid,
            fence=logbook.fence,
            at=clock.now(),
        )
    )
    answer, outcome, code, message = await _act(act)
    answered = EffectAnswered(effect_id, outcome, code, message[:MESSAGE_LIMIT], clock.now())
    logbook.write(answered)
    return answered, answer


async def _act(act: Callable[[], Awaitable[A]]) -> tuple[A | None, EffectOutcome, int, str]:
    try:
        answer = await act()
    except NotSentError as error:
        return None, EffectOutcome.REFUSED, 0, str(error)
    except ClusterError as error:
        return None, EffectOutcome.UNKNOWN, 0, str(error)
    return answer, outcome_of(answer.code, answer.message), answer.code, answer.message


def outcome_of(code: int, message: str) -> EffectOutcome:
    """What an HTTP code says about the change. A 5xx may hide a change that was made, unless it names a refusal."""
    if code in (200, 201):
        return EffectOutcome.DONE
    refused = 400 <= code < 500 or several_budgets(code, message) or webhook_failed(message)
    return EffectOutcome.REFUSED if refused else EffectOutcome.UNKNOWN


def several_budgets(code: int, message: str) -> bool:
    """The eviction subresource's 500 for a pod that more than one budget selects."""
    return code == 500 and "more than one PodDisruptionBudget" in message


def webhook_failed(message: str) -> bool:
    """An admission webhook denied the request or could not be called: it never reached the object."""
    return "admission webhook" in message or "failed calling webhook" in message
