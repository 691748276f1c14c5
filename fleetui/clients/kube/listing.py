"""Lists the quickest way that a server allows: rows after a few hundredths of a second, all of them soon after.

Pages come from etcd, one after the other; ``resourceVersion=0`` comes from the API server's memory, but as one answer
that begins only when all of it is encoded. Many namespaces asked for one by one from memory have the good of both.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeAlias
from urllib.parse import quote

import msgspec

from fleetui.clients.kube import faults
from fleetui.clients.kube.fragments import BrokenListError, Envelope, Fragments, ListMeta
from fleetui.clients.kube.link import Link
from fleetui.clients.kube.machine_rows import MachineRows, UnusableTableError
from fleetui.clients.kube.pod_rows import PodRows
from fleetui.clients.kube.session import Call, Query
from fleetui.model.fault import ClusterError, FaultKind
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.ports.reader import Kind, Page

PAGE = 500
"""kubectl's chunk; 0.05 s on a filled server."""
FIRST_PAGE = {Kind.MACHINES: PAGE, Kind.PODS: 100}
"""More than a screenful: whole pods are large, and 500 of them take 0.04 s longer than 100 to arrive."""
LIST_TIMEOUT_S = 120.0
AT_ONCE = 2
"""Lists of namespaces at the same time: more only queue up in the server, which encodes with two cores at best."""
FEW = 3
"""Pages left up to which going on in pages is as quick as anything."""
PODS_PER_NAMESPACE = 20
"""On the average, below which a request per namespace costs more than pages do."""
QUEUED = 8
"""Fragments waiting for their reader; the rest waits in the network."""

Rows: TypeAlias = list[Machine] | list[Pod]
Pages: TypeAlias = AsyncGenerator[Page, None]

PATHS = {Kind.MACHINES: "/api/v1/nodes", Kind.PODS: "/api/v1/pods"}
_NAMES = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"
_FROM_MEMORY = (("resourceVersion", "0"),)


class _Name(msgspec.Struct):
    name: str = ""


class _Named(msgspec.Struct):
    metadata: _Name = msgspec.field(default_factory=_Name)


class _Names(msgspec.Struct):
    items: list[_Named] | None = None


