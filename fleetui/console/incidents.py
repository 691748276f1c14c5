"""From alerts to an incident, and what is written into it. Nothing of a cluster changes: read-only sessions may.

Windows are imported when they are first opened: the first frame needs none of them.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, cast

from textual.dom import DOMNode

from fleetui.console.feeding import Feeding
from fleetui.console.frame import Frame, Refocused
from fleetui.console.host import Host
from fleetui.console.hushing import AlertTable
from fleetui.console.views import View
from fleetui.model.cluster import Cluster
from fleetui.model.quantity import counted

if TYPE_CHECKING:
    from fleetui.model.alerts.alert import Alert
    from fleetui.model.incident.incident import Incident

INCIDENT = "incident"


class IncidentsHost(Host, Protocol):
    @property
    def frame(self) -> Frame: ...
    def run_worker(self, work: Coroutine[None, None, None]) -> object:
        """In the background of the app."""
        ...

    def post_message(self, message: Refocused) -> bool: ...


class Register(Protocol):
    """What the board of incidents offers."""

    @property
    def open(self) -> "tuple[Incident, ...]": ...
    @property
    def trouble(self) -> str: ...
    async def start(self, title: str, *, alerts: "Sequence[Alert]" = (), clusters: Iterable[str] = ()) -> str: ...
    async def note(self, incident_id: str, text: str) -> None: ...
    async def tick(self, incident_id: str, item: str, *, done: bool) -> None: ...
    async def finish(self, incident_id: str, summary: str) -> None: ...
    def look_back(self) -> None: ...


class Incidents:
    """Implements ``command.IncidentsFace``."""

    def __init__(self, host: IncidentsHost) -> None:
        self._host = host
        self._session = host.session
        self._register: Register | None = None
        """Once the first frame is there."""
        self._feeding: Feeding | None = None

    async def begin(self) -> None:
        """Watched from now on, whatever is shown: what happens while an incident is open is recorded."""
        await asyncio.to_thread(self._session.import_incidents)
        self._register = cast("Register | None", self._session.fleet.board("incidents"))
        if self._register is not None:
            owner = cast("DOMNode", self._host)
            self._feeding = Feeding(owner, self._session, "incidents", lambda _: self._changed())
            self._feeding.start()
            self._changed()

    def boards(self) -> frozenset[str]:
        """What must be looked at although no screen shows it."""
        if self._register is None:
            return frozenset()
        return frozenset({"incidents", "alerts"} if self._register.open else {"incidents"})

    def _changed(self) -> None:
        """One more or less is open: other boards may be wanted."""
        self._host.post_message(Refocused())

    # What people do.

    def start(self, words: str) -> None:
        """For the chosen alerts, or for the cluster that is looked at. Without words the title is asked for."""
        register, (alerts, clusters), table = self._need(), self._about(), self._host.table

        def begin(title: str) -> None:
            async def work() -> None:
                made = await register.start(title, alerts=alerts, clusters=clusters)
                if table is not None:
                    table.clear_marks()
                self._host.go.open(View(INCIDENT, cluster=next(iter(clusters), ""), item=made))

            self._do(work)

        if words.strip():
            begin(words)
            return
        concerned = ", ".join(clusters) or "no cluster that is known"
        about = f"{counted(len(alerts), 'alert')}, {concerned}: recorded from now on, with what changed before."
        self._ask("Begin an incident", about, begin, label="what", value=_title(alerts, clusters), yes="begin")

    def note(self, words: str) -> None:
        register, incident_id = self._need(), self._here()
        self._with_words(
            words, "Write a note", "What you saw, did or decided. It stands in the timeline with your name.",
            lambda text: self._do(lambda: register.note(incident_id, text)), label="note", yes="write",
        )  # fmt: skip

    def close(self, words: str) -> None:
        register, incident_id = self._need(), self._here()

        async def work(summary: str) -> None:
            await register.finish(incident_id, summary)
            self._host.say(f"closed; fleetui incident export {incident_id[-6:]} --format postmortem -o FILE", "ok")

        self._with_words(
            words, "Close the incident", "The recording ends. What it was and what ended it becomes the summary.",
            lambda text: self._do(lambda: work(text)), label="because", yes="close",
        )  # fmt: skip

    def tick(self, words: str) -> None:
        """The named item of the checklist, else one to choose; once more takes it back."""
        from fleetui.console.screens.choose import ChooseScreen, Offer
        from fleetui.model.incident.checklist import CHECKLIST, item_of

        register, incident_id, ticks = self._need(), self._here(), self._incident().ticks

        def turn(item: str | None) -> None:
            if item:
                self._do(lambda: register.tick(incident_id, item, done=item not in ticks))

        if words.strip():
            turn(item_of(words.strip().lower()).id)
            return
        glyphs = self._session.glyphs
        offers = [
            Offer(item.id, item.text, item.how, keys=f"{glyphs.ok} {ticks[item.id].by}" if item.id in ticks else "")
            for item in CHECKLIST
        ]
        self._host.push_screen(ChooseScreen(self._session, "Check off, or take back", offers), turn)

    def look_back(self) -> None:
        self._need().look_back()
        self._host.say("the clusters are asked again what changed")

    # What it is about.

    def _need(self) -> Register:
        if self._register is None:
            raise ValueError("this session keeps no incidents")
        return self._register

    def _here(self) -> str:
        """Id of the incident that is looked at: the screen's, else that under the cursor. Raises ValueError."""
        return self._incident().id

    def no_incident(self, *, open_only: bool = False) -> str:
        try:
            self._need()
            found = self._incident()
        except ValueError as error:
            return str(error)
        return f"it was closed by {found.closed_by} already" if open_only and not found.open else ""

    def _incident(self) -> "Incident":
        from fleetui.console.screens.incident import IncidentScreen
        from fleetui.model.incident.incident import Incident

        frame = self._host.frame
        found: object = frame.incident if isinstance(frame, IncidentScreen) else _under_cursor(self._host)
        if not isinstance(found, Incident):
            raise ValueError("put the cursor on an incident")
        return found

    def _about(self) -> "tuple[tuple[Alert, ...], tuple[str, ...]]":
        """Alerts and clusters. Raises ValueError."""
        from fleetui.console.screens.lens import LensScreen

        table: object = self._host.table
        alerts: tuple[Alert, ...] = ()
        clusters: tuple[str, ...] = ()
        if isinstance(table, AlertTable):
            alerts = table.chosen_alerts()
            clusters = tuple(dict.fromkeys(alert.cluster for alert in alerts if alert.cluster))
        elif isinstance(self._host.frame, LensScreen):
            clusters = (self._host.go.here.cluster,)
            alerts = tuple(one for one in self._host.frame.evidence().alerts or () if one.loud)
        elif self._host.table is not None:
            clusters = tuple(item.name for item in self._host.table.chosen() if isinstance(item, Cluster))
        if not alerts and not clusters:
            raise ValueError("put the cursor on what it is about, or mark some")
        return alerts, clusters

    def _with_words(
        self, words: str, title: str, about: str, then: Callable[[str], None], *, label: str, yes: str
    ) -> None:
        """What was typed after the command, else what is typed now."""
        if words.strip():
            then(words.strip())
        else:
            self._ask(title, about, then, label=label, yes=yes)

    def _ask(
        self, title: str, about: str, then: Callable[[str], None], *, label: str, yes: str, value: str = ""
    ) -> None:
        from fleetui.console.screens.incident_words import WordsScreen

        def answered(text: str | None) -> None:
            if text:
                then(text)

        screen = WordsScreen(self._session, title, about, label=label, yes=yes, value=value)
        self._host.push_screen(screen, answered)

    def _do(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """In the background; what speaks against it becomes one line on screen."""

        async def guarded() -> None:
            try:
                await work()
            except (ValueError, OSError) as error:
                self._host.say(str(error), "warn")

        self._host.run_worker(guarded())


def _under_cursor(host: IncidentsHost) -> object:
    return host.table.current() if host.table is not None else None


def _title(alerts: "Sequence[Alert]", clusters: Sequence[str]) -> str:
    """What is most likely meant: the first alert, and where."""
    name = alerts[0].name if alerts else ""
    where = clusters[0] if len(clusters) == 1 else f"{len(clusters)} clusters" if clusters else ""
    return " in ".join(part for part in (name, where) if part)
