"""The steps of plans on etcd that more than one operation has. A member's id is in the id of its step."""

from fleetui.control.etcd_lock import lock_step
from fleetui.control.facts import Facts
from fleetui.control.operation_kind import OptionKind
from fleetui.control.step_context import StepContext
from fleetui.model.fault import ClusterError
from fleetui.model.health.etcd import Member
from fleetui.model.health.etcd_steps import defragmentation_order
from fleetui.model.operation import PlannedStep, Target

SECONDS_PER_GIB = 10.0
"""What etcd's maintainers write of a good disk."""

SETTLE = OptionKind("settle_s", 5, "seconds to wait after the leader has moved", minimum=0)


async def locked(facts: Facts, steps: tuple[PlannedStep, ...]) -> tuple[PlannedStep, ...]:
    """The steps between those that take the lock and let it go, where there is a machine to carry one."""
    target, why = facts.intent.targets[0], facts.intent.reason or "asked for"
    try:
        take = lock_step(await facts.nodes(), target, why)
    except ClusterError:
        return steps  # the check "locks of the control plane" says so, and blocks
    if not take:
        return steps
    return (*take, *steps, PlannedStep("release/etcd", "release", target, "lock released", why, "", 1.0))


async def member_steps(facts: Facts, target: Target, why: str) -> tuple[PlannedStep, ...]:
    """One for each member, the leader's last; the member's id is in the id of its step."""
    try:
        members = defragmentation_order(await facts.picture())
    except ClusterError:
        return ()  # the check "the etcd meant" says so, and blocks
    return tuple(_step(member, target, why) for member in members)


def _step(member: Member, target: Target, why: str) -> PlannedStep:
    breaks = f"{member.host} serves nothing for some seconds" + ("; it leads: leadership moves" if member.leads else "")
    size = member.said.db_size if member.said and member.said.db_size else 0
    estimate_s = max(1.0, size / 2**30 * SECONDS_PER_GIB)
    title = f"defragment {member.host} until its database has no holes"
    return PlannedStep(f"defragment/{member.id}", "defragment", target, title, why, breaks, estimate_s)


def member_of(context: StepContext) -> str:
    """The id of the member that the step is about."""
    return context.step_id.partition("/")[2]