class Listing:
    """The lists of one cluster. Methods raise ClusterError; a page's ``resource_version`` is never newer than it."""

    def __init__(self, link: Link, *, machines: MachineRows, pods: PodRows) -> None:
        self._link = link
        self._machines = machines
        self._pods = pods

    def rows(self, kind: Kind) -> MachineRows | PodRows:
        return self._machines if kind is Kind.MACHINES else self._pods

    async def page(self, kind: Kind, *, limit: int, continue_: str = "") -> Page:
        """One page of the list, whole."""
        query = [("limit", str(limit))]
        if continue_:
            query.append(("continue", continue_))
        parts = [part async for part in self._parts(kind, PATHS[kind], query)]
        items = tuple(item for part in parts for item in part.items)
        return msgspec.structs.replace(parts[-1], items=items, undecodable=sum(part.undecodable for part in parts))

    async def all(self, kind: Kind, *, preview: bool) -> Pages:
        """Every object. With ``preview`` a first page comes at once, and its objects come again with the rest."""
        if kind is Kind.MACHINES and not preview:
            async with aclosing(self._parts(kind, PATHS[kind], _FROM_MEMORY)) as parts:
                async for part in parts:
                    yield part
            return
        first = await self.page(kind, limit=FIRST_PAGE[kind])
        if preview or not first.continue_:
            yield first
        if first.continue_:
            # A reader that leaves half way must end the requests at once, not when the collector comes by.
            async with aclosing(await self._rest(kind, first, preview=preview)) as rest:
                async for page in rest:
                    yield page

    async def _rest(self, kind: Kind, first: Page, *, preview: bool) -> Pages:
        left = first.remaining or 0
        if left > FEW * PAGE:
            if kind is Kind.MACHINES:
                return self._parts(kind, PATHS[kind], _FROM_MEMORY)
            namespaces = await self._namespaces()
            if 2 * AT_ONCE <= len(namespaces) <= left / PODS_PER_NAMESPACE:
                return self._by_namespace(namespaces)
        return self._pages(first if not preview else None, kind, first.continue_)

    async def _pages(self, first: Page | None, kind: Kind, continue_: str) -> Pages:
        if first is not None:
            yield first
        while continue_:
            page = await self.page(kind, limit=PAGE, continue_=continue_)
            yield page
            continue_ = page.continue_

    async def _by_namespace(self, namespaces: list[str]) -> Pages:
        """Two namespaces at a time. One that was made since is not in ``namespaces``: its pods are newer than every
        page, so a watch from the oldest page brings them."""
        waiting = iter(namespaces)
        pages: asyncio.Queue[Page | None] = asyncio.Queue()
        room = asyncio.Semaphore(QUEUED)

        async def work() -> None:
            for namespace in waiting:
                path = f"/api/v1/namespaces/{quote(namespace)}/pods"
                async with aclosing(self._parts(Kind.PODS, path, _FROM_MEMORY)) as parts:
                    async for part in parts:
                        await room.acquire()
                        pages.put_nowait(part)

        async def work_all() -> None:
            try:
                async with asyncio.TaskGroup() as workers:
                    for _ in range(AT_ONCE):
                        workers.create_task(work())
            except BaseExceptionGroup as group:
                raise group.exceptions[0] from group
            finally:
                pages.put_nowait(None)

        task = asyncio.create_task(work_all(), name="list by namespace")
        try:
            while (page := await pages.get()) is not None:
                yield page
                room.release()
            await task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _namespaces(self) -> list[str]:
        """Their names; none when we may not list them."""
        call = Call("/api/v1/namespaces", _FROM_MEMORY, accept=_NAMES, what="namespaces", timeout_s=LIST_TIMEOUT_S)
        try:
            answer = await self._link.get(call)
            listed = msgspec.json.decode(answer.body, type=_Names).items or []
        except ClusterError as error:
            if error.fault.kind is FaultKind.FORBIDDEN:
                return []
            raise
        except (msgspec.DecodeError, UnicodeDecodeError):
            return []
        return [item.metadata.name for item in listed if item.metadata.name]

    async def _parts(self, kind: Kind, path: str, query: Query) -> Pages:
        """One answer, in parts as it arrives; at least one. Whole nodes where the server's Table is of no use."""
        try:
            async with aclosing(self._answer(kind, path, query)) as parts:
                async for part in parts:
                    yield part
        except UnusableTableError:
            async with aclosing(self._answer(kind, path, query)) as parts:
                async for part in parts:
                    yield part

    async def _answer(self, kind: Kind, path: str, query: Query) -> Pages:
        rows = self.rows(kind)
        decode: Callable[[Envelope, bytes], tuple[Rows, int]] = rows.array
        fragments = Fragments(decode)
        held: list[tuple[Rows, int]] = []
        call = Call(path, query, accept=rows.accept, what=kind.value, timeout_s=LIST_TIMEOUT_S)
        async with self._link.stream(call) as (_, chunks), aclosing(fragments.read(chunks)) as read:
            try:
                async for decoded in read:
                    held.append(decoded)
                    # A server may write the version behind the items; parts without one cannot be handed out.
                    while held and fragments.envelope.metadata.resource_version:
                        yield _page(*held.pop(0), fragments.envelope.metadata)
            except BrokenListError as error:
                raise faults.not_kubernetes(await self._link.host(), f"no list of {kind.value}: {error}") from error
        for decoded in held:
            yield _page(*decoded, fragments.envelope.metadata)


def _page(items: Rows, undecodable: int, meta: ListMeta) -> Page:
    return Page(
        tuple(items),
        meta.resource_version,
        continue_=meta.continue_,
        remaining=meta.remaining_item_count,
        undecodable=undecodable,
    )
