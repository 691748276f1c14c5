"""From a context's name to a reader or a target: what wiring asks this client for."""

from pathlib import Path
from typing import TYPE_CHECKING

from fleetui.clients.kube.contexts import Contexts, offered
from fleetui.clients.kube.credentials import Plugins
from fleetui.clients.kube.link import Kubeconfigs, Link, Sessions
from fleetui.clients.kube.reader import KubeReader
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import ClusterError
from fleetui.ports.clock import Chance, Clock

if TYPE_CHECKING:
    from fleetui.clients.kube.target import KubeTarget


class Connector:
    """Opens clusters of some kubeconfigs. Contexts that share a server and a user share connections, contexts that
    share a credential plugin share its answer."""

    def __init__(self, paths: tuple[Path, ...], *, clock: Clock, chance: Chance, exec_timeout_s: float = 30.0) -> None:
        self._clock = clock
        self._chance = chance
        self._plugins = Plugins(clock, timeout_s=exec_timeout_s)
        self._sessions = Sessions(clock, self._plugins)
        self._paths = paths
        self._kubeconfigs: dict[tuple[Path, ...], Kubeconfigs] = {}

    @property
    def contexts(self) -> Contexts:
        return offered(self._files(self._paths).config)

    def open_reader(self, context: str, *, name: str) -> KubeReader:
        """``name`` is the display name of the cluster. Never raises: what is wrong with the context is raised, as a
        ClusterError, by the reader's methods, and is looked at again once the kubeconfig has changed."""
        return KubeReader(name, self._link(context, self._paths), clock=self._clock, chance=self._chance)

    def open_target(self, ref: ClusterRef) -> "KubeTarget":
        """The cluster that an operation names, by the kubeconfigs that it was proposed with."""
        from fleetui.clients.kube.target import KubeTarget  # imports kubernetes.aio: 0.4 s

        paths = tuple(Path(file) for file in ref.kubeconfig) or self._paths
        return KubeTarget(self._link(ref.context, paths))

    def exec_command(self, ref: ClusterRef) -> str:
        """The credential plugin of an operation's context, the program's name alone; empty when it uses none or the
        entry cannot be read."""
        paths = tuple(Path(file) for file in ref.kubeconfig) or self._paths
        try:
            spec = self._files(paths).config.connection(ref.context).user.exec
        except ClusterError:
            return ""
        return Path(spec.command).name if spec is not None else ""

    async def close(self) -> None:
        """After the readers and targets were closed."""
        await self._plugins.close()

    def _link(self, context: str, paths: tuple[Path, ...]) -> Link:
        return Link(context, kubeconfigs=self._files(paths), sessions=self._sessions)

    def _files(self, paths: tuple[Path, ...]) -> Kubeconfigs:
        if paths not in self._kubeconfigs:
            self._kubeconfigs[paths] = Kubeconfigs(paths)
        return self._kubeconfigs[paths]
