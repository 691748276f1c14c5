"""The kinds of effects on etcd, each with its probe: what became of it when nobody has seen the answer.

``uid`` of such an effect is ``<cluster id>/<member id>``, both hexadecimal: the precondition, looked at before it is
sent. A probe never assumes: without an answer of just this cluster it raises, and is asked again.
"""

import asyncio
from pathlib import Path

import msgspec

from fleetui.control.effect_kind import EffectKind, EtcdProbe, Finding
from fleetui.control.etcd_file import whole
from fleetui.control.etcd_rules import WrongEtcdError, check_identity, defragmented
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.etcd import Picture
from fleetui.model.health.etcd_pace import Counters
from fleetui.model.journal import EffectIntended, EffectOutcome
from fleetui.ports.ended import Ended
from fleetui.ports.etcd import EtcdCluster, Outcome

SAID_NO = 412
"""Stands in for a code of HTTP: etcd, or our own look just before, refused, and nothing was done."""


class EtcdAnswer(msgspec.Struct, frozen=True):
    """How an action ended that has ended."""

    code: int
    message: str = ""


def answer_of(outcome: Outcome) -> EtcdAnswer:
    """Raises ClusterError for what nobody knows."""
    if outcome.ended is Ended.UNKNOWN:
        raise ClusterError(outcome.fault or _fault("no answer", outcome.detail))
    return EtcdAnswer(200 if outcome.ended is Ended.DONE else SAID_NO, outcome.detail)


def mark(cluster_id: str, member_id: str = "") -> str:
    """The ``uid`` of an effect."""
    return f"{cluster_id}/{member_id}"


async def look_at(etcd: EtcdCluster, cluster_id: str) -> Picture:
    """The members of just this cluster. Raises ClusterError: nobody answers, or another cluster does."""
    picture = await etcd.look()
    try:
        check_identity(picture, cluster_id)
    except WrongEtcdError as error:
        raise ClusterError(Fault(FaultKind.IMPOSTOR, "another etcd", str(error), _ENDPOINTS)) from error
    return picture


_ENDPOINTS = "check the endpoints under etcd: of the cluster in the configuration"


async def _moved(etcd: EtcdCluster, effect: EffectIntended, _op: str) -> Finding:
    cluster_id, _, member_id = effect.uid.partition("/")
    leader = (await look_at(etcd, cluster_id)).leader
    if leader is None:
        raise ClusterError(_fault("no leader", "nobody leads now: an election, or the leader does not answer"))
    return _found(leader.id == member_id, f"{leader.host} leads")


async def _defragmented(etcd: EtcdCluster, effect: EffectIntended, _op: str) -> Finding:
    """A member that is at it answers nothing else, or says so in its metrics."""
    cluster_id, _, member_id = effect.uid.partition("/")
    member = (await look_at(etcd, cluster_id)).member(member_id)
    if member is None:
        return _found(False, "it is not in the member list any more")
    counters = (await etcd.counters()).get(member_id)
    at_it = isinstance(counters, Counters) and counters.defragmenting
    if member.said is None or at_it:
        raise ClusterError(_fault("at it", f"{member.host} is being defragmented, or does not answer"))
    return _found(bool(defragmented(member.said)), f"{member.said.db_size} bytes, {member.said.db_in_use} in use")


async def _compacted(etcd: EtcdCluster, effect: EffectIntended, _op: str) -> Finding:
    """Nothing tells the revision that a cluster was compacted to; asking again for the same one is answered well."""
    await look_at(etcd, effect.uid.partition("/")[0])
    return _found(False, "it cannot be seen; asking again changes nothing")


async def _disarmed(etcd: EtcdCluster, effect: EffectIntended, _op: str) -> Finding:
    cluster_id, _, member_id = effect.uid.partition("/")
    await look_at(etcd, cluster_id)
    kind = effect.object.partition(" ")[2]
    raised = {(alarm.kind.value, alarm.member) for alarm in await etcd.alarms()}
    armed = (kind, member_id) in raised
    return _found(not armed, f"{kind} is {'raised' if armed else 'not raised'} by {member_id}")


async def _saved(_etcd: EtcdCluster, effect: EffectIntended, _op: str) -> Finding:
    path = Path(effect.object.partition(" ")[2])
    sha256 = await asyncio.to_thread(whole, path)
    return _found(bool(sha256), f"sha256 {sha256}, read back" if sha256 else "no whole file is there")


def _found(done: bool, seen: str) -> Finding:
    return (EffectOutcome.DONE if done else EffectOutcome.REFUSED), f"probed: {seen}"


def _fault(word: str, detail: str) -> Fault:
    return Fault(FaultKind.SERVER_ERROR, word, detail, "asked again by itself")


def _kind(name: str, probe: EtcdProbe, *, needs_lock: bool = False) -> EffectKind:
    return EffectKind(name, probe, needs_lock=needs_lock, on_etcd=True)


MOVE_LEADER = _kind("move-leader", _moved, needs_lock=True)
DEFRAGMENT = _kind("defragment", _defragmented, needs_lock=True)
COMPACT = _kind("compact", _compacted)
DISARM = _kind("disarm", _disarmed)
SNAPSHOT = _kind("snapshot", _saved)
