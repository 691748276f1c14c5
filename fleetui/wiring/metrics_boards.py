"""The boards that sources of metrics fill, from the configuration."""

from collections.abc import Callable, Mapping
from functools import partial

from fleetui.model.config import Config
from fleetui.model.health.fleet_boards import EXECUTIVE
from fleetui.model.health.slo import Policy
from fleetui.model.health.slo_objectives import Objective
from fleetui.observe.metrics_board import Judge, MetricsBoard
from fleetui.observe.open_incidents import OpenIncidents
from fleetui.observe.panel_boards import (
    CONTROLPLANE,
    COVERAGE,
    FLEET,
    SLO,
    judge_controlplane,
    judge_coverage,
    judge_fleet,
    judge_slo,
)
from fleetui.observe.questions import Board
from fleetui.ports.clock import Chance, Clock
from fleetui.wiring.incident_file import journal
from fleetui.wiring.questions import open_questions
from fleetui.wiring.session import Session


def make_board(
    name: str, session: Session, contexts: Mapping[str, str], *, clock: Clock, chance: Chance
) -> MetricsBoard:
    """``contexts``: display name to context, of every cluster of the session. Without any source of metrics there are
    no rows: the screen then says how to name one. To be called on the event loop. Raises KeyError for another name."""
    config, incidents = session.config, OpenIncidents(journal(session), clock=clock)
    board, judge = _BOARDS[name](config, contexts, incidents)
    return MetricsBoard(
        names=contexts if config.metrics else (),
        sources=open_questions(config.metrics, board, clock=clock, chance=chance),
        judge=judge,
        clock=clock,
        chance=chance,
        besides=incidents.look if name == EXECUTIVE.id else None,
    )


def _controlplane(_: Config, __: Mapping[str, str], ___: OpenIncidents) -> tuple[Board, Judge]:
    return CONTROLPLANE, judge_controlplane


def _slo(config: Config, contexts: Mapping[str, str], _: OpenIncidents) -> tuple[Board, Judge]:
    tiers = {name: config.cluster(context).tier for name, context in contexts.items()}

    def target(cluster: str, objective: Objective) -> float:
        said = config.slo.target(tiers.get(cluster, ""), objective.id)
        return objective.target if said is None else said

    return SLO, judge_slo(target, Policy(config.slo.policy))


def _fleet(name: str, _: Config, __: Mapping[str, str], incidents: OpenIncidents) -> tuple[Board, Judge]:
    return FLEET[name], judge_fleet(name, lambda: incidents.opened)


_BOARDS: Mapping[str, Callable[[Config, Mapping[str, str], OpenIncidents], tuple[Board, Judge]]] = {
    "controlplane": _controlplane,
    "slo": _slo,
    "coverage": lambda _config, _contexts, _incidents: (COVERAGE, judge_coverage),
    **{name: partial(_fleet, name) for name in FLEET},
}
