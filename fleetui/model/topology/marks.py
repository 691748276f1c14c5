"""Labels and taints of planned machines, and what pods of a workload say about them."""

from collections.abc import Iterator

from fleetui.model.labels import CONTROL_PLANE_ROLE, ROLE_PREFIX, ZONE_LABEL
from fleetui.model.topology.needs import Criticality, Needs, Workload
from fleetui.model.topology.plan import Cluster, Machine, Plan, Pool
from fleetui.model.topology.sizing import CONTROL_PLANE, WORKER

Json = dict[str, object]

REGION_LABEL = "topology.kubernetes.io/region"
NODE_PREFIX = "node.kubernetes.io/"
GPU_TAINT = ("nvidia.com/gpu", "present")
"""What the GPU operator and cloud providers put on GPU machines."""
POOL_TAINT = f"{NODE_PREFIX}pool"
PRIORITIES = {Criticality.HIGH: 1_000_000, Criticality.NORMAL: 0, Criticality.LOW: -1_000}
"""Of the PriorityClasses ``fleet-high`` and so on: when a rack is out the lower ones give way."""


def nodes(plan: Plan) -> Iterator[Machine]:
    """Machines that a cluster has as nodes: an external etcd's are none."""
    return (machine for machine in plan.machines if machine.role in (CONTROL_PLANE, WORKER))


def labels_of(needs: Needs, plan: Plan, machine: Machine) -> dict[str, str]:
    """By requirement: region is the site, zone the rack."""
    site = needs.sites[machine.site]
    rack = site.racks[machine.rack]
    found = {REGION_LABEL: site.region or machine.site, ZONE_LABEL: machine.rack}
    found |= {f"{NODE_PREFIX}{word}": said for word, said in (("room", rack.room), ("row", rack.row)) if said}
    found[f"{NODE_PREFIX}purpose"] = purpose(needs, plan.cluster(machine.cluster), machine)
    if machine.role == CONTROL_PLANE:
        return found
    if gpu := needs.hardware[machine.hardware].gpu:
        found[f"{NODE_PREFIX}gpu"] = gpu
    return found | {f"{ROLE_PREFIX}worker": ""}


def purpose(needs: Needs, cluster: Cluster, machine: Machine) -> str:
    if machine.role != WORKER:
        return machine.role
    pool = next(pool for pool in cluster.pools if pool.name == machine.pool)
    return _pool_purpose(needs, cluster, pool)


def _pool_purpose(needs: Needs, cluster: Cluster, pool: Pool) -> str:
    if pool.own:
        return pool.name
    if needs.hardware[pool.hardware].gpu:
        return "gpu"
    return cluster.compliance or "general"


def taints_of(needs: Needs, plan: Plan, machine: Machine) -> tuple[tuple[str, str], ...]:
    """(key, value), each with NoSchedule."""
    if machine.role == CONTROL_PLANE:
        return ((CONTROL_PLANE_ROLE, ""),)
    pool = next(pool for pool in plan.cluster(machine.cluster).pools if pool.name == machine.pool)
    return _pool_taints(needs, pool)


def _pool_taints(needs: Needs, pool: Pool) -> tuple[tuple[str, str], ...]:
    own = ((POOL_TAINT, pool.name),) if pool.own else ()
    return (*own, *((GPU_TAINT,) if needs.hardware[pool.hardware].gpu else ()))


def workload_patches(needs: Needs, plan: Plan) -> Iterator[Json]:
    """For each workload what its Deployment says so that it lands where it is planned; a standby takes the same."""
    for cluster in plan.clusters:
        for pool in cluster.pools:
            if not cluster.stands_in_for:
                for name in pool.workloads:
                    yield _patch(needs, cluster, pool, name, needs.workloads[name])


def _patch(needs: Needs, cluster: Cluster, pool: Pool, name: str, workload: Workload) -> Json:
    spec: Json = {
        "priorityClassName": f"fleet-{workload.level}",
        "nodeSelector": {f"{NODE_PREFIX}purpose": _pool_purpose(needs, cluster, pool)},
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": ZONE_LABEL,
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": {"app": name}},
            }
        ],
    }
    if tolerated := _pool_taints(needs, pool):
        spec["tolerations"] = [{"key": key, "value": value, "effect": "NoSchedule"} for key, value in tolerated]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"template": {"spec": spec}},
    }


def priority_classes() -> Iterator[Json]:
    for level, value in PRIORITIES.items():
        yield {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": f"fleet-{level}"},
            "value": value,
            "description": f"Workloads whose criticality is {level}",
        }
