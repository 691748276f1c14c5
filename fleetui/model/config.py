"""The configuration's schema: what a file may say, its defaults, and which clusters a session connects to.

Every field is documented in ``config.example.yaml``; a test holds the two equal.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase

import msgspec

from fleetui.model.cluster import Tags
from fleetui.model.monitoring import AlertmanagerConfig, MetricsConfig, SloConfig
from fleetui.model.racks.basis import Basis

CONNECT_ALL_UP_TO = 20
"""``connect: auto`` opens every context up to this many; beyond it 300 contexts would mean 300 logins."""


class EtcdConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The way to a cluster's etcd members, and with which certificates."""

    endpoints: tuple[str, ...] = ()
    """``https://10.0.0.11:2379``; one is enough, it tells the others. Empty: port 2379 of the control-plane nodes."""
    ca: str = ""
    """Files in PEM, ``~`` is the home directory: the authority of etcd, a client certificate of it, and its key."""
    cert: str = ""
    key: str = ""
    server_name: str = ""
    """The name in the members' certificates, where it is not the host of their endpoints."""

    @property
    def configured(self) -> bool:
        return bool(self.endpoints or self.cert)


class ClusterConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the operator says about the contexts whose name matches the key it stands under."""

    name: str = ""
    """Display name; the context's own name when empty."""
    environment: str = ""
    group: str = ""
    owner: str = ""
    on_call: str = ""
    tier: str = ""
    compliance: tuple[str, ...] = ()
    labels: dict[str, str] = {}
    favourite: bool = False
    connect: bool | None = None
    """Overrides the session's ``connect`` for this cluster."""
    etcd: EtcdConfig = EtcdConfig()


class OperationsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Defaults of the operations' options; the dialog can change them for one operation."""

    max_parallel: int = 1
    """Machines drained at the same time."""
    drain_timeout: str = "0"
    """How long one machine's drain may take, ``30m``; 0 waits for ever."""
    grace: str = ""
    """Grace period for evicted pods; empty keeps each pod's own."""
    write_for: str = "30m"
    """How long ``:write`` arms a session when it does not say."""


class RacksConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where it is written where machines stand."""

    path: str = ""
    """A file, or a directory of them; relative to the configuration, ``~`` is the home directory. Empty: nowhere."""
    draw: Basis = Basis.ALLOCATED
    """The figure of power that budgets are made of."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. Every field may be left out."""

    kubeconfigs: tuple[str, ...] = ()
    """Files read after those of KUBECONFIG; ``~`` is the home directory."""
    connect: str | tuple[str, ...] = "auto"
    """``all``, ``none``, ``auto``, or patterns of context names."""
    exec_timeout: str = "30s"
    """How long a credential plugin may take."""
    theme: str = "auto"
    """``dark``, ``ansi-16``, or ``auto``: what the terminal can show decides."""
    group_by: str = "environment"
    """How the Fleet screen is grouped: ``environment``, ``group``, ``label:KEY``, or empty."""
    ascii: bool | None = None
    """True draws with ASCII only; None asks the locale."""
    bell: bool = True
    """Ring when an operation blocks or ends."""
    notify: bool = False
    """Also send OSC 777, which some terminals show on the desktop."""
    operations: OperationsConfig = OperationsConfig()
    keys: dict[str, str] = {}
    """Keys of the operator's own: a command's id to its keys, with blanks between them."""
    metrics: dict[str, MetricsConfig] = {}
    """Sources of metrics by a name of the operator's own."""
    alertmanagers: dict[str, AlertmanagerConfig] = {}
    """By a name of the operator's own; each of a pair is one."""
    slo: SloConfig = SloConfig()
    racks: RacksConfig = RacksConfig()
    runbooks: str = ""
    """Directory of runbooks of the operator's own, NAME.md by alert or failure mode; beside the file when empty."""
    clusters: dict[str, ClusterConfig] = {}
    """By context name or pattern; the first key that matches counts."""

    def cluster(self, context: str) -> ClusterConfig:
        """What is said about a context: an exact key first, then the first pattern that matches."""
        exact = self.clusters.get(context)
        if exact is not None:
            return exact
        for pattern, cluster in self.clusters.items():
            if fnmatchcase(context, pattern):
                return cluster
        return ClusterConfig()

    def display_name(self, context: str) -> str:
        return self.cluster(context).name or context

    def tags(self, context: str) -> Tags:
        said = self.cluster(context)
        return Tags(
            environment=said.environment,
            group=said.group,
            owner=said.owner,
            on_call=said.on_call,
            tier=said.tier,
            compliance=said.compliance,
            labels=tuple(sorted(said.labels.items())),
            favourite=said.favourite,
        )


def chosen(config: Config, contexts: Iterable[str], current: str) -> frozenset[str]:
    """The contexts that a session connects to at its start; the others wait until they are asked for."""
    names = tuple(contexts)
    return frozenset(name for name in names if _is_chosen(config, name, count=len(names), current=current))


def _is_chosen(config: Config, name: str, *, count: int, current: str) -> bool:
    said = config.cluster(name)
    if said.connect is not None:
        return said.connect
    match config.connect:
        case "all":
            return True
        case "none":
            return False
        case "auto":
            return count <= CONNECT_ALL_UP_TO or name == current or said.favourite
        case str(pattern):
            return fnmatchcase(name, pattern)
        case patterns:
            return any(fnmatchcase(name, pattern) for pattern in patterns)
