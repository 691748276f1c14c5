"""The boards whose rows are no plain panels, as dashboards: members of etcd, replicas, promises. From what the charts
of the console draw, so that a picture in Grafana and one in the terminal are of the same query."""

from collections.abc import Iterable, Iterator, Mapping

from fleetui.model.chart.board_subjects import SLO
from fleetui.model.chart.etcd_subjects import ETCD
from fleetui.model.chart.subject import Subject
from fleetui.model.health.capacity import RESOURCES
from fleetui.model.health.fleet_boards import BURN
from fleetui.model.health.grafana import Curves, panel_curves
from fleetui.model.health.slo import LITTLE_LEFT, PERIOD, share_text
from fleetui.model.health.slo_objectives import FIGURES, OBJECTIVES, Objective
from fleetui.model.health.threshold import Threshold


def etcd_curves() -> tuple[Curves, ...]:
    """A line a member."""
    return tuple(_subject_curves(subject) for subject in ETCD.values())


def replication_curves(subjects: Mapping[str, Subject]) -> tuple[Curves, ...]:
    """``subjects`` by ``KIND:FIGURE``; a row a kind, a line a replica."""
    return tuple(_subject_curves(subject, row=name.partition(":")[0]) for name, subject in subjects.items())


def slo_curves() -> tuple[Curves, ...]:
    """Of each promise how fast its budget burns and what is left of it; then figures, then what fills up."""
    budgets = [curves for objective in OBJECTIVES for curves in _budget(objective)]
    figures = [panel_curves(panel) for panel in FIGURES]
    return (*budgets, *figures, *_of([SLO[resource.id] for resource in RESOURCES]))


def _of(subjects: Iterable[Subject]) -> Iterator[Curves]:
    return (_subject_curves(subject, members=False) for subject in subjects)


def _subject_curves(subject: Subject, *, row: str = "", members: bool = True) -> Curves:
    return Curves(
        title=subject.title,
        query=subject.query,
        doc=subject.doc,
        unit=subject.unit,
        limit=subject.limit,
        members=members,
        jobs=subject.jobs,
        row=row,
    )


def _budget(objective: Objective) -> Iterator[Curves]:
    """Against the usual target: what a tier is promised, Grafana does not know."""
    budget, promised = 1 - objective.target, f"Promised: {share_text(objective.target)}, unless a tier says otherwise."
    doc = f"{objective.doc} {promised}"
    yield Curves(
        title=f"{objective.title}: budget burns",
        query=f"({objective.panel('1h').promql}) / {budget:.6g}",
        doc=f"{doc} Burn rate of an hour: at 1 the budget lasts exactly {PERIOD}.",
        limit=BURN.limit,
    )
    left = Threshold("budget left", "ratio", amber=LITTLE_LEFT, red=0.0, source="own judgement", falling=True)
    yield Curves(
        title=f"{objective.title}: budget left",
        query=f"1 - ({objective.panel(PERIOD).promql}) / {budget:.6g}",
        doc=f"{doc} What is left of the budget of {PERIOD}.",
        unit="ratio",
        limit=left,
        now=True,
    )
