"""Credential plugins for all contexts: each distinct plugin runs once, a few at a time, and its answer is kept.

300 contexts of one cloud account name one plugin; without sharing they would be 300 logins at start.
"""

import asyncio
from collections.abc import Callable

from fleetui.clients.kube.connection import ExecSpec, Server
from fleetui.clients.kube.exec_plugin import ExecAnswer, run_plugin, unfinished
from fleetui.model.fault import ClusterError, Fault
from fleetui.ports.clock import Clock

AT_ONCE = 4
"""Plugins starting at the same time: most are Python or Go programs of 50-100 MB that also log in over the network."""
TURN_S = 2.0
"""One that takes longer waits for a network or a person and no longer counts: four hung logins must not keep those of
other clouds from theirs."""
EARLY_S = 60.0
EARLY_SHARE = 0.1
"""An answer is renewed this long before it ends, or this share of its life when it is short."""
FAILURE_KEPT_S = 5.0
"""A failure stands this long for all contexts that share the plugin, so that one broken login is not tried by each."""


class Plugin:
    """One plugin and its present answer. Callers share a run; a caller that is cancelled does not stop it."""

    def __init__(self, run: Callable[[bytearray], "asyncio.Task[ExecAnswer]"], spec: ExecSpec, clock: Clock) -> None:
        self._run = run
        self._spec = spec
        self._said = bytearray()
        self._needed = False
        self._clock = clock
        self._task: asyncio.Task[ExecAnswer] | None = None
        self._answer: ExecAnswer | None = None
        self._renew_at: float | None = None
        self._failure: Fault | None = None
        self._failed_at = 0.0

    async def answer(self) -> ExecAnswer:
        """The present answer. One that is about to end is renewed meanwhile: as long as it is good nobody waits for a
        login. Raises ClusterError (CREDENTIALS)."""
        now, answer = self._clock.now(), self._answer
        if answer is None or (answer.expires is not None and now >= answer.expires):
            return await self._fresh()
        if self._renew_at is not None and now >= self._renew_at and not self._failed_lately:
            self._start()
        return answer

    async def renew(self, refused: ExecAnswer) -> ExecAnswer:
        """Another answer than the one the server ``refused``; it is not asked for again when one has come since."""
        if self._answer is not None and self._answer != refused:
            return self._answer
        return await self._fresh()

    @property
    def held_up(self) -> Fault | None:
        """While somebody's request needs the run under way: that it has not answered, and what it has said so far."""
        return unfinished(self._spec, bytes(self._said)) if self._task is not None and self._needed else None

    @property
    def _failed_lately(self) -> bool:
        return self._failure is not None and self._clock.monotonic() - self._failed_at < FAILURE_KEPT_S

    async def _fresh(self) -> ExecAnswer:
        if self._failure is not None and self._failed_lately:
            raise ClusterError(self._failure)
        run = self._start()
        self._needed = True
        return await asyncio.shield(run)

    def _start(self) -> "asyncio.Task[ExecAnswer]":
        """The run that is under way, or a new one."""
        if self._task is None:
            self._said, self._needed = bytearray(), False
            self._task = self._run(self._said)
            self._task.add_done_callback(self._ended)
        return self._task

    def _ended(self, task: "asyncio.Task[ExecAnswer]") -> None:
        self._task = None
        self._failure = None
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._keep(task.result())
        elif isinstance(error, ClusterError):
            self._failure, self._failed_at = error.fault, self._clock.monotonic()

    def _keep(self, answer: ExecAnswer) -> None:
        self._answer = answer
        self._renew_at = None
        if answer.expires is not None:
            left = answer.expires - self._clock.now()
            self._renew_at = answer.expires - min(EARLY_S, max(0.0, left) * EARLY_SHARE)


class Plugins:
    """All plugins of the process, by what decides their answer. Owns their runs."""

    def __init__(self, clock: Clock, *, timeout_s: float = 30.0) -> None:
        self._clock = clock
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._plugins: dict[tuple[ExecSpec, Server | None], Plugin] = {}
        self._runs: set[asyncio.Task[ExecAnswer]] = set()

    def plugin(self, spec: ExecSpec, server: Server) -> Plugin:
        key = (spec, server if spec.provide_cluster_info else None)
        if key not in self._plugins:
            self._plugins[key] = Plugin(lambda said: self._start(spec, server, said), spec, self._clock)
        return self._plugins[key]

    async def close(self) -> None:
        """Ends what still runs."""
        for task in self._runs:
            task.cancel()
        await asyncio.gather(*self._runs, return_exceptions=True)

    def _start(self, spec: ExecSpec, server: Server, said: bytearray) -> "asyncio.Task[ExecAnswer]":
        task = asyncio.get_running_loop().create_task(self._run(spec, server, said), name=f"exec {spec.command}")
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)
        return task

    async def _run(self, spec: ExecSpec, server: Server, said: bytearray) -> ExecAnswer:
        await self._slots.acquire()
        turn = _Turn(self._slots.release)
        try:
            return await run_plugin(spec, server, timeout_s=self._timeout_s, stderr=said)
        finally:
            turn.end()


class _Turn:
    """A place among those that start: given up after ``TURN_S``, or earlier when the plugin ends."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave: Callable[[], None] | None = leave
        self._timer = asyncio.get_running_loop().call_later(TURN_S, self.end)

    def end(self) -> None:
        self._timer.cancel()
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()
