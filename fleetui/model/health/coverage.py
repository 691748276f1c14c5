"""Which parts of which clusters are watched at all: what nobody scrapes looks exactly like health. A fixed number of
questions to a store, however many clusters are in it."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.fault import Fault
from fleetui.model.health.board import LEVELS, worst_level
from fleetui.model.health.promql import Query
from fleetui.model.health.sample import Age
from fleetui.model.health.series import Vector

_K = TypeVar("_K")


class Part(msgspec.Struct, frozen=True):
    """One thing that every cluster should have scraped."""

    id: str
    title: str
    marker: str
    """A metric that its exporter always has, with few series."""
    missing: str
    """What to do where it is not scraped."""
    needed: bool = True
    """False: a cluster may well do without it."""


PARTS: tuple[Part, ...] = (
    Part("ksm", "kube-state-metrics", "kube_node_info", "install kube-state-metrics, or let it be scraped"),
    Part("node", "node exporter", "node_uname_info", "install the node exporter on every machine"),
    Part(
        "etcd", "etcd", "etcd_server_has_leader",
        "kubeadm binds etcd's metrics to 127.0.0.1:2381: set listen-metrics-urls and scrape it",
    ),
    Part("apiserver", "API server", "apiserver_current_inflight_requests", "scrape /metrics of the API servers"),
    Part(
        "capi", "Cluster API", "capi_cluster_info",
        "load the Cluster API configuration into kube-state-metrics", needed=False,
    ),
    Part(
        "logs", "logs", '{__name__=~"promtail_build_info|fluentbit_build_info|vector_build_info|alloy_build_info"}',
        "scrape the log collector: a cluster whose logs stop arriving is silent", needed=False,
    ),
    Part(
        "traces", "traces", '{__name__=~"otelcol_process_uptime(_seconds_total)?|tempo_build_info"}',
        "scrape the trace collector", needed=False,
    ),
)  # fmt: skip

_SHORT_RETENTION = "7d"
CARDINALITY_LIMIT = 500_000.0
"""Series that one cluster's scrapes bring in; beyond it a Prometheus of 8 GB has no room (own judgement)."""

QUERIES: tuple[Query, ...] = (
    *(Query(f"has:{part.id}", f"count by ($cluster) ({part.marker})", every_s=60.0) for part in PARTS),
    # By job, so that what is a target and does not answer is told from what is no target at all.
    Query("down", "count by ($cluster, job) (up == 0)", every_s=60.0),
    Query("targets", "count by ($cluster, job) (up)", every_s=60.0),
    Query("series", "sum by ($cluster) (scrape_samples_post_metric_relabeling)", every_s=300.0),
    Query("old", f"count by ($cluster) (up offset {_SHORT_RETENTION})", every_s=3600.0),
)

_JOBS = {"ksm": "state-metrics", "node": "node-exporter", "etcd": "etcd", "apiserver": "apiserver"}
"""What the names of their jobs have in common, in lower case."""


class Cover(StrEnum):
    """Worst first, of those that can be one cell's."""

    DOWN = "up but empty"
    """There is a target, and no metrics of it."""
    MISSING = "not scraped"
    UNKNOWN = "?"
    """The question was not answered."""
    SILENT = "silent"
    """Nothing at all arrives of the cluster: what its exporters do cannot be told from here."""
    PARTLY = "partly down"
    SCRAPED = "scraped"


class Covered(msgspec.Struct, frozen=True):
    """One cell of the matrix."""

    part: str
    cover: Cover
    detail: str = ""
    fix: str = ""
    level: Health = Health.UNKNOWN


_GONE = frozenset({Cover.DOWN, Cover.MISSING})
PIPELINE_FIX = (
    "the pipeline is the matter, no exporter: is its Prometheus alive, does what it writes arrive here, and is it "
    "named as we do (names:)?"
)
"""Of a silent cluster: whatever one would install there could not be heard."""


