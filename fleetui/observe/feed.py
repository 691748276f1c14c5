"""What is known about one stream of facts (``nodes``, ``pods``, ``readyz``) and the verdict that follows from it."""

from dataclasses import dataclass

from fleetui.model.cluster import Feed
from fleetui.model.fault import Fault
from fleetui.model.freshness import STALE_AFTER_S, Source, Trust, trust
from fleetui.ports.clock import Clock


@dataclass(slots=True)
class FeedState:
    """Written by one feeder or the pulse, read by the row. Times without ``_at`` are monotonic seconds."""

    kind: str
    source: Source
    wanted: bool = False
    since: float = 0.0
    """When it was asked for."""
    contact: float | None = None
    contact_at: float | None = None
    """The same in Unix time."""
    shown_at: float | None = None
    """``contact_at`` as the row last showed it: rows change with facts, not with every sign of life."""
    fault: Fault | None = None
    complete: bool = False
    undecodable: int = 0
    broken_since: float | None = None
    """Since when the stream is being mended without a fault to show."""

    def want(self, clock: Clock) -> None:
        self.wanted, self.since = True, clock.monotonic()
        self.contact = None
        self.complete = False

    def heard(self, clock: Clock) -> None:
        """A sign of life."""
        self.contact, self.contact_at = clock.monotonic(), clock.now()

    def mended(self) -> None:
        self.fault = None
        self.broken_since = None

    def doubt(self, now: float) -> None:
        """We were not looking for a while (stopped, asleep): what was heard before has to be heard again, soon."""
        if self.contact is not None:
            self.contact = now - STALE_AFTER_S - 0.001

    def suspect(self, now: float) -> None:
        """What the stream has brought is old until it has proved to flow again."""
        if self.complete:
            self.broken_since = now - STALE_AFTER_S - 0.001

    def polled(self, now: float) -> Trust:
        """The verdict on something asked at intervals."""
        failed = self.fault is not None and not self.fault.kind.answered
        return trust(
            connected=self.contact is not None,
            failed=failed,
            last_contact=self.contact,
            now=now,
            wanted=self.wanted,
            since=self.since,
        )

    def watched(self, now: float, server: Trust) -> Trust:
        """The verdict on a watch, which is silent when all is quiet: it is as live as its server, never more."""
        if not self.wanted:
            return Trust.IDLE
        if self.fault is not None:
            return Trust.SILENT
        if not self.complete:
            return Trust.CONNECTING
        mending = self.broken_since is not None and now - self.broken_since > STALE_AFTER_S
        return Trust.LIVE if server is Trust.LIVE and not mending else Trust.STALE

    def view(self, verdict: Trust) -> Feed:
        return Feed(
            kind=self.kind,
            trust=verdict,
            source=self.source if self.complete or self.contact is not None else Source.CACHED,
            last_contact=self.shown_at,
            fault=self.fault,
            complete=self.complete,
            undecodable=self.undecodable,
        )
