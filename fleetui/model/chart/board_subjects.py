"""What of a board of panels is drawn: each panel by its name, and of a row the one that decided its verdict."""

from collections.abc import Mapping

from msgspec.structs import replace

from fleetui.model.chart.subject import Subject, panel_subject
from fleetui.model.cluster import Health
from fleetui.model.health import board, controlplane
from fleetui.model.health.capacity import RESOURCES, Resource
from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.fleet_figures import FleetFigure
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.health.panels import Fold, Panel
from fleetui.model.health.slo_board import SloRow
from fleetui.model.health.slo_objectives import FIGURES, OBJECTIVES, Objective
from fleetui.model.health.threshold import Threshold

CONTROLPLANE: Mapping[str, Subject] = {
    panel.id: panel_subject("controlplane", panel) for panel in controlplane.PANELS
}  # fmt: skip
FLEET: Mapping[str, Mapping[str, Subject]] = {
    name: {panel.id: panel_subject(name, panel) for panel in found.panels} for name, found in FLEET_BOARDS.items()
}
_PAGES_AT = 14.4
"""The burn rate of the first pair of windows (model.health.slo)."""
_FOLDS = {Fold.SUM: "sum", Fold.MEAN: "avg"}


def controlplane_subject(row: PanelRow) -> Subject:
    """The worst figure beyond its limit, in the order of the verdict; of a calm or unknown row the share of errors."""
    bad = [cell for cell in row.cells if cell.level in (Health.BROKEN, Health.WARNING)]
    worst = min(bad, key=lambda cell: board.LEVELS.index(cell.level), default=None)
    return CONTROLPLANE[worst.panel if worst is not None else controlplane.ERRORS.id]


def _budget(objective: Objective, target: float) -> Subject:
    """The share that went wrong, beside what the promise allows and what calls somebody at night."""
    allowed = 1 - target
    source = f"what {target:.6g} promised allows; red: {_PAGES_AT:g} times that"
    return Subject(
        id=f"slo/{objective.id}",
        title=f"{objective.title}, errors",
        query=objective.errors.replace("@window", "$w"),
        doc=objective.doc,
        unit="ratio",
        limit=Threshold("errors", "ratio", amber=allowed, red=min(1.0, _PAGES_AT * allowed), source=source),
    )


def _capacity(resource: Resource) -> Subject:
    used = resource.used.replace("@ago", "")
    return Subject(
        id=f"slo/{resource.id}",
        title=f"{resource.title}, in use",
        query=f"({used}) / ({resource.total})",
        unit="ratio",
        limit=Threshold("in use", "ratio", amber=1.0, red=1.0, source="all there is"),
    )


SLO: Mapping[str, Subject] = {
    **{objective.id: _budget(objective, objective.target) for objective in OBJECTIVES},
    **{panel.id: panel_subject("slo", panel) for panel in FIGURES},
    **{resource.id: _capacity(resource) for resource in RESOURCES},
}


def slo_subject(row: SloRow) -> Subject:
    """With the row's own target."""
    objective = next((each for each in OBJECTIVES if each.id == row.objective), None)
    if objective is None or row.target is None:
        return SLO[row.objective]
    return _budget(objective, row.target)


def _over_all(board_name: str, panel: Panel) -> Subject:
    """One line for the whole fleet."""
    subject = panel_subject(board_name, panel)
    fold = _FOLDS.get(panel.fold, "min" if subject.falling else "max")
    return replace(subject, query=f"{fold} ({subject.row_query})", title=f"{subject.title}, {fold} of all clusters")


OVER_ALL: Mapping[str, Mapping[str, Subject]] = {
    name: {panel.id: _over_all(name, panel) for panel in found.panels} for name, found in FLEET_BOARDS.items()
}


def fleet_subject(board_name: str, figure: FleetFigure) -> tuple[Subject, tuple[str, ...]]:
    """(what, the clusters that are worst). Where none is beyond its limit, the one figure over all of them. Raises
    ValueError of what is counted and asked of no source."""
    if figure.id not in FLEET[board_name]:
        raise ValueError(f"{figure.panel.title} are counted now: there is no history of them")
    if figure.worst:
        return FLEET[board_name][figure.id], tuple(name for name, _ in figure.worst)
    return OVER_ALL[board_name][figure.id], ()
