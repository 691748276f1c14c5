"""What the doers behind the commands ask of the app. Each takes the smallest of these that will do."""

from collections.abc import Callable
from typing import Protocol

from textual.screen import Screen, ScreenResultType

from fleetui.console.command import Console
from fleetui.console.frame import Frame
from fleetui.console.session import Session
from fleetui.console.theme import LoadedTheme, Themes


class Host(Console, Protocol):
    """What all of them need."""

    @property
    def session(self) -> Session: ...
    def attempt(self, do: Callable[[], object]) -> bool:
        """Does it; what speaks against it becomes one line on screen. False when something did."""
        ...

    def push_screen(
        self, screen: Screen[ScreenResultType], callback: Callable[[ScreenResultType | None], None] | None = None
    ) -> object:
        """Opens a window; the callback gets its answer."""
        ...


class OperatingHost(Host, Protocol):
    """For plans, approvals and arming."""

    def poll_desk(self) -> None:
        """What was asked of the desk is shown at once."""
        ...

    def arming_changed(self) -> None: ...


class ChoosingHost(Host, Protocol):
    """For choices of what is shown, and how."""

    @property
    def frame(self) -> Frame: ...
    @property
    def themes(self) -> Themes: ...
    def wear(self, theme: LoadedTheme) -> None: ...
    def action_command(self, command_id: str) -> None: ...


class LeavingHost(Host, Protocol):
    """For the ways out."""

    def exit(self, result: int) -> None: ...
