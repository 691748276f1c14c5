"""``fleetui silence`` and ``fleetui ack``: look, show what would be muted, ask, post once to each mesh."""

import argparse
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from fleetui.cli.hush_text import all_done, outcome_line, preview_lines
from fleetui.cli.operate import Terminal
from fleetui.cli.question import asked
from fleetui.cli.select import SelectionError, select
from fleetui.model.alerts.ack import AckError, Request, acks
from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.keeping import Kept
from fleetui.model.alerts.label_set import Scheme
from fleetui.model.alerts.matcher import MatcherError, parse_matcher
from fleetui.model.alerts.preview import Preview, preview
from fleetui.model.alerts.silence import Draft, Silence
from fleetui.model.table.columns_alert import ALERTS
from fleetui.observe.alert_board import AlertBoard
from fleetui.ports.clock import Clock
from fleetui.ports.ended import Ended

FAILED = 1
LOOK_AGAIN_S = 1.0
"""Whether there is still something to hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """What there was to see when the question was asked."""

    alerts: tuple[Alert, ...]
    silences: tuple[Silence, ...]
    board: AlertBoard
    now: float


@dataclass(frozen=True, slots=True)
class Hushing:
    """What it needs to know, and by whose hand it is done."""

    look: Callable[[], AbstractAsyncContextManager[Look]]
    """Asks all sources; those that do not answer are told on the terminal."""
    scheme: Scheme
    clusters: Callable[[], tuple[str, ...]]
    """All of the fleet; read when it is asked for."""
    by: str
    """The login."""
    clock: Clock
    terminal: Terminal


Propose = Callable[[Look], Sequence[Draft]]


async def hush(means: Hushing, arguments: argparse.Namespace) -> int:
    """0 when every mesh has every silence; 1 when one is refused, not wanted or not known to have arrived."""
    terminal = means.terminal
    propose = _silence(means, arguments) if arguments.command == "silence" else _ack(means, arguments)
    async with means.look() as look:
        found = [(draft, _preview(means, draft, look, arguments)) for draft in propose(look)]
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
            await _hold(look.board, means)
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


async def _hold(board: AlertBoard, means: Hushing) -> None:
    """Until none of them is ours to keep any more; what is left when we are interrupted ends by itself."""
    means.terminal.say("held: prolonged while it fires, ended when it has resolved; Ctrl-C leaves it to end by itself")
    while board.keeps:
        await means.clock.sleep(LOOK_AGAIN_S)
    means.terminal.say("no longer held: it has resolved or ended, or somebody else has decided")


def _silence(means: Hushing, arguments: argparse.Namespace) -> Propose:
    """Raises SelectionError before anybody is asked."""
    try:
        matchers = tuple(sorted(parse_matcher(text) for text in arguments.matcher))
    except MatcherError as error:
        raise SelectionError(str(error)) from error

    def propose(look: Look) -> Sequence[Draft]:
        until = look.now + arguments.lasts
        return [Draft(matchers, look.now, until, _author(means, arguments), arguments.comment)]

    return propose


def _ack(means: Hushing, arguments: argparse.Namespace) -> Propose:
    """Of what fires and is asked for. Raises SelectionError before anybody is asked."""
    kept = asked(ALERTS, arguments.filter)

    def propose(look: Look) -> Sequence[Draft]:
        firing = [alert for alert in look.alerts if alert.phase is Phase.FIRING]
        wanted = [row for row in select(ALERTS, firing, kept=kept, now=look.now).rows if isinstance(row, Alert)]
        request = Request(_author(means, arguments), arguments.comment, arguments.incident, arguments.lasts)
        try:
            return acks(wanted, request, now=look.now, scheme=means.scheme)
        except AckError as error:
            raise SelectionError(str(error)) from error

    return propose


def _author(means: Hushing, arguments: argparse.Namespace) -> str:
    """Who is at it: the login, unless somebody else is named."""
    return str(arguments.author) if arguments.author is not None else means.by


def _preview(means: Hushing, draft: Draft, look: Look, arguments: argparse.Namespace) -> Preview:
    return preview(
        draft,
        look.alerts,
        now=look.now,
        silences=look.silences,
        clusters=means.clusters(),
        scheme=means.scheme,
        whole_cluster=arguments.command == "silence" and arguments.whole_cluster,
    )
