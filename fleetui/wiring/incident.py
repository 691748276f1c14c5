"""``fleetui incident``: our own record of what happens, begun, continued, read and handed over without a screen."""

import argparse
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from fleetui.cli.incident_text import incident_lines
from fleetui.cli.operate import standard_terminal
from fleetui.cli.output import render, terminal_width
from fleetui.cli.question import asked
from fleetui.cli.select import select
from fleetui.cli.targets import TargetError
from fleetui.clients.incident_file import torn
from fleetui.clients.system import SystemClock, UlidIds, login_actor
from fleetui.model.alerts.alert import Alert
from fleetui.model.incident import deeds
from fleetui.model.incident.bundle import as_json, written
from fleetui.model.incident.incident import Incident, fold
from fleetui.model.incident.record import Opened, Record, Watched
from fleetui.model.ledger import Operation
from fleetui.model.quantity import counted
from fleetui.model.table.columns_alert import ALERTS
from fleetui.model.table.columns_incident import INCIDENTS
from fleetui.model.text import fence
from fleetui.observe.incident_past import Past
from fleetui.observe.incident_recorder import Author, Recorder
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.incident_file import journal
from fleetui.wiring.incident_glance import Glance, glance
from fleetui.wiring.listing import FAILED, interruptible
from fleetui.wiring.session import Session


def incident(session: Session, arguments: argparse.Namespace) -> int:
    """0 when it is done, 1 when there is nothing to do it to. Changes no cluster, so read-only sessions may."""
    doing = _DOING[arguments.action]
    return interruptible(doing(session, arguments))


def hand() -> deeds.Hand:
    return deeds.Hand(str(login_actor()), SystemClock().now(), UlidIds().new())


def known(session: Session) -> tuple[Incident, ...]:
    """All of this machine; what of the journal is damaged is told on standard error."""
    load = journal(session).load()
    aside = (f"{path}: the half of a record that a killed writer left" for path in torn(session.paths.state_dir))
    for line in (*load.damage, *aside):
        print(fence(f"fleetui: {line}"), file=sys.stderr)
    return fold(load.records)


async def _start(session: Session, arguments: argparse.Namespace) -> int:
    """What fires and is asked for, then what the clusters remember. The id is printed as soon as it is begun."""
    clusters, terminal, kept = Clusters(session), standard_terminal(), asked(ALERTS, arguments.filter)
    for name in arguments.cluster:
        if name not in clusters.contexts:
            raise TargetError(f"no cluster {name}; see: fleetui get clusters")
    async with glance(session, clusters, terminal) as picture:
        chosen: Sequence[Alert] = ()
        if arguments.filter:
            going = [alert for alert in picture.alerts if not alert.phase.over]
            found = select(ALERTS, going, kept=kept, now=clusters.clock.now()).rows
            chosen = [row for row in found if isinstance(row, Alert)]
            if not chosen:
                terminal.say("no alert that is asked for fires; without one: name clusters with --cluster")
                return FAILED
        doer = hand()
        opened = deeds.begin(doer, UlidIds().new(), arguments.title, alerts=chosen, clusters=arguments.cluster)
        journal(session).append([opened])
        terminal.say(
            f"{opened.incident} begun: {counted(len(chosen), 'alert')}, clusters {', '.join(opened.clusters) or 'none'}"
        )
        records = await _first_look(session, picture, opened, doer)
        journal(session).append(records)
    told = fold([opened, *records])[0]
    terminal.say(f"{len(told.entries)} entries; a console that runs records on; fleetui incident show {told.id[-6:]}")
    return 0


async def _first_look(session: Session, picture: Glance, opened: Opened, doer: deeds.Hand) -> list[Record]:
    """What there is to see at the beginning. Nobody goes on watching: no sign of life is written down."""
    author, clock = Author(doer.by, doer.console), SystemClock()
    recorder = Recorder(picture, _operations(session), author)
    (begun,) = fold([opened])
    recorder.look()
    seen: list[Record] = [record for record in recorder.news(begun, clock.now()) if not isinstance(record, Watched)]

    async def keep(found: list[Record]) -> None:
        seen.extend(found)

    await Past(picture, recorder, author, clock=clock).read(begun, keep)
    return seen


def _operations(session: Session) -> Callable[[], Sequence[Operation]]:
    from fleetui.wiring.core import Core

    if not session.paths.operations.exists():
        return tuple
    return Core(session).desk.operations


async def _note(session: Session, arguments: argparse.Namespace) -> int:
    about = deeds.found(known(session), arguments.incident)
    return _write(session, deeds.note(hand(), about, arguments.text), f"{about.id}: noted")


async def _tick(session: Session, arguments: argparse.Namespace) -> int:
    about, done = deeds.found(known(session), arguments.incident), not arguments.undo
    said = f"{about.id}: {arguments.item} {'done' if done else 'not done'}"
    return _write(session, deeds.tick(hand(), about, arguments.item, done=done), said)


async def _close(session: Session, arguments: argparse.Namespace) -> int:
    about = deeds.found(known(session), arguments.incident)
    said = f"{about.id}: closed; fleetui incident export {about.id[-6:]} --format postmortem -o postmortem.md"
    return _write(session, deeds.close(hand(), about, arguments.summary), said)


def _write(session: Session, record: Record, said: str) -> int:
    journal(session).append([record])
    standard_terminal().say(said)
    return 0


async def _show(session: Session, arguments: argparse.Namespace) -> int:
    about, now = deeds.found(known(session), arguments.incident), SystemClock().now()
    if arguments.output == "json":
        sys.stdout.write(fence(written(as_json(about, now))))
        return 0
    terminal = standard_terminal()
    for line in incident_lines(about, now):
        terminal.say(line)
    return 0


async def _list(session: Session, arguments: argparse.Namespace) -> int:
    rows = sorted(known(session), key=lambda row: (not row.open, -row.opened))
    text = render(
        INCIDENTS, rows, output=arguments.output, now=SystemClock().now(), headers=True, to_yaml=str,
        width=terminal_width(sys.stdout),
    )  # fmt: skip
    sys.stdout.write(fence(text))
    return 0


async def _export(session: Session, arguments: argparse.Namespace) -> int:
    from fleetui.wiring.incident_export import export

    return await export(session, deeds.found(known(session), arguments.incident), arguments)


_DOING: dict[str, Callable[[Session, argparse.Namespace], Coroutine[Any, Any, int]]] = {
    "start": _start,
    "note": _note,
    "tick": _tick,
    "show": _show,
    "list": _list,
    "close": _close,
    "export": _export,
}
