"""The etcd of one cluster, for an operation on it: for the controller, and for who names it as the target."""

from collections.abc import Callable

from fleetui.clients.etcd.connect import open_etcd
from fleetui.model.cluster import ClusterRef
from fleetui.model.config import EtcdConfig
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.etcd_places import control_plane_endpoints
from fleetui.model.health.etcd_state import REMEDY
from fleetui.model.machine import Machine
from fleetui.model.operation import ETCD_TARGET, Target
from fleetui.ports.clock import Clock
from fleetui.ports.etcd import EtcdCluster, NoEtcdError
from fleetui.ports.reader import ClusterReader, Kind


async def open_for_control(
    ref: ClusterRef, said: EtcdConfig, *, read: Callable[[], ClusterReader], clock: Clock
) -> EtcdCluster:
    """Where the configuration names certificates and no endpoint, the control-plane nodes are read once, with ``read``.
    Raises NoEtcdError when it names no way, ClusterError when the nodes cannot be read."""
    if not said.configured:
        detail = f"no way to the etcd of {ref.name} is configured"
        raise NoEtcdError(Fault(FaultKind.CONFIG, "no etcd", detail, f"{REMEDY}; see config.example.yaml"))
    found = () if said.endpoints else control_plane_endpoints(await _machines(read()))
    return open_etcd(ref.name, said, nodes=lambda: found, clock=clock)


async def _machines(reader: ClusterReader) -> list[Machine]:
    try:
        pages = [page async for page in reader.list_all(Kind.MACHINES, preview=False)]
    finally:
        await reader.close()
    return [item for page in pages for item in page.items if isinstance(item, Machine)]


async def etcd_target(etcd: EtcdCluster) -> Target:
    """The etcd that answers now, frozen by its cluster id. Closes it. Raises ClusterError when that is unclear."""
    try:
        picture = await etcd.look()
    finally:
        await etcd.close()
    found = picture.cluster_ids
    if len(found) == 1:
        return Target(ETCD_TARGET, found[0])
    why = f"several etcd clusters answer: ids {' '.join(found)}" if found else picture.why or "no member answers"
    remedy = picture.remedy or f"see: fleetui get etcd @{picture.cluster}"
    raise ClusterError(Fault(FaultKind.CONFIG, "which etcd?", why, remedy))
