"""The words after ``fleetui plan``, ``run``, ``op``, ``audit`` and ``controller``."""

import argparse

from fleetui.cli.parser import Commands, Parser

ETCD_OPERATIONS = ("etcd-defragment", "etcd-move-leader", "etcd-recover-space", "etcd-snapshot")
OPERATIONS = ("cordon", "uncordon", "drain", *ETCD_OPERATIONS)
PLAN_TOPOLOGY = "plan topology"
"""A command of two words: what it plans is no operation."""

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


def add_operation(commands: "Commands[Parser]", name: str, text: str) -> None:
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


def add_plan_topology(commands: "Commands[Parser]") -> None:
    command = commands.add_parser(
        PLAN_TOPOLOGY, help="from needs to clusters: sizes, racks, labels, each with its reason; or what conflicts"
    )
    command.add_argument("file", nargs="?", metavar="FILE.yaml", help="requirements; with --demo an example")
    command.add_argument(
        "-o", "--output", default="text", metavar="text|json|DIRECTORY",
        help="DIRECTORY: racks, Cluster API manifests, label commands and the plan as files",
    )  # fmt: skip


def add_op(commands: "Commands[Parser]") -> None:
    op = commands.add_parser("op", help="show, follow, pause, resume or abort an operation")
    op.add_argument("action", choices=("show", "follow", "pause", "resume", "abort"))
    op.add_argument("op_id", metavar="OPERATION", help="its id, its beginning or its end")


def add_audit(commands: "Commands[Parser]") -> None:
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


def add_controller(commands: "Commands[Parser]") -> None:
    controller = commands.add_parser("controller", help="the process that plans and runs operations")
    controller.add_argument("action", nargs="?", choices=("run", "status", "install"), default="run")
    controller.add_argument("--stay", action="store_true", help="do not end when there is nothing to do")
