"""A snapshot of etcd as a step: one member's database in a file on the controller's machine, believed only when its
hash is right. An operation of its own, and the first step of what cannot be taken back."""

import asyncio
import re
from functools import partial
from pathlib import Path

from fleetui.control.etcd_effects import SAID_NO, SNAPSHOT, EtcdAnswer, mark
from fleetui.control.etcd_file import part_of, whole
from fleetui.control.etcd_rules import WrongEtcdError, check_identity
from fleetui.control.etcd_work import look
from fleetui.control.facts import Facts
from fleetui.control.operation_kind import StepKind
from fleetui.control.step_context import StepContext, StepFailedError, Surroundings
from fleetui.model.amount import bytes_text
from fleetui.model.fault import FaultKind
from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_steps import snapshot_sources
from fleetui.model.journal import EffectOutcome
from fleetui.model.operation import PlannedStep, Target
from fleetui.ports.etcd import SnapshotError

OUR_DISK = 409
"""Stands in for a code of HTTP: the file cannot be written, whichever member it is from."""
BYTES_PER_S = 50e6
"""For the estimate."""
KEPT = "delete it when you no longer need it: it holds every secret"
"""Nothing here deletes a snapshot: when it is no longer needed only its operator knows."""
SAVE = StepKind("snapshot", "the file is there and its hash is right", effects=(SNAPSHOT,), guarded=True)


def place(asked: Facts | Surroundings) -> str:
    """The file: as the operator says, else the operation's own in the directory that the controller has for this, the
    same for every controller of one store. Empty when nobody names any."""
    if said := str(asked.options.get("path", "")):
        return str(Path(said))
    if asked.snapshots is None:
        return ""
    name = re.sub(r"[^\w.-]", "-", asked.intent.cluster.name, flags=re.ASCII)
    return str(asked.snapshots / f"{name}-{asked.op_id}.db")


def source(found: Picture, wanted: str) -> tuple[Member | None, str]:
    """Who gives the snapshot: the member of this name, else the best; or why nobody can."""
    able = snapshot_sources(found)
    if wanted:
        named = next((member for member in able if wanted in (member.host, member.id)), None)
        return named, f"{wanted} is no member that answers"
    return next(iter(able), None), "no voting member answers"


async def snapshot_step(facts: Facts, target: Target, why: str) -> PlannedStep:
    """The file is frozen in its title. Raises ClusterError."""
    member, _ = source(await facts.picture(), str(facts.options.get("member", "")))
    size = member.said.db_size if member is not None and member.said is not None else None
    path = place(facts)
    title = f"snapshot of {member.host if member is not None else '?'}, read back and its hash verified: {path}"
    breaks = "holds every secret of the cluster: mode 0600"
    return PlannedStep(f"{SAVE.name}/etcd", SAVE.name, target, title, why, breaks, max(1.0, (size or 0) / BYTES_PER_S))


async def save(context: StepContext) -> str:
    """From the best member, else from the next. Raises StepFailedError with what the last one said."""
    said = place(context.around)
    if not said or said not in context.step.title:
        where = f"did not say {said}" if said else "says a directory that cannot be used any more"
        raise StepFailedError(f"the plan {where}: the state directory was changed meanwhile; see the controller's log")
    path = Path(said)
    if _begun(context, path):
        if sha256 := await asyncio.to_thread(whole, path):
            return await _said(path, sha256)
        await asyncio.to_thread(part_of(path).unlink, missing_ok=True)  # of a controller that died at it
    return await _take(context, path)


async def insist_on_saved(context: StepContext) -> None:
    """Before what cannot be taken back: the file that this operation wrote is there and whole now, not only when it
    was written. Reads all of it. Raises StepFailedError."""
    journaled = [effect.intended.object.removeprefix("file ") for effect in context.logbook.effects(SNAPSHOT.name)]
    path = Path(journaled[-1] if journaled else place(context.around))
    if not await asyncio.to_thread(whole, path):
        raise StepFailedError(
            f"the snapshot {path} is not there any more, or not whole: the history is not dropped without it; "
            "propose this operation anew, it begins with a new snapshot (--option path= where nobody clears the files)"
        )


async def _take(context: StepContext, path: Path) -> str:
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
    picture, wanted = await look(context), str(context.around.options.get("member", ""))
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
    """How it ended before where: a column keeps what comes first."""
    size = (await asyncio.to_thread(path.stat)).st_size
    return f"{bytes_text(size)}, hash verified: {path}, sha256 {sha256}, {KEPT}"
