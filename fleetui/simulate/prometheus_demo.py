"""The demo's monitoring: a store that all clusters send their series to, a pair of Prometheis that evaluate rules over
it, one of them too slow, and a pair of Alertmanagers, with what colleagues have silenced before we came."""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from fleetui.model.alerts.label_set import Labels, get
from fleetui.model.alerts.matcher import Matcher, one_of
from fleetui.model.alerts.silence import Draft
from fleetui.ports.clock import Clock
from fleetui.simulate.alertmanager_face import AlertmanagerFaces
from fleetui.simulate.alertmanager_mesh import Inhibition, SimulatedMesh
from fleetui.simulate.demo_series import DemoSeries
from fleetui.simulate.demo_signs import DemoSigns
from fleetui.simulate.etcd_demo import DemoEtcds
from fleetui.simulate.fleet import Fleet
from fleetui.simulate.prometheus_face import PrometheusFace
from fleetui.simulate.prometheus_rules import ActiveAlert, Sign, SimulatedPrometheus, SimulatedRule, Timing
from fleetui.simulate.series_store import SeriesStore

RULERS = {"ruler-a": Timing(), "ruler-b": Timing(behind_s=75.0)}
"""The second evaluates two and a half intervals late: its machine is too small."""
STORE = "store"
ALERTMANAGERS = ("am-east", "am-west")
EXTERNAL = {"prometheus": "monitoring/rulers"}
RUNBOOKS = "https://runbooks.corp.example/alerts"
MINUTE_S, HOUR_S = 60.0, 3600.0

_NODE_DOWN = (Matcher("alertname", "KubeNodeNotReady"),)
_ETCD_DOWN = (Matcher("alertname", "etcdMembersDown"),)
_TARGET_DOWN = Matcher("alertname", "TargetDown")
INHIBITIONS = (
    Inhibition(_NODE_DOWN, (_TARGET_DOWN, Matcher("job", "kubelet")), ("cluster", "node")),
    Inhibition(_ETCD_DOWN, (_TARGET_DOWN, Matcher("job", "etcd")), ("cluster",)),
)


def _rule(name: str, query: str, severity: str, summary: str, *, minutes: float, **more: Any) -> SimulatedRule:
    return SimulatedRule(
        name=name,
        query=query,
        hold_s=minutes * MINUTE_S,
        labels={"severity": severity},
        annotations={"summary": summary, "runbook_url": f"{RUNBOOKS}/{name}"},
        **more,
    )


def _pipeline_rules() -> tuple[SimulatedRule, ...]:
    return (
        SimulatedRule(
            name="Watchdog",
            query="vector(1)",
            labels={"severity": "none"},
            annotations={"summary": "always fires: it shows that the pipeline lives"},
            look=lambda: (Sign({}),),
            group="pipeline",
        ),
    )


def _machine_rules(signs: DemoSigns) -> tuple[SimulatedRule, ...]:
    return (
        _rule(
            "KubeNodeNotReady", 'kube_node_status_condition{condition="Ready",status="true"} == 0', "warning",
            "{node} has not been ready for more than 15 minutes", minutes=15, look=signs.not_ready, group="machines",
        ),
        _rule(
            "TargetDown", "100 * (count by (cluster, node, job) (up == 0) / count by (cluster, node, job) (up)) > 10",
            "warning", "{value:.0f} % of the {job} targets are down", minutes=10, group="pipeline",
            look=lambda: (*signs.kubelets_down(), *signs.etcd_targets_down()),
        ),
        _rule(
            "KubeNodeCordoned", "kube_node_spec_unschedulable == 1", "info",
            "{node} takes no new pods", minutes=15, look=signs.cordoned, group="machines",
        ),
        _rule(
            "KubeVersionMismatch", "count by (cluster) (count by (cluster, minor) (kubernetes_build_info)) > 1",
            "warning", "{value:.0f} minor versions of Kubernetes run beside each other", minutes=15,
            look=signs.kubelets_behind, group="machines",
        ),
        _rule(
            "ClusterMetricsAbsent", 'count by (cluster) (up offset 1h) unless count by (cluster) (up)', "warning",
            "{cluster} has sent no metrics for more than 10 minutes", minutes=10, look=signs.silent, group="pipeline",
        ),
    )  # fmt: skip


def _workload_rules(signs: DemoSigns) -> tuple[SimulatedRule, ...]:
    return (
        _rule(
            "KubePodCrashLooping",
            'max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m]) >= 1', "warning",
            "{namespace}/{pod} crashes again and again", minutes=15, look=signs.crash_loops, group="workloads",
        ),
        _rule(
            "KubePodNotScheduled", 'kube_pod_status_unschedulable == 1', "warning",
            "{namespace}/{pod} fits on no machine", minutes=15, look=signs.pending, group="workloads",
        ),
        _rule(
            "PodDisruptionBudgetAtLimit", "kube_poddisruptionbudget_status_pod_disruptions_allowed == 0", "warning",
            "the budget {namespace}/{poddisruptionbudget} lets no pod go", minutes=10, look=signs.budgets_shut,
            group="workloads",
        ),
        _rule(
            "NodeDrainBlocked", "fleetui_drain_waits_for_budget == 1", "warning",
            "the drain of {node} waits for the budget {namespace}/{poddisruptionbudget}", minutes=5,
            look=signs.drains_held, group="workloads",
        ),
    )  # fmt: skip