class CoverageRow(msgspec.Struct, frozen=True):
    """One cluster."""

    cluster: str
    cells: tuple[Covered, ...]
    notes: tuple[str, ...] = ()
    """Short retention, high cardinality."""

    age: Age = Age.NONE
    """Of the youngest scrape of anything of it."""
    sample_at: float | None = None
    """Of that scrape."""
    source: str = ""
    """That has made it."""
    last_heard: str = ""
    """``for 47m``, of a silent cluster: since when nothing arrives; empty where nobody remembers it."""

    @property
    def silent(self) -> bool:
        """Nothing at all arrives of it: neither a target nor a figure of any part."""
        return all(cell.cover is Cover.SILENT for cell in self.cells)

    @property
    def needed(self) -> tuple[Covered, ...]:
        return tuple(cell for cell, part in zip(self.cells, PARTS, strict=True) if part.needed)

    @property
    def lacking(self) -> int:
        """Needed parts that are not whole."""
        return sum(cell.cover is not Cover.SCRAPED for cell in self.needed)

    @property
    def level(self) -> Health:
        """Of what is needed, and of whatever is there and does not answer. Silence is the worst: nobody would be told
        of anything that happens there."""
        if self.silent:
            return Health.BROKEN
        return worst_level(
            cell.level
            for cell, part in zip(self.cells, PARTS, strict=True)
            if part.needed or cell.cover in (Cover.DOWN, Cover.PARTLY)
        )

    @property
    def word(self) -> str:
        """``all scraped``, ``2 of 4 missing``, ``unheard for 47m``, ``1 of 4 partly``, ``not answered``."""
        if self.silent:
            return f"unheard {self.last_heard}".rstrip()
        covers = [cell.cover for cell in self.needed]
        for word, among in (("missing", _GONE), ("partly", {Cover.PARTLY}), ("unanswered", {Cover.UNKNOWN})):
            if gone := sum(cover in among for cover in covers):
                return f"{gone} of {len(covers)} {word}"
        return "all scraped"

    @property
    def fix(self) -> str:
        """The first thing to do; empty where nothing is needed."""
        if self.silent:
            return PIPELINE_FIX
        told = [cell for cell in self.cells if cell.fix and cell.level in (Health.BROKEN, Health.WARNING)]
        return min(told, key=lambda cell: LEVELS.index(cell.level)).fix if told else ""

    @property
    def reason(self) -> str:
        """Of the first that is missing."""
        return next((cell.detail for cell in self.cells if cell.detail), "")

    @property
    def remedy(self) -> str:
        return self.fix

    def cell(self, part: str) -> Covered:
        """Raises StopIteration for no part of the matrix."""
        return next(cell for cell in self.cells if cell.part == part)


class Heard(msgspec.Struct, frozen=True):
    """What one source answered to ``QUERIES``."""

    source: str
    replies: Mapping[str, Vector | Fault]
    cluster_label: str = "cluster"
    cluster: str = ""
    names: Mapping[str, str] = {}

    def counts(self, query: str) -> dict[str, float]:
        """By cluster, those without a label under the empty name."""
        found: dict[str, float] = {}
        for labels, value in self._points(query):
            found[self._name(labels)] = found.get(self._name(labels), 0.0) + value
        return found

    def by_job(self, query: str) -> dict[tuple[str, str], float]:
        found: dict[tuple[str, str], float] = {}
        for labels, value in self._points(query):
            place = (self._name(labels), labels.get("job", "").lower())
            found[place] = found.get(place, 0.0) + value
        return found

    def fault(self, query: str) -> Fault | None:
        reply = self.replies.get(query)
        return reply if isinstance(reply, Fault) else None

    def _points(self, query: str) -> list[tuple[Mapping[str, str], float]]:
        reply = self.replies.get(query)
        return [(point.labels, point.value) for point in reply.points] if isinstance(reply, Vector) else []

    def _name(self, labels: Mapping[str, str]) -> str:
        said = labels.get(self.cluster_label, "") if self.cluster_label else ""
        return self.cluster or self.names.get(said, said)


