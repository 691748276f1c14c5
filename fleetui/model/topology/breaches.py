"""Which hard rules a plan breaks, and where: looked for in the finished plan, whatever it was made by. A plan that is
handed out breaks none; the plan that is made without one rule of a conflict shows by its breach why that rule is in it.
"""

from collections import Counter
from collections.abc import Iterator

from fleetui.model.quantity import counted
from fleetui.model.topology.needs import Isolation, Needs
from fleetui.model.topology.plan import Cluster, Plan
from fleetui.model.topology.rules import RuleId
from fleetui.model.topology.sizing import CLUSTER_MOST, LARGEST_ETCD, LEAST_CORES, LEAST_MEMORY_GB, quorum, tolerance

Breach = tuple[RuleId, str]


def breaches(needs: Needs, plan: Plan) -> Iterator[Breach]:
    """Every one, in words with its numbers."""
    yield from _load(needs, plan)
    yield from _supply(needs, plan)
    yield from _room(plan)
    yield from _clusters(needs, plan)
    yield from _etcd(needs)
    if needs.survives_rack:
        yield from _rack_losses(plan)
    if needs.survives_site:
        yield from _standbys(needs, plan)


def _load(needs: Needs, plan: Plan) -> Iterator[Breach]:
    for cluster in plan.clusters:
        for pool in cluster.pools:
            asked = sum(needs.workloads[name].machines for name in pool.workloads)
            if not cluster.stands_in_for and pool.workers < asked:
                names = " and ".join(pool.workloads)
                yield RuleId.LOAD, f"{asked} workers are asked for by {names}"
    for environment, wanted in (("platform", needs.platform), ("management", needs.management)):
        if wanted and not any(cluster.environment == environment for cluster in plan.clusters):
            yield RuleId.LOAD, f"no {environment} cluster, which is asked for"


def _supply(needs: Needs, plan: Plan) -> Iterator[Breach]:
    used = Counter(machine.hardware for machine in plan.machines)
    there = Counter(needs.stock)
    for site in needs.sites.values():
        for rack in site.racks.values():
            there.update(rack.machines)
    for type_, count in used.items():
        if count > there[type_]:
            yield RuleId.SUPPLY, f"{count} {type_} machines are needed, {there[type_]} are there"
    standing = Counter((machine.rack, machine.hardware) for machine in plan.machines if not machine.new)
    for site in needs.sites.values():
        for name, rack in site.racks.items():
            for type_ in needs.hardware:
                short = standing[name, type_] - rack.machines.get(type_, 0)
                if short > 0 and used[type_] <= there[type_]:
                    yield RuleId.SUPPLY, f"{counted(short, f'{type_} machine')} more than stand in rack {name}"


def _room(plan: Plan) -> Iterator[Breach]:
    for rack in plan.racks:
        limits = (
            (rack.units, rack.units_limit, "U"),
            (rack.watts, rack.watts_limit, "W"),
            (rack.kg, rack.kg_limit, "kg"),
        )
        for used, limit, unit in limits:
            if used is not None and limit is not None and used > limit + 1e-6:
                yield RuleId.ROOM, f"rack {rack.name}: {used:g} {unit} of {limit:g}"


def _clusters(needs: Needs, plan: Plan) -> Iterator[Breach]:
    for cluster in plan.clusters:
        there = {name: needs.workloads[name] for pool in cluster.pools for name in pool.workloads}
        yield from _isolation(needs, cluster)
        for name, workload in there.items():
            if workload.at_most is not None and cluster.machines > workload.at_most:
                yield (
                    RuleId.SCOPE,
                    f"{cluster.name}: {cluster.machines} machines, {workload.at_most} for {name} at most",
                )
            if workload.site and cluster.site != workload.site:
                yield RuleId.RESIDENCY, f"{name} of {workload.site} would be in {cluster.site}"
        if cluster.machines > CLUSTER_MOST:
            yield RuleId.CLUSTER_SIZE, f"{cluster.name}: {cluster.machines:,} machines"


