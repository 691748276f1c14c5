"""From chosen alerts to an ack or a silence: the dialog, what it asks the board of alerts, and what is said afterwards.

Windows are imported when they are first opened: the first frame needs none of them.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import TYPE_CHECKING, Literal, Protocol, cast, runtime_checkable

from fleetui.console.host import OperatingHost
from fleetui.model.quantity import counted

if TYPE_CHECKING:
    from fleetui.model.alerts.alert import Alert
    from fleetui.model.alerts.hushing import Known
    from fleetui.model.alerts.inventory import Standing
    from fleetui.model.alerts.keeping import Kept
    from fleetui.model.alerts.label_set import Scheme
    from fleetui.model.alerts.silence import Draft, Silence
    from fleetui.ports.alerting import Outcome


EXTENDED_BY_S = 3600.0


class HushingHost(OperatingHost, Protocol):
    def run_worker(self, work: Coroutine[None, None, None]) -> object:
        """In the background of the app."""
        ...


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

    @property
    def holds(self) -> bool:
        """Something is held back while somebody chooses."""
        ...

    def resume(self) -> None:
        """Shows what was held back."""
        ...

    def mark_shown(self) -> None:
        """Marks all that the filter lets through."""
        ...


class Hushing:
    """Implements ``command.HushingFace``."""

    def __init__(self, host: HushingHost, arm: Callable[[], None]) -> None:
        self._host = host
        self._session = host.session
        self._arm = arm
        self._asked: SilenceTaker | None = None
        """The board, once something was asked of it."""

    def boards(self) -> frozenset[str]:
        """What must be looked at although no screen shows it: acks are kept alive while we run, also those of the
        command line that the board has found since alerts were looked at."""
        table: object = self._host.table
        if self._asked is None and isinstance(table, AlertTable):
            self._asked = cast("SilenceTaker | None", self._session.fleet.board("alerts"))
        return frozenset({"alerts"}) if self._asked is not None and self._asked.keeps else frozenset()

    def ack(self) -> None:
        self._ask("ack")

    def silence(self) -> None:
        self._ask("silence")

    def resume(self) -> None:
        self._table().resume()

    def holds(self) -> bool:
        table: object = self._host.table
        return isinstance(table, AlertTable) and table.holds

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

    def expire(self) -> None:
        """The marked silences, after a question."""
        from fleetui.console import silence_text

        board, rows = self._board(), self._standings()
        said = counted(len(rows), "silence")

        async def end() -> None:
            outcomes = [one for row in rows for one in await board.expire(row.silence.id)]
            self._host.say(*silence_text.told(f"ended {said}", outcomes))

        about = silence_text.about(rows, ending=True)
        self._confirm(f"End {said}?", about, yes=f"end {said}", then=end)

    def extend(self) -> None:
        """The marked silences, after a question; what is over cannot go on."""
        from fleetui.console import silence_text
        from fleetui.model.alerts.silence import extended

        board, rows = self._board(), self._standings()
        said = counted(len(rows), "silence")

        async def extend() -> None:
            now = self._session.clock.now()
            drafts = [extended(row.silence, by_s=EXTENDED_BY_S, now=now) for row in rows]
            outcomes = [one for draft in drafts for one in await board.post(draft)]
            self._host.say(*silence_text.told(f"{said} an hour longer", outcomes))

        about = silence_text.about(rows, ending=False)
        self._confirm(f"Extend {said} by an hour?", about, yes="extend", then=extend)

    def _standings(self) -> "tuple[Standing, ...]":
        """The chosen silences. Raises ValueError."""
        from fleetui.model.alerts.inventory import Standing
        from fleetui.model.alerts.silence import SilenceState

        items: tuple[object, ...] = self._host.table.chosen() if self._host.table is not None else ()
        rows = [item for item in items if isinstance(item, Standing)]
        found = tuple(row for row in rows if row.silence.state is not SilenceState.EXPIRED)
        if not found:
            raise ValueError("it is over already" if rows else "put the cursor on a silence")
        if self._session.readonly:
            raise ValueError("this session was started with --readonly")
        if not self._session.armed:
            raise ValueError("read-only: :write REASON arms you to change silences")
        return found

    def _confirm(self, question: str, about: str, *, yes: str, then: Callable[[], Coroutine[None, None, None]]) -> None:
        from fleetui.console.screens.ask import AskScreen

        def answered(said: bool | None) -> None:
            if said:
                self._host.run_worker(then())
                if self._host.table is not None:
                    self._host.table.clear_marks()

        self._host.push_screen(AskScreen(self._session, question, about, yes=yes), answered)

    def _ask(self, kind: Literal["ack", "silence"]) -> None:
        """The alerts are frozen here; what would be muted is looked up anew until it is posted."""
        from fleetui.console.screens.hush import Asked, HushScreen
        from fleetui.model.alerts.hushing import Kind, Known
        from fleetui.model.alerts.keeping import Kept
        from fleetui.ports.ended import Ended

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
