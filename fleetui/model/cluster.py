"""A cluster as the fleet sees it. Its identity is the UID of its kube-system namespace, never a context's name."""

from enum import StrEnum

import msgspec

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source, Trust
from fleetui.model.work import Work


class ClusterRef(msgspec.Struct, frozen=True):
    """How to reach a cluster and who it must turn out to be. What an operation stores, so that a controller started
    later, elsewhere in the file system, reaches the same cluster."""

    name: str
    """The name shown everywhere; unique in the session."""
    context: str
    """The kubeconfig context."""
    kubeconfig: tuple[str, ...] = ()
    """Files in KUBECONFIG order."""
    uid: str = ""
    """UID of the kube-system namespace; empty until the cluster has answered once."""
    environment: str = ""
    """From the configuration; production asks for a typed word."""

    @property
    def is_production(self) -> bool:
        return self.environment.lower() in ("prod", "production", "live")


class Tags(msgspec.Struct, frozen=True):
    """What the operator's configuration says about a cluster; empty means not said."""

    environment: str = ""
    group: str = ""
    owner: str = ""
    on_call: str = ""
    tier: str = ""
    compliance: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    favourite: bool = False


class Health(StrEnum):
    """The verdict that orders every table: trouble first."""

    BROKEN = "broken"
    WARNING = "warning"
    BUSY = "busy"
    """An operation is going on."""
    UNKNOWN = "unknown"
    CALM = "calm"


class EtcdSign(msgspec.Struct, frozen=True):
    """What the board of etcd says of the cluster, in as much as a row of the fleet has room for."""

    level: Health
    word: str
    """The board's own: ``can lose 1``, ``NOSPACE``, ``not scraped``."""
    can_lose: int | None = None
    """Members that may still fail, negative without a quorum; None is unknown."""
    voters: int | None = None
    why: str = ""
    """The reason, where it is not calm."""
    awaited: bool = False
    """A way that is configured has not answered yet for the first time."""
    direct: bool = False
    """Its members are asked, not only a source of metrics."""

    @property
    def blind(self) -> bool:
        """Whoever is asked about it has answered, or failed, and it is not known."""
        return self.level is Health.UNKNOWN and not self.awaited


class AlertSign(msgspec.Struct, frozen=True):
    """What fires of it, as far as the pipeline that brings alerts lives."""

    pages: int = 0
    """That fire, or may, and that nothing hushes."""
    tickets: int = 0
    hushed: int = 0
    """That fire and are acknowledged, silenced or implied by another."""
    blind: str = ""
    """Why there may be more that nobody tells of; empty while the pipeline lives."""
    dead: bool = False
    """The pipeline is known not to live."""
    awaited: bool = False
    """It is blind because a source has not answered yet for the first time."""

    @property
    def known(self) -> bool:
        return not self.blind


class Feed(msgspec.Struct, frozen=True):
    """The state of one stream of facts from a cluster (``nodes``, ``pods``, ``readyz``)."""

    kind: str
    trust: Trust = Trust.CONNECTING
    source: Source = Source.CACHED
    last_contact: float | None = None
    """When the server last gave a sign of life on this feed, Unix seconds. A watch of a quiet cluster is silent for
    minutes and still live: ``/readyz`` vouches for it."""
    fault: Fault | None = None
    complete: bool = False
    """True once the first full list of this session has arrived; until then the numbers are unknown or cached."""
    undecodable: int = 0
    """Objects that could not be read; they are missing from the tables and counted here."""

    @property
    def how(self) -> str:
        """How it is read, in a word: ``pushed``, ``polled``; ``not watched`` and ``never read`` are no source."""
        if self.trust is Trust.IDLE:
            return "not watched"
        if self.last_contact is None and not self.complete:
            return "not read yet" if self.trust is Trust.CONNECTING else "never read"
        return self.source.value


