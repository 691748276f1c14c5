"""Series of the demo's API servers, schedulers, controller managers, CoreDNS and load balancers: a day's traffic for
the size of the cluster, and a few clusters in which something is wrong."""

from collections.abc import Iterator, Mapping, Sequence

from fleetui.simulate.course import Counter, Course, Flapping, Rounded, Shifted, Steady, Switch
from fleetui.simulate.demo_build import control_plane_names
from fleetui.simulate.demo_scrape import HOUR_S, MINUTE_S, Scraped, Shape, Slow
from fleetui.simulate.series_store import Series

APISERVER, SCHEDULER, MANAGER = "apiserver", "kube-scheduler", "kube-controller-manager"
API_LIMITS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0, 4.0, 10.0)
"""Out of the API server's own."""
SCHEDULER_LIMITS = tuple(0.01 * 2**step for step in range(16))
ETCD_LIMITS = (0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 2.0)
DNS_LIMITS = tuple(0.00025 * 2**step for step in range(15))
VERBS: Mapping[str, tuple[str, float]] = {
    "GET": ("resource", 0.42), "LIST": ("cluster", 0.12), "WATCH": ("cluster", 0.1), "POST": ("resource", 0.09),
    "PUT": ("resource", 0.17), "PATCH": ("resource", 0.08), "DELETE": ("resource", 0.02),
}  # fmt: skip
"""(scope, share of the requests)."""
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
LEVELS: Mapping[str, float] = {
    "system-nodes": 0.34, "service-accounts": 0.3, "kube-controller-manager": 0.18, "system-leader-election": 0.12,
    "global-default": 0.06,
}  # fmt: skip
"""Flow schemas and their share of the requests."""

# Stories: clusters in which something is wrong.

FLAPPING = "edge-turku-01"
"""Its only API server does not answer each fifth minute, for hours, at the end of a slow line."""
FLAPPING_SINCE_S, FLAP_EVERY_S, FLAP_S = 6 * HOUR_S, 5 * MINUTE_S, 16.0
SLOW_SCHEDULER = "ml-north-1"
GREEDY = "ci-north-1"
"""Its runners ask more than flow control lets through."""
SERVFAIL = "nonprod-west-1"
QUIET = "sandbox-north-1"
BALANCED = ("prod-east-1", "pci-east-1", "dr-west-1")
"""Behind HAProxy."""


def control_plane(of: Scraped) -> Iterator[Series]:
    """What does not depend on the world's state."""
    names = control_plane_names(of.plan)
    yield from _api(of, names)
    yield from _scheduler(of)
    yield from _manager(of)
    yield from _dns(of)
    if of.name in BALANCED:
        yield from _balancer(of, names)


def api_up(of: Scraped) -> Course:
    if of.name != FLAPPING:
        return Switch()
    return Flapping(of.began - FLAPPING_SINCE_S, FLAP_EVERY_S, FLAP_S)


def requests_per_s(of: Scraped) -> float:
    return 0.6 if of.name == QUIET else 4.0 + 1.8 * of.machines * of.plan.busy


def _api(of: Scraped, names: Sequence[str]) -> Iterator[Series]:
    rate = requests_per_s(of)
    for name in names:
        instance = f"{name}:6443"
        yield from _requests(of, instance, rate / len(names))
        yield from _load(of, instance, rate / len(names))
        yield of.series(
            APISERVER, "kubernetes_build_info", Steady(1.0), instance=instance, git_version=of.plan.version,
            minor=of.plan.version.split(".")[1],
        )  # fmt: skip
    first = f"{names[0]}:6443"
    yield from _stored(of, first)
    yield from _store(of, first, rate)


def _requests(of: Scraped, instance: str, rate: float) -> Iterator[Series]:
    pace = of.chance.uniform(0.5, 1.6)
    for verb, (scope, share) in VERBS.items():
        wave = of.wave(rate * share, swing=0.3)
        refused = REFUSED if verb in WRITES else 0.0
        at = {"instance": instance, "verb": verb, "scope": scope}
        good = Shifted(wave, 1.0 - BACKGROUND_ERRORS, spells=of.full, change=-refused)
        yield of.series(APISERVER, "apiserver_request_total", good, code=_good_code(verb), **at)
        bad = Shifted(wave, BACKGROUND_ERRORS, spells=of.full, change=refused)
        yield of.series(APISERVER, "apiserver_request_total", bad, code="500", **at)
        if verb != "WATCH":
            took = _took(of, verb, pace)
            yield from of.histogram(APISERVER, "apiserver_request_sli_duration_seconds", wave, took, **at)


BACKGROUND_ERRORS = 0.00006
"""Share of requests; nobody has none."""


REFUSED = 0.45
"""Share of the writes that are answered with a 500 while the etcd has no space: the rest changes nothing."""


def _good_code(verb: str) -> str:
    return "201" if verb == "POST" else "200"


