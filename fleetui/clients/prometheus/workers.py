"""Threads of a source's own for a library that blocks. They are daemons: a name that DNS does not resolve for a minute
holds up neither the loop nor the end of the process, which a pool of concurrent.futures would wait for."""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")


class Abortable(Protocol):
    """What one thread works with."""

    def abort(self) -> None:
        """From another thread: what it waits for fails at once."""
        ...


W = TypeVar("W", bound=Abortable)


class _Job(Generic[W]):
    """One call: it is settled on the loop, whatever becomes of whoever waits."""

    def __init__(self, call: Callable[[W], T], answer: "asyncio.Future[T]") -> None:
        self._call = call
        self._answer = answer
        self._loop = answer.get_loop()
        self._lock = threading.Lock()
        self._worker: W | None = None
        self._given_up = False

    def work(self, worker: W) -> None:
        """In the thread."""
        with self._lock:
            if self._given_up:
                return
            self._worker = worker
        result, error = None, None
        try:
            result = self._call(worker)
        except BaseException as raised:  # fence: whatever it is, the one who waits must hear of it
            error = raised
        with self._lock:
            self._worker = None
        with suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(self._settle, result, error)

    def give_up(self) -> None:
        """On the loop: nobody waits any more."""
        with self._lock:
            self._given_up = True
            if self._worker is not None:
                self._worker.abort()

    def _settle(self, result: object, error: BaseException | None) -> None:
        if self._answer.done():
            return
        if error is not None:
            self._answer.set_exception(error)
        else:
            self._answer.set_result(result)  # type: ignore[arg-type]  # what _call gave


class Workers(Generic[W]):
    """At most ``count`` threads, each with a worker that ``make`` makes in it; started when they are needed."""

    def __init__(self, make: Callable[[], W], *, count: int, name: str) -> None:
        self._make = make
        self._count = count
        self._name = name
        self._jobs: queue.SimpleQueue[_Job[W] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._busy = 0

    async def run(self, call: Callable[[W], T]) -> T:
        """What ``call`` returns or raises in a thread. Cancelled, it takes what the thread waits for with it."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        job: _Job[W] = _Job(call, answer)
        self._busy += 1
        if self._busy > len(self._threads) and len(self._threads) < self._count:
            self._start()
        self._jobs.put(job)
        try:
            return await answer
        except asyncio.CancelledError:
            job.give_up()
            raise
        finally:
            self._busy -= 1

    def close(self) -> None:
        """Each thread ends after what it does now."""
        for _ in self._threads:
            self._jobs.put(None)
        self._threads.clear()

    def _start(self) -> None:
        thread = threading.Thread(target=self._live, name=f"{self._name} {len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _live(self) -> None:
        worker: W | None = None
        while (job := self._jobs.get()) is not None:
            worker = self._make() if worker is None else worker
            job.work(worker)
