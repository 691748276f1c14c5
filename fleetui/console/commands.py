"""The one registry of commands. Keys, palette, footer, command line, help and documentation are all read from it.

A command says where it exists, what it is called, which keys and words reach it and why it is not available now. Its
handler talks to the ``Console`` protocol only, so the registry knows no screen and a test can stand in for the app.
"""

from collections.abc import Iterable, Iterator

from fleetui.console.command import (
    ALERTS,
    CONTROLPLANE,
    COVERAGE,
    DEBUG,
    ETCD,
    EXECUTIVE,
    FLEET_PLACE,
    INCIDENT,
    INCIDENTS,
    LENS,
    LIVE_TABLES,
    MACHINES,
    OBJECTS,
    ONCALL,
    OPERATIONS,
    PODS,
    REPLICATION,
    SILENCES,
    SLO,
    TABLES,
    Command,
    Console,
    Danger,
)
from fleetui.console.handlers import (
    alerts,
    escape,
    group,
    has_group,
    has_held,
    has_incident,
    has_line,
    has_lines,
    has_operation,
    has_proposal,
    has_row,
    has_targets,
    lens,
    move_leader,
    no_chart,
    no_lens,
    no_runbook,
    of_lens,
    on_etcd,
    on_table,
    open_incident,
    operate,
    pods,
    recover_space,
    snapshot,
    sort,
    steer,
    view,
)
from fleetui.console.views import FLEET, View

_MOVING = (
    Command("go.drill", "open", "Open what is under the cursor: a cluster's machines, a machine's pods.",
            on_table(lambda table: table.drill()), ("enter",), places=TABLES, available=has_line, hint=50),
    Command("go.back", "back", "Take back the filter or the marks, then go back. Never quits.", escape, ("escape",)),
    Command("go.last", "last view", "To and fro between the last two views.",
            lambda console, _: console.go.last(), ("minus",), ("last",)),
    Command("go.previous", "history back", "The view before, in the history of views.",
            lambda console, _: console.go.step(-1), ("left_square_bracket",)),
    Command("go.next", "history forward", "The next view in the history of views.",
            lambda console, _: console.go.step(1), ("right_square_bracket",)),
    Command("go.fleet", "fleet", "All clusters.", lambda console, words: console.go.open(
            View(FLEET.screen, query=words.strip().removeprefix("/"))),
            words=("fleet", "clusters", "cluster", "contexts", "ctx"), arguments="[FILTER]"),
    Command("go.machines", "machines", "The nodes of all clusters in one table.", view(MACHINES),
            words=("machines", "machine", "nodes", "node", "no"), arguments="[FILTER]"),
    Command("go.pods", "pods", "The pods of the cluster under the cursor, or of @clusters.", pods,
            words=("pods", "pod", "po"), arguments="[FILTER]"),
    Command("go.alerts", "alerts", "What fires, what is about to, who is at it, and whether the pipeline lives.",
            alerts, ("a",), ("alerts", "alert"), arguments="[FILTER]"),
    Command("go.lens", "lens", "One cluster on one screen: what is wrong, what to do first, what not to do.", lens,
            ("i",), ("lens",), "[CLUSTER]", offers=no_lens, hint=56),
    Command("go.silences", "silences", "Every silence: what it mutes, when it ends, whose it is.",
            view(SILENCES), words=("silences",), arguments="[FILTER]"),
    Command("go.incidents", "incidents", "Every incident: what is open, what is left to do, what has been closed.",
            view(INCIDENTS), words=("incidents",), arguments="[FILTER]"),
    Command("go.etcd", "etcd", "Can it lose a member, is it full, which host is bad: the etcd of every cluster.",
            view(ETCD), words=("etcd",), arguments="[FILTER]"),
    Command("go.replication", "replication", "Databases and other clusters: who receives, how far behind, what fills.",
            view(REPLICATION), words=("replication", "repl"), arguments="[FILTER]"),
    Command("go.controlplane", "control plane", "API servers, scheduler, nodes: every figure of every cluster beside "
            "its limit.", view(CONTROLPLANE), words=("controlplane", "cp"), arguments="[FILTER]"),
    Command("go.slo", "service levels", "Which budget burns, when it is gone, who is called; when what is full.",
            view(SLO), words=("slo", "slos"), arguments="[FILTER]"),
    Command("go.executive", "executive board", "Availability, clusters Ready, burn, capacity, incidents, cost.",
            view(EXECUTIVE), words=("executive", "exec"), arguments="[FILTER]"),
    Command("go.oncall", "on-call board", "Pods, errors, nodes, restarts, machines, upgrades, rate limits.",
            view(ONCALL), words=("oncall", "on-call"), arguments="[FILTER]"),
    Command("go.debug", "debug board", "The busiest nodes, queues, lag, traces, bootstrap and reconcile times.",
            view(DEBUG), words=("debug",), arguments="[FILTER]"),
    Command("go.coverage", "coverage", "Which cluster has metrics for which board, and what to do where it has none.",
            view(COVERAGE), words=("coverage",), arguments="[FILTER]"),
    Command("go.operations", "operations", "What runs, what waits, what has ended, and why.", view(OPERATIONS),
            ("o",), ("operations", "ops", "op"), hint=60),
)  # fmt: skip

