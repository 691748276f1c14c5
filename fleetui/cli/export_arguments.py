"""The words after ``fleetui export``."""

import argparse

from fleetui.cli.parser import Commands, Parser, repeat_session_options, seconds

EXPORTS = ("controlplane", "etcd", "slo", "replication", "executive", "oncall", "debug")
"""Boards that can be had as a dashboard; a test holds them equal to those there are."""
ERROR_TYPES = (
    "control-plane", "etcd", "cascade", "credentials", "provisioning", "nodes", "network", "scheduling", "workloads",
    "replication", "capacity", "drift", "leak", "cost", "pipeline",
)  # fmt: skip
"""Of alerts; a test holds them equal to those there are."""


def add_export(commands: "Commands[Parser]") -> None:
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
    repeat_session_options(formats)


def _add_rules(rules: argparse.ArgumentParser) -> None:
    rules.add_argument(
        "--format", dest="shape", choices=("prometheus", "prometheusrule"), default="prometheus",
        help="a rule file (default), or prometheus-operator's PrometheusRule",
    )  # fmt: skip
    rules.add_argument(
        "--scrape-interval", type=seconds, default=30.0, metavar="DURATION", help="of your Prometheus (default 30s)"
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
