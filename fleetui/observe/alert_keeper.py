"""Keeps the acks of this operator alive while we run: a lease that is renewed, as a lock is.

Whether one is due is the model's rule; before anything is posted the silence is read again, so that one which a
colleague has ended meanwhile stays ended.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import NoReturn, Protocol

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.keeping import Kept, chores, found
from fleetui.model.alerts.silence import Draft, Silence, SilenceState
from fleetui.ports.alerting import Outcome
from fleetui.ports.clock import Clock
from fleetui.ports.ended import Ended

_log = logging.getLogger(__name__)

EVERY_S = 5.0
"""As often as silences are read."""


class Picture(Protocol):
    """What is known of the alerts now, and the way to change silences."""

    @property
    def silences(self) -> Mapping[str, Silence]: ...
    @property
    def alerts(self) -> tuple[Alert, ...]: ...
    async def post(self, draft: Draft) -> tuple[Outcome, ...]:
        """At those who have it."""
        ...

    async def expire(self, silence_id: str) -> tuple[Outcome, ...]: ...


class AckKeeper:
    def __init__(
        self, picture: Picture, *, read: Callable[[], Awaitable[Mapping[str, Silence]]], clock: Clock, by: str = ""
    ) -> None:
        """``read`` asks for the silences as they are now. ``by``: whose acks are kept, whoever posts them; empty: only
        those that are given to ``keep``."""
        self._picture = picture
        self._by = by
        self._read = read
        self._clock = clock
        self._kept: tuple[Kept, ...] = ()

    @property
    def kept(self) -> tuple[Kept, ...]:
        return self._kept

    def keep(self, kept: Kept) -> None:
        """From now on. Once is enough."""
        if all(one.id != kept.id for one in self._kept):
            self._kept = (*self._kept, kept)

    async def run(self) -> NoReturn:
        while True:
            await self._clock.sleep(EVERY_S)
            try:
                await self.once()
            except Exception:  # fence: a defect in keeping acks must not take the alerts from the screen
                _log.exception("keeping acks failed")

    async def once(self) -> None:
        """What is due now. What fails is due again at the next look."""
        self._kept = (*self._kept, *found(self._kept, self._picture.silences, by=self._by))
        due = chores(self._kept, self._picture.silences, self._picture.alerts, now=self._clock.now())
        self._kept = due.kept
        if not due.prolong and not due.end:
            return
        fresh = await self._read()
        for draft in due.prolong:
            if _is_active(fresh.get(draft.id)):
                _tell("prolonging", draft.id, await self._picture.post(draft))
        for silence_id in due.end:
            if _is_active(fresh.get(silence_id)):
                _tell("ending", silence_id, await self._picture.expire(silence_id))


def _is_active(silence: Silence | None) -> bool:
    return silence is not None and silence.state is SilenceState.ACTIVE


def _tell(what: str, silence_id: str, outcomes: tuple[Outcome, ...]) -> None:
    for outcome in outcomes:
        if outcome.ended is not Ended.DONE:
            _log.warning("%s the ack %s at %s: %s", what, silence_id, outcome.source, outcome.ended.value)
