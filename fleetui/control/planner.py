"""Intent in, plan out: the steps, every check, and the blast radius, from direct reads of the targets."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Iterator
from typing import TypeVar

import msgspec

from fleetui.control.facts import Facts
from fleetui.control.headroom import weigh
from fleetui.control.operation_kind import OperationKind
from fleetui.control.preflight import run_checks
from fleetui.control.timing import Timing
from fleetui.model.budget import at_limit
from fleetui.model.capacity import already_out, domains
from fleetui.model.cluster import ClusterRef
from fleetui.model.eviction import Action
from fleetui.model.fault import ClusterError
from fleetui.model.labels import ZONE_LABEL
from fleetui.model.operation import Blast, Check, Headroom, Plan, PlannedStep

MANY_PODS = 50
"""A plan that moves more asks for a typed word."""

T = TypeVar("T")


async def make_plan(kind: OperationKind, facts: Facts, *, timing: Timing) -> Plan:
    """Always a plan: what could not be read is unknown in its checks, and those block it."""
    steps, checks = await asyncio.gather(
        kind.plan(facts), run_checks(kind.checks, facts, facts.intent.targets, limit_s=timing.check_s)
    )
    blast = await _blast(facts, steps, limit_s=timing.check_s) if kind.disruptive else Blast(pods_moved=0)
    control_plane = await _known(_control_plane(facts), timing.check_s) or ()
    blast = msgspec.structs.replace(blast, control_plane=control_plane)
    word = "; ".join(
        _confirm_reasons(kind, blast, checks, machines=len(facts.intent.targets), cluster=facts.intent.cluster)
    )
    confirmed = msgspec.structs.replace(blast, confirm_word=facts.intent.cluster.name if word else "", confirm_why=word)
    return Plan(intent=facts.intent, steps=steps, checks=checks, blast=confirmed, made_at=facts.clock.now())


def _confirm_reasons(
    kind: OperationKind, blast: Blast, checks: tuple[Check, ...], *, machines: int, cluster: ClusterRef
) -> Iterator[str]:
    """Why a plain yes is not enough."""
    for check in checks:
        if check.needs_word:
            yield f"{check.target + ': ' if check.target else ''}{check.title}: {check.evidence}"
    if not kind.disruptive:
        return
    if cluster.is_production:
        yield "production"
    if blast.control_plane:
        yield f"touches the control plane: {', '.join(blast.control_plane)}"
    if blast.pods_moved is None:
        yield "moves an unknown number of pods"
    elif blast.pods_moved > MANY_PODS:
        yield f"moves {blast.pods_moved} pods"
    if machines > 1:
        yield f"{machines} machines"


async def _control_plane(facts: Facts) -> tuple[str, ...]:
    """The names of the targets that are control-plane machines."""
    nodes = await asyncio.gather(*(facts.node(target.name) for target in facts.intent.targets))
    return tuple(node.name for node in nodes if node is not None and node.control_plane)


async def _blast(facts: Facts, steps: tuple[PlannedStep, ...], *, limit_s: float) -> Blast:
    pods, weighed, budgets, kept, out = await asyncio.gather(
        _known(_all_pods(facts), limit_s),
        _known(weigh(facts), limit_s),
        _known(_at_limit(facts), limit_s),
        _known(_domains(facts), limit_s),
        _known(_already_out(facts), limit_s),
    )
    tight = weighed.squeeze if weighed else None
    return Blast(
        pods_moved=sum(pod.action == Action.EVICT for step in steps for pod in step.pods) if pods else None,
        budgets_at_limit=budgets or (),
        capacity_left_pct=tight.left_pct if tight else None,
        capacity_needed_pct=tight.needed_pct if tight else None,
        headroom=weighed.headroom if weighed else Headroom(),
        domains=kept or (),
        already_out=out or (),
    )


async def _all_pods(facts: Facts) -> bool:
    """True: the steps list every pod. Raises ClusterError when those of a target could not be read."""
    await asyncio.gather(*(facts.pods_on(target.name) for target in facts.intent.targets))
    return True


async def _known(read: Awaitable[T], limit_s: float) -> T | None:
    """None is unknown; the check of the same matter says why."""
    try:
        async with asyncio.timeout(limit_s):
            return await read
    except (ClusterError, TimeoutError):
        return None


async def _at_limit(facts: Facts) -> tuple[str, ...]:
    """Budgets with a say in this plan that allow nothing more."""
    verdicts = await facts.rehearsal()
    concerned = {budget.full_name: budget for verdict in verdicts.values() for budget in verdict.budgets}
    return tuple(sorted(budget.full_name for budget in at_limit(concerned.values())))


async def _already_out(facts: Facts) -> tuple[str, ...]:
    return tuple(node.name for node in already_out(await facts.nodes(), among=facts.target_names))


async def _domains(facts: Facts) -> tuple[str, ...]:
    nodes = await facts.nodes()
    counts = domains(nodes, without=facts.target_names)
    out = Counter(dict(node.labels).get(ZONE_LABEL) for node in already_out(nodes, among=facts.target_names))
    return tuple(
        f"{_rack(zone)} keeps {keeps} of {had} machines{f' ({out[zone]} already out)' if out[zone] else ''}"
        for zone, (keeps, had) in counts.items()
    )


def _rack(zone: str) -> str:
    """``rack B``, also where the label's value says so itself."""
    return zone if zone.lower().startswith("rack") else f"rack {zone}"
