"""Every kind that ships, asked of a real Prometheus that scrapes a page in the words of its exporter: that a query is
valid PromQL does not yet mean that its series fit each other. PostgreSQL: tests/console/test_replication_real.py."""

import asyncio
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fleetui.clients.kind_files import read_kinds
from fleetui.clients.paths import shipped_kinds
from fleetui.clients.system import SystemClock
from fleetui.model.fault import Fault
from fleetui.model.health.answers import Answers
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_board import replication_board
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.questions import Questions
from fleetui.observe.replication import questions
from tests.bed.prometheus import Job, Prometheus
from tests.clients.sources import source

pytestmark = [pytest.mark.bed, pytest.mark.xdist_group("health")]

KINDS = read_kinds(shipped_kinds(), Path("/nowhere")).kinds
WITHIN_S = 60.0
MIB = 2**20
A, B, C = "10.0.0.1", "10.0.0.2", "10.0.0.3"


def series(metric: str, value: float, **labels: str) -> str:
    named = {"cluster": "eu", **labels}
    inside = ",".join(f'{name}="{said}"' for name, said in named.items())
    return f"{metric}{{{inside}}} {value}"


def patroni(instance: str, t: float, **said: float) -> list[str]:
    """A member; ``behind`` is what it has not replayed."""
    behind, primary = said.get("behind", 0), said.get("primary", 0)
    written = 1e9 + MIB * t
    known = {
        "postgres_running": 1, "primary": primary, "replica": 1 - primary, "standby_leader": 0,
        "postgres_streaming": said.get("streaming", 1 - primary), "xlog_location": written if primary else 0,
        "xlog_received_location": 0 if primary else written,
        "xlog_replayed_location": 0 if primary else written - behind,
        "xlog_replayed_timestamp": 0 if primary else time.time() - said.get("age", 0), "pending_restart": 0,
        "is_paused": 0, "dcs_last_seen": time.time(),
    }  # fmt: skip
    return [
        series(f"patroni_{name}", value, scope="main", instance=f"{instance}:8008") for name, value in known.items()
    ]


def redis(t: float) -> list[str]:
    primary, ok, lost = ({"instance": f"{host}:9121"} for host in (A, B, C))
    return [
        *(series("redis_up", 1, **one) for one in (primary, ok, lost)),
        series("redis_instance_info", 1, role="master", **primary),
        *(series("redis_instance_info", 1, role="slave", **one) for one in (ok, lost)),
        series("redis_master_link_up", 1, master_host=A, **ok),
        series("redis_master_link_up", 0, master_host=A, **lost),
        series("redis_master_repl_offset", 1e6 + 1000 * t, **primary),
        series("redis_connected_slave_offset_bytes", 1e6 + 1000 * t, slave_ip=B, slave_state="online", **primary),
        series("redis_connected_slave_lag_seconds", 1, slave_ip=B, slave_state="online", **primary),
        series("redis_memory_used_bytes", 95, **ok),
        series("redis_memory_max_bytes", 100, **ok),
    ]


def mysql() -> list[str]:
    primary, late, stopped = ({"instance": f"{host}:9104", "namespace": "shop"} for host in (A, B, C))
    channel = {"master_host": A, "channel_name": ""}
    return [
        *(series("mysql_up", 1, **one) for one in (primary, late, stopped)),
        *(series("mysql_slave_status_master_server_id", 7, **channel, **one) for one in (late, stopped)),
        *(series("mysql_slave_status_slave_io_running", 1, **channel, **one) for one in (late, stopped)),
        series("mysql_slave_status_slave_sql_running", 1, **channel, **late),
        series("mysql_slave_status_slave_sql_running", 0, **channel, **stopped),
        *(series("mysql_slave_status_sql_delay", 0, **channel, **one) for one in (late, stopped)),
        series("mysql_slave_status_seconds_behind_master", 12, **channel, **late),
        series("mysql_slave_status_last_sql_errno", 1062, **channel, **stopped),
    ]


def galera() -> list[str]:
    said = {"cluster_size": 3, "local_state": 2, "cluster_status": 1, "ready": 1, "local_recv_queue": 0}
    node = {"instance": f"{A}:9104", "namespace": "galera"}
    return [
        series("mysql_up", 1, **node),
        *(series(f"mysql_global_status_wsrep_{k}", v, **node) for k, v in said.items()),
    ]


