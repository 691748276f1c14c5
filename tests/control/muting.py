"""The Alertmanagers of a stage: one simulated mesh, whose every change must be announced in a journal."""

import asyncio
import re
from collections.abc import Iterable
from random import Random
from typing import Any, cast

from fleetui.control.mutes import Mutes
from fleetui.model.alerts.evidence import AlertmanagerSays
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.silence import Draft, Silence, SilenceState
from fleetui.model.fault import Fault, FaultKind
from fleetui.ports.alerting import Look, Outcome
from fleetui.ports.ended import Ended
from fleetui.simulate.alertmanager_mesh import SimulatedMesh
from tests.control.stage import WITNESSED, Stage

DOWN = Fault(FaultKind.REFUSED, "refused", "connection refused", "")
_MARK = re.compile(r"maintenance: [\w-]+ (\S+) \((\w+)\), operation (\S+?)(?::|$)")


class StageAlerting:
    """``names`` of one mesh. ``down``: nobody answers; ``hangs``: nobody does within any time."""

    names = ("am-a",)

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.mesh = SimulatedMesh(self.names, rng=Random(1))
        self.down = self.hangs = False
        self.closed = 0

    async def open(self) -> Mutes:
        return Mutes(cast(Any, self))

    @property
    def members(self) -> "tuple[StageAlerting, ...]":
        return (self,)

    @property
    def active(self) -> list[Silence]:
        return [one for one in self.all if one.state is SilenceState.ACTIVE]

    @property
    def all(self) -> tuple[Silence, ...]:
        return self.mesh.silences(self._stage.clock.now())

    async def _answer(self) -> Fault | None:
        if self.hangs:
            await asyncio.Event().wait()
        return DOWN if self.down else None

    async def silences(self) -> SilencesSaid:
        fault, now = await self._answer(), self._stage.clock.now()
        return SilencesSaid("am-a", now, () if fault else self.mesh.silences(now), fault)

    async def look(self) -> Look:
        fault = await self._answer()
        return Look((AlertmanagerSays("am-a", self._stage.clock.now(), (), fault),), ())

    async def post(self, draft: Draft, near: Iterable[str] = ()) -> tuple[Outcome, ...]:
        if fault := await self._answer():
            return (Outcome(Ended.REFUSED, "am-a", fault=fault),)
        self._came("POST", draft.comment, "silence")
        return (Outcome(Ended.DONE, "am-a", self.mesh.post(draft, self._stage.clock.now())),)

    async def expire(self, silence_id: str, near: Iterable[str]) -> tuple[Outcome, ...]:
        if fault := await self._answer():
            return (Outcome(Ended.REFUSED, "am-a", fault=fault),)
        comment = next(one.comment for one in self.all if one.id == silence_id)
        self._came("DELETE", comment, "lift")
        self.mesh.expire(silence_id, self._stage.clock.now())
        return (Outcome(Ended.DONE, "am-a", silence_id),)

    async def close(self) -> None:
        self.closed += 1

    def _came(self, verb: str, comment: str, kind: str) -> None:
        found = _MARK.match(comment)
        assert found is not None, comment
        machine, view, _ = found.groups()
        WITNESSED.came(verb, f"silence {machine} {view}", self._stage.uids[machine], {kind})
