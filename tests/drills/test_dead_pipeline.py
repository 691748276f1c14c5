"""A Prometheus that freezes takes its alerts out of Alertmanager, which says that they are resolved. We do not."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from fleetui.clients.alertmanager.connect import open_alertmanagers
from fleetui.clients.alertmanager.members import Members
from fleetui.clients.prometheus.connect import open_sources
from fleetui.clients.prometheus.source import PrometheusSource
from fleetui.clients.system import SystemClock
from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.evidence import Origin, PrometheusSays
from fleetui.model.alerts.heard import heard, unheard
from fleetui.model.alerts.inventory import by_id
from fleetui.model.alerts.lifetime import follow
from fleetui.model.alerts.merge import Evidence, Reading, keys_of, merge
from fleetui.model.alerts.pipeline import Level, Pipeline, Rhythm, pipeline
from fleetui.model.monitoring import AlertmanagerConfig, MetricsConfig
from fleetui.ports.metrics import MetricsError
from tests.bed.alertmanager import Alertmanagers
from tests.bed.prometheus import WATCHDOG, Prometheus, Rule
from tests.clients.scripted import LowChance

pytestmark = [pytest.mark.bed, pytest.mark.xdist_group("health")]

RHYTHM = Rhythm(evaluate_s=1.0, resend_s=2.0)
"""Half of the usual kind, in the same proportion: Alertmanager forgets an alert 8 s after it was last sent (four times
the longer of the two), and the Watchdog is late after 4 s."""
WITHIN_S = 30.0
CLUSTER = f"frozen-{time.time_ns() % 1_000_000}"
FIRES = Rule("PipelineDrill", "vector(7) > 5", hold="1s", labels={"severity": "critical"})
PENDS = Rule("PendingDrill", "vector(1)", hold="5m", labels={"severity": "warning"})


@pytest.fixture(scope="module")
def pair() -> Iterator[Alertmanagers]:
    with Alertmanagers(name="drill") as made:
        yield made


@pytest.fixture(scope="module")
def session_prometheus(pair: Alertmanagers) -> Iterator[Prometheus]:
    rules = (FIRES, PENDS, WATCHDOG)
    labels = {"cluster": CLUSTER, "region": "eu"}
    with Prometheus(
        rules=rules, alertmanagers=pair.addresses, resend=2, labels=labels, replica="a", name="drill"
    ) as made:
        yield made


@pytest.fixture
def prometheus(session_prometheus: Prometheus) -> Iterator[Prometheus]:
    yield session_prometheus
    session_prometheus.mend()
    session_prometheus.configure(rules=(FIRES, PENDS, WATCHDOG))


class Watch:
    """Polls as an observer will: the picture, its pipeline, and every phase that a row went through."""

    def __init__(self, members: Members, source: PrometheusSource | None) -> None:
        self._members = members
        self._source = source
        self.picture: dict[str, Alert] = {}
        self.found: Pipeline | None = None
        self.phases: list[Phase] = []

    async def poll(self) -> None:
        look, said = await asyncio.gather(self._members.look(), self._ask())
        evidence = Evidence(said, look.alerts, by_id(look.silences))
        rows = merge(evidence, Reading(keys=keys_of(self.picture.values())))
        known = self.found.watchdogs if self.found else ()
        self.found = pipeline(said, look.alerts, now=time.time(), rhythm=RHYTHM, known=known)
        self.picture = follow(self.picture, rows, self.found, rhythm=RHYTHM)
        row = self.row("PipelineDrill")
        if row is not None and self.phases[-1:] != [row.phase]:
            self.phases.append(row.phase)

    async def _ask(self) -> tuple[PrometheusSays, ...]:
        if self._source is None:
            return ()
        origin = Origin(self._source.name, cluster=CLUSTER)
        try:
            return (heard(await self._source.rules(), origin),)
        except MetricsError as error:
            return (unheard(error.fault, origin, at=time.time()),)

    def row(self, name: str) -> Alert | None:
        return next((row for row in self.picture.values() if (row.name, row.cluster) == (name, CLUSTER)), None)

    async def until(self, wanted: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                while not wanted():
                    await self.poll()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"not within {WITHIN_S:g} s\n{self.found}\n{self.row('PipelineDrill')}") from None

    def is_(self, name: str, phase: Phase) -> bool:
        row = self.row(name)
        return row is not None and row.phase is phase

    def delivered(self) -> bool:
        """It fires, and both Alertmanagers have it."""
        row = self.row("PipelineDrill")
        return row is not None and row.phase is Phase.FIRING and len(row.alertmanagers) == 2


@pytest.fixture(params=["both sources", "Alertmanager alone"])
async def watch(request: pytest.FixtureRequest, pair: Alertmanagers, prometheus: Prometheus) -> AsyncIterator[Watch]:
    clock, chance = SystemClock(), LowChance()
    configured = {f"am-{number}": AlertmanagerConfig(url=url) for number, url in enumerate(pair.urls)}
    members = open_alertmanagers(configured, clock=clock, chance=chance)
    asked = {"prom": MetricsConfig(url=prometheus.url, cluster=CLUSTER, timeout="1s")}
    sources = open_sources(asked if request.param == "both sources" else {}, clock=clock, chance=chance)
    yield Watch(members, sources.get("prom"))
    await members.close()
    for source in sources.values():
        await source.close()


async def test_what_ends_while_prometheus_is_frozen_is_unknown_and_never_resolved(
    watch: Watch, prometheus: Prometheus, pair: Alertmanagers
) -> None:
    await watch.until(watch.delivered)
    before = watch.row("PipelineDrill")
    assert before is not None

    frozen_at = time.time()
    prometheus.freeze()
    await watch.until(lambda: watch.is_("PipelineDrill", Phase.UNKNOWN))

    lost = watch.row("PipelineDrill")
    assert lost is not None
    assert not [one for one in pair.named("PipelineDrill") if one["labels"].get("cluster") == CLUSTER]
    assert lost.key == before.key
    assert lost.ended_at == pytest.approx(frozen_at, abs=3)
    assert watch.found is not None
    assert watch.found.level is Level.DEAD or watch.found.level is Level.LATE
    assert watch.found.troubles[0].remedy

    prometheus.thaw()
    await watch.until(lambda: watch.is_("PipelineDrill", Phase.FIRING))
    assert Phase.RESOLVED not in watch.phases
    assert watch.phases[-3:] == [Phase.FIRING, Phase.UNKNOWN, Phase.FIRING]


async def test_an_alertmanager_that_forgets_everything_resolves_nothing(watch: Watch, pair: Alertmanagers) -> None:
    await watch.until(watch.delivered)
    await watch.until(lambda: watch.found is not None and watch.found.level is Level.OK)

    for number in range(pair.size):
        pair.kill(number)
    await watch.poll()
    pair.mend()
    await watch.until(watch.delivered)

    assert Phase.RESOLVED not in watch.phases


async def test_what_ends_while_the_pipeline_lives_is_resolved(watch: Watch, prometheus: Prometheus) -> None:
    await watch.until(watch.delivered)
    await watch.until(lambda: watch.found is not None and watch.found.level is Level.OK)

    prometheus.configure(rules=(PENDS, WATCHDOG))
    await watch.until(lambda: watch.is_("PipelineDrill", Phase.RESOLVED))


async def test_both_sources_are_one_row_with_value_rule_and_receiver(
    watch: Watch, prometheus: Prometheus, request: pytest.FixtureRequest
) -> None:
    both = "both" in request.node.callspec.id
    await watch.until(watch.delivered)
    row = watch.row("PipelineDrill")
    assert row is not None

    assert row.alertmanagers == ("am-0", "am-1")
    assert row.receivers == ("bed",)
    assert (row.value, row.rule and row.rule.query) == ((7.0, "vector(7) > 5") if both else (None, None))
    pending = watch.row("PendingDrill")
    assert (pending is not None) is both
    if pending is not None:
        assert pending.phase is Phase.PENDING
        assert pending.fires_at is not None
        assert 0 < pending.fires_at - time.time() <= 301
