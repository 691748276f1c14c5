"""The Textual app: puts the pieces together and owns what outlives a screen: the supervisor, the desk's poll, looks."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module

from rich.text import Text
from textual.filter import LineFilter
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from fleetui.console import command_line, commands
from fleetui.console.ascii_filter import AsciiFilter
from fleetui.console.choosing import Choosing
from fleetui.console.command import TableFace
from fleetui.console.crash import SupervisorError, crash_report
from fleetui.console.feeding import Feeding, keep
from fleetui.console.frame import CommandLine, Frame, Go, OpenOperation, Refocused
from fleetui.console.glyphs import ASCII
from fleetui.console.hushing import Hushing
from fleetui.console.incidents import Incidents
from fleetui.console.keymap import textual_keymap
from fleetui.console.leaving import Leaving
from fleetui.console.looking import Looking
from fleetui.console.navigation import Navigation
from fleetui.console.notices import Notices
from fleetui.console.operating import Operating
from fleetui.console.session import Session
from fleetui.console.suspension import mind_continuation, stop_process
from fleetui.console.svg import without_blanks
from fleetui.console.theme import LoadedTheme, Themes
from fleetui.console.triage import Triage
from fleetui.console.typeahead import KeysInTurn
from fleetui.console.views import FLEET, View
from fleetui.control.desk import DeskError
from fleetui.model.ongoing import ongoing
from fleetui.model.picture import Delta, Row

DESK_POLL_S = 0.25
"""Operations are shown at most this late; a poll of an unchanged store costs microseconds."""

SUPERVISOR = "fleet"


class FleetApp(KeysInTurn, inherit_bindings=False):
    """The console. Everything it works with is in the session; it connects to nothing by itself.

    Args:
        session: the live picture, the desk, the clock, who sits here.
        themes: where themes come from.
        theme: the first of these that can be used; a bad theme costs its looks and one message.
        view: the first screen.
    """

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    TITLE = "fleetui"

    def __init__(
        self, session: Session, *, themes: Themes, theme: tuple[str, ...] = ("dark", "ansi-16"), view: View = FLEET
    ) -> None:
        loaded, self._problem = themes.get_or_plain(*theme)
        super().__init__(ansi_color=loaded.ansi)
        self.session = session
        self.themes = themes
        self.wear(loaded)
        self.go = Navigation(self, session, build, self._arrived, view)
        self.operating = Operating(self)
        self.triage = Triage(self)
        self.hushing = Hushing(self, arm=lambda: self.operating.arm(""))
        self.incidents = Incidents(self)
        self.looking = Looking(self)
        self.choosing = Choosing(self)
        self.leaving = Leaving(self, suspend=partial(stop_process, self, self.continued))
        self._notices = Notices(session, self.say)
        self.set_keymap(textual_keymap(session.config.keys))
        self._focused: frozenset[str] = frozenset()
        self._looked: frozenset[str] = frozenset()
        self._spelling = [AsciiFilter()] if session.glyphs is ASCII else []
        self._feeding = Feeding(self, session, "clusters", self._clusters_changed)

    # What commands see.

    @property
    def table(self) -> TableFace | None:
        """The table of the screen below any dialog."""
        return self.frame.table

    @property
    def frame(self) -> Frame:
        return self.go.frame

    def attempt(self, do: Callable[[], object]) -> bool:
        """Does it; what speaks against it becomes one line on screen."""
        try:
            do()
        except (ValueError, DeskError) as error:
            self.say(str(error), "warn")
            return False
        return True

    def action_command(self, command_id: str) -> None:
        """Every key of every place ends here."""
        self.attempt(lambda: commands.run(self, commands.by_id(command_id)))

    async def ready_for_key(self) -> None:
        await self.frame.whole.wait()

    def on_command_line(self, message: CommandLine) -> None:
        self.attempt(lambda: command_line.run_line(self, message.text))

    def on_open_operation(self, message: OpenOperation) -> None:
        self.operating.open_operation(message.operation)

    def on_go(self, message: Go) -> None:
        self.go.open(message.view)

    def on_refocused(self, _: Refocused) -> None:
        self._arrived(self.frame)

    def key_of(self, command_id: str) -> str:
        return self.session.key_of(command_id)

    def say(self, text: str, style: str = "text") -> None:
        """One line for a few seconds, where the keys stand."""
        self.frame.flash(text, style)

    def _fatal_error(self) -> None:
        """Textual's hook for what nobody caught; private, held by a test. Its own report shows local variables."""
        error = sys.exception() or self._exception
        self.panic(Text(crash_report(error) if error is not None else "fleetui has crashed\n"))

    # Looks.

    def wear(self, theme: LoadedTheme) -> None:
        """Another theme, for everything that is shown."""
        self.session.styles.clear()
        self.session.styles.update(theme.styles)
        self.register_theme(theme.textual)
        self.ansi_color = theme.ansi
        self.theme = theme.name

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Every widget's lines pass these, its border and scroll bar too."""
        return [*super().get_line_filters(), *self._spelling]

    def arming_changed(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, Frame):
                screen.refresh_headlines()
            else:
                _tell(screen, "arming_changed")

    # Life.

    def on_ready(self) -> None:
        """The first frame shows the cache; what connects comes after it."""
        self.session.write_terminal = self._write_terminal
        self.call_later(self._start)

    def _start(self) -> None:
        self.session.painted = True
        if self._problem:
            self.say(self._problem, "warn")
        self._arrived(self.frame)
        self.run_worker(self._supervise(), name=SUPERVISOR, group=SUPERVISOR, exit_on_error=False)
        self.set_interval(DESK_POLL_S, self.poll_desk)

    async def _supervise(self) -> None:
        """What the first frame could wait for is made ready beside it: keys are answered meanwhile."""
        await asyncio.to_thread(self.session.on_first_frame)
        _: Worker[None] = self.run_worker(self.incidents.begin)  # not its coroutine: left at once, nobody awaits it
        try:
            await self.session.fleet.run()
        finally:
            if self.session.charts is not None:
                await self.session.charts.close()

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """SVG that every viewer shows alike."""
        return without_blanks(super().export_screenshot(title=title, simplify=simplify))

    def get_default_screen(self) -> Screen[None]:
        """The first view itself: a blank screen below it would cost a layout and a paint."""
        return self.go.first()

    def on_mount(self) -> None:
        mind_continuation(self, self.continued)
        self._feeding.start()

    def continued(self) -> None:
        """After ctrl-z and ``fg``: time has passed, so every feed is judged anew and everything painted."""
        self.frame.refresh_headlines()
        self.refresh(repaint=True, layout=True)

    def poll_desk(self) -> None:
        """What changed among the operations, to the screens and to the bell."""
        changed = self.session.desk.poll()
        if changed:
            self.session.fleet.tell_work(ongoing(self.session.desk.operations()))
            self._notices.notice(changed)
            for screen in self.screen_stack:
                _tell(screen, "operations_changed", changed)

    def _clusters_changed(self, delta: Delta[Row]) -> None:
        keep(self.session.clusters, delta)
        self.frame.clusters_changed()
        if self.session.painted:
            self._arrived(self.frame)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """The supervisor must not end: without it every row on screen becomes a lie."""
        if event.worker.name == SUPERVISOR and event.state is WorkerState.ERROR:
            raise SupervisorError("the supervisor of the fleet has ended") from event.worker.error

    def _arrived(self, frame: Frame) -> None:
        """Pods are watched where they are looked at, and nowhere else; boards are asked for while they are."""
        wanted, boards = frame.pods_focus(), frame.boards() | self.hushing.boards() | self.incidents.boards()
        if wanted != self._focused:
            self._focused = wanted
            self.session.fleet.focus_pods(wanted)
        if boards != self._looked:
            self._looked = boards
            self.session.fleet.look(boards)

    def _write_terminal(self, sequence: str) -> None:
        if self._driver is not None:
            self._driver.write(sequence)
            self._driver.flush()


