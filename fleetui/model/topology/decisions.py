"""Every choice of a plan in words: what, why, by which rule, and what it costs."""

from collections import Counter
from collections.abc import Iterator

from fleetui.model.quantity import counted
from fleetui.model.topology.needs import ApiLoad, Environment, Needs
from fleetui.model.topology.plan import Cluster, Decision, Etcd, Machine, Pool
from fleetui.model.topology.rules import RuleId
from fleetui.model.topology.signs import SHARED_FROM, choice, wants_management, wants_platform
from fleetui.model.topology.sizing import EVENTS, WORKER, tolerance

STRETCH_MOST_MS = 10
"""Between members of an etcd: heartbeats of 100 ms are about ten round trips."""
BUSY_ENGINEER, LEAST_ENGINEER = 10, 5
"""Clusters an engineer."""


def decisions(
    needs: Needs, clusters: tuple[Cluster, ...], machines: tuple[Machine, ...], spare: dict[str, int]
) -> Iterator[Decision]:
    """Of the whole first, then a cluster at a time, then what is left."""
    yield from _one_or_many(needs, clusters, machines)
    yield from _shared(needs, clusters)
    yield from _stretched(needs)
    for cluster in clusters:
        yield from _cluster(needs, cluster, machines)
    yield from _marks(needs, clusters)
    yield from _spare(spare)
    yield from _engineers(needs, clusters)


def _one_or_many(needs: Needs, clusters: tuple[Cluster, ...], machines: tuple[Machine, ...]) -> Iterator[Decision]:
    found = choice(needs)
    count = len(clusters)
    control = sum(machine.role != WORKER for machine in machines)
    many = count > 1 and (found.forced or found.many)
    signs, against = (found.for_many, found.for_one) if many else (found.for_one, found.for_many)
    reasons = [*(found.forced if many else ()), *signs]
    reason = "; ".join(reasons) or "no sign speaks for either: the one that costs less"
    if against:
        reason += f"; against it: {', '.join(against)}"
    if found.many and any(_is_mixed(needs, cluster) for cluster in clusters):
        reason += "; production and what is not share one: apart they do not fit"
    cost = f"{control} of {counted(len(machines), 'machine')} run control planes"
    yield Decision("clusters", counted(count, "cluster"), reason, RuleId.MANY, cost)


def _is_mixed(needs: Needs, cluster: Cluster) -> bool:
    return len({needs.workloads[name].environment for pool in cluster.pools for name in pool.workloads}) > 1


def _shared(needs: Needs, clusters: tuple[Cluster, ...]) -> Iterator[Decision]:
    """Those that nobody asked for, and those that were left out."""
    needed = [cluster for cluster in clusters if not cluster.suggested]
    primaries = [cluster for cluster in needed if not cluster.stands_in_for]
    suggested = {cluster.environment: cluster for cluster in clusters if cluster.suggested}
    wanted = {
        Environment.PLATFORM: (wants_platform(needs), "CI, registry and observability for all"),
        Environment.MANAGEMENT: (wants_management(needs, clusters=len(primaries)), "Cluster API makes the others"),
    }
    for environment, (wants, what) in wanted.items():
        asked = bool(getattr(needs, environment.value))
        if environment in suggested:
            cluster = suggested[environment]
            why = "asked for" if asked else f"{len(needed)} are needed; {needs.machine_count} machines make it worth it"
            cost = counted(cluster.machines, "machine")
            yield Decision(cluster.name, "a cluster of its own", f"{what}: {why}", RuleId.SHARED, cost)
        elif wants and len(primaries) >= SHARED_FROM:
            yield Decision(environment.value, "left out", f"{what}; there is no room for it", RuleId.SHARED)


