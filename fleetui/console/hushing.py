"""From chosen alerts to an ack or a silence: the dialog, what it asks the board of alerts, and what is said afterwards.

Windows are imported when they are first opened: the first frame needs none of them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, Protocol, cast, runtime_checkable

from fleetui.console.host import OperatingHost

if TYPE_CHECKING:
    from fleetui.model.alerts.alert import Alert
    from fleetui.model.alerts.hushing import Known
    from fleetui.model.alerts.keeping import Kept
    from fleetui.model.alerts.label_set import Scheme
    from fleetui.model.alerts.silence import Draft, Silence
    from fleetui.ports.alerting import Outcome


class SilenceTaker(Protocol):
    """What the board of alerts offers to whoever hushes."""

    @property
    def alerts(self) -> "tuple[Alert, ...]": ...
    @property
    def silences(self) -> "Mapping[str, Silence]": ...
    @property
    def scheme(self) -> "Scheme": ...
    @property
    def takes_silences(self) -> bool: ...
    @property
    def keeps(self) -> bool: ...
    def keep(self, kept: "Kept") -> None: ...
    async def post(self, draft: "Draft", near: Iterable[str] = ()) -> "tuple[Outcome, ...]": ...
    async def expire(self, silence_id: str) -> "tuple[Outcome, ...]": ...


@runtime_checkable
class AlertTable(Protocol):
    """A table whose rows are alerts."""

    def chosen_alerts(self) -> "tuple[Alert, ...]":
        """The marked ones, those of the headline under the cursor, or the one under it."""
        ...

    def resume(self) -> None:
        """Shows what was held back."""
        ...

    def mark_shown(self) -> None:
        """Marks all that the filter lets through."""
        ...


class Hushing:
    """Implements ``command.HushingFace``."""

    def __init__(self, host: OperatingHost, arm: Callable[[], None]) -> None:
        self._host = host
        self._session = host.session
        self._arm = arm
        self._asked: SilenceTaker | None = None
        """The board, once something was asked of it."""

    def boards(self) -> frozenset[str]:
        """What must be looked at although no screen shows it: acks are kept alive while we run."""
        return frozenset({"alerts"}) if self._asked is not None and self._asked.keeps else frozenset()

    def ack(self) -> None:
        self._ask("ack")

    def silence(self) -> None:
        self._ask("silence")

    def resume(self) -> None:
        self._table().resume()

    def mark_shown(self) -> None:
        self._table().mark_shown()

    def _table(self) -> AlertTable:
        """Raises ValueError."""
        table: object = self._host.table
        if not isinstance(table, AlertTable):
            raise ValueError("not on this screen")
        return table

    def _board(self) -> SilenceTaker:
        """Raises ValueError."""
        board = cast("SilenceTaker | None", self._session.fleet.board("alerts"))
        if board is None or not board.takes_silences:
            raise ValueError("no Alertmanager is configured, and nobody else takes silences")
        self._asked = board
        return board

    def _ask(self, kind: Literal["ack", "silence"]) -> None:
        """The alerts are frozen here; what would be muted is looked up anew until it is posted."""
        from fleetui.console.screens.hush import Asked, HushScreen
        from fleetui.model.alerts.hushing import Kind, Known
        from fleetui.model.alerts.keeping import Kept
        from fleetui.ports.alerting import Ended

        board, chosen = self._board(), self._table().chosen_alerts()
        if not chosen:
            raise ValueError("put the cursor on an alert or a headline, or mark some")

        def known() -> "Known":
            return Known(
                alerts=board.alerts,
                now=self._session.clock.now(),
                silences=tuple(board.silences.values()),
                clusters=tuple(self._session.clusters),
                scheme=board.scheme,
            )

        async def post(draft: "Draft", near: Iterable[str]) -> "tuple[Outcome, ...]":
            outcomes = await board.post(draft, near)
            for outcome in outcomes if kind == "ack" else ():
                if outcome.ended is Ended.DONE:
                    board.keep(Kept(outcome.id, draft.created_by, draft.ends_at))
            return outcomes

        def answered(said: str | None) -> None:
            if said:
                self._host.say(said, "ok")
                if self._host.table is not None:
                    self._host.table.clear_marks()
                    self._table().resume()

        self._host.push_screen(
            HushScreen(self._session, Asked(Kind(kind), chosen, known, post), arm=self._arm), answered
        )
