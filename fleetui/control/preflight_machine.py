"""The checks that every operation on machines makes: can we reach it, may we, is it the one, and whose is it now."""

from fleetui.control.facts import Facts
from fleetui.control.preflight import CheckKind, Finding, fail, ok, unknown
from fleetui.model.drain import NodeState
from fleetui.model.duration import format_duration
from fleetui.model.lock import Lock, LockVerdict, cordon_owner, judge, read_lock
from fleetui.model.operation import ETCD_KINDS, Severity, Target
from fleetui.ports.target import Permission

SLOW_S = 2.0
"""Above it a drain still works, but every step of it is slow."""
SKEW_S = 10.0
"""Locks go by the server's clock alone; above this the ages on our screens mislead."""

_NODE = "GET /api/v1/nodes/{name}"
_API = "GET /api/v1/namespaces/kube-system, GET /version"

NODE_PERMISSIONS = (Permission("get", "nodes"), Permission("patch", "nodes"))
DRAIN_PERMISSIONS = (
    *NODE_PERMISSIONS,
    Permission("list", "pods"),
    Permission("create", "pods/eviction"),
    Permission("list", "poddisruptionbudgets.policy"),
)


async def _api(facts: Facts, _target: Target) -> Finding:
    identity = await facts.identity()
    trip = await facts.round_trip()
    wanted = facts.intent.cluster.uid
    if wanted and identity.uid and identity.uid != wanted:
        return fail(
            f"this is another cluster: kube-system has uid {identity.uid}, the intent says {wanted}",
            "check the kubeconfig context",
        )
    evidence = f"{identity.version or 'version unknown'}, answers in {trip.latency_s * 1000:.0f} ms"
    if trip.latency_s > SLOW_S:
        return fail(evidence, "expect every step to be slow", severity=Severity.WARN)
    return ok(evidence)


async def _clock(facts: Facts, _target: Target) -> Finding:
    trip = await facts.round_trip()
    evidence = f"the server's clock is {trip.skew_s:+.1f} s from ours (±1 s)"
    if abs(trip.skew_s) > SKEW_S:
        return fail(evidence, "correct this machine's clock; locks go by the server's")
    return ok(evidence)


def _permissions(wanted: tuple[Permission, ...]) -> CheckKind:
    async def look(facts: Facts, _target: Target) -> Finding:
        answers = await facts.allowed(wanted)
        denied = [_words(permission) for permission, allowed in answers.items() if allowed is False]
        unclear = [_words(permission) for permission, allowed in answers.items() if allowed is None]
        if denied:
            return fail(f"not allowed to {', '.join(denied)}", "ask for a role with these rights")
        if unclear:
            return unknown(f"could not find out whether we may {', '.join(unclear)}")
        return ok(f"may {', '.join(_words(permission) for permission in wanted)}")

    source = "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    return CheckKind("permissions", "permissions", Severity.BLOCK, source, look, per_machine=False)


def _words(permission: Permission) -> str:
    return f"{permission.verb} {permission.resource}"


async def _machine(facts: Facts, target: Target) -> Finding:
    node = await facts.node(target.name)
    if node is None:
        return fail("no such node", "look again: it may have been replaced")
    if node.uid != target.uid:
        return fail(f"another node has this name now: uid {node.uid}, not {target.uid}", "choose it anew")
    return ok(f"uid {node.uid}")


async def _lock(facts: Facts, target: Target) -> Finding:
    node = await _node(facts, target)
    verdict = await _judged(facts, node)
    if verdict.may_take and node.control_plane:
        return await _etcd_lock(facts, verdict)
    return ok(verdict.reason) if verdict.may_take else fail(verdict.reason, verdict.remedy)


async def _etcd_lock(facts: Facts, own: LockVerdict) -> Finding:
    """Of a control-plane machine also: does an operation on etcd hold the lock of another one (``etcd_lock``)?"""
    for node in await facts.nodes():
        lock = read_lock(node) if node.control_plane else None
        if isinstance(lock, Lock) and lock.kind.startswith(ETCD_KINDS):
            verdict = await _judged(facts, node)
            if not verdict.may_take:
                return fail(f"{node.name} is {verdict.reason}", verdict.remedy)
    return ok(own.reason)


