"""``fleetui export``: a board's panels as a dashboard, with the queries that the screen asks; rules and routes."""

import argparse
import json
from pathlib import Path

from fleetui.model.health import controlplane
from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.grafana import Json, dashboard
from fleetui.model.health.promql import Scope
from fleetui.wiring.export_rules import export_routes, export_rules
from fleetui.wiring.session import Session


def export(session: Session, arguments: argparse.Namespace) -> int:
    """Writes the file. Raises OSError when it cannot be written."""
    match arguments.format:
        case "rules":
            return export_rules(session, arguments)
        case "routes":
            return export_routes(session, arguments)
    text = json.dumps(made(arguments.board, cluster_label=arguments.cluster_label), indent=2) + "\n"
    Path(arguments.output).write_text(text, encoding="utf-8")
    return 0


def made(board: str, *, cluster_label: str = "cluster") -> Json:
    """The dashboard of a board by its name. Raises KeyError."""
    scope = Scope(cluster_label=cluster_label)
    if board == "controlplane":
        return dashboard(board, "Control plane", controlplane.PANELS, scope=scope)
    found = FLEET_BOARDS[board]
    return dashboard(board, found.title, found.panels, scope=scope)