def mongodb() -> list[str]:
    """Each member's exporter tells of all; the third cannot be reached by the others."""
    rows = []
    for teller in (A, B):
        for member, state, health, behind in ((A, 1, 1, 0), (B, 2, 1, 45), (C, 8, 0, 600)):
            told = {"set": "rs0", "member_idx": f"{member}:27017", "instance": f"{teller}:9216"}
            rows += [
                series("mongodb_rs_members_state", state, **told),
                series("mongodb_rs_members_health", health, **told),
                series("mongodb_rs_members_optimeDate", 1000 * (1.7e9 - behind), **told),
            ]
    return rows


def kafka(t: float) -> list[str]:
    exporter = {"instance": f"{A}:9308"}
    rows = []
    for group, lag, pace in (("quick", 0, 50), ("slow", 5000, 10), ("stalled", 70, 0), ("resting", 0, 0)):
        for partition in ("0", "1"):
            told = {"consumergroup": group, "topic": f"of-{group}", "partition": partition, **exporter}
            rows.append(series("kafka_consumergroup_lag", lag, **told))
            rows.append(series("kafka_consumergroup_current_offset", 100 + pace * t, **told))
        rows.append(series("kafka_consumergroup_members", 2, consumergroup=group, **exporter))
    broken = {"topic": "of-quick", "partition": "0", **exporter}
    rows.append(series("kafka_topic_partition_under_replicated_partition", 1, **broken))
    return [*rows, series("kafka_brokers", 3, **exporter), series("kafka_topic_partition_leader", 2, **broken)]


def etcd(t: float) -> list[str]:
    rows = []
    for host, learner, behind in ((A, 0, 0), (B, 1, 9000), (C, 1, 3)):
        told = {"instance": f"{host}:2381"}
        rows += [
            series("etcd_server_is_learner", learner, **told),
            series("etcd_server_has_leader", 1, **told),
            series("etcd_debugging_mvcc_current_revision", 50_000 + 100 * t - behind, **told),
        ]
    return rows


def states() -> list[str]:
    """Kinds without a lag."""
    ceph, node = {"instance": f"{A}:9283"}, {"instance": f"{A}:9500"}
    return [
        series("ceph_health_status", 1, **ceph),
        *(series("ceph_pg_degraded", count, pool_id=pool, **ceph) for pool, count in (("1", 4), ("2", 3))),
        *(series("ceph_osd_up", up, ceph_daemon=osd, **ceph) for osd, up in (("osd.0", 1), ("osd.1", 0))),
        series("ceph_cluster_total_used_bytes", 50, **ceph),
        series("ceph_cluster_total_bytes", 100, **ceph),
        *(series("cassandra_endpoint_active", up, endpoint=host, **node) for host, up in ((B, 1), (C, 0))),
        series("slurm_queue_pending", 12, **node),
        series("slurm_nodes_down", 0, **node),
        series("slurm_cpus_alloc", 60, **node),
        series("slurm_cpus_total", 80, **node),
        series("nomad_nomad_blocked_evals_total_blocked", 2, **node),
        series("nomad_nomad_autopilot_healthy", 1, **node),
        series("gitlab_runner_concurrent", 10, **node),
        *(series("gitlab_runner_jobs", 5, runner=runner, state="running", **node) for runner in ("a", "b")),
        series("gateway_service_count", 1, function_name="resize", **node),
        series("varnish_up", 1, **node),
        *(series("varnish_backend_up", up, backend=name, **node) for name, up in (("east", 1), ("west", 0))),
        series("probe_ssl_earliest_cert_expiry", time.time() + 3 * 86_400, instance="https://cdn.example"),
        series("probe_success", 1, instance="https://cdn.example"),
    ]


BEGUN = time.time()


def page() -> str:
    t = time.time() - BEGUN
    members = (*patroni(A, t, primary=1), *patroni(B, t, behind=0, age=900), *patroni(C, t, behind=4 * MIB, age=8))
    alone = [line.replace('scope="main"', 'scope="alone"') for line in patroni(A, t, streaming=0)]
    rows = (*members, *alone, *redis(t), *mysql(), *galera(), *mongodb(), *kafka(t), *etcd(t), *states())
    return "\n".join((*rows, ""))


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = page().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - the base class calls it so
        """Quiet."""