_TRIAGE = (
    Command("lens.propose", "propose", "The safe operation that the diagnosis proposes. Plans first.",
            lambda console, _: console.triage.propose(), ("x",), places=frozenset({LENS}),
            danger=Danger.CHANGES, available=has_proposal, hint=5),
    Command("look.runbook", "runbook", "What to do, with commands to copy: of the diagnosis, of the alert, or NAME.",
            lambda console, words: console.triage.runbook(words), ("b",), ("runbook",), "[NAME]",
            offers=no_runbook, hint=40),
    Command("lens.machines", "machines", "The machines of this cluster, the one that is named under the cursor.",
            lambda console, _: console.triage.machines(), ("m",), places=frozenset({LENS}), hint=52),
    Command("lens.pods", "pods", "The pods of this cluster.", of_lens(PODS), ("p",), places=frozenset({LENS}), hint=53),
    Command("lens.etcd", "etcd", "The etcd of this cluster.", of_lens(ETCD), ("e",), places=frozenset({LENS}), hint=54),
    Command("lens.slo", "service levels", "The service levels of this cluster.", of_lens(SLO), ("s",),
            places=frozenset({LENS}), hint=55),
    Command("lens.controlplane", "figures", "Every figure of this cluster's control plane beside its limit.",
            of_lens(CONTROLPLANE), ("c",), places=frozenset({LENS}), hint=56),
    Command("lens.replication", "replication", "What replicates in this cluster.", of_lens(REPLICATION), ("r",),
            places=frozenset({LENS}), hint=57),
)  # fmt: skip

CHARTED = frozenset({ETCD, REPLICATION, CONTROLPLANE, SLO, EXECUTIVE, ONCALL, DEBUG, ALERTS, LENS})
"""Where a row, or the whole screen, is about something that is measured."""

