"""A real controller process with a trivial operation, for the survival tests: each of its effects appends one line to a
file, and goes as far as the test lets it.

``python -m tests.control.trivial_controller STATE_DIR [--idle S] [--stay]``. Beside the state directory lie ``effects``
(what happened to the world) and ``gates`` (two numbers: how many effects may act, how many may be answered).
"""

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from fleetui.clients.system import SystemClock
from fleetui.control.folds import Folds
from fleetui.control.process import LockHeldError, run_controller
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model import journal
from fleetui.model.journal import EffectOutcome, Record
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.model.plan_pages import plan_records
from fleetui.ports.store import OperationStore
from tests.control.samples import plan

EFFECTS = 3
LOCK_HELD = 3
"""Exit status of a controller that found another one in office."""


class TrivialEngine:
    """Plans, waits for approval, and writes EFFECTS lines, each intended before and answered after."""

    def __init__(self, store: OperationStore, holder: str, world: Path) -> None:
        self._store = store
        self._holder = holder
        self._world = world
        self._stopped = False
        self._begun: set[str] = set()

    def stop(self) -> None:
        self._stopped = True

    async def run(self) -> None:
        folds = Folds(self._store)
        while not self._stopped:
            folds.refresh()
            for operation in folds.newest_first():
                if operation.needs_controller and not self._stopped:
                    await self._advance(operation)
            await asyncio.sleep(0.005)

    async def _advance(self, operation: Operation) -> None:
        """One step further, with one record or one effect."""
        fence = self._store.claim(operation.op_id, self._holder, 60.0)
        if operation.plan is None:
            records: list[Record] = list(plan_records(plan(intent=operation.intent)))
        elif operation.op_id not in self._begun:
            self._begun.add(operation.op_id)
            records = [journal.Started(self._holder, fence, 1.0, resumed=operation.started is not None)]
        elif operation.open_effects or len(operation.effects) < EFFECTS:
            await self._one_effect(operation, fence)
            return
        else:
            records = [journal.Finished(OpState.DONE, "all written", 2.0)]
        for seq, record in enumerate(records, start=operation.next_seq):
            self._store.append(operation.op_id, fence, seq, record)

    async def _one_effect(self, operation: Operation, fence: int) -> None:
        seq = operation.next_seq
        if operation.open_effects:
            intended = operation.open_effects[0].intended
        else:
            number = len(operation.effects) + 1
            intended = journal.EffectIntended(
                f"{operation.op_id}/{number}", "write", "write", "POST", "file", "uid", fence, 1.0
            )
            seq = self._store.append(operation.op_id, fence, seq, intended)
        number = int(intended.effect_id.rpartition("/")[2])
        if intended.effect_id not in read_effects(self._world):
            await self._until_allowed(0, number)
            with (self._world / "effects").open("a") as effects:
                effects.write(f"{intended.effect_id} {os.getpid()} {fence}\n")
        await self._until_allowed(1, number)
        answer = journal.EffectAnswered(intended.effect_id, EffectOutcome.DONE, 201, "", 1.0)
        self._store.append(operation.op_id, fence, seq, answer)

    async def _until_allowed(self, gate: int, number: int) -> None:
        while read_gates(self._world)[gate] < number:  # noqa: ASYNC110 - the test writes a file
            await asyncio.sleep(0.005)


def read_effects(world: Path) -> list[str]:
    """The ids of the effects that happened, one for each time that it did."""
    try:
        return [line.split()[0] for line in (world / "effects").read_text().splitlines()]
    except FileNotFoundError:
        return []


def read_gates(world: Path) -> tuple[int, int]:
    try:
        act, answer = (world / "gates").read_text().split()
    except FileNotFoundError:
        return EFFECTS, EFFECTS
    return int(act), int(answer)


def set_gates(world: Path, *, act: int, answer: int) -> None:
    draft = world / "gates.new"
    draft.write_text(f"{act} {answer}")
    draft.replace(world / "gates")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("state_dir", type=Path)
    parser.add_argument("--idle", type=float, default=30.0)
    parser.add_argument("--stay", action="store_true")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    clock = SystemClock()
    try:
        run_controller(
            arguments.state_dir / "operations.db",
            lambda store, holder: TrivialEngine(store, holder, arguments.state_dir.parent),
            open_store=lambda path, lock: SqliteStore(path, clock, lock=lock),
            clock=clock,
            stay=arguments.stay,
            idle_s=arguments.idle,
        )
    except LockHeldError as held:
        print(held, file=sys.stderr)
        return LOCK_HELD
    return 0


if __name__ == "__main__":
    sys.exit(main())
