"""The simulated cluster behind ``ports.reader``, without a wire.

For virtual time, and for fleets larger than one machine could serve over sockets.
"""

from collections.abc import AsyncIterator, Callable
from types import MappingProxyType
from typing import cast

from fleetui.model.details import Details
from fleetui.model.incident.past import Told
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod as PodRow
from fleetui.model.text import clean_block
from fleetui.ports.reader import Change, ChangeType, Identity, Kind, Page, Ready
from fleetui.simulate import manifest, past, rows
from fleetui.simulate.block_yaml import dump
from fleetui.simulate.details import machine_details, pod_details
from fleetui.simulate.gate import Gate, gone, raise_for
from fleetui.simulate.history import Happening, TooOldError
from fleetui.simulate.host import Host
from fleetui.simulate.objects import Node, Pod, Resource
from fleetui.simulate.request import Answer, Get, List

FIRST_PAGE = 100
"""Rows of the first page of a whole list: what fills a screen at once."""
PAGE = 500
NEAR_S = 0.001
"""Latency of a cluster without troubles: no distance, but no answer before the question either."""

Row = Machine | PodRow


def _machine(thing: Resource, cluster: str) -> Row:
    return rows.machine(cast("Node", thing), cluster)


def _pod(thing: Resource, cluster: str) -> Row:
    return rows.pod_row(cast("Pod", thing), cluster)


_ROW: MappingProxyType[Kind, Callable[[Resource, str], Row]] = MappingProxyType(
    {Kind.MACHINES: _machine, Kind.PODS: _pod}
)


class SimulatedReader:
    """A ``ports.reader.ClusterReader``."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._gate = Gate(host)

    @property
    def name(self) -> str:
        return self._host.name

    @property
    def held_up(self) -> None:
        """Nothing stands between us and a cluster in the same process."""

    async def identify(self) -> Identity:
        answer = await self._gate.ask(Get("namespaces", "kube-system"), verb="get", resource="namespaces")
        return Identity(uid=answer.item.uid, version=self._host.world.version)

    async def readyz(self) -> Ready:
        before = self._host.now()
        await self._gate.enter()
        return Ready(latency_s=NEAR_S + self._host.now() - before, skew_s=self._host.trouble.skew_s)

    async def list_page(self, kind: Kind, *, limit: int, continue_: str = "") -> Page:
        request = List(kind.value, limit=limit, continue_=continue_)
        answer = await self._gate.ask(request, verb="list", resource=kind.value)
        raise_for(answer.status, kind.value)
        lost = 0 if continue_ else min(len(answer.items), self._host.trouble.undecodable)
        return self._page(kind, answer, lost)

    def _page(self, kind: Kind, answer: Answer, lost: int) -> Page:
        make, name = _ROW[kind], self._host.name
        return Page(
            items=tuple(make(thing, name) for thing in answer.items[lost:]),
            resource_version=str(answer.revision),
            continue_=answer.continue_,
            remaining=answer.remaining,
            undecodable=lost,
        )

    async def list_all(self, kind: Kind, *, preview: bool = True) -> AsyncIterator[Page]:
        page = await self.list_page(kind, limit=FIRST_PAGE if preview else PAGE)
        first = page.resource_version
        yield page
        while page.continue_:
            page = await self.list_page(kind, limit=PAGE, continue_=page.continue_)
            # Later pages show newer states; what changed since the first is replayed, never lost.
            page = Page(page.items, first, page.continue_, page.remaining, page.undecodable)
            yield page

    async def watch(self, kind: Kind, *, resource_version: str) -> AsyncIterator[tuple[Change, ...]]:
        await self._gate.enter("watch", kind.value)
        since = int(resource_version)
        while True:
            try:
                happened = await self._host.next_changes(kind.value, since)
            except TooOldError as error:
                raise gone(str(error)) from error
            await self._gate.enter("watch", kind.value)
            since = happened[-1].revision
            yield tuple(self._change(kind, each) for each in happened)
            if self._host.trouble.cut:
                return

    def _change(self, kind: Kind, happened: Happening) -> Change:
        row = _ROW[kind](happened.after, self._host.name)
        return Change(ChangeType(happened.type), str(happened.revision), row)

    async def describe(self, kind: Kind, *, namespace: str, name: str) -> str:
        request = Get(kind.value, name, "" if kind is Kind.MACHINES else namespace)
        answer = await self._gate.ask(request, verb="get", resource=kind.value)
        raise_for(answer.status, kind.value)
        return clean_block(dump(manifest.manifest(answer.item)))

    async def details(self, kind: Kind, *, namespace: str, name: str) -> Details:
        if kind is Kind.PODS:
            return await pod_details(self._gate, namespace, name)
        return await machine_details(self._gate, name)

    async def events(self, *, since: float) -> Told:
        return await past.events(self._gate, since=since)

    async def changes(self, *, since: float) -> Told:
        return await past.changes(self._gate, since=since)

    async def close(self) -> None:
        """Nothing is held."""
