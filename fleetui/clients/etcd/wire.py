"""The gateway's JSON as typed values. proto3 leaves out what is zero, and writes 64-bit numbers as strings; the names
are the same from 3.4 to 3.6, what a version does not know is simply missing."""

import re
from typing import TypeVar

import msgspec

from fleetui.model.health.etcd import Alarm, AlarmKind, Status
from fleetui.model.text import clean, clean_message

QUOTA_RIGHT_SINCE = (3, 6, 6)
"""Before it the status told another number than the quota in force."""
_ALARM = re.compile(r"memberID:(\d+) alarm:(\w+)")
NO_LEADER = "etcdserver: no leader"

T = TypeVar("T")


class Header(msgspec.Struct):
    cluster_id: str = ""
    member_id: str = ""
    revision: str = ""
    raft_term: str = ""


class StatusAnswer(msgspec.Struct, rename="camel"):
    """POST /v3/maintenance/status"""

    header: Header = msgspec.field(default_factory=Header)
    version: str = ""
    db_size: str = ""
    db_size_in_use: str = ""
    db_size_quota: str = ""
    leader: str = ""
    raft_index: str = ""
    raft_term: str = ""
    raft_applied_index: str = ""
    is_learner: bool = False
    storage_version: str = ""
    errors: list[str] = []
    downgrade_info: dict[str, object] = {}


class MemberEntry(msgspec.Struct):
    id_: str = msgspec.field(default="", name="ID")
    name: str = ""
    peer_urls: list[str] = msgspec.field(default_factory=list, name="peerURLs")
    client_urls: list[str] = msgspec.field(default_factory=list, name="clientURLs")
    is_learner: bool = msgspec.field(default=False, name="isLearner")


class MembersAnswer(msgspec.Struct):
    """POST /v3/cluster/member/list"""

    header: Header = msgspec.field(default_factory=Header)
    members: list[MemberEntry] = []


class AlarmEntry(msgspec.Struct):
    member_id: str = msgspec.field(default="", name="memberID")
    alarm: str = ""


class AlarmsAnswer(msgspec.Struct):
    """POST /v3/maintenance/alarm"""

    alarms: list[AlarmEntry] = []


class Refusal(msgspec.Struct):
    """What stands in for an answer. 3.4 says ``error`` as well; 3.6 dropped it."""

    message: str = ""
    code: int = 0
    """Of gRPC."""


class SnapshotPart(msgspec.Struct):
    remaining_bytes: str = ""
    blob: bytes = b""
    version: str = ""


class SnapshotLine(msgspec.Struct):
    """One line of POST /v3/maintenance/snapshot: a part or, in mid-stream, an error."""

    result: SnapshotPart | None = None
    error: Refusal | None = None


def decode(body: bytes, kind: type[T]) -> T:
    """Raises msgspec.DecodeError for what is no such answer."""
    try:
        return msgspec.json.decode(body, type=kind)
    except UnicodeDecodeError:
        return msgspec.json.decode(body.decode("utf-8", errors="replace"), type=kind)


def hexadecimal(decimal: str) -> str:
    """A member's or cluster's id as people see it; empty for none (proto3 leaves zero out)."""
    return f"{int(decimal):x}" if decimal.isdecimal() and int(decimal) else ""


def decimal(hexadecimal_id: str) -> str:
    """A member's id as the gateway wants it. Raises ValueError."""
    return str(int(hexadecimal_id, 16))


def number(text: str) -> int:
    """Zero where it is left out: that is what leaving out means."""
    return int(text) if text.isdecimal() else 0


def known(text: str) -> int | None:
    """None where it is left out: of these an old version says nothing, and zero cannot be."""
    return int(text) if text.isdecimal() and int(text) else None


def status(said: StatusAnswer, *, latency_s: float) -> Status:
    return Status(
        version=clean(said.version),
        leader=hexadecimal(said.leader),
        term=number(said.raft_term),
        index=number(said.raft_index),
        applied=number(said.raft_applied_index),
        revision=known(said.header.revision),
        db_size=known(said.db_size),
        db_in_use=known(said.db_size_in_use),
        quota=known(said.db_size_quota) if version_of(said.version) >= QUOTA_RIGHT_SINCE else None,
        learner=said.is_learner,
        cluster_id=hexadecimal(said.header.cluster_id),
        storage_version=clean(said.storage_version),
        downgrading_to=clean(str(said.downgrade_info.get("targetVersion") or "")),
        no_leader=any(NO_LEADER in error for error in said.errors),
        alarms=tuple(sorted({alarm for error in said.errors for alarm in _alarms_in(error)})),
        errors=tuple(clean_message(error) for error in said.errors if not _understood(error)),
        latency_s=latency_s,
    )


def alarm(member_id: str, word: str) -> Alarm:
    """``word`` as etcd says it; one that we do not know keeps it."""
    kinds = {kind.value: kind for kind in AlarmKind}
    return Alarm(member=hexadecimal(member_id), kind=kinds.get(word, AlarmKind.OTHER), said=clean(word))


def version_of(text: str) -> tuple[int, ...]:
    """``3.6.16-rc.1`` as (3, 6, 16); empty for what is none, which is older than all."""
    found = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found[0].split(".")) if found else ()


def _alarms_in(error: str) -> list[Alarm]:
    return [alarm(member_id, word) for member_id, word in _ALARM.findall(error)]


def _understood(error: str) -> bool:
    return NO_LEADER in error or bool(_ALARM.search(error))
