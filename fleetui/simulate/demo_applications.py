"""What runs in the demo's clusters as their users see it: requests through the ingress, and what watches, logs and
traces them."""

from collections.abc import Iterator, Mapping

from fleetui.simulate.course import Counter, Steady, Told
from fleetui.simulate.demo_scrape import DAY_S, HOUR_S, Scraped, Shape
from fleetui.simulate.series_store import Series

INGRESS = "ingress-nginx"
LIMITS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
APPLICATIONS: Mapping[str, tuple[tuple[str, float, float, float], ...]] = {
    "prod-east-1": (
        ("checkout", 180.0, 0.06, 0.0004), ("catalog", 420.0, 0.04, 0.0003), ("search", 260.0, 0.09, 0.0042),
        ("identity", 90.0, 0.03, 0.0002),
    ),
    "pci-east-1": (("cards", 75.0, 0.05, 0.0002), ("ledger", 30.0, 0.08, 0.0001)),
    "dr-west-1": (("checkout", 6.0, 0.06, 0.0002),),
    "nonprod-west-1": (("checkout", 3.0, 0.11, 0.0006), ("search", 2.0, 0.24, 0.0005)),
    "platform-north-1": (("registry", 55.0, 0.06, 0.0003), ("grafana", 8.0, 0.07, 0.0002)),
    "sandbox-north-1": (("notebook", 3 / HOUR_S, 0.04, 0.0),),
}  # fmt: skip
"""By cluster: (ingress, requests a second, median in seconds, share of errors). Search in production answers too much
with 502 since its re-indexing fails; the sandbox has hardly a request an hour."""
NODE_HOUR = {"ci-north-1": 0.94}
"""OpenCost: of clusters that are to go."""
LOGGED = ("prod-east-1", "pci-east-1", "dr-west-1", "nonprod-west-1", "platform-north-1", "data-north-1")
TRACED = ("prod-east-1", "pci-east-1", "platform-north-1")
CERTIFICATES = {"pci-east-1": 20.0, "prod-east-1": 71.0, "platform-north-1": 58.0}
"""Days until the first certificate of cert-manager ends: that of PCI is signed by hand, and nobody has asked yet."""
PROBED = {"edge-oslo-01": 64.0, "edge-bergen-01": 61.0, "edge-cadiz-01": 5.4, "edge-kyoto-01": 80.0}
"""Stores whose address is probed from elsewhere, and the days that its certificate is good for."""


def applications(of: Scraped) -> Iterator[Series]:
    for ingress in APPLICATIONS.get(of.name, ()):
        yield from _ingress(of, *ingress)
    if of.name in NODE_HOUR:
        for number in range(of.machines):
            price = Steady(NODE_HOUR[of.name])
            yield of.series("opencost", "node_total_hourly_cost", price, node=f"{of.plan.prefix}-{number}")
    if of.name in LOGGED:
        yield of.series("promtail", "promtail_build_info", Steady(1.0), version="3.6.0")
    if of.name in TRACED:
        yield of.series("otel-collector", "otelcol_process_uptime_seconds_total", Counter(of.wave(1.0, swing=0.0)))
        lost = Counter(of.wave(0.015, swing=0.3))
        yield of.series("otel-collector", "otelcol_exporter_send_failed_spans_total", lost, exporter="otlp")
    if of.name in CERTIFICATES:
        ends = Steady(of.began + CERTIFICATES[of.name] * DAY_S)
        name = "certmanager_certificate_expiration_timestamp_seconds"
        yield of.series("cert-manager", name, ends, name="gateway-tls")
    if of.name in PROBED:
        yield from _probe(of)


def _ingress(of: Scraped, ingress: str, rate: float, median_s: float, errors: float) -> Iterator[Series]:
    wave = of.wave(rate, swing=0.5)
    for status, share in (("200", 0.985 - errors), ("404", 0.015), ("502", errors)):
        at = {"ingress": ingress, "status": status}
        yield of.series(INGRESS, "nginx_ingress_controller_requests", Counter(wave, share), **at)
    name = "nginx_ingress_controller_request_duration_seconds"
    yield from of.histogram(INGRESS, name, wave, Shape(LIMITS, median_s, median_s * 7), ingress=ingress)


def _probe(of: Scraped) -> Iterator[Series]:
    at = {"instance": f"https://{of.plan.site.region}.stores.corp.example"}
    yield of.series("blackbox", "probe_success", Steady(1.0), **at)
    ends = of.began + PROBED[of.name] * DAY_S
    yield of.series("blackbox", "probe_ssl_earliest_cert_expiry", Steady(ends), **at)
    took = of.wave(0.18, swing=0.2, ripple=0.1)
    yield of.series("blackbox", "probe_duration_seconds", Told(took.at), **at)
