"""A cluster as the fleet sees it. Its identity is the UID of its kube-system namespace, never a context's name."""

from enum import StrEnum

import msgspec

from fleetui.model.fault import Fault
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


class Quiet(msgspec.Struct, frozen=True):
    """Pages that fire and that nobody is told of, for one reason."""

    word: str
    """For a cell: ``ack``, ``plan``, ``mute``."""
    how: str
    """``acked by kim``, ``silenced``, ``implied by another``."""
    pages: int = 1
    until: float | None = None
    """When the first of them is told of again, Unix seconds; None where nobody knows."""


class AlertSign(msgspec.Struct, frozen=True):
    """What fires of it, as far as the pipeline that brings alerts lives."""

    pages: int = 0
    """That fire, or may, and that nothing hushes."""
    tickets: int = 0
    hushed: int = 0
    """Pages and tickets that fire and are acknowledged, silenced or implied by another."""
    blind: str = ""
    """Why there may be more that nobody tells of; empty while the pipeline lives."""
    dead: bool = False
    """The pipeline is known not to live."""
    awaited: bool = False
    """It is blind because a source has not answered yet for the first time."""
    late: str = ""
    """What is wrong with the cluster's own part of the pipeline, and hides nothing but what it names."""
    quiet: tuple[Quiet, ...] = ()
    """The pages among the hushed; those that somebody is at first."""

    @property
    def known(self) -> bool:
        return not self.blind

    @property
    def serene(self) -> bool:
        """No page calls for anybody, and one would be told of."""
        return not (self.pages or self.blind or self.late)

    @property
    def quiet_pages(self) -> int:
        return sum(each.pages for each in self.quiet)


class BoardSign(msgspec.Struct, frozen=True):
    """What a board of metrics says of the cluster: the worst of its rows there."""

    board: str
    """Its table: ``slo``, ``controlplane``, ``replication``."""
    level: Health
    """UNKNOWN only where no row is in trouble: what is not known hides nothing that is."""
    word: str
    """``gone in 6.7 h``, ``5xx 2.1%``, ``link broken``."""
    why: str = ""
    """Of what, and the reason."""
    more: int = 0
    """Other rows of it in trouble."""
    unknown: int = 0
    """Rows of which it cannot tell."""


class Signs(msgspec.Struct, frozen=True):
    """All that monitoring says of a cluster."""

    etcd: EtcdSign | None = None
    alerts: AlertSign | None = None
    boards: tuple[BoardSign, ...] = ()


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
    boards: tuple[BoardSign, ...] = ()
    """Of the boards of metrics that have something of it and were looked at, in the order of ``board_signs.BOARDS``."""

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
