"""What the kubeconfigs offer, known before anything is connected: this module costs no import of HTTP or TLS."""

from pathlib import Path

import msgspec

from fleetui.clients.kube.kubeconfig import Kubeconfig, read_kubeconfig
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import Fault


class Contexts(msgspec.Struct, frozen=True):
    names: tuple[str, ...]
    """In the order of the files."""
    current: str
    """Empty when no file names one."""
    problems: tuple[Fault, ...] = ()
    """Files that could not be read, each with its place and fix. The others count all the same."""


def contexts(paths: tuple[Path, ...]) -> Contexts:
    """Reads the files and opens nothing. Never raises."""
    return offered(read_kubeconfig(paths))


def offered(config: Kubeconfig) -> Contexts:
    return Contexts(names=tuple(config.contexts), current=config.current, problems=config.problems)


def cluster_ref(
    paths: tuple[Path, ...], context: str, *, name: str, uid: str = "", environment: str = ""
) -> ClusterRef:
    """What an operation stores to find the cluster again from another process and directory."""
    files = tuple(str(path.absolute()) for path in paths)
    return ClusterRef(name=name, context=context, kubeconfig=files, uid=uid, environment=environment)
