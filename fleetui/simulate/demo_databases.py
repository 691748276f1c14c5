"""The databases and queues in the demo's clusters, as their exporters tell of them.

Stories: a PostgreSQL standby that falls behind and catches up, one whose link is broken while its primary writes on
and whose exporter says "0 s", a Kafka without one of its brokers with a consumer that stands still, a Galera node that
gives its data to another, a Cassandra that compacts too slowly, a Ceph without one of its disks.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

import msgspec

from fleetui.simulate.course import Counter, Course, Rounded, Steady, Switch, Told, Wave
from fleetui.simulate.demo_scrape import FOR_EVER, HOUR_S, MINUTE_S, Scraped
from fleetui.simulate.series_store import Series

MIB, GIB = 2.0**20, 2.0**30

# PostgreSQL.

WAL_A_SECOND = 2.2 * MIB
FLUSHED = 65_536.0
"""Bytes that are always on their way."""
LAG_PERIOD_S, LAG_RISES_S, LAG_FALLS_S, LAG_MOST_S = 540.0, 360.0, 60.0, 47.0


class Postgres(msgspec.Struct, frozen=True):
    """A primary, ``-0``, and two standbys."""

    namespace: str
    name: str
    lagging: bool = False
    """The last standby falls behind, again and again."""
    broken: bool = False
    """The last standby receives nothing any more."""


POSTGRES: Mapping[str, Postgres] = {
    "data-north-1": Postgres("orders", "postgres", lagging=True),
    "prod-east-1": Postgres("catalog", "db", broken=True),
    "pci-east-1": Postgres("ledger", "db"),
}


def _postgres(of: Scraped, one: Postgres) -> Iterator[Series]:
    names = [f"{one.name}-{number}" for number in range(3)]
    for number, name in enumerate(names):
        tell = partial(of.series, "postgres-exporter", namespace=one.namespace, instance=f"{name}:9187")
        yield tell("pg_up", Steady(1.0))
        yield tell("pg_replication_is_replica", Steady(float(number > 0)))
        yield from _sessions(of, tell)
        last = number == len(names) - 1
        if number:
            yield from _standby(of, tell, lag=_lag_of(of, one, last=last), until=_received_until(of, one, last=last))
        else:
            yield from _primary(of, one, names[1:], tell)


Tell = Callable[..., Series]


def _sessions(of: Scraped, tell: Tell) -> Iterator[Series]:
    reads = of.wave(900.0, swing=0.4)
    yield tell("pg_stat_database_blks_hit", Counter(reads, 0.993), datname="main")
    yield tell("pg_stat_database_blks_read", Counter(reads, 0.007), datname="main")
    yield tell("pg_stat_activity_count", of.wave(74.0, swing=0.3), state="active")
    yield tell("pg_settings_max_connections", Steady(200.0))


def _lag_of(of: Scraped, one: Postgres, *, last: bool) -> Course:
    if last and one.broken:
        return Steady(0.0)  # postgres_exporter#977: all that was received is replayed
    return Told(partial(_saw, of.began)) if last and one.lagging else of.wave(0.25, swing=0.3, ripple=0.2)


def _saw(began: float, t: float) -> float:
    """Rises while somebody's report holds back the replay, falls fast when it has ended."""
    into = (t - began) % LAG_PERIOD_S
    if into < LAG_RISES_S:
        return LAG_MOST_S * into / LAG_RISES_S
    return LAG_MOST_S * max(0.0, 1 - (into - LAG_RISES_S) / LAG_FALLS_S)


def _received_until(of: Scraped, one: Postgres, *, last: bool) -> float:
    return of.began + 9 * MINUTE_S if last and one.broken else FOR_EVER


def _behind(lag: Course, t: float) -> float:
    return FLUSHED + (lag.at(t) or 0.0) * WAL_A_SECOND


def _kept(wal: Wave, until: float, t: float) -> float:
    """By a slot whose reader went away."""
    return FLUSHED + (wal.grew(until, t) if t > until else 0.0)


def _sent(wrote: Course, t: float) -> float:
    return (wrote.at(t) or 0.0) - 14_000.0


def _before(until: float, course: Course) -> Course:
    return Told(lambda t: course.at(t) if t < until else None)


