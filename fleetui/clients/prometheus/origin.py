"""One source as the configuration says it, with what its kind is known for."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from fleetui.clients.http.proxy import environment_proxy
from fleetui.clients.monitoring.origin import Origin
from fleetui.model.duration import parse_duration
from fleetui.model.monitoring import MetricsConfig

SERVER_GIVES_UP_AFTER = 0.8
"""Share of our own timeout that the source is given: its "query timed out" reaches us while we still listen, and it
does not go on computing for nobody."""
_BEHIND_S = {"victoriametrics": 30.0}
"""VictoriaMetrics: -search.latencyOffset, 30 s unless set. Measured with 1.79.5: values 45 s old that call themselves
one second old."""
_QUERY_EXTRAS: Mapping[str, tuple[tuple[str, str], ...]] = {
    # The querier's defaults may be set otherwise; a partial answer with its warnings beats none.
    "thanos": (("dedup", "true"), ("partial_response", "true")),
    # A board asks for the present; the cache is for graphs.
    "victoriametrics": (("nocache", "1"),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsOrigin(Origin):
    kind: str
    behind_s: float
    package: bool
    """prometheus-api-client carries its queries."""

    @property
    def server_timeout(self) -> str:
        """In Prometheus' notation."""
        return f"{max(1, round(self.timeout_s * SERVER_GIVES_UP_AFTER * 1000))}ms"

    @property
    def extras(self) -> tuple[tuple[str, str], ...]:
        """Parameters that queries of this kind of source need besides those of the API."""
        return _QUERY_EXTRAS.get(self.kind, ())


def origin(name: str, config: MetricsConfig, *, environ: Mapping[str, str] | None = None) -> MetricsOrigin:
    """Of a configuration that was checked (``metrics_mistakes``). Raises ClusterError for an unusable proxy."""
    behind = parse_duration(config.latency_offset) if config.latency_offset else _BEHIND_S.get(config.kind, 0.0)
    return MetricsOrigin(
        name=name,
        url=config.url.rstrip("/"),
        kind=config.kind,
        auth=config.auth,
        timeout_s=parse_duration(config.timeout),
        behind_s=behind,
        package=config.shared if config.client == "auto" else config.client == "package",
        proxy=environment_proxy(config.url, os.environ if environ is None else environ),
    )
