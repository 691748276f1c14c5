"""``fleetui chart``: one figure over time, as text for a terminal, JSON for a script, SVG for a document."""

import argparse
from collections.abc import Mapping, Sequence

from fleetui.model.chart import export
from fleetui.model.chart.catalogue import subject_of
from fleetui.model.chart.chart import Chart
from fleetui.model.chart.drawing import Look
from fleetui.model.chart.subject import Request, Subject

FAILED = 1


class ChartError(ValueError):
    """Nobody knows the figure or the cluster that the line names."""


def request_of(said: argparse.Namespace, *, kinds: Mapping[str, Subject], clusters: Sequence[str]) -> Request:
    """What the line asks for; ``clusters``: display names that there are. Raises ChartError."""
    unknown = [name for name in said.cluster if name not in clusters]
    if unknown:
        raise ChartError(f"no cluster {unknown[0]}; see: fleetui get clusters")
    try:
        subject = subject_of(said.figure, kinds=kinds, one=bool(said.cluster))
    except ValueError as error:
        raise ChartError(str(error)) from error
    return Request(subject=subject, clusters=tuple(said.cluster))


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
