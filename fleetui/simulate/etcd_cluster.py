"""A simulated etcd cluster: members that die, elect, fill up and fall behind, without a wire and without a clock.

It keeps what a health board can see of raft (leader, term, index, who votes), not raft itself: an election takes a
second and goes to the first voter that is well; without a quorum there is no leader.
"""

from dataclasses import dataclass, field
from hashlib import sha256

ELECTION_S = 1.0
"""etcd's default election timeout: so long its members go on naming a leader that has died."""
PAGE = 4096
ENTRY_BYTES = 1024
"""What a write of the simulated load adds to the database."""
HISTORY_SHARE = 0.7
"""Of the database in use: what a compaction drops."""


@dataclass
class SimulatedMember:
    """One member as it is inside; what it says of itself is ``etcd_answers``'s business."""

    name: str
    id: int
    client_url: str = ""
    peer_url: str = ""
    version: str = "3.6.16"
    learner: bool = False
    started: bool = True
    alive: bool = True
    hung: bool = False
    stuck: bool = False
    """Answers, and applies nothing."""
    applied: int = 0
    leader: int = 0
    """Whom it follows; 0 for nobody."""
    db_size: int = 64 * PAGE
    db_in_use: int = 32 * PAGE
    fsync_s: float = 0.002
    fsyncs: dict[float, int] = field(default_factory=dict)
    """How many took how long."""
    leader_changes: int = 0

    @property
    def works(self) -> bool:
        return self.started and self.alive and not self.hung


class SimulatedEtcd:
    """``tick`` moves time on; everything else happens at the moment it is called."""

    def __init__(self, names: tuple[str, ...], *, quota: int = 8 << 30, cluster_id: int = 0x5EED) -> None:
        self.cluster_id = cluster_id
        self.quota = quota
        self.members = [_member(name, cluster_id) for name in names]
        self.term = 2
        self.index = 8
        self.revision = 1
        self.compacted = 0
        self.alarms: set[tuple[int, str]] = set()
        self.writes_per_s = 0.0
        self._leaderless_since: float | None = None
        self._ticked: float | None = None
        self._owed = 0.0
        self._lead(self.members[0])

    # -- who is who ----------------------------------------------------------------------------------------------------

    @property
    def leader(self) -> SimulatedMember | None:
        """The member that leads and works."""
        leading = (m for m in self.members if m.works and m.leader == m.id)
        return next(leading, None)

    @property
    def has_quorum(self) -> bool:
        voters = [m for m in self.members if not m.learner]
        return sum(1 for m in voters if m.works) > len(voters) // 2

    @property
    def full(self) -> bool:
        """Refuses what would grow it, until the alarm is disarmed."""
        return any(kind == "NOSPACE" for _, kind in self.alarms)

    def by_name(self, name: str) -> SimulatedMember:
        return next(m for m in self.members if m.name == name)

    def by_id(self, id_: int) -> SimulatedMember | None:
        return next((m for m in self.members if m.id == id_), None)

    # -- what happens to it --------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Elections, the load's writes, catching up."""
        passed = 0.0 if self._ticked is None else max(0.0, now - self._ticked)
        self._ticked = now
        self._elect(now)
        self._owed += passed * self.writes_per_s
        count = int(self._owed)
        self._owed -= count
        for _ in range(count):
            self.write(ENTRY_BYTES)
        for member in self.members:
            if member.works and not member.stuck and self.leader is not None:
                member.leader, member.applied = self.leader.id, self.index

    def write(self, size: int) -> bool:
        """One acknowledged write, or False: no quorum, or no space. The write that reaches the quota raises the alarm
        and is refused, as the real one."""
        leader = self.leader
        if leader is None or not self.has_quorum or self.full:
            return False
        if leader.db_size + size > self.quota:
            self.alarms.add((leader.id, "NOSPACE"))
            return False
        self.index += 1
        self.revision += 1
        for member in self.members:
            if member.works and not member.stuck:
                member.applied = self.index
                member.db_in_use += size
                member.db_size = max(member.db_size, member.db_in_use)
                member.fsyncs[member.fsync_s] = member.fsyncs.get(member.fsync_s, 0) + 1
        return True

    def add_learner(self, name: str, *, peer_url: str, started: bool = False) -> SimulatedMember:
        member = _member(name, self.cluster_id)
        member.learner, member.started, member.peer_url = True, started, peer_url
        self.members.append(member)
        self.index += 1
        return member

    def transfer(self, to: SimulatedMember) -> None:
        self.term += 1
        self._lead(to)

    def defragment(self, member: SimulatedMember) -> None:
        member.db_size = member.db_in_use

    def compact(self, revision: int) -> None:
        self.compacted = revision
        self.index += 1
        for member in self.members:
            if member.works:
                member.db_in_use -= int(member.db_in_use * HISTORY_SHARE) // PAGE * PAGE

    def _elect(self, now: float) -> None:
        if self.leader is not None and self.has_quorum:
            self._leaderless_since = None
            return
        if self._leaderless_since is None:
            self._leaderless_since = now
        if now - self._leaderless_since < ELECTION_S:
            return
        able = [m for m in self.members if m.works and not m.learner]
        if self.has_quorum:
            self.term += 1
            self._lead(able[0])
        else:
            for member in self.members:
                member.leader = 0

    def _lead(self, leader: SimulatedMember) -> None:
        for member in self.members:
            member.leader = leader.id if member.works else 0
            member.leader_changes += member.works


def _member(name: str, cluster_id: int) -> SimulatedMember:
    """With an id that is the same in every run."""
    return SimulatedMember(name, int.from_bytes(sha256(f"{cluster_id}/{name}".encode()).digest()[:8], "big"))
