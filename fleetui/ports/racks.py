"""How it is learned where machines stand: a file today, an inventory over the network beside it."""

from typing import Protocol

from fleetui.model.racks.finding import Path
from fleetui.model.racks.layout import Layout


class RackSource(Protocol):
    """One layout and where each part of it is said."""

    @property
    def layout(self) -> Layout: ...

    def where(self, path: Path) -> str:
        """For people: ``racks.yaml:12``; of the nearest part around it where it is not said."""
        ...
