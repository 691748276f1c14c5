"""The Alertmanagers of a stage: simulated meshes, whose every change must be announced in a journal."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Any, cast

from fleetui.control.mutes import Mutes
from fleetui.model.alerts.evidence import AlertmanagerSays, Posted
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.mesh import Meshes, StatusSaid
from fleetui.model.alerts.silence import Draft, Silence, SilenceState
from fleetui.model.fault import Fault, FaultKind
from fleetui.ports.alerting import Look, Outcome
from fleetui.ports.ended import Ended
from fleetui.simulate.alertmanager_mesh import SimulatedMesh
from tests.control.stage import WITNESSED, Stage

DOWN = Fault(FaultKind.REFUSED, "refused", "connection refused", "")
_MARK = re.compile(r"maintenance: [\w-]+ (\S+) \((\w+)\), operation (\S+?)(?::|$)")


class StageMember:
    """One Alertmanager. ``down``: it does not answer; ``hangs``: not within any time; ``swallows``: it loses a change
    and nobody hears so; ``hangs_on_change``: it answers questions, and no change;
    ``refuses``: it takes none."""

    def __init__(self, stage: Stage, name: str, mesh: SimulatedMesh) -> None:
        self._stage = stage
        self.name = name
        self.mesh = mesh
        self.down = self.hangs = self.swallows = self.hangs_on_change = self.refuses = False
        self.behind_s = 0.0
        """Its clock is so far behind the controller's."""
        self.posted: tuple[Posted, ...] = ()

    @property
    def now(self) -> float:
        return self._stage.clock.now() - self.behind_s

    @property
    def all(self) -> tuple[Silence, ...]:
        return self.mesh.silences(self.now)

    @property
    def active(self) -> list[Silence]:
        return [one for one in self.all if one.state is SilenceState.ACTIVE]

    @property
    def live(self) -> list[Silence]:
        return [one for one in self.all if one.state is not SilenceState.EXPIRED]

    async def _answer(self) -> Fault | None:
        if self.hangs:
            await asyncio.Event().wait()
        return DOWN if self.down else None

    async def silences(self) -> SilencesSaid:
        fault = await self._answer()
        return SilencesSaid(self.name, self.now, () if fault else self.all, fault)

    async def alerts(self, _matching: tuple[Matcher, ...] = ()) -> AlertmanagerSays:
        fault = await self._answer()
        return AlertmanagerSays(self.name, self.now, () if fault else self.posted, fault)

    async def post(self, draft: Draft) -> Outcome:
        return await self._changed("POST", draft.comment, "silence", lambda: self.mesh.post(draft, self.now))

    async def expire(self, silence_id: str) -> Outcome:
        comment = next(one.comment for one in self.all if one.id == silence_id)
        return await self._changed("DELETE", comment, "lift", lambda: self._expired(silence_id))

    def _expired(self, silence_id: str) -> str:
        self.mesh.expire(silence_id, self.now)
        return silence_id

    async def _changed(self, verb: str, comment: str, kind: str, change: Callable[[], str]) -> Outcome:
        if fault := await self._answer():
            return Outcome(Ended.REFUSED, self.name, fault=fault)
        found = _MARK.match(comment)
        assert found is not None, comment
        machine, view, _ = found.groups()
        WITNESSED.came(verb, f"silence {machine} {view}", self._stage.uids[machine], {kind})
        if self.hangs_on_change:
            await asyncio.Event().wait()
        if self.refuses:
            return Outcome(Ended.REFUSED, self.name, fault=DOWN, answered=True)
        if self.swallows:
            return Outcome(Ended.UNKNOWN, self.name, fault=DOWN)
        return Outcome(Ended.DONE, self.name, change())


class StageAlerting:
    """Each name is a mesh of its own. ``down``, ``hangs``: of all of them."""

    def __init__(self, stage: Stage, names: tuple[str, ...] = ("am-a",)) -> None:
        self.names = names
        self.members = tuple(
            StageMember(stage, name, SimulatedMesh((name,), rng=Random(at))) for at, name in enumerate(names, 1)
        )
        self.meshes = Meshes({name: frozenset((name,)) for name in names})
        self.closed = 0

    async def open(self) -> Mutes:
        return Mutes(cast(Any, self))

    def trouble(self, trouble: str, *, of_all: bool = True) -> None:
        for member in self.members if of_all else self.members[-1:]:
            setattr(member, trouble, True)

    @property
    def active(self) -> list[Silence]:
        return [one for member in self.members for one in member.active]

    @property
    def all(self) -> tuple[Silence, ...]:
        return tuple(one for member in self.members for one in member.all)

    async def look(self) -> Look:
        return Look(tuple(await asyncio.gather(*(member.alerts() for member in self.members))), ())

    async def statuses(self) -> tuple[StatusSaid, ...]:
        raise AssertionError("the meshes are known")

    async def post(self, draft: Draft, near: Iterable[str] = ()) -> tuple[Outcome, ...]:
        return await self._in_each(near, lambda member: member.post(draft))

    async def expire(self, silence_id: str, near: Iterable[str]) -> tuple[Outcome, ...]:
        return await self._in_each(near, lambda member: member.expire(silence_id))

    async def _in_each(
        self, near: Iterable[str], act: Callable[[StageMember], Awaitable[Outcome]]
    ) -> tuple[Outcome, ...]:
        wanted = tuple(near) or self.names
        return tuple(await asyncio.gather(*(act(one) for one in self.members if one.name in wanted)))

    async def close(self) -> None:
        self.closed += 1
