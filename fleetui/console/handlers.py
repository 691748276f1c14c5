"""What commands do, and when they are not available: each condition answers with the reason, or with nothing."""

from collections.abc import Callable

from fleetui.console.command import ALERTS, LENS, PODS, Console, Handler, Need, TableFace, under_cursor
from fleetui.console.views import View
from fleetui.model.cluster import Cluster
from fleetui.model.ledger import Operation
from fleetui.model.machine import Machine
from fleetui.model.pod import Pod

_NOTHING = "nothing under the cursor"


def _no_row(console: Console) -> str:
    table = console.table
    return _NOTHING if table is None or table.current() is None else ""


def _no_line(console: Console) -> str:
    return "" if console.table is not None and console.table.can_open() else _NOTHING


def _no_target(console: Console) -> str:
    """Marked rows are what they are, wherever the cursor is."""
    return "" if console.table is not None and console.table.marked() else _no_row(console)


def _no_operation(console: Console) -> str:
    item = under_cursor(console)
    if not isinstance(item, Operation):
        return "put the cursor on an operation"
    return "it has ended" if item.state.ended else ""


def _slipped(console: Console) -> str:
    """The row or headline under the cursor may have just come there."""
    return console.table.doubt() if console.table is not None else ""


def _slipped_unmarked(console: Console) -> str:
    return "" if console.table is not None and console.table.marked() else _slipped(console)


def _no_subject(console: Console) -> str:
    """A headline stands for the alerts below it; a screen without a table is about one thing."""
    if console.table is None:
        return ""
    return (_no_line if console.go.here.screen == ALERTS else _no_target)(console)


has_row = Need(_no_row, _slipped)
has_line = Need(_no_line, _slipped)
has_lines = Need(_no_line)
"""Whichever of them the cursor is on."""
has_targets = Need(_no_target, _slipped_unmarked)
has_group = Need(_no_subject, _slipped_unmarked)
"""Marked rows, a row, or a headline that stands for the rows below it."""
has_operation = Need(_no_operation, _slipped)
has_proposal = Need(lambda console: console.triage.no_proposal())
has_incident = Need(lambda console: console.incidents.no_incident())
open_incident = Need(lambda console: console.incidents.no_incident(open_only=True))
has_held = Need(lambda console: "" if console.hushing.holds() else "nothing is held back")


def no_runbook(console: Console) -> str:
    return console.triage.no_runbook()


def no_chart(console: Console) -> str:
    return console.looking.no_chart()


def on_table(do: Callable[[TableFace], object]) -> Handler:
    def handler(console: Console, _: str) -> None:
        if console.table is not None:
            do(console.table)

    return handler


def escape(console: Console, _: str) -> None:
    if console.table is None or not console.table.escape():
        console.go.back()


def view(screen: str) -> Handler:
    """``:machines @eu-* NotReady``: the words are a filter; k9s hands may write it with a slash."""

    def handler(console: Console, words: str) -> None:
        console.go.open(View(screen, query=words.strip().removeprefix("/")))

    return handler


def pods(console: Console, words: str) -> None:
    """Of the cluster under the cursor, unless the filter itself says of which clusters: then of those."""
    here, item = console.go.here, under_cursor(console)
    if any(word.lstrip("!/").startswith("@") for word in words.split()):
        console.go.open(View(PODS, query=words.strip().removeprefix("/")))
        return
    cluster = (
        item.cluster if isinstance(item, Machine | Pod) else item.name if isinstance(item, Cluster) else here.cluster
    )
    console.go.open(View(PODS, cluster=cluster, query=words.strip().removeprefix("/")))


def lens(console: Console, words: str) -> None:
    """Of the named cluster, else of the one that the row under the cursor belongs to, or that this screen is about."""
    here, item = console.go.here, under_cursor(console)
    cluster = words.strip() or _cluster_here(console)
    if not cluster:
        raise ValueError("lens: of which cluster? :lens CLUSTER")
    alert = getattr(item, "name", "") if here.screen == ALERTS and not words.strip() else ""
    console.go.open(View(LENS, cluster=cluster, query=alert))


def no_lens(console: Console) -> str:
    """Why its key leads nowhere."""
    if console.go.here.screen == LENS:
        return "this is it"
    return "" if _cluster_here(console) else "no cluster is under the cursor"


def _cluster_here(console: Console) -> str:
    """Of the row under the cursor, else of the screen; empty for a row of many clusters and of none."""
    item = under_cursor(console)
    name = item.intent.cluster.name if isinstance(item, Operation) else getattr(item, "cluster", "")
    return (item.name if isinstance(item, Cluster) else name) or console.go.here.cluster


def of_lens(screen: str) -> Handler:
    """Another screen, of the lens's cluster."""
    return lambda console, _: console.go.open(View(screen, cluster=console.go.here.cluster))


def alerts(console: Console, words: str) -> None:
    """From the lens those of its cluster."""
    here = console.go.here
    query = words.strip().removeprefix("/") or (f"@{here.cluster}" if here.screen == LENS else "")
    console.go.open(View(ALERTS, query=query))


def operate(kind: str) -> Handler:
    return lambda console, _: console.operating.operate(kind)


def on_etcd(kind: str) -> Handler:
    return lambda console, _: console.operating.on_etcd(kind)


def move_leader(console: Console, words: str) -> None:
    console.operating.on_etcd("etcd-move-leader", (("to", words.strip()),) if words.strip() else ())


def snapshot(console: Console, words: str) -> None:
    """A file must be named: nobody guesses where the secrets of a cluster may lie."""
    if not words.strip():
        raise ValueError("snapshot: into which new file? :snapshot /backup/etcd.db")
    console.operating.on_etcd("etcd-snapshot", (("path", words.strip()),))


def recover_space(console: Console, words: str) -> None:
    """The words are the file of the snapshot that is taken first."""
    console.operating.on_etcd("etcd-recover-space", (("path", words.strip()),) if words.strip() else ())


def steer(verb: str) -> Handler:
    return lambda console, _: console.operating.steer(verb)


def sort(console: Console, words: str) -> None:
    if console.table is not None:
        console.table.sort(words.strip()) if words.strip() else console.choosing.pick_sort()


def group(console: Console, words: str) -> None:
    if console.table is not None:
        console.table.group(words.strip())
