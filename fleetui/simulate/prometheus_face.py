"""A simulated Prometheus on loopback: the API as far as boards and alerts need it, as 2.42 speaks it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from fleetui.ports.clock import Clock
from fleetui.simulate.course import Steady
from fleetui.simulate.loopback import Loopback
from fleetui.simulate.prometheus_query import Form, Queries, QueryError
from fleetui.simulate.prometheus_rules import ActiveAlert, SimulatedPrometheus, SimulatedRule
from fleetui.simulate.series_store import SCRAPE_S, Series, SeriesStore, Silence
from fleetui.simulate.wire_text import moment

Document = dict[str, Any]
VERSION = "2.42.0"


class SimulatedTarget(msgspec.Struct, frozen=True):
    """One address that is scraped."""

    labels: Mapping[str, str]
    """``job`` and ``instance`` among them."""
    error: str = ""
    """Why the last scrape failed; empty when it did not."""
    interval_s: float = SCRAPE_S


Targets = Callable[[], Iterable[SimulatedTarget]]
Look = Callable[[], None]


class PrometheusFace:
    def __init__(
        self,
        prometheus: SimulatedPrometheus,
        clock: Clock,
        *,
        targets: Targets = tuple,
        series: SeriesStore | None = None,
        before: Look = lambda: None,
    ) -> None:
        """``series``: what it can be asked about; without it only ``up`` of its targets. ``before`` is called before
        each answer: whoever is asked is up to date."""
        self._prometheus = prometheus
        self._clock = clock
        self._targets = targets
        self._before = before
        self._server = Loopback(self._answer)
        self._queries = Queries(series or SeriesStore(lambda _: _up(targets())), clock)
        self._paths: Mapping[str, Callable[[Form], object]] = {
            "/api/v1/rules": lambda _: self._rules(),
            "/api/v1/alerts": lambda _: self._alerts(),
            "/api/v1/targets": lambda _: self._scraped(),
            "/api/v1/labels": self._queries.label_names,
            "/api/v1/status/buildinfo": lambda _: {"version": VERSION, "goVersion": "simulated"},
            "/api/v1/query": self._queries.instant,
        }

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> Awaitable[None]:
        return self._server.start()

    def stop(self) -> Awaitable[None]:
        return self._server.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        find, ranged = self._paths.get(request.path), request.path == "/api/v1/query_range"
        if find is None and not ranged:
            return web.Response(status=404, text="404 page not found\n")
        said = {**request.query, **(await request.post() if request.method == "POST" else {})}
        form = {name: str(value) for name, value in said.items()}
        self._before()
        try:
            found = await self._queries.range_(form) if find is None else find(form)
            return _json({"status": "success", "data": found})
        except QueryError as error:
            return _json({"status": "error", "errorType": error.kind, "error": str(error)}, status=error.status)

    # Rules.

    def _rules(self) -> Document:
        groups: dict[str, list[Document]] = {}
        for rule in self._prometheus.rules:
            groups.setdefault(rule.group, []).append(self._rule(rule))
        interval = self._prometheus.timing.interval_s
        return {
            "groups": [
                {"name": name, "file": f"/etc/prometheus/rules/{name}.yaml", "interval": interval, "rules": rules}
                for name, rules in groups.items()
            ]
        }

    def _rule(self, rule: SimulatedRule) -> Document:
        evaluated = {"health": "ok", "lastEvaluation": moment(self._prometheus.evaluated_at), "evaluationTime": 0.001}
        if rule.recording:
            return {"type": "recording", "name": rule.name, "query": rule.query, **evaluated}
        active = self._prometheus.active(rule.name)
        return {
            "type": "alerting",
            "name": rule.name,
            "query": rule.query,
            "duration": rule.hold_s,
            "labels": dict(rule.labels),
            "annotations": dict(rule.annotations),
            "state": _state(active),
            "alerts": [_alert(alert) for alert in active],
            **evaluated,
        }

    def _alerts(self) -> Document:
        rules = (rule for rule in self._prometheus.rules if not rule.recording)
        return {"alerts": [_alert(alert) for rule in rules for alert in self._prometheus.active(rule.name)]}

    def _scraped(self) -> Document:
        scraped = moment(self._clock.now())
        return {"activeTargets": [_target(target, scraped) for target in self._targets()], "droppedTargets": []}


def _up(targets: Iterable[SimulatedTarget]) -> Iterable[Series]:
    place = Silence()
    return (Series("up", target.labels, Steady(0.0 if target.error else 1.0), place) for target in targets)


def _state(active: Iterable[ActiveAlert]) -> str:
    states = {alert.firing for alert in active}
    return "firing" if True in states else "pending" if states else "inactive"


def _alert(alert: ActiveAlert) -> Document:
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "state": "firing" if alert.firing else "pending",
        "activeAt": moment(alert.active_at),
        "value": f"{alert.value:g}",
    }


def _target(target: SimulatedTarget, scraped: str) -> Document:
    return {
        "labels": dict(target.labels),
        "discoveredLabels": {},
        "scrapePool": target.labels.get("job", ""),
        "scrapeUrl": f"http://{target.labels.get('instance', '')}/metrics",
        "lastError": target.error,
        "lastScrape": scraped,
        "lastScrapeDuration": 0.01,
        "health": "down" if target.error else "up",
        "scrapeInterval": f"{target.interval_s:g}s",
        "scrapeTimeout": "10s",
    }


def _json(said: object, *, status: int = 200) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(said), content_type="application/json")