_LOOKING = (
    Command("look.filter", "filter", "Narrow the table: status=NotReady age>2h @eu-* !drained.",
            lambda console, _: console.choosing.prompt("/"), ("slash",), places=TABLES, hint=10),
    Command("look.sort", "sort", "Choose the column to sort by; again turns the order round.", sort,
            ("S",), ("sort",), "[COLUMN]", places=TABLES),
    Command("look.group", "group", "Group the clusters: environment, group, label:KEY or none. Alerts: cluster, name, "
            "group (both), call, state or none.", group,
            words=("group",), arguments="[BY]", places=frozenset({FLEET_PLACE, ALERTS, SLO})),
    Command("look.faults", "faults only", "Show only what is not calm.", on_table(lambda table: table.toggle_faults()),
            ("exclamation_mark",), ("faults",), places=TABLES),
    Command("look.calm", "unfold calm", "Show or fold the calm rows; among operations, the rehearsals.",
            on_table(lambda table: table.toggle_calm()), ("z",), ("calm",),
            places=frozenset({FLEET_PLACE, OPERATIONS, ALERTS, SLO})),
    Command("look.wide", "wide", "More columns, where the inspector was.",
            on_table(lambda table: table.toggle_wide()), ("w",), ("wide",), places=TABLES),
    Command("look.describe", "describe", "In words: what is wrong, since when, whose it is, what would help.",
            lambda console, _: console.looking.describe(), ("d",), ("describe",), places=OBJECTS, available=has_row),
    Command("look.yaml", "YAML", "The whole object as YAML.",
            lambda console, _: console.looking.yaml(), ("y",), ("yaml",), places=OBJECTS, available=has_row),
    Command("look.copy", "copy name", "Copy the name, or all marked names, to your own machine's clipboard (OSC 52).",
            lambda console, _: console.looking.copy(), ("c",), ("copy",), places=TABLES, available=has_targets),
    Command("look.chart", "chart", "The history of the figure that decided this row, or of PANEL.",
            lambda console, words: console.looking.chart(words), ("t",), ("chart", "trend"), "[PANEL]", places=CHARTED,
            offers=no_chart, hint=42),
    Command("look.kubectl", "kubectl", "The kubectl line that shows or does the same.",
            lambda console, _: console.looking.kubectl(), ("K",), ("kubectl",), places=OBJECTS),
    *_TRIAGE,
)  # fmt: skip

MARKABLE = LIVE_TABLES | {ALERTS, SILENCES}

_MARKING = (
    Command("mark.toggle", "mark", "Mark or unmark the row.", on_table(lambda table: table.toggle_mark()), ("space",),
            places=MARKABLE, available=has_row, hint=48),
    Command("mark.range", "mark range", "Mark all rows from the last mark to the cursor.",
            on_table(lambda table: table.mark_range()), ("v", "ctrl+@"), places=MARKABLE, available=has_row),
    Command("mark.clear", "clear marks", "Forget all marks.", on_table(lambda table: table.clear_marks()),
            ("ctrl+backslash",), ("unmark",), places=MARKABLE),
)  # fmt: skip

_CHANGING = (
    Command("machine.cordon", "cordon", "Let no new pods onto the marked machines. Plans first.",
            operate("cordon"), ("C",), ("cordon",), places=frozenset({MACHINES}),
            danger=Danger.CHANGES, available=has_targets, hint=30),
    Command("machine.uncordon", "uncordon", "Let pods onto the marked machines again. Plans first.",
            operate("uncordon"), ("U",), ("uncordon",), places=frozenset({MACHINES}),
            danger=Danger.CHANGES, available=has_targets, hint=32),
    Command("machine.drain", "drain", "Move all pods off the marked machines within their budgets. Plans first.",
            operate("drain"), ("D",), ("drain",), places=frozenset({MACHINES}),
            danger=Danger.CHANGES, available=has_targets, hint=31),
    Command("etcd.defragment", "defrag", "Give the holes in each member's database back, the leader last. Plans first.",
            on_etcd("etcd-defragment"), ("D",), ("defrag", "etcd-defragment"), places=frozenset({ETCD}),
            danger=Danger.CHANGES, available=has_row, hint=30),
    Command("etcd.move-leader", "move leader", "Let another member lead: the one named, else the best. Plans first.",
            move_leader, ("L",), ("move-leader", "etcd-move-leader"), "[MEMBER]", places=frozenset({ETCD}),
            danger=Danger.CHANGES, available=has_row, hint=31),
    Command("etcd.snapshot", "snapshot", "One member's database into a new file here, its hash verified. Plans first.",
            snapshot, ("B",), ("snapshot", "etcd-snapshot"), "FILE", places=frozenset({ETCD}),
            danger=Danger.CHANGES, available=has_row),
    Command("etcd.recover-space", "recover space", "NOSPACE: snapshot, compact, defragment, disarm. Plans first.",
            recover_space, ("R",), ("recover-space", "etcd-recover-space"), "[FILE]", places=frozenset({ETCD}),
            danger=Danger.CHANGES, available=has_row),
    Command("operation.pause", "pause", "Stop at the next safe point, or go on after a pause.",
            steer("pause"), ("p",), ("pause", "resume"), places=frozenset({OPERATIONS}),
            danger=Danger.CHANGES, available=has_operation, hint=30),
    Command("operation.abort", "abort", "Stop at the next safe point and give back what is not finished.",
            steer("abort"), ("A",), ("abort",), places=frozenset({OPERATIONS}),
            danger=Danger.CHANGES, available=has_operation, hint=31),
)  # fmt: skip

