"""``fleetui export``: a board's panels as a dashboard, with the queries that the screen asks; rules and routes."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from fleetui.clients.kind_files import read_kinds
from fleetui.clients.paths import shipped_kinds
from fleetui.model.chart.dashboards import etcd_curves, replication_curves, slo_curves
from fleetui.model.chart.replication_subjects import replication_subjects
from fleetui.model.health import controlplane
from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.grafana import Curves, Json, dashboard, panel_curves
from fleetui.model.health.promql import Scope
from fleetui.model.health.replication_kind import Kind
from fleetui.wiring.export_rules import export_routes, export_rules
from fleetui.wiring.session import Session


def export(session: Session, arguments: argparse.Namespace) -> int:
    """Writes the file. Raises OSError when it cannot be written."""
    match arguments.format:
        case "rules":
            return export_rules(session, arguments)
        case "routes":
            return export_routes(session, arguments)
    kinds = read_kinds(shipped_kinds(), session.paths.kinds).kinds if arguments.board == "replication" else ()
    dashes = made(arguments.board, kinds=kinds, cluster_label=arguments.cluster_label)
    Path(arguments.output).write_text(json.dumps(dashes, indent=2) + "\n", encoding="utf-8")
    return 0


def made(board: str, *, kinds: Sequence[Kind] = (), cluster_label: str = "cluster") -> Json:
    """The dashboard of a board by its name; ``kinds`` are those of replication. Raises KeyError."""
    title, curves = _curves(board, kinds)
    return dashboard(board, title, curves, scope=Scope(cluster_label=cluster_label))


def _curves(board: str, kinds: Sequence[Kind]) -> tuple[str, Sequence[Curves]]:
    match board:
        case "controlplane":
            return "Control plane", [panel_curves(panel) for panel in controlplane.PANELS]
        case "etcd":
            return "etcd", etcd_curves()
        case "slo":
            return "Service levels", slo_curves()
        case "replication":
            return "Replication", replication_curves(replication_subjects(kinds))
    found = FLEET_BOARDS[board]
    return found.title, [panel_curves(panel) for panel in found.panels]
