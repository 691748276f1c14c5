"""The etcd board of a fleet out of what the sources of metrics say: one row a cluster, also for those of which there is
nothing, with the reason. State comes from metrics and never from alerts: those come minutes later, or not at all."""

from collections.abc import Iterable, Sequence
from math import isnan

import msgspec

from fleetui.model.cluster import Health
from fleetui.model.duration import format_duration
from fleetui.model.health import board
from fleetui.model.health.answers import Answers
from fleetui.model.health.board import Cell
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_promql import PANELS, Panel, Worst
from fleetui.model.health.etcd_quorum import Margin
from fleetui.model.health.etcd_scrape import Scraped, best_source, last_seen, scraped
from fleetui.model.health.etcd_scraped_verdict import findings, margin
from fleetui.model.health.sample import Age

NOT_SCRAPED_REMEDY = (
    "kubeadm binds etcd's metrics to 127.0.0.1:2381: set listen-metrics-urls and scrape it, or give etcd: certificates"
)


class EtcdRow(msgspec.Struct, frozen=True):
    """One cluster."""

    cluster: str
    source: str
    """That its figures are from; empty when no source knows it."""
    level: Health
    word: str
    """For the cell: ``can lose 1``, ``quorum lost``, ``not scraped``."""
    reason: str
    bad: tuple[str, ...] = ()
    """Hosts of the worst finding that names any."""
    margin: Margin | None = None
    cells: tuple[Cell, ...] = ()
    """In the order of ``PANELS``."""
    members: tuple[Scraped, ...] = ()
    findings: tuple[Finding, ...] = ()
    age: Age = Age.NONE
    """Of its oldest member that is not down."""
    sample_at: float | None = None
    """Of that member's last scrape."""
    others: tuple[str, ...] = ()
    """Further sources that know it, with how old their view is: one of a pair may be stale."""

    def cell(self, panel: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.panel == panel), None)

    @property
    def leader(self) -> str:
        """Its host; empty when nobody, or more than one, says so: scrapes of two moments."""
        leading = [member.host for member in self.members if member.flag("is_leader")]
        return leading[0] if len(leading) == 1 else ""


def etcd_board(answers: Sequence[Answers], roster: Iterable[str], *, now: float) -> tuple[EtcdRow, ...]:
    """Worst first, then by name. ``roster`` are the clusters that must have a row (the fleet's own list, which no
    scraper can make shorter); those that a source knows besides are added."""
    known: dict[str, list[tuple[Scraped, ...]]] = {}
    for each in answers:
        for cluster, members in scraped(each).items():
            known.setdefault(cluster, []).append(members)
    silent = _silent_since(answers)
    names = {*roster, *known, *silent}
    rows = [_row(name, known.get(name, []), answers, silent.get(name), now=now) for name in names]
    return tuple(sorted(rows, key=lambda row: (board.LEVELS.index(row.level), row.cluster)))


def _silent_since(answers: Iterable[Answers]) -> dict[str, float]:
    seen: dict[str, float] = {}
    for each in answers:
        for cluster, at in last_seen(each).items():
            if cluster:
                seen[cluster] = max(seen.get(cluster, 0.0), at)
    return seen


def _row(
    name: str, views: list[tuple[Scraped, ...]], answers: Sequence[Answers], seen_at: float | None, *, now: float
) -> EtcdRow:
    members = best_source(views)
    if not members:
        return _absent(name, answers, seen_at, now=now)
    own = next(each for each in answers if each.source == members[0].source)
    left = margin(members, now=now)
    trusted = [member for member in members if member.counts(now)]
    cells = tuple(_cell(panel, members, trusted, own, now=now) for panel in PANELS)
    told = tuple(findings(members, cells, left, now=now, partial=own.partial, fault=own.fault))
    reachable = [member for member in members if not member.down] or list(members)
    oldest = min(reachable, key=lambda member: member.up.sample_at or 0.0)
    level = told[0].level if told else Health.CALM
    return EtcdRow(
        cluster=name,
        source=own.source,
        level=level,
        word=told[0].word if told else left.text,
        reason=told[0].detail if told else "",
        bad=next((finding.hosts for finding in told if finding.hosts), ()),
        margin=left,
        cells=cells,
        members=members,
        findings=told,
        age=board.worst_age(member.age(now) for member in reachable),
        sample_at=oldest.up.sample_at,
        others=tuple(_other(view, now=now) for view in views if view[0].source != own.source),
    )