def coverage(heard: Sequence[Heard], roster: Iterable[str]) -> tuple[CoverageRow, ...]:
    """One row for every cluster of the roster and every one that a source knows, by name."""
    targets, down = _sum(each.by_job("targets") for each in heard), _sum(each.by_job("down") for each in heard)
    evidence = {
        part.id: _Evidence(
            has=_sum(each.counts(f"has:{part.id}") for each in heard),
            targets=_of_job(targets, _JOBS.get(part.id, part.id)),
            down=_of_job(down, _JOBS.get(part.id, part.id)),
            fault=_fault(heard, f"has:{part.id}"),
        )
        for part in PARTS
    }
    heard_of = {name for name, _ in targets} | {name for each in evidence.values() for name in each.has}
    return tuple(
        CoverageRow(
            name,
            tuple(_covered(part, name, evidence[part.id], silent=name not in heard_of) for part in PARTS),
            _notes(name, heard) if name in heard_of else (),
        )
        for name in sorted({*roster, *heard_of} - {""})
    )


def unlabelled(heard: Sequence[Heard]) -> dict[str, float]:
    """Targets whose series name no cluster, by job: they are on nobody's board."""
    return {job: count for each in heard for (name, job), count in each.by_job("targets").items() if not name}


def _sum(found: Iterable[Mapping[_K, float]]) -> dict[_K, float]:
    total: dict[_K, float] = {}
    for each in found:
        for key, count in each.items():
            total[key] = total.get(key, 0.0) + count
    return total


def _fault(heard: Sequence[Heard], query: str) -> Fault | None:
    return next((fault for each in heard if (fault := each.fault(query))), None)


class _Evidence(msgspec.Struct, frozen=True):
    """About one part, by cluster."""

    has: Mapping[str, float]
    targets: Mapping[str, float]
    down: Mapping[str, float]
    fault: Fault | None


def _covered(part: Part, name: str, evidence: _Evidence, *, silent: bool) -> Covered:
    expected, dead = evidence.targets.get(name, 0.0), evidence.down.get(name, 0.0)
    if evidence.has.get(name):
        if dead:
            detail = f"{dead:.0f} of {expected:.0f} targets are down"
            return Covered(part.id, Cover.PARTLY, detail, "see the targets' last errors", Health.WARNING)
        return Covered(part.id, Cover.SCRAPED, level=Health.CALM)
    if fault := evidence.fault:
        return Covered(part.id, Cover.UNKNOWN, f"{fault.word}: {fault.detail}", fault.remedy)
    if expected:
        targets = "1 target" if expected == 1 else f"{expected:.0f} targets"
        detail = f"{targets}, {dead:.0f} down, and no {part.marker}"
        return Covered(part.id, Cover.DOWN, detail, "see the targets' last errors", Health.BROKEN)
    if silent:
        return Covered(part.id, Cover.SILENT, "nothing at all arrives of the cluster")
    level = Health.WARNING if part.needed else Health.UNKNOWN
    return Covered(part.id, Cover.MISSING, f"no {part.title} of {name} in any source", part.missing, level)


def _of_job(counts: Mapping[tuple[str, str], float], job: str) -> dict[str, float]:
    """By cluster, of the jobs that have this in their name."""
    return _sum({cluster: count} for (cluster, of), count in counts.items() if job in of)


def _notes(name: str, heard: Sequence[Heard]) -> tuple[str, ...]:
    notes = []
    series = sum(each.counts("series").get(name, 0.0) for each in heard)
    if series > CARDINALITY_LIMIT:
        notes.append(f"{series:,.0f} series: drop labels that grow, or give it a store of its own")
    answered = [each for each in heard if isinstance(each.replies.get("old"), Vector)]
    if answered and not any(each.counts("old").get(name) for each in answered):
        notes.append(f"nothing older than {_SHORT_RETENTION}: new, or its retention is short")
    return tuple(notes)
