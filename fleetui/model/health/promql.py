"""Queries as text with holes, and what fills them: which label names the cluster, which jobs, how long a rate looks."""

from collections.abc import Iterable
from math import ceil
from string import Template

import msgspec

AUTO = "auto"
CLUSTER_LABELS = (
    "cluster", "cluster_name", "k8s_cluster", "k8s_cluster_name", "kubernetes_cluster", "cluster_id", "clusterName",
)  # fmt: skip
"""In the order in which they are believed: kubernetes-mixin's default first (its etcd mixin says ``job``, which tells
no clusters apart)."""
SCRAPES_A_RATE = 4
"""Scrape intervals that a rate looks back: with two it has gaps whenever one scrape is late (etcd mixin: 4)."""
SHORTEST_RATE_S = 20


class Query(msgspec.Struct, frozen=True):
    """One question to a source about all its clusters. ``$by`` is what tells members apart, ``$s`` the jobs' matcher,
    ``$w`` the window of rates; ``$cluster`` is the cluster's label alone, ``$per`` that and the label of a pair's
    replica, whose views are not to be added up."""

    id: str
    text: str
    every_s: float = 0.0
    """How often it is worth asking; 0 is with every poll."""

    @property
    def dates(self) -> bool:
        """It says when the samples behind the others' answers were taken (``seen``, ``postgres/seen``)."""
        return self.id.rpartition("/")[2] == "seen"


class Scope(msgspec.Struct, frozen=True):
    """What fills the holes for one source."""

    cluster_label: str = "cluster"
    """Empty: one cluster's own Prometheus, whose series say no cluster."""
    replica_label: str = ""
    jobs: str = ".*"
    """Regular expression of the jobs; quoted here."""
    window_s: int = 120

    def fill(self, query: Query) -> str:
        labels = [label for label in (self.cluster_label, "instance", self.replica_label) if label]
        return Template(query.text).substitute(
            by=", ".join(labels),
            cluster=self.cluster_label or "cluster",
            per=", ".join([self.cluster_label or "cluster", *([self.replica_label] if self.replica_label else [])]),
            s=f'job=~"{_quoted(self.jobs)}"',
            w=f"{self.window_s}s",
        )


def last_sampled(by: str, series: str, looks: Iterable[str]) -> str:
    """When each was last sampled, at the first of these looks back (``10m``, ``1h``) where there is anything: a few
    samples are read, where a function over the whole range would read all of it."""
    return " or ".join(f"max by ({by}) (timestamp({series} offset {ago}))" for ago in looks)


def rate_window(interval_s: float) -> int:
    """Seconds that rates look back where targets are scraped that often."""
    return max(SHORTEST_RATE_S, ceil(SCRAPES_A_RATE * interval_s))


def cluster_label(said: str, names: Iterable[str]) -> str | None:
    """The label that names the cluster, out of those a source has; None when there is none of the usual ones, or not
    the one that was said."""
    have = frozenset(names)
    wanted = CLUSTER_LABELS if said == AUTO else (said,)
    return next((label for label in wanted if label in have), None)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
