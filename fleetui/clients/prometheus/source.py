"""One source of metrics: questions in, values out. Who is asked and by which carrier is said by its origin."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import msgspec

from fleetui.clients.http.answer import Answer
from fleetui.clients.monitoring.breaker import Door
from fleetui.clients.monitoring.secret import Credentials
from fleetui.clients.monitoring.trust import Trust
from fleetui.clients.prometheus import faults, wire
from fleetui.clients.prometheus.carrier import AsyncCarrier, Call, Carrier
from fleetui.clients.prometheus.origin import MetricsOrigin
from fleetui.clients.prometheus.package import QUERY, QUERY_RANGE, PackageCarrier
from fleetui.clients.prometheus.rules_body import RulesBody
from fleetui.model.fault import Fault
from fleetui.model.health.series import Alerts, Matrix, Reply, Rules, Targets, Vector
from fleetui.ports.clock import Clock
from fleetui.ports.metrics import MetricsError

MOST_STEPS = 11_000
"""Values a series of one range query (Prometheus web/api/v1/api.go; the others keep the same limit)."""
_BIG = 1 << 16
"""Bytes of an answer from which on it is decoded in a thread: about 2 ms of the loop."""

T = TypeVar("T")


class PrometheusSource:
    """``ports.metrics.MetricsSource``."""

    def __init__(self, origin: MetricsOrigin, *, door: Door, clock: Clock) -> None:
        self._origin = origin
        self._door = door
        self._clock = clock
        self._body = RulesBody()
        self._credentials = Credentials(origin.auth, clock)
        trust = Trust(origin)
        self._http: Carrier = AsyncCarrier(origin, trust)
        self._queries: Carrier = PackageCarrier(origin, trust) if origin.package else self._http

    @property
    def name(self) -> str:
        return self._origin.name

    @property
    def held_up(self) -> Fault | None:
        """Why it is not asked now, when it is not."""
        return self._door.breaker.fault

    async def instant(self, query: str, *, at: float | None = None) -> Vector:
        when = () if at is None else (("time", f"{at:.3f}"),)
        points, reply = await self._ask(self._query(QUERY, query, *when), wire.points, self._queries)
        return Vector(points, reply)

    async def range_(self, query: str, *, start: float, end: float, step_s: int) -> Matrix:
        first, last = _aligned(start, end, step_s)
        span = (("start", str(first)), ("end", str(last)), ("step", str(step_s)))
        lines, reply = await self._ask(self._query(QUERY_RANGE, query, *span), wire.lines, self._queries)
        return Matrix(lines, reply)

    async def targets(self) -> Targets:
        call = Call("/api/v1/targets", (("state", "active"),), get=True)
        return Targets(*await self._ask(call, wire.targets))

    async def rules(self) -> Rules:
        return Rules(*await self._ask(Call("/api/v1/rules", get=True), self._body.rules))

    async def alerts(self) -> Alerts:
        return Alerts(*await self._ask(Call("/api/v1/alerts", get=True), RulesBody().alerts))

    async def label_names(self, matching: str = "") -> tuple[str, ...]:
        form = (("match[]", matching),) if matching else ()
        return (await self._ask(Call("/api/v1/labels", form, get=True), wire.names))[0]

    async def close(self) -> None:
        await self._http.close()
        if self._queries is not self._http:
            await self._queries.close()

    def _query(self, path: str, query: str, *more: tuple[str, str]) -> Call:
        form = (("query", query), *more, ("timeout", self._origin.server_timeout), *self._origin.extras)
        return Call(path, form)

    async def _ask(
        self, call: Call, read: Callable[[msgspec.Raw], T], carrier: Carrier | None = None
    ) -> tuple[T, Reply]:
        async with self._door.asking():
            asked_at = self._clock.now()
            answer = await self._credentials.carried(partial((carrier or self._http).carry, call))
            received_at = self._clock.now()
            if answer.code != 200:
                raise self._refused(call, answer)
            said, found = await self._read(answer.body, read)
        reply = wire.reply(
            said,
            source=self.name,
            asked_at=asked_at,
            received_at=received_at,
            behind_s=self._origin.behind_s,
        )
        return found, reply

    async def _read(self, body: bytes, read: Callable[[msgspec.Raw], T]) -> tuple[wire.Envelope, T]:
        def decoded() -> tuple[wire.Envelope, T]:
            said = wire.envelope(body)
            return said, read(said.data)

        try:
            return await asyncio.to_thread(decoded) if len(body) > _BIG else decoded()
        except msgspec.DecodeError as error:
            raise faults.not_understood(self._origin.host, error) from error

    def _refused(self, call: Call, answer: Answer) -> MetricsError:
        now = self._clock.now()
        return faults.refused(answer.code, answer.body, answer.headers, host=self._origin.host, now=now, path=call.path)


def _aligned(start: float, end: float, step_s: int) -> tuple[int, int]:
    """Multiples of the step, so that every call for the same series meets the same moments."""
    if step_s < 1 or end < start:
        raise ValueError(f"from {start} to {end} in steps of {step_s} s is no span")
    first, last = int(start // step_s) * step_s, int(end // step_s) * step_s
    if (last - first) // step_s + 1 > MOST_STEPS:
        raise ValueError(f"more than {MOST_STEPS} values a series: take longer steps")
    return first, last
