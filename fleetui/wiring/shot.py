"""One frame of a screen, drawn without a terminal."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from fleetui.cli.settle import settled
from fleetui.console.terminal import choose
from fleetui.console.views import View
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.core import Core
from fleetui.wiring.screen import adapt, build_app, theme_names
from fleetui.wiring.session import Session

LIVE_WITHIN_S = 10.0
PAINT_S = 0.5
"""Deltas are painted at most a quarter of a second late."""


class NoPictureError(OSError):
    """The picture cannot be made as it was asked for; the text says what to change."""


def check(session: Session, file: Path) -> None:
    """Before anything is drawn: nobody waits ten seconds to hear of a typing mistake. Raises NoPictureError."""
    if session.theme not in ("auto", *theme_names()):
        raise NoPictureError(f"no theme {session.theme!r}: write one of {', '.join(theme_names())}")
    folder = file.parent
    if not folder.is_dir():
        raise NoPictureError(f"cannot write {file}: there is no directory {folder}; make it, or choose another file")
    if file.is_dir():
        raise NoPictureError(f"cannot write {file}: it is a directory; add a file's name, such as {file / 'fleet.svg'}")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise NoPictureError(f"cannot write {file}: permission denied; choose another file")


async def draw(session: Session, screen: str, *, size: tuple[int, int]) -> str:
    """SVG of the screen once its clusters have told what they know, or failed, or ten seconds have passed."""
    choice = choose({**os.environ, "COLORTERM": "truecolor", "TERM": "xterm-256color"})
    adapt(choice)
    from fleetui.console.command_line import run_line  # after adapt: Textual reads the environment when it is imported

    clusters = Clusters(session)
    app = build_app(session, choice, clusters, Core(session), view=View("fleet" if screen == "help" else screen))
    async with app.run_test(size=size) as pilot:
        feed = app.session.fleet.subscribe("clusters")
        await settled(feed, wanted=clusters.chosen, timeout_s=LIVE_WITHIN_S, clock=clusters.clock)
        await _asked(app.session.fleet.board("alerts") if screen == "alerts" else None)
        if screen == "help":
            run_line(app, "help")
        await asyncio.sleep(PAINT_S)
        await pilot.pause()
        return app.export_screenshot(title="")


async def _asked(board: object | None) -> None:
    """The alerts are there, or their sources have had their time."""
    from fleetui.observe.alert_board import AlertBoard

    if isinstance(board, AlertBoard):
        with suppress(TimeoutError):
            async with asyncio.timeout(LIVE_WITHIN_S):
                await board.drawn.wait()
