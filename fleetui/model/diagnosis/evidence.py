"""Everything that is known of one cluster at one moment, and how far each part of it may be relied on."""

from collections.abc import Callable, Mapping

import msgspec

from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.pipeline import Level, Pipeline
from fleetui.model.cluster import Cluster, Feed
from fleetui.model.cluster_verdict import Reason, reasons
from fleetui.model.diagnosis.clue import Clue
from fleetui.model.duration import silence_text
from fleetui.model.fault import FaultKind
from fleetui.model.freshness import Trust
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_forbids import NO_WAY
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.health.replication import Replica
from fleetui.model.health.slo_board import SloRow
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod
from fleetui.model.vitals import Heard

UNREACHED = frozenset({FaultKind.TIMEOUT, FaultKind.NETWORK, FaultKind.UNKNOWN_HOST})
"""Nothing came back: it says as much of the way as of who stands at its end."""
_SILENCE = "no answer"
"""The word for a server that was connected to and says nothing, or of which nothing has been heard."""
_HUNG = "connected, but no answer"
"""In the detail of a server that takes the connection: a test holds it to the clients' words."""


class Evidence(msgspec.Struct, frozen=True):
    cluster: Cluster
    now: float
    """Unix seconds."""
    machines: tuple[Machine, ...] = ()
    pods: tuple[Pod, ...] = ()
    etcd: EtcdState | None = None
    """None where no way to it is configured."""
    alerts: tuple[Alert, ...] | None = None
    """Of this cluster; None where no source of alerts is configured, or none has answered yet."""
    pipeline: Pipeline | None = None
    """What the alerts are worth; None as with them."""
    slo: tuple[SloRow, ...] = ()
    """Its promises; empty where no source of metrics tells of them, or none has answered yet."""
    figures: PanelRow | None = None
    """Its control plane's figures; None as with them."""
    replicas: tuple[Replica, ...] = ()
    """What replicates in it."""
    unheard: Mapping[str, str] = {}
    """By board (``slo``, ``replication``), why it tells nothing of the cluster yet: ``not asked yet``, ``no answer yet
    from central``. A board that is missing here has said all that it knows, or has nobody to ask."""
    others: tuple[Cluster, ...] = ()
    """The rest of the fleet: a way that is cut takes more than one with it."""
    looked: dict[Callable[["Evidence"], Clue], Clue] = {}
    """What each sign has said: several modes ask the same, and of 5,000 machines an answer takes milliseconds."""

    def look(self, sign: Callable[["Evidence"], Clue]) -> Clue:
        """Asked once."""
        if sign not in self.looked:
            self.looked[sign] = sign(self)
        return self.looked[sign]

    @property
    def reached(self) -> bool | None:
        """Whether its API server answers us; None while nobody has asked, or the last answer is a moment late."""
        match self.cluster.trust:
            case Trust.LIVE:
                return True
            case Trust.SILENT:
                return False
            case _:
                return None

    @property
    def fault(self) -> FaultKind | None:
        """Why its API server is silent."""
        silent = self.reached is False and self.cluster.fault is not None
        return self.cluster.fault.kind if silent and self.cluster.fault is not None else None

    @property
    def hung(self) -> bool:
        """It takes our connection and says nothing: the way to it is whole."""
        return self.fault is FaultKind.TIMEOUT and self.cluster.fault is not None and _HUNG in self.cluster.fault.detail

    @property
    def unreached(self) -> bool:
        """No connection could be made. Of mere silence nobody knows yet whether it is the way or the server."""
        told = self.cluster.fault is not None and self.cluster.fault.word != _SILENCE
        return self.fault in UNREACHED and told

    def feed(self, kind: str) -> Feed | None:
        return next((feed for feed in self.cluster.feeds if feed.kind == kind), None)

    def doubt(self, kind: str) -> str:
        """Why rows of a feed (``nodes``, ``pods``) say nothing about now; empty when they do."""
        if self.reached is not True:
            return f"{kind}: {self.silence}"
        feed = self.feed(kind)
        if feed is None or feed.trust is Trust.IDLE:
            return f"{kind} are not watched"
        if feed.fault is not None:
            return f"{kind}: {feed.fault.word}"
        if feed.trust is not Trust.LIVE or not feed.complete:
            return f"{kind} are not read yet" if not feed.complete else f"{kind} are {feed.trust.value}"
        return ""

    @property
    def silence(self) -> str:
        """Why nothing that the API server would tell is known: ``silent 6m (refused)``."""
        cluster = self.cluster
        since = "" if cluster.last_contact is None else f" {silence_text(cluster.last_contact, self.now)}"
        why = f" ({cluster.fault.word})" if cluster.fault is not None else ""
        return f"{cluster.trust.value}{since}{why}"

    @property
    def etcd_doubt(self) -> str:
        """Why etcd's state says nothing; empty when it does."""
        return NO_WAY if self.etcd is None else self.etcd.doubt

    @property
    def alerts_doubt(self) -> str:
        """Why an alert that does not fire proves nothing; empty when it proves something."""
        if self.alerts is None or self.pipeline is None:
            return "no source of alerts"
        heard = Heard(self.pipeline)
        blind = heard.blindness(self.cluster.name)
        dead = blind and heard.level(self.cluster.name) is Level.DEAD
        return f"{'the alert pipeline is dead' if dead else 'alerts are not known'}: {blind}" if blind else ""

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What boards say against it, worst first, as on its row in the fleet."""
        return tuple(reason for reason in reasons(self.cluster) if reason.board)

    @property
    def alerts_late(self) -> str:
        """What is wrong with the pipeline, its own part first, and does not keep the rest from telling; empty when
        nothing."""
        heard = None if self.pipeline is None else Heard(self.pipeline)
        return "" if heard is None else heard.lateness(self.cluster.name) or heard.shared_lateness

    def mute(self, rule: Callable[[str], bool]) -> str:
        """Why an alert of such a name cannot fire; empty where none is known."""
        troubles = self.pipeline.troubles if self.pipeline is not None else ()
        own = (one for one in troubles if one.rule and one.cluster in ("", self.cluster.name))
        return next((one.what for one in own if rule(one.rule)), "")

    def finding(self, *abouts: About) -> Finding | None:
        """The worst thing that etcd's verdict says about any of these."""
        found = self.etcd.findings if self.etcd is not None else ()
        return next((one for one in found if one.about in abouts), None)
