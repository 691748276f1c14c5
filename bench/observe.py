"""What the live picture costs by itself, without a server and without a screen.

`python -m bench.observe` prints a table in half a minute; it needs nothing but this machine. 150 clusters of 1,000
machines in this process on the real clock, healthy and with a fifth of them hanging, then 20,000 rows under 300
changes a second. What the whole console costs is `bench.run`'s to say.
"""

# ruff: noqa: ARG002  # the arguments of the port, most of which a reader without a server has no use for

import asyncio
import resource
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, table
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.model.details import Details
from fleetui.model.freshness import Trust
from fleetui.model.incident.past import Told
from fleetui.model.machine import Machine
from fleetui.observe import cache
from fleetui.observe.fleet import Fleet
from fleetui.ports.reader import Change, ChangeType, Identity, Kind, Page, Ready

CLUSTERS, EACH = 150, 1_000
STORM_ROWS, STORM_PER_S = 20_000, 300
WATCHED_S = 5.0
IDLE_PCT, STORM_PCT = 2.0, 12.0
"""Of one core, for the whole console; the picture alone has to stay far below."""
MS = 1000


def machines(cluster: str, count: int) -> tuple[Machine, ...]:
    labels = tuple((f"topology.example/key-{number}", f"value-{number}") for number in range(8))
    return tuple(
        Machine(
            uid=f"{cluster}-0000-4000-8000-{number:012}",
            name=f"wk-{number:05}.{cluster}.example",
            cluster=cluster,
            status="Ready",
            roles=("control-plane",) if number < 3 else (),
            version="v1.36.3",
            created=1.79e9,
            internal_ip=f"10.0.{number // 250}.{number % 250}",
            os_image="Debian GNU/Linux 12 (bookworm)",
            kernel="6.1.0-40-amd64",
            runtime="containerd://2.1.4",
            labels=(("kubernetes.io/hostname", f"wk-{number:05}"), *labels),
            resource_version=str(number),
        )
        for number in range(count)
    )


