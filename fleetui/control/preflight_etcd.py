"""The checks of operations on etcd: is it the one that was meant, is it well enough, and is nobody else at it."""

import asyncio
from pathlib import Path

import msgspec

from fleetui.control import etcd_file
from fleetui.control.etcd_rules import (
    WrongEtcdError,
    check_identity,
    full_members,
    ready_to_defragment,
    worth,
)
from fleetui.control.etcd_saving import place, source
from fleetui.control.etcd_work import WELL_CHECK
from fleetui.control.facts import Facts
from fleetui.control.preflight import CheckKind, Finding, fail, ok, unknown
from fleetui.model.amount import bytes_text
from fleetui.model.health.etcd import Member, Picture
from fleetui.model.health.etcd_steps import leader_candidates, may_compact, may_move_leader
from fleetui.model.lock import judge
from fleetui.model.operation import ETCD_KINDS, Outcome, Severity, Target

SAVED_FIRST = "snapshot"
"""The option that declines it."""
SPARE = 1.1
"""A database grows while its snapshot is taken."""


async def picture(facts: Facts) -> Picture:
    """Of just the etcd that was meant. Raises WrongEtcdError, ClusterError."""
    found = await facts.picture()
    check_identity(found, facts.intent.targets[0].uid)
    return found


async def _meant(facts: Facts, target: Target) -> Finding:
    try:
        found = await picture(facts)
    except WrongEtcdError as error:
        return fail(str(error), "check the endpoints under etcd: of the cluster, then choose it anew")
    names = " ".join(member.host for member in found.members)
    return ok(f"cluster id {target.uid}, {len(found.members)} members: {names}")


async def _well(facts: Facts, _target: Target) -> Finding:
    ruling = ready_to_defragment(await picture(facts), now=facts.clock.now())
    if ruling.allowed:
        return ok(ruling.reason)
    if ruling.outage:
        return fail(f"it is the only member: {ruling.reason}", severity=Severity.FORCE)
    return fail(ruling.reason, "mend that first: the etcd screen says what each member needs")


async def _worth(facts: Facts, _target: Target) -> Finding:
    found = await picture(facts)
    judged = worth(found)
    if judged.worth is None and (absent := [member.host for member in found.members if member.said is None]):
        return unknown(judged.text, f"bring {' and '.join(absent)} back: nobody else knows its database")
    if judged.worth is None:
        return unknown(judged.text, "this version does not say how much is in use")
    return ok(judged.text) if judged.worth else fail(f"little to gain: {judged.text}")


async def _others(facts: Facts, _target: Target) -> Finding:
    """Of this store, which has one controller: what no lock in the cluster could tell."""
    at_it = [other for other in facts.neighbours if other.kind.startswith(ETCD_KINDS)]
    if at_it:
        named = ", ".join(f"{other.kind} {other.op_id} by {other.by}" for other in at_it)
        return fail(f"already being worked on: {named}", "wait for it to end, or abort it")
    return ok("no other operation of ours on this etcd")


async def _locks(facts: Facts, _target: Target) -> Finding:
    """Of the whole control plane: see ``etcd_lock``."""
    carriers = [node for node in await facts.nodes() if node.control_plane]
    if not carriers:
        said = "no control-plane node to put a lock on: only operations of this store exclude each other"
        return fail(said, "make sure that nobody else works on this etcd", severity=Severity.WARN)
    now = await facts.server_now()
    for node in carriers:
        verdict = judge(node, op=facts.op_id, fence=facts.fence, server_now=now)
        if not verdict.may_take:
            return fail(f"{node.name}: {verdict.reason}", verdict.remedy, severity=Severity.BLOCK)
    return ok(f"nobody holds {' '.join(sorted(node.name for node in carriers))}")


async def _production(facts: Facts, _target: Target) -> Finding:
    if facts.intent.cluster.is_production:
        return fail("production: each member serves nothing while it is defragmented")
    return ok(f"environment {facts.intent.cluster.environment or 'not said'}")


async def _move(facts: Facts, _target: Target) -> Finding:
    found = await picture(facts)
    to, why = new_leader(found, str(facts.options.get("to", "")))
    if to is None:
        return fail(why)
    ruling = may_move_leader(found, to.id, now=facts.clock.now())
    return ok(ruling.reason) if ruling.allowed else fail(ruling.reason)


def new_leader(found: Picture, wanted: str) -> tuple[Member | None, str]:
    """The member that is to lead: the one of this name, else the best; or why there is none."""
    if wanted:
        named = next((member for member in found.members if wanted in (member.host, member.id)), None)
        return named, f"no member {wanted}; there are {' '.join(member.host for member in found.members)}"
    return next(iter(leader_candidates(found)), None), "nobody else is well enough to lead"


async def _space(facts: Facts, _target: Target) -> Finding:
    found = await picture(facts)
    full = full_members(found)
    sizes = worth(found).text
    if not full:
        return fail(f"no member has raised NOSPACE; {sizes}", "to give room back before it is full: etcd-defragment")
    return ok(f"NOSPACE raised by {' '.join(full)}; {sizes}")


