"""``fleetui chart``: one figure over time, as text for a terminal, JSON for a script, SVG for a document."""

import argparse
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fleetui.model.chart import export
from fleetui.model.chart.alert_subject import RuleSubject
from fleetui.model.chart.catalogue import ALERTS, subject_of
from fleetui.model.chart.chart import Chart
from fleetui.model.chart.drawing import Look
from fleetui.model.chart.subject import Request, Subject

FAILED = 1


class ChartError(ValueError):
    """Nobody knows the figure or the cluster that the line names."""


def of_alert(said: argparse.Namespace) -> bool:
    """Whether the line asks for the expression of an alert's rule."""
    return str(said.figure).partition("/")[0] == ALERTS


def request_of(
    said: argparse.Namespace,
    *,
    kinds: Mapping[str, Subject],
    clusters: Sequence[str],
    rules: Mapping[str, RuleSubject] = MappingProxyType({}),
) -> Request:
    """What the line asks for; ``clusters``: display names that there are, ``rules`` of alerts by name. Raises
    ChartError."""
    unknown = [name for name in said.cluster if name not in clusters]
    if unknown:
        raise ChartError(f"no cluster {unknown[0]}; see: fleetui get clusters")
    try:
        drawn = {name: rule.subject for name, rule in rules.items()}
        subject = subject_of(said.figure, kinds=kinds, one=bool(said.cluster), rules=drawn)
    except ValueError as error:
        raise ChartError(str(error)) from error
    sources = next((rule.sources for rule in rules.values() if rule.subject is subject), ())
    return Request(subject=subject, clusters=tuple(said.cluster), sources=sources)


def moments(output: str, size: tuple[int, int]) -> int:
    """How many a picture can show: two a cell, as many as an SVG is wide, and JSON for whoever draws."""
    return 2 * size[0] if output == "text" else 400


def rendered(chart: Chart, output: str, *, size: tuple[int, int], ascii_only: bool) -> str:
    if output == "json":
        return export.json(chart)
    if output == "svg":
        return export.svg(chart)
    return export.text(chart, Look(cells=size[0], lines=size[1] - 2, ascii=ascii_only, letters=True))


def status(chart: Chart) -> int:
    """1 when there is nothing to draw, or somebody who was asked did not answer."""
    return 0 if chart.curves and not chart.faults and not chart.partial else FAILED