@pytest.fixture
def prometheus() -> Iterator[Prometheus]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with Prometheus(
            [Job("page", {f"127.0.0.1:{server.server_address[1]}": {"cluster": "eu"}}, honor_labels=True)]
        ) as made:
            made.until_scraped()
            yield made
    finally:
        server.shutdown()
        server.server_close()


WANTED = {
    "patroni/eu/main/10.0.0.1:8008": "calm primary",
    "patroni/eu/main/10.0.0.2:8008": "calm in step",
    "patroni/eu/main/10.0.0.3:8008": "warning lagging",
    "patroni/eu/alone/10.0.0.1:8008": "broken not streaming",
    "redis/eu//10.0.0.1:9121": "calm primary",
    "redis/eu//10.0.0.2:9121": "warning memory full",
    "redis/eu//10.0.0.3:9121": "broken link broken",
    "mysql/eu/shop/10.0.0.1:9104": "calm primary",
    "mysql/eu/shop/10.0.0.2:9104": "warning lagging",
    "mysql/eu/shop/10.0.0.3:9104": "broken replication stopped",
    "mysql/eu/galera/10.0.0.1:9104": "calm well",
    "galera/eu/galera/10.0.0.1:9104": "warning not synced",
    "mongodb/eu/rs0/10.0.0.1:27017": "calm primary",
    "mongodb/eu/rs0/10.0.0.2:27017": "broken lagging",
    "mongodb/eu/rs0/10.0.0.3:27017": "broken not reached",
    "kafka/eu/quick/of-quick": "calm in step",
    "kafka/eu/slow/of-slow": "warning lagging",
    "kafka/eu/stalled/of-stalled": "broken stalled",
    "kafka/eu/resting/of-resting": "calm in step",
    "kafka-brokers/eu//": "warning copies missing",
    "etcd-learner/eu//10.0.0.2:2381": "warning lagging",
    "etcd-learner/eu//10.0.0.3:2381": "calm in step",
    "ceph/eu//": "warning HEALTH_WARN",
    "cassandra/eu//10.0.0.1:9500": "warning nodes down",
    "slurm/eu//": "calm well",
    "nomad/eu//": "warning no room",
    "gitlab-runner/eu//10.0.0.1:9500": "warning all busy",
    "openfaas/eu//resize": "calm well",
    "varnish/eu//10.0.0.1:9500": "warning backend down",
    "edge-probe/eu//https://cdn.example": "warning certificate expires",
}


async def asked(asking: Questions) -> tuple[Answers, dict[str, Replica]]:
    answers = await asking.ask()
    return answers, replication_board(KINDS, [answers], now=time.time())


async def test_every_kind_says_of_its_exporters_words_what_they_mean(prometheus: Prometheus) -> None:
    assert {id_.partition("/")[0] for id_ in WANTED} | {"postgres"} == {kind.name for kind in KINDS}
    async with source(prometheus.url) as store:
        asking = Questions(store, MetricsConfig(url="http://unused"), questions(KINDS), clock=SystemClock())
        deadline = time.monotonic() + WITHIN_S
        while True:
            answers, rows = await asked(asking)
            found = {id_: f"{row.level.value} {row.word}" for id_, row in rows.items()}
            if found == WANTED:
                break
            wrong = {id_: (found.get(id_), WANTED.get(id_)) for id_ in found | WANTED}
            assert time.monotonic() < deadline, {id_: pair for id_, pair in wrong.items() if pair[0] != pair[1]}
            await asyncio.sleep(0.2)
    assert {id_: reply for id_, reply in answers.replies.items() if isinstance(reply, Fault)} == {}
    assert rows["redis/eu//10.0.0.2:9121"].lag_s == 0
    assert rows["mysql/eu/shop/10.0.0.3:9104"].lag_s is None
    assert rows["mongodb/eu/rs0/10.0.0.2:27017"].lag_s == pytest.approx(45)
    slow = rows["kafka/eu/slow/of-slow"]
    assert 400 < (slow.lag_s or 0) < 900, "10,000 messages at 20 a second, less where a rate is young"
    assert slow.backlog == 10_000
    assert rows["etcd-learner/eu//10.0.0.2:2381"].backlog == 9000
    assert rows["patroni/eu/main/10.0.0.3:8008"].backlog == 4 * MIB
    assert all(rows[f"{kind}/eu//"].lag_s is None for kind in ("ceph", "slurm", "nomad", "kafka-brokers"))
