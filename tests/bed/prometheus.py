"""Real Prometheus servers that scrape for real, alone or as a pair that scrapes the same.

Debian's 2.42: it silently ignores the parameters `limit`, `lookback_delta` and `group_limit` of newer ones, and has no
/api/v1/notifications and no /api/v1/features.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.bed import packages
from tests.bed.plain_http import NO_ANSWER, Credentials, HttpError, answers, ask, ask_json
from tests.bed.service import Service

Object = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """What to scrape: `targets` maps addresses (host:port) to the labels that their series get."""

    name: str
    targets: Mapping[str, Mapping[str, str]]
    path: str = "/metrics"
    tls: Credentials | None = None
    honor_labels: bool = False  # the page's own `cluster`, `instance` and `job` stay: for pages that speak for many


@dataclass(frozen=True)
class Rule:
    """An alert; durations as Prometheus spells them ("5s")."""

    alert: str
    expr: str
    hold: str = "0s"  # `for`
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recording:
    """A recording rule."""

    record: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)


WATCHDOG = Rule("Watchdog", "vector(1)", labels={"severity": "none"})  # fires always: its silence tells


class Prometheus(Service):
    """One server, ready when the constructor returns; what it has scraped by then is nothing yet (`until_scraped`).

    `scrape` and `evaluate`: seconds between. `labels`: external labels, what tells it from others to Alertmanager.
    `replica`: the label `prometheus_replica`, which alerts lose on their way, as in the usual pair.
    `resend`: seconds between sendings of an alert that still fires (Prometheus' own default is 60).
    """

    def __init__(
        self,
        jobs: Sequence[Job] = (),
        *,
        rules: Sequence[Rule | Recording] = (),
        alertmanagers: Iterable[str] = (),
        scrape: int = 1,
        evaluate: int = 1,
        resend: int = 60,
        labels: Mapping[str, str] | None = None,
        replica: str | None = None,
        name: str = "prometheus",
    ) -> None:
        self.jobs, self.rules = tuple(jobs), tuple(rules)
        self._alertmanagers, self._scrape, self._evaluate = tuple(alertmanagers), scrape, evaluate
        self._resend, self._labels, self._replica = resend, dict(labels or {}), replica
        super().__init__(name)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port_of()}"

    def start_all(self) -> None:
        self._write()
        flags = {
            "config.file": self.folder / "prometheus.yaml",
            "storage.tsdb.path": self.folder / "data",
            "web.listen-address": f"127.0.0.1:{self.port_of()}",
            "web.enable-lifecycle": None,
            "rules.alert.resend-delay": f"{self._resend}s",
            "log.level": "warn",
        }
        given = [f"--{flag}" if value is None else f"--{flag}={value}" for flag, value in flags.items()]
        self.run("prometheus", [packages.program("prometheus"), *given])
        self._wait_ready()

    # -- what it says --------------------------------------------------------------------------------------------------

    def query(self, expression: str, timeout: float = 10, *, at: float | None = None) -> list[Object]:
        """The vector: a list of {"metric": labels, "value": [seconds, text]}; of now, or ``at`` Unix seconds."""
        moment = {} if at is None else {"time": f"{at:.3f}"}
        found: list[Object] = self._data("query", timeout, query=expression, **moment)["result"]
        return found

    def value(self, expression: str) -> float | None:
        """The one value of an expression; None where it has no series. Raises ValueError where it has many."""
        found = self.query(expression)
        if len(found) > 1:
            raise ValueError(f"{len(found)} series for {expression}")
        return float(found[0]["value"][1]) if found else None

    def alerts(self) -> list[Object]:
        """Pending and firing."""
        found: list[Object] = self._data("alerts", 10)["alerts"]
        return found

    def until_value(self, expression: str, wanted: float, within: float = 60) -> None:
        """Return once the expression has the one value `wanted`."""
        self.until(lambda: self.value(expression) == wanted or None, f"{expression} is {wanted:g}", within=within)

    def until_scraped(self, within: float = 60) -> None:
        """Return once every target has been scraped well."""
        count = sum(len(job.targets) for job in self.jobs)
        self.until_value("sum(up)", count, within)

    def until_firing(self, alert: str, within: float = 60) -> None:
        self.until(lambda: alert in self._firing() or None, f"{alert} fires", within=within)

    # -- what can happen to it -----------------------------------------------------------------------------------------

    def freeze(self) -> None:
        """SIGSTOP: it neither scrapes nor answers, its port still takes connections."""
        self.processes["prometheus"].freeze()

    def thaw(self) -> None:
        self.processes["prometheus"].thaw()

    def kill(self) -> None:
        """SIGKILL; its data stays."""
        self.processes["prometheus"].kill()

    def restart(self) -> None:
        """Start again, after a kill or a running one, with its data; returns when it is ready."""
        self.kill()
        self.processes["prometheus"].start()
        self._wait_ready()

    def mend(self) -> None:
        """Alive and awake."""
        if self.processes["prometheus"].alive:
            self.thaw()
        else:
            self.restart()

    def configure(self, jobs: Sequence[Job] | None = None, *, rules: Sequence[Rule | Recording] | None = None) -> None:
        """Other targets or rules from now on, without a restart."""
        self.jobs = self.jobs if jobs is None else tuple(jobs)
        self.rules = self.rules if rules is None else tuple(rules)
        self._write()
        ask(f"{self.url}/-/reload", method="POST", timeout=30)

    # -- how it starts -------------------------------------------------------------------------------------------------

    def _wait_ready(self) -> None:
        self.until(lambda: answers(f"{self.url}/-/ready"), "ready", part="prometheus")

    def _write(self) -> None:
        (self.folder / "rules.yaml").write_text(
            yaml.safe_dump({"groups": [{"name": "bed", "rules": [_rule(rule) for rule in self.rules]}]})
        )
        (self.folder / "prometheus.yaml").write_text(yaml.safe_dump(self._configuration()))

    def _configuration(self) -> Object:
        labels = self._labels | ({"prometheus_replica": self._replica} if self._replica else {})
        return {
            "global": {
                "scrape_interval": f"{self._scrape}s",
                "scrape_timeout": f"{self._scrape}s",
                "evaluation_interval": f"{self._evaluate}s",
                "external_labels": labels,
            },
            "rule_files": [str(self.folder / "rules.yaml")],
            "scrape_configs": [_scrape(job) for job in self.jobs],
            "alerting": {
                "alert_relabel_configs": [{"action": "labeldrop", "regex": "prometheus_replica"}],
                "alertmanagers": [{"static_configs": [{"targets": list(self._alertmanagers)}]}],
            },
        }

    def _firing(self) -> set[str]:
        return {alert["labels"]["alertname"] for alert in self.alerts() if alert["state"] == "firing"}

    def _data(self, path: str, timeout: float, **parameters: str) -> Object:
        found = ask_json(f"{self.url}/api/v1/{path}?{urlencode(parameters)}", timeout=timeout)
        data: Object = found["data"]
        return data


class PrometheusPair:
    """Two servers, replicas `a` and `b`, that scrape the same and evaluate the same rules."""

    def __init__(self, jobs: Sequence[Job] = (), **options: Any) -> None:
        with ExitStack() as started:
            self.a = started.enter_context(Prometheus(jobs, replica="a", name="prometheus-a", **options))
            self.b = started.enter_context(Prometheus(jobs, replica="b", name="prometheus-b", **options))
            self._started = started.pop_all()

    @property
    def both(self) -> tuple[Prometheus, Prometheus]:
        return self.a, self.b

    def configure(self, jobs: Sequence[Job] | None = None, *, rules: Sequence[Rule | Recording] | None = None) -> None:
        for one in self.both:
            one.configure(jobs, rules=rules)

    def until_scraped(self) -> None:
        for one in self.both:
            one.until_scraped()

    def mend(self) -> None:
        for one in self.both:
            one.mend()

    def close(self) -> None:
        self._started.close()


def hangs(prometheus: Prometheus) -> bool:
    """Does it take a connection and not answer within half a second?"""
    try:
        ask(f"{prometheus.url}/-/healthy", timeout=0.5)
    except TimeoutError:
        return True
    except (HttpError, *NO_ANSWER):
        return False
    return False


def _scrape(job: Job) -> Object:
    config: Object = {
        "job_name": job.name,
        "metrics_path": job.path,
        "honor_labels": job.honor_labels,
        "static_configs": [{"targets": [address], "labels": dict(of)} for address, of in job.targets.items()],
    }
    if job.tls is not None:
        files = {"ca_file": job.tls.ca, "cert_file": job.tls.cert, "key_file": job.tls.key}
        config |= {"scheme": "https", "tls_config": {key: str(file) for key, file in files.items()}}
    return config


def _rule(rule: Rule | Recording) -> Object:
    if isinstance(rule, Recording):
        return {"record": rule.record, "expr": rule.expr, "labels": dict(rule.labels)}
    return {
        "alert": rule.alert,
        "expr": rule.expr,
        "for": rule.hold,
        "labels": dict(rule.labels),
        "annotations": dict(rule.annotations),
    }
