"""``fleetui incident``: our own record of what happens, begun, continued, read and handed over without a screen."""

import argparse
import sys
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from fleetui.cli.incident_text import incident_lines
from fleetui.cli.operate import Terminal
from fleetui.cli.output import render, terminal_width
from fleetui.cli.question import asked
from fleetui.cli.select import select
from fleetui.cli.targets import TargetError
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
from fleetui.observe.incident_recorder import Author, Picture, Recorder
from fleetui.ports.clock import Clock, Ids
from fleetui.ports.incidents import IncidentJournal

FAILED = 1


class Glance(Picture, Protocol):
    """The picture of one moment."""

    @property
    def alerts(self) -> Sequence[Alert]: ...


@dataclass(frozen=True, slots=True)
class Incidents:
    """Where they are kept, what there is to see, and whose hand it is."""

    journal: IncidentJournal
    aside: Callable[[], Collection[str]]
    """What a killed writer left beside the journal, a line each."""
    clusters: Callable[[], Collection[str]]
    """All of the fleet; read when it is asked for."""
    glance: Callable[[], AbstractAsyncContextManager[Glance]]
    """Asks all sources of alerts; those that do not answer are told on the terminal."""
    operations: Callable[[], Sequence[Operation]]
    export: Callable[[Incident, argparse.Namespace], Awaitable[int]]
    by: str
    clock: Clock
    ids: Ids
    terminal: Terminal
    lasting: bool = True
    """False: what is written down ends with this process, in a simulated fleet."""

    def hand(self) -> deeds.Hand:
        return deeds.Hand(self.by, self.clock.now(), self.ids.new())

    def known(self) -> tuple[Incident, ...]:
        """All of this machine; what of the journal is damaged is told on standard error."""
        load = self.journal.load()
        for line in (*load.damage, *self.aside()):
            print(fence(f"fleetui: {line}"), file=sys.stderr)
        return fold(load.records)

    def found(self, arguments: argparse.Namespace) -> Incident:
        """Raises IncidentError."""
        return deeds.found(self.known(), arguments.incident)

    def write(self, record: Record, said: str) -> int:
        self.journal.append([record])
        self.terminal.say(said)
        return 0


async def incident(means: Incidents, arguments: argparse.Namespace) -> int:
    """0 when it is done, 1 when there is nothing to do it to. Changes no cluster, so read-only sessions may."""
    return await _DOING[arguments.action](means, arguments)


async def _start(means: Incidents, arguments: argparse.Namespace) -> int:
    """What fires and is asked for, then what the clusters remember. The id is printed as soon as it is begun."""
    terminal, kept = means.terminal, asked(ALERTS, arguments.filter)
    for name in arguments.cluster:
        if name not in means.clusters():
            raise TargetError(f"no cluster {name}; see: fleetui get clusters")
    async with means.glance() as picture:
        chosen: Sequence[Alert] = ()
        if arguments.filter:
            going = [alert for alert in picture.alerts if not alert.phase.over]
            found = select(ALERTS, going, kept=kept, now=means.clock.now()).rows
            chosen = [row for row in found if isinstance(row, Alert)]
            if not chosen:
                terminal.say("no alert that is asked for fires; without one: name clusters with --cluster")
                return FAILED
        doer = means.hand()
        opened = deeds.begin(doer, means.ids.new(), arguments.title, alerts=chosen, clusters=arguments.cluster)
        means.journal.append([opened])
        terminal.say(
            f"{opened.incident} begun: {counted(len(chosen), 'alert')}, clusters {', '.join(opened.clusters) or 'none'}"
        )
        records = await _first_look(means, picture, opened, doer)
        means.journal.append(records)
    _say_begun(means, fold([opened, *records])[0])
    return 0


def _say_begun(means: Incidents, told: Incident) -> None:
    """How to go on; where nobody can, all that was written down."""
    if means.lasting:
        went_on = f"a console that runs records on; fleetui incident show {told.id[-6:]}"
        means.terminal.say(f"{len(told.entries)} entries; {went_on}")
        return
    for line in incident_lines(told, means.clock.now()):
        means.terminal.say(line)
    means.terminal.say("of a simulated fleet, and gone with it: in fleetui demo, I on :alerts begins one to go on with")


async def _first_look(means: Incidents, picture: Glance, opened: Opened, doer: deeds.Hand) -> list[Record]:
    """What there is to see at the beginning. Nobody goes on watching: no sign of life is written down."""
    author = Author(doer.by, doer.console)
    recorder = Recorder(picture, means.operations, author)
    (begun,) = fold([opened])
    recorder.look()
    now = means.clock.now()
    seen: list[Record] = [record for record in recorder.news(begun, now) if not isinstance(record, Watched)]

    async def keep(found: list[Record]) -> None:
        seen.extend(found)

    await Past(picture, recorder, author, clock=means.clock).read(begun, keep)
    return seen


async def _note(means: Incidents, arguments: argparse.Namespace) -> int:
    about = means.found(arguments)
    return means.write(deeds.note(means.hand(), about, arguments.text), f"{about.id}: noted")


async def _tick(means: Incidents, arguments: argparse.Namespace) -> int:
    about, done = means.found(arguments), not arguments.undo
    said = f"{about.id}: {arguments.item} {'done' if done else 'not done'}"
    return means.write(deeds.tick(means.hand(), about, arguments.item, done=done), said)


async def _close(means: Incidents, arguments: argparse.Namespace) -> int:
    about = means.found(arguments)
    said = f"{about.id}: closed; fleetui incident export {about.id[-6:]} --format postmortem -o postmortem.md"
    return means.write(deeds.close(means.hand(), about, arguments.summary), said)


async def _show(means: Incidents, arguments: argparse.Namespace) -> int:
    about, now = means.found(arguments), means.clock.now()
    if arguments.output == "json":
        sys.stdout.write(fence(written(as_json(about, now))))
        return 0
    for line in incident_lines(about, now):
        means.terminal.say(line)
    return 0


async def _list(means: Incidents, arguments: argparse.Namespace) -> int:
    rows = sorted(means.known(), key=lambda row: (not row.open, -row.opened))
    text = render(
        INCIDENTS, rows, output=arguments.output, now=means.clock.now(), headers=True, to_yaml=str,
        width=terminal_width(sys.stdout),
    )  # fmt: skip
    sys.stdout.write(fence(text))
    return 0


async def _export(means: Incidents, arguments: argparse.Namespace) -> int:
    return await means.export(means.found(arguments), arguments)


_DOING: dict[str, Callable[[Incidents, argparse.Namespace], Awaitable[int]]] = {
    "start": _start,
    "note": _note,
    "tick": _tick,
    "show": _show,
    "list": _list,
    "close": _close,
    "export": _export,
}
