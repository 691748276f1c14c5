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
from fleetui.control.start import clock_time
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

NOT_DONE = 412
"""Not everywhere, at least. Stands in for a code of HTTP, as for etcd."""


class _Answer(msgspec.Struct, frozen=True):
    code: int
    message: str = ""


def _probe(*, wanted: bool) -> AlertingProbe:
    """``wanted``: whether such a silence is in every mesh once the effect is done, or in none. Either can only be told
    when all have answered."""

    async def probe(alerting: Alerting | None, effect: EffectIntended, op: str, timing: Timing) -> Finding:
        _, machine, view = effect.object.split(" ")
        said = await silences(alerting, within_s=timing.mute_ask_s) if alerting is not None else ()
        if alerting is None or _silent(said):
            who = f"no answer of {', '.join(_silent(said))}" if said else "no Alertmanager is configured any more"
            return EffectOutcome.REFUSED, f"probed: {who}; such a silence {_left(effect.at + timing.mute_s)}"
        holders = {one.source for one in said if standing(one.silences, op=op, machine=machine, view=view)}
        there = bool(holders) and (not wanted or not _lacking(alerting, said, holders))
        outcome = EffectOutcome.DONE if there is wanted else EffectOutcome.REFUSED
        return outcome, f"probed: the silence is {'' if there else 'not '}there"

    return probe


def _silent(said: tuple[SilencesSaid, ...]) -> tuple[str, ...]:
    return tuple(one.source for one in said if one.fault is not None)


def _without(said: tuple[SilencesSaid, ...]) -> str:
    silent = _silent(said)
    return "no Alertmanager answers" if len(silent) == len(said) else f"no answer of {', '.join(silent)}"


def _left(ends_at: float) -> str:
    return f"ends by itself at {clock_time(ends_at)}"


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
        silent = _silent(said)
        if silent:
            self._context.note_once(f"maintenance silence of {target.name}: {_without(said)}, its alerts may page")
        if len(silent) == len(said):
            return f"nobody to mute alerts of {target.name}"
        drafts = self._muted(self._mutes).drafts(
            self._mutes.scheme, now=self._context.now(), lasts_s=self._timing.mute_s
        )
        done = [await self._ensure(self._mutes, view, draft, said) for view, draft in drafts.items()]
        everywhere = all(done) and not silent
        return f"alerts of {target.name} are muted" if everywhere else f"not all alerts of {target.name} are muted"

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
        name = self._context.target.name
        if not self._was_muted:
            return f"alerts of {name} were never muted"
        said = await self._silences(self._mutes)
        found = {view: there for view in VIEWS if (there := self._standing(said, view))}
        ends = [silence.ends_at for there in found.values() for silence, _ in there]
        done = [
            await self._change(LIFT, "DELETE", view, lambda there=there: self._expire(there))  # type: ignore[misc]
            for view, there in found.items()
        ]
        silent = _silent(said)
        if all(done) and not silent:
            return f"alerts of {name} are heard again"
        left = _left(max((*ends, self._context.now() + self._timing.mute_s) if silent else ends))
        if silent:
            self._context.note_once(f"{_without(said)}: the silence of {name} {left} at the latest")
        return f"the silence of {name} {left}"

    async def _ensure(self, mutes: Mutes, view: str, draft: Draft, said: tuple[SilencesSaid, ...]) -> bool:
        """Prolonged where it is, posted to every mesh that answers and lacks it."""
        there = self._standing(said, view)
        now, lasts = self._context.now(), self._timing.mute_s

        async def post() -> tuple[Outcome, ...]:
            drafts = [(extended(one, by_s=lasts - one.left_s(now), now=now), near) for one, near in there]
            if there and not mutes.alerting.meshes.members:
                await mutes.alerting.statuses()  # or a peer that has not heard of it yet would get another
            if lacking := _lacking(mutes.alerting, said, {source for _, near in there for source in near}):
                drafts.append((draft, lacking))
            done = await asyncio.gather(*(mutes.alerting.post(longer, near) for longer, near in drafts))
            return tuple(outcome for outcomes in done for outcome in outcomes)

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
    def _was_muted(self) -> bool:
        """Or may have been: by the journal, whoever ran the operation then."""
        uid, effects = self._context.target.uid, self._context.logbook.operation.effects
        return any((effect.intended.kind, effect.intended.uid) == (SILENCE.name, uid) for effect in effects)

    @property
    def _is_enough(self) -> bool:
        """By the journal, so that a controller that takes over does not begin anew. A pause does not count: while one
        lasts nothing is muted, and who resumes it has just looked."""
        muting = f"{MUTE}/{self._context.target.name}"
        began = next((step.started for step in self._context.logbook.operation.steps if step.id == muting), None)
        if began is None:
            return False
        now = self._context.now()
        muted_s = now - began - self._context.logbook.paused_since(began, now)
        return muted_s >= self._timing.mute_most_s - self._timing.mute_s

    @property
    def _timing(self) -> Timing:
        return self._context.around.timing


def _lacking(alerting: Alerting, said: tuple[SilencesSaid, ...], holders: set[str]) -> tuple[str, ...]:
    """Those that answer, and of whose mesh nobody has it."""
    answering = (one.source for one in said if one.fault is None)
    return tuple(source for source in answering if not alerting.meshes.peers(source) & holders)


def _answer(outcomes: tuple[Outcome, ...]) -> _Answer:
    """Of all meshes together: done is what all have done. Raises ClusterError for what nobody knows."""
    if any(one.ended is Ended.UNKNOWN for one in outcomes):
        raise _unknown("an Alertmanager did not say what became of it")
    refused = [one for one in outcomes if one.ended is Ended.REFUSED]
    where = f"{len(outcomes) - len(refused)} of {len(outcomes)} Alertmanager meshes"
    if not outcomes or refused:
        why = next((one.fault.detail for one in refused if one.fault is not None), "nobody took it")
        return _Answer(NOT_DONE, f"{where}: {why}")
    return _Answer(200, where)


def _unknown(detail: str) -> ClusterError:
    return ClusterError(Fault(FaultKind.TIMEOUT, "no answer", detail, "such a silence ends by itself"))
