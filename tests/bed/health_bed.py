"""All the real programs of the health boards together: one cluster that is scraped, judged and told of twice over.

Prometheus takes up its targets about five seconds after its start (its discovery is throttled to that), so this is
started once a session and its faults are undone after each test.
"""

from tests.bed.alertmanager import Alertmanagers, Sink
from tests.bed.etcd_members import EtcdMembers
from tests.bed.postgres import PostgresPair
from tests.bed.prometheus import WATCHDOG, Job, PrometheusPair, Rule

CLUSTER = "eu-1"
_ETCD = 'job="etcd"'
# The ladder of etcd's mixin with holds of seconds; numbers as in the mixin.
RULES = (
    WATCHDOG,
    Rule(
        "etcdMembersDown",
        f"count by (cluster) (up{{{_ETCD}}} == 0) > 0",
        hold="2s",
        labels={"severity": "warning"},
        annotations={"summary": "{{ $value }} members are down", "runbook_url": "https://runbooks.example/etcd"},
    ),
    Rule(
        "etcdInsufficientMembers",
        f"sum by (cluster) (up{{{_ETCD}}} == bool 1) < (count by (cluster) (up{{{_ETCD}}}) + 1) / 2",
        hold="2s",
        labels={"severity": "critical"},
    ),
    Rule(
        "etcdDatabaseQuotaLowSpace",
        f"max by (cluster, instance) (etcd_mvcc_db_total_size_in_bytes{{{_ETCD}}} / "
        f"etcd_server_quota_backend_bytes{{{_ETCD}}}) > 0.95",
        hold="2s",
        labels={"severity": "critical"},
    ),
    Rule(
        "PostgresNotStreaming",
        "sum by (cluster) (pg_replication_is_replica) - "
        '(count by (cluster) (pg_stat_replication_pg_wal_lsn_diff{state="streaming"}) '
        "or sum by (cluster) (pg_replication_is_replica) * 0) > 0",
        hold="2s",
        labels={"severity": "critical"},
    ),
)


class HealthBed:
    """`prometheis` scrape `etcd` and `postgres` each second, under `cluster="eu-1"`, and tell both `alertmanagers`.

    What Alertmanager would send arrives in `sink`. The parts may be shared with others: whoever made them closes them.
    """

    def __init__(self, etcd: EtcdMembers, postgres: PostgresPair, alertmanagers: Alertmanagers, sink: Sink) -> None:
        self.etcd, self.postgres, self.alertmanagers, self.sink = etcd, postgres, alertmanagers, sink
        labels = {"region": "eu"}
        self.prometheis = PrometheusPair(
            self._jobs(), rules=RULES, alertmanagers=alertmanagers.addresses, labels=labels, resend=5
        )
        self.prometheis.until_scraped()

    def mend(self) -> None:
        """Undo every fault. Alerts go as the rules see the end of their cause."""
        self.etcd.mend()
        self.postgres.mend()
        self.alertmanagers.mend()
        self.prometheis.mend()
        self.prometheis.until_scraped()
        self.sink.notifications.clear()

    def close(self) -> None:
        self.prometheis.close()

    def _jobs(self) -> list[Job]:
        of = {"cluster": CLUSTER}
        # Over TLS at the client port: `instance` is then what the member list calls the member's client URL.
        members = {member.client_url.removeprefix("https://"): of for member in self.etcd.members.values()}
        exporters = {self.postgres.exporter(role): of for role in ("primary", "standby")}
        return [Job("etcd", members, tls=self.etcd.client("prometheus")), Job("postgres", exporters)]
