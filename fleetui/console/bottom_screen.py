"""The screen that the app starts with can be exchanged for another like any screen.

Textual pushes its default screen without the callback that ``switch_screen`` takes away again (8.2.8, ``app.py``): the
default screen can only be covered. A covered screen is kept for its see-through parts, and each of its repaints
repaints the whole of what lies on it: 17 kB every few seconds on an idle fleet.
"""

from textual.app import App
from textual.screen import Screen


def exchange(app: App[int], screen: Screen[None]) -> None:
    """Puts ``screen`` in the place of the one that is shown."""
    shown = app.screen
    if not shown._result_callbacks:
        shown._push_result_callback(app, None)
    app.switch_screen(screen)