def _tell(screen: Screen[object], event: str, *words: object) -> None:
    """Screens that care have a method of that name."""
    heard = getattr(screen, event, None)
    if heard is not None:
        heard(*words)


SCREENS: Mapping[str, tuple[str, str]] = {
    "fleet": ("fleetui.console.screens.fleet", "FleetScreen"),
    "machines": ("fleetui.console.screens.machines", "MachinesScreen"),
    "pods": ("fleetui.console.screens.pods", "PodsScreen"),
    "operations": ("fleetui.console.screens.operations", "OperationsScreen"),
    "etcd": ("fleetui.console.screens.etcd", "EtcdScreen"),
    "replication": ("fleetui.console.screens.replication", "ReplicationScreen"),
    "controlplane": ("fleetui.console.screens.controlplane", "ControlPlaneScreen"),
    "slo": ("fleetui.console.screens.slo", "SloScreen"),
    "executive": ("fleetui.console.screens.executive", "ExecutiveScreen"),
    "oncall": ("fleetui.console.screens.oncall", "OnCallScreen"),
    "debug": ("fleetui.console.screens.debug", "DebugScreen"),
    "coverage": ("fleetui.console.screens.coverage", "CoverageScreen"),
    "alerts": ("fleetui.console.screens.alerts", "AlertsScreen"),
    "silences": ("fleetui.console.screens.silences", "SilencesScreen"),
    "lens": ("fleetui.console.screens.lens", "LensScreen"),
    "incidents": ("fleetui.console.screens.incidents", "IncidentsScreen"),
    "incident": ("fleetui.console.screens.incident", "IncidentScreen"),
}
"""Each screen's module and class. A module is imported when its screen is first shown: the first frame needs one."""


def build(view: View, session: Session) -> Frame:
    """The screen of a view. Raises ValueError when there is no such screen."""
    if view.screen not in SCREENS:
        raise ValueError(f"no screen {view.screen!r}: there are {', '.join(SCREENS)}")
    module, name = SCREENS[view.screen]
    screen: type[Frame] = getattr(import_module(module), name)
    return screen(session, view)
