"""The metrics of the demo's etcd members: what the simulated members are, as a Prometheus that scrapes them sees it."""

from collections.abc import Iterator

from fleetui.simulate.course import Recorded, Wave
from fleetui.simulate.demo_scrape import Scraped, Shape, since
from fleetui.simulate.etcd_answers import BOUNDS
from fleetui.simulate.etcd_cluster import ENTRY_BYTES, SimulatedEtcd, SimulatedMember
from fleetui.simulate.series_store import SCRAPE_S, Series, Silence

ETCD = "etcd"
FSYNCS_PER_S = 12.0
FSYNC, COMMIT = "etcd_disk_wal_fsync_duration_seconds", "etcd_disk_backend_commit_duration_seconds"
PEER = "etcd_network_peer_round_trip_time_seconds"
PEER_BOUNDS = tuple(0.0001 * 2**step for step in range(15))
SPREAD = 1.9
"""The 99th percentile of a disk's fsyncs, in medians."""


def instance(member: SimulatedMember) -> str:
    return f"{member.name}:2379"


class ScrapedEtcd:
    """One cluster's etcd. Histograms are drawn once, for each speed of a disk; the rest is read at each scrape."""

    def __init__(self, of: Scraped, etcd: SimulatedEtcd) -> None:
        self.etcd = etcd
        self._of = of
        self._places = {
            member.id: Silence(offset_s=of.chance.uniform(0, SCRAPE_S), within=of.place) for member in etcd.members
        }
        self._drawn: dict[int, tuple[float, tuple[Series, ...]]] = {}

    def read(self, now: float) -> Iterator[Series]:
        self.etcd.tick(now)
        for member in self.etcd.members:
            place = self._places.setdefault(member.id, Silence(within=self._of.place))
            if member.works:
                place.end(now)
                self._tell(member, now)
            else:
                place.begin(self._of.began if not self._drawn.get(member.id) else now)
            yield from self._histograms(member, place)

    def _tell(self, member: SimulatedMember, now: float) -> None:
        etcd, at = self.etcd, instance(member)
        writes = etcd.writes_per_s if not etcd.alarms else 0.0

        def tell(name: str, value: float, *, a_second: float = 0.0, **labels: str) -> None:
            before = Recorded(lambda first, ago_s: max(0.0, first - a_second * ago_s)) if a_second else None
            self._of.memory.tell(ETCD, f"etcd_{name}", float(value), now, before, instance=at, **labels)

        tell("server_has_leader", member.leader != 0)
        tell("server_is_leader", member.leader == member.id)
        tell("server_is_learner", member.learner)
        tell("server_id", 1, server_id=f"{member.id:x}")
        tell("server_version", 1, server_version=member.version)
        tell("server_leader_changes_seen_total", member.leader_changes)
        tell("server_proposals_committed_total", etcd.index, a_second=writes)
        tell("server_proposals_applied_total", member.applied, a_second=writes)
        tell("debugging_mvcc_current_revision", etcd.revision, a_second=writes)
        tell("server_proposals_pending", 0)
        tell("server_proposals_failed_total", 0)
        tell("server_slow_apply_total", 0)
        tell("server_heartbeat_send_failures_total", 0)
        tell("mvcc_db_total_size_in_bytes", member.db_size, a_second=writes * ENTRY_BYTES)
        tell("mvcc_db_total_size_in_use_in_bytes", member.db_in_use, a_second=writes * ENTRY_BYTES)
        tell("server_quota_backend_bytes", etcd.quota)
        tell("disk_defrag_inflight", 0)
        for other in etcd.members:
            tell("network_known_peers", 1, Local=f"{member.id:x}", Remote=f"{other.id:x}")
        for _, kind in sorted(etcd.alarms):
            tell("debugging_server_alarms", 1, alarm_type=kind)

    def _histograms(self, member: SimulatedMember, place: Silence) -> tuple[Series, ...]:
        known = self._drawn.get(member.id)
        if known is None or known[0] != member.fsync_s:
            known = self._drawn[member.id] = member.fsync_s, tuple(self._draw(member, place))
        return known[1]

    def _draw(self, member: SimulatedMember, place: Silence) -> Iterator[Series]:
        of, at = self._of, instance(member)
        writes = Wave(FSYNCS_PER_S, swing=0.2, phase=of.phase)
        took = member.fsync_s
        for name, median in ((FSYNC, took / SPREAD), (COMMIT, took)):
            shape = Shape(BOUNDS, median, median * SPREAD)
            yield from of.histogram(ETCD, name, writes, shape, place, instance=at)
        probes = Wave(1 / 30, swing=0.0, ripple=0.0)
        for other in self.etcd.members:
            if other is not member:
                shape = Shape(PEER_BOUNDS, 0.0012, 0.006)
                yield from of.histogram(ETCD, PEER, probes, shape, place, instance=at, To=f"{other.id:x}")


def down_since(of: Scraped, member: SimulatedMember) -> Recorded | None:
    """For ``up`` of a member that was down from the start."""
    return None if member.works else since(0.0, of.began, 1.0)