def _standby(of: Scraped, tell: Tell, *, lag: Course, until: float) -> Iterator[Series]:
    wal = Counter(of.wave(WAL_A_SECOND), since=of.began - 90 * 86_400)
    yield tell("pg_replication_lag_seconds", lag)
    yield tell("pg_replication_last_replay_seconds", Told(lambda t: (lag.at(t) or 0.0) + max(0.0, t - until)))
    yield tell("pg_stat_wal_receiver_flushed_lsn", _before(until, wal))
    yield tell("pg_stat_wal_receiver_last_msg_receipt_time", _before(until, Told(lambda t: t - 2.0)))


def _primary(of: Scraped, one: Postgres, standbys: list[str], tell: Tell) -> Iterator[Series]:
    yield tell("pg_settings_max_slot_wal_keep_size_bytes", Steady(24 * GIB))
    wal = of.wave(WAL_A_SECOND)
    yield tell("pg_stat_replication_pg_current_wal_lsn_bytes", Counter(wal, since=of.began - 90 * 86_400))
    for number, name in enumerate(standbys):
        last = number == len(standbys) - 1
        until, lag = _received_until(of, one, last=last), _lag_of(of, one, last=last)
        behind = Told(partial(_behind, lag))
        yield tell(
            "pg_stat_replication_pg_wal_lsn_diff", _before(until, behind), application_name=name,
            client_addr=f"10.9.0.{number + 2}", state="streaming",
        )  # fmt: skip
        slot = name.replace("-", "_")
        kept = Told(partial(_kept, wal, until))
        yield tell("pg_replication_slots_pg_wal_lsn_diff", kept, slot_name=slot)
        yield tell("pg_replication_slots_active", Switch(((until, FOR_EVER),)), slot_name=slot)


# Redis.

REDIS = "data-north-1"


