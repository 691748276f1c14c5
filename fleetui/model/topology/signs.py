"""One cluster or many: what leaves no choice, and what speaks for either."""

import msgspec

from fleetui.model.quantity import counted
from fleetui.model.topology.needs import Environment, Isolation, Needs

FEW_TEAMS = 5
FEW_MACHINES = 100
MANY_MACHINES = 200
FEW_ENGINEERS = 3
SHARED_FROM = 3
"""Clusters that make one for Cluster API worth its machines."""


class Choice(msgspec.Struct, frozen=True):
    many: bool
    forced: tuple[str, ...]
    """Reasons that leave no choice, in words; only ever for many."""
    for_many: tuple[str, ...]
    for_one: tuple[str, ...]


def choice(needs: Needs) -> Choice:
    """Hard reasons first; else the side with more signs, and of two equal ones the single cluster: it costs less."""
    forced = tuple(_hard_reasons(needs))
    many, one = _signs(needs)
    return Choice(many=bool(forced) or len(many) > len(one), forced=forced, for_many=many, for_one=one)


def _hard_reasons(needs: Needs) -> list[str]:
    there = needs.workloads.items()
    reasons = [f"{name} is in the scope of {one.compliance}" for name, one in there if one.compliance]
    reasons += [f"{name} asks for a cluster of its own" for name, one in there if one.isolation is Isolation.CLUSTER]
    if len(versions := {one.version or needs.version for _, one in there}) > 1:
        reasons.append(f"versions {', '.join(sorted(versions))} at once")
    if len(sites := {one.site for _, one in there if one.site}) > 1:
        reasons.append(f"workloads that must be in {', '.join(sorted(sites))}")
    environments = {one.environment for _, one in there}
    if needs.hard_environments and {Environment.PRODUCTION, Environment.NONPRODUCTION} <= environments:
        reasons.append("environments must not share a cluster")
    return reasons


def _signs(needs: Needs) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(for many, for one). What is not known speaks for neither."""
    many: list[str] = []
    one: list[str] = []
    if (teams := needs.team_count) is not None:
        (one if teams < FEW_TEAMS else many).append(counted(teams, "team"))
    if needs.machine_count < FEW_MACHINES:
        one.append(counted(needs.machine_count, "machine"))
    elif needs.machine_count >= MANY_MACHINES:
        many.append(counted(needs.machine_count, "machine"))
    if needs.engineers is not None:
        (one if needs.engineers <= FEW_ENGINEERS else many).append(counted(needs.engineers, "engineer"))
    if needs.tolerates_blast_radius is not None:
        tolerated = needs.tolerates_blast_radius
        (one if tolerated else many).append(f"a broken cluster may {'' if tolerated else 'not '}take all with it")
    if all(workload.isolation is Isolation.NAMESPACE for workload in needs.workloads.values()):
        one.append("namespaces are isolation enough")
    if len({workload.version or needs.version for workload in needs.workloads.values()}) == 1:
        one.append("one version")
    return tuple(many), tuple(one)


def wants_platform(needs: Needs) -> bool:
    """As the file says; else by size and teams."""
    if needs.platform is not None or _has(needs, Environment.PLATFORM):
        return bool(needs.platform) and not _has(needs, Environment.PLATFORM)
    return needs.machine_count >= MANY_MACHINES and (needs.team_count or 0) >= FEW_TEAMS


def wants_management(needs: Needs, *, clusters: int) -> bool:
    """As the file says; else by size."""
    if needs.management is not None or _has(needs, Environment.MANAGEMENT):
        return bool(needs.management) and not _has(needs, Environment.MANAGEMENT)
    return needs.machine_count >= MANY_MACHINES and clusters >= SHARED_FROM


def _has(needs: Needs, environment: Environment) -> bool:
    return any(workload.environment is environment for workload in needs.workloads.values())
