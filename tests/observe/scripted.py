"""A cluster under a test's command: it can fail, hang, flap, throttle, forget, swap its identity and lie."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import msgspec

from fleetui.model.details import Details, MachineDetails, PodDetails
from fleetui.model.drain import NodeState, PodState
from fleetui.model.fault import ClusterError, Fault, FaultKind, GoneError
from fleetui.model.freshness import ANSWER_WITHIN_S
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.observe.waiting import within
from fleetui.ports.reader import Change, ChangeType, Identity, Kind, Page, Ready
from tests.observe.virtual_clock import VirtualClock

PAGE = 500


def fault(kind: FaultKind, word: str = "", **more: object) -> ClusterError:
    said = Fault(kind=kind, word=word or kind.value, detail="scripted", remedy="none", **more)  # type: ignore[arg-type]
    return ClusterError(said)


def gone() -> GoneError:
    return GoneError(Fault(kind=FaultKind.GONE, word="gone", detail="too old", remedy=""))


@dataclass
class Server:
    """One API server and its state. Several readers, contexts or sessions may read it."""

    uid: str = "uid-1"
    version: str = "v1.36.3"
    revision: int = 100
    compacted: int = 0
    objects: dict[Kind, dict[str, Machine | Pod]] = field(default_factory=lambda: {kind: {} for kind in Kind})
    log: list[tuple[int, Kind, ChangeType, Machine | Pod]] = field(default_factory=list)
    frozen: bool = False
    down: Exception | None = None
    """Raised by every request, and breaks open watches."""
    failing: dict[str, Exception] = field(default_factory=dict)
    """By request: ``identify``, ``readyz``, ``list nodes``, ``watch nodes``, ``list pods``, ``watch pods``."""
    hanging: set[str] = field(default_factory=set)
    """Requests that are never answered, whatever happens later."""
    calls: list[str] = field(default_factory=list)
    open: list["_Watch"] = field(default_factory=list)
    snapshots: dict[tuple[Kind, int], tuple[Machine | Pod, ...]] = field(default_factory=dict)
    """Of lists under way, by revision."""
    page_size: int = PAGE
    between_pages: Callable[[], None] | None = None
    _thawed: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, item: Machine | Pod) -> Machine | Pod:
        """Create or change an object."""
        kind = _kind(item)
        self.revision += 1
        stored = renewed(item, resource_version=str(self.revision))
        known = item.uid in self.objects[kind]
        self.objects[kind][item.uid] = stored
        self.log.append((self.revision, kind, ChangeType.MODIFIED if known else ChangeType.ADDED, stored))
        self.stir()
        return stored

    def delete(self, kind: Kind, uid: str) -> None:
        self.revision += 1
        last = renewed(self.objects[kind].pop(uid), resource_version=str(self.revision))
        self.log.append((self.revision, kind, ChangeType.DELETED, last))
        self.stir()

    def compact(self) -> None:
        """Forget the past: watches from it answer 410, open ones too when they have not yet sent it."""
        for watch in self.open:
            if any(kind is watch.kind and revision > watch.position for revision, kind, _, _ in self.log):
                watch.cut = gone()
        self.compacted = self.revision
        self.log.clear()

    def bookmark(self) -> None:
        """Tell open watches the present revision, as a server does about once a minute."""
        self.revision += 1
        for watch in self.open:
            watch.bookmarks.append(self.revision)
        self.stir()

    def break_watches(self, error: Exception | None = None) -> None:
        """Cut open watches: with an error, or without one as a server ends them normally."""
        for watch in self.open:
            watch.cut = watch.cut or error or _End()
        self.stir()

    def stop(self, error: Exception | None = None) -> None:
        """As SIGKILL of the server: connections break, new ones are refused."""
        self.down = error or fault(FaultKind.REFUSED)
        self.break_watches(fault(FaultKind.NETWORK))

    def start(self) -> None:
        self.down = None

    def freeze(self) -> None:
        """As SIGSTOP of the server: connections stay and nothing is answered."""
        if not self.frozen:
            self.frozen = True
            self._thawed = asyncio.Event()

    def thaw(self) -> None:
        self.frozen = False
        self._thawed.set()
        self.stir()

    def stir(self) -> None:
        for watch in self.open:
            watch.stirred.set()

    def watching(self, kind: Kind) -> int:
        """Watches open now."""
        return sum(watch.kind is kind for watch in self.open)

    async def answer(self, request: str) -> None:
        self.calls.append(request)
        if request in self.hanging:
            await asyncio.Event().wait()
        if self.frozen:
            await self._thawed.wait()
        for error in (self.down, self.failing.get(request)):
            if error is not None:
                raise error

    def count(self, request: str) -> int:
        return self.calls.count(request)


class _End(Exception):
    """A watch ends normally."""


@dataclass(eq=False)
class _Watch:
    kind: Kind
    position: int
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    cut: Exception | None = None
    bookmarks: list[int] = field(default_factory=list)


def renewed(item: Machine | Pod, **fields: object) -> Machine | Pod:
    return msgspec.structs.replace(item, **fields)


class ScriptedReader:
    """A ``ports.reader.ClusterReader`` of one ``Server`` under a display name."""

    def __init__(self, name: str, server: Server, clock: VirtualClock) -> None:
        self._name = name
        self.server = server
        self._clock = clock
        self.patience_s: float | None = ANSWER_WITHIN_S
        """None: a reader that breaks its promise of a timeout."""
        self.readyz_after_s = 0.0
        """How long a server that answers takes for it."""
        self.closed = False

    @property
    def name(self) -> str:
        return self._name

    held_up = None

    async def identify(self) -> Identity:
        await self.server.answer("identify")
        return Identity(uid=self.server.uid, version=self.server.version)

    async def readyz(self) -> Ready:
        answer = self.server.answer("readyz")
        if self.patience_s is None:
            await answer
        else:
            try:
                await within(self._clock, self.patience_s, answer)
            except TimeoutError:
                raise fault(FaultKind.TIMEOUT, f"no answer in {ANSWER_WITHIN_S:g} s") from None
        if self.readyz_after_s:
            await self._clock.sleep(self.readyz_after_s)
        return Ready(latency_s=self.readyz_after_s or 0.004, skew_s=0.0)

    async def list_page(self, kind: Kind, *, limit: int, continue_: str = "") -> Page:
        """As a real server: all pages of one list are of one revision, until that is compacted."""
        server = self.server
        await server.answer(f"list {kind}")
        revision, start = (int(part) for part in (continue_ or f"{server.revision}:0").split(":"))
        if revision < server.compacted:
            raise gone()
        items = server.snapshots.setdefault((kind, revision), tuple(server.objects[kind].values()))
        following = f"{revision}:{start + limit}" if start + limit < len(items) else ""
        if not following:
            del server.snapshots[kind, revision]
        shown = tuple(renewed(item, cluster=self._name) for item in items[start : start + limit])
        return Page(items=shown, resource_version=str(revision), continue_=following)

    async def list_all(self, kind: Kind, *, preview: bool = True) -> AsyncIterator[Page]:
        page = await self.list_page(kind, limit=self.server.page_size)
        yield page
        while page.continue_:
            if self.server.between_pages is not None:
                self.server.between_pages()
            page = await self.list_page(kind, limit=self.server.page_size, continue_=page.continue_)
            yield page

    async def watch(self, kind: Kind, *, resource_version: str) -> AsyncIterator[tuple[Change, ...]]:
        server, position = self.server, int(resource_version or 0)
        await server.answer(f"watch {kind}")
        if position < server.compacted:
            raise gone()
        mine = _Watch(kind, position)
        server.open.append(mine)
        try:
            while True:
                if isinstance(mine.cut, GoneError) and not server.frozen:
                    break
                if not server.frozen and (batch := (*self._after(kind, mine.position), *_bookmarks(mine))):
                    mine.position = max(int(change.resource_version) for change in batch)
                    yield batch
                if mine.cut is not None and not server.frozen:
                    break
                await mine.stirred.wait()
                mine.stirred.clear()
            if not isinstance(mine.cut, _End):
                raise mine.cut
        finally:
            server.open.remove(mine)

    def _after(self, kind: Kind, position: int) -> tuple[Change, ...]:
        return tuple(
            Change(type=how, resource_version=str(revision), item=renewed(item, cluster=self._name))
            for revision, of, how, item in self.server.log
            if of is kind and revision > position
        )

    async def describe(self, kind: Kind, *, namespace: str, name: str) -> str:
        await self.server.answer("describe")
        return f"kind: {kind}\nnamespace: {namespace}\nname: {name}\n"

    async def details(self, kind: Kind, *, namespace: str, name: str) -> Details:
        await self.server.answer("details")
        if kind is Kind.MACHINES:
            return MachineDetails(NodeState(uid="", name=name, resource_version=""))
        return PodDetails(PodState(uid="", namespace=namespace, name=name, node="", phase="Running"))

    async def close(self) -> None:
        self.closed = True


def _bookmarks(watch: _Watch) -> tuple[Change, ...]:
    revisions, watch.bookmarks = watch.bookmarks, []
    return tuple(Change(type=ChangeType.BOOKMARK, resource_version=str(revision)) for revision in revisions)


def _kind(item: Machine | Pod) -> Kind:
    return Kind.MACHINES if isinstance(item, Machine) else Kind.PODS
