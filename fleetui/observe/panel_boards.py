"""What each board of panels asks of every source, and how its answers become rows."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from fleetui.model.duration import format_duration
from fleetui.model.health import controlplane, coverage, slo_board
from fleetui.model.health.answers import Answers
from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.fleet_figures import FleetFigure, fleet_figures
from fleetui.model.health.panel_board import PanelRow, panel_board
from fleetui.model.health.panel_reading import views
from fleetui.model.health.panels import ALIVE, ANCHORS, EVIDENCE, SCRAPES, SEEN, TARGETS, Panel, chosen, presence
from fleetui.model.health.promql import Query
from fleetui.model.health.silent import LAST, last_heard, since
from fleetui.model.health.slo import Policy
from fleetui.model.health.slo_board import SloRow, TargetOf, usual_target
from fleetui.model.incident.open_figure import INCIDENTS, Opened, incidents_figure
from fleetui.observe.metrics_board import Judge
from fleetui.observe.questions import Board


def board_of(panels: Sequence[Panel], *besides: Query) -> Board:
    """Their queries with what dates and explains them; each once, in the wording that suits a source."""
    distinct = tuple({asked.id: asked for panel in panels for asked in panel.asked}.values())
    first = (TARGETS, *presence(distinct))
    always = (*(query for query in EVIDENCE if query is not TARGETS), *besides)
    return Board(
        queries=(*always, *(panel.query for panel in distinct)),
        anchors=ANCHORS,
        first=first,
        choose=lambda answers: (*always, *chosen(distinct, answers)),
    )


COVERAGE = Board(queries=(ALIVE, SEEN, SCRAPES, LAST, *coverage.QUERIES), anchors=())
CONTROLPLANE = board_of(controlplane.PANELS)
SLO = board_of(slo_board.PANELS)

FLEET: Mapping[str, Board] = {name: board_of(board.panels, LAST) for name, board in FLEET_BOARDS.items()}
"""The boards of the whole fleet."""


def judge_fleet(name: str, opened: Callable[[], Opened] | None = None) -> Judge:
    """Of the board of this name; with the incidents that are open, where it shows them."""
    board = FLEET_BOARDS[name]

    def judge(answers: Sequence[Answers], roster: frozenset[str], now: float) -> Iterable[tuple[str, FleetFigure]]:
        for figure in fleet_figures(board.panels, answers, roster, now=now):
            yield figure.id, figure
        if opened is not None and board.incidents is not None:
            yield INCIDENTS.id, incidents_figure(opened(), number=board.incidents, now=now)

    return judge


def judge_controlplane(
    answers: Sequence[Answers], roster: frozenset[str], now: float
) -> Iterable[tuple[str, PanelRow]]:
    rows = panel_board(controlplane.PANELS, answers, roster, now=now, needed=controlplane.NEEDED)
    return ((row.cluster, row) for row in rows)


def judge_coverage(
    answers: Sequence[Answers], roster: frozenset[str], now: float
) -> Iterable[tuple[str, coverage.CoverageRow]]:
    heard = [
        coverage.Heard(each.source, each.replies, each.cluster_label, each.cluster, each.names) for each in answers
    ]
    seen, last = views(answers, ()), last_heard(answers)
    for row in coverage.coverage(heard, roster):
        view = seen.get(row.cluster)
        at = since(row.cluster, view.sample_at if view is not None else None, last)
        dated = {} if view is None else {"sample_at": view.sample_at, "age": view.age(now), "source": view.source}
        ago = f"for {format_duration(now - at)}" if at is not None and row.silent else ""
        yield row.cluster, msgspec.structs.replace(row, last_heard=ago, **dated)


def judge_slo(target: TargetOf = usual_target, policy: Policy = Policy.PAIRS) -> Judge:
    """Against these targets."""

    def judge(answers: Sequence[Answers], roster: frozenset[str], now: float) -> Iterable[tuple[str, SloRow]]:
        rows = slo_board.slo_board(answers, roster, now=now, target=target, policy=policy)
        return ((row.key, row) for row in rows)

    return judge