class Cluster(msgspec.Struct, frozen=True):
    """One row of the Fleet screen. ``None`` is unknown: it is shown as ``?`` and never counted as zero."""

    name: str
    context: str = ""
    uid: str = ""
    tags: Tags = Tags()
    trust: Trust = Trust.CONNECTING
    source: Source = Source.CACHED
    last_contact: float | None = None
    fault: Fault | None = None
    version: str | None = None
    """Of the API server, ``v1.36.3``."""
    api_latency_s: float | None = None
    nodes_ready: int | None = None
    nodes_total: int | None = None
    control_plane_ready: int | None = None
    """Nodes with the control-plane role that are Ready; None when none carries the role (managed control plane)."""
    control_plane_total: int | None = None
    pods_ready: int | None = None
    pods_total: int | None = None
    pods_at: float | None = None
    """When the pod numbers were true; pods are only watched for clusters in focus."""
    not_ready: int = 0
    """Nodes that are not Ready, those that never reported among them. Means something once nodes_total is known."""
    cordoned: int = 0
    feeds: tuple[Feed, ...] = ()
    aliases: tuple[str, ...] = ()
    """Other contexts that turned out to be this cluster."""
    skew_s: float | None = None
    """The server's clock minus ours, seconds."""
    operation: str = ""
    """What our locks on its machines say is going on, whoever does it: ``drain by ana``; empty when nothing."""
    works: tuple[Work, ...] = ()
    """The operations of our own store that are under way on it, with what blocks them; blocked ones first."""
    etcd: EtcdSign | None = None
    """None where neither its etcd nor a source of metrics is configured, and before somebody has looked."""
    alerts: AlertSign | None = None
    """None where no source of alerts is configured, and before somebody has looked."""

    @property
    def ever_read(self) -> bool:
        """Whether anything is known of it, from this session or an earlier one."""
        return self.last_contact is not None or self.nodes_total is not None

    @property
    def stuck(self) -> bool:
        """An operation on it waits for a person."""
        return any(work.stuck for work in self.works)

    @property
    def busy(self) -> bool:
        return bool(self.works or self.operation)


def health(cluster: Cluster) -> Health:
    """The row's verdict. Silence outranks everything: what is not known is not fine. A blocked operation is trouble
    whatever is known of the cluster: it waits for somebody. So does a cordon that no operation holds, as on the row of
    its machine: room is missing until somebody gives it back. What monitoring knows counts whatever the API server
    says: a page that fires, an etcd that has lost its quorum or its space. A ticket can wait: it changes no verdict.
    Nothing is calm while monitoring that is configured cannot tell; a first answer that is awaited changes no verdict,
    or a whole fleet would be unknown for a moment at each start."""
    if cluster.trust is Trust.SILENT:
        return Health.BROKEN
    known = cluster.trust is Trust.LIVE and cluster.nodes_total is not None
    if _alarming(cluster) or (known and _control_plane_lost(cluster)):
        return Health.BROKEN
    ailing = cluster.etcd is not None and cluster.etcd.level is Health.WARNING
    if cluster.stuck or ailing or (known and _in_trouble(cluster)):
        return Health.WARNING
    if not known:
        return Health.UNKNOWN
    if cluster.busy:
        return Health.BUSY
    return Health.UNKNOWN if _unseen(cluster) else Health.CALM


def _unseen(cluster: Cluster) -> bool:
    """The etcd of a managed control plane shows itself to no source of metrics: there it is only missed where the
    configuration names its members."""
    etcd, alerts = cluster.etcd, cluster.alerts
    if alerts is not None and not alerts.known and not alerts.awaited:
        return True
    return etcd is not None and etcd.blind and (etcd.direct or cluster.control_plane_total is not None)


def _alarming(cluster: Cluster) -> bool:
    paged = cluster.alerts is not None and cluster.alerts.pages > 0
    return paged or (cluster.etcd is not None and cluster.etcd.level is Health.BROKEN)


def _in_trouble(cluster: Cluster) -> bool:
    forgotten = cluster.cordoned and not cluster.busy
    return bool(cluster.not_ready or cluster.fault or forgotten or any(map(_troubled, cluster.feeds)))


def _control_plane_lost(cluster: Cluster) -> bool:
    ready, total = cluster.control_plane_ready, cluster.control_plane_total
    return ready is not None and total is not None and ready < total


def _troubled(feed: Feed) -> bool:
    """What our rights do not show us is unknown, and says so in its column; it is not the cluster's trouble."""
    return feed.fault is not None and feed.fault.kind is not FaultKind.FORBIDDEN


def support_ends(version: str | None) -> str | None:
    """ISO date of the end of maintenance of a Kubernetes minor, None when not known.

    Source: kubernetes.io/releases/patch-releases, as published in 2026; extend with each minor.
    """
    if version is None:
        return None
    minor = ".".join(version.lstrip("v").split(".")[:2])
    return _SUPPORT_ENDS.get(minor)


_SUPPORT_ENDS = {
    "1.30": "2025-06-28",
    "1.31": "2025-10-28",
    "1.32": "2026-02-28",
    "1.33": "2026-06-28",
    "1.34": "2026-10-27",
    "1.35": "2027-02-28",
    "1.36": "2027-06-28",
    "1.37": "2027-10-28",
}
