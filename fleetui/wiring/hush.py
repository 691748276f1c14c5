"""``fleetui silence`` and ``fleetui ack``: look, show what would be muted, ask, post once to each mesh."""

import argparse
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fleetui.cli.hush_text import all_done, outcome_line, preview_lines
from fleetui.cli.operate import Terminal, standard_terminal
from fleetui.cli.question import asked
from fleetui.cli.select import SelectionError, select
from fleetui.clients.system import SystemChance, SystemClock, login_actor
from fleetui.model.alerts.ack import AckError, Request, acks
from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.keeping import Kept
from fleetui.model.alerts.matcher import MatcherError, parse_matcher
from fleetui.model.alerts.preview import Preview, preview
from fleetui.model.alerts.silence import Draft, Silence
from fleetui.model.table.columns_alert import ALERTS
from fleetui.observe.alert_board import AlertBoard
from fleetui.ports.ended import Ended
from fleetui.wiring.alerts import FAILED, looked, need_alertmanagers, open_sources, scheme
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.session import Session

LOOK_S = 10.0
"""For all sources to say what fires: a preview that lacks one says so."""
LOOK_AGAIN_S = 1.0
"""Whether there is still something to hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """What there was to see when the question was asked."""

    alerts: tuple[Alert, ...]
    silences: tuple[Silence, ...]
    board: AlertBoard
    now: float


Propose = Callable[[Look], Sequence[Draft]]


async def hush(session: Session, arguments: argparse.Namespace) -> int:
    """0 when every mesh has every silence; 1 when one is refused, not wanted or not known to have arrived."""
    need_alertmanagers(session.config)
    terminal = standard_terminal()
    propose = _silence(arguments) if arguments.command == "silence" else _ack(session, arguments)
    async with _looked(session, terminal) as look:
        found = [(draft, _preview(session, draft, look, arguments)) for draft in propose(look)]
        if not found:
            terminal.say("nothing that fires is asked for: there is nothing to acknowledge")
            return FAILED
        for draft, one in found:
            for line in preview_lines(draft, one, now=look.now):
                terminal.say(line)
        if any(one.refusals for _, one in found):
            return FAILED
        if not (arguments.yes or terminal.ask("post? yes or no: ") in ("y", "yes")):
            terminal.say("not posted")
            return FAILED
        status = await _post(found, look, terminal)
        if arguments.command == "ack" and arguments.hold and look.board.keeps:
            await _hold(look.board, terminal)
        return status


async def _post(found: Sequence[tuple[Draft, Preview]], look: Look, terminal: Terminal) -> int:
    done = True
    for draft, one in found:
        near = {name for alert in one.muted for name in alert.alertmanagers}
        outcomes = await look.board.post(draft, sorted(near))
        for outcome in outcomes:
            terminal.say(outcome_line(outcome))
            if outcome.ended is Ended.DONE:
                look.board.keep(Kept(outcome.id, draft.created_by, draft.ends_at))
        done = done and all_done(outcomes)
    return 0 if done else FAILED


async def _hold(board: AlertBoard, terminal: Terminal) -> None:
    """Until none of them is ours to keep any more; what is left when we are interrupted ends by itself."""
    terminal.say("held: prolonged while it fires, ended when it has resolved; Ctrl-C leaves it to end by itself")
    while board.keeps:
        await SystemClock().sleep(LOOK_AGAIN_S)
    terminal.say("no longer held: it has resolved or ended, or somebody else has decided")


def _silence(arguments: argparse.Namespace) -> Propose:
    """Raises SelectionError before anybody is asked."""
    try:
        matchers = tuple(sorted(parse_matcher(text) for text in arguments.matcher))
    except MatcherError as error:
        raise SelectionError(str(error)) from error

    def propose(look: Look) -> Sequence[Draft]:
        until = look.now + arguments.lasts
        return [Draft(matchers, look.now, until, _author(arguments), arguments.comment)]

    return propose


def _ack(session: Session, arguments: argparse.Namespace) -> Propose:
    """Of what fires and is asked for. Raises SelectionError before anybody is asked."""
    kept = asked(ALERTS, arguments.filter)

    def propose(look: Look) -> Sequence[Draft]:
        firing = [alert for alert in look.alerts if alert.phase is Phase.FIRING]
        wanted = [row for row in select(ALERTS, firing, kept=kept, now=look.now).rows if isinstance(row, Alert)]
        request = Request(_author(arguments), arguments.comment, arguments.incident, arguments.lasts)
        try:
            return acks(wanted, request, now=look.now, scheme=scheme(session.config))
        except AckError as error:
            raise SelectionError(str(error)) from error

    return propose


def _author(arguments: argparse.Namespace) -> str:
    """Who is at it: the login, unless somebody else is named."""
    if arguments.author is not None:
        return str(arguments.author)
    return str(login_actor())


def _preview(session: Session, draft: Draft, look: Look, arguments: argparse.Namespace) -> Preview:
    return preview(
        draft,
        look.alerts,
        now=look.now,
        silences=look.silences,
        clusters=tuple(Clusters(session).contexts),
        scheme=scheme(session.config),
        whole_cluster=arguments.command == "silence" and arguments.whole_cluster,
    )


@asynccontextmanager
async def _looked(session: Session, terminal: Terminal) -> AsyncIterator[Look]:
    """What every source says now; those that do not answer are told."""
    clock, chance = SystemClock(), SystemChance()
    sources = open_sources(session.config, clock=clock, chance=chance)
    board = AlertBoard(lambda: sources, clock=clock, chance=chance, scheme=scheme(session.config), first_s=LOOK_S)
    async with looked(board) as found:
        for trouble in found.troubles:
            terminal.say(f"{trouble.level.value}: {trouble.what}")
        alerts = tuple(row for _, row in board.rows.snapshot())
        yield Look(alerts, tuple(board.silences.values()), board, clock.now())
