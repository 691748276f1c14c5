"""What this machine's store knows to be under way, told to the live picture of a command as the console tells its own:
a cluster's row says the same in both."""

from typing import Protocol

from fleetui.model.ongoing import ongoing
from fleetui.model.work import Work
from fleetui.ports.store import StoreUnusableError
from fleetui.wiring.session import Session


class Picture(Protocol):
    """The part of ``Fleet`` that hears of works."""

    def tell_work(self, works: tuple[Work, ...]) -> None: ...


class KnownWork:
    """Only reads: it makes no store where there is none, and starts no controller."""

    def __init__(self, session: Session) -> None:
        self.trouble = ""
        """Why nothing is known of operations; the clusters can be listed nevertheless."""
        self._core = None
        self._told: tuple[Work, ...] = ()
        if not session.paths.operations.exists():
            return
        from fleetui.wiring.core import Core

        try:
            self._core = Core(session)
        except StoreUnusableError as error:
            self.trouble = str(error)

    def tell(self, picture: Picture) -> None:
        """Tells it what has changed since it was told last."""
        works = () if self._core is None else ongoing(self._core.desk.operations())
        if works != self._told:
            self._told = works
            picture.tell_work(works)
