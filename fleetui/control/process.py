"""The controller as a process: one per store, with a life of its own.

It takes the lock, runs the engine until there is nothing to do, and ends. Consoles come and go; SIGHUP and closed
terminals do not reach it. SIGTERM lets the effect under way finish and stops at a safe point.

How a submission is never left alone: a console writes it down, then looks at the status. A controller that ends writes
that into the status, then looks at the store once more. Whatever the order, one of the two sees the other.
"""

import asyncio
import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from fleetui.control.audit import damage_report
from fleetui.control.controller_lock import HEARTBEAT_S, ControllerLock, LockHeldError
from fleetui.control.controller_log import bound_log
from fleetui.control.controller_status import ControllerStatus, controller_status
from fleetui.control.detached import Waker, start_detached
from fleetui.control.folds import Folds
from fleetui.control.holder import Holder, this_process
from fleetui.control.state_dir import prepare_state_dir
from fleetui.ports.clock import Clock
from fleetui.ports.store import ControllerStore, OperationStore, StoreError

__all__ = [
    "ControllerStatus",
    "Engine",
    "EngineFactory",
    "LockHeldError",
    "StoreFactory",
    "Waker",
    "controller_status",
    "run_controller",
    "start_detached",
]

IDLE_S = 60.0
"""A controller that had nothing to do for this long ends; the next submission starts another."""
LOOK_S = 0.25
PATIENCE_S = 60.0
"""How long a new controller waits for one that is ending: longer than one request to a cluster may take."""

log = logging.getLogger(__name__)


class Engine(Protocol):
    """What plans and runs operations (``control.engine``)."""

    async def run(self) -> None:
        """Works until ``stop``; returns with every effect answered or written down as unknown."""
        ...

    def stop(self) -> None:
        """Asks it to finish the effect under way and return. Called more than once, it is still one stop."""
        ...


EngineFactory = Callable[[OperationStore, str], Engine]
"""(store, holder) -> engine. The holder is the text for ``store.claim``."""


StoreFactory = Callable[[Path, ControllerLock], ControllerStore]
"""(path, lock) -> store. The lock proves that no other controller works on it, so that its schema may be migrated."""


def run_controller(
    store_path: Path,
    engine_factory: EngineFactory,
    *,
    open_store: StoreFactory,
    clock: Clock,
    stay: bool = False,
    idle_s: float = IDLE_S,
    patience_s: float = PATIENCE_S,
) -> None:
    """The whole life of a controller process, its event loop included; the factory is called inside the loop.

    Returns when it was told to stop, or had nothing to do and not ``stay``. Raises LockHeldError when another
    controller runs, StoreUnusableError when the store cannot be used, and whatever the engine dies of.
    """
    if not stay and not store_path.exists():
        log.info("no operations in %s: nothing to do", store_path.parent)
        return
    state_dir = prepare_state_dir(store_path.parent)
    with ControllerLock.acquire(state_dir, patience_s=patience_s) as lock:
        tenure = _Tenure(state_dir, lock, clock)
        store = open_store(state_dir / store_path.name, lock)
        try:
            store.expire_claims(but=str(tenure.holder))  # the lock proves that whoever held them is dead
            _say_damage(store)
            asyncio.run(tenure.serve(store, engine_factory, idle_s=None if stay else idle_s))
        finally:
            store.close()


def _say_damage(store: ControllerStore) -> None:
    """A warning only: operations that are whole must go on, their machines are locked and cordoned."""
    try:
        lines = damage_report(store)
    except StoreError as error:
        lines = (str(error),)
    for line in lines:
        log.warning("the store is not what was written: %s; see: fleetui controller status", line)


class _Tenure:
    """One controller's time in office."""

    def __init__(self, state_dir: Path, lock: ControllerLock, clock: Clock) -> None:
        self.holder: Holder = this_process()
        self._state_dir = state_dir
        self._lock = lock
        self._clock = clock
        self._started = clock.now()
        self._beat = clock.monotonic()

    async def serve(self, store: ControllerStore, engine_factory: EngineFactory, *, idle_s: float | None) -> None:
        """Runs the engine until a signal, its own end, or ``idle_s`` without work."""
        log.info("controller %s begins", self.holder)
        ending = "crashed"
        with _stop_signals() as stop:
            self.heartbeat()  # in office only now: who reads this may signal us
            engine = engine_factory(store, str(self.holder))
            work = asyncio.create_task(engine.run(), name="engine")
            try:
                ending = await self._watch(store, work, stop, idle_s=idle_s)
                engine.stop()
                await work
            finally:
                if ending != "lost":
                    self._say(ending)
                await _cancelled(work)
        log.info("controller %s ends: %s", self.holder, ending)

    async def _watch(
        self, store: ControllerStore, work: "asyncio.Task[None]", stop: asyncio.Event, *, idle_s: float | None
    ) -> str:
        folds = Folds(store)
        busy_at = self._clock.monotonic()
        while not work.done():
            if stop.is_set():
                self._say("stopped")
                return "stopped"
            if _has_work(folds):
                busy_at = self._clock.monotonic()
            elif idle_s is not None and self._clock.monotonic() - busy_at >= idle_s and self._may_end(folds):
                return "idle"
            if not self._heartbeat_when_due(store):
                return "lost"
            await self._pause(stop, work)
        return "crashed"

    async def _pause(self, stop: asyncio.Event, work: "asyncio.Task[None]") -> None:
        waits = {asyncio.create_task(stop.wait()), asyncio.ensure_future(self._clock.sleep(LOOK_S))}
        try:
            await asyncio.wait({*waits, work}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                await _cancelled(wait)

    def _may_end(self, folds: Folds) -> bool:
        """Says that it ends, then looks once more; see the module's docstring."""
        self._say("idle")
        if not _has_work(folds):
            return True
        self.heartbeat()
        return False

    def _heartbeat_when_due(self, store: ControllerStore) -> bool:
        """False when the store was taken away: nobody will ever read what this controller writes."""
        if self._clock.monotonic() - self._beat < HEARTBEAT_S:
            return True
        if not store.is_in_place():
            log.warning("the store in %s was removed or replaced", self._state_dir)
            return False
        self.heartbeat()
        self._bound_log()
        return True

    def heartbeat(self) -> None:
        self._beat = self._clock.monotonic()
        self._say("")

    def _say(self, ending: str) -> None:
        try:
            self._lock.write_status(self.holder, started=self._started, now=self._clock.now(), ending=ending)
        except OSError as error:  # a full disk costs the console its view of us, not the operation its controller
            log.warning("the status could not be written: %s", error)

    def _bound_log(self) -> None:
        try:
            bound_log(self._state_dir)
        except OSError as error:  # a full disk costs the log its older half, not the operation its controller
            log.warning("the log could not be moved aside: %s", error)


def _has_work(folds: Folds) -> bool:
    """Also when the store cannot be read: a controller does not leave in trouble."""
    try:
        folds.refresh()
    except StoreError:  # the engine, which reads the same store as often, says so
        return True
    return folds.occupies_controller


@contextmanager
def _stop_signals() -> Iterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set; SIGHUP is ignored: the operator's terminal is none of our business."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        signal.signal(signal.SIGHUP, before)


async def _cancelled(task: "asyncio.Future[Any]") -> None:
    """Ends a task and waits until it has; its result no longer matters to anybody."""
    task.cancel()
    await asyncio.wait({task})
