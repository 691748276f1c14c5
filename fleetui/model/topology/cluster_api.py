"""Planned clusters as Cluster API objects: a Cluster of a ClusterClass, with a MachineDeployment a pool and rack."""

from collections import Counter

from fleetui.model.labels import ROLE_PREFIX
from fleetui.model.topology.needs import Needs
from fleetui.model.topology.plan import Cluster, Etcd, Plan
from fleetui.model.topology.sizing import CONTROL_PLANE, ETCD, EVENTS, WORKER

Json = dict[str, object]
ETCD_PORT = 2379


def cluster_object(needs: Needs, plan: Plan, cluster: Cluster) -> Json:
    """Of ``cluster.x-k8s.io/v1beta2``. The ClusterClass has a worker class for each type of hardware, by its name;
    failure domains of the infrastructure are the racks."""
    labels = {"environment": cluster.environment.value}
    if cluster.compliance:
        labels["compliance"] = cluster.compliance
    planes = sum(1 for one in plan.machines if one.cluster == cluster.name and one.role == CONTROL_PLANE)
    return {
        "apiVersion": "cluster.x-k8s.io/v1beta2",
        "kind": "Cluster",
        "metadata": {"name": cluster.name, "labels": labels},
        "spec": {
            "topology": {
                "classRef": {"name": needs.cluster_class},
                "version": cluster.version,
                "controlPlane": {"replicas": planes},
                "workers": {"machineDeployments": _deployments(plan, cluster)},
            }
        },
    }


def _deployments(plan: Plan, cluster: Cluster) -> list[Json]:
    workers = [one for one in plan.machines if one.cluster == cluster.name and one.role == WORKER]
    counts = Counter((one.pool, one.hardware, one.rack) for one in workers)
    return [
        {
            "class": hardware,
            "name": f"{pool}-{rack}".lower(),
            "failureDomain": rack,
            "replicas": count,
            "metadata": {"labels": {f"{ROLE_PREFIX}worker": ""}},
        }
        for (pool, hardware, rack), count in counts.items()
    ]


def notes(plan: Plan, cluster: Cluster) -> tuple[str, ...]:
    """What a Cluster of a ClusterClass cannot say by itself."""
    if cluster.etcd is Etcd.STACKED:
        return ()
    there = [one for one in plan.machines if one.cluster == cluster.name]
    found = []
    for role, what in ((ETCD, "etcd.external.endpoints"), (EVENTS, "the API servers' --etcd-servers-overrides")):
        servers = ", ".join(f"https://{one.name}:{ETCD_PORT}" for one in there if one.role == role)
        if servers:
            found.append(f"The ClusterClass hands this to kubeadm as {what}: {servers}")
    return tuple(found)