def _isolation(needs: Needs, cluster: Cluster) -> Iterator[Breach]:
    names = [name for pool in cluster.pools for name in pool.workloads]
    scopes = {needs.workloads[name].compliance for name in names}
    alone = [name for name in names if needs.workloads[name].isolation is Isolation.CLUSTER]
    if len(scopes) > 1:
        inside = [name for name in names if needs.workloads[name].compliance]
        outside = [name for name in names if not needs.workloads[name].compliance]
        others = f" with {', '.join(outside)}" if outside else ""
        yield RuleId.ISOLATION, f"{', '.join(inside)} would share the cluster {cluster.name}{others}"
    environments = sorted({needs.workloads[name].environment.value for name in names})
    if needs.hard_environments and len(environments) > 1:
        yield RuleId.ISOLATION, f"{' and '.join(environments)} would share the cluster {cluster.name}"
    if alone and len(names) > 1:
        yield RuleId.ISOLATION, f"{alone[0]} would share the cluster {cluster.name}"


def _etcd(needs: Needs) -> Iterator[Breach]:
    members = needs.control_planes
    if members % 2 == 0:
        lost, agree = tolerance(members), quorum(members)
        words = f"{members} members may lose {lost}, as {members - 1} may, and {agree} of them must agree"
        yield RuleId.ETCD_ODD, words
    elif members > LARGEST_ETCD:
        yield RuleId.ETCD_ODD, f"{members} members: every write waits for {quorum(members)} of them"
    if needs.stretch:
        yield RuleId.ETCD_SITE, _stretch(needs)
    type_ = needs.control_plane_hardware or needs.first_hardware
    machine = needs.hardware[type_]
    if machine.cores < LEAST_CORES or machine.memory_gb < LEAST_MEMORY_GB:
        yield RuleId.CP_LEAST, f"{type_} has {machine.cores} cores and {machine.memory_gb:g} GB"


def _stretch(needs: Needs) -> str:
    far = max(needs.links, key=lambda link: link.rtt_ms, default=None)
    if far is None:
        return "stretch is asked for, and nobody says how far the sites are apart"
    places = " and ".join(far.between)
    return f"stretch is asked for; {far.rtt_ms:g} ms between {places}{', over 10 ms' if far.rtt_ms > 10 else ''}"


def _rack_losses(plan: Plan) -> Iterator[Breach]:
    for loss in (loss for loss in plan.losses if loss.kind == "rack"):
        for left in loss.clusters:
            cluster = plan.cluster(left.cluster)
            if cluster.resilient and not left.has_quorum:
                members = f"{left.members_left} of {left.members} members"
                yield RuleId.QUORUM, f"{cluster.name}: without rack {loss.name} {members} are left"
            for pool in left.pools:
                if pool.left < pool.critical:
                    workers = f"{pool.left} {pool.pool} workers are left for {pool.critical}"
                    yield RuleId.RACK_LOSS, f"{cluster.name}: without rack {loss.name} {workers}"


def _standbys(needs: Needs, plan: Plan) -> Iterator[Breach]:
    for cluster in (cluster for cluster in plan.clusters if not cluster.stands_in_for):
        critical = [name for pool in cluster.pools if pool.stands_by for name in pool.workloads]
        if not critical:
            continue
        standby = next((one for one in plan.clusters if one.stands_in_for == cluster.name), None)
        if standby is None or standby.site == cluster.site:
            yield RuleId.SITE_LOSS, f"{', '.join(critical)} would have no standby outside {cluster.site}"
            continue
        for pool, there in zip(cluster.pools, standby.pools, strict=True):
            if pool.stands_by and there.workers * 100 < pool.workers * needs.standby_percent:
                yield (
                    RuleId.STANDBY,
                    (
                        f"{standby.name}: {there.workers} {pool.name} workers for {pool.workers},"
                        f" {needs.standby_percent} % asked for"
                    ),
                )
