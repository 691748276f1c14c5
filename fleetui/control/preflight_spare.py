"""Whether a cluster's etcd can spare the machines of an operation: the controller asks its members itself.

The rule is ``model.health.etcd_forbids``'s, which the lens and the etcd screen go by as well. What it forbids blocks.
Of a control-plane machine so does an etcd that is configured and cannot be seen (unknown is no pass), while the only
member there is, and an etcd that nobody has configured, are the operator's to accept by a typed word. Going back
(uncordon) is never held up.

Machines that are drained are about to be stopped, so the quorum must outlast all of them together: of this operation,
of others that came before it, and of whoever holds a lock. One that is only cordoned may be meant so for good: where
just that makes the difference, it is the operator's to accept.
"""

from collections.abc import Mapping

import msgspec

from fleetui.control.facts import Facts
from fleetui.control.preflight import CheckKind, Finding, fail, ok, unknown
from fleetui.model.drain import NodeState
from fleetui.model.health.etcd_forbids import may_stop, may_write
from fleetui.model.health.etcd_quorum import Ruling
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.lock import Lock, cordon_owner, judge, read_lock
from fleetui.model.operation import ETCD_KINDS, Severity, Target

LOOK = "POST /v3/maintenance/status of every member, /v3/cluster/member/list; GET /api/v1/nodes"
STAYS = ("cordon", "uncordon")
"""Operations after which a machine goes on running; what a cordon leaves is seen on its node."""
ONE_AT_A_TIME = "one at a time: drain, work on it, uncordon, then the next"


class Company(msgspec.Struct, frozen=True):
    """The other control-plane machines that may be stopped at the same time, by name, each with why it is counted."""

    out: Mapping[str, str]
    """At work, or to be."""
    cordoned: Mapping[str, str]
    """And nothing else is known of it."""


async def _spare(facts: Facts, target: Target) -> Finding:
    node = await facts.node(target.name)
    if node is not None and not node.control_plane:
        return ok("not a control-plane machine")
    state = await facts.etcd_state()
    ruling = may_stop(state.seen, target.name, now=facts.clock.now())
    if ruling.allowed:
        return await _together(facts, target, state, ruling)
    if ruling.outage:
        remedy = "stopped, it takes the API down with it: accept that by the typed word"
        return fail(ruling.reason, remedy, severity=Severity.FORCE)
    if ruling.unknown:
        return _unseen(state, ruling, not_configured=Severity.FORCE)
    return fail(ruling.reason, _remedy(state))


async def _together(facts: Facts, target: Target, state: EtcdState, alone: Ruling) -> Finding:
    """``alone``: what the rule says of this machine by itself."""
    company = await _company(facts, target)
    everyone, ruling = {**company.out, **company.cordoned}, alone
    for others, severity in ((company.out, None), (everyone, Severity.FORCE)):
        if others:
            ruling = may_stop(state.seen, target.name, now=facts.clock.now(), also=frozenset(others))
        if not ruling.allowed:
            return fail(f"{ruling.reason}; {_counted(others)}", ONE_AT_A_TIME, severity=severity)
    found = _allowed(ruling, target)
    return msgspec.structs.replace(found, evidence=f"{found.evidence}; {_counted(everyone)}") if everyone else found


def _counted(others: Mapping[str, str]) -> str:
    return "counted as stopped too: " + ", ".join(f"{name} ({why})" for name, why in sorted(others.items()))


async def _company(facts: Facts, target: Target) -> Company:
    nodes = [node for node in await facts.nodes() if node.control_plane]
    ours = {each.name: "of this operation" for each in facts.intent.targets}
    out = await _locked(facts, nodes) | _others(facts) | ours
    # Once it is locked for this, it is at work: who cordons another one now does not leave it half empty.
    begun = any(node.name == target.name and _is_ours(node, facts) for node in nodes)
    names = {node.name for node in nodes} - {target.name}
    return Company(
        out={name: out[name] for name in names if name in out},
        cordoned={
            node.name: f"cordoned by {cordon_owner(node)}"
            for node in nodes
            if node.unschedulable and node.name in names - out.keys() and not begun
        },
    )


def _is_ours(node: NodeState, facts: Facts) -> bool:
    lock = read_lock(node)
    return isinstance(lock, Lock) and lock.op == facts.op_id


def _others(facts: Facts) -> dict[str, str]:
    """Of this store."""
    return {
        target.name: f"{other.kind} {other.op_id} by {other.by}"
        for other in facts.neighbours
        if other.ahead and other.kind not in STAYS and not other.kind.startswith(ETCD_KINDS)
        for target in other.targets
    }


async def _locked(facts: Facts, nodes: list[NodeState]) -> dict[str, str]:
    """By whomever, from any store; but for those of ours who are to give way."""
    behind = {other.op_id for other in facts.neighbours if not other.ahead}
    locks = [(node, lock) for node in nodes if (lock := read_lock(node)) is not None]
    held = [node for node, lock in locks if not isinstance(lock, Lock) or lock.op not in behind]
    if not held:
        return {}
    now = await facts.server_now()
    verdicts = {node.name: judge(node, op=facts.op_id, fence=facts.fence, server_now=now) for node in held}
    return {name: one.reason for name, one in verdicts.items() if not one.may_take}


def _allowed(ruling: Ruling, target: Target) -> Finding:
    if not ruling.first:
        return ok(ruling.reason)
    return fail(f"{target.name} leads etcd; {ruling.reason}", "etcd-move-leader first", severity=Severity.WARN)


async def _writes(facts: Facts, _target: Target) -> Finding:
    state = await facts.etcd_state()
    ruling = may_write(state.seen)
    if ruling.allowed:
        return ok(ruling.reason)
    if ruling.unknown:
        return _unseen(state, ruling, not_configured=Severity.INFO)
    return fail(ruling.reason, _remedy(state), severity=Severity.BLOCK)


def _unseen(state: EtcdState, ruling: Ruling, *, not_configured: Severity) -> Finding:
    """One that is configured weighs as the check does."""
    return unknown(ruling.reason, _remedy(state), severity=None if state.configured else not_configured)


def _remedy(state: EtcdState) -> str:
    return state.remedy or f"mend etcd first; see: fleetui get etcd @{state.cluster}"


SPARE = CheckKind("etcd-spare", "etcd can spare it", Severity.BLOCK, LOOK, _spare, guards=True)
WRITES = CheckKind("etcd-writes", "etcd takes writes", Severity.WARN, LOOK, _writes, per_machine=False, guards=True)
