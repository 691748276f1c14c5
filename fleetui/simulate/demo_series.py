"""The series of the whole demo: what its clusters' exporters would tell a store that they all send to."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import cast

from fleetui.model.alerts.label_set import get
from fleetui.ports.clock import Clock
from fleetui.simulate.course import Course, Recorded, Steady
from fleetui.simulate.demo_applications import applications
from fleetui.simulate.demo_build import control_plane_names
from fleetui.simulate.demo_cluster_api import MANAGEMENT, cluster_api
from fleetui.simulate.demo_clusters import PLANS
from fleetui.simulate.demo_control_plane import APISERVER, MANAGER, SCHEDULER, api_up, control_plane
from fleetui.simulate.demo_databases import databases
from fleetui.simulate.demo_etcd_series import ETCD, ScrapedEtcd, down_since, instance
from fleetui.simulate.demo_machines import NODE_EXPORTER, UNSEEN, Machine, rack_budgets
from fleetui.simulate.demo_scrape import Scraped
from fleetui.simulate.demo_signs import STORIES_BEGAN_S
from fleetui.simulate.demo_state import KUBELET, STATE, fixtures, read_state
from fleetui.simulate.etcd_demo import DemoEtcds, demo_etcd
from fleetui.simulate.fleet import Fleet, Member
from fleetui.simulate.objects import Node
from fleetui.simulate.prometheus_face import SimulatedTarget
from fleetui.simulate.prometheus_rules import ActiveAlert
from fleetui.simulate.series_store import Series

SCRAPED_ETCD = frozenset({"edge-bergen-01"})
"""Nobody has given this console a way to their etcd; the store knows it."""
STATELESS = frozenset({"edge-oslo-01"})
"""Their kube-state-metrics is a target that does not answer."""
REFUSED = 'Get "http://{instance}/metrics": dial tcp {instance}: connect: connection refused'
SAMPLES: Mapping[str, float] = {
    APISERVER: 21_000.0, KUBELET: 5_200.0, NODE_EXPORTER: 1_100.0, STATE: 38_000.0, ETCD: 1_900.0,
}  # fmt: skip
"""Of one scrape, by job."""


Alerts = Callable[[], Iterable[ActiveAlert]]


class DemoSeries:
    """``read`` moves everything on to a moment; the store asks it once a scrape."""

    def __init__(self, fleet: Fleet, etcds: DemoEtcds, *, seed: int, clock: Clock, alerts: Alerts = tuple) -> None:
        """``alerts``: those that the rules have now."""
        self._alerts = alerts
        self._clock = clock
        self._etcds = etcds
        self._seed = seed
        began = clock.now() - STORIES_BEGAN_S
        members = fleet.by_name
        self._clusters = tuple(_Cluster(members[plan.name], Scraped(plan, seed=seed, began=began)) for plan in PLANS)

    def read(self, now: float) -> Iterator[Series]:
        told: dict[str, list[ActiveAlert]] = {}
        for alert in self._alerts():
            told.setdefault(get(alert.labels, "cluster"), []).append(alert)
        for cluster in self._clusters:
            for alert in told.get(cluster.of.name, ()):
                _tell_alert(cluster.of, alert, now)
            yield from cluster.read(now, self._etcd(cluster))

    def targets(self) -> Iterator[SimulatedTarget]:
        """What the store scrapes, and why not."""
        now = self._clock.now()
        for cluster in self._clusters:
            yield from cluster.targets(now)

    def _etcd(self, cluster: "_Cluster") -> ScrapedEtcd | None:
        """Once the simulated etcds have been made."""
        name = cluster.of.name
        if cluster.etcd is None:
            found = self._etcds.etcds.get(name)
            if found is None and name in SCRAPED_ETCD:
                found = demo_etcd(cluster.of.plan, self._seed)
            cluster.etcd = ScrapedEtcd(cluster.of, found) if found is not None else None
        return cluster.etcd


class _Cluster:
    def __init__(self, member: Member, of: Scraped) -> None:
        self.of = of
        self.etcd: ScrapedEtcd | None = None
        self._member = member
        self._still = tuple(_still(of))
        self._machines: dict[str, Machine] = {}
        self._up: dict[tuple[str, str], Series] = {}

    def read(self, now: float, etcd: ScrapedEtcd | None) -> Iterator[Series]:
        silent = not self._member.listening or self._member.host.trouble.hang
        if silent:
            self.of.place.begin(now if self._up else self.of.began)
        else:
            self.of.place.end(now)
            self._read_world(now)
        yield from self._still
        yield from self._all_up(etcd, now)
        if etcd is not None:
            yield from etcd.read(now)
            self.of.full.see(etcd.etcd.full, now)
        yield from self.of.memory.all(now)
        for machine in self._machines.values():
            yield from machine.series

    def targets(self, now: float) -> Iterator[SimulatedTarget]:
        if self.of.place.silent(now):
            return
        for (_, at), series in self._up.items():
            labels = dict(series.bare)
            error = "" if series.course.at(now) else REFUSED.format(instance=at)
            yield SimulatedTarget(labels, error=error)

    def _read_world(self, now: float) -> None:
        world = self._member.host.world
        world.tick(now)
        self._member.host.wake()
        nodes = cast("tuple[Node, ...]", tuple(world.all("nodes")))
        for node in nodes:
            machine = self._machines.get(node.name)
            if machine is None:
                machine = self._machines[node.name] = Machine(self.of, node)
            machine.see(node, now)
            self._see_up(KUBELET, f"{node.name}:10250", machine, now)
            if self.of.name not in UNSEEN:
                self._see_up(NODE_EXPORTER, f"{node.name}:9100", machine, now)
        if self.of.name not in STATELESS:
            read_state(self.of, world, now)

    def _see_up(self, job: str, at: str, machine: Machine, now: float) -> None:
        lost_at = machine.lost_at
        course = self._target(job, at, machine.known_before()).course
        assert isinstance(course, Recorded)
        course.see(float(lost_at is None), now)

    def _all_up(self, etcd: ScrapedEtcd | None, now: float) -> Iterable[Series]:
        """Of every target, with how much each scrape brings."""
        if not any(job == APISERVER for job, _ in self._up):
            self._first_targets()
        for member in etcd.etcd.members if etcd is not None else ():
            course = self._target(ETCD, instance(member), down_since(self.of, member) or Recorded()).course
            assert isinstance(course, Recorded)
            course.see(float(member.works), now)
        return (*self._up.values(), *self._volume())

    def _first_targets(self) -> None:
        names = control_plane_names(self.of.plan)
        for name in names:
            self._target(APISERVER, f"{name}:6443", api_up(self.of))
            self._target(SCHEDULER, f"{name}:10259", Steady(1.0))
            self._target(MANAGER, f"{name}:10257", Steady(1.0))
        self._target(STATE, "kube-state-metrics:8080", Steady(float(self.of.name not in STATELESS)))
        self._target("coredns", "coredns:9153", Steady(1.0))

    def _target(self, job: str, at: str, course: Course) -> Series:
        """Made once."""
        known = self._up.get((job, at))
        if known is None:
            labels = {"node": at.partition(":")[0]} if job in (KUBELET, NODE_EXPORTER) else {}
            known = self._up[job, at] = self.of.series(job, "up", course, instance=at, **labels)
        return known

    def _volume(self) -> Iterator[Series]:
        jobs = {job for job, _ in self._up}
        for job in jobs & SAMPLES.keys():
            number = sum(1 for of, _ in self._up if of == job)
            count = Steady(number * SAMPLES[job])
            yield self.of.series(job, "scrape_samples_post_metric_relabeling", count)


def _tell_alert(of: Scraped, alert: ActiveAlert, now: float) -> None:
    labels = {name: value for name, value in alert.labels if name not in ("cluster", "job")}
    state = "firing" if alert.firing else "pending"
    of.memory.tell("ruler", "ALERTS", 1.0, now, **labels, alertstate=state)


def _still(of: Scraped) -> Iterator[Series]:
    """What needs no world: functions of time alone."""
    for tell in (control_plane, applications, databases, rack_budgets):
        yield from tell(of)
    if of.name not in STATELESS:
        yield from fixtures(of)
    if of.name == MANAGEMENT:
        yield from cluster_api(of)
