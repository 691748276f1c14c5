"""``fleetui chart BOARD/PANEL``."""

import argparse
import shutil
import sys

from fleetui.cli.chart import moments, rendered, request_of, status
from fleetui.model.chart.chart import Chart
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.text import fence
from fleetui.wiring.charts import LateCharts
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.listing import interruptible
from fleetui.wiring.session import Session


def chart(session: Session, arguments: argparse.Namespace) -> int:
    """0 when it is drawn and nothing is missing. Raises ClusterError without any source of metrics."""
    if not session.config.metrics:
        remedy = "write one under metrics:; see config.example.yaml"
        raise ClusterError(Fault(FaultKind.CONFIG, "no metrics", "no source of metrics is configured", remedy))
    return interruptible(_chart(session, arguments))


async def _chart(session: Session, said: argparse.Namespace) -> int:
    size = said.size or tuple(shutil.get_terminal_size((100, 30)))
    found = await _asked(session, said, size)
    ascii_only = not (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf8")
    text = rendered(found, said.output, size=size, ascii_only=ascii_only)
    sys.stdout.write(fence(text) if said.output == "text" else text)
    return status(found)


async def _asked(session: Session, said: argparse.Namespace, size: tuple[int, int]) -> Chart:
    clusters = Clusters(session)
    charts = LateCharts(session, clock=clusters.clock, chance=clusters.chance)
    request = request_of(said, kinds=charts.kinds, clusters=tuple(clusters.contexts))
    try:
        end, count = clusters.clock.now(), moments(said.output, size)
        return await charts.chart(request, end=end, span_s=said.since, moments=count)
    finally:
        await charts.close()