def _stretched(needs: Needs) -> Iterator[Decision]:
    if len(needs.sites) < 2:
        return
    for link in needs.links:
        places = " and ".join(link.between)
        over = link.rtt_ms > STRETCH_MOST_MS
        why = (
            f"over {STRETCH_MOST_MS} ms" if over else "near enough, but of two sites the larger takes the quorum along"
        )
        yield Decision(
            "etcd", f"in one site each, not stretched over {places}", f"{link.rtt_ms:g} ms between them: {why}",
            RuleId.ETCD_SITE,
        )  # fmt: skip
    if not needs.links:
        yield Decision("etcd", "in one site each", "how far the sites are apart is not said (links)", RuleId.ETCD_SITE)


def _cluster(needs: Needs, cluster: Cluster, machines: tuple[Machine, ...]) -> Iterator[Decision]:
    there = [machine for machine in machines if machine.cluster == cluster.name]
    yield _apart(cluster)
    yield _site(needs, cluster)
    yield from _control_plane(needs, cluster, there)
    for pool in cluster.pools:
        yield _workers(needs, cluster, pool)


def _apart(cluster: Cluster) -> Decision:
    names = ", ".join(name for pool in cluster.pools for name in pool.workloads)
    if cluster.stands_in_for:
        return Decision(cluster.name, f"standby of {cluster.stands_in_for}", "the loss of a site is to be survived",
                        RuleId.SITE_LOSS, counted(cluster.machines, "machine"))  # fmt: skip
    if cluster.compliance:
        scope = f"in scope of {cluster.compliance}: {cluster.machines} machines"
        limit = "" if cluster.at_most is None else f", {cluster.at_most} at most"
        return Decision(cluster.name, f"a cluster for {names}", f"{scope}{limit}", RuleId.ISOLATION)
    return Decision(cluster.name, f"a cluster for {names or 'what all share'}", cluster.environment, RuleId.MANY)


def _site(needs: Needs, cluster: Cluster) -> Decision:
    named = next((needs.workloads[name].site for pool in cluster.pools for name in pool.workloads
                  if needs.workloads[name].site), "")  # fmt: skip
    if named:
        return Decision(cluster.name, f"in {cluster.site}", "its workloads name that site", RuleId.RESIDENCY)
    if cluster.stands_in_for:
        reason = f"not where {cluster.stands_in_for} is"
    elif len(needs.sites) == 1:
        reason = "the only site"
    elif cluster.environment is Environment.PRODUCTION:
        reason = "production stands where most racks are, as long as there is room"
    else:
        reason = "beside the standby where there is room: it may be given up for it"
    return Decision(cluster.name, f"in {cluster.site}", reason, RuleId.SITE_CHOICE)


def _control_plane(needs: Needs, cluster: Cluster, there: list[Machine]) -> Iterator[Decision]:
    racks = Counter(machine.rack for machine in there if machine.role == cluster.member_role)
    where = ", ".join(rack if count == 1 else f"{rack} ({count})" for rack, count in racks.items())
    api = sum(machine.role == "control-plane" for machine in there)
    external = cluster.etcd is Etcd.EXTERNAL
    heavy = any(needs.workloads[name].api_load is ApiLoad.HEAVY for pool in cluster.pools for name in pool.workloads)
    why = "heavy API load" if heavy else counted(cluster.machines, "machine")
    kind = f"external etcd, {counted(cluster.members, 'member')}, and {api} API servers" if external else "stacked"
    choice_ = kind if external else f"{counted(cluster.members, 'control plane')}, {kind}"
    cost = f"{cluster.members} more machines" if external else ""
    yield Decision(cluster.name, choice_, why, RuleId.EXTERNAL, cost)
    yield _high_availability(needs, cluster, racks, where)
    if any(machine.role == EVENTS for machine in there):
        yield Decision(cluster.name, "a separate etcd for Events", counted(cluster.machines, "machine"), RuleId.EVENTS)
    if small := _too_small(needs, cluster):
        yield Decision(cluster.name, "control planes smaller than production wants", small, RuleId.CP_SIZE)


