"""The board of replication, from the sources of metrics of the configuration and the kinds that are declared."""

from fleetui.clients.kind_files import Kinds, read_kinds
from fleetui.clients.paths import shipped_kinds
from fleetui.model.config import Config
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.replication import ReplicationBoard, questions
from fleetui.ports.clock import Chance, Clock
from fleetui.wiring.questions import open_questions
from fleetui.wiring.session import Session


def storing(config: Config) -> dict[str, MetricsConfig]:
    """The sources that are asked about any cluster."""
    return {name: said for name, said in config.metrics.items() if said.stores}


def kinds_of(session: Session) -> Kinds:
    """The shipped ones and the operator's own."""
    return read_kinds(shipped_kinds(), session.paths.kinds)


def make_board(session: Session, *, clock: Clock, chance: Chance, found: Kinds | None = None) -> ReplicationBoard:
    """Connected to nothing yet. To be called on the event loop. Without ``found`` the files of kinds are read now."""
    found = kinds_of(session) if found is None else found
    sources = open_questions(storing(session.config), questions(found.kinds), clock=clock, chance=chance)
    return ReplicationBoard(found.kinds, sources, clock=clock, chance=chance, mistakes=found.faults)
