"""Calls the operator back when an operation blocks or ends: one line on the screen, the bell, and OSC 777 for terminals
that show it."""

from collections.abc import Callable, Iterable

from fleetui.console.operation_text import blocked, what
from fleetui.console.session import Session
from fleetui.model.ledger import Operation
from fleetui.model.ongoing import holds, state_word
from fleetui.model.operation import OpState
from fleetui.model.text import clean

BELL = "\a"

Say = Callable[[str, str], None]
"""(words, style) for one line of the screen."""

_STYLES = {OpState.DONE: "ok", OpState.FAILED: "danger"}


class Notices:
    """Remembers what was said, so that nothing rings twice and nothing rings for what an earlier session saw end."""

    def __init__(self, session: Session, say: Say) -> None:
        self._session = session
        self._say = say
        self._heard: dict[str, str] = {}

    def notice(self, changed: Iterable[Operation]) -> None:
        """Calls for each operation that has ended or blocked since this session last saw it. A mere look at a plan
        calls nobody."""
        for operation in changed:
            if operation.rehearsal:
                continue
            calling = operation.state.ended or blocked(operation)
            word = ("blocked" if blocked(operation) else state_word(operation)) if calling else ""
            before = self._heard.get(operation.op_id)
            self._heard[operation.op_id] = word
            if word and before is not None and word != before:
                self._call(operation, word)

    def _call(self, operation: Operation, word: str) -> None:
        self._say(news(operation, word), _STYLES.get(operation.state, "warn"))
        write, config = self._session.write_terminal, self._session.config
        if write is None:
            return
        if config.bell:
            write(BELL)
        if config.notify:
            write(osc_777(f"fleetui: {word}", f"{what(operation)} in {operation.intent.cluster.name}"))


def news(operation: Operation, word: str) -> str:
    """``drain wk-b-01 +1 in prod-east-2 failed: ...``: what became of it, and why."""
    why = operation.summary if operation.state.ended else next((hold.detail for hold in holds(operation)), "")
    said = f"{what(operation)} in {operation.intent.cluster.name}: {word}"
    return clean(f"{said}, {why}" if why and operation.state is not OpState.DONE else said)


def osc_777(title: str, body: str) -> str:
    """A desktop notice as rxvt defined it and many terminals follow. A semicolon would end a field."""
    return f"\x1b]777;notify;{clean(title).replace(';', ',')};{clean(body).replace(';', ',')}\x1b\\"
