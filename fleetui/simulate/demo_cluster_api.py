"""The management cluster's own series: the machines that Cluster API keeps, its controllers, what applies the commits.

Three stories: a runner farm that grows each morning, a machine whose deletion waits for its finalizer, and a provider
that limits how often it is asked.
"""

from collections.abc import Iterator
from functools import partial

from fleetui.simulate.course import Counter, Course, Steady, Told
from fleetui.simulate.demo_build import control_plane_names
from fleetui.simulate.demo_clusters import PLANS, Plan
from fleetui.simulate.demo_scrape import DAY_S, FOR_EVER, HOUR_S, MINUTE_S, Scraped, Shape
from fleetui.simulate.series_store import Series

MANAGEMENT = "mgmt-north-1"
CONTROLLERS = "capi-controller-manager"
STATE = "kube-state-metrics"
CONDITION = "capi_machine_status_condition_last_transition_time"
GROWING = "ci-north-1"
YOUNG = {f"{GROWING}-md-{number}": number * 1.7 * HOUR_S for number in range(1, 4)}
"""Machines of the last day and their age when the demo begins."""
DELETING = "nonprod-west-1-md-21"
DELETING_SINCE_S = 52 * MINUTE_S
CERTIFICATES_DAYS = 187.0
RECONCILE_LIMITS = (0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
APPLY_LIMITS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0)
UPGRADING = "nonprod-west-1"


def cluster_api(of: Scraped) -> Iterator[Series]:
    for plan in _managed():
        yield from _cluster(of, plan)
    for name, age_s in YOUNG.items():
        yield from _young(of, name, of.began - age_s)
    yield of.series(
        STATE, CONDITION, Steady(of.began - DELETING_SINCE_S), name=DELETING, namespace=UPGRADING, type="Deleting",
        status="True",
    )  # fmt: skip
    yield from _controllers(of)
    yield from _applied(of)


def _managed() -> tuple[Plan, ...]:
    return tuple(plan for plan in PLANS if not plan.name.startswith("edge-"))


def _cluster(of: Scraped, plan: Plan) -> Iterator[Series]:
    namespace, born = plan.name, of.began - plan.age_days * DAY_S
    control = plan.control_planes
    yield of.series(STATE, "capi_cluster_info", Steady(1.0), name=plan.name, namespace=namespace)
    yield of.series(CONTROLLERS, "capi_cluster_cache_connection_up", Steady(1.0), cluster_name=plan.name)
    for number in range(sum(plan.racks)):
        role = f"{plan.name}-control-plane" if number < control else ""
        name = f"{role or plan.name + '-md'}-{number}"
        yield from _machine(of, plan.name, name, role=role, created=born + number * MINUTE_S)
    for name in control_plane_names(plan):
        yield of.series(
            STATE, "capi_machine_status_certificatesexpirydate", Steady(of.began + CERTIFICATES_DAYS * DAY_S),
            name=name, namespace=namespace,
        )  # fmt: skip
    at = {"name": f"{plan.name}-control-plane", "namespace": namespace}
    behind = 1 if plan.name == UPGRADING else 0
    yield of.series(STATE, "capi_kubeadmcontrolplane_info", Steady(1.0), **at)
    yield of.series(STATE, "capi_kubeadmcontrolplane_spec_replicas", Steady(float(control)), **at)
    yield of.series(STATE, "capi_kubeadmcontrolplane_status_replicas_updated", Steady(float(control - behind)), **at)
    if behind:
        yield of.series(
            STATE, "capi_kubeadmcontrolplane_status_condition_last_transition_time", Steady(of.began),
            type="MachinesUpToDate", status="False", **at,
        )  # fmt: skip


def _machine(of: Scraped, cluster: str, name: str, *, role: str, created: float) -> Iterator[Series]:
    at = {"name": name, "namespace": cluster}
    owner = {"cluster_name": cluster, "control_plane_name": role}
    yield of.series(STATE, "capi_machine_info", _since(created, 1.0), **owner, **at)
    yield of.series(STATE, "capi_machine_created", _since(created, created), **at)
    phase = "Deleting" if name == DELETING else "Running"
    for each in {"Running", "Failed", phase}:
        yield of.series(STATE, "capi_machine_status_phase", _since(created, float(each == phase)), phase=each, **at)


def _young(of: Scraped, name: str, created: float) -> Iterator[Series]:
    yield from _machine(of, GROWING, name, role="", created=created)
    for condition, took_s in (("BootstrapConfigReady", 78.0), ("NodeHealthy", 214.0)):
        at = {"name": name, "namespace": GROWING, "type": condition, "status": "True"}
        yield of.series(STATE, CONDITION, _since(created + took_s, created + took_s), **at)


def _since(moment: float, value: float) -> Course:
    return Told(partial(_from, moment, value))


def _from(moment: float, value: float, t: float) -> float | None:
    return value if t >= moment else None


def _controllers(of: Scraped) -> Iterator[Series]:
    wave = of.wave(2.4, swing=0.2)
    failing = [(of.began + 20 * MINUTE_S, FOR_EVER, 0.011)]
    for result, share, bursts in (("success", 0.99, [(b, e, -s) for b, e, s in failing]), ("error", 0.004, failing)):
        yield of.series(
            CONTROLLERS, "controller_runtime_reconcile_total", Counter(wave, share, bursts=bursts), result=result,
            controller="machine",
        )  # fmt: skip
    shape = Shape(RECONCILE_LIMITS, 0.03, 0.34)
    yield from of.histogram(CONTROLLERS, "controller_runtime_reconcile_time_seconds", wave, shape, controller="machine")
    asked = of.wave(6.0, swing=0.2)
    for code, share in (("200", 0.99), ("429", 0.006), ("503", 0.0)):
        yield of.series(CONTROLLERS, "rest_client_requests_total", Counter(asked, share), code=code, host="provider")
    yield of.series(CONTROLLERS, "workqueue_retries_total", Counter(of.wave(0.05)), name="machine")


def _applied(of: Scraped) -> Iterator[Series]:
    shape = Shape(APPLY_LIMITS, 6.0, 58.0)
    yield from of.histogram("argocd", "argocd_app_reconcile", of.wave(0.2), shape, dest_server="https://kubernetes")