_HUSHING = (
    Command("alert.ack", "ack", "Say that you are at the marked alerts: a short silence on exactly these, shown first.",
            lambda console, _: console.hushing.ack(), ("A",), ("ack",), places=frozenset({ALERTS}),
            danger=Danger.CHANGES, available=has_group, hint=30),
    Command("alert.silence", "silence", "Mute the marked alerts, or all of their names. Shows what it mutes first.",
            lambda console, _: console.hushing.silence(), ("s",), ("silence",), places=frozenset({ALERTS}),
            danger=Danger.CHANGES, available=has_group, hint=31),
    Command("alert.all", "mark all", "Mark all alerts that the filter lets through.",
            lambda console, _: console.hushing.mark_shown(), ("asterisk",), places=frozenset({ALERTS}),
            available=has_lines, hint=46),
    Command("alert.expire", "expire", "End the marked silences now: what they mute notifies again. Asks first.",
            lambda console, _: console.hushing.expire(), ("X",), ("expire",), places=frozenset({SILENCES}),
            danger=Danger.CHANGES, available=has_targets, hint=30),
    Command("alert.extend", "extend 1h", "Let the marked silences last an hour longer. Asks first.",
            lambda console, _: console.hushing.extend(), ("E",), ("extend",), places=frozenset({SILENCES}),
            danger=Danger.CHANGES, available=has_targets, hint=31),
    Command("alert.resume", "resume", "Show the alerts that were held back while you were choosing.",
            lambda console, _: console.hushing.resume(), ("full_stop",), ("resume-list",), places=frozenset({ALERTS}),
            available=has_held, hint=29),
)  # fmt: skip

_INCIDENTS = (
    Command("incident.start", "incident", "Begin an incident for the marked alerts or this cluster: recorded from now "
            "on, with what changed before.", lambda console, words: console.incidents.start(words), ("I",),
            ("incident",), "[TITLE]", places=frozenset({ALERTS, LENS, FLEET_PLACE}), available=has_group, hint=44),
    Command("incident.note", "note", "Write down what you saw, did or decided.",
            lambda console, words: console.incidents.note(words), ("n",), ("note",), "[TEXT]",
            places=frozenset({INCIDENT, INCIDENTS}), available=has_incident, hint=14),
    Command("incident.tick", "check off", "Check an item of the list off, or take it back.",
            lambda console, words: console.incidents.tick(words), ("t",), ("tick",), "[ITEM]",
            places=frozenset({INCIDENT, INCIDENTS}), available=has_incident, hint=16),
    Command("incident.close", "close", "End the recording, with a summary of what it was.",
            lambda console, words: console.incidents.close(words), ("X",), ("close",), "[SUMMARY]",
            places=frozenset({INCIDENT, INCIDENTS}), available=open_incident, hint=18),
    Command("incident.read", "read changes again", "Ask the clusters once more who changed what.",
            lambda console, _: console.incidents.look_back(), ("r",), places=frozenset({INCIDENT}),
            available=has_incident, hint=20),
)  # fmt: skip

