"""Intent in, plan out: the steps, every check, and the blast radius, from direct reads of the targets."""

import asyncio
from collections.abc import Awaitable, Iterator
from typing import TypeVar

from fleetui.control.facts import Facts
from fleetui.control.operation_kind import OperationKind
from fleetui.control.preflight import run_checks
from fleetui.control.preflight_drain import rooms
from fleetui.control.timing import Timing
from fleetui.model.budget import at_limit
from fleetui.model.capacity import Squeeze, domains, squeeze
from fleetui.model.cluster import ClusterRef
from fleetui.model.eviction import Action
from fleetui.model.fault import ClusterError
from fleetui.model.operation import Blast, Check, Headroom, Outcome, Plan, PlannedStep

MANY_PODS = 50
"""A plan that moves more asks for a typed word."""

T = TypeVar("T")


async def make_plan(kind: OperationKind, facts: Facts, *, timing: Timing) -> Plan:
    """Always a plan: what could not be read is unknown in its checks, and those block it."""
    steps, checks = await asyncio.gather(
        kind.plan(facts), run_checks(kind.checks, facts, facts.intent.targets, limit_s=timing.check_s)
    )
    blast = await _blast(facts, steps, limit_s=timing.check_s) if kind.disruptive else Blast(pods_moved=0)
    word = "; ".join(
        _confirm_reasons(kind, blast, checks, machines=len(facts.intent.targets), cluster=facts.intent.cluster)
    )
    confirmed = Blast(
        pods_moved=blast.pods_moved,
        budgets_at_limit=blast.budgets_at_limit,
        capacity_left_pct=blast.capacity_left_pct,
        capacity_needed_pct=blast.capacity_needed_pct,
        headroom=blast.headroom,
        control_plane=_control_plane(checks),
        domains=blast.domains,
        confirm_word=facts.intent.cluster.name if word else "",
        confirm_why=word,
    )
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
    if control_plane := _control_plane(checks):
        yield f"touches the control plane: {', '.join(control_plane)}"
    if blast.pods_moved > MANY_PODS:
        yield f"moves {blast.pods_moved} pods"
    if machines > 1:
        yield f"{machines} machines"


def _control_plane(checks: tuple[Check, ...]) -> tuple[str, ...]:
    return tuple(check.target for check in checks if check.id == "control-plane" and check.outcome is Outcome.FAIL)


async def _blast(facts: Facts, steps: tuple[PlannedStep, ...], *, limit_s: float) -> Blast:
    tight, room, budgets, kept = await asyncio.gather(
        _known(_squeeze(facts), limit_s),
        _known(_headroom(facts), limit_s),
        _known(_at_limit(facts), limit_s),
        _known(_domains(facts), limit_s),
    )
    return Blast(
        pods_moved=sum(pod.action == Action.EVICT for step in steps for pod in step.pods),
        budgets_at_limit=budgets or (),
        capacity_left_pct=tight.left_pct if tight else None,
        capacity_needed_pct=tight.needed_pct if tight else None,
        headroom=room or Headroom(),
        domains=kept or (),
    )


async def _known(read: Awaitable[T], limit_s: float) -> T | None:
    """None is unknown; the check of the same matter says why."""
    try:
        async with asyncio.timeout(limit_s):
            return await read
    except (ClusterError, TimeoutError):
        return None


async def _squeeze(facts: Facts) -> Squeeze | None:
    return squeeze(**await rooms(facts))


async def _headroom(facts: Facts) -> Headroom:
    known = await rooms(facts)
    rest, requested, moved = known["rest"], known["requested"], known["moved"]
    return Headroom(
        cpu_left=rest.cpu,
        cpu_needed=_sum(requested.cpu, moved.cpu),
        memory_left=rest.memory,
        memory_needed=_sum(requested.memory, moved.memory),
    )


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


async def _at_limit(facts: Facts) -> tuple[str, ...]:
    """Budgets with a say in this plan that allow nothing more."""
    verdicts = await facts.rehearsal()
    concerned = {budget.full_name: budget for verdict in verdicts.values() for budget in verdict.budgets}
    return tuple(sorted(budget.full_name for budget in at_limit(concerned.values())))


async def _domains(facts: Facts) -> tuple[str, ...]:
    counts = domains(await facts.nodes(), without=facts.target_names)
    return tuple(f"{_rack(zone)} keeps {keeps} of {had} machines" for zone, (keeps, had) in counts.items())


def _rack(zone: str) -> str:
    """``rack B``, also where the label's value says so itself."""
    return zone if zone.lower().startswith("rack") else f"rack {zone}"
