"""The racks of a session: read from where the configuration says, and surveyed by its figure of power."""

from datetime import date, datetime
from pathlib import Path

import msgspec

from fleetui.clients.racks_file import read_racks
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.racks.survey import Survey
from fleetui.ports.clock import Clock
from fleetui.ports.racks import RackSource
from fleetui.wiring.session import Session


class Racks(msgspec.Struct, frozen=True):
    """What is known of them, and where it is said."""

    source: RackSource
    survey: Survey


def open_racks(session: Session, clock: Clock) -> Racks:
    """Raises ClusterError where no file is configured, RacksError for what is wrong in it, OSError for none there."""
    if not session.config.racks.path:
        remedy = "write racks: with a path in the configuration (config.example.yaml, docs/racks.md)"
        raise ClusterError(Fault(FaultKind.CONFIG, "no racks", "no file of racks is configured", remedy))
    source = read_racks(racks_path(session))
    return Racks(source, Survey(source.layout, session.config.racks.draw, _today(clock)))


def racks_path(session: Session) -> Path:
    """Absolute; what is relative is beside the configuration."""
    return session.paths.config_file.parent / Path(session.config.racks.path).expanduser()


def _today(clock: Clock) -> date:
    """Where the operator sits."""
    return datetime.fromtimestamp(clock.now()).date()
