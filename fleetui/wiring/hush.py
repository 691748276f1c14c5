"""``fleetui silence`` and ``fleetui ack`` with the alerts of this configuration."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fleetui.cli import hush as cli
from fleetui.cli.operate import Terminal, standard_terminal
from fleetui.clients.system import SystemChance, SystemClock, login_actor
from fleetui.wiring.alerts import alert_board, looked, need_alertmanagers, scheme
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.session import Session

LOOK_S = 10.0
"""For all sources to say what fires: a preview that lacks one says so."""


async def hush(session: Session, arguments: argparse.Namespace) -> int:
    need_alertmanagers(session.config)
    terminal = standard_terminal()
    means = cli.Hushing(
        look=lambda: _look(session, terminal),
        scheme=scheme(session.config),
        clusters=lambda: tuple(Clusters(session).contexts),
        by=str(login_actor()),
        clock=SystemClock(),
        terminal=terminal,
    )
    return await cli.hush(means, arguments)


@asynccontextmanager
async def _look(session: Session, terminal: Terminal) -> AsyncIterator[cli.Look]:
    """What every source says now; those that do not answer are told."""
    clock = SystemClock()
    board = alert_board(session.config, clock=clock, chance=SystemChance(), first_s=LOOK_S)
    async with looked(board) as found:
        for trouble in found.troubles:
            terminal.say(f"{trouble.level.value}: {trouble.what}")
        alerts = tuple(row for _, row in board.rows.snapshot())
        yield cli.Look(alerts, tuple(board.silences.values()), board, clock.now())
