"""The players of the Alertmanager contract: a pair of real ones, the demo's simulated pair, and a scripted pair."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Protocol, TypeVar

from fleetui.clients.alertmanager.connect import open_alertmanagers
from fleetui.clients.alertmanager.members import Members
from fleetui.clients.system import SystemClock
from fleetui.model.alerts.evidence import AlertmanagerSays, Posted
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.silence import Draft
from fleetui.model.monitoring import AlertmanagerConfig
from fleetui.simulate.alertmanager_face import AlertmanagerFaces
from fleetui.simulate.alertmanager_mesh import Sent, SimulatedMesh
from tests.bed.alertmanager import Alertmanagers
from tests.clients.scripted import LowChance
from tests.clients.scripted_alertmanager import Mesh, alertmanager, refuse

T = TypeVar("T")
WITHIN_S = 60.0
_NUMBERS = itertools.count(time.time_ns() % 1_000_000)


class Pair(Protocol):
    """Two Alertmanagers that gossip, called am-0 and am-1."""

    urls: tuple[str, ...]

    def fire(self, labels: Mapping[str, str]) -> None: ...

    def lose(self, number: int) -> None:
        """From now on it does not answer."""
        ...


@dataclass
class RealPair:
    bed: Alertmanagers

    @property
    def urls(self) -> tuple[str, ...]:
        return self.bed.urls

    def fire(self, labels: Mapping[str, str]) -> None:
        for number in range(self.bed.size):
            self.bed.post(labels, number=number)

    def lose(self, number: int) -> None:
        self.bed.kill(number)


class ScriptedPair:
    def __init__(self) -> None:
        self._mesh = Mesh()
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        made = [await self._stack.enter_async_context(alertmanager(self._mesh)) for _ in range(2)]
        self._members = [member for member, _ in made]
        self.urls = tuple(server.url for _, server in made)

    async def close(self) -> None:
        await self._stack.aclose()

    def fire(self, labels: Mapping[str, str]) -> None:
        self._mesh.fire(labels)

    def lose(self, number: int) -> None:
        self._members[number].trouble = refuse


class SimulatedPair:
    """As the demo has them; one that is lost listens no more."""

    def __init__(self) -> None:
        self._mesh = SimulatedMesh(("peer-0", "peer-1"), rng=Random(1))
        self._faces = AlertmanagerFaces(self._mesh, SystemClock())
        self._losing: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self._faces.start()
        self.urls = tuple(self._faces.urls.values())

    async def close(self) -> None:
        await asyncio.gather(*self._losing)
        await self._faces.stop()

    def fire(self, labels: Mapping[str, str]) -> None:
        now = time.time()
        self._mesh.receive([Sent(label_set(labels), now, now + 3600)], now)

    def lose(self, number: int) -> None:
        self._losing.append(asyncio.ensure_future(self._faces.stop_one(f"peer-{number}")))


@dataclass
class Stage:
    """A pair, our side of it, and names that no other test has."""

    pair: Pair
    members: Members
    cluster: str

    def fire(self, name: str, **labels: str) -> None:
        self.pair.fire({"alertname": name, "cluster": self.cluster, "severity": "warning", **labels})

    def draft(self, name: str, *, lasts: float = 60.0, **more: object) -> Draft:
        now = time.time()
        matchers = (Matcher("alertname", name), Matcher("cluster", self.cluster))
        draft = Draft(matchers, now, now + lasts, "ana", "looking at it")
        return Draft(**{field: more.get(field, getattr(draft, field)) for field in draft.__struct_fields__})

    async def said(self, number: int = 0) -> AlertmanagerSays:
        return (await self.members.look()).alerts[number]

    async def posted(self, name: str, number: int = 0) -> Posted | None:
        """Our alert as one of them has it."""
        wanted = label_set({"alertname": name, "cluster": self.cluster})
        found = (await self.said(number)).posted
        return next((post for post in found if set(wanted) <= set(post.labels)), None)

    async def until(self, attempt: Callable[[], Awaitable[T | None]]) -> T:
        """The first answer that is something."""
        async with asyncio.timeout(WITHIN_S):
            while not (found := await attempt()):  # noqa: ASYNC110 - the event is another process's
                await asyncio.sleep(0.02)
        return found

    async def until_posted(self, name: str, *, silenced: bool | None = None, number: int = 0) -> Posted:
        async def attempt() -> Posted | None:
            found = await self.posted(name, number)
            if found is None or (silenced is not None and bool(found.silenced_by) is not silenced):
                return None
            return found

        return await self.until(attempt)


@asynccontextmanager
async def stage(pair: Pair) -> AsyncIterator[Stage]:
    configured = {f"am-{number}": AlertmanagerConfig(url=url) for number, url in enumerate(pair.urls)}
    members = open_alertmanagers(configured, clock=SystemClock(), chance=LowChance())
    try:
        yield Stage(pair, members, f"contract-{next(_NUMBERS)}")
    finally:
        await members.close()