def _etcd_rules(signs: DemoSigns) -> tuple[SimulatedRule, ...]:
    return (
        _rule(
            "etcdMembersDown", 'count by (cluster, job) (up{job="etcd"} == 0) > 0', "warning",
            "members of the etcd of {cluster} that are down: {value:.0f}", minutes=20, look=signs.etcd_members_down,
            group="etcd",
        ),
        _rule(
            "etcdDatabaseQuotaLowSpace",
            "100 * etcd_mvcc_db_total_size_in_bytes / etcd_server_quota_backend_bytes > 95", "critical",
            "the database of {instance} has reached {value:.0f} % of its quota", minutes=10, look=signs.etcd_full,
            group="etcd",
        ),
        _rule(
            "etcdDatabaseHighFragmentationRatio",
            "etcd_mvcc_db_total_size_in_use_in_bytes / etcd_mvcc_db_total_size_in_bytes < 0.5", "warning",
            "only {value:.0%} of the database of {instance} is in use: defragment it", minutes=10,
            look=signs.etcd_fragmented, group="etcd",
        ),
        _rule(
            "etcdHighFsyncDurations",
            "histogram_quantile(0.99, rate(etcd_disk_wal_fsync_duration_seconds_bucket[5m])) > 0.025", "warning",
            "the WAL fsync of {instance} takes {value:.3f} s", minutes=10, look=signs.etcd_slow, group="etcd",
        ),
    )  # fmt: skip


def receivers(labels: Labels) -> tuple[str, ...]:
    """Who is told, by severity."""
    return ({"critical": "on-call", "none": "dead-mans-switch"}.get(get(labels, "severity"), "tickets"),)


class DemoMonitoring:
    """All of it on ports of its own on loopback. Time moves on when somebody asks."""

    def __init__(self, fleet: Fleet, etcds: DemoEtcds, *, seed: int, clock: Clock) -> None:
        signs = DemoSigns(fleet, etcds, clock)
        rules = (*_pipeline_rules(), *_etcd_rules(signs), *_machine_rules(signs), *_workload_rules(signs))
        rng = Random(f"{seed}/alertmanager")  # noqa: S311 - ids of a simulation, no secrets
        self._clock = clock
        self.rulers = {
            name: SimulatedPrometheus(rules, external=EXTERNAL, timing=timing) for name, timing in RULERS.items()
        }
        self.mesh = SimulatedMesh(ALERTMANAGERS, rng=rng, inhibitions=INHIBITIONS, route=receivers)
        self._series = DemoSeries(fleet, etcds, seed=seed, clock=clock, alerts=self._alerts)
        store = SeriesStore(self._series.read)
        self._store = PrometheusFace(
            SimulatedPrometheus(()), clock, targets=self._series.targets, series=store, before=self._tick
        )
        self._alertmanagers = AlertmanagerFaces(self.mesh, clock, before=self._tick)
        self._prometheis = {
            name: PrometheusFace(ruler, clock, series=store, before=self._tick) for name, ruler in self.rulers.items()
        }

    async def start(self) -> None:
        for draft in _known_silences(self._clock.now()):
            self.mesh.post(draft, self._clock.now())
        await self._alertmanagers.start()
        for face in (self._store, *self._prometheis.values()):
            await face.start()

    async def stop(self) -> None:
        await self._alertmanagers.stop()
        for face in (self._store, *self._prometheis.values()):
            await face.stop()

    def settings(self) -> Mapping[str, Any]:
        """For the configuration. Rulers look into the store: no board asks them about a cluster."""
        rulers = {name: {"url": face.url, "clusters": []} for name, face in self._prometheis.items()}
        return {
            "metrics": {STORE: {"url": self._store.url}, **rulers},
            "alertmanagers": {name: {"url": url} for name, url in self._alertmanagers.urls.items()},
        }

    def _alerts(self) -> Iterable[ActiveAlert]:
        """As the prompt one of the rulers writes them into the store."""
        ruler = next(iter(self.rulers.values()))
        return (alert for rule in ruler.rules for alert in ruler.active(rule.name))

    def _tick(self) -> None:
        now = self._clock.now()
        for ruler in self.rulers.values():
            self.mesh.receive(ruler.tick(now), now)


def _known_silences(now: float) -> tuple[Draft, ...]:
    """What colleagues did before we came: a machine in repair, and somebody who is at it."""
    repair = (Matcher("alertname", "KubeNodeCordoned"), Matcher("cluster", "nonprod-west-1"),
              Matcher("node", "np1-wk-e-05"))  # fmt: skip
    lima = (one_of("alertname", ("etcdMembersDown", "TargetDown")), Matcher("cluster", "edge-lima-02"))
    return (
        Draft(repair, now, now + 10 * HOUR_S, "maria@jump-2", "RAID battery, ticket 4711"),
        Draft(lima, now, now + 11 * MINUTE_S, "jonas@jump-1", "ACK! technician is on the way, INC-2209"),
    )
