"""Whether a cluster's etcd can spare the machines of an operation: the controller asks its members itself.

The rule is ``model.health.etcd_forbids``'s, which the lens and the etcd screen go by as well. What it forbids blocks.
Of a control-plane machine so does an etcd that is configured and cannot be seen (unknown is no pass), while the only
member there is, and an etcd that nobody has configured, are the operator's to accept by a typed word. Going back
(uncordon) is never held up.
"""

from fleetui.control.facts import Facts
from fleetui.control.preflight import CheckKind, Finding, fail, ok, unknown
from fleetui.model.health.etcd_forbids import may_stop, may_write
from fleetui.model.health.etcd_quorum import Ruling
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.operation import Severity, Target

LOOK = "POST /v3/maintenance/status of every member, /v3/cluster/member/list"


async def _spare(facts: Facts, target: Target) -> Finding:
    node = await facts.node(target.name)
    if node is not None and not node.control_plane:
        return ok("not a control-plane machine")
    state = await facts.etcd_state()
    ruling = may_stop(state.seen, target.name, now=facts.clock.now())
    if ruling.allowed:
        return _allowed(ruling, target)
    if ruling.outage:
        remedy = "stopped, it takes the API down with it: accept that by the typed word"
        return fail(ruling.reason, remedy, severity=Severity.FORCE)
    if ruling.unknown:
        return _unseen(state, ruling, not_configured=Severity.FORCE)
    return fail(ruling.reason, _remedy(state))


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