async def _compactable(facts: Facts, _target: Target) -> Finding:
    ruling = may_compact(await picture(facts), now=facts.clock.now())
    return ok(ruling.reason) if ruling.allowed else fail(ruling.reason)


async def _source(facts: Facts, _target: Target) -> Finding:
    found = await picture(facts)
    member, why = source(found, str(facts.options.get("member", "")))
    if member is None or member.said is None:
        return fail(why)
    if not member.said.leader:
        said = f"{member.host} sees no leader: what it holds may be old"
        return fail(said, "the last data there is, if nothing else answers", severity=Severity.WARN)
    return ok(f"{member.host}, revision {member.said.revision}")


async def _place(facts: Facts, _target: Target) -> Finding:
    said = place(facts)
    if not said:
        return fail("no file is named", "say where: --option path=/backup/etcd.db")
    why = await asyncio.to_thread(etcd_file.obstacle, Path(said))
    return fail(why, "choose a new file in a directory that exists") if why else ok(f"{said} is free")


async def _room(facts: Facts, _target: Target) -> Finding:
    said = place(facts)
    found = await picture(facts)
    member, _ = source(found, str(facts.options.get("member", "")))
    needed = member.said.db_size if member is not None and member.said is not None else None
    free = await asyncio.to_thread(etcd_file.free_bytes, Path(said).parent) if said else None
    if free is None or needed is None:
        return unknown("free space or the size of the database is unknown")
    text = f"{bytes_text(free)} free, the database has {bytes_text(needed)}"
    return ok(text) if free > needed * SPARE else fail(text, "choose a disk with more room")


async def _saved_first(facts: Facts, target: Target) -> Finding:
    """All that a snapshot needs, in one line; declining it is the operator's own risk, and said so."""
    if not facts.options.get(SAVED_FIRST, True):
        said = "declined: nothing brings back what goes wrong from here on"
        return fail(said, "take one elsewhere first: etcd-snapshot", severity=Severity.FORCE)
    found = [await look(facts, target) for look in (_source, _place, _room)]
    missing = max(found, key=_weight)
    if missing.outcome is Outcome.OK:
        return ok(f"of {found[0].evidence}: {found[1].evidence}, {found[2].evidence}")
    remedy = f"{missing.remedy or 'name another file: --option path=/backup/etcd.db'}; without: --option snapshot=false"
    return msgspec.structs.replace(missing, remedy=remedy)


def _weight(finding: Finding) -> int:
    """How much it holds up a plan whose check blocks; 0 when it is ok."""
    if finding.outcome is Outcome.OK:
        return 0
    return 1 + (Severity.INFO, Severity.WARN, Severity.FORCE, Severity.BLOCK).index(finding.severity or Severity.BLOCK)


_LOOK = "POST /v3/maintenance/status of every member, /v3/cluster/member/list"
_BLOCK = Severity.BLOCK

MEANT = CheckKind("etcd-meant", "the etcd meant", _BLOCK, _LOOK, _meant, guards=True)
WELL = CheckKind(WELL_CHECK, "every member well", _BLOCK, _LOOK, _well, per_machine=False, guards=True)
WORTH = CheckKind("etcd-worth", "worth it", Severity.WARN, _LOOK, _worth, per_machine=False)
OTHERS = CheckKind("others", "other operations", _BLOCK, "the operation store", _others, per_machine=False, guards=True)
LOCKS = CheckKind("etcd-locks", "locks of the control plane", _BLOCK, "GET /api/v1/nodes", _locks, guards=True)
LOCKS_SEEN = CheckKind(
    "etcd-locks", "locks of the control plane", Severity.WARN, "GET /api/v1/nodes", _locks, guards=True
)
"""For who takes no lock: without an answer of the API it goes on, for it may be down because of just this etcd."""
PRODUCTION = CheckKind("production", "environment", Severity.FORCE, "the configuration", _production, per_machine=False)
MOVE = CheckKind("etcd-move", "who may lead", _BLOCK, _LOOK, _move, per_machine=False, guards=True)
SPACE = CheckKind("etcd-space", "alarm NOSPACE", _BLOCK, _LOOK, _space, per_machine=False, guards=True)
COMPACTABLE = CheckKind("etcd-compact", "history may go", _BLOCK, _LOOK, _compactable, per_machine=False, guards=True)
SOURCE = CheckKind("etcd-source", "member to take it from", _BLOCK, _LOOK, _source, per_machine=False, guards=True)
PLACE = CheckKind("file", "file", _BLOCK, "the controller's own disk", _place, per_machine=False, guards=True)
ROOM = CheckKind("room", "room on the disk", _BLOCK, "statvfs", _room, per_machine=False, guards=True)
SNAPSHOT_FIRST = CheckKind(
    "etcd-snapshot-first", "snapshot first", _BLOCK, _LOOK, _saved_first, per_machine=False, guards=True
)
