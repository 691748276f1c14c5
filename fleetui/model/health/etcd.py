"""An etcd cluster as its members tell it: the values. The rules that judge them are this package's other modules.

Identifiers are lower-case hexadecimal, as etcdctl and etcd's log print them. ``None`` is unknown throughout.
"""

from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source
from fleetui.model.health.sample import Sample


class AlarmKind(StrEnum):
    """Worst first."""

    CORRUPT = "CORRUPT"
    """Members hold different data for the same revision. Nothing that copies data is safe."""
    NOSPACE = "NOSPACE"
    """The database has reached its quota: the cluster takes reads and deletes only, until the alarm is disarmed."""
    OTHER = "OTHER"
    """One that a newer etcd knows."""


class Alarm(msgspec.Struct, frozen=True, order=True):
    """One raised alarm. It stays raised until it is disarmed for exactly this member."""

    member: str
    """Id of the member that raised it."""
    kind: AlarmKind
    said: str = ""
    """etcd's own word."""


class Status(msgspec.Struct, frozen=True):
    """What a member says of itself, from memory: it never waits for the others."""

    version: str
    """Of the server, ``3.6.16``."""
    leader: str
    """Id of the leader it follows; empty when it knows none."""
    term: int
    index: int
    """Its last log entry."""
    applied: int
    """The last entry that its database holds."""
    revision: int | None = None
    """Of the key space; grows with every write."""
    db_size: int | None = None
    """Bytes of the database file."""
    db_in_use: int | None = None
    """Bytes of it that hold data; the rest is what a defragmentation would give back."""
    quota: int | None = None
    """Bytes; the status says it from 3.6.6 on, the metrics in every version."""
    learner: bool = False
    cluster_id: str = ""
    storage_version: str = ""
    """Of the database's schema, from 3.6 on."""
    downgrading_to: str = ""
    no_leader: bool = False
    """It says so itself (``etcdserver: no leader``)."""
    alarms: tuple[Alarm, ...] = ()
    """All alarms of the cluster, as this member has applied them."""
    errors: tuple[str, ...] = ()
    """What else it complains of, cleaned."""
    latency_s: float | None = None
    """From question to answer."""


class Member(msgspec.Struct, frozen=True):
    """One member: as the member list has it, and what came back when it was asked."""

    id: str
    """Empty while only its address is known."""
    name: str
    """``--name``; with kubeadm the node's name. Empty for a member that was added and has not started yet."""
    status: Sample[Status]
    learner: bool = False
    peer_urls: tuple[str, ...] = ()
    client_urls: tuple[str, ...] = ()
    """Where it says that it can be reached."""
    endpoint: str = ""
    """Where we ask it; empty when no way to it is known."""
    fault: Fault | None = None
    """Why it did not answer."""

    @property
    def host(self) -> str:
        """The name by which an operator finds the machine: the member's, else the host of one of its addresses."""
        if self.name:
            return self.name
        for url in (self.endpoint, *self.client_urls, *self.peer_urls):
            if address := urlsplit(url).hostname:
                return address
        return self.id or "?"

    @property
    def started(self) -> bool:
        """Has it ever joined? A member that was only added counts for the quorum, and does nothing for it."""
        return bool(self.name)

    @property
    def said(self) -> Status | None:
        return self.status.value

    @property
    def answers(self) -> bool:
        return self.status.known

    @property
    def certainly_down(self) -> bool:
        """It does not merely fail to answer us: nothing listens at its address, or it has never started."""
        if self.answers:
            return False
        return not self.started or (self.fault is not None and self.fault.kind is FaultKind.REFUSED)

    @property
    def absence(self) -> str:
        """``is down``, ``does not answer``; empty when it answers."""
        return "" if self.answers else "is down" if self.certainly_down else "does not answer"

    @property
    def leads(self) -> bool:
        return self.said is not None and bool(self.id) and self.said.leader == self.id


class Picture(msgspec.Struct, frozen=True):
    """One poll of one etcd cluster."""

    cluster: str
    """The display name of the Kubernetes cluster it serves."""
    at: float
    """When the poll ended, Unix seconds."""
    members: tuple[Member, ...] = ()
    """All that are listed, those that do not answer too, by name."""
    listed_at: float | None = None
    """When a member last told the member list; None: never, the members are only the addresses that were tried."""
    source: Source = Source.POLLED
    strangers: tuple[Member, ...] = ()
    """Who answered at one of our endpoints and is not in the member list: removed, or of another cluster."""
    split: tuple[str, ...] = ()
    """Hosts of members whose member list is not the leader's."""
    why: str = ""
    """Why nothing is known at all: ``no etcd certificates configured``. Empty when somebody was asked."""
    remedy: str = ""

    @property
    def voters(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if not member.learner)

    @property
    def learners(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.learner)

    @property
    def answering(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.answers)

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """Every alarm that some member knows, CORRUPT first."""
        known = {alarm for member in self.answering if member.said for alarm in member.said.alarms}
        ranks = list(AlarmKind)
        return tuple(sorted(known, key=lambda alarm: (ranks.index(alarm.kind), alarm.member)))

    @property
    def leader(self) -> Member | None:
        """The member that leads by its own word; None when none does. Of two the one with the higher term: a leader
        that was cut off goes on believing until it hears of it."""
        leading = [member for member in self.members if member.leads]
        return max(leading, key=lambda member: member.said.term if member.said else 0, default=None)

    @property
    def cluster_ids(self) -> tuple[str, ...]:
        """Of who answers at our endpoints: one, where all is as it should be."""
        answering = (*self.members, *self.strangers)
        return tuple(sorted({member.said.cluster_id for member in answering if member.said and member.said.cluster_id}))

    def member(self, id_: str) -> Member | None:
        return next((member for member in self.members if member.id == id_), None)

    def host_of(self, id_: str) -> str:
        """The host of a member, or its id when it is not listed."""
        found = self.member(id_)
        return found.host if found else id_
