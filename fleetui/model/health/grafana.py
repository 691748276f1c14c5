"""A board as a Grafana dashboard: the same panels with the same queries and limits.

Fields as in Grafana's documentation (dashboard JSON model, schema version 39, Grafana 10.3 and newer): panels with
``gridPos`` in a grid of 24 columns, ``targets`` with ``expr``, ``fieldConfig.defaults`` with unit and thresholds; a
collapsed row holds its panels, and asks nothing until it is opened. The data source is a variable of the dashboard.
"""

from collections.abc import Iterator, Sequence
from itertools import count, groupby
from typing import Any

import msgspec

from fleetui.model.health.panels import Panel
from fleetui.model.health.promql import Query, Scope
from fleetui.model.health.threshold import Threshold

SCHEMA_VERSION = 39
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 24
_UNITS = {"s": "s", "ratio": "percentunit", "B": "bytes", "/s": "ops", "d": "d", "": "short"}
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
Json = dict[str, Any]


class Curves(msgspec.Struct, frozen=True, kw_only=True):
    """What one panel of a dashboard shows: a line a cluster, a member, a replica."""

    title: str
    query: str
    """Template of a ``promql.Query``."""
    doc: str = ""
    unit: str = ""
    limit: Threshold | None = None
    named: str = ""
    """A label that says whose figure it is."""
    members: bool = False
    """Several lines a cluster: whatever tells them apart is their legend."""
    jobs: str = ".*"
    now: bool = False
    """What it is now, not how it came to be: a long window asked at every moment of a picture costs too much."""
    row: str = ""
    """The row that it stands in; empty: in none."""


def panel_curves(panel: Panel) -> Curves:
    """Of a board of panels."""
    return Curves(
        title=panel.title, query=panel.promql, doc=panel.doc, unit=panel.unit, limit=panel.limit, named=panel.named
    )


def dashboard(id_: str, title: str, curves: Sequence[Curves], *, scope: Scope) -> Json:
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
        "panels": list(_placed(curves, scope)),
    }


def _placed(curves: Sequence[Curves], scope: Scope) -> Iterator[Json]:
    """In a grid; those of a row in the row, one grid each."""
    ids, top = count(1), 0
    for row, found in groupby(curves, key=lambda each: each.row):
        own = list(found)
        height = -(-len(own) * _WIDTH // _COLUMNS) * _HEIGHT
        if row:
            place, id_ = {"h": 1, "w": _COLUMNS, "x": 0, "y": top}, next(ids)
            inside = [_panel(each, at, scope, id_=next(ids), top=top + 1) for at, each in enumerate(own)]
            yield {"id": id_, "type": "row", "title": row, "collapsed": True, "gridPos": place, "panels": inside}
        else:
            yield from (_panel(each, at, scope, id_=next(ids), top=top) for at, each in enumerate(own))
        top += 1 if row else height


def _source_variable() -> Json:
    return {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1}


def _panel(curves: Curves, at: int, scope: Scope, *, id_: int, top: int) -> Json:
    across = _COLUMNS // _WIDTH
    place = {"h": _HEIGHT, "w": _WIDTH, "x": at % across * _WIDTH, "y": top + at // across * _HEIGHT}
    legend = {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}}
    return {
        "id": id_,
        "type": "bargauge" if curves.now else "timeseries",
        "title": curves.title,
        "description": _described(curves),
        "datasource": _SOURCE,
        "gridPos": place,
        "targets": [_target(curves, scope)],
        "fieldConfig": {"defaults": _defaults(curves), "overrides": []},
        "options": {"orientation": "horizontal", "displayMode": "basic"} if curves.now else legend,
    }


def _target(curves: Curves, scope: Scope) -> Json:
    whose = f" {{{{{curves.named}}}}}" if curves.named else ""
    named = f"{{{{{scope.cluster_label or 'cluster'}}}}}{whose}"
    return {
        "refId": "A",
        "datasource": _SOURCE,
        "expr": msgspec.structs.replace(scope, jobs=curves.jobs).fill(Query(curves.title, curves.query)),
        "legendFormat": "__auto" if curves.members else named,
        "range": not curves.now,
        "instant": curves.now,
    }


def _described(curves: Curves) -> str:
    limit = f"Limit: {curves.limit.source}." if curves.limit is not None else ""
    return " ".join(filter(None, (curves.doc, limit)))


def _defaults(curves: Curves) -> Json:
    unit = {"unit": _UNITS.get(curves.unit, "short")}
    if curves.limit is None:
        return unit
    shown = {"custom": {"thresholdsStyle": {"mode": "line"}}}
    return {**unit, **shown, "thresholds": {"mode": "absolute", "steps": _steps(curves.limit)}}


def _steps(limit: Threshold) -> list[Json]:
    """From below: Grafana's steps begin without a value and rise."""
    if limit.falling:
        steps = [("red", None), ("orange", limit.red), ("green", limit.amber)]
    else:
        above = [("red", limit.red)] if limit.red != float("inf") else []
        steps = [("green", None), ("orange", limit.amber), *above]
    return [{"color": color, "value": value} for color, value in steps]
