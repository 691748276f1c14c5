"""What a command is, and what it asks of the console. The commands themselves are in ``commands``."""

from collections.abc import Callable, Set
from enum import StrEnum
from typing import Literal, Protocol

import msgspec

from fleetui.console.views import View
from fleetui.model.cluster import Cluster
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.operation import Option
from fleetui.model.pod import Pod

Item = Cluster | Machine | Pod | Operation
"""What a cursor can stand on."""

PromptKind = Literal[":", "/"]

FLEET_PLACE, MACHINES, PODS, OPERATIONS, ALERTS = "fleet", "machines", "pods", "operations", "alerts"
ETCD, REPLICATION = "etcd", "replication"
CONTROLPLANE, SLO, COVERAGE = "controlplane", "slo", "coverage"
EXECUTIVE, ONCALL, DEBUG = "executive", "oncall", "debug"

LIVE_TABLES = frozenset({FLEET_PLACE, MACHINES, PODS})
OBJECTS = LIVE_TABLES | {OPERATIONS}
"""Tables whose rows can be looked at by themselves: described, as YAML, with a kubectl line."""
SILENCES = "silences"
INCIDENTS = "incidents"
TABLES = OBJECTS | {
    ALERTS,
    SILENCES,
    INCIDENTS,
    ETCD,
    REPLICATION,
    CONTROLPLANE,
    SLO,
    COVERAGE,
    EXECUTIVE,
    ONCALL,
    DEBUG,
}


LENS = "lens"
INCIDENT = "incident"
PLACES = TABLES | {LENS, INCIDENT}
"""Where commands exist: every screen."""


class Danger(StrEnum):
    NONE = "none"
    CHANGES = "changes"
    """Ends in a change of a cluster, through plan and confirmation."""


class TableFace(Protocol):
    """What commands ask of the table that is shown."""

    def current(self) -> Item | None: ...
    def can_open(self) -> bool:
        """True on any line: a headline opens and closes too."""
        ...

    def doubt(self) -> str:
        """Why a key about the row under the cursor may mean another row than this one; empty when it cannot."""
        ...

    def marked(self) -> bool: ...
    def chosen(self) -> tuple[Item, ...]:
        """The marked rows, or the one under the cursor when none is marked."""
        ...

    def hidden(self) -> tuple[Item, ...]:
        """The marked rows that cannot be seen now."""
        ...

    def hidden_by(self) -> str:
        """What hides them."""
        ...

    def toggle_mark(self) -> None: ...
    def mark_range(self) -> None: ...
    def clear_marks(self) -> None: ...
    def unmark(self, uids: Set[str]) -> None:
        """The rows of these objects: what was to be done with them goes on."""
        ...

    def escape(self) -> bool:
        """Takes back the last refinement (filter, faults only, marks). False when there was none."""
        ...

    def drill(self) -> None: ...
    def toggle_faults(self) -> None: ...
    def toggle_wide(self) -> None: ...
    def toggle_calm(self) -> None: ...
    def sort_choices(self) -> tuple[tuple[str, str, str], ...]:
        """(id, title, what it is) of each column; the first is trouble first."""
        ...

    def sort(self, column: str) -> None:
        """Raises ValueError when there is no such column."""
        ...

    def group(self, by: str) -> None:
        """Raises ValueError when rows cannot be grouped like that."""
        ...


class Going(Protocol):
    """Navigation."""

    @property
    def here(self) -> View: ...
    def open(self, view: View) -> None: ...
    def back(self) -> bool: ...
    def last(self) -> None: ...
    def step(self, by: int) -> None: ...


class OperatingFace(Protocol):
    """What plans, confirms and steers changes, and arms for them."""

    def operate(self, kind: str) -> None: ...
    def on_etcd(self, kind: str, options: tuple[tuple[str, Option], ...] = ()) -> None: ...
    def open_operation(self, operation: Operation) -> None: ...
    def steer(self, verb: str) -> None: ...
    def arm(self, words: str) -> None: ...
    def disarm(self) -> None: ...


class HushingFace(Protocol):
    """What acks and silences alerts."""

    def ack(self) -> None: ...
    def silence(self) -> None: ...
    def mark_shown(self) -> None: ...
    def resume(self) -> None: ...
    def holds(self) -> bool:
        """Alerts are held back."""
        ...

    def expire(self) -> None: ...
    def extend(self) -> None: ...


class TriageFace(Protocol):
    """What is done about a diagnosis."""

    def propose(self) -> None: ...
    def no_proposal(self) -> str:
        """Why there is none; empty when there is one."""
        ...

    def machines(self) -> None: ...
    def runbook(self, words: str) -> None: ...
    def no_runbook(self) -> str:
        """Why it must be named here; empty when what is shown has one."""
        ...


