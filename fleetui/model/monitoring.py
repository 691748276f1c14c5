"""What the configuration says about monitoring systems: where they are, who asks, and which labels mean what."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

import msgspec

KINDS = ("prometheus", "thanos", "mimir", "victoriametrics")
CLIENTS = ("auto", "async", "package")
POLICIES = ("pairs", "low-budget", "half-spent")
"""``model.health.slo.Policy``; a test holds the two equal."""
OBJECTIVES = ("availability", "api-errors", "api-writes", "app-errors", "reconcile", "reach")
"""Promises with a budget, ``model.health.slo_objectives``; a test holds the two equal."""
ANY_TIER = "*"
LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")

Mistake = tuple[tuple[str, ...], str]
"""(path of the field, what is wrong with it and what to write)."""


class SecretConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a secret is kept; at most one of the three. The configuration itself never holds one."""

    file: str = ""
    """Read again while the session lives."""
    env: str = ""
    """Name of an environment variable."""
    command: tuple[str, ...] = ()
    """Program and arguments; what it prints is the secret. Run without a terminal, again when it was refused."""

    @property
    def configured(self) -> bool:
        return bool(self.file or self.env or self.command)


class AuthConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a monitoring system is told who asks: a bearer token, a user with a password, a client certificate."""

    token: SecretConfig = SecretConfig()
    username: str = ""
    password: SecretConfig = SecretConfig()
    tenant: str = ""
    """Sent as X-Scope-OrgID (Mimir, Cortex, Loki)."""
    ca: str = ""
    """Files in PEM, ``~`` is the home directory: the authority of the server, a client certificate, and its key."""
    cert: str = ""
    key: str = ""
    server_name: str = ""
    """The name in the server's certificate, where it is not the host of its address."""


class LabelsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which labels mean what in a source."""

    cluster: str = "auto"
    """Says which cluster a series is of; ``auto`` looks which of the usual names the source has."""
    replica: str = ""
    """Tells the two of a pair apart in a store that keeps both: ``prometheus_replica``. Empty: no such pair."""


class MetricsConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One source of metrics: a Prometheus, or what speaks its API."""

    url: str = ""
    """With the prefix before /api/v1: ``https://mimir.example/prometheus``."""
    kind: str = "prometheus"
    """``prometheus``, ``thanos``, ``mimir`` or ``victoriametrics``."""
    auth: AuthConfig = AuthConfig()
    labels: LabelsConfig = LabelsConfig()
    cluster: str = ""
    """Display name of the one cluster whose own Prometheus it is; empty for a store that several share."""
    clusters: tuple[str, ...] = ("*",)
    """Patterns of display names: the clusters that it is asked about."""
    names: dict[str, str] = {}
    """The cluster label's value to our display name, where they differ."""
    client: str = "auto"
    """``async``, ``package`` (prometheus-api-client, in threads of its own), ``auto``: that for shared stores."""
    timeout: str = "10s"
    """For one answer; the source is told to give up a little earlier."""
    latency_offset: str = ""
    """How far the source answers behind the present; empty knows it by its kind (VictoriaMetrics: 30s)."""

    @property
    def shared(self) -> bool:
        """Several clusters are in it."""
        return not self.cluster

    @property
    def stores(self) -> bool:
        """It is asked about some cluster. One that evaluates rules alone (``clusters: []``) is not."""
        return bool(self.cluster or self.clusters)

    def covers(self, name: str) -> bool:
        """Whether it is asked about the cluster of this display name."""
        return covers(name, cluster=self.cluster, patterns=self.clusters)


def covers(name: str, *, cluster: str, patterns: Iterable[str]) -> bool:
    """Whether a source of the one ``cluster``, else of those that the patterns name, is asked about this one."""
    return cluster == name if cluster else any(fnmatchcase(name, pattern) for pattern in patterns)


class AlertmanagerConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One Alertmanager; each of a pair is one."""

    url: str = ""
    """With the prefix before /api/v2."""
    auth: AuthConfig = AuthConfig()
    labels: LabelsConfig = LabelsConfig()
    """Of the alerts; ``auto`` is ``cluster``. All Alertmanagers share one meaning of labels, as pairs of them must."""
    names: dict[str, str] = {}
    """The cluster label's value to our display name, where they differ."""
    timeout: str = "10s"
    """For one answer."""


class SloConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is promised, and when somebody is called for it."""

    policy: str = "pairs"
    """``pairs``: four pairs of windows (14.4, 6, 3, 1 times the pace); ``low-budget``: a page above twice the pace with
    less than a quarter left; ``half-spent``: a page when over half of the budget went within a day or less."""
    targets: dict[str, dict[str, float]] = {}
    """Tier of a cluster (``*``: of any) to objective to the share that must be good, 0.9995."""

    def target(self, tier: str, objective: str) -> float | None:
        """None where nothing is said."""
        return self.targets.get(tier, {}).get(objective, self.targets.get(ANY_TIER, {}).get(objective))


def slo_mistakes(said: SloConfig) -> Iterator[Mistake]:
    """What the types cannot say."""
    if said.policy not in POLICIES:
        yield ("slo", "policy"), f"{said.policy!r} is not known; there are {', '.join(POLICIES)}"
    for tier, targets in said.targets.items():
        for objective, share in targets.items():
            if objective not in OBJECTIVES:
                yield ("slo", "targets", tier, objective), f"is not known; there are {', '.join(OBJECTIVES)}"
            elif not 0 < share < 1:
                yield ("slo", "targets", tier, objective), f"{share:g} is no share: write such as 0.9995"


def alertmanager_mistakes(configured: Mapping[str, AlertmanagerConfig]) -> Iterator[Mistake]:
    """What the types cannot say."""
    for name, alertmanager in configured.items():
        if wrong := url_mistake(alertmanager.url):
            yield ("alertmanagers", name, "url"), wrong
        for path, wrong in (*_label_mistakes(alertmanager.labels), *_auth_mistakes(alertmanager.auth)):
            yield ("alertmanagers", name, *path), wrong
        if len(said := sorted({one.labels.cluster for one in configured.values()})) > 1:
            wrong = f"differs among the Alertmanagers: {', '.join(said)}; write the same for all"
            yield ("alertmanagers", name, "labels", "cluster"), wrong


def metrics_mistakes(sources: Mapping[str, MetricsConfig]) -> Iterator[Mistake]:
    """What the types cannot say."""
    for name, source in sources.items():
        for path, wrong in _mistakes(source):
            yield ("metrics", name, *path), wrong


def _mistakes(source: MetricsConfig) -> Iterator[Mistake]:
    if wrong := url_mistake(source.url):
        yield ("url",), wrong
    if source.kind not in KINDS:
        yield ("kind",), f"{source.kind!r} is not known; there are {', '.join(KINDS)}"
    if source.client not in CLIENTS:
        yield ("client",), f"{source.client!r} is not known; there are {', '.join(CLIENTS)}"
    yield from _label_mistakes(source.labels)
    yield from _auth_mistakes(source.auth)


def _label_mistakes(labels: LabelsConfig) -> Iterator[Mistake]:
    for field in ("cluster", "replica"):
        said = str(getattr(labels, field))
        if said and not LABEL_NAME.fullmatch(said):
            yield ("labels", field), f"{said!r} is no label's name"


def _auth_mistakes(auth: AuthConfig) -> Iterator[Mistake]:
    for path, wrong in auth_mistakes(auth):
        yield ("auth", *path), wrong


def url_mistake(url: str) -> str:
    """Empty for an address that can be used."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        return f"{url!r} is no address: write http:// or https://, host, port and prefix"
    if parts.username or parts.password:
        return "holds a user or a password: write them under auth:"
    return "has a query: write the address only" if parts.query or parts.fragment else ""


def auth_mistakes(auth: AuthConfig) -> Iterator[Mistake]:
    for name, secret in (("token", auth.token), ("password", auth.password)):
        if sum(map(bool, (secret.file, secret.env, secret.command))) > 1:
            yield (name,), "is said twice: keep one of file, env and command"
    if auth.token.configured and auth.username:
        yield ("username",), "stands beside a token: keep one of them"
    if auth.password.configured and not auth.username:
        yield ("password",), "has no username"
    if bool(auth.key) and not auth.cert:
        yield ("key",), "has no cert"
    for field in ("username", "tenant"):
        if not str(getattr(auth, field)).isprintable():
            yield (field,), "has characters that no header can carry"
