"""``fleetui chart BOARD/PANEL``, and ``alerts/NAME``: what the rule of an alert compares, beside its threshold."""

import argparse
import asyncio
import shutil
import sys

from fleetui.cli.chart import moments, of_alert, rendered, request_of, status
from fleetui.model.chart.alert_subject import RuleSubject, rule_subjects
from fleetui.model.chart.chart import Chart
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.series import Rules
from fleetui.model.text import fence
from fleetui.ports.metrics import MetricsError, MetricsSource
from fleetui.wiring.charts import LateCharts
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.listing import interruptible
from fleetui.wiring.questions import open_usable
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
    rules = await _rules(session, clusters) if of_alert(said) else {}
    request = request_of(said, kinds=charts.kinds, clusters=tuple(clusters.contexts), rules=rules)
    try:
        end, count = clusters.clock.now(), moments(said.output, size)
        return await charts.chart(request, end=end, span_s=said.since, moments=count)
    finally:
        await charts.close()


async def _rules(session: Session, clusters: Clusters) -> dict[str, RuleSubject]:
    """Of alerts, by name, of every source that tells its rules. Raises ClusterError where none does."""
    sources, unopened = open_usable(session.config.metrics, clock=clusters.clock, chance=clusters.chance)
    try:
        answers = await asyncio.gather(*(_told(source) for source in sources.values()))
    finally:
        await asyncio.gather(*(source.close() for source in sources.values()))
    found = [(name, rule) for name, told in zip(sources, answers, strict=True) if not isinstance(told, Fault)
             for rule in told.rules]  # fmt: skip
    faults = [*unopened.values(), *(told for told in answers if isinstance(told, Fault))]
    if not found and faults:
        raise ClusterError(faults[0])
    return rule_subjects(found)


async def _told(source: MetricsSource) -> Rules | Fault:
    try:
        return await source.rules()
    except MetricsError as error:
        return error.fault
