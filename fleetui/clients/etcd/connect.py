"""From what the configuration says of a cluster's etcd to a client of it: what wiring asks this package for."""

from collections.abc import Callable, Sequence
from pathlib import Path

from fleetui.clients.etcd.gateway import Gateway
from fleetui.clients.etcd.look import NOT_CONFIGURED, Absence, Seeds
from fleetui.clients.etcd.members import EtcdMembers
from fleetui.clients.http.certificate_files import CertificateFiles
from fleetui.model.config import EtcdConfig
from fleetui.ports.clock import Clock
from fleetui.ports.etcd import Dialer

NO_NODES = Absence(
    "no control-plane node is known",
    "a managed control plane shows none; otherwise give endpoints under etcd: of the cluster",
)


def open_etcd(
    cluster: str,
    said: EtcdConfig,
    *,
    nodes: Callable[[], Sequence[str]],
    clock: Clock,
    dialer: Dialer | None = None,
) -> EtcdMembers:
    """``cluster`` is the display name; ``nodes`` gives the endpoints of the control-plane nodes as they are known when
    it is called (``model.health.etcd_places``), used where the configuration names certificates and no endpoint."""
    files = CertificateFiles(ca=_file(said.ca), cert=_file(said.cert), key=_file(said.key))
    gateway = Gateway(files, server_name=said.server_name, dialer=dialer)
    seeds, absence = _seeds(said, nodes)
    return EtcdMembers(cluster, gateway, seeds=seeds, clock=clock, absence=absence)


def _seeds(said: EtcdConfig, nodes: Callable[[], Sequence[str]]) -> tuple[Seeds, Absence]:
    endpoints = tuple(normal(endpoint) for endpoint in said.endpoints)
    if endpoints or not said.cert:
        return lambda: endpoints, NOT_CONFIGURED
    return nodes, NO_NODES


def normal(endpoint: str) -> str:
    """``10.0.0.11:2379`` is HTTPS; nothing stands behind the port."""
    return (endpoint if "://" in endpoint else f"https://{endpoint}").rstrip("/")


def _file(path: str) -> Path | None:
    return Path(path).expanduser() if path else None
