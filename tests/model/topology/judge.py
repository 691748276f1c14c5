"""Holds a finished plan against the requirements by its machines alone. It shares no code with the planner: the rules
are written down here a second time, from their words."""

from collections import Counter
from collections.abc import Iterator

from fleetui.model.topology.needs import Needs, Workload
from fleetui.model.topology.plan import Cluster, Machine, Plan


def faults(needs: Needs, plan: Plan) -> list[str]:
    """What is wrong with the plan; nothing for a good one."""
    return [
        *_bookkeeping(needs, plan),
        *_machines_there(needs, plan),
        *_racks_hold(needs, plan),
        *(fault for cluster in plan.clusters for fault in _cluster(needs, plan, cluster)),
        *_standbys(needs, plan),
    ]


def _bookkeeping(needs: Needs, plan: Plan) -> Iterator[str]:
    names = [machine.name for machine in plan.machines]
    if len(set(names)) != len(names):
        yield "two machines of one name"
    if len({cluster.name for cluster in plan.clusters}) != len(plan.clusters):
        yield "two clusters of one name"
    where = {rack: site for site, of in needs.sites.items() for rack in of.racks}
    for machine in plan.machines:
        if where[machine.rack] != machine.site or plan.cluster(machine.cluster).site != machine.site:
            yield f"{machine.name} is not in its cluster's site"
    served = Counter(name for one in plan.clusters if not one.stands_in_for for name in _names(one))
    if served != Counter(dict.fromkeys(needs.workloads, 1)):
        yield f"workloads {served}"


def _names(cluster: Cluster) -> list[str]:
    return [name for pool in cluster.pools for name in pool.workloads]


def _machines_there(needs: Needs, plan: Plan) -> Iterator[str]:
    for type_ in needs.hardware:
        used = [machine for machine in plan.machines if machine.hardware == type_]
        if type_ in needs.stock:
            if len(used) > needs.stock[type_]:
                yield f"{len(used)} {type_} of {needs.stock[type_]} in stock"
            continue
        for site in needs.sites.values():
            for name, rack in site.racks.items():
                if sum(machine.rack == name for machine in used) > rack.machines.get(type_, 0):
                    yield f"more {type_} than stand in {name}"


def _racks_hold(needs: Needs, plan: Plan) -> Iterator[str]:
    for site in needs.sites.values():
        for name, rack in site.racks.items():
            types = [type_ for type_, count in rack.machines.items() for _ in range(count)]
            types += [one.hardware for one in plan.machines if one.rack == name and one.hardware in needs.stock]
            held = [needs.hardware[type_] for type_ in types]
            if sum(one.units for one in held) + rack.taken_units > rack.units:
                yield f"{name}: units"
            if rack.watts is not None and sum(one.watts for one in held) > rack.watts:
                yield f"{name}: watts"
            if rack.kg is not None and sum(one.kg or 0 for one in held) > rack.kg:
                yield f"{name}: kg"


def _cluster(needs: Needs, plan: Plan, cluster: Cluster) -> Iterator[str]:
    there = [machine for machine in plan.machines if machine.cluster == cluster.name]
    workloads = {name: needs.workloads[name] for name in _names(cluster)}
    yield from _rules_of_sharing(needs, cluster, len(there))
    lasting = [one for one in workloads.values() if str(one.criticality) != "low"]
    resilient = bool(lasting) or not workloads
    etcd = [one for one in there if one.role == ("etcd" if cluster.etcd == "external" else "control-plane")]
    api = [one for one in there if one.role == "control-plane"]
    if len(etcd) != (needs.control_planes if resilient else 1) or len(etcd) not in (1, 3, 5, 7):
        yield f"{cluster.name}: {len(etcd)} members"
    control = needs.hardware[etcd[0].hardware]
    if control.cores < 2 or control.memory_gb < 2:
        yield f"{cluster.name}: small control plane"
    if not cluster.stands_in_for:
        yield from _loads(needs, cluster, there)
    if "rack" in needs.survive and resilient:
        for rack in needs.sites[cluster.site].racks:
            left = sum(one.rack != rack for one in etcd)
            if 2 * left <= len(etcd) or not any(one.rack != rack for one in api):
                yield f"{cluster.name}: {rack} takes the quorum"
    if needs.stretch:
        yield "stretched"


def _rules_of_sharing(needs: Needs, cluster: Cluster, machines: int) -> Iterator[str]:
    there = [needs.workloads[name] for name in _names(cluster)]
    if len({one.compliance for one in there}) > 1 or len({one.version for one in there}) > 1:
        yield f"{cluster.name}: scopes or versions are mixed"
    if len(there) > 1 and any(one.isolation == "cluster" for one in there):
        yield f"{cluster.name}: shared"
    if any(one.site not in ("", cluster.site) for one in there):
        yield f"{cluster.name}: in the wrong site"
    if machines > min([5000, *(one.at_most for one in there if one.at_most is not None)]):
        yield f"{cluster.name}: {machines} machines are too many"
    if needs.hard_environments and len({one.environment for one in there}) > 1:
        yield f"{cluster.name}: environments are mixed"
    for pool in cluster.pools:
        alone = [name for name in pool.workloads if needs.workloads[name].isolation == "pool"]
        if alone and len(pool.workloads) > 1:
            yield f"{cluster.name}: {alone} share a pool"


def _loads(needs: Needs, cluster: Cluster, there: list[Machine]) -> Iterator[str]:
    for pool in cluster.pools:
        workers = [one for one in there if one.role == "worker" and one.pool == pool.name]
        asked = [needs.workloads[name] for name in pool.workloads]
        if len(workers) < sum(one.machines for one in asked):
            yield f"{cluster.name}: {pool.name} has too few workers"
        if any(worker.hardware != (one.hardware or "standard") for one in asked for worker in workers):
            yield f"{cluster.name}: {pool.name} has other machines than were asked for"
        for rack in needs.sites[cluster.site].racks:
            left = sum(one.rack != rack for one in workers)
            if "rack" in needs.survive and left < sum(one.machines for one in asked if _is_critical(one)):
                yield f"{cluster.name}: {rack} takes too many workers of {pool.name}"


def _is_critical(workload: Workload) -> bool:
    return workload.criticality == "high" or (workload.criticality is None and workload.environment == "production")


def _standbys(needs: Needs, plan: Plan) -> Iterator[str]:
    if "site" not in needs.survive:
        return
    for name, workload in needs.workloads.items():
        wanted = workload.standby
        if wanted is None:
            wanted = _is_critical(workload) and not workload.compliance
        if not wanted:
            continue
        primary = next(one for one in plan.clusters if not one.stands_in_for and name in _names(one))
        standby = [one for one in plan.clusters if one.stands_in_for == primary.name and one.site != primary.site]
        if len(standby) != 1:
            yield f"{name}: {len(standby)} standbys"
            continue
        before, after = (_workers_for(plan, one, name) for one in (primary, standby[0]))
        if not after or after * 100 < before * needs.standby_percent:
            yield f"{name}: {after} of {before} in its standby"


def _workers_for(plan: Plan, cluster: Cluster, workload: str) -> int:
    pool = next(pool.name for pool in cluster.pools if workload in pool.workloads)
    return sum(one.cluster == cluster.name and one.role == "worker" and one.pool == pool for one in plan.machines)
