"""The command line. Parsing imports nothing but argparse, so that ``--help`` and mistakes answer at once."""

import argparse
import sys
from collections.abc import Sequence

from fleetui import __version__
from fleetui.cli.drawing_arguments import add_chart, add_screenshot
from fleetui.cli.export_arguments import add_export
from fleetui.cli.hush_arguments import add_hush
from fleetui.cli.incident_arguments import add_incident
from fleetui.cli.operate_arguments import (
    ETCD_OPERATIONS,
    PLAN_TOPOLOGY,
    add_audit,
    add_controller,
    add_op,
    add_operation,
    add_plan_topology,
)
from fleetui.cli.parser import Commands, Parser, add_session_options, repeat_session_options, seconds

FORMATS = ("table", "wide", "json", "yaml", "csv", "name")
TABLE_WORDS = {
    "clusters": ("cluster", "fleet"),
    "machines": ("machine", "nodes", "node", "no"),
    "pods": ("pod", "po"),
    "ops": ("op", "operations", "operation"),
    "etcd": (),
    "replication": ("repl", "replicas"),
    "controlplane": ("cp", "control-plane"),
    "slo": ("slos",),
    "executive": ("exec",),
    "oncall": ("on-call",),
    "debug": (),
    "coverage": (),
    "alerts": ("alert",),
    "racks": ("rack",),
    "devices": ("device", "dev"),
    "feeds": ("feed", "power-feeds"),
    "places": ("place", "sites", "rows"),
}
CHECKED = ("clusters", "etcd", "alerts")
SORT_WORDS = ("--sort", "--sort-by")


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """The parsed line; exits with 2 and one line when it makes no sense."""
    parser = build_parser()
    found = parser.parse_args(_joined(sys.argv[1:] if argv is None else argv))
    if found.command in ("plan", "run"):
        _check_targets(parser, found)
    return found


def _check_targets(parser: argparse.ArgumentParser, said: argparse.Namespace) -> None:
    """Machines, or the etcd of one cluster."""
    if said.kind not in ETCD_OPERATIONS and not said.machines:
        parser.error(f"{said.command} {said.kind}: which machines?")
    if said.kind in ETCD_OPERATIONS and (said.machines or not said.cluster):
        parser.error(f"{said.command} {said.kind}: it names no machines, and one cluster: --cluster NAME")


def _joined(argv: Sequence[str]) -> list[str]:
    """``--sort -age`` as ``--sort=-age``: argparse takes what begins with a dash for an option. And ``plan topology``
    as the one command that it is."""
    words: list[str] = []
    for word in argv:
        if word == "topology" and words[-1:] == ["plan"]:
            words[-1] = PLAN_TOPOLOGY
            continue
        if words and words[-1] in SORT_WORDS and word[:1] == "-" and word[1:].isalpha() and len(word) > 2:
            words[-1] += f"={word}"
        else:
            words.append(word)
    return words


