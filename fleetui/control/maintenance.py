"""The maintenance silences of one machine while an operation works on it: posted, prolonged, lifted.

They never hold an operation up and never fail it: without an answer within seconds that is noted, and the work goes on.
What nobody could lift ends by itself within minutes.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from fleetui.control.effect_kind import AlertingProbe, EffectKind, Finding
from fleetui.control.mutes import OPTION, Mutes, silences
from fleetui.control.operation_kind import OptionKind
from fleetui.control.step_context import Keeper, StepContext
from fleetui.control.timing import Timing
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.maintenance import VIEWS, Muted, standing
from fleetui.model.alerts.silence import Draft, Silence, extended
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import EffectIntended, EffectOutcome
from fleetui.model.operation import PlannedStep, Target
from fleetui.ports.alerting import Alerting, Outcome
from fleetui.ports.ended import Ended

log = logging.getLogger(__name__)

NOTHING_DONE = 412
"""Stands in for a code of HTTP, as for etcd."""
_LEFT = "ends by itself"


class _Answer(msgspec.Struct, frozen=True):
    code: int
    message: str = ""


def _probe(*, wanted: bool) -> AlertingProbe:
    """``wanted``: whether such a silence is there once the effect is done."""

    async def probe(alerting: Alerting | None, effect: EffectIntended, op: str) -> Finding:
        _, machine, view = effect.object.split(" ")
        said = await silences(alerting, within_s=Timing().mute_ask_s) if alerting is not None else ()
        if not said:
            return EffectOutcome.REFUSED, f"probed: no Alertmanager answers; such a silence {_LEFT}"
        there = any(standing(one.silences, op=op, machine=machine, view=view) for one in said)
        outcome = EffectOutcome.DONE if there is wanted else EffectOutcome.REFUSED
        return outcome, f"probed: the silence is {'' if there else 'not '}there"

    return probe


SILENCE = EffectKind("silence", _probe(wanted=True), on_alerting=True)
LIFT = EffectKind("lift", _probe(wanted=False), on_alerting=True)


MUTING = OptionKind(OPTION, False, "mute the alerts that the work itself causes while it lasts")
MUTE, UNMUTE = "mute", "unmute"
"""Steps of every operation that can be muted."""


def mute_steps(target: Target, why: str) -> tuple[PlannedStep, PlannedStep]:
    """Before the work and after it."""
    name = target.name
    return (
        PlannedStep(f"{MUTE}/{name}", MUTE, target, f"alerts of {name} muted while it is at work", why, "", 1.0),
        PlannedStep(f"{UNMUTE}/{name}", UNMUTE, target, f"alerts of {name} heard again", why, "", 1.0),
    )


def also_muted(context: StepContext, keep: Keeper) -> Keeper:
    """Keeps what ``keep`` does, and what mutes the work, once that has begun."""
    if context.step.kind == MUTE:
        return keep
    maintenance = Maintenance(context)

    async def both() -> None:
        await keep()
        await maintenance.keep()

    return both


class Maintenance:
    """Of the machine of a step. Does nothing where the operation was not asked to mute it."""

    def __init__(self, context: StepContext) -> None:
        self._context = context
        around = context.around
        asked = bool(around.options.get(OPTION)) and around.mutes is not None
        self._mutes: Mutes | None = around.mutes if asked else None

    async def begin(self) -> str:
        """Posted, or prolonged where they are there already."""
        if self._mutes is None:
            return "nowhere to mute it"
        target = self._context.target
        if self._is_enough:
            self._context.around.muted[target.uid] = self._context.around.clock.monotonic()
            hours = f"{self._timing.mute_most_s / 3600:g} h"
            self._context.note_once(
                f"alerts of {target.name} are muted no more: {hours} are the most, and it is at work yet"
            )
            return f"alerts of {target.name} are muted no more"
        said = await self._silences(self._mutes)
        self._context.around.muted[target.uid] = self._context.around.clock.monotonic()
        if not said:
            self._context.note_once(
                f"maintenance silence of {target.name}: no Alertmanager answers, its alerts may page"
            )
            return f"nobody to mute alerts of {target.name}"
        drafts = self._muted(self._mutes).drafts(
            self._mutes.scheme, now=self._context.now(), lasts_s=self._timing.mute_s
        )
        done = [await self._ensure(self._mutes, view, draft, said) for view, draft in drafts.items()]
        return f"alerts of {target.name} are muted" if all(done) else f"not all alerts of {target.name} are muted"

    async def keep(self) -> None:
        """Prolongs when that is due; a controller that has just taken over always looks. A pause mutes nobody for long:
        while one lasts nothing is prolonged."""
        if self._mutes is None or self._context.logbook.operation.paused:
            return
        last = self._context.around.muted.get(self._context.target.uid)
        if last is None or self._context.around.clock.monotonic() - last >= self._timing.mute_renew_s:
            await self.begin()

    async def end(self) -> str:
        """Lifted at once; what cannot be lifted now ends by itself."""
        if self._mutes is None:
            return ""
        name, said = self._context.target.name, await self._silences(self._mutes)
        if not said:
            self._context.note_once(f"no Alertmanager answers: the silence of {name} {_LEFT}")
            return f"the silence of {name} {_LEFT}"
        found = {view: there for view in VIEWS if (there := self._standing(said, view))}
        done = [
            await self._change(LIFT, "DELETE", view, lambda there=there: self._expire(there))  # type: ignore[misc]
            for view, there in found.items()
        ]
        return f"alerts of {name} are heard again" if all(done) else f"the silence of {name} {_LEFT}"

    async def _ensure(self, mutes: Mutes, view: str, draft: Draft, said: tuple[SilencesSaid, ...]) -> bool:
        there = self._standing(said, view)
        now, lasts = self._context.now(), self._timing.mute_s

        async def post() -> tuple[Outcome, ...]:
            if not there:
                return await mutes.alerting.post(draft)
            drafts = [(extended(one, by_s=lasts - one.left_s(now), now=now), near) for one, near in there]
            return tuple([outcome for longer, near in drafts for outcome in await mutes.alerting.post(longer, near)])

        return await self._change(SILENCE, "POST", view, post)

    async def _change(
        self, kind: EffectKind, verb: str, view: str, act: Callable[[], Awaitable[tuple[Outcome, ...]]]
    ) -> bool:
        """One journaled effect; what speaks against it is noted once."""
        target = self._context.target

        async def sent() -> _Answer:
            try:
                async with asyncio.timeout(self._timing.mute_ask_s):
                    return _answer(await act())
            except TimeoutError as error:
                raise _unknown("no answer in time") from error
            except ClusterError:
                raise
            except Exception as error:  # a fence: whatever breaks in muting must not fail the work
                log.exception("muting %s failed", target.name)
                raise _unknown(f"{type(error).__name__}: {error}") from error

        answered, _ = await self._context.perform(kind, verb, f"silence {target.name} {view}", target.uid, sent)
        done = answered.outcome is EffectOutcome.DONE
        if not done:
            self._context.note_once(f"maintenance silence of {target.name} ({view}): {answered.message or 'refused'}")
        return done

    async def _expire(self, there: "list[tuple[Silence, tuple[str, ...]]]") -> tuple[Outcome, ...]:
        assert self._mutes is not None
        alerting = self._mutes.alerting
        return tuple([outcome for one, near in there for outcome in await alerting.expire(one.id, near)])

    async def _silences(self, mutes: Mutes) -> tuple[SilencesSaid, ...]:
        return await silences(mutes.alerting, within_s=self._timing.mute_ask_s)

    def _standing(self, said: tuple[SilencesSaid, ...], view: str) -> list[tuple[Silence, tuple[str, ...]]]:
        """Each with those who have it."""
        op, machine = self._context.logbook.op_id, self._context.target.name
        found: dict[str, tuple[Silence, tuple[str, ...]]] = {}
        for one in said:
            for silence in standing(one.silences, op=op, machine=machine, view=view):
                _, near = found.get(silence.id, (silence, ()))
                found[silence.id] = silence, (*near, one.source)
        return list(found.values())

    def _muted(self, mutes: Mutes) -> Muted:
        around = self._context.around
        return mutes.muted(around.intent, self._context.target, op=around.logbook.op_id, actor=around.actor)

    @property
    def _is_enough(self) -> bool:
        """By the journal, so that a controller that takes over does not begin anew."""
        muting = f"{MUTE}/{self._context.target.name}"
        began = next((step.started for step in self._context.logbook.operation.steps if step.id == muting), None)
        return began is not None and self._context.now() - began >= self._timing.mute_most_s - self._timing.mute_s

    @property
    def _timing(self) -> Timing:
        return self._context.around.timing


def _answer(outcomes: tuple[Outcome, ...]) -> _Answer:
    """Of all meshes together. Raises ClusterError for what nobody knows."""
    if any(one.ended is Ended.UNKNOWN for one in outcomes):
        raise _unknown("an Alertmanager did not say what became of it")
    refused = [one for one in outcomes if one.ended is Ended.REFUSED]
    if not outcomes or len(refused) == len(outcomes):
        why = next((one.fault.detail for one in refused if one.fault is not None), "nobody took it")
        return _Answer(NOTHING_DONE, why)
    return _Answer(200, f"{len(outcomes) - len(refused)} of {len(outcomes)} Alertmanager meshes")


def _unknown(detail: str) -> ClusterError:
    return ClusterError(Fault(FaultKind.TIMEOUT, "no answer", detail, f"such a silence {_LEFT}"))
