"""What commands do beyond looking: windows, operations, arming, the clipboard, leaving. The app has one.

Windows are imported when they are first opened: the first frame needs none of them.
"""

import os
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, TypeVar

from fleetui.console import commands
from fleetui.console.arming import Arming
from fleetui.console.clipboard import osc_52
from fleetui.console.command import MACHINES, Item, PromptKind
from fleetui.console.keymap import bound
from fleetui.console.kubectl import context_of, for_item, for_view
from fleetui.console.operation_text import what
from fleetui.console.proposal import Proposal, freeze
from fleetui.console.record_text import record_text
from fleetui.console.theme import ThemeError
from fleetui.console.views import View
from fleetui.model.cluster import Cluster
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.operation import Intent, OpState
from fleetui.model.pod import Pod

if TYPE_CHECKING:
    from fleetui.console.app import FleetApp

INTERRUPT_S = 3.0
"""Within this time a second ctrl-c leaves."""

PAUSES = "pauses at the next safe point"

Kind = TypeVar("Kind", Cluster, Machine, Pod, Operation)


class Actions:
    """Implements ``commands.Acting``."""

    def __init__(self, app: "FleetApp") -> None:
        self._app = app
        self._session = app.session
        self._interrupted = float("-inf")

    # Operations.

    def operate(self, kind: str) -> None:
        """One dialog for each cluster of the chosen machines, one after the other. The targets are frozen here."""
        machines = [item for item in self._chosen() if isinstance(item, Machine)]
        intents = freeze(kind, machines, self._session)
        self._ask(intents, 0)

    def _ask(self, intents: Sequence[Intent], at: int) -> None:
        if at < len(intents):
            place = f" cluster {at + 1} of {len(intents)} " if len(intents) > 1 else ""
            self._confirm(Proposal(self._session, intents[at]), place, then=lambda: self._ask(intents, at + 1))

    def _confirm(self, proposal: Proposal, place: str, then: Callable[[], None]) -> None:
        from fleetui.console.screens.confirm import ConfirmScreen

        def answered(approved: bool | None) -> None:
            if approved:
                self._app.say(f"{proposal.intent.kind} goes on in the controller: o shows it", "ok")
                if self._app.table is not None:
                    self._app.table.clear_marks()
            then()

        self._app.push_screen(ConfirmScreen(self._session, proposal, place=place, arm=lambda: self.arm("")), answered)

    def open_operation(self, operation: Operation) -> None:
        """A proposal that waits for an approval is asked about again; anything else is read."""
        if operation.state is OpState.PROPOSED and not operation.aborting:
            proposal = Proposal(self._session, operation.intent, op_id=operation.op_id)
            self._confirm(proposal, "", then=lambda: None)
        else:
            self._read_record(operation)

    def _read_record(self, operation: Operation) -> None:
        from fleetui.console.screens.document import DocumentScreen

        async def read() -> str:
            fresh = self._session.desk.operation(operation.op_id)
            return record_text(fresh, now=self._session.clock.now(), glyphs=self._session.glyphs)

        self._app.push_screen(DocumentScreen(self._session, what(operation), read))

    def steer(self, verb: str) -> None:
        """``pause`` (or go on after one), ``abort``. To stop needs no arming, only a confirmation: the way back is
        never barred. To go on does, as a new operation would."""
        operation = self._current(Operation)
        if operation is None:
            return
        if self._session.readonly:
            raise ValueError("this session was started with --readonly")
        desk, op_id = self._session.desk, operation.op_id
        if verb == "abort":
            about = "It stops at the next safe point and gives back what is not finished: its own cordons only."
            about += " Pods that have moved stay moved."
            self._ask_to_stop("abort", operation, about, lambda: desk.abort(op_id))
        elif operation.paused or operation.pausing:
            if not self._session.armed:
                raise ValueError("read-only: :write REASON arms you to let it go on")
            self._steered("goes on", lambda: desk.resume(op_id))
        elif self._session.armed:
            self._steered(PAUSES, lambda: desk.pause(op_id))
        else:
            about = "It stops at the next safe point and keeps its locks. To let it go on needs :write."
            self._ask_to_stop("pause", operation, about, lambda: self._steered(PAUSES, lambda: desk.pause(op_id)))

    def _steered(self, said: str, do: Callable[[], None]) -> None:
        do()
        self._app.say(said, "busy")
        self._app.poll_desk()

    def _ask_to_stop(self, verb: str, operation: Operation, about: str, stop: Callable[[], None]) -> None:
        from fleetui.console.screens.ask import AskScreen

        def do() -> None:
            stop()
            self._app.poll_desk()

        def answered(yes: bool | None) -> None:
            if yes:
                self._app.attempt(do)

        if not self._session.armed:
            about += " You are read-only: allowed because it only stops."
        question = f"{verb.capitalize()} {what(operation)}?"
        self._app.push_screen(AskScreen(self._session, question, about, yes=verb), answered)

    # Arming.

    def arm(self, words: str) -> None:
        """``:write rack C repair 30m`` arms at once; without a reason a dialog asks."""
        if self._session.readonly:
            raise ValueError("this session was started with --readonly")
        from fleetui.console.screens.arm import ArmScreen, read_words

        arming, reason, duration = read_words(words, self._session)
        if arming is not None:
            self._armed(arming)
            return
        self._app.push_screen(ArmScreen(self._session, reason=reason, duration=duration), self._armed)

    def disarm(self) -> None:
        self._armed(Arming())
        self._app.say("read-only; confirmed operations go on")

    def _armed(self, arming: Arming | None) -> None:
        if arming is not None:
            self._session.arming = arming
            self._app.arming_changed()

    # Reading.

    def describe(self) -> None:
        """In words; an operation's are its record."""
        item = self._current_any()
        if isinstance(item, Operation):
            self._read_record(item)
        elif item is not None:
            from fleetui.console.describing import describe
            from fleetui.console.screens.document import DocumentScreen

            title = item.name if isinstance(item, Cluster) else self._place_of(item)
            self._app.push_screen(DocumentScreen(self._session, title, lambda: describe(self._session, item)))

    def yaml(self) -> None:
        item = self._current_any()
        if isinstance(item, Machine | Pod):
            self._document(item)
        elif item is not None:
            raise ValueError("there is no YAML of this: open it and choose a machine or a pod")

    def _document(self, item: Machine | Pod) -> None:
        from fleetui.console.screens.document import DocumentScreen

        where = self._place_of(item)
        self._app.push_screen(DocumentScreen(self._session, where, lambda: self._session.fleet.describe(item)))

    def _place_of(self, item: Machine | Pod) -> str:
        return f"{item.cluster} {self._session.glyphs.crumb} {item.name}"

    def kubectl(self) -> None:
        item, view = self._current_any(), self._app.go.here
        context = context_of(item, view, tuple(self._session.clusters.values()))
        self._app.say("$ " + (for_item(item, context) if item is not None else for_view(view, context)), "accent")

    def copy(self) -> None:
        """The marked names, one a line, or the one under the cursor."""
        names = [item.op_id if isinstance(item, Operation) else item.name for item in self._chosen()]
        if not names or self._session.write_terminal is None:
            return
        self._session.write_terminal(osc_52("\n".join(names), os.environ))
        self._app.say(f"copied {names[0]}" if len(names) == 1 else f"copied {len(names)} names")

    # Clusters.

    def connect(self, words: str, *, away: bool) -> None:
        """Patterns of names; without any, the marked clusters or the one under the cursor."""
        patterns = words.split()
        names = frozenset(self._matching(patterns) if patterns else self._chosen_clusters())
        if not names:
            raise ValueError(f"no cluster matches {words.strip()}" if patterns else "no cluster chosen")
        (self._session.fleet.disconnect if away else self._session.fleet.connect)(names)
        said = next(iter(names)) if len(names) == 1 else f"{len(names)} clusters"
        self._app.say(f"{'lets go of' if away else 'connects'} {said}")

    def _matching(self, patterns: Sequence[str]) -> list[str]:
        wanted = [pattern.removeprefix("@") for pattern in patterns]
        return [name for name in self._session.clusters if any(fnmatchcase(name, pattern) for pattern in wanted)]

    def _chosen_clusters(self) -> list[str]:
        """Of a screen that shows none of its rows, the cluster that it is about."""
        here = self._app.go.here.cluster
        chosen = [item.name if isinstance(item, Cluster) else _cluster_of(item) for item in self._chosen()]
        return chosen or [here] * bool(here)

    # The session.

    def theme(self, name: str) -> None:
        try:
            self._app.wear(self._app.themes.get(name))
        except ThemeError as error:
            raise ValueError(str(error)) from error

    def pick_sort(self) -> None:
        from fleetui.console.screens.choose import ChooseScreen, Offer

        table = self._app.table
        if table is None:
            return
        offers = [Offer(f"by {column}", title.lower(), about) for column, title, about in table.sort_choices()]

        def chosen(choice: str | None) -> None:
            if choice is not None:
                self._app.attempt(lambda: table.sort(choice.removeprefix("by ")))

        self._app.push_screen(ChooseScreen(self._session, "Sort by", offers), chosen)

    def help(self) -> None:
        from fleetui.console.screens.help import HelpScreen

        frame = self._app.frame
        self._app.push_screen(HelpScreen(self._session, frame.PLACE, frame.help_sections()))

    def palette(self) -> None:
        from fleetui.console.screens.choose import ChooseScreen, Offer

        offers = [Offer(*offer) for offer in palette_offers(self._app)]
        self._app.push_screen(ChooseScreen(self._session, "Go to, or do", offers), self._palette_chosen)

    def _palette_chosen(self, chosen: str | None) -> None:
        if chosen is None:
            return
        kind, _, name = chosen.partition(" ")
        if kind == "cluster":
            self._app.go.open(View(MACHINES, cluster=name))
        else:
            self._app.action_command(name)

    def prompt(self, kind: PromptKind) -> None:
        self._app.frame.prompt(kind)

    def suspend(self) -> None:
        from fleetui.console.suspension import stop_process

        stop_process(self._app)

    def interrupt(self) -> None:
        now = self._session.clock.monotonic()
        if now - self._interrupted < INTERRUPT_S:
            self.quit()
        self._interrupted = now
        self._app.say("press ctrl-c again to leave; operations go on in the controller", "warn")

    def quit(self) -> None:
        self._app.exit(0)

    # What is chosen.

    def _chosen(self) -> tuple[Item, ...]:
        return self._app.table.chosen() if self._app.table is not None else ()

    def _current_any(self) -> Item | None:
        return self._app.table.current() if self._app.table is not None else None

    def _current(self, kind: type[Kind]) -> Kind | None:
        item = self._current_any()
        return item if isinstance(item, kind) else None


def _cluster_of(item: Machine | Pod | Operation) -> str:
    return item.intent.cluster.name if isinstance(item, Operation) else item.cluster


def palette_offers(app: "FleetApp") -> list[tuple[str, str, str, str, str]]:
    """(id, title, detail, keys, why not now): the commands of this place, then every cluster."""
    here, keys = app.go.here.screen, app.session.config.keys
    offers = [
        (f"command {command.id}", command.title, command.help, bound(command, keys).shown_keys, command.available(app))
        for command in commands.of_place(here)
        if command.id != "session.palette"
    ]
    for cluster in app.session.clusters.values():
        tags = " ".join(part for part in (cluster.tags.environment, cluster.tags.group, cluster.version or "") if part)
        offers.append((f"cluster {cluster.name}", cluster.name, tags, "", ""))
    return offers
