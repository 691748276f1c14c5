"""A board as a Grafana dashboard: the same panels with the same queries and limits.

Fields as in Grafana's documentation (dashboard JSON model, schema version 39, Grafana 10.3 and newer): panels with
``gridPos`` in a grid of 24 columns, ``targets`` with ``expr``, ``fieldConfig.defaults`` with unit and thresholds. The
data source is a variable of the dashboard.
"""

from collections.abc import Sequence
from typing import Any

from fleetui.model.health.panels import Panel
from fleetui.model.health.promql import Scope
from fleetui.model.health.threshold import Threshold

SCHEMA_VERSION = 39
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 24
_UNITS = {"s": "s", "ratio": "percentunit", "B": "bytes", "/s": "ops", "d": "d", "": "short"}
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
Json = dict[str, Any]


def dashboard(id_: str, title: str, panels: Sequence[Panel], *, scope: Scope) -> Json:
    """Ready for import, or for a provisioned folder. ``scope`` says which label names the cluster."""
    return {
        "uid": f"fleetui-{id_}",
        "title": f"fleetui: {title}",
        "tags": ["fleetui", "kubernetes"],
        "schemaVersion": SCHEMA_VERSION,
        "editable": True,
        "timezone": "browser",
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [_source_variable()]},
        "annotations": {"list": []},
        "panels": [_panel(panel, number, scope) for number, panel in enumerate(panels)],
    }


def _source_variable() -> Json:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1}


def _panel(panel: Panel, number: int, scope: Scope) -> Json:
    across = _COLUMNS // _WIDTH
    place = {"h": _HEIGHT, "w": _WIDTH, "x": number % across * _WIDTH, "y": number // across * _HEIGHT}
    whose = f" {{{{{panel.named}}}}}" if panel.named else ""
    target = {
        "refId": "A",
        "datasource": _SOURCE,
        "expr": scope.fill(panel.query),
        "legendFormat": f"{{{{{scope.cluster_label or 'cluster'}}}}}{whose}",
        "range": True,
    }
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": _described(panel),
        "datasource": _SOURCE,
        "gridPos": place,
        "targets": [target],
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
    }


def _described(panel: Panel) -> str:
    return f"{panel.doc} Limit: {panel.limit.source}." if panel.limit is not None else panel.doc


def _defaults(panel: Panel) -> Json:
    unit = {"unit": _UNITS.get(panel.unit, "short")}
    if panel.limit is None:
        return unit
    shown = {"custom": {"thresholdsStyle": {"mode": "line"}}}
    return {**unit, **shown, "thresholds": {"mode": "absolute", "steps": _steps(panel.limit)}}


def _steps(limit: Threshold) -> list[Json]:
    """From below: Grafana's steps begin without a value and rise."""
    if limit.falling:
        steps = [("red", None), ("orange", limit.red), ("green", limit.amber)]
    else:
        above = [("red", limit.red)] if limit.red != float("inf") else []
        steps = [("green", None), ("orange", limit.amber), *above]
    return [{"color": color, "value": value} for color, value in steps]
