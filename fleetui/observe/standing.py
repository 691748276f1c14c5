"""How a cluster stands: everything its row is made of, and the row itself, recomputed from counters on every change."""

from typing import Any

import msgspec

from fleetui.model.cluster import Cluster, Signs
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import SILENT_AFTER_S, Source, Trust
from fleetui.model.work import Work
from fleetui.observe.feed import FeedState
from fleetui.observe.tally import MachineTally, PodTally
from fleetui.ports.reader import ClusterReader


class Standing:
    """Mutable, owned by the cluster's supervisor. ``row`` is pure: the same state and time give the same row."""

    def __init__(self, row: Cluster) -> None:
        self.last = row
        """As last published, or as the cache remembers it: numbers not yet known anew are taken from here."""
        self.uid = ""
        """Proved in this connection; empty before that and where reading it is forbidden."""
        self.version: str | None = None
        self.fault: Fault | None = None
        """Of the connection as a whole: it could not be made, or another cluster answers."""
        self.reader: ClusterReader | None = None
        """Of the connection that is being made or held."""
        self.aliases: tuple[str, ...] = ()
        self.works: tuple[Work, ...] = ()
        """What the operation store says is under way anywhere; the row takes its own."""
        self.signs = Signs()
        self.latency_s: float | None = None
        self.skew_s: float | None = None
        self.readyz = FeedState("readyz", Source.POLLED)
        self.nodes = FeedState("nodes", Source.PUSHED)
        self.pods = FeedState("pods", Source.PUSHED)
        self.machine_tally = MachineTally()
        self.pod_tally = PodTally()
        self.pods_at: float | None = row.pods_at

    @property
    def feeds(self) -> tuple[FeedState, FeedState, FeedState]:
        return (self.readyz, self.nodes, self.pods)

    def stamp(self, wall: float, now: float) -> None:
        """Move the times that the row shows to the newest known."""
        for feed in self.feeds:
            feed.shown_at = feed.contact_at
        if self._pods_known and self.pods.watched(now, self.readyz.polled(now)) is Trust.LIVE:
            self.pods_at = wall

    def row(self, now: float) -> Cluster:
        """The row at monotonic second ``now``."""
        server = self.readyz.polled(now)
        verdict = self.verdict(now)
        return msgspec.structs.replace(
            self.last,
            uid=self.uid or self.last.uid,
            trust=verdict,
            source=self._source(),
            last_contact=self._last_contact(),
            fault=self._fault(verdict),
            version=self.version or self.last.version,
            api_latency_s=self.latency_s,
            skew_s=self.skew_s,
            aliases=self.aliases,
            works=self._works(),
            etcd=self.signs.etcd,
            alerts=self.signs.alerts,
            boards=self.signs.boards,
            feeds=self._feeds(now, server),
            **self._numbers(),
        )

    def verdict(self, now: float) -> Trust:
        """Of the whole cluster: the server first, then the nodes, which are what the row's numbers are made of."""
        server = self.readyz.polled(now)
        if server is Trust.IDLE:
            return Trust.IDLE
        if self.fault is not None:
            return Trust.SILENT
        if server is not Trust.LIVE:
            return server
        if self.nodes.fault is not None:
            return self._verdict_without_nodes(self.nodes.fault)
        return self.nodes.watched(now, server)

    def _verdict_without_nodes(self, fault: Fault) -> Trust:
        """Old numbers never look live. Without any, a server that only forbids the nodes is alive and says so."""
        if self.nodes.complete or self.last.nodes_total is not None:
            return Trust.STALE
        return Trust.LIVE if fault.kind is FaultKind.FORBIDDEN else Trust.SILENT

    def _fault(self, verdict: Trust) -> Fault | None:
        if not self.readyz.wanted:
            return None
        readyz = self.readyz.fault
        if readyz is not None and readyz.kind is FaultKind.FORBIDDEN:
            readyz = None  # stated on its feed; the server has answered
        known = self.fault or readyz or self.nodes.fault
        return self._held_up() if known is None and verdict is Trust.SILENT else known

    def _held_up(self) -> Fault:
        """Why nothing is heard. What stands before the server is not the server's silence."""
        return (self.reader.held_up if self.reader is not None else None) or no_answer()

    def _works(self) -> tuple[Work, ...]:
        uid = self.uid or self.last.uid
        return tuple(work for work in self.works if work.is_of(name=self.last.name, uid=uid))

    def _source(self) -> Source:
        if self.nodes.complete:
            return Source.PUSHED
        return Source.CACHED if self.last.nodes_total is not None or self.readyz.contact is None else Source.POLLED

    def _last_contact(self) -> float | None:
        heard = [at for at in (self.readyz.shown_at, self.nodes.shown_at) if at is not None]
        return max(heard) if heard else self.last.last_contact

    def _feeds(self, now: float, server: Trust) -> tuple[Any, ...]:
        if not self.readyz.wanted:
            return ()
        return (
            self.readyz.view(server),
            self.nodes.view(self.nodes.watched(now, server)),
            self.pods.view(self.pods.watched(now, server)),
        )

    @property
    def _pods_known(self) -> bool:
        return self.pods.wanted and self.pods.complete

    def _numbers(self) -> dict[str, Any]:
        """What is counted now; what is not counted now stays as it was last known."""
        numbers: dict[str, Any] = {"pods_at": self.pods_at}
        if self._pods_known:
            numbers |= {"pods_ready": self.pod_tally.ready, "pods_total": self.pod_tally.total}
        if not self.nodes.complete:
            return numbers
        tally = self.machine_tally
        managed = tally.control_plane_total == 0
        return numbers | {
            "nodes_ready": tally.ready,
            "nodes_total": tally.total,
            "not_ready": tally.total - tally.ready,
            "cordoned": tally.cordoned,
            "control_plane_ready": None if managed else tally.control_plane_ready,
            "control_plane_total": None if managed else tally.control_plane_total,
            "operation": tally.operation,
        }


def no_answer() -> Fault:
    """For silence that no attempt has reported."""
    return Fault(
        kind=FaultKind.TIMEOUT,
        word="no answer",
        detail=f"nothing heard from the API server for more than {SILENT_AFTER_S:.0f} s",
        remedy="check the network path and the API server; it is asked again every few seconds",
    )


def internal_error(error: Exception) -> Fault:
    """For a defect of ours: the row says so, the log has the traceback."""
    return Fault(
        kind=FaultKind.INTERNAL,
        word="internal error",
        detail=f"{type(error).__name__}: {error}"[:300],
        remedy="a defect in fleetui: please report it with the log; this cluster is tried again",
    )
