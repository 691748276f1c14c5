"""One Alertmanager: ``ports.alerting.Alertmanager``."""

import asyncio
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import TypeVar
from urllib.parse import quote

import msgspec

from fleetui.clients.alertmanager import faults, wire
from fleetui.clients.alertmanager.alerts_body import AlertsBody
from fleetui.clients.alertmanager.carrier import Call, Carrier, NotSentError
from fleetui.clients.http.answer import Answer
from fleetui.clients.monitoring.breaker import Door
from fleetui.clients.monitoring.origin import Origin
from fleetui.model.alerts.evidence import AlertmanagerSays
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.mesh import StatusSaid
from fleetui.model.alerts.silence import Draft, Silence, SilenceState
from fleetui.ports.alerting import Outcome
from fleetui.ports.clock import Clock
from fleetui.ports.ended import Ended
from fleetui.ports.metrics import MetricsError

_BIG = 1 << 16
"""Bytes of an answer from which on it is read in a thread: about 60 alerts, 1 ms."""
_SKEW_SEEN_S = 2.0
"""The Date header counts whole seconds, and the answer was on its way."""

T = TypeVar("T")


class Member:
    """Named by the configuration. Its breaker is the server's, with whoever else asks it."""

    def __init__(self, origin: Origin, *, door: Door, clock: Clock) -> None:
        self._origin = origin
        self._door = door
        self._clock = clock
        self._carrier = Carrier(origin, clock)
        self._alerts = AlertsBody()
        self._reading = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._origin.name

    async def alerts(self, matching: tuple[Matcher, ...] = ()) -> AlertmanagerSays:
        call = Call("/api/v2/alerts", query=tuple(("filter", matcher.text) for matcher in matching))
        try:
            answer = await self._ask(call)
            async with self._reading:
                known = await self._read(answer.body, AlertsBody() if matching else self._alerts)
                posted, undecodable = known.posted, known.undecodable
        except MetricsError as error:
            return AlertmanagerSays(self.name, self._clock.now(), fault=error.fault)
        now = self._clock.now()
        return AlertmanagerSays(self.name, now, posted, skew_s=_skew(answer, now), undecodable=undecodable)

    async def silences(self) -> SilencesSaid:
        try:
            found = await self._silences()
        except MetricsError as error:
            return SilencesSaid(self.name, self._clock.now(), fault=error.fault)
        return SilencesSaid(self.name, self._clock.now(), found)

    async def status(self) -> StatusSaid:
        try:
            answer = await self._ask(Call("/api/v2/status"))
            version, name, peers, ready = self._decoded(answer.body, wire.status)
        except MetricsError as error:
            return StatusSaid(self.name, self._clock.now(), fault=error.fault)
        return StatusSaid(self.name, self._clock.now(), version, name, peers, ready)

    async def post(self, draft: Draft) -> Outcome:
        call = Call("/api/v2/silences", "POST", body=wire.postable(draft))
        try:
            answer = await self._ask(call)
            return Outcome(Ended.DONE, self.name, self._decoded(answer.body, wire.silence_id))
        except MetricsError as error:
            return await self._failed(error, lambda silence: _is(silence, draft))

    async def expire(self, silence_id: str) -> Outcome:
        try:
            await self._ask(Call(f"/api/v2/silence/{quote(silence_id, safe='')}", "DELETE"))
        except MetricsError as error:
            return await self._failed(error, lambda silence: _has_ended(silence, silence_id), id_=silence_id)
        return Outcome(Ended.DONE, self.name, silence_id)

    async def close(self) -> None:
        await self._carrier.close()

    async def _failed(self, error: MetricsError, done: Callable[[Silence], bool], *, id_: str = "") -> Outcome:
        """Refused, or never sent; or the silences tell."""
        kind = error.fault.kind
        if isinstance(error, NotSentError) or error.asked_wrong or kind.answered or kind.needs_a_person:
            return Outcome(Ended.REFUSED, self.name, id_, error.fault, answered=error.asked_wrong)
        try:
            found = next((silence for silence in await self._silences() if done(silence)), None)
        except MetricsError:
            found = None  # it does not answer this either: nobody knows
        if found is not None:
            return Outcome(Ended.DONE, self.name, found.id)
        return Outcome(Ended.UNKNOWN, self.name, id_, error.fault)

    async def _silences(self) -> tuple[Silence, ...]:
        answer = await self._ask(Call("/api/v2/silences"))
        if len(answer.body) > _BIG:
            return await asyncio.to_thread(self._decoded, answer.body, wire.silences)
        return self._decoded(answer.body, wire.silences)

    async def _ask(self, call: Call) -> Answer:
        """An answer of 200. Raises MetricsError; NotSentError while the breaker is open."""
        entered = False
        try:
            async with self._door.asking():
                entered = True
                answer = await self._carrier.carry(call)
                if answer.code != 200:
                    now, host = self._clock.now(), self._origin.host
                    raise faults.refused(answer.code, answer.body, answer.headers, host=host, now=now)
                return answer
        except MetricsError as error:
            if entered:
                raise
            raise NotSentError(error) from error

    async def _read(self, body: bytes, known: AlertsBody) -> AlertsBody:
        try:
            await asyncio.to_thread(known.read, body) if len(body) > _BIG else known.read(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise faults.not_understood(self._origin.host, error) from error
        return known

    def _decoded(self, body: bytes, read: Callable[[bytes], T]) -> T:
        try:
            return read(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise faults.not_understood(self._origin.host, error) from error


def _is(silence: Silence, draft: Draft) -> bool:
    """Whether it is what the draft made; times are kept to the millisecond, a start in the past becomes now."""
    return (
        silence.state is not SilenceState.EXPIRED
        and set(silence.matchers) == set(draft.matchers)
        and silence.created_by == draft.created_by
        and silence.comment == draft.comment
        and abs(silence.ends_at - draft.ends_at) < 0.01
    )


def _has_ended(silence: Silence, silence_id: str) -> bool:
    return silence.id == silence_id and silence.state is SilenceState.EXPIRED


def _skew(answer: Answer, now: float) -> float:
    """The server's clock minus ours; 0 where the difference could be the header's rounding, or there is none."""
    try:
        seen = parsedate_to_datetime(answer.headers["Date"]).timestamp() + 0.5 - now
    except (KeyError, ValueError):
        return 0.0
    return seen if abs(seen) > _SKEW_SEEN_S else 0.0