async def _judged(facts: Facts, node: NodeState) -> LockVerdict:
    return judge(node, op=facts.op_id, fence=facts.fence, server_now=await facts.server_now())


async def _others(facts: Facts, _target: Target) -> Finding:
    ours = {target.uid for target in facts.intent.targets}
    clashing = [other for other in facts.neighbours if any(target.uid in ours for target in other.targets)]
    if clashing:
        named = ", ".join(f"{other.kind} {other.op_id} by {other.by}" for other in clashing)
        return fail(f"already being worked on: {named}", "wait for it to end, or abort it")
    if facts.neighbours:
        named = ", ".join(f"{other.kind} of {len(other.targets)} by {other.by}" for other in facts.neighbours)
        return fail(f"elsewhere in this cluster: {named}", severity=Severity.WARN)
    return ok("no other operation in this cluster")


async def _cordoned(facts: Facts, target: Target) -> Finding:
    node = await _node(facts, target)
    if not node.unschedulable:
        return ok("schedulable")
    return fail(f"already cordoned by {cordon_owner(node)}: it stays so when we abort")


async def _whose_cordon(facts: Facts, target: Target) -> Finding:
    node = await _node(facts, target)
    if not node.unschedulable:
        return fail("it is not cordoned: nothing to do", severity=Severity.INFO)
    return fail(f"cordoned by {cordon_owner(node)}", "make sure that they are done with it")


async def whose_cordon(facts: Facts, target: Target) -> str:
    """Who cordoned it, for people; empty when it is not cordoned."""
    return cordon_owner(await _node(facts, target))


async def _control_plane(facts: Facts, target: Target) -> Finding:
    if (await _node(facts, target)).control_plane:
        return fail("a control-plane machine: its static pods stay, everything else leaves it")
    return ok("not a control-plane machine")


async def _reporting(facts: Facts, target: Target) -> Finding:
    node = await _node(facts, target)
    if node.ready:
        return ok("Ready")
    since = f" since {format_duration(facts.clock.now() - node.ready_since)}" if node.ready_since else ""
    if node.ready is None:
        remedy = "its pods cannot be seen to end: use --option skip_wait_unreachable_s=60, or power it off"
        return fail(f"the kubelet does not report{since}", remedy)
    return fail(f"NotReady{since}")


async def _node(facts: Facts, target: Target) -> NodeState:
    node = await facts.node(target.name)
    if node is None:
        raise LookupError(f"no node {target.name}")
    return node


API = CheckKind("api", "API server", Severity.BLOCK, _API, _api, per_machine=False)
CLOCK = CheckKind("clock", "clocks agree", Severity.WARN, "Date header of GET /version", _clock, per_machine=False)
MACHINE = CheckKind("machine", "the machine meant", Severity.BLOCK, _NODE, _machine, guards=True)
LOCK = CheckKind("lock", "lock in the cluster", Severity.BLOCK, _NODE, _lock, guards=True)
OTHERS = CheckKind("others", "other operations", Severity.BLOCK, "the operation store", _others, per_machine=False)
CORDONED = CheckKind("cordoned", "cordon", Severity.INFO, _NODE, _cordoned)
WHOSE_CORDON = CheckKind("cordoned", "whose cordon", Severity.WARN, _NODE, _whose_cordon)
CONTROL_PLANE = CheckKind("control-plane", "control plane", Severity.WARN, _NODE, _control_plane)
REPORTING = CheckKind("reporting", "kubelet reports", Severity.WARN, _NODE, _reporting)

LOCK_CHECKS = (API, CLOCK, _permissions(NODE_PERMISSIONS))
"""Of an operation that only wants a machine to carry its lock."""
NODE_CHECKS = (API, CLOCK, _permissions(NODE_PERMISSIONS), MACHINE, LOCK, OTHERS, CONTROL_PLANE)
DRAIN_MACHINE_CHECKS = (
    API,
    CLOCK,
    _permissions(DRAIN_PERMISSIONS),
    MACHINE,
    LOCK,
    OTHERS,
    CORDONED,
    CONTROL_PLANE,
    REPORTING,
)
