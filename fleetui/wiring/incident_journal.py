"""The board of a console that records incidents."""

from typing import TYPE_CHECKING

from fleetui.wiring.incident_file import journal
from fleetui.wiring.session import Session

if TYPE_CHECKING:
    from fleetui.observe.fleet import Fleet
    from fleetui.observe.incident_board import IncidentBoard
    from fleetui.wiring.core import Core


def board(session: Session, fleet: "Fleet", core: "Core") -> "IncidentBoard":
    """What a console watches all the time."""
    from fleetui.observe.incident_board import IncidentBoard

    return IncidentBoard(
        journal(session), fleet, core.desk.operations, by=str(core.actor), clock=core.clock, ids=core.ids
    )
