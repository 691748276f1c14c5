"""Which screen is shown, and the few that are kept alive behind it with their cursor, marks and filter."""

from collections.abc import Callable

from textual.app import App

from fleetui.console.bottom_screen import exchange
from fleetui.console.frame import Frame
from fleetui.console.session import Session
from fleetui.console.views import Trail, View

KEPT = 6
"""Screens kept alive. A kept one shows at once where the operator left it; more would hold rows nobody looks at."""

Key = tuple[str, str, str, str]


class Navigation:
    """Owns the trail and the screens; the app has one."""

    def __init__(
        self,
        app: App[int],
        session: Session,
        build: Callable[[View, Session], Frame],
        changed: Callable[[Frame], None],
        first: View,
    ) -> None:
        """``build`` makes the screen of a view; ``changed`` is told which one is shown now."""
        self._app = app
        self._session = session
        self._build = build
        self._changed = changed
        self._trail = Trail(visited=(first,))
        self._kept: dict[Key, Frame] = {}

    @property
    def here(self) -> View:
        return self._trail.here

    @property
    def frame(self) -> Frame:
        """The screen of ``here``."""
        return self._kept[self.here.key]

    def first(self) -> Frame:
        """The screen that the app starts with."""
        return self._frame(self.here)

    def open(self, view: View) -> None:
        self._go(self._trail.open(view))

    def back(self) -> bool:
        """False at the root: ``esc`` never quits."""
        before = self._trail
        self._go(before.back())
        return self._trail is not before

    def last(self) -> None:
        self._go(self._trail.last())

    def step(self, by: int) -> None:
        self._go(self._trail.step(by))

    def _go(self, trail: Trail) -> None:
        moved, self._trail = trail.here.key != self.here.key, trail
        frame = self._frame(trail.here)
        if trail.here.query:
            frame.narrow(trail.here.query)
        if moved:
            exchange(self._app, frame)
            self._forget_oldest()
        self._changed(frame)

    def _frame(self, view: View) -> Frame:
        """The kept screen of a view, moved to the end of the queue, or a new one."""
        frame = self._kept.pop(view.key, None)
        if frame is None:
            frame = self._build(view, self._session)
            self._app.install_screen(frame, name="/".join(view.key))
        self._kept[view.key] = frame
        return frame

    def _forget_oldest(self) -> None:
        while len(self._kept) > KEPT:
            frame = self._kept.pop(next(iter(self._kept)))
            self._app.uninstall_screen(frame)
            frame.close()
            self._app.call_later(frame.remove)