def _redis(of: Scraped) -> Iterator[Series]:
    primary, replica = "10.26.1.41", "10.26.2.41"
    for address, role in ((primary, "master"), (replica, "slave")):
        tell = partial(of.series, "redis-exporter", namespace="cache", instance=f"{address}:9121")
        reads = of.wave(2_600.0, swing=0.4)
        yield tell("redis_up", Steady(1.0))
        yield tell("redis_instance_info", Steady(1.0), role=role)
        yield tell("redis_memory_used_bytes", of.wave(5.1 * GIB, swing=0.05, ripple=0.01))
        yield tell("redis_memory_max_bytes", Steady(8 * GIB))
        yield tell("redis_keyspace_hits_total", Counter(reads, 0.94))
        yield tell("redis_keyspace_misses_total", Counter(reads, 0.06))
        yield tell("redis_evicted_keys_total", Steady(0.0))
        if role == "slave":
            yield tell("redis_master_link_up", Steady(1.0))
            yield tell("redis_master_last_io_seconds_ago", Told(lambda t: float(t // 1 % 3)))
        else:
            wrote = Counter(of.wave(1.4 * MIB), since=of.began - 86_400)
            yield tell("redis_master_repl_offset", wrote)
            sent = Told(partial(_sent, wrote))
            yield tell("redis_connected_slave_offset_bytes", sent, slave_ip=replica, slave_state="online")
            yield tell("redis_connected_slave_lag_seconds", Told(lambda t: float(t // 15 % 2)), slave_ip=replica)


# Kafka.

KAFKA = "data-north-1"
TOPICS = {"orders": 6, "events": 4, "audit": 2}
SHORT = frozenset({("orders", 2), ("orders", 5), ("events", 1)})
"""Partitions that had a copy on the broker that is gone."""
PRODUCED = {"orders": 180.0, "events": 900.0, "audit": 25.0}
CONSUMERS = (("billing", "orders", 40.0), ("search-index", "events", 76_000.0), ("audit-export", "audit", 0.0))
"""(group, topic, messages that wait); the last one stands still."""
STALLED_S = 2 * HOUR_S


def _kafka(of: Scraped) -> Iterator[Series]:
    tell = partial(of.series, "kafka-exporter", namespace="events", instance="kafka-exporter:9308")
    yield tell("kafka_brokers", Steady(4.0))
    for topic, partitions in TOPICS.items():
        for number in range(partitions):
            at = {"topic": topic, "partition": str(number)}
            short = float((topic, number) in SHORT)
            yield tell("kafka_topic_partition_leader", Steady(float(number % 4)), **at)
            yield tell("kafka_topic_partition_under_replicated_partition", Steady(short), **at)
            produced = Counter(of.wave(PRODUCED[topic] / partitions))
            yield tell("kafka_topic_partition_current_offset", produced, **at)
    for group, topic, waiting in CONSUMERS:
        yield from _consumer(of, tell, group, topic, waiting)


def _consumer(of: Scraped, tell: Tell, group: str, topic: str, waiting: float) -> Iterator[Series]:
    yield tell("kafka_consumergroup_members", Steady(3.0 if waiting else 1.0), consumergroup=group)
    stopped = of.began - STALLED_S
    wave = of.wave(PRODUCED[topic] / TOPICS[topic])
    for number in range(TOPICS[topic]):
        at = {"consumergroup": group, "topic": topic, "partition": str(number)}
        if waiting:
            lag: Course = Rounded(of.wave(waiting / TOPICS[topic], swing=0.2, ripple=0.1))
            yield tell("kafka_consumergroup_current_offset", Counter(wave), **at)
        else:
            lag = Told(lambda t: max(0.0, wave.grew(stopped, t)) if t > stopped else 0.0)
            yield tell("kafka_consumergroup_current_offset", Told(lambda t: wave.grew(0.0, min(t, stopped))), **at)
        yield tell("kafka_consumergroup_lag", lag, **at)


# Those that have a state and no seconds.

GALERA, CASSANDRA, CEPH, RUNNER = "nonprod-west-1", "ml-north-1", "platform-north-1", "ci-north-1"


def _galera(of: Scraped) -> Iterator[Series]:
    for number in range(3):
        tell = partial(of.series, "mysqld-exporter", namespace="identity", instance=f"galera-{number}:9104")
        donor = number == 2
        yield tell("mysql_up", Steady(1.0))
        for name, value in (
            ("cluster_size", 3.0), ("local_state", 2.0 if donor else 4.0), ("cluster_status", 1.0), ("ready", 1.0),
            ("local_recv_queue", 6.0 if donor else 0.0), ("flow_control_paused", 0.02),
        ):  # fmt: skip
            yield tell(f"mysql_global_status_wsrep_{name}", Steady(value))


def _cassandra(of: Scraped) -> Iterator[Series]:
    names = [f"cassandra-{number}" for number in range(3)]
    for number, name in enumerate(names):
        tell = partial(of.series, "cassandra", namespace="features", instance=f"{name}:9500")
        for other in names:
            yield tell("cassandra_endpoint_active", Steady(1.0), endpoint=other)
        yield tell("cassandra_client_request_unavailable_exceptions_total", Steady(0.0))
        yield tell("cassandra_dropped_messages_total", Steady(0.0))
        waiting = of.wave(150.0 if number == 1 else 9.0, swing=0.1, ripple=0.02)
        yield tell("cassandra_table_estimated_pending_compactions", Rounded(waiting))


def _ceph(of: Scraped) -> Iterator[Series]:
    tell = partial(of.series, "ceph-mgr", namespace="rook-ceph", instance="ceph-mgr:9283")
    yield tell("ceph_health_status", Steady(1.0))
    left = Told(lambda t: float(round(max(12.0, 64.0 - (t - of.began) / 180))))
    yield tell("ceph_pg_degraded", left)
    for number in range(12):
        yield tell("ceph_osd_up", Steady(float(number != 7)), ceph_daemon=f"osd.{number}")
    yield tell("ceph_cluster_total_used_bytes", of.wave(29.6e12, swing=0.0, ripple=0.001))
    yield tell("ceph_cluster_total_bytes", Steady(43.2e12))


def _runner(of: Scraped) -> Iterator[Series]:
    tell = partial(of.series, "gitlab-runner", namespace="ci", instance="runner-manager:9252")
    jobs = of.wave(22.0, swing=0.3, ripple=0.08)
    yield tell("gitlab_runner_jobs", Told(lambda t: min(24.0, float(round(jobs.at(t))))), state="running")
    yield tell("gitlab_runner_concurrent", Steady(24.0))
    failed = Counter(of.wave(0.02))
    yield tell("gitlab_runner_failed_jobs_total", failed, failure_reason="script_failure")
    yield tell("gitlab_runner_failed_jobs_total", Steady(3.0), failure_reason="runner_system_failure")


STATEFUL: tuple[tuple[str, Callable[[Scraped], Iterator[Series]]], ...] = (
    (REDIS, _redis), (KAFKA, _kafka), (GALERA, _galera), (CASSANDRA, _cassandra), (CEPH, _ceph), (RUNNER, _runner),
)  # fmt: skip


def databases(of: Scraped) -> Iterator[Series]:
    if of.name in POSTGRES:
        yield from _postgres(of, POSTGRES[of.name])
    for cluster, tell in STATEFUL:
        if cluster == of.name:
            yield from tell(of)
