"""Snapshot etcd: one member's database in a file on the controller's machine, believed only when its hash is right.

It reads and changes nothing in the cluster, so it takes no lock there: it must also work when the API is down.
"""

import asyncio
from functools import partial
from pathlib import Path

from fleetui.control.etcd_effects import SAID_NO, SNAPSHOT, EtcdAnswer, mark
from fleetui.control.etcd_file import part_of, whole
from fleetui.control.etcd_rules import WrongEtcdError, check_identity
from fleetui.control.etcd_work import look
from fleetui.control.facts import Facts
from fleetui.control.operation_kind import OperationKind, OptionKind, StepKind
from fleetui.control.preflight import CheckKind
from fleetui.control.preflight_etcd import MEANT, OTHERS, PLACE, ROOM, SOURCE, source
from fleetui.control.step_context import StepContext, StepFailedError
from fleetui.model.amount import bytes_text
from fleetui.model.fault import FaultKind
from fleetui.model.health.etcd import Member
from fleetui.model.health.etcd_steps import snapshot_sources
from fleetui.model.journal import EffectOutcome
from fleetui.model.operation import PlannedStep
from fleetui.ports.etcd import SnapshotError

OUR_DISK = 409
"""Stands in for a code of HTTP: the file cannot be written, whichever member it is from."""
BYTES_PER_S = 50e6
"""For the estimate."""


class SnapshotOperation:
    name = "etcd-snapshot"
    title = "Snapshot etcd into a new file here, verified against its hash"
    disruptive = False
    options: tuple[OptionKind, ...] = (
        OptionKind("path", "", "the new file, on the controller's machine; none is overwritten"),
        OptionKind("member", "", "the member to take it from; empty: one that is well and does not lead"),
    )
    keep = None
    undo = None
    """A file that is whole is left."""
    steps = (StepKind("snapshot", "the file is there and its hash is right", effects=(SNAPSHOT,), guarded=True),)
    checks: tuple[CheckKind, ...] = (MEANT, SOURCE, PLACE, ROOM, OTHERS)
    start_checks: tuple[CheckKind, ...] = ()

    async def plan(self, facts: Facts) -> tuple[PlannedStep, ...]:
        target, why = facts.intent.targets[0], facts.intent.reason or "asked for"
        member, _ = source(await facts.picture(), str(facts.options["member"]))
        size = member.said.db_size if member is not None and member.said is not None else None
        estimate_s = max(1.0, (size or 0) / BYTES_PER_S)
        title = f"{facts.options['path']} holds a snapshot whose hash is right"
        breaks = "holds every secret of the cluster: mode 0600"
        return (PlannedStep("snapshot/etcd", "snapshot", target, title, why, breaks, estimate_s),)

    async def run(self, context: StepContext) -> str:
        await context.safe_point()
        path = Path(str(context.option("path")))
        if _begun(context, path):
            if sha256 := await asyncio.to_thread(whole, path):
                return await _said(path, sha256)
            await asyncio.to_thread(part_of(path).unlink, missing_ok=True)  # of a controller that died at it
        return await _take(context, path)


async def _take(context: StepContext, path: Path) -> str:
    """From the best member, else from the next. Raises StepFailedError with what the last one said."""
    said = "no voting member answers"
    for member in await _sources(context):
        answered, _ = await context.perform(
            SNAPSHOT,
            "POST",
            f"file {path}",
            mark(context.target.uid, member.id),
            partial(_save, context, member, path),
        )
        if answered.outcome is EffectOutcome.DONE:
            return await _said(path, await asyncio.to_thread(whole, path))
        said = answered.message
        if answered.code == OUR_DISK:
            break
        await context.safe_point()
    raise StepFailedError(said)


async def _sources(context: StepContext) -> tuple[Member, ...]:
    picture, wanted = await look(context), str(context.option("member"))
    if wanted:
        named, _ = source(picture, wanted)
        return (named,) if named is not None else ()
    return snapshot_sources(picture)


async def _save(context: StepContext, member: Member, path: Path) -> EtcdAnswer:
    """Every failure is a refusal: what is not whole does not stay, nor does it appear under the name."""
    try:
        check_identity(await context.etcd.look(), context.target.uid)
        taken = await context.etcd.snapshot(member.id, path)
    except WrongEtcdError as error:
        return EtcdAnswer(SAID_NO, str(error))
    except SnapshotError as error:
        return EtcdAnswer(OUR_DISK if error.fault.kind is FaultKind.CONFIG else SAID_NO, str(error))
    version = f", storage {taken.version}" if taken.version else ""
    return EtcdAnswer(
        200,
        f"from {member.host}, revision {taken.revision} or later{version}, {taken.size} bytes, sha256 {taken.sha256}",
    )


def _begun(context: StepContext, path: Path) -> bool:
    """By this operation: what lies there, whole or not, is its own."""
    return any(effect.intended.object == f"file {path}" for effect in context.logbook.effects(SNAPSHOT.name))


async def _said(path: Path, sha256: str) -> str:
    size = (await asyncio.to_thread(path.stat)).st_size
    return f"{path}: {bytes_text(size)}, sha256 {sha256}"


OPERATION: OperationKind = SnapshotOperation()
