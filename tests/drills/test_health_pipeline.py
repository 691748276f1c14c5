"""Drills on the way of what we know: a Prometheus that stops, freezes or falls behind its twin, an Alertmanager that is
gone. Nothing that is not known any more may look well, and the one that is at fault is named.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fleetui.console.views import View
from fleetui.model.health.sample import STALE_AFTER
from fleetui.observe.alert_sources import EVERY_S
from fleetui.observe.sources import FASTEST_S
from tests.bed.health_bed import CLUSTER
from tests.bed.named_bed import NamedBed
from tests.bed.prometheus import Prometheus
from tests.drills.delays import SLACK, Bound, told
from tests.drills.health_scene import Scene, Screen, found_of, kubeconfig

pytestmark = [pytest.mark.drill, pytest.mark.xdist_group("health"), pytest.mark.timeout(180)]

SCRAPE_S, TIMEOUT_S = 1.0, 2.0
BEHIND_S = 10
"""How seldom the one that is behind scrapes: longer than the drill takes."""
GAUGE = Bound(1, "scrape", SCRAPE_S, FASTEST_S, "an asking")
STALE = Bound(round(STALE_AFTER), "scrape", SCRAPE_S, FASTEST_S, "an asking")
"""What is younger is late, and keeps its verdict with its age beside it."""
POLL = Bound(1, "poll", EVERY_S)
GIVEN_UP = Bound(1, "poll", EVERY_S, TIMEOUT_S, "the timeout")


@dataclass
class Drill:
    bed: NamedBed
    scene: Scene
    screen: Screen

    async def shows(self, name: str, way: str, verdict: str, holds: Callable[[], object], bound: Bound) -> None:
        """The act has just been done."""
        found = await self.screen.delays({verdict: holds}, since=time.monotonic(), within_s=SLACK * bound.seconds)
        told(name, way, verdict, found[verdict], bound)

    def etcd_is_unknown(self) -> bool:
        """No figure of the row is left to be taken for one of now."""
        line = self.screen.line(CLUSTER)
        calm = [word for word in ("3/3", "2/3", "+1", "can lose", "m1", "m2", "m3") if word in line]
        return bool(line) and not calm and not self.screen.styled(CLUSTER, "ok")


@pytest.fixture
async def drill(named_bed: NamedBed, tmp_path: Path) -> AsyncIterator[Drill]:
    """On the screen of alerts, which says that the pipeline lives and that a member is down."""
    pair = (("prom-a", named_bed.prometheis.a), ("prom-b", named_bed.prometheis.b))
    urls = enumerate(named_bed.alertmanagers.urls)
    config = {
        "metrics": {name: {"url": one.url, "clusters": [CLUSTER], "timeout": f"{TIMEOUT_S:g}s"} for name, one in pair},
        "alertmanagers": {f"am-{number}": {"url": url, "timeout": f"{TIMEOUT_S:g}s"} for number, url in urls},
    }
    scene = Scene.of(tmp_path, config, kubeconfig([CLUSTER]))
    async with scene.console(View("alerts")) as screen:
        await screen.until(lambda: "the pipeline lives" in screen.head(), "the pipeline lives")
        yield Drill(named_bed, scene, screen)


async def test_a_prometheus_that_stops_and_then_its_twin(drill: Drill) -> None:
    screen, pair = drill.screen, drill.bed.prometheis
    await asyncio.to_thread(pair.a.kill)
    said = lambda: "Prometheus prom-a: refused" in screen.head()  # noqa: E731
    await drill.shows("one Prometheus of two stopped", "alerts", "Prometheus prom-a: refused", said, POLL)
    answer = await drill.scene.plain("get", "alerts")
    assert answer.returncode == 1
    assert "Prometheus prom-a" in answer.stderr
    assert "prom-b" not in answer.stderr
    await screen.open(View("etcd"))
    await screen.until(lambda: "3/3" in screen.line(CLUSTER), "the twin still scrapes")

    await asyncio.to_thread(pair.b.kill)
    await drill.shows("both stopped", "etcd", "stale", drill.etcd_is_unknown, STALE)
    answer = await drill.scene.plain("get", "etcd")
    assert (answer.returncode, "3/3" in answer.stdout) == (1, False)
    assert "refused" in answer.stderr


async def test_prometheis_that_freeze(drill: Drill) -> None:
    """SIGSTOP: they take connections and say nothing."""
    screen, pair = drill.screen, drill.bed.prometheis
    standby = drill.bed.postgres.exporter("standby")
    await screen.open(View("replication"))
    await screen.until(lambda: "in step" in screen.line(standby), "replication is known")
    # Of a source that has not told its interval half a minute is assumed; less than 2 s is taken for 2.
    assert screen.go_to(f"postgres/{CLUSTER}//{standby}")
    await screen.until(
        lambda: "one each 2s" in screen.inspector(standby), "its interval is known: at least 2 s are taken"
    )
    await screen.open(View("alerts"))
    await asyncio.to_thread(pair.a.freeze)
    said = lambda: "Prometheus prom-a: no answer" in screen.head()  # noqa: E731
    await drill.shows("one Prometheus of two frozen", "alerts", "Prometheus prom-a: no answer", said, GIVEN_UP)
    await screen.open(View("etcd"))
    await screen.until(lambda: "3/3" in screen.line(CLUSTER), "the twin still scrapes")

    await asyncio.to_thread(pair.b.freeze)
    await drill.shows("both frozen", "etcd", "stale", drill.etcd_is_unknown, STALE)
    await screen.open(View("replication"))
    await screen.until(lambda: screen.verdict(standby) == "stale", "replication too")
    assert not any(calm in screen.line(standby) for calm in (" 0 s", "in step", " up "))
    await screen.open(View("alerts"))
    await screen.until(lambda: "PIPELINE DEAD" in screen.head(), "the pipeline is dead")
    answer = await drill.scene.plain("get", "alerts")
    assert answer.returncode == 1
    assert all(f"Prometheus prom-{one}" in answer.stderr for one in "ab")


async def test_one_of_a_pair_that_is_behind(named_bed: NamedBed, tmp_path: Path) -> None:
    """It answers well and at once, with what it scraped before the member died. Its twin's word counts."""
    pair = named_bed.prometheis
    with Prometheus(pair.a.jobs, scrape=BEHIND_S, name="prometheus-behind") as behind:
        config = {"metrics": {name: {"url": one.url} for name, one in (("quick", pair.b), ("behind", behind))}}
        scene = Scene.of(tmp_path, config, kubeconfig([CLUSTER]))
        async with scene.console(View("etcd")) as screen:
            await screen.until(lambda: "3/3" in screen.line(CLUSTER), "whole")
            victim = await just_scraped(behind, screen)
            await asyncio.to_thread(named_bed.etcd.kill, victim)
            thin = lambda: "2/3" in screen.line(CLUSTER)  # noqa: E731
            drill = Drill(named_bed, scene, screen)
            await drill.shows(
                "member killed, one Prometheus of two behind", "etcd", "2/3 up, next loss fatal", thin, GAUGE
            )
            assert await asyncio.to_thread(behind.value, f'up{{instance="{victim}"}}') == 1, "it has not seen it yet"
            row = (await scene.rows("etcd"))[CLUSTER]
            assert (row["membersUp"], row["source"]) == (2, "quick")
            assert found_of(row, "2/3 up, next loss fatal") == [victim]
            assert "2/3" in screen.line(CLUSTER), "and it stays"