class InProcess:
    """A reader without a server: pages of rows that exist already, then changes from a queue."""

    held_up = None

    def __init__(self, name: str, rows: tuple[Machine, ...], *, hangs: bool = False) -> None:
        self.name = name
        self.rows = rows
        self.hangs = hangs
        self.queue: asyncio.Queue[tuple[Change, ...]] = asyncio.Queue()

    async def identify(self) -> Identity:
        if self.hangs:
            await asyncio.Event().wait()
        await asyncio.sleep(0.002)
        return Identity(uid=f"uid-{self.name}", version="v1.36.3")

    async def readyz(self) -> Ready:
        await asyncio.sleep(0.002)
        return Ready(latency_s=0.002, skew_s=0.0)

    async def list_all(self, kind: Kind, *, preview: bool = True) -> AsyncIterator[Page]:
        sizes = [100, *[500] * (len(self.rows) // 500 + 1)]
        start = 0
        for size in sizes:
            await asyncio.sleep(0.001)
            yield Page(items=self.rows[start : start + size], resource_version="100000")
            start += size

    async def watch(self, kind: Kind, *, resource_version: str) -> AsyncIterator[tuple[Change, ...]]:
        while True:
            yield await self.queue.get()

    async def list_page(self, kind: Kind, *, limit: int, continue_: str = "") -> Page:
        return Page(items=self.rows[:limit], resource_version="100000")

    async def describe(self, kind: Kind, *, namespace: str, name: str) -> str:
        return ""

    async def details(self, kind: Kind, *, namespace: str, name: str) -> Details:
        raise NotImplementedError("nobody opens an object here")

    async def events(self, *, since: float) -> Told:
        raise NotImplementedError("nobody asks for the past here")

    async def changes(self, *, since: float) -> Told:
        raise NotImplementedError("nobody asks for the past here")

    async def close(self) -> None:
        return


class LoopGap:
    """The longest time that the loop was not free."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0)
            self.worst = max(self.worst, time.perf_counter() - before)
            await asyncio.sleep(0.001)


@contextmanager
def _timed(kept: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    kept.append(time.perf_counter() - began)


@asynccontextmanager
async def _running(readers: list[InProcess]) -> AsyncIterator[Fleet]:
    fleet = Fleet(clock=SystemClock(), chance=SystemChance())
    for reader in readers:
        fleet.add(reader.name, open_reader=partial(_same, reader))
    fleet.connect([reader.name for reader in readers])
    task = asyncio.create_task(fleet.run())
    try:
        yield fleet
    finally:
        task.cancel()
        await asyncio.wait({task})


def _same(reader: InProcess) -> InProcess:
    return reader


async def _live(fleet: Fleet, readers: list[InProcess]) -> None:
    names = [reader.name for reader in readers if not reader.hangs]
    while not all((row := fleet.cluster(name)) and row.trust is Trust.LIVE for name in names):  # noqa: ASYNC110  # a bench polls
        await asyncio.sleep(0.005)


async def _load_pct(seconds: float) -> float:
    """Of one core, while the loop does what it has to do anyway."""
    before = time.process_time()
    await asyncio.sleep(seconds)
    return 100 * (time.process_time() - before) / seconds


async def starting(*, hanging: int) -> list[Figure]:
    """From nothing to all live, one reset of everything, and the load at rest."""
    readers = [InProcess(f"c{n:03}", machines(f"c{n:03}", EACH), hangs=n < hanging) for n in range(CLUSTERS)]
    name = f"{CLUSTERS} x {EACH:,}" + (f", {hanging} hanging" if hanging else "")
    gap, live, reset = LoopGap(), [0.0], [0.0]
    watching = asyncio.create_task(gap.watch())
    async with _running(readers) as fleet:
        with _timed(live):
            await _live(fleet, readers)
        watching.cancel()
        with _timed(reset):
            taken = len(fleet.subscribe("machines").take().upserts)
        idle = await _load_pct(WATCHED_S)
    return [
        Figure(f"{name}: all live", MS * live[-1], "ms"),
        Figure(f"{name}: longest the loop was not free", MS * gap.worst, "ms", 33.0),
        Figure(f"{name}: a reset of {taken:,} rows", MS * reset[-1], "ms"),
        Figure(f"{name}: at rest", idle, "% of a core", IDLE_PCT),
    ]


async def storm() -> list[Figure]:
    """Status changes, taken by a table at 4 Hz. The load of making them up is in it."""
    reader = InProcess("a", machines("a", STORM_ROWS))
    async with _running([reader]) as fleet:
        await _live(fleet, [reader])
        subscription = fleet.subscribe("machines")
        subscription.take()
        ticks = int(WATCHED_S * 100)
        cpu = time.process_time()
        for tick in range(ticks):
            for number in range(STORM_PER_S // 100):
                reader.queue.put_nowait((_change(reader, 200_000 + 3 * tick + number),))
            if tick % 25 == 0:
                subscription.take()
            await asyncio.sleep(0.01)
        busy = 100 * (time.process_time() - cpu) / WATCHED_S
    return [Figure(f"{STORM_PER_S} changes/s over {STORM_ROWS:,} rows", busy, "% of a core", STORM_PCT)]


def _change(reader: InProcess, version: int) -> Change:
    old = reader.rows[(version * 7) % len(reader.rows)]
    row = Machine(
        uid=old.uid,
        name=old.name,
        cluster=old.cluster,
        status=("Ready", "NotReady")[version % 2],
        version=old.version,
        labels=old.labels,
        resource_version=str(version),
    )
    return Change(ChangeType.MODIFIED, str(version), row)


def last_picture() -> list[Figure]:
    rows = {f"c{number}": machines(f"c{number}", EACH) for number in range(5)}
    opening, decoding = [0.0], [0.0]
    with TemporaryDirectory(prefix="fleetui-observe-") as folder:
        path = Path(folder) / "picture"
        cache.save(path, at=0.0, clusters=(), machines=rows)
        with _timed(opening):
            last = cache.load(path)
        assert last is not None
        with _timed(decoding):
            count = sum(len(piece) for name in rows for piece in last.machines(name))
    return [
        Figure("last picture: opened", MS * opening[-1], "ms"),
        Figure(f"last picture: {count:,} machines decoded", MS * decoding[-1], "ms"),
    ]


async def _measure() -> list[Figure]:
    return [*last_picture(), *await storm(), *await starting(hanging=0), *await starting(hanging=CLUSTERS // 5)]


def figures() -> list[Figure]:
    """All of them; named by what they are of, as they stand beside the console's."""
    return [replace(figure, what=f"live picture alone: {figure.what}") for figure in asyncio.run(_measure())]


if __name__ == "__main__":
    print(table(figures()))
    print(f"the most memory of all this: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
