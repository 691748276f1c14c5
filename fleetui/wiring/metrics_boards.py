"""The boards that sources of metrics fill, from the configuration."""

from collections.abc import Callable, Mapping
from functools import partial

from fleetui.model.config import Config
from fleetui.model.health.slo import Policy
from fleetui.model.health.slo_objectives import Objective
from fleetui.observe.metrics_board import Judge, MetricsBoard
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
from fleetui.wiring.questions import open_questions


def make_board(name: str, config: Config, contexts: Mapping[str, str], *, clock: Clock, chance: Chance) -> MetricsBoard:
    """``contexts``: display name to context, of every cluster of the session. Without any source of metrics there are
    no rows: the screen then says how to name one. To be called on the event loop. Raises KeyError for another name."""
    board, judge = _BOARDS[name](config, contexts)
    return MetricsBoard(
        names=contexts if config.metrics else (),
        sources=open_questions(config.metrics, board, clock=clock, chance=chance),
        judge=judge,
        clock=clock,
        chance=chance,
    )


def _controlplane(_: Config, __: Mapping[str, str]) -> tuple[Board, Judge]:
    return CONTROLPLANE, judge_controlplane


def _slo(config: Config, contexts: Mapping[str, str]) -> tuple[Board, Judge]:
    tiers = {name: config.cluster(context).tier for name, context in contexts.items()}

    def target(cluster: str, objective: Objective) -> float:
        said = config.slo.target(tiers.get(cluster, ""), objective.id)
        return objective.target if said is None else said

    return SLO, judge_slo(target, Policy(config.slo.policy))


def _fleet(name: str, _: Config, __: Mapping[str, str]) -> tuple[Board, Judge]:
    return FLEET[name], judge_fleet(name)


_BOARDS: Mapping[str, Callable[[Config, Mapping[str, str]], tuple[Board, Judge]]] = {
    "controlplane": _controlplane,
    "slo": _slo,
    "coverage": lambda _config, _contexts: (COVERAGE, judge_coverage),
    **{name: partial(_fleet, name) for name in FLEET},
}