def _high_availability(needs: Needs, cluster: Cluster, racks: Counter[str], where: str) -> Decision:
    most = max(racks.values())
    if most <= tolerance(cluster.members):
        one_each = "one each" if most == 1 else f"at most {most} in a rack"
        return Decision(cluster.name, f"members in racks {where}: {one_each}",
                        f"may lose {tolerance(cluster.members)} of {cluster.members}", RuleId.QUORUM)  # fmt: skip
    count = len(needs.sites[cluster.site].racks)
    if cluster.members == 1:
        reason = "one member: whatever takes its machine takes the control plane"
    else:
        reason = f"{counted(count, 'rack')}: one holds {most} of {cluster.members} members; three racks are needed"
    return Decision(
        cluster.name, f"no HA: members in {where}", reason, RuleId.QUORUM, "the loss of a rack stops its API"
    )


def _too_small(needs: Needs, cluster: Cluster) -> str:
    if cluster.environment is not Environment.PRODUCTION:
        return ""
    name = needs.control_plane_hardware or needs.first_hardware
    machine = needs.hardware[name]
    external = cluster.etcd is Etcd.EXTERNAL
    cores, memory = (8, 16) if external else (8, 32)
    lacks = []
    if machine.cores < cores:
        lacks.append(f"{machine.cores} cores of {cores}")
    if machine.memory_gb < memory:
        lacks.append(f"{machine.memory_gb:g} GB of {memory}")
    if not external and machine.disk_gb is not None and machine.disk_gb < 200:
        lacks.append(f"{machine.disk_gb:g} GB NVMe of 200")
    return f"{name}: {', '.join(lacks)}" if lacks else ""


def _workers(needs: Needs, cluster: Cluster, pool: Pool) -> Decision:
    what = f"{pool.workers} {pool.hardware} workers" + (f" for {pool.name} alone" if pool.own else "")
    if cluster.stands_in_for:
        why = f"what is left over, for the {pool.load} of {cluster.stands_in_for}"
        missing = pool.load - pool.workers
        return Decision(cluster.name, what, why, RuleId.SPARE, f"{missing} short" if missing else "")
    more = pool.workers - pool.load
    if pool.critical and needs.survives_rack:
        why = f"a load of {pool.load}, {pool.critical} of it critical: carried without any one rack"
        return Decision(cluster.name, what, why, RuleId.RACK_LOSS, f"{more} more than the load" if more else "")
    return Decision(cluster.name, what, f"a load of {pool.load}; it gives way while a rack is out", RuleId.LOAD)


def _marks(needs: Needs, clusters: tuple[Cluster, ...]) -> Iterator[Decision]:
    yield Decision("labels", "zone = rack, region = site, with room, row, purpose and GPU",
                   "the scheduler spreads over what fails together", RuleId.LABELS)  # fmt: skip
    kept = [f"{cluster.name}/{pool.name}" for cluster in clusters for pool in cluster.pools
            if pool.own or needs.hardware[pool.hardware].gpu]  # fmt: skip
    pools = f", and on {', '.join(kept)}" if kept else ""
    yield Decision("taints", f"on control planes{pools}", "only who tolerates them runs there", RuleId.TAINTS)
    yield Decision("spread", "maxSkew 1 over zones, ScheduleAnyway", "DoNotSchedule would leave pods Pending"
                   " while a rack is out", RuleId.SPREAD)  # fmt: skip


def _spare(spare: dict[str, int]) -> Iterator[Decision]:
    for type_, count in spare.items():
        yield Decision("spare", f"{count} {type_}", "nobody asks for them", RuleId.SPARE)


def _engineers(needs: Needs, clusters: tuple[Cluster, ...]) -> Iterator[Decision]:
    if not needs.engineers:
        return
    count, most = len(clusters), BUSY_ENGINEER * needs.engineers
    verdict = "more than they can run" if count > most else "well within what they can run"
    if LEAST_ENGINEER * needs.engineers < count <= most:
        verdict = "as many as they can run"
    yield Decision("engineers", f"{counted(needs.engineers, 'engineer')} for {counted(count, 'cluster')}", verdict,
                   RuleId.ENGINEERS)  # fmt: skip
