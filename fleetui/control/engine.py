"""The engine: finds operations in the store, claims them, and drives each in a task of its own until it has ended.

Everything an operation is lives in its journal, so an engine may die at any point: the next one claims with a higher
fence, folds the journal, probes what was open and goes on.
"""

import asyncio
import logging
from math import inf
from pathlib import Path

from fleetui.control.causes import root_cause
from fleetui.control.facts import Neighbour
from fleetui.control.logbook import Logbook
from fleetui.control.mutes import OpenMutes, no_mutes
from fleetui.control.operation_run import Around, Connect, OpenEtcd, OperationRun, no_etcd, nothing_around
from fleetui.control.registry import Registry
from fleetui.control.safe_points import first
from fleetui.control.timing import Timing
from fleetui.model.ledger import Operation, fold
from fleetui.model.operation import Intent, OpState
from fleetui.ports.clock import Chance, Clock
from fleetui.ports.store import (
    ClaimHeldError,
    DamagedOperationError,
    FencedError,
    OperationStore,
    SequenceError,
    StoreError,
)

log = logging.getLogger(__name__)


class Engine:
    """One per controller process. ``holder`` names the process in claims and locks; ``snapshots`` is its directory for
    those of etcd of which nobody says where."""

    def __init__(
        self,
        store: OperationStore,
        *,
        holder: str,
        registry: Registry,
        connect: Connect,
        clock: Clock,
        chance: Chance,
        timing: Timing | None = None,
        around: Around = nothing_around,
        open_etcd: OpenEtcd = no_etcd,
        open_mutes: OpenMutes = no_mutes,
        snapshots: Path | None = None,
    ) -> None:
        self._store = store
        self._holder = holder
        self._registry = registry
        self._connect = connect
        self._clock = clock
        self._chance = chance
        self._timing = timing or Timing()
        self._around = around
        self._open_etcd = open_etcd
        self._open_mutes = open_mutes
        self._snapshots = snapshots
        self._cursor = 0
        self._driven: dict[str, OperationRun | None] = {}
        """Every operation that has a task; None until it is claimed."""
        self._stop = asyncio.Event()

    async def run(self) -> None:
        """Works until ``stop``; returns with every effect answered or written down as unknown."""
        async with asyncio.TaskGroup() as group:
            while not self._stop.is_set():
                self._scan(group)
                await self._pause(self._timing.scan_s)

    def stop(self) -> None:
        """Asks every operation to stop at its next safe point."""
        self._stop.set()
        for run in self._driven.values():
            if run is not None:
                run.safe_points.stop()

    def _scan(self, group: asyncio.TaskGroup) -> None:
        try:
            changes = self._store.changes(self._cursor)
            for op_id in changes.op_ids:
                self._look_past_damage(op_id, group)
        except StoreError as error:
            log.warning("the store cannot be read, looking again: %s", error)
        else:
            self._cursor = changes.cursor

    def _look_past_damage(self, op_id: str, group: asyncio.TaskGroup) -> None:
        try:
            self._look(op_id, group)
        except DamagedOperationError as error:  # what people ask of it is not heard; the others are
            log.error("%s", error)

    def _look(self, op_id: str, group: asyncio.TaskGroup) -> None:
        run = self._driven.get(op_id)
        if run is not None:
            run.safe_points.look()
        elif op_id not in self._driven:
            self._driven[op_id] = None
            group.create_task(self._care(op_id), name=f"operation {op_id}")

    async def _care(self, op_id: str) -> None:
        """Sees to one operation until it has ended or the engine stops."""
        try:
            while not self._stop.is_set() and (pause := await self._claim_and_drive(op_id)) is not None:
                await self._pause(pause)
        finally:
            del self._driven[op_id]

    def _is_ours_to_do(self, op_id: str) -> bool:
        """Not ended, and not a newer program's: nothing is written into a journal that is not understood."""
        stored = self._store.load(op_id)
        if stored.submission.newer:
            log.error("%s", stored.submission.newer)
            return False
        return not fold(stored).state.ended

    async def _claim_and_drive(self, op_id: str) -> float | None:
        """Seconds to wait before looking again; None when there is nothing more to do."""
        try:
            if not self._is_ours_to_do(op_id):
                return None
            fence = self._store.claim(op_id, self._holder, self._timing.claim_ttl_s)
            run = self._driven[op_id] = self._run_of(op_id, fence)
            await self._hold(run, op_id)
        except ClaimHeldError as error:
            log.info("%s is claimed by %s", op_id, error.holder)
            return max(error.expires - self._clock.now(), self._timing.scan_s)
        except (FencedError, SequenceError) as error:
            log.warning("%s was taken over by another controller: %s", op_id, error)
            return self._timing.claim_ttl_s
        except DamagedOperationError as error:
            log.error("%s", error)
            return None
        except StoreError as error:
            log.error("%s: the store cannot be used: %s", op_id, error)
            return self._timing.claim_ttl_s
        finally:
            self._driven[op_id] = None
        return 0.0

    async def _hold(self, run: OperationRun, op_id: str) -> None:
        """Drives it, keeping the claim. A lost claim cancels the drive: nothing more may be written."""
        try:
            async with asyncio.TaskGroup() as group:
                claim = group.create_task(self._keep_claim(op_id))
                await run.drive()
                claim.cancel()
        except BaseExceptionGroup as errors:
            raise root_cause(errors) from errors

    async def _keep_claim(self, op_id: str) -> None:
        while True:
            await self._clock.sleep(self._timing.claim_ttl_s / 3)
            self._store.claim(op_id, self._holder, self._timing.claim_ttl_s)

    def _run_of(self, op_id: str, fence: int) -> OperationRun:
        run = OperationRun(
            Logbook(self._store, self._store.load(op_id), fence),
            registry=self._registry,
            connect=self._connect,
            holder=self._holder,
            neighbours=lambda: self._neighbours(op_id),
            clock=self._clock,
            chance=self._chance,
            timing=self._timing,
            around=self._around,
            open_etcd=self._open_etcd,
            open_mutes=self._open_mutes,
            snapshots=self._snapshots,
        )
        if self._stop.is_set():
            run.safe_points.stop()
        return run

    def _neighbours(self, op_id: str) -> tuple[Neighbour, ...]:
        """The other operations of this store in the same cluster that may be changing machines."""
        runs = {other: run.operation for other, run in self._driven.items() if run is not None}
        intent, turn = runs[op_id].intent, _turn(runs[op_id])
        return tuple(
            Neighbour(
                other,
                operation.intent.kind,
                str(operation.actor),
                operation.intent.targets,
                ahead=_turn(operation) < turn,
            )
            for other, operation in runs.items()
            if other != op_id
            and operation.state in (OpState.APPROVED, OpState.RUNNING)
            and _same_cluster(intent, operation.intent)
        )

    async def _pause(self, seconds: float) -> None:
        """Sleeps, or returns when the engine is to stop."""
        await first(self._clock.sleep(seconds), self._stop)


def _turn(operation: Operation) -> tuple[float, float, str]:
    """Sorts by who began first, then by who was approved first."""
    started, approved = operation.started, operation.approved_at
    return (inf if started is None else started, inf if approved is None else approved, operation.op_id)


def _same_cluster(one: Intent, other: Intent) -> bool:
    """Also by what is acted on: an etcd may be known under two contexts, or before its API has said who it is."""
    if {target.uid for target in one.targets} & {target.uid for target in other.targets}:
        return True
    if one.cluster.uid and other.cluster.uid:
        return one.cluster.uid == other.cluster.uid
    return (one.cluster.kubeconfig, one.cluster.context) == (other.cluster.kubeconfig, other.cluster.context)
