"""The files of a planned topology: what people read, what other programs read, and what is applied."""

from collections.abc import Iterable

from fleetui import __version__
from fleetui.cli.topology_text import topology_json, topology_lines
from fleetui.clients.yaml_file import dump
from fleetui.model.racks.layout import FORMAT
from fleetui.model.topology.cluster_api import cluster_object, notes
from fleetui.model.topology.label_commands import label_commands
from fleetui.model.topology.marks import priority_classes, workload_patches
from fleetui.model.topology.needs import Needs
from fleetui.model.topology.plan import Plan
from fleetui.model.topology.rack_layout import rack_layout
from fleetui.model.topology.said import said


def plan_files(needs: Needs, plan: Plan) -> dict[str, str]:
    """By path below the directory they are written into."""
    files = {
        "plan.txt": "".join(f"{line}\n" for line in topology_lines(plan)),
        "plan.json": topology_json(plan),
        "racks.yaml": _head("sites, racks and the planned machines in them") + _racks(needs, plan),
        "labels.sh": label_commands(needs, plan),
        "priorities.yaml": _head("kubectl apply -f, in every cluster") + _documents(priority_classes()),
        "workloads.yaml": _head("patches of Deployments, as kustomize takes them")
        + _documents(workload_patches(needs, plan)),
    }
    for cluster in plan.clusters:
        about = "kubectl apply -f, in the management cluster; its ClusterClass is yours"
        head = _head(about, *notes(plan, cluster))
        files[f"cluster-api/{cluster.name}.yaml"] = head + dump(cluster_object(needs, plan, cluster), blocks=True)
    return files


def _racks(needs: Needs, plan: Plan) -> str:
    """The version is written out: a later format must be told from this one."""
    return dump({"version": FORMAT}) + dump(said(rack_layout(needs, plan)))


def _head(*lines: str) -> str:
    return "".join(f"# {line}\n" for line in (f"Planned by fleetui {__version__}.", *lines))


def _documents(values: Iterable[object]) -> str:
    return "---\n".join(dump(value, blocks=True) for value in values)
