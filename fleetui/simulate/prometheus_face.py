"""A simulated Prometheus on loopback: the API as far as alerts need it, as 2.42 speaks it.

Of queries it answers selectors of what it scrapes (``up{job="etcd"}``), numbers, and those that it is given; any other
finds nothing, as every query finds nothing about series that are not there.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import msgspec
from aiohttp import web

from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.matcher import Matcher, MatcherError, all_match, parse_matcher
from fleetui.ports.clock import Clock
from fleetui.simulate.loopback import Loopback
from fleetui.simulate.prometheus_rules import ActiveAlert, SimulatedPrometheus, SimulatedRule
from fleetui.simulate.wire_text import moment

Document = dict[str, Any]
VERSION = "2.42.0"
SCRAPE_S = 15.0
_SELECTOR = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{(.*)\})?\s*", re.DOTALL)
_MATCHER = re.compile(r'[a-zA-Z_][a-zA-Z0-9_]*\s*(?:=~|!~|!=|=)\s*"(?:[^"\\]|\\.)*"')


class SimulatedTarget(msgspec.Struct, frozen=True):
    """One address that is scraped."""

    labels: Mapping[str, str]
    """``job`` and ``instance`` among them."""
    error: str = ""
    """Why the last scrape failed; empty when it did not."""
    interval_s: float = SCRAPE_S


Targets = Callable[[], Iterable[SimulatedTarget]]
Look = Callable[[], None]


class QueryError(Exception):
    """``status`` and ``kind`` as Prometheus says them: 400 bad_data."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


class PrometheusFace:
    def __init__(
        self, prometheus: SimulatedPrometheus, clock: Clock, *, targets: Targets = tuple, before: Look = lambda: None
    ) -> None:
        """``before`` is called before each answer: whoever is asked is up to date."""
        self._prometheus = prometheus
        self._clock = clock
        self._targets = targets
        self._before = before
        self._server = Loopback(self._answer)
        self._paths: Mapping[str, Callable[[Mapping[str, str]], object]] = {
            "/api/v1/rules": lambda _: self._rules(),
            "/api/v1/alerts": lambda _: self._alerts(),
            "/api/v1/targets": lambda _: self._scraped(),
            "/api/v1/labels": self._label_names,
            "/api/v1/status/buildinfo": lambda _: {"version": VERSION, "goVersion": "simulated"},
            "/api/v1/query": self._query,
        }

    @property
    def url(self) -> str:
        return self._server.url

    def start(self) -> Awaitable[None]:
        return self._server.start()

    def stop(self) -> Awaitable[None]:
        return self._server.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        find = self._paths.get(request.path)
        if find is None:
            return web.Response(status=404, text="404 page not found\n")
        form = {**request.query, **(await request.post() if request.method == "POST" else {})}
        self._before()
        try:
            return _json({"status": "success", "data": find({name: str(value) for name, value in form.items()})})
        except QueryError as error:
            said = {"status": "error", "errorType": error.kind, "error": str(error)}
            return _json(said, status=error.status)

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

    # Targets, and what can be asked of them.

    def _scraped(self) -> Document:
        scraped = moment(self._clock.now())
        return {"activeTargets": [_target(target, scraped) for target in self._targets()], "droppedTargets": []}

    def _label_names(self, form: Mapping[str, str]) -> list[str]:
        chosen = self._chosen(form["match[]"]) if "match[]" in form else tuple(self._targets())
        names = {name for target in chosen for name in target.labels}
        return sorted({*names, "__name__"}) if names else []

    def _query(self, form: Mapping[str, str]) -> Document:
        query = form.get("query", "")
        at = float(form["time"]) if "time" in form else self._clock.now()
        try:
            return {"resultType": "scalar", "result": [at, f"{float(query):g}"]}
        except ValueError:
            pass  # not a number: a selector
        found: list[Document] = [
            {"metric": {"__name__": "up", **dict(target.labels)}, "value": [at, "0" if target.error else "1"]}
            for target in self._chosen(query)
        ]
        return {"resultType": "vector", "result": found}

    def _chosen(self, selector: str) -> tuple[SimulatedTarget, ...]:
        """Raises QueryError."""
        metric, matchers = _selector(selector)
        if metric != "up":
            return ()
        return tuple(target for target in self._targets() if all_match(matchers, label_set(target.labels)))


def _selector(text: str) -> tuple[str, tuple[Matcher, ...]]:
    """(metric, matchers); of an expression that is no selector, a metric that nobody has. Raises QueryError."""
    if text.count("(") != text.count(")"):
        raise QueryError(
            400, "bad_data", f'invalid parameter "query": parse error: unclosed parenthesis in {text[:60]!r}'
        )
    found = _SELECTOR.fullmatch(text)
    inside = (found[2] or "") if found is not None else ""
    if found is None or _MATCHER.sub("", inside).strip(", \n"):
        return "", ()
    try:
        return found[1], tuple(parse_matcher(part) for part in _MATCHER.findall(inside))
    except MatcherError as error:
        raise QueryError(400, "bad_data", f'invalid parameter "query": {error}') from error


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
