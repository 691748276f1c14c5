"""One operation from its claim to its end: planned, approved, run lane by lane, finished or undone."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from fleetui.control.facts import Facts, Neighbour
from fleetui.control.guards import Guards
from fleetui.control.lanes import Lanes
from fleetui.control.logbook import Logbook
from fleetui.control.mutes import OPTION, Mutes, OpenMutes, no_mutes
from fleetui.control.operation_kind import InvalidOptionError, OperationKind, acts_on_etcd, effect_kinds, read_options
from fleetui.control.planner import make_plan
from fleetui.control.preflight_mutes import what_is_muted
from fleetui.control.registry import Registry
from fleetui.control.safe_points import AbortRequestedError, SafePoints, StopRequestedError
from fleetui.control.start import NotBegunError, Start, clock_time
from fleetui.control.step_context import StepContext, Surroundings
from fleetui.control.timing import Timing
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import Aborting, EffectIntended, Finished, Note, RequestKind, Started
from fleetui.model.ledger import Operation
from fleetui.model.operation import Check, OpState, Option, Plan, PlannedStep, Target
from fleetui.model.plan_pages import plan_records
from fleetui.model.record_size import LIST_BYTES, clip
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.etcd import EtcdCluster, NoEtcdError
from fleetui.ports.store import RecordTooLargeError, StoreError
from fleetui.ports.target import TargetCluster

log = logging.getLogger(__name__)

Connect = Callable[[ClusterRef], Awaitable[TargetCluster]]
"""Opens a cluster for control. Raises ClusterError when its entry cannot be used; makes no request itself."""

OpenEtcd = Callable[[ClusterRef], Awaitable[EtcdCluster]]
"""Opens a cluster's etcd as the configuration says now. Raises NoEtcdError when it names no way to it, ClusterError
when that cannot be used."""

Around = Callable[[ClusterRef], tuple[Check, ...]]
"""Checks about the controller itself rather than the machines: whether it and its credentials outlive the login."""


def nothing_around(_: ClusterRef) -> tuple[Check, ...]:
    """For a controller of which there is nothing to say."""
    return ()


async def no_etcd(ref: ClusterRef) -> EtcdCluster:
    """For a controller that knows of no etcd."""
    raise NoEtcdError(Fault(FaultKind.CONFIG, "no etcd", f"no way to the etcd of {ref.name} is known", "configure it"))


class OperationRun:
    def __init__(
        self,
        logbook: Logbook,
        *,
        registry: Registry,
        connect: Connect,
        holder: str,
        neighbours: Callable[[], tuple[Neighbour, ...]],
        clock: Clock,
        chance: Chance,
        timing: Timing,
        around: Around = nothing_around,
        open_etcd: OpenEtcd = no_etcd,
        open_mutes: OpenMutes = no_mutes,
        snapshots: Path | None = None,
    ) -> None:
        self.safe_points = SafePoints(logbook, clock)
        self._logbook = logbook
        self._registry = registry
        self._connect = connect
        self._holder = holder
        self._neighbours = neighbours
        self._clock = clock
        self._chance = chance
        self._timing = timing
        self._around = around
        self._open_etcd = open_etcd
        self._open_mutes = open_mutes
        self._snapshots = snapshots
        self._mutes: Mutes | None = None
        self._cluster: TargetCluster | None = None
        self._etcd: EtcdCluster | None = None
        self._opening = asyncio.Lock()

    @property
    def operation(self) -> Operation:
        return self._logbook.operation

    async def drive(self) -> None:
        """To its end, or until it is told to stop. Raises FencedError and SequenceError when another took over."""
        try:
            kind, options = self._understand()
            await self._drive(kind, options)
        except (InvalidOptionError, NotBegunError) as error:
            self._finish(OpState.FAILED, str(error))
        except AbortRequestedError:
            self._finish(OpState.ABORTED, "taken back before it began; nothing was changed")
        except StopRequestedError:
            log.info("%s stops at a safe point", self._logbook.op_id)
        except RecordTooLargeError as error:  # no fault of the store: trying again would only write the same
            self._give_up(error)
        except StoreError:
            raise
        except Exception as error:  # a fence: a defect here must not take the other operations with it
            self._give_up(error)
        finally:
            alerting = self._mutes.alerting if self._mutes is not None else None
            for opened in (self._cluster, self._etcd, alerting):
                if opened is not None:
                    await opened.close()

    def _understand(self) -> tuple[OperationKind, dict[str, Option]]:
        intent = self.operation.intent
        kind = self._registry.get(intent.kind)
        if kind is None:
            raise InvalidOptionError(f"no operation {intent.kind!r}; there are: {', '.join(self._registry)}")
        if not intent.targets or len({target.name for target in intent.targets}) < len(intent.targets):
            raise InvalidOptionError(f"{intent.kind} wants one machine or more, each named once")
        return kind, read_options(kind, intent.options)

    async def _drive(self, kind: OperationKind, options: dict[str, Option]) -> None:
        if self.operation.plan is None:
            self.safe_points.check()
            await self._plan(kind, options, await self._open(kind))
        if self.operation.started is None:
            await self._wait_for_approval()
        plan = self.operation.plan
        if plan is None or self.operation.state.ended:
            return
        if plan.blocked:
            refused = next(check for check in plan.checks if check.blocks)
            self._finish(OpState.FAILED, f"refused: {refused.title}: {refused.evidence}")
            return
        cluster = await self._open(kind)
        if options.get(OPTION):
            await self._opened_mutes()
        await self._execute(kind, plan, self._surroundings(kind, options, cluster))

    async def _open(self, kind: OperationKind) -> TargetCluster:
        """The cluster, and its etcd for an operation that acts on it. Without one a proposal fails at once; an approved
        operation waits for it up to its deadline, one that has begun as long as it takes."""
        while True:
            try:
                return await self._opened(kind)
            except ClusterError as error:
                self._say_closed(error)
                self.safe_points.check(abortable=self.operation.started is None)
                await self.safe_points.wait(self._timing.outage_retry_max_s)

    async def _opened(self, kind: OperationKind) -> TargetCluster:
        if acts_on_etcd(kind):
            await self._opened_etcd()
        if self._cluster is None:
            self._cluster = await self._connect(self.operation.intent.cluster)
        return self._cluster

    async def _opened_etcd(self) -> EtcdCluster:
        """Once; also for who only looks at it, and then when it is first asked. Raises ClusterError."""
        async with self._opening:
            if self._etcd is None:
                self._etcd = await self._open_etcd(self.operation.intent.cluster)
            return self._etcd

    async def _opened_mutes(self) -> Mutes | None:
        """None where no Alertmanager is configured, or none can be used: that holds nothing up."""
        if self._mutes is None:
            try:
                self._mutes = await self._open_mutes()
            except ClusterError as error:
                log.warning("%s: no maintenance silence: %s", self._logbook.op_id, error)
        return self._mutes

    def _say_closed(self, error: ClusterError) -> None:
        if self.operation.plan is None:
            raise InvalidOptionError(f"cannot plan: {error}") from error
        text = f"the cluster cannot be opened: {error}; {error.fault.remedy}"
        every = f"tried again every {self._timing.outage_retry_max_s:g} s"
        if self.operation.started is None:
            assert self.operation.approved_at is not None
            deadline = self.operation.approved_at + self._timing.start_s
            if self._clock.now() >= deadline:
                raise NotBegunError(f"not begun within {self._timing.start_s / 60:g} min: {text}") from error
            every += f", given up {clock_time(deadline)}"
        self._note_once(f"{text}; {every}")

    async def _wait_for_approval(self) -> None:
        """Of exactly this plan; ends the operation when nobody gives it."""
        while self.operation.approved_by is None:
            self.safe_points.check()
            self._refuse_other_approvals()
            left = self.operation.submitted + self._timing.approval_s - self._clock.now()
            if left <= 0:
                minutes = f"{self._timing.approval_s / 60:g}"
                self._finish(OpState.ABORTED, f"never approved: nobody did within {minutes} min; nothing was changed")
                return
            await self.safe_points.wait(left)
        self.safe_points.check()

    async def _plan(self, kind: OperationKind, options: dict[str, Option], cluster: TargetCluster) -> None:
        facts = Facts(
            cluster,
            self.operation.intent,
            options=options,
            clock=self._clock,
            op_id=self._logbook.op_id,
            fence=self._logbook.fence,
            neighbours=self._neighbours(),
            open_etcd=self._opened_etcd,
            snapshots=self._snapshots,
        )
        async with facts:
            plan = await make_plan(kind, facts, timing=self._timing)
        if kind.disruptive:
            plan = msgspec.structs.replace(plan, checks=(*plan.checks, *self._around(plan.intent.cluster)))
        if options.get(OPTION):
            told = await what_is_muted(
                await self._opened_mutes(), self.operation, now=self._clock.now(), timing=self._timing
            )
            plan = msgspec.structs.replace(plan, checks=(*plan.checks, told))
        for record in plan_records(plan):
            self._logbook.write(record)

    def _refuse_other_approvals(self) -> None:
        """An approval of another plan than this one is answered, not obeyed."""
        plan = self.operation.plan
        assert plan is not None
        for request in self._logbook.requests:
            if request.kind is RequestKind.APPROVE and request.digest != plan.digest:
                said = request.digest[:12] or "none"
                self._note_once(f"refused: {request.by} approved another plan ({said}), look at this one")

    async def _execute(self, kind: OperationKind, plan: Plan, around: Surroundings) -> None:
        resumed = self.operation.started is not None
        self._logbook.write(Started(self._holder, self._logbook.fence, self._clock.now(), resumed=resumed))
        for effect in self._logbook.open_effects():
            await self._context_of(effect, plan, around).resolve(effect)
        guards = Guards(kind, plan, around, neighbours=self._neighbours)
        lanes = Lanes(kind, plan, around, guards)
        if not self._has_begun():
            try:
                await Start(guards, plan.steps[0], around).look_again()
            except AbortRequestedError as request:
                lanes.interrupted = request
        if not self.operation.undoing and not lanes.interrupted:
            await lanes.run()
        if isinstance(lanes.interrupted, StopRequestedError):
            raise lanes.interrupted
        if self.operation.undoing or lanes.interrupted:
            await self._undo(lanes)
        elif lanes.failures:
            self._finish(_failed_state(lanes, around), _failed_summary(lanes))
        else:
            self._finish(OpState.DONE, _done_summary(kind, self.operation))

    def _has_begun(self) -> bool:
        """With any step: a controller may have died before the first."""
        return any(step.started is not None for step in self.operation.steps)

    async def _undo(self, lanes: Lanes) -> None:
        if not self.operation.undoing:
            self._logbook.write(Aborting(self._clock.now(), "asked for"))
        said = await lanes.undo()
        if isinstance(lanes.interrupted, StopRequestedError):
            raise lanes.interrupted
        state = OpState.FAILED if lanes.left_behind else OpState.ABORTED
        self._finish(state, "; ".join(said) or "nothing had been changed")

    def _surroundings(self, kind: OperationKind, options: dict[str, Option], cluster: TargetCluster) -> Surroundings:
        return Surroundings(
            cluster=cluster,
            intent=self.operation.intent,
            actor=self.operation.actor,
            options=options,
            holder=self._holder,
            logbook=self._logbook,
            safe_points=self.safe_points,
            clock=self._clock,
            chance=self._chance,
            timing=self._timing,
            effects=effect_kinds(kind),
            renewals={},
            etcd=self._etcd,
            open_etcd=self._opened_etcd,
            snapshots=self._snapshots,
            mutes=self._mutes,
            muted={},
        )

    def _context_of(self, effect: EffectIntended, plan: Plan, around: Surroundings) -> StepContext:
        """Where the probe of an open effect may wait for an answer; an abort does not end it."""
        planned = {step.id: step for step in plan.steps}
        undo = PlannedStep(effect.step_id, "undo", Target(effect.step_id.partition("/")[2], ""), "", "", "", 0.0)
        return StepContext(around, planned.get(effect.step_id, undo), abortable=False)

    def _note_once(self, text: str) -> None:
        text = clip(text, LIST_BYTES)
        if text not in {note.text for note in self.operation.notes}:
            self._logbook.write(Note(text, self._clock.now()))

    def _give_up(self, error: Exception) -> None:
        log.error("%s failed in the controller itself", self._logbook.op_id, exc_info=error)
        self._finish(OpState.FAILED, f"the controller itself failed: {error!r}; cordons stay, locks run out")

    def _finish(self, state: OpState, summary: str) -> None:
        self._logbook.write(Finished(state, clip(summary, LIST_BYTES), self._clock.now()))


def _done_summary(kind: OperationKind, operation: Operation) -> str:
    """How many machines; of etcd what its steps came to, for that is what is asked about afterwards."""
    if not acts_on_etcd(kind):
        return f"{kind.name} of {len(operation.intent.targets)} done"
    on_etcd = {step.name for step in kind.steps if any(effect.on_etcd for effect in step.effects)}
    return "; ".join(step.summary for step in operation.steps if step.kind in on_etcd)


def _failed_state(lanes: Lanes, around: Surroundings) -> OpState:
    """``rolled back`` when the operator wanted failed machines back, and nothing of the operation is left on any."""
    wanted_back = bool(around.options.get("uncordon_on_failure"))
    return OpState.ROLLED_BACK if wanted_back and lanes.all_given_back else OpState.FAILED


def _failed_summary(lanes: Lanes) -> str:
    said = [f"{name}: {why}" for name, why in lanes.failures.items()]
    return "; ".join((*said, *(f"{name}: was finished and stays so" for name in lanes.finished())))
