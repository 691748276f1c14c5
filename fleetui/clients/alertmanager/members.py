"""All Alertmanagers as one: ``ports.alerting.Alerting``."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping

from fleetui.model.alerts.mesh import NO_MESH, Meshes, StatusSaid, meshes
from fleetui.model.alerts.silence import Draft
from fleetui.ports.alerting import Alertmanager, Look, Outcome
from fleetui.ports.ended import Ended


class Members:
    def __init__(self, members: Mapping[str, Alertmanager]) -> None:
        self._members = dict(members)
        self._meshes = NO_MESH

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._members)

    @property
    def members(self) -> tuple[Alertmanager, ...]:
        return tuple(self._members.values())

    @property
    def meshes(self) -> Meshes:
        return self._meshes

    async def look(self) -> Look:
        members = self._members.values()
        said = await asyncio.gather(
            asyncio.gather(*(member.alerts() for member in members)),
            asyncio.gather(*(member.silences() for member in members)),
        )
        return Look(tuple(said[0]), tuple(said[1]))

    async def statuses(self) -> tuple[StatusSaid, ...]:
        said = tuple(await asyncio.gather(*(member.status() for member in self._members.values())))
        self._meshes = meshes(said, self._meshes)
        return said

    async def post(self, draft: Draft, near: Iterable[str] = ()) -> tuple[Outcome, ...]:
        return await self._in_each_mesh(near, lambda member: member.post(draft))

    async def expire(self, silence_id: str, near: Iterable[str]) -> tuple[Outcome, ...]:
        return await self._in_each_mesh(near, lambda member: member.expire(silence_id))

    async def close(self) -> None:
        await asyncio.gather(*(member.close() for member in self._members.values()))

    async def _in_each_mesh(
        self, near: Iterable[str], act: Callable[[Alertmanager], Awaitable[Outcome]]
    ) -> tuple[Outcome, ...]:
        if self._meshes is NO_MESH:
            await self.statuses()  # or two of a pair would each get the silence
        wanted = tuple(name for name in near if name in self._members) or self.names
        turns = self._meshes.once_each(wanted)
        return tuple(await asyncio.gather(*(self._first(names, act) for names in turns)))

    async def _first(self, names: tuple[str, ...], act: Callable[[Alertmanager], Awaitable[Outcome]]) -> Outcome:
        """By the first that can be reached. One whose outcome is unknown may have told its peers: no other is asked."""
        for name in names[:-1]:
            outcome = await act(self._members[name])
            if outcome.ended is not Ended.REFUSED or outcome.answered:
                return outcome
        return await act(self._members[names[-1]])
