"""The metrics of many clusters on one page, as if each had been scraped: what only scale can show.

Counters grow with time, histograms hold as many observations as their counts say, and a fault changes what a cluster
shows from that moment on without any counter going back.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

Fault = Literal["leaderless", "flapping", "member-down", "slow-disk", "full", "errors", "silent"]
FAULTS: tuple[Fault, ...] = get_args(Fault)
MEMBERS = 3
QUOTA = 8 << 30  # bytes
# Upper bounds of etcd's own histograms: 1 ms doubled 14 times (disk), 0.1 ms doubled 16 times (peers).
_DISK = tuple(0.001 * 2**power for power in range(14))
_PEER = tuple(0.0001 * 2**power for power in range(16))
_ANSWERS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # some of the API server's
_NODES = ("n1", "n2", "n3")
_FLAP = 2.0  # seconds between two elections of a flapping leader
_LABELS = Mapping[str, str]


@dataclass
class Cluster:
    """One cluster: its counters are made of the time that it has lived, whole and with each fault."""

    name: str
    faults: set[Fault] = field(default_factory=set)
    age: float = 3600.0  # seconds; an hour before the first page
    suffered: dict[Fault, float] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0.0))  # seconds

    @property
    def number(self) -> int:
        """Makes clusters differ, the same in every run."""
        return zlib.crc32(self.name.encode()) % 997

    @property
    def slow(self) -> float:
        """Seconds lived with a slow disk."""
        return self.suffered["slow-disk"]

    @property
    def well(self) -> float:
        """Seconds lived with a quick one."""
        return self.age - self.slow

    @property
    def elections(self) -> int:
        return 1 + (self.suffered["leaderless"] > 0) + int(self.suffered["flapping"] / _FLAP)

    def live(self, seconds: float) -> None:
        """Time passes in the present state."""
        self.age += seconds
        for fault in self.faults:
            self.suffered[fault] += seconds


class Page:
    """`count` clusters named c000, c001, ...; `render` makes the text for one moment."""

    def __init__(self, count: int) -> None:
        width = max(3, len(str(count - 1)))
        self.clusters = {name: Cluster(name) for name in (f"c{i:0{width}d}" for i in range(count))}
        self._templates = {name: _Templates(name) for name in self.clusters}

    def live(self, seconds: float) -> None:
        for cluster in self.clusters.values():
            cluster.live(seconds)

    def render(self) -> str:
        return "".join(part for name, cluster in self.clusters.items() for part in self._templates[name].fill(cluster))


class _Templates:
    """The lines of one cluster with holes for the values, made once: filling them costs microseconds."""

    def __init__(self, name: str) -> None:
        self._members = [_member_lines(name, number) for number in range(1, MEMBERS + 1)]
        self._down = [_line("up", {**_instance(name, number)}) % 0 for number in range(1, MEMBERS + 1)]
        self._cluster = _cluster_lines(name)

    def fill(self, cluster: Cluster) -> Iterator[str]:
        if "silent" in cluster.faults:
            return
        for number, template in enumerate(self._members, start=1):
            if "member-down" in cluster.faults and number == 1:
                yield self._down[0]
            else:
                yield template % tuple(_member_values(cluster, number))
        yield self._cluster % tuple(_cluster_values(cluster))


def _member_lines(cluster: str, number: int) -> str:
    labels = _instance(cluster, number)
    lines = [_line(name, labels) for name in _GAUGES]
    lines.append(_line("etcd_server_version", {**labels, "server_version": "3.6.16"}))
    for histogram in ("etcd_disk_wal_fsync_duration_seconds", "etcd_disk_backend_commit_duration_seconds"):
        lines.extend(_histogram_lines(histogram, labels, _DISK))
    for peer in _peers(cluster, number):
        lines.extend(_histogram_lines("etcd_network_peer_round_trip_time_seconds", {**labels, "To": peer}, _PEER))
    return "".join(lines)


def _member_values(cluster: Cluster, number: int) -> Iterator[object]:
    for value in _GAUGES.values():
        yield value(cluster, number)
    yield 1
    rate = _writes(cluster)
    for quick in (0.001, 0.003):
        yield from _histogram_values(_DISK, [(rate * cluster.well, quick), (rate * cluster.slow, 0.3)])
    for _ in range(MEMBERS - 1):
        yield from _histogram_values(_PEER, [(cluster.age / 30, 0.003)])


_GAUGES: Mapping[str, Callable[[Cluster, int], object]] = {
    "up": lambda cluster, number: 1,
    "etcd_server_has_leader": lambda cluster, number: int("leaderless" not in cluster.faults),
    "etcd_server_is_leader": lambda cluster, number: int(_leads(cluster, number)),
    "etcd_server_is_learner": lambda cluster, number: 0,
    "etcd_server_leader_changes_seen_total": lambda cluster, number: cluster.elections,
    "etcd_server_proposals_committed_total": lambda cluster, number: _proposals(cluster),
    "etcd_server_proposals_applied_total": lambda cluster, number: _proposals(cluster),
    "etcd_server_proposals_pending": lambda cluster, number: 0,
    "etcd_server_proposals_failed_total": lambda cluster, number: 0,
    "etcd_server_slow_apply_total": lambda cluster, number: int(cluster.slow),
    "etcd_server_slow_read_indexes_total": lambda cluster, number: int(cluster.slow / 10),
    "etcd_server_heartbeat_send_failures_total": lambda cluster, number: int(cluster.slow / 5),
    "etcd_debugging_mvcc_current_revision": lambda cluster, number: _proposals(cluster) - 40,
    "etcd_server_quota_backend_bytes": lambda cluster, number: QUOTA,
    "etcd_mvcc_db_total_size_in_bytes": lambda cluster, number: _size(cluster),
    "etcd_mvcc_db_total_size_in_use_in_bytes": lambda cluster, number: int(_size(cluster) * 0.7),
}


def _cluster_lines(name: str) -> str:
    """What the boards of the control plane, of service levels and of replication read, in few series."""
    api = {"cluster": name, "job": "apiserver", "instance": f"{name}-api"}
    state = {"cluster": name, "job": "kube-state-metrics", "instance": f"{name}-ksm"}
    scheduler = {"cluster": name, "job": "kube-scheduler", "instance": f"{name}-cp"}
    standby, primary = ({"cluster": name, "job": "postgres", "instance": f"{name}-{role}"} for role in ("pg2", "pg1"))
    stream = {**primary, "application_name": "pg2", "state": "streaming"}
    return "".join(
        [
            _line("apiserver_request_total", {**api, "code": "200", "verb": "GET", "resource": "pods"}),
            _line("apiserver_request_total", {**api, "code": "500", "verb": "GET", "resource": "pods"}),
            _line("apiserver_current_inflight_requests", {**api, "request_kind": "readOnly"}),
            *_histogram_lines("apiserver_request_sli_duration_seconds", {**api, "verb": "POST"}, _ANSWERS),
            _line("pg_replication_is_replica", primary),
            _line("pg_replication_is_replica", standby),
            _line("pg_replication_lag_seconds", standby),
            _line("pg_stat_replication_pg_wal_lsn_diff", stream),
            _line("pg_stat_replication_pg_current_wal_lsn_bytes", stream),
            *(_line("up", each) for each in (api, state, scheduler)),
            _line("scheduler_pending_pods", {**scheduler, "queue": "active"}),
            *(_line("kube_pod_status_phase", {**state, "phase": phase}) for phase in ("Pending", "Running")),
            _line("kube_pod_status_ready", {**state, "condition": "true"}),
            *(_node_condition(state, status) for status in ("true", "false", "unknown")),
            _line("kube_pod_container_resource_requests", {**state, "resource": "cpu"}),
            *(_line("kube_node_status_allocatable", {**state, "node": node, "resource": "cpu"}) for node in _NODES),
        ]
    )


def _node_condition(state: _LABELS, status: str) -> str:
    return _line("kube_node_status_condition", {**state, "condition": "Ready", "status": status})


def _cluster_values(cluster: Cluster) -> Iterator[object]:
    requests = 20 * cluster.age
    failed = 0.0001 * requests + 5 * cluster.suffered["errors"]
    yield int(requests - failed)
    yield int(failed)
    yield 3 + cluster.number % 7
    yield from _histogram_values(_ANSWERS, [(4 * cluster.well, 0.04), (4 * cluster.slow, 1.5)])
    yield from (0, 1, 0)
    yield cluster.number * 16
    yield int(_proposals(cluster)) * 512
    yield from (1, 1, 1)  # up
    yield cluster.number % 5
    running = 200 + cluster.number
    yield from (cluster.number % 4, running, running)
    yield from (len(_NODES), 0, 0)
    yield 20 + cluster.number % 20
    yield from (16 for _ in _NODES)


def _leads(cluster: Cluster, number: int) -> bool:
    return number == 1 + cluster.elections % MEMBERS and "leaderless" not in cluster.faults


def _writes(cluster: Cluster) -> float:
    """Writes a second."""
    return 10 + cluster.number % 40


def _proposals(cluster: Cluster) -> int:
    return 1000 + int(_writes(cluster) * cluster.age)


def _size(cluster: Cluster) -> int:
    share = 0.97 if "full" in cluster.faults else 0.05 + cluster.number / 2000
    return int(QUOTA * share)


def _instance(cluster: str, number: int) -> _LABELS:
    return {"cluster": cluster, "job": "etcd", "instance": f"{cluster}-m{number}"}


def _peers(cluster: str, number: int) -> list[str]:
    others = (other for other in range(1, MEMBERS + 1) if other != number)
    return [f"{zlib.crc32(f'{cluster}{other}'.encode()):016x}" for other in others]


def _histogram_lines(name: str, labels: _LABELS, bounds: tuple[float, ...]) -> Iterator[str]:
    for bound in (*(f"{bound:g}" for bound in bounds), "+Inf"):
        yield _line(f"{name}_bucket", {**labels, "le": bound})
    yield _line(f"{name}_sum", labels)
    yield _line(f"{name}_count", labels)


def _histogram_values(bounds: tuple[float, ...], lots: list[tuple[float, float]]) -> Iterator[object]:
    """Of `lots` of (observations, their median): an exponential spread, so that the 99th percentile is 6.6 medians."""
    total = int(sum(count for count, _ in lots))
    for bound in bounds:
        yield int(sum(count * (1 - 0.5 ** (bound / median)) for count, median in lots))
    yield total
    yield round(sum(count * median * 1.44 for count, median in lots), 3)
    yield total


def _line(name: str, labels: _LABELS) -> str:
    inner = ",".join(f'{key}="{value}"' for key, value in labels.items())
    return f"{name}{{{inner}}} %s\n"
