"""What a member of a simulated etcd answers at its JSON gateway, as etcd 3.6 says it: proto3's zeros left out, 64-bit
numbers as text, refusals with gRPC's codes."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from fleetui.simulate.etcd_cluster import PAGE, SimulatedEtcd, SimulatedMember

Document = dict[str, Any]
BOUNDS = tuple(0.001 * 2**step for step in range(14))
"""Of etcd's fsync and commit histograms, seconds."""
SNAPSHOT_PAGES = 32
PART = 8 * PAGE

_HTTP = {4: 504, 5: 404, 8: 429, 9: 400, 11: 400, 14: 503}
"""HTTP for gRPC's codes, as the gateway of 3.6 translates them."""


class GatewayError(Exception):
    """``late_s``: the member thinks about it for so long first."""

    def __init__(self, code: int, message: str, *, late_s: float = 0.0) -> None:
        super().__init__(message)
        self.status = _HTTP[code]
        self.body = {"code": code, "message": message}
        self.late_s = late_s


def status(etcd: SimulatedEtcd, member: SimulatedMember) -> Document:
    errors = [f"memberID:{id_} alarm:{kind} " for id_, kind in sorted(etcd.alarms)]
    if not member.leader:
        errors.append("etcdserver: no leader")
    return _without_zeros({
        "header": _header(etcd, member),
        "version": member.version,
        "dbSize": member.db_size,
        "leader": member.leader,
        "raftIndex": etcd.index if not member.stuck else member.applied,
        "raftTerm": etcd.term,
        "raftAppliedIndex": member.applied,
        "errors": errors,
        "dbSizeInUse": member.db_in_use,
        "isLearner": member.learner,
        "storageVersion": "3.6.0",
        "dbSizeQuota": etcd.quota,
    })  # fmt: skip


def member_list(etcd: SimulatedEtcd, member: SimulatedMember) -> Document:
    return {"header": _header(etcd, member), "members": [_listed(other) for other in etcd.members]}


def perform(etcd: SimulatedEtcd, member: SimulatedMember, path: str, body: Document) -> Document:
    """A POST. Raises GatewayError."""
    local: dict[str, Callable[[SimulatedEtcd, SimulatedMember], Document]] = {
        "/v3/maintenance/status": status,
        "/v3/cluster/member/list": member_list,
        "/v3/maintenance/defragment": _defragment,
    }
    if path in local:
        return local[path](etcd, member)
    if path == "/v3/maintenance/transfer-leadership":
        return _transfer(etcd, member, int(body.get("targetID", 0)))
    if not member.leader or not etcd.has_quorum:
        raise GatewayError(4, "context deadline exceeded", late_s=7.0)
    if path == "/v3/maintenance/alarm":
        return _alarm(etcd, member, body)
    if path == "/v3/kv/compaction":
        return _compact(etcd, member, int(body.get("revision", 0)))
    raise GatewayError(5, "Not Found")


def snapshot(member: SimulatedMember) -> list[Document]:
    """A small database of the member's own, whatever its size is said to be."""
    database = b"".join(
        sha256(f"{member.id}/{page}".encode()).digest() * (PAGE // 32) for page in range(SNAPSHOT_PAGES)
    )
    parts = [database[start : start + PART] for start in range(0, len(database), PART)]
    lines, left = [], len(database)
    for part in (*parts, sha256(database).digest()):
        left = max(0, left - len(part))
        said = {"blob": b64encode(part).decode(), "version": "3.6.0", "remaining_bytes": left}
        lines.append({"result": _without_zeros(said)})
    return lines


def metrics(etcd: SimulatedEtcd, member: SimulatedMember) -> str:
    lines = [
        "process_start_time_seconds 1.7e+09",
        f"etcd_server_quota_backend_bytes {float(etcd.quota)}",
        f"etcd_server_proposals_committed_total {etcd.index}",
        f"etcd_server_proposals_applied_total {member.applied}",
        "etcd_server_proposals_pending 0",
        "etcd_server_proposals_failed_total 0",
        f"etcd_server_leader_changes_seen_total {member.leader_changes}",
        "etcd_disk_defrag_inflight 0",
    ]
    for name in ("etcd_disk_wal_fsync_duration_seconds", "etcd_disk_backend_commit_duration_seconds"):
        for bound in BOUNDS:
            count = sum(times for took, times in member.fsyncs.items() if took <= bound)
            lines.append(f'{name}_bucket{{le="{bound:g}"}} {count}')
        lines.append(f'{name}_bucket{{le="+Inf"}} {sum(member.fsyncs.values())}')
    return "\n".join(lines) + "\n"


def encode(document: Document) -> bytes:
    return msgspec.json.encode(document)


def _defragment(etcd: SimulatedEtcd, member: SimulatedMember) -> Document:
    etcd.defragment(member)
    return {}


def _transfer(etcd: SimulatedEtcd, member: SimulatedMember, target_id: int) -> Document:
    if member.leader != member.id:
        raise GatewayError(9, "etcdserver: not leader")
    target = etcd.by_id(target_id)
    if target is None or target.learner:
        raise GatewayError(9, "etcdserver: bad leader transferee")
    if not target.works:
        raise GatewayError(14, "etcdserver: request timed out, leader transfer took too long", late_s=7.0)
    etcd.transfer(target)
    return {}


def _alarm(etcd: SimulatedEtcd, member: SimulatedMember, body: Document) -> Document:
    if body.get("action") == "DEACTIVATE":
        # Without a member's id nothing matches, and the answer is as good as any.
        one = (int(body.get("memberID", 0)), str(body.get("alarm", "")))
        told = sorted(etcd.alarms & {one})
        etcd.alarms.discard(one)
    else:
        told = sorted(etcd.alarms)
    alarms = [{"memberID": str(id_), "alarm": kind} for id_, kind in told]
    return {"header": _header(etcd, member), **({"alarms": alarms} if alarms else {})}


def _compact(etcd: SimulatedEtcd, member: SimulatedMember, revision: int) -> Document:
    if revision > etcd.revision:
        raise GatewayError(11, "etcdserver: mvcc: required revision is a future revision")
    if revision <= etcd.compacted:
        raise GatewayError(11, "etcdserver: mvcc: required revision has been compacted")
    etcd.compact(revision)
    return {"header": _header(etcd, member)}


def _header(etcd: SimulatedEtcd, member: SimulatedMember) -> Document:
    said = {"cluster_id": etcd.cluster_id, "member_id": member.id, "revision": etcd.revision, "raft_term": etcd.term}
    return _without_zeros(said)


def _listed(member: SimulatedMember) -> Document:
    said: Document = {"ID": str(member.id), "peerURLs": [member.peer_url]}
    if member.started:
        said |= {"name": member.name, "clientURLs": [member.client_url]}
    return said | ({"isLearner": True} if member.learner else {})


def _without_zeros(said: Document) -> Document:
    """As proto3 and its JSON: what is zero is left out, 64-bit numbers are text."""
    kept = {key: value for key, value in said.items() if value}
    return {key: str(value) if type(value) is int else value for key, value in kept.items()}