def _other(view: tuple[Scraped, ...], *, now: float) -> str:
    youngest = max((member.up.sample_at or 0.0 for member in view), default=0.0)
    return f"{view[0].source}: {format_duration(now - youngest)} old"


def _absent(name: str, answers: Sequence[Answers], seen_at: float | None, *, now: float) -> EtcdRow:
    """No member at all: why, in the order of what is nearest to us."""
    word, reason, remedy = _why_absent(name, answers, seen_at, now=now)
    finding = Finding(Health.UNKNOWN, About.NOTHING_KNOWN, word, reason, remedy=remedy)
    cells = tuple(board.nothing(panel.id, word, at=now) for panel in PANELS)
    return EtcdRow(name, "", Health.UNKNOWN, word, reason, cells=cells, findings=(finding,), sample_at=seen_at)


def _why_absent(name: str, answers: Sequence[Answers], seen_at: float | None, *, now: float) -> tuple[str, str, str]:
    """(word, sentence, remedy)."""
    if not answers:
        return "no source", f"no source of metrics is configured for {name}", "write one under metrics:"
    for each in answers:
        if fault := each.fault or each.fault_of("up"):
            return fault.word, f"{each.source}: {fault.detail}", fault.remedy
    for each in answers:
        if each.partial:
            return "partial answer", f"{each.source} answered in part: {each.partial}", "look at the stores behind it"
    if seen_at is not None:
        seen = f"it was there {format_duration(now - seen_at)} ago, maybe later too"
        return "silent", f"nothing of {name} is scraped; {seen}", "is its own Prometheus alive?"
    sources = ", ".join(each.source for each in answers)
    return "not scraped", f"{sources} has no etcd of {name}", NOT_SCRAPED_REMEDY


def _cell(
    panel: Panel, members: Sequence[Scraped], trusted: Sequence[Scraped], answers: Answers, *, now: float
) -> Cell:
    at = members[0].up.received_at
    for query in panel.needs:
        if fault := answers.fault_of(query):
            return board.nothing(panel.id, fault.word, at=at)
    if not trusted:
        return _last_known(panel, members, at=at, now=now)
    told = [(member, value) for member in trusted if (value := panel.of(member.figures)) is not None]
    if not told:
        why = "partial answer" if answers.partial else "not exported"
        return board.nothing(panel.id, why, at=at)
    return _stand_for(panel, told, now=now)


def _last_known(panel: Panel, members: Sequence[Scraped], *, at: float, now: float) -> Cell:
    """Nobody's figures count. Stale ones are shown as such; of members that are down there are none."""
    told = [(m, value) for m in members if m.up.value and (value := panel.of(m.figures)) is not None]
    if told:
        return _stand_for(panel, told, now=now)
    return board.nothing(panel.id, "no member up" if all(m.down for m in members) else "age not known", at=at)


def _stand_for(panel: Panel, told: Sequence[tuple[Scraped, float]], *, now: float) -> Cell:
    numbers = [(member, value) for member, value in told if not isnan(value)]
    member, value = _chosen(panel, numbers or list(told))
    return board.figure(
        panel.id,
        value,
        sample_at=member.up.sample_at or 0.0,
        received_at=member.up.received_at,
        now=now,
        period_s=member.period_s,
        limit=panel.limit,
        host="" if panel.worst is Worst.SUM else member.host,
    )


def _chosen(panel: Panel, numbers: list[tuple[Scraped, float]]) -> tuple[Scraped, float]:
    """The figure that stands for all; of a sum the member whose sample is oldest."""
    if panel.worst is Worst.SUM:
        oldest = min(numbers, key=lambda each: each[0].up.sample_at or 0.0)[0]
        return oldest, sum(value for _, value in numbers)
    pick = min if panel.worst is Worst.LOWEST else max
    return pick(numbers, key=lambda each: each[1])
