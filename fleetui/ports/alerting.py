"""How the alerts of the fleet are heard from Alertmanagers, and how silences are put there."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from fleetui.model.alerts.evidence import AlertmanagerSays
from fleetui.model.alerts.inventory import SilencesSaid
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.mesh import Meshes, StatusSaid
from fleetui.model.alerts.silence import Draft
from fleetui.model.fault import Fault
from fleetui.ports.ended import Ended


class Outcome(msgspec.Struct, frozen=True):
    """How one change of one silence ended, in one mesh."""

    ended: Ended
    source: str
    """The Alertmanager that was asked last."""
    id: str = ""
    """Of the silence: a changed one may have a new id."""
    fault: Fault | None = None
    """For REFUSED and UNKNOWN."""
    answered: bool = False
    """REFUSED by Alertmanager itself for what was asked: its peers would say the same."""


class Alertmanager(Protocol):
    """One Alertmanager. No method raises for what a server can do: a failure is in the answer. Cancelling is safe;
    a change that was sent may still be carried out."""

    @property
    def name(self) -> str:
        """As the configuration calls it; unique in the session."""
        ...

    async def alerts(self, matching: tuple[Matcher, ...] = ()) -> AlertmanagerSays:
        """All that it has, silenced and inhibited ones too; those that match, when asked so. While nothing has changed
        ``posted`` is the same object as in the answer before, and so is every alert that has not changed."""
        ...

    async def silences(self) -> SilencesSaid:
        """Expired ones too, for as long as it keeps them."""
        ...

    async def status(self) -> StatusSaid: ...

    async def post(self, draft: Draft) -> Outcome:
        """A new silence; with an id in the draft that one is changed. Where the answer is lost, the silences are read
        to see whether it arrived."""
        ...

    async def expire(self, silence_id: str) -> Outcome:
        """End it now. One that is over already is DONE."""
        ...

    async def close(self) -> None: ...


class Look(msgspec.Struct, frozen=True):
    """What all Alertmanagers said at one time."""

    alerts: tuple[AlertmanagerSays, ...]
    silences: tuple[SilencesSaid, ...]


class Alerting(Protocol):
    """All Alertmanagers of the session as one: what they say is tagged with who says it, what is changed is changed
    once in every mesh that it concerns."""

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def members(self) -> tuple[Alertmanager, ...]:
        """Each by itself, for whoever asks them at a pace of their own."""
        ...

    @property
    def meshes(self) -> Meshes:
        """As found by the last ``statuses``."""
        ...

    async def look(self) -> Look:
        """Alerts and silences of all, at the same time; none waits for another."""
        ...

    async def statuses(self) -> tuple[StatusSaid, ...]: ...

    async def post(self, draft: Draft, near: Iterable[str] = ()) -> tuple[Outcome, ...]:
        """One outcome for each mesh that an Alertmanager of ``near`` belongs to; all meshes when that is empty. A
        member that cannot be reached is passed over for its peers."""
        ...

    async def expire(self, silence_id: str, near: Iterable[str]) -> tuple[Outcome, ...]:
        """``near`` are those that have it."""
        ...

    async def close(self) -> None: ...
