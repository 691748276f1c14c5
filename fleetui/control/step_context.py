"""What a step may do: read its cluster, change it through journaled effects, wait where a person can stop it.

One context per machine and step. Everything that can block says so in the journal, and every wait is a safe point.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from fleetui.control.effect_kind import EffectKind, Sides
from fleetui.control.effects import A, Effect, NotSentError, perform
from fleetui.control.logbook import Logbook
from fleetui.control.mutes import Mutes
from fleetui.control.safe_points import AbortRequestedError, SafePoints, StopRequestedError, first
from fleetui.control.timing import Timing
from fleetui.control.turns import Turn
from fleetui.model.drain import NodeState
from fleetui.model.fault import ClusterError
from fleetui.model.journal import EffectAnswered, EffectIntended, EffectOutcome, Note, StepWaiting, Waiting
from fleetui.model.operation import Actor, Intent, Option, PlannedStep, Target
from fleetui.model.record_size import shown
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.etcd import EtcdCluster
from fleetui.ports.target import TargetCluster

T = TypeVar("T")

JITTER = 0.2


class StepFailedError(Exception):
    """The step cannot reach its state. Its text is for people. Our lock may be released, our cordon stays."""


class LockLostError(StepFailedError):
    """The machine is somebody else's now: nothing more is written to it."""


class MachineGoneError(StepFailedError):
    """The machine of the plan does not exist any more; another one may have its name."""


class Surroundings(msgspec.Struct, frozen=True):
    """What all steps of one operation share."""

    cluster: TargetCluster
    intent: Intent
    actor: Actor
    options: dict[str, Option]
    holder: str
    logbook: Logbook
    safe_points: SafePoints
    clock: Clock
    chance: Chance
    timing: Timing
    effects: Mapping[str, EffectKind]
    """By name: those that the operation declares, and their probes."""
    renewals: dict[str, float]
    """Node uid to since when, at the latest, its lock is confirmed to be this controller's, monotonic. Of an operation
    on etcd also the etcd cluster's id: its lock lies on a node."""
    open_etcd: Callable[[], Awaitable[EtcdCluster]]
    """For the checks that look at it, whatever is acted on. Raises ClusterError."""
    etcd: EtcdCluster | None = None
    """Only for operations that act on it."""
    snapshots: Path | None = None
    """The controller's own directory for snapshots of which nobody says where."""
    mutes: Mutes | None = None
    """Where the maintenance of this operation is muted; None: nowhere."""
    muted: dict[str, float] = {}
    """Node uid to when its silences were seen to last, monotonic."""

    @property
    def op_id(self) -> str:
        return self.logbook.op_id

    @property
    def sides(self) -> Sides:
        alerting = self.mutes.alerting if self.mutes is not None else None
        return Sides(self.cluster, self.etcd, alerting, self.timing)