def _took(of: Scraped, verb: str, pace: float) -> Shape:
    """``pace``: of its machines, 1 is usual."""
    slowness = pace * (2.0 if of.name.startswith("edge-") else 1.0)
    if verb == "LIST":
        return Shape(API_LIMITS, 0.05 * slowness, 0.6 * slowness)
    usual = slowness * (0.012 if verb == "GET" else 0.024)
    slow_disk = Slow(of.began - 5 * HOUR_S, 0.02, 1.3) if of.name == SLOW_SCHEDULER and verb in WRITES else None
    return Shape(API_LIMITS, usual, usual * 9, slow_disk)


def _load(of: Scraped, instance: str, rate: float) -> Iterator[Series]:
    crowd = 5.2 if of.name == GREEDY else 1.0
    for kind, share in (("readOnly", 0.7), ("mutating", 0.3)):
        course = of.wave(2 + rate * share * crowd, ripple=0.12)
        yield of.series(
            APISERVER, "apiserver_current_inflight_requests", course, instance=instance, request_kind=kind
        )  # fmt: skip
    for schema, share in LEVELS.items():
        asks = Counter(of.wave(rate * share, swing=0.3))
        yield of.series(
            APISERVER, "apiserver_flowcontrol_dispatched_requests_total", asks, instance=instance, flow_schema=schema,
        )  # fmt: skip
    watches = of.wave(40 + 6 * of.machines, swing=0.02, ripple=0.01)
    yield of.series(APISERVER, "apiserver_longrunning_requests", watches, instance=instance, verb="WATCH")
    if of.name == GREEDY:
        turned_away = Counter(of.wave(0.12, swing=0.5, ripple=0.2))
        yield of.series(
            APISERVER, "apiserver_flowcontrol_rejected_requests_total", turned_away, instance=instance,
            flow_schema="service-accounts", reason="queue-full",
        )  # fmt: skip


def _stored(of: Scraped, instance: str) -> Iterator[Series]:
    for resource, each in (
        ("events", 90), ("pods", 14), ("configmaps", 9), ("secrets", 6), ("leases.coordination.k8s.io", 2),
        ("replicasets.apps", 11), ("endpointslices.discovery.k8s.io", 5),
    ):  # fmt: skip
        count = of.wave(40 + each * of.machines, swing=0.03, ripple=0.005)
        yield of.series(APISERVER, "apiserver_storage_objects", count, instance=instance, resource=resource)


def _store(of: Scraped, instance: str, rate: float) -> Iterator[Series]:
    slow = 8.0 if of.name == SLOW_SCHEDULER else 1.0
    for operation, median in (("get", 0.004), ("list", 0.012), ("update", 0.008), ("create", 0.009)):
        shape = Shape(ETCD_LIMITS, median * slow, median * slow * 5)
        wave = of.wave(rate / 4)
        yield from of.histogram(
            APISERVER, "etcd_request_duration_seconds", wave, shape, instance=instance, operation=operation
        )


def _scheduler(of: Scraped) -> Iterator[Series]:
    instance = f"{control_plane_names(of.plan)[0]}:10259"
    stuck = of.name == SLOW_SCHEDULER
    slow = Slow(of.began - 2 * HOUR_S, 0.06, 17.0) if stuck else None
    wave = of.wave(0.02 + 0.004 * of.machines * of.plan.busy)
    median = of.chance.uniform(0.04, 0.12)
    shape = Shape(SCHEDULER_LIMITS, median, median * 18, slow)
    yield from of.histogram(SCHEDULER, "scheduler_pod_scheduling_sli_duration_seconds", wave, shape, instance=instance)
    for queue, mean in (("active", 140.0 if stuck else 0.4), ("backoff", 35.0 if stuck else 0.2)):
        waiting = of.wave(mean, swing=0.4, ripple=0.1)
        course = Rounded(waiting)
        yield of.series(SCHEDULER, "scheduler_pending_pods", course, instance=instance, queue=queue)


def _manager(of: Scraped) -> Iterator[Series]:
    instance = f"{control_plane_names(of.plan)[0]}:10257"
    for queue, mean in (("deployment", 0.3), ("endpoint_slice", 0.6), ("node_lifecycle", 0.1), ("job", 0.4)):
        depth = of.wave(mean * of.plan.busy, ripple=0.2)
        course = Rounded(depth)
        yield of.series(MANAGER, "workqueue_depth", course, instance=instance, name=queue)


def _dns(of: Scraped) -> Iterator[Series]:
    wave = of.wave(20 + 12 * of.machines, swing=0.4)
    failing = 0.017 if of.name == SERVFAIL else 0.0001
    for rcode, share in (("NOERROR", 0.86), ("NXDOMAIN", 0.14 - failing), ("SERVFAIL", failing)):
        answers = Counter(wave, share)
        yield of.series("coredns", "coredns_dns_responses_total", answers, instance="coredns:9153", rcode=rcode)
    shape = Shape(DNS_LIMITS, 0.0006, 0.012)
    yield from of.histogram("coredns", "coredns_dns_request_duration_seconds", wave, shape, instance="coredns:9153")


def _balancer(of: Scraped, names: Sequence[str]) -> Iterator[Series]:
    for name in names:
        for state, value in (("UP", 1.0), ("DOWN", 0.0)):
            yield of.series(
                "haproxy", "haproxy_server_status", Steady(value), instance="lb:8405", proxy="kube-apiserver",
                server=name, state=state,
            )  # fmt: skip
