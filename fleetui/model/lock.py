"""The lock in the target: two annotations of a Node say which operation holds it and whose its cordon is.

Two operators on two laptops share nothing but the cluster, so the cluster holds the lock. It is taken in the same
guarded PATCH as the cordon, renewed while the operation lives, and judged by the server's clock only. The store's fence
rides along: of two controllers of one operation the one with the lower fence has lost.
"""

from enum import StrEnum
from typing import TypeVar

import msgspec

from fleetui.model.drain import NodeState
from fleetui.model.duration import format_duration

LOCK_ANNOTATION = "fleetui.dev/lock"
CORDON_ANNOTATION = "fleetui.dev/cordoned-by"

LOCK_TTL_S = 60.0
"""Two renewals may fail before it lapses; longer than client-go's leases (15 s) because it is renewed over the
operator's line."""
LOCK_RENEW_S = 20.0


class Lock(msgspec.Struct, frozen=True):
    holder: str
    """The controller process: ``host/pid``."""
    op: str
    by: str
    """The operator: ``ana@jump-1``."""
    kind: str
    fence: int
    expires: float
    """Unix seconds by the server's clock."""


class Cordon(msgspec.Struct, frozen=True):
    """Whose the cordon is. Only its own operation lifts it unasked."""

    op: str
    by: str
    at: float
    reason: str
    kind: str


class Unreadable(msgspec.Struct, frozen=True):
    """An annotation that is there and is not ours to understand."""

    text: str
    """At most 120 characters of it."""


T = TypeVar("T", Lock, Cordon)


def read_lock(node: NodeState) -> Lock | Unreadable | None:
    return _read(node.annotation(LOCK_ANNOTATION), Lock)


def read_cordon(node: NodeState) -> Cordon | Unreadable | None:
    return _read(node.annotation(CORDON_ANNOTATION), Cordon)


def _read(text: str | None, kind: type[T]) -> T | Unreadable | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return Unreadable(text[:120])


class LockState(StrEnum):
    FREE = "free"
    OURS = "ours"
    """This operation's, with a fence not above ours: renew it and go on."""
    LAPSED = "lapsed"
    """Somebody else's, expired by more than one more TTL: it may be taken over."""
    HELD = "held"
    """Somebody else's, or a newer controller of our own operation."""
    UNREADABLE = "unreadable"


class LockVerdict(msgspec.Struct, frozen=True):
    state: LockState
    reason: str
    """For people: holder, operation, age."""
    remedy: str = ""

    @property
    def may_take(self) -> bool:
        return self.state in (LockState.FREE, LockState.OURS, LockState.LAPSED)


def judge(node: NodeState, *, op: str, fence: int, server_now: float, ttl_s: float = LOCK_TTL_S) -> LockVerdict:
    """Whether operation ``op`` may take (or still has) the lock of this node. ``server_now`` is the server's clock."""
    lock = read_lock(node)
    if lock is None:
        return LockVerdict(LockState.FREE, "no lock")
    if isinstance(lock, Unreadable):
        return _unreadable(node, lock)
    if lock.op == op:
        return _own(lock, fence)
    return _foreign(lock, server_now, ttl_s)


def _unreadable(node: NodeState, lock: Unreadable) -> LockVerdict:
    return LockVerdict(
        LockState.UNREADABLE,
        f"locked by an unknown: {LOCK_ANNOTATION} is not ours to read: {lock.text!r}",
        f"find out who wrote it, then: kubectl annotate node {node.name} {LOCK_ANNOTATION}-",
    )


def _own(lock: Lock, fence: int) -> LockVerdict:
    if lock.fence <= fence:
        return LockVerdict(LockState.OURS, "held by this operation")
    return LockVerdict(
        LockState.HELD, f"a newer controller of this operation holds it: {lock.holder}, fence {lock.fence}"
    )


def _foreign(lock: Lock, server_now: float, ttl_s: float) -> LockVerdict:
    who = f"{lock.kind} {lock.op} by {lock.by} (controller {lock.holder})"
    late = server_now - lock.expires
    if late > ttl_s:
        return LockVerdict(LockState.LAPSED, f"left behind by {who}, expired {format_duration(late)} ago")
    if late > 0:
        wait = format_duration(ttl_s - late)
        return LockVerdict(LockState.HELD, f"held by {who}, expired {format_duration(late)} ago", f"free in {wait}")
    return LockVerdict(
        LockState.HELD,
        f"held by {who}, renewed {format_duration(ttl_s + late)} ago",
        f"wait for it to end, or abort {lock.op} where it runs",
    )


def take_patch(lock: Lock, cordon: Cordon | None) -> bytes:
    """Lock and cordon in one patch. ``cordon`` is None when the node is cordoned already: that stays as it is."""
    annotations: dict[str, str | None] = {LOCK_ANNOTATION: _text(lock)}
    if cordon is None:
        return _patch(annotations)
    annotations[CORDON_ANNOTATION] = _text(cordon)
    return _patch(annotations, unschedulable=True)


def cordon_patch(cordon: Cordon) -> bytes:
    """Cordon without a lock: one request, nothing to hold in between. A lapsed lock goes with it."""
    return _patch({CORDON_ANNOTATION: _text(cordon), LOCK_ANNOTATION: None}, unschedulable=True)


def uncordon_patch() -> bytes:
    """Schedulable again, whoever cordoned it; our notes on it go too."""
    return _patch({CORDON_ANNOTATION: None, LOCK_ANNOTATION: None}, unschedulable=False)


def renew_patch(lock: Lock) -> bytes:
    return _patch({LOCK_ANNOTATION: _text(lock)})


def release_patch() -> bytes:
    """The lock goes, the cordon and its owner's name stay."""
    return _patch({LOCK_ANNOTATION: None})


def owns_cordon(node: NodeState, op: str) -> bool:
    """True when this operation, and nobody before it, cordoned the node."""
    cordon = read_cordon(node)
    return node.unschedulable and isinstance(cordon, Cordon) and cordon.op == op


def cordon_owner(node: NodeState) -> str:
    """Who cordoned it, for people; empty when it is not cordoned."""
    if not node.unschedulable:
        return ""
    cordon = read_cordon(node)
    if isinstance(cordon, Cordon):
        because = f": {cordon.reason}" if cordon.reason else ""
        return f"{cordon.by} ({cordon.kind} {cordon.op}){because}"
    return "somebody outside fleetui"


def _text(value: Lock | Cordon) -> str:
    return msgspec.json.encode(value).decode()


def _patch(annotations: dict[str, str | None], *, unschedulable: bool | None = None) -> bytes:
    body: dict[str, object] = {"metadata": {"annotations": annotations}}
    if unschedulable is not None:
        # null removes the field, as kubectl uncordon does.
        body["spec"] = {"unschedulable": True if unschedulable else None}
    return msgspec.json.encode(body)