class IncidentsFace(Protocol):
    """What begins incidents and writes into them."""

    def start(self, words: str) -> None: ...
    def note(self, words: str) -> None: ...
    def tick(self, words: str) -> None: ...
    def close(self, words: str) -> None: ...
    def look_back(self) -> None: ...
    def no_incident(self, *, open_only: bool = False) -> str:
        """Why there is none that a key could be about; empty when there is one."""
        ...


class LookingFace(Protocol):
    """What shows more of the thing under the cursor."""

    def describe(self) -> None: ...
    def record(self, operation: Operation) -> None: ...
    def yaml(self) -> None: ...
    def kubectl(self) -> None: ...
    def chart(self, words: str) -> None: ...
    def no_chart(self) -> str:
        """Why nothing can be drawn of what is under the cursor; empty when it can."""
        ...

    def copy(self) -> None: ...


class ChoosingFace(Protocol):
    """What chooses what is shown, and how."""

    def connect(self, words: str, *, away: bool) -> None: ...
    def theme(self, name: str) -> None: ...
    def pick_sort(self) -> None: ...
    def help(self) -> None: ...
    def palette(self) -> None: ...
    def prompt(self, kind: PromptKind) -> None: ...


class LeavingFace(Protocol):
    """The ways out."""

    def suspend(self) -> None: ...
    def interrupt(self) -> None: ...
    def quit(self) -> None: ...


class Console(Protocol):
    """The app, as commands see it."""

    @property
    def table(self) -> TableFace | None: ...
    @property
    def go(self) -> Going: ...
    @property
    def operating(self) -> OperatingFace: ...
    @property
    def hushing(self) -> HushingFace: ...
    @property
    def triage(self) -> TriageFace: ...
    @property
    def incidents(self) -> IncidentsFace: ...
    @property
    def looking(self) -> LookingFace: ...
    @property
    def choosing(self) -> ChoosingFace: ...
    @property
    def leaving(self) -> LeavingFace: ...
    def say(self, text: str, style: str = "text") -> None:
        """One line for a few seconds."""
        ...

    def key_of(self, command_id: str) -> str:
        """The operator's key for a command, as it is written on screen."""
        ...


def under_cursor(console: Console) -> Item | None:
    return console.table.current() if console.table is not None else None


def chosen(console: Console) -> tuple[Item, ...]:
    """The marked rows, or the one under the cursor when none is marked."""
    return console.table.chosen() if console.table is not None else ()


Handler = Callable[[Console, str], None]
"""Gets the console and the words after the command's name (empty from a key). Raises ValueError with the fix."""

Reason = Callable[[Console], str]
"""Why a command cannot be used now; empty when it can."""


class Need(msgspec.Struct, frozen=True):
    """What a command needs to be of use."""

    lacks: Reason = lambda _: ""
    """What is not there; the footer does not show a key that lacks something."""
    doubt: Reason = lambda _: ""
    """Why it may mean another row than this one, for a moment."""

    def __call__(self, console: Console) -> str:
        """Why the command cannot be used now."""
        return self.lacks(console) or self.doubt(console)


ALWAYS = Need()


class Command(msgspec.Struct, frozen=True):
    id: str
    title: str
    """Two words for the footer."""
    help: str
    """One sentence."""
    handler: Handler
    keys: tuple[str, ...] = ()
    """In Textual's names; the first is shown."""
    words: tuple[str, ...] = ()
    """What reaches it on the command line; the first is shown."""
    arguments: str = ""
    places: frozenset[str] = PLACES
    danger: Danger = Danger.NONE
    available: Need = ALWAYS
    hint: int = 0
    """Rank in the footer, 1 first; 0 is not shown there. Where not all have room, the last ones go, but for help."""
    offers: Reason = lambda _: ""
    """What its key lacks here, where its words do without: ``:runbook NAME``."""
    in_full: bool = False
    """True: it runs by a whole word only, never by the beginning of one."""

    @property
    def shown_keys(self) -> str:
        return " ".join(show_key(key) for key in self.keys)


_KEY_NAMES = {
    "slash": "/",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "minus": "-",
    "full_stop": ".",
    "asterisk": "*",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "ctrl+@": "^space",
    "ctrl+backslash": "^\\",
}


def show_key(key: str) -> str:
    """A key as it is written on screen."""
    return _KEY_NAMES.get(key, key.replace("ctrl+", "^") if key.startswith("ctrl+") else key)