async def just_scraped(prometheus: Prometheus, screen: Screen) -> str:
    """The first member that is scraped from now on: it will not be again for a while."""

    def scraped() -> dict[str, float]:
        found = prometheus.query('timestamp(up{job="etcd"})')
        return {one["metric"]["instance"]: float(one["value"][1]) for one in found}

    await screen.until(lambda: len(scraped()) == 3, "all have been scraped")
    before = scraped()
    await screen.until(lambda: scraped() != before, "one more was scraped")
    return next(name for name, at in scraped().items() if at != before[name])


async def test_alertmanagers_that_are_gone(drill: Drill) -> None:
    """What the rules say is known without them; that nobody is told is said."""
    screen, mesh = drill.screen, drill.bed.alertmanagers
    await asyncio.to_thread(drill.bed.etcd.kill, "m3")
    await screen.until(lambda: "firing" in screen.line("etcdMembersDown"), "it fires")
    await asyncio.to_thread(mesh.kill, 1)
    one = lambda: "Alertmanager am-1: refused" in screen.head()  # noqa: E731
    await drill.shows("one Alertmanager of two down", "alerts", "Alertmanager am-1: refused", one, POLL)
    await asyncio.to_thread(mesh.kill, 0)
    both = lambda: "PIPELINE DEAD" in screen.head()  # noqa: E731
    await drill.shows("both Alertmanagers down", "alerts", "PIPELINE DEAD", both, POLL)
    assert "firing" in screen.line("etcdMembersDown")
    answer = await drill.scene.plain("get", "alerts")
    assert answer.returncode == 1
    assert all(f"Alertmanager am-{number}" in answer.stderr for number in range(2))
    assert "etcdMembersDown" in answer.stdout
