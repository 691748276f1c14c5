"""The command line. Parsing imports nothing but argparse, so that ``--help`` and mistakes answer at once."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NoReturn

from fleetui import __version__
from fleetui.cli.incident_arguments import add_incident
from fleetui.model.duration import parse_duration

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
ETCD_OPERATIONS = ("etcd-defragment", "etcd-move-leader", "etcd-recover-space", "etcd-snapshot")
OPERATIONS = ("cordon", "uncordon", "drain", *ETCD_OPERATIONS)
CHECKED = ("clusters", "etcd", "alerts")
UNKNOWN = 3
EXPORTS = ("controlplane", "etcd", "slo", "replication", "executive", "oncall", "debug")
"""Boards that can be had as a dashboard; a test holds them equal to those there are."""
ERROR_TYPES = (
    "control-plane", "etcd", "cascade", "credentials", "provisioning", "nodes", "network", "scheduling", "workloads",
    "replication", "capacity", "drift", "leak", "cost", "pipeline",
)  # fmt: skip
"""Of alerts; a test holds them equal to those there are."""
SORT_WORDS = ("--sort", "--sort-by")
PLAN_TOPOLOGY = "plan topology"
"""A command of two words: what it plans is no operation."""
SCREENS = (
    "fleet", "machines", "pods", "operations", "etcd", "replication", "controlplane", "slo",
    "executive", "oncall", "debug", "coverage", "alerts", "help",
)  # fmt: skip

_LISTED = {" get": "filter", " check": "filter", " plan": "machines", " run": "machines", " start": "filter"}
"""What a command takes any number of. argparse takes none of them where an option stands before the first."""


class Parser(argparse.ArgumentParser):
    """Answers a mistake with one line: what is wrong, and where to read on. A page of usage hides both."""

    later: "tuple[Callable[[Parser], None], ...]" = ()
    """What adds the rest of a command when it is used: who lists machines pays for that command alone."""

    def error(self, message: str) -> NoReturn:
        if self.prog.endswith(" check"):  # to a scheduler 2 would be CRITICAL
            print(f"CHECK UNKNOWN - {message}; see: {self.prog} --help")
            self.exit(UNKNOWN)
        self.exit(2, f"fleetui: {message}; see: {self.prog} --help\n")

    def parse_known_args(  # type: ignore[override]  # argparse's has overloads for foreign namespaces
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """A filter's words and machines may stand after options, too: ``get machines -o json status=NotReady``."""
        later, self.later = self.later, ()
        for add in later:
            add(self)
        found, extras = super().parse_known_args(args, namespace)
        listed = next((name for command, name in _LISTED.items() if self.prog.endswith(command)), "")
        if listed in found:
            setattr(found, listed, [*getattr(found, listed), *(word for word in extras if not word.startswith("-"))])
            extras = [word for word in extras if word.startswith("-")]
        return found, extras


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
    _add_session_options(parser)
    _add_first_view(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _add_first_view(commands.add_parser("demo", help="open the console on a simulated fleet"), again=True)
    _add_get(commands)
    _add_check(commands)
    _add_operation(commands, "plan", "show what an operation would do, every check, and change nothing")
    _add_operation(commands, "run", "plan an operation, confirm it, and follow it to its end")
    _add_plan_topology(commands)
    _add_op(commands)
    _add_hush(commands)
    _add_audit(commands)
    _add_export(commands)
    add_incident(commands, _repeat_session_options)
    _add_chart(commands)
    _add_screenshot(commands)
    _add_controller(commands)
    commands.add_parser("check-config", help="say what is wrong with the configuration, with the line and the fix")
    commands.add_parser("info", help="print the paths and decisions of this session")
    _repeat_session_options(commands)
    return parser


Commands = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns


def _add_session_options(parser: argparse.ArgumentParser, *, again: bool = False) -> None:
    """``again``: the same options after the command; what was said before it stays unless it is said anew."""
    session = parser.add_argument_group("session, before or after the command")

    def add(name: str, default: object, **said: Any) -> None:
        session.add_argument(name, default=argparse.SUPPRESS if again else default, **said)

    add("--demo", False, action="store_true", help="use a simulated fleet; nothing is left behind")
    add("--seed", 1, type=int, metavar="N", help="of the simulated fleet (default 1)")
    add("--speed", 1.0, type=float, metavar="X", help="of simulated time (default 1)")
    add("--kubeconfig", None, metavar="FILES", help="instead of KUBECONFIG; a list as there")
    add("--context", [], action="append", metavar="PATTERN", help="connect only these")
    add("--config", None, metavar="FILE", help="configuration file")
    add("--state-dir", None, metavar="DIR", help="operations and the controller's lock; a local disk")
    add("--theme", None, metavar="NAME", help="dark, ansi-16")
    add("--readonly", False, action="store_true", help="refuse :write for the whole session")


def _repeat_session_options(commands: "Commands[Parser]") -> None:
    for command in commands.choices.values():
        command.later += (partial(_add_session_options, again=True),)


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
        "--timeout", type=_seconds, default=10.0, metavar="DURATION", help="to wait for a cluster (default 10s)"
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
    check.add_argument("--timeout", type=_seconds, default=8.0, metavar="DURATION", help=waits)


def _table(word: str) -> str:
    """Also by the names that hands know from kubectl and the console; ``machine/wk-1`` is the one of that name."""
    wanted, slash, only = word.partition("/")
    for name, others in TABLE_WORDS.items():
        if wanted.lower() in (name, *others) and bool(only) == bool(slash):
            return f"{name}{slash}{only}"
    raise argparse.ArgumentTypeError(f"{word!r}: write one of {', '.join(TABLE_WORDS)}, or such as machine/NAME")


def _seconds(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _size(text: str) -> tuple[int, int]:
    columns, _, rows = text.partition("x")
    if not (columns.isdecimal() and rows.isdecimal() and int(columns) >= 40 and int(rows) >= 10):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size: write COLUMNSxROWS, at least 40x10")
    return int(columns), int(rows)


_OPTIONS = """options of drain, as --option KEY=VALUE, each with what it is when nothing is said:
  max_parallel=1                machines at the same time
  grace_s=-1                    seconds a pod may take to end; -1: as the pod itself says
  timeout_s=0                   give up a machine after so many seconds; 0: never
  settle_s=300                  seconds to wait for replacements to be Ready before going on; 0: no wait
  delete_emptydir_data=false    true: move pods whose emptyDir data is lost with them
  force=false                   true: delete pods that nothing brings back
  ignore_daemonsets=true        false: refuse machines that run pods of a DaemonSet
  skip_wait_unreachable_s=0     go on so many seconds after a kubelet fell silent; 0: wait for it
  uncordon_on_failure=false     true: give a machine back when its drain fails
  silence=false                 true: mute the alerts that it causes on a machine while it works there, as is done by
                                itself where the configuration names an Alertmanager; of etcd-defragment and
                                etcd-move-leader those that they cause in their cluster
of etcd-defragment, etcd-move-leader and etcd-recover-space:
  settle_s=5                    seconds to wait after the leader has moved
of etcd-move-leader:
  to=                           the member that is to lead; nothing: the one furthest in the log
of etcd-recover-space:
  snapshot=true                 false: take none first, where no disk has room for one
  path=                         the file of that snapshot; nothing: one in the state directory of the controller
of etcd-snapshot:
  path=                         the new file, on the machine of the controller; none is overwritten
  member=                       the member to take it from; nothing: one that is well and does not lead
"""


def _add_operation(commands: "Commands[Parser]", name: str, text: str) -> None:
    command = commands.add_parser(
        name, help=text, epilog=_OPTIONS, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    command.add_argument("kind", choices=OPERATIONS)
    command.add_argument(
        "machines", nargs="*", metavar="MACHINE", help="names of machines of one cluster; none for etcd"
    )
    command.add_argument(
        "--cluster", metavar="NAME", help="needed for etcd, and when a name exists in several clusters"
    )
    command.add_argument("--reason", default="", help="why; kept in the audit")
    command.add_argument("--option", action="append", default=[], metavar="KEY=VALUE", help="again for each; see below")
    command.add_argument(
        "-o", "--output", choices=("text", "wide", "json"), default="text", help="wide: also the checks that passed"
    )
    if name == "run":
        command.add_argument("--confirm", metavar="WORD", help="the word the plan asks to be typed")
        command.add_argument("--yes", action="store_true", help="approve without asking when no word is asked for")
        command.add_argument("--no-follow", action="store_true", help="return once it is approved")


def _add_plan_topology(commands: "Commands[Parser]") -> None:
    command = commands.add_parser(
        PLAN_TOPOLOGY, help="from needs to clusters: sizes, racks, labels, each with its reason; or what conflicts"
    )
    command.add_argument("file", nargs="?", metavar="FILE.yaml", help="requirements; with --demo an example")
    command.add_argument(
        "-o", "--output", default="text", metavar="text|json|DIRECTORY",
        help="DIRECTORY: racks, Cluster API manifests, label commands and the plan as files",
    )  # fmt: skip


def _add_op(commands: "Commands[Parser]") -> None:
    op = commands.add_parser("op", help="show, follow, pause, resume or abort an operation")
    op.add_argument("action", choices=("show", "follow", "pause", "resume", "abort"))
    op.add_argument("op_id", metavar="OPERATION", help="its id, its beginning or its end")


def _add_hush(commands: "Commands[Parser]") -> None:
    """Both show first what would be muted, and are posted when that is confirmed."""
    silence = commands.add_parser("silence", help="mute alerts of a cluster: shows what it would mute, then asks")
    silence.add_argument("matcher", nargs="+", help="alertname=NAME cluster=NAME, =~ != !~ as Alertmanager has them")
    silence.add_argument("--whole-cluster", action="store_true", help="all alerts of a cluster are meant")
    ack = commands.add_parser("ack", help="say that you are at what fires: a short silence on exactly these alerts")
    ack.add_argument("filter", nargs="+", help="as in get alerts: name=NAME @CLUSTER call=page")
    ack.add_argument("--incident", default="", metavar="ID", help="named in the comment")
    ack.add_argument(
        "--hold",
        action="store_true",
        help="stay, and prolong it while it fires; a console of yours on :alerts does so too",
    )
    for command, lasts in ((silence, None), (ack, 900.0)):
        needed = {"required": True} if lasts is None else {"default": lasts}
        command.add_argument("--for", dest="lasts", type=_seconds, metavar="DURATION", help="such as 2h", **needed)
        command.add_argument("--comment", required=True, help="why; the next on call reads it at night")
        command.add_argument("--author", default=None, metavar="NAME", help="default: your login")
        command.add_argument("--yes", action="store_true", help="post without asking")


def _add_audit(commands: "Commands[Parser]") -> None:
    audit = commands.add_parser("audit", help="who did what, why, when, from where, and how it ended")
    audit.add_argument(
        "-o",
        "--output",
        choices=("table", "json", "jsonl", "csv"),
        default="table",
        help="table: for people (default); json, jsonl: everything, each line with the hash of the one before; csv",
    )
    audit.add_argument("--no-headers", action="store_true", help="of the table")
    audit.add_argument(
        "--verify", metavar="FILE", help="say whether an export (json or jsonl) is whole and unchanged, and do no more"
    )


def _add_export(commands: "Commands[Parser]") -> None:
    export = commands.add_parser("export", help="write a board as a Grafana dashboard, or rules and routes for alerts")
    export.later = (_add_formats,)


def _add_formats(export: Parser) -> None:
    """The words after ``export``."""
    formats = export.add_subparsers(dest="format", metavar="grafana|rules|routes", required=True)
    grafana = formats.add_parser("grafana", help="a board's panels as dashboard JSON; its figures: get BOARD")
    grafana.add_argument("board", choices=EXPORTS)
    rules = formats.add_parser("rules", help="recording rules and alerts of the boards' promises and limits")
    _add_rules(rules)
    routes = formats.add_parser("routes", help="Alertmanager's routes: page, ticket, inhibitions, dead man's switch")
    for name in ("page", "ticket", "watchdog"):
        routes.add_argument(f"--{name}-webhook", default="", metavar="URL", help="that its receiver posts to")
    for each, file in ((grafana, "FILE.json"), (rules, "FILE.yaml"), (routes, "FILE.yaml")):
        each.add_argument("-o", "--output", required=True, metavar=file)
        each.add_argument("--cluster-label", default="cluster", metavar="LABEL", help="that names the cluster")
    _repeat_session_options(formats)


def _add_rules(rules: argparse.ArgumentParser) -> None:
    rules.add_argument(
        "--format", dest="shape", choices=("prometheus", "prometheusrule"), default="prometheus",
        help="a rule file (default), or prometheus-operator's PrometheusRule",
    )  # fmt: skip
    rules.add_argument(
        "--scrape-interval", type=_seconds, default=30.0, metavar="DURATION", help="of your Prometheus (default 30s)"
    )
    rules.add_argument(
        "--owner", type=_owner, action="append", default=[], metavar="[TYPE=]TEAM",
        help="who owns alerts, of one error type or of all others; again for each",
    )  # fmt: skip
    rules.add_argument("--runbooks", default="", metavar="URL", help="where runbooks are on the web, for runbook_url")


def _owner(text: str) -> tuple[str, str]:
    """(error type or ``*``, team)."""
    kind, said, team = text.rpartition("=")
    if not team or (said and kind not in ERROR_TYPES):
        raise argparse.ArgumentTypeError(f"{text!r}: write TEAM, or TYPE=TEAM with one of {', '.join(ERROR_TYPES)}")
    return kind or "*", team


def _add_chart(commands: "Commands[Parser]") -> None:
    chart = commands.add_parser("chart", help="draw the history of one figure of a board")
    chart.add_argument(
        "figure", metavar="BOARD/PANEL", help="etcd/fsync, controlplane/errors, replication/postgres:lag, alerts/NAME"
    )
    chart.add_argument("--cluster", action="append", default=[], metavar="NAME", help="of these; of all without it")
    chart.add_argument("--since", type=_seconds, default=3_600.0, metavar="DURATION", help="how far back (default 1h)")
    chart.add_argument("-o", "--output", choices=("text", "json", "svg"), default="text", help="default: text")
    chart.add_argument(
        "--size", type=_size, default=None, metavar="COLUMNSxROWS", help="of text; default: the terminal"
    )


def _add_screenshot(commands: "Commands[Parser]") -> None:
    shot = commands.add_parser("screenshot", help="draw one frame of a screen into an SVG file, without a terminal")
    shot.add_argument("screen", choices=SCREENS, help="which one")
    shot.add_argument("-o", "--output", required=True, metavar="FILE.svg")
    shot.add_argument("--size", type=_size, default=(160, 50), metavar="COLUMNSxROWS")


def _add_controller(commands: "Commands[Parser]") -> None:
    controller = commands.add_parser("controller", help="the process that plans and runs operations")
    controller.add_argument("action", nargs="?", choices=("run", "status", "install"), default="run")
    controller.add_argument("--stay", action="store_true", help="do not end when there is nothing to do")
