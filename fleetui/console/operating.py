"""From a wish to an operation that goes on: plan, confirmation, steering, and the arming that allows it.

Windows are imported when they are first opened: the first frame needs none of them.
"""

from collections.abc import Callable, Sequence, Set
from typing import TYPE_CHECKING

from fleetui.console.arming import Arming
from fleetui.console.command import chosen, under_cursor
from fleetui.console.host import OperatingHost
from fleetui.console.operation_text import what
from fleetui.console.proposal import Asked, Proposal, freeze
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.operation import Intent, OpState, Option

if TYPE_CHECKING:
    from fleetui.model.diagnosis.proposal import Proposed

PAUSES = "pauses at the next safe point"


class Operating:
    """Implements ``command.OperatingFace``."""

    def __init__(self, host: OperatingHost) -> None:
        self._host = host
        self._session = host.session

    def operate(self, kind: str) -> None:
        """One dialog for each cluster of the chosen machines, one after the other. The targets are frozen here."""
        machines = [item for item in chosen(self._host) if isinstance(item, Machine)]
        table = self._host.table
        hidden = {item.uid for item in table.hidden() if isinstance(item, Machine)} if table is not None else set()
        by = table.hidden_by() if table is not None else ""
        self._ask([_asked(intent, hidden, by) for intent in freeze(kind, machines, self._session)], 0)

    def on_etcd(self, kind: str, options: tuple[tuple[str, Option], ...] = ()) -> None:
        """The etcd of the row under the cursor, frozen by the id with which its members answer."""
        self._ask_of_etcd(kind, under_cursor(self._host), options)

    def propose(self, wish: "Proposed") -> None:
        """What a diagnosis proposes, with its targets as they are now."""
        if wish.etcd is not None:
            self._ask_of_etcd(wish.kind, wish.etcd, ())
        else:
            self._ask([Asked(intent) for intent in freeze(wish.kind, wish.machines, self._session)], 0)

    def _ask_of_etcd(self, kind: str, row: object, options: tuple[tuple[str, Option], ...]) -> None:
        from fleetui.console.etcd_wish import freeze_etcd

        self._ask([Asked(freeze_etcd(kind, row, options, self._session))], 0)

    def _ask(self, sequence: Sequence[Asked], at: int) -> None:
        """A no ends the sequence: nobody who has just said no expects the next question."""
        if at == len(sequence):
            return

        def answered(approved: bool) -> None:
            if approved:
                self._ask(sequence, at + 1)
            elif at + 1 < len(sequence):
                names = " ".join(other.intent.cluster.name for other in sequence[at + 1 :])
                self._host.say(f"nothing more is asked: {names} not changed")

        self._confirm(Proposal(self._session, sequence[at].intent), sequence, at, then=answered)

    def _confirm(self, proposal: Proposal, sequence: Sequence[Asked], at: int, then: Callable[[bool], None]) -> None:
        from fleetui.console.screens.confirm import ConfirmScreen

        def answered(approved: bool | None) -> None:
            if approved:
                shows = f"{self._host.key_of('go.operations')} shows it"
                self._host.say(f"{proposal.intent.kind} goes on in the controller: {shows}", "ok")
                if self._host.table is not None:
                    self._host.table.unmark({target.uid for target in proposal.intent.targets})
            then(bool(approved))

        screen = ConfirmScreen(self._session, proposal, sequence=sequence, at=at, arm=lambda: self.arm(""))
        self._host.push_screen(screen, answered)

    def open_operation(self, operation: Operation) -> None:
        """A proposal that waits for an approval is asked about again; anything else is read."""
        if operation.state is OpState.PROPOSED and not operation.aborting:
            proposal = Proposal(self._session, operation.intent, op_id=operation.op_id)
            self._confirm(proposal, (Asked(operation.intent),), 0, then=lambda _: None)
        else:
            self._host.looking.record(operation)

    def steer(self, verb: str) -> None:
        """``pause`` (or go on after one), ``abort``. To stop needs no arming, only a confirmation: the way back is
        never barred. To go on does, as a new operation would."""
        operation = under_cursor(self._host)
        if not isinstance(operation, Operation):
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
        self._host.say(said, "busy")
        self._host.poll_desk()

    def _ask_to_stop(self, verb: str, operation: Operation, about: str, stop: Callable[[], None]) -> None:
        from fleetui.console.screens.ask import AskScreen

        def do() -> None:
            stop()
            self._host.poll_desk()

        def answered(yes: bool | None) -> None:
            if yes:
                self._host.attempt(do)

        if not self._session.armed:
            about += " You are read-only: allowed because it only stops."
        question = f"{verb.capitalize()} {what(operation)}?"
        self._host.push_screen(AskScreen(self._session, question, about, yes=verb), answered)

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
        self._host.push_screen(ArmScreen(self._session, reason=reason, duration=duration), self._armed)

    def disarm(self) -> None:
        self._armed(Arming())
        self._host.say("read-only; confirmed operations go on")

    def _armed(self, arming: Arming | None) -> None:
        if arming is not None:
            self._session.arming = arming
            self._host.arming_changed()


def _asked(intent: Intent, hidden: Set[str], by: str) -> Asked:
    """``hidden``: uids of the marked machines that are not in sight."""
    return Asked(intent, tuple(target.name for target in intent.targets if target.uid in hidden), by)
