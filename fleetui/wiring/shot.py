"""One frame of a screen, drawn without a terminal."""

import asyncio
import os

from fleetui.cli.settle import settled
from fleetui.console.terminal import choose
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.core import Core
from fleetui.wiring.screen import adapt, build_app
from fleetui.wiring.session import Session

LIVE_WITHIN_S = 10.0
PAINT_S = 0.5
"""Deltas are painted at most a quarter of a second late."""


async def draw(session: Session, screen: str, *, size: tuple[int, int]) -> str:
    """SVG of the screen once its clusters have told what they know, or failed, or ten seconds have passed."""
    choice = choose({**os.environ, "COLORTERM": "truecolor", "TERM": "xterm-256color"})
    adapt(choice)
    from fleetui.console.commands import run_line  # after adapt: Textual reads the environment when it is imported

    clusters = Clusters(session)
    app = build_app(session, choice, clusters, Core(session), screen="fleet" if screen == "help" else screen)
    async with app.run_test(size=size) as pilot:
        feed = app.session.fleet.subscribe("clusters")
        await settled(feed, wanted=clusters.chosen, timeout_s=LIVE_WITHIN_S, clock=clusters.clock)
        if screen == "help":
            run_line(app, "help")
        await asyncio.sleep(PAINT_S)
        await pilot.pause()
        return app.export_screenshot(title="")
