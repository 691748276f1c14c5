"""What the live picture costs, printed: ``python -m tests.observe.bench_fleet``. Figures, not a test.

150 clusters of 1,000 machines in process on the real clock; then 20,000 rows under 300 changes a second.
"""

import asyncio
import gc
import random
import resource
import time
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.observe.fleet import Fleet
from fleetui.ports.reader import Change, ChangeType, Identity, Kind, Page, Ready


class RealClock:
    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(asyncio.sleep)


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

    def __init__(self, name: str, rows: tuple[Machine, ...], *, hangs: bool = False) -> None:
        self.name = name
        self.rows = rows
        self.hangs = hangs
        self.changes: asyncio.Queue[tuple[Change, ...]] = asyncio.Queue()

    held_up = None

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
            yield await self.changes.get()

    async def list_page(self, kind: Kind, *, limit: int, continue_: str = "") -> Page:
        return Page(items=self.rows[:limit], resource_version="100000")

    async def describe(self, kind: Kind, *, namespace: str, name: str) -> str:
        return ""

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


def size(path: Path) -> int:
    return path.stat().st_size >> 20


def rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def start(clusters: int, each: int, *, hanging: int, cache: Path | None = None) -> None:
    readers = {}
    before = rss_mb()
    for number in range(clusters):
        name = f"c{number:03}"
        readers[name] = InProcess(name, machines(name, each), hangs=number < hanging)
    rows_mb = rss_mb() - before
    fleet = Fleet(clock=RealClock(), chance=random.Random(1), cache_file=cache)
    for name, reader in readers.items():
        fleet.add(name, open_reader=lambda reader=reader: reader)
    fleet.connect(readers)
    table = fleet.subscribe("machines")
    table.take()
    gap = LoopGap()
    watching = asyncio.create_task(gap.watch())
    began = time.perf_counter()
    running = asyncio.create_task(fleet.run())
    first = None
    alive = [name for name, reader in readers.items() if not reader.hangs]
    while not all(fleet.cluster(name).trust is Trust.LIVE for name in alive):
        await asyncio.sleep(0.005)
        if first is None and table.take():
            first = time.perf_counter() - began
    took = time.perf_counter() - began
    worst, gap.worst = gap.worst, 0.0
    reset = time.perf_counter()
    taken = len(fleet.subscribe("machines").take().upserts)
    reset = time.perf_counter() - reset
    watching.cancel()
    cpu = time.process_time()
    await asyncio.sleep(5.0)
    idle = (time.process_time() - cpu) / 5.0
    print(
        f"{clusters} x {each}, {hanging} hanging: first rows {first * 1000:.0f} ms, all live {took * 1000:.0f} ms, "
        f"worst loop gap {worst * 1000:.1f} ms; a reset of {taken} rows {reset * 1000:.1f} ms; "
        f"idle {idle:.2%} of a core; rows {rows_mb:.0f} MB, whole {rss_mb():.0f} MB"
    )
    if cache is not None:
        began = time.perf_counter()
        fleet.save_cache()
        print(f"  picture saved in {(time.perf_counter() - began) * 1000:.0f} ms, {size(cache)} MB")
    running.cancel()
    await asyncio.wait({running, watching})


async def storm(rows: int, per_second: int, seconds: float) -> None:
    reader = InProcess("a", machines("a", rows))
    fleet = Fleet(clock=RealClock(), chance=random.Random(1))
    fleet.add("a", open_reader=lambda: reader)
    fleet.connect(["a"])
    running = asyncio.create_task(fleet.run())
    while fleet.cluster("a").trust is not Trust.LIVE:  # noqa: ASYNC110  # a bench polls
        await asyncio.sleep(0.01)
    table = fleet.subscribe("machines")
    table.take()
    version, cpu, taken = 200_000, time.process_time(), 0
    for tick in range(int(seconds * 100)):
        for _ in range(per_second // 100):
            version += 1
            old = reader.rows[(version * 7) % rows]
            row = Machine(
                uid=old.uid, name=old.name, cluster="a", status=("Ready", "NotReady")[version % 2], version="v1.36.3",
                labels=old.labels, resource_version=str(version),
            )  # fmt: skip
            reader.changes.put_nowait((Change(ChangeType.MODIFIED, str(version), row),))
        if tick % 25 == 0:
            taken += len(table.take().upserts)
        await asyncio.sleep(0.01)
    share = (time.process_time() - cpu) / seconds
    cpu = time.process_time()
    for _ in range(int(seconds * 100)):
        await asyncio.sleep(0.01)
    share -= (time.process_time() - cpu) / seconds
    print(f"{per_second} changes/s over {rows} rows: {share:.2%} of a core; {taken} rows taken at 4 Hz")
    running.cancel()
    await asyncio.wait({running})


def reload(path: Path, count: int) -> None:
    from fleetui.observe import cache

    rows = {f"c{number}": machines(f"c{number}", count // 5) for number in range(5)}
    cache.save(path, at=0.0, clusters=(), machines=rows)
    gc.collect()
    began = time.perf_counter()
    last = cache.load(path)
    opened = time.perf_counter() - began
    loaded = sum(len(piece) for name in rows for piece in last.machines(name))
    took = time.perf_counter() - began
    print(f"last picture: opened in {opened * 1000:.1f} ms, {loaded} machines decoded by {took * 1000:.1f} ms")


async def main() -> None:
    with TemporaryDirectory() as folder:
        reload(Path(folder) / "small.msgpack", 5_000)
        await storm(20_000, 300, 5.0)
        await start(150, 1_000, hanging=0, cache=Path(folder) / "picture.msgpack")
        await start(150, 1_000, hanging=30)


if __name__ == "__main__":
    asyncio.run(main())