def build_parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="fleetui",
        description="The console for operators of many Kubernetes clusters on real machines in real racks.",
        epilog="Without a command the console opens. Start with: fleetui demo",
    )
    parser.add_argument("--version", action="version", version=f"fleetui {__version__}")
    add_session_options(parser)
    _add_first_view(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_first_view(commands.add_parser("demo", help="open the console on a simulated fleet"), again=True)
    _add_get(commands)
    _add_check(commands)
    add_operation(commands, "plan", "show what an operation would do, every check, and change nothing")
    add_operation(commands, "run", "plan an operation, confirm it, and follow it to its end")
    add_plan_topology(commands)
    add_op(commands)
    add_hush(commands)
    add_audit(commands)
    add_export(commands)
    add_incident(commands, repeat_session_options)
    add_chart(commands)
    add_screenshot(commands)
    add_controller(commands)
    commands.add_parser("check-config", help="say what is wrong with the configuration, with the line and the fix")
    commands.add_parser("info", help="print the paths and decisions of this session")
    repeat_session_options(commands)
    return parser


def _add_first_view(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    parser.add_argument(
        "-c",
        "--open",
        default=argparse.SUPPRESS if again else "",
        metavar="VIEW",
        help="where the console opens, with a filter: -c 'pods @eu-* CrashLoopBackOff'",
    )


_GET_EXAMPLES = """examples:
  fleetui get clusters                               the worst first
  fleetui get machines '@prod-*' status=NotReady     of the clusters with such names, those not Ready
  fleetui get machines -l pool=gpu --sort -age       by label, the oldest first
  fleetui get machine/wk-b-04 -o yaml                the one of that name, in every cluster that has it
  fleetui get pods -n payments 'restarts>5' -o wide  of one namespace
  fleetui get machines -w -o json                    each change as one object a line
  fleetui get ops --all                              operations, rehearsals too
  fleetui get etcd 'margin<1' -o json                clusters whose etcd may lose no more member
  fleetui get replication '!state="in step"' -o wide  databases and other clusters, with the first safe step
  fleetui get alerts call=page '!ack' -o json        of all configured sources, pages that nobody is at
  fleetui get racks 'failover>80' -o wide            whose feeds would be full with the other path lost
docs/output.md has every column and every field.
"""


def _add_get(commands: "Commands[Parser]") -> None:
    get = commands.add_parser(
        "get",
        help="print clusters, machines, pods, operations, etcd, replication, controlplane, slo, alerts, a board, racks",
        epilog=_GET_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    get.add_argument("what", type=_table, metavar="|".join(TABLE_WORDS), help="or one by its name: machine/NAME")
    get.add_argument("filter", nargs="*", default=[], help="as in the console: status=NotReady age>2h '@eu-*' !drained")
    get.add_argument(
        "-l", "--selector", default="", metavar="LABELS", help="as in kubectl: pool=gpu,tier!=test,zone in (a,b),!spot"
    )
    get.add_argument("-n", "--namespace", default="", metavar="NAME", help="of pods")
    get.add_argument("-A", "--all-namespaces", action="store_true", help="of pods; it is so anyway")
    get.add_argument("-o", "--output", choices=FORMATS, default="table", help="default: table")
    get.add_argument("-w", "--watch", action="store_true", help="then print changes until interrupted")
    get.add_argument(
        *SORT_WORDS, metavar="COLUMN", help="a column's id; -COLUMN for descending; trouble: the worst first"
    )
    get.add_argument("--no-headers", action="store_true", help="of tables and CSV")
    get.add_argument("--all", action="store_true", help="of operations: also plans that were never approved")
    get.add_argument(
        "--timeout", type=seconds, default=10.0, metavar="DURATION", help="to wait for a cluster (default 10s)"
    )


def _add_check(commands: "Commands[Parser]") -> None:
    check = commands.add_parser(
        "check",
        help="one line and a status for cron, Nagios and their like: 0 ok, 1 warning, 2 critical, 3 unknown",
        epilog="What is unknown is 3 and never 0; a mistake on the line is 3 as well. docs/output.md has the rules.",
    )
    check.add_argument("what", nargs="?", choices=CHECKED, default="clusters", help="default: clusters")
    check.add_argument("filter", nargs="*", default=[], help="as in get: '@prod-*' env=prod")
    waits = "for all answers (default 8s; Nagios waits for 10)"
    check.add_argument("--timeout", type=seconds, default=8.0, metavar="DURATION", help=waits)


def _table(word: str) -> str:
    """Also by the names that hands know from kubectl and the console; ``machine/wk-1`` is the one of that name."""
    wanted, slash, only = word.partition("/")
    for name, others in TABLE_WORDS.items():
        if wanted.lower() in (name, *others) and bool(only) == bool(slash):
            return f"{name}{slash}{only}"
    raise argparse.ArgumentTypeError(f"{word!r}: write one of {', '.join(TABLE_WORDS)}, or such as machine/NAME")
