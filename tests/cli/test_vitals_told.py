"""What monitoring is asked for one answer is waited for, and who still owes it at the end is named."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

from fleetui.model.alerts.evidence import Origin
from fleetui.model.alerts.mesh import NO_MESH
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.alert_board import AlertBoard
from fleetui.observe.alert_sources import AlertSources
from fleetui.observe.fleet import Fleet
from fleetui.observe.metrics_board import MetricsBoard
from fleetui.observe.panel_boards import judge_controlplane
from fleetui.wiring.check import owed_by
from fleetui.wiring.vitals import Owed, look, owed_text, told
from tests.console.samples import cluster
from tests.model.alerts.samples import posted
from tests.observe.test_alert_board import Alertmanager, Prometheus
from tests.observe.test_metrics_board import Source
from tests.observe.test_vitals import nobody
from tests.observe.virtual_clock import VirtualClock

WANTED = frozenset({"a", "far"})
PAGE = {"alertname": "Broken", "cluster": "a", "severity": "critical"}


class Slow(Alertmanager):
    """Takes its time."""

    takes_s = 0.0

    async def alerts(self) -> Any:
        await self.clock.sleep(self.takes_s)
        return await super().alerts()


class Bed:
    """A fleet whose Alertmanager alone knows of a page on ``a``, and whose metrics are of ``a`` alone."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.slow = Slow(self.clock, posts=[posted(tuple(sorted(PAGE.items())))])
        self.source = Source(self.clock)
        self.fleet = Fleet(clock=self.clock, chance=random.Random(1))
        for name in sorted(WANTED):
            self.fleet.add(name, open_reader=nobody)
        self.fleet.add_board("alerts", self._alerts)
        self.fleet.add_board("controlplane", self._metrics)

    def _alerts(self) -> AlertBoard:
        alerting = SimpleNamespace(members=(self.slow,), close=_nothing, statuses=_nothing, meshes=NO_MESH)
        prometheus = (Origin("prom"), cast(Any, Prometheus(self.clock)))
        sources = AlertSources((prometheus,), cast(Any, alerting))
        return AlertBoard(lambda: sources, clock=self.clock, chance=random.Random(3))

    def _metrics(self) -> MetricsBoard:
        return MetricsBoard(
            names=WANTED,
            sources={"central": (self.source, MetricsConfig(clusters=("a",)))},
            judge=judge_controlplane,
            clock=self.clock,
            chance=random.Random(7),
        )

    @asynccontextmanager
    async def asked(self, *, timeout_s: float) -> AsyncIterator["asyncio.Task[Owed]"]:
        look(self.fleet, WANTED)
        running = asyncio.create_task(self.fleet.run())
        waiting = asyncio.create_task(told(self.fleet, WANTED, timeout_s=timeout_s, clock=self.clock))
        try:
            yield waiting
        finally:
            running.cancel()
            waiting.cancel()
            await asyncio.wait({running, waiting})


async def _nothing() -> None:
    """Nobody is there."""


async def test_a_page_that_a_slow_alertmanager_alone_knows_is_waited_for() -> None:
    bed = Bed()
    bed.slow.takes_s = 2.5
    async with bed.asked(timeout_s=8) as waiting:
        await bed.clock.advance(2.4)
        assert not waiting.done(), "the first picture of the alerts is there, and not all of them"
        await bed.clock.until(waiting.done, within=2)
        assert waiting.result() == {}
        row = bed.fleet.cluster("a")
        assert row is not None
        assert row.alerts is not None
        assert row.alerts.pages == 1


async def test_who_has_not_answered_in_time_is_named_and_concerns_its_own_clusters_alone() -> None:
    bed = Bed()
    bed.slow.takes_s, bed.source.hangs = 2.0, True
    async with bed.asked(timeout_s=1) as waiting:
        await bed.clock.until(waiting.done, within=2)
        owed = waiting.result()
    assert owed == {
        "a": {"alerts": "Alertmanager am-a", "controlplane": "central"},
        "far": {"alerts": "Alertmanager am-a"},
    }
    assert owed_text(owed) == "alerts, cp of a +1"
    assert owed_text({}) == ""


def test_what_is_owed_of_another_name_of_a_cluster_is_owed_of_its_row() -> None:
    row = cluster("eu-1", "prod", 3, aliases=("eu-1-admin",))
    owed = {"eu-1": {"slo": "central"}, "eu-1-admin": {"alerts": "am-a"}, "eu-2": {"etcd": "west"}}
    assert owed_by(row, owed) == {"slo": "central", "alerts": "am-a"}