_SESSION = (
    Command("session.command", "command", "Type a command.", lambda console, _: console.choosing.prompt(":"),
            ("colon",), hint=12),
    Command("session.palette", "palette", "All commands and all clusters, searched as you type.",
            lambda console, _: console.choosing.palette(), ("ctrl+k",), ("palette",)),
    Command("session.help", "help", "Every key and command of this screen.", lambda console, _: console.choosing.help(),
            ("question_mark",), ("help", "h"), hint=99),
    Command("session.write", "arm", "Allow changes for a time, with a reason: :write rack C repair 30m.",
            lambda console, words: console.operating.arm(words), words=("write",), arguments="[REASON] [TIME]"),
    Command("session.readonly", "read-only", "Allow no more changes. Confirmed operations go on.",
            lambda console, _: console.operating.disarm(), words=("readonly", "read-only")),
    Command("session.connect", "connect", "Connect clusters: names, patterns, or the marked ones.",
            lambda console, words: console.choosing.connect(words, away=False), ("ctrl+r",), ("connect", "reconnect"),
            "[PATTERN...]", places=LIVE_TABLES),
    Command("session.disconnect", "disconnect", "Let go of clusters: names, patterns, or the marked ones.",
            lambda console, words: console.choosing.connect(words, away=True), words=("disconnect",),
            arguments="[PATTERN...]", places=LIVE_TABLES),
    Command("session.theme", "theme", "Change the looks.", lambda console, words: console.choosing.theme(words.strip()),
            words=("theme", "skin"), arguments="NAME"),
    Command("session.suspend", "suspend", "Stop fleetui; fg brings it back, judged anew.",
            lambda console, _: console.leaving.suspend(), ("ctrl+z",)),
    Command("session.interrupt", "leave", "Twice within three seconds leaves.",
            lambda console, _: console.leaving.interrupt(), ("ctrl+c",)),
    Command("session.quit", "quit", "Leave. Operations go on in the controller.",
            lambda console, _: console.leaving.quit(), words=("q", "quit", "q!", "exit"), in_full=True),
)  # fmt: skip

COMMANDS: tuple[Command, ...] = (*_MOVING, *_LOOKING, *_MARKING, *_HUSHING, *_INCIDENTS, *_CHANGING, *_SESSION)


def by_id(command_id: str) -> Command:
    """Raises KeyError."""
    return _BY_ID[command_id]


def by_word(word: str) -> Command | None:
    return _BY_WORD.get(word)


def of_place(place: str) -> Iterator[Command]:
    return (command for command in COMMANDS if place in command.places)


def hints(place: str, console: Console | None = None) -> tuple[Command, ...]:
    """The commands that the footer of a place shows, in order; with a console those whose keys do something now."""
    shown = (command for command in of_place(place) if command.hint and command.id != f"go.{place}")
    live = (command for command in shown if console is None or _of_use(command, console))
    return tuple(sorted(live, key=lambda command: command.hint))


def _of_use(command: Command, console: Console) -> bool:
    return not command.available.lacks(console) and not command.offers(console)


def run(console: Console, command: Command, words: str = "") -> None:
    """Raises ValueError when the command does not exist here or is not available, with the reason."""
    if console.go.here.screen not in command.places:
        raise ValueError(f"{command.title}: not on this screen ({', '.join(sorted(command.places))})")
    reason = command.available(console)
    if reason:
        raise ValueError(f"{command.title}: {reason}")
    command.handler(console, words)


def clashes(commands: Iterable[Command] = COMMANDS) -> tuple[str, ...]:
    """Keys and words claimed twice at one place; empty when all is well. A test holds it empty."""
    seen: dict[tuple[str, str], str] = {}
    found: list[str] = []
    for command in commands:
        claims = [(place, f"key {key}") for place in command.places for key in command.keys]
        claims += [("", f"word {word}") for word in command.words]
        for claim in claims:
            if claim in seen:
                found.append(f"{claim[1]} of {command.id} and {seen[claim]}")
            seen[claim] = command.id
    return tuple(found)


_BY_ID = {command.id: command for command in COMMANDS}
_BY_WORD = {word: command for command in COMMANDS for word in command.words}
