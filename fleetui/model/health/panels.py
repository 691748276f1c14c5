"""What a board of clusters shows, as data: one query a panel, with one answer a cluster. The same declaration is asked
by the screen, printed by the command line and exported to Grafana."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

from fleetui.model.health.answers import Answers
from fleetui.model.health.promql import Query
from fleetui.model.health.threshold import Threshold


class Exporter(msgspec.Struct, frozen=True):
    """Whose metrics a panel reads."""

    id: str
    title: str
    job: str
    """What the names of its jobs have in common, in lower case; empty where jobs are named after anything."""
    missing: str
    """What to do where it is not scraped."""


APISERVER = Exporter("apiserver", "API server", "apiserver", "scrape /metrics of the API servers")
SCHEDULER = Exporter(
    "scheduler", "scheduler", "scheduler", "kubeadm binds it to 127.0.0.1:10259: set bind-address and scrape it"
)
MANAGER = Exporter(
    "manager", "controller manager", "controller-manager", "kubeadm binds it to 127.0.0.1:10257: set bind-address"
)
STATE = Exporter(
    "ksm", "kube-state-metrics", "state-metrics", "install kube-state-metrics, or let it be scraped"
)  # fmt: skip
NODE = Exporter("node", "node exporter", "node-exporter", "install the node exporter on every machine")
KUBELET = Exporter("kubelet", "kubelet", "kubelet", "scrape /metrics of the kubelets")
DNS = Exporter("dns", "CoreDNS", "dns", "scrape port 9153 of CoreDNS")
BALANCER = Exporter("balancer", "load balancer", "haproxy", "scrape HAProxy's Prometheus service")
CAPI = Exporter("capi", "Cluster API", "", "load the Cluster API configuration into kube-state-metrics")
CONTROLLERS = Exporter("controllers", "Cluster API controllers", "", "scrape the metrics of the Cluster API managers")
GITOPS = Exporter("gitops", "Flux or Argo CD", "", "scrape the controllers of Flux or Argo CD")
INGRESS = Exporter("ingress", "ingress", "", "scrape the metrics of ingress-nginx")
DATABASE = Exporter("database", "PostgreSQL exporter", "", "install postgres_exporter 0.14 or newer")
COST = Exporter("cost", "OpenCost", "", "install OpenCost and scrape it")
SOURCES = Exporter("sources", "sources", "", "see why its metrics do not arrive: its Prometheus, or what it writes to")
JOURNAL = Exporter("journal", "journal of incidents", "", "see :incidents for why it cannot be read")
ALERTS = Exporter("alerts", "rules", "", "evaluate alerting rules in this source")


class Fold(StrEnum):
    """What one figure of the whole fleet is made of, beside the worst cluster's own."""

    WORST = "worst"
    """There is none: neither a sum nor a mean says anything."""
    SUM = "sum"
    MEAN = "mean"


class Panel(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of every cluster."""

    id: str
    title: str
    doc: str
    """One sentence for people: what it says, and what of it is bad."""
    promql: str
    """Template of a query with one series for each ``$per``; see ``promql.Query``."""
    exporter: Exporter
    unit: str = ""
    """``s``, ``ratio``, ``B``, ``/s``, ``d``, ``%``; empty for counts."""
    short: str = ""
    """Before the figure in a sentence: ``5xx 2.1%``."""
    limit: Threshold | None = None
    """None: it explains and judges nothing."""
    named: str = ""
    """A label that says whose figure it is: ``instance``, ``flow_schema``."""
    fold: Fold = Fold.WORST
    of_fleet: bool = False
    """The limit is one of the fold over all clusters, not of each of them."""
    every_s: float = 0.0
    rule: str = ""
    """Name of a recording rule that users of the usual rule sets have."""
    recorded: str = ""
    """The query over that rule, to the same effect."""
    own: str = ""
    """Name of the recording rule that ``fleetui export rules`` writes for it."""
    withheld: "Panel | None" = None
    """Above 0 where there is no figure because what it measures is broken, which its ``short`` says."""

    @property
    def query(self) -> Query:
        return Query(self.id, self.promql, self.every_s)

    @property
    def asked(self) -> "tuple[Panel, ...]":
        """All that has to be asked for its figure."""
        return (self,) if self.withheld is None else (self, self.withheld)

    @property
    def recordings(self) -> tuple[tuple[str, str], ...]:
        """(rule, the query over it), the first that is there counts: those of the usual rule sets are older than ours,
        and a long window is only as long as its rule has been evaluated."""
        ours = (self.own, f"max by ($per) ({self.own})")
        return tuple(pair for pair in ((self.rule, self.recorded), ours) if pair[0] and pair[1])


RULES = "rules"
"""Id of the query that tells which recording rules there are."""


def presence(panels: Iterable[Panel]) -> tuple[Query, ...]:
    """One question for all of them, and none where no panel has a rule."""
    names = "|".join(sorted({rule for panel in panels for rule, _ in panel.recordings}))
    return (Query(RULES, f'count by ($per, __name__) ({{__name__=~"{names}"}})', 300.0),) if names else ()


TARGETS = Query("targets", "count by ($per, job) (up)", 30.0)
ALIVE = Query("alive", "sum by ($per, job) (up)")
SEEN = Query("seen", "max by ($per) (timestamp(up))")
COUNTED_S = 600
SCRAPES = Query("scrapes", f"max by ($per) (count_over_time(up[{COUNTED_S}s]))", 60.0)
EVIDENCE = (TARGETS, ALIVE, SEEN, SCRAPES)
"""What every board asks besides its panels: who is scraped, who of them answers, when, and how often."""
ANCHORS = ("alive", "seen")


def chosen(panels: Sequence[Panel], answers: Answers) -> tuple[Query, ...]:
    """The panels' queries in the wording that is cheapest for this source: over the recording rule where all of its
    clusters have it, over the raw series where none has, and over both where some have: then neither is missing."""
    known = {answers.name(point.labels) for point in answers.points(TARGETS.id)} - {""}
    have: dict[str, set[str]] = {}
    for point in answers.points(RULES):
        have.setdefault(point.label("__name__"), set()).add(answers.name(point.labels))
    return tuple(_worded(panel, have, known) for panel in panels)


def _worded(panel: Panel, have: Mapping[str, set[str]], known: set[str]) -> Query:
    there = [(have[rule], query) for rule, query in panel.recordings if rule in have]
    if not there:
        return panel.query
    whole = next((query for clusters, query in there if known <= clusters), "")
    return Query(panel.id, whole or f"({there[0][1]}) or ({panel.promql})", panel.every_s)


def limit(
    figure: str, unit: str, amber: float, red: float, source: str = "own judgement", *, falling: bool = False
) -> Threshold:
    """A threshold, short enough to stand beside its query."""
    return Threshold(figure, unit, amber=amber, red=red, source=source, falling=falling)