class StepContext:
    """``abortable`` is False for the undo: it is what an abort asked for, and is carried through. ``turn`` is the
    machine's place among those at work; None for a step that needs none."""

    def __init__(
        self, around: Surroundings, step: PlannedStep, *, abortable: bool = True, turn: Turn | None = None
    ) -> None:
        self.around = around
        self.turn = turn
        self.step = step
        self.step_id = step.id
        self.target = step.target
        self._abortable = abortable
        self._keep: Keeper | None = None
        self._waiting: tuple[Waiting, ...] = ()
        self._left = 0

    @property
    def cluster(self) -> TargetCluster:
        return self.around.cluster

    @property
    def etcd(self) -> EtcdCluster:
        assert self.around.etcd is not None, "the operation declares no effect on etcd"
        return self.around.etcd

    @property
    def logbook(self) -> Logbook:
        return self.around.logbook

    def at(self, target: Target) -> "StepContext":
        """The same step, speaking of another target: the machine that carries its lock."""
        there = StepContext(self.around, msgspec.structs.replace(self.step, target=target), abortable=self._abortable)
        there._waiting, there._left = self._waiting, self._left
        return there

    @property
    def left(self) -> int:
        """As last said by ``wait_for``."""
        return self._left

    def now(self) -> float:
        return self.around.clock.now()

    def option(self, name: str) -> Option:
        return self.around.options[name]

    def jittered(self, seconds: float) -> float:
        """Seconds give or take a fifth, so that many controllers do not knock together."""
        return seconds * self.around.chance.uniform(1 - JITTER, 1 + JITTER)

    @property
    def next_within_s(self) -> float:
        """After a request without an answer."""
        return self.around.timing.outage_retry_max_s * (1 + JITTER)

    def keep_with(self, keep: "Keeper") -> None:
        """``keep`` is called at every safe point: it renews what the step holds, when that is due."""
        self._keep = keep

    async def safe_point(self) -> None:
        """Between two effects: stands while paused, keeping what it holds.

        Raises AbortRequestedError, StopRequestedError, LockLostError.
        """
        points = self.around.safe_points
        points.check()
        while True:
            if self._keep is not None:
                await self._keep()
            if await points.stand(self._renew_pause(), self.step_id):
                return

    async def rest(self, seconds: float) -> None:
        """Waits, at a safe point; keeps what the step holds meanwhile."""
        await self.safe_point()
        until = self.around.clock.monotonic() + seconds
        while (left := until - self.around.clock.monotonic()) > 0:
            await self.linger(min(left, self._renew_pause()))
            await self.safe_point()

    async def linger(self, seconds: float) -> None:
        """Waits without keeping anything: between the very requests that keep it, or while there is no answer."""
        self.around.safe_points.check(abortable=self._abortable)
        await self.around.safe_points.wait(seconds)
        self.around.safe_points.check(abortable=self._abortable)

    async def answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Asks until the cluster answers, however long that takes; says meanwhile what is wrong."""
        pause = self.around.timing.outage_retry_s
        since = self.now()
        before, left = self._waiting, self._left
        while True:
            try:
                answer = await ask()
            except ClusterError as error:
                self.wait_for((_outage(error, self.around.intent.cluster.name, since, self.next_within_s),), left)
            else:
                self._say(before, left)
                return answer
            await self.linger(self.jittered(pause))
            pause = min(pause * 2, self.around.timing.outage_retry_max_s)

    async def kept_during(self, act: Callable[[], Awaitable[T]]) -> T:
        """Awaits one request, however long it takes, and keeps what the step holds meanwhile."""
        done = asyncio.Event()
        keeping = asyncio.create_task(self._keep_until(done))
        try:
            return await act()
        except asyncio.CancelledError:
            keeping.cancel()
            raise
        finally:
            done.set()
            await keeping

    async def _keep_until(self, done: asyncio.Event) -> None:
        """A loss is found out at the next safe point: the request is under way, and cannot be taken back."""
        while self._keep is not None:
            await first(self.around.clock.sleep(self._renew_pause()), done)
            if done.is_set():
                return
            try:
                await self._keep()
            except (StepFailedError, AbortRequestedError, StopRequestedError):
                return

    async def perform(
        self, kind: EffectKind, verb: str, obj: str, uid: str, act: Callable[[], Awaitable[A]]
    ) -> tuple[EffectAnswered, A | None]:
        """One journaled effect. Its outcome is never UNKNOWN: without an answer the object is probed.

        Raises LockLostError when it needs the lock and that is somebody else's by now.
        """
        effect = Effect(kind=kind.name, step_id=self.step_id, verb=verb, object=obj, uid=uid)
        if kind.needs_lock and self._keep is not None:
            answered, answer = await self._perform_locked(effect, act, self._keep)
        else:
            answered, answer = await perform(effect, act, logbook=self.logbook, clock=self.around.clock)
        if answered.outcome is EffectOutcome.UNKNOWN:
            answered = await self.resolve(self.logbook.intended(answered.effect_id))
        return answered, answer

    async def _perform_locked(
        self, effect: Effect, act: Callable[[], Awaitable[A]], keep: "Keeper"
    ) -> tuple[EffectAnswered, A | None]:
        """Looks at the lock before the intent, and again when that is durable: the machine may have been suspended, or
        the disk slow, in between. What was not sent is refused in the journal, and made again once the lock is ours."""

        async def act_if_locked() -> A:
            if not self._is_lock_sure():
                raise NotSentError("not sent: our lock may have lapsed")
            return await act()

        while True:
            while not self._is_lock_sure():
                await keep()
            answered, answer = await perform(effect, act_if_locked, logbook=self.logbook, clock=self.around.clock)
            if answer is not None or answered.outcome is not EffectOutcome.REFUSED:
                return answered, answer

    def _is_lock_sure(self) -> bool:
        confirmed = self.around.renewals.get(self.target.uid)
        age = None if confirmed is None else self.around.clock.monotonic() - confirmed
        return age is not None and age < self.around.timing.lock_sure_s

    async def resolve(self, effect: EffectIntended) -> EffectAnswered:
        """Finds out what became of an open effect and writes it down."""
        kind = self.around.effects[effect.kind]
        outcome, seen = await self.answered(lambda: kind.find_out(self.around.sides, effect, self.logbook.op_id))
        answered = EffectAnswered(effect.effect_id, outcome, 0, seen, self.now())
        self.logbook.write(answered)
        return answered

    async def node(self) -> NodeState:
        """The machine as it is. Raises MachineGoneError when it is gone or another one has its name."""
        node = await self.answered(lambda: self.cluster.node(self.target.name))
        if node is None:
            raise MachineGoneError(f"{self.target.name} is not in the cluster any more")
        if node.uid != self.target.uid:
            raise MachineGoneError(f"another machine is called {self.target.name} now (uid {node.uid})")
        return node

    def busy_s(self) -> float:
        """Seconds since the step was first started, by whichever controller; pauses do not count."""
        started = next(step.started for step in self.logbook.operation.steps if step.id == self.step_id)
        assert started is not None
        return self.now() - started - self.logbook.paused_since(started, self.now())

    def wait_for(self, waiting: Sequence[Waiting], left: int) -> None:
        """Says what the step waits for; written down only when that changes. Empty: nothing blocks any more."""
        self._say(shown(waiting), left)

    def _say(self, fitting: tuple[Waiting, ...], left: int) -> None:
        if (fitting, left) != (self._waiting, self._left):
            self._waiting, self._left = fitting, left
            self.logbook.write(StepWaiting(self.step_id, fitting, left, self.now()))

    def _renew_pause(self) -> float:
        return self.around.timing.lock_renew_s / 2

    def note(self, text: str) -> None:
        self.logbook.write(Note(text, self.now()))

    def note_once(self, text: str) -> None:
        if text not in {note.text for note in self.logbook.operation.notes}:
            self.note(text)


Keeper = Callable[[], Awaitable[None]]


def _outage(error: ClusterError, cluster: str, since: float, next_within_s: float) -> Waiting:
    return Waiting(
        object=f"cluster {cluster}",
        why=error.fault.word if error.fault.kind.needs_a_person else "unreachable",
        detail=error.fault.detail,
        since=since,
        remedy=error.fault.remedy,
        next_within_s=next_within_s,
    )
