"""The lens on the simulated fleet, over the wire and through the real clients: the failures that the demo has, as an
operator reads them. Which failure mode each cluster of the demo is in, is the simulation's own doing."""

import asyncio
import os
from collections.abc import Callable, Iterator

import pytest
from textual.pilot import Pilot

from fleetui.cli.arguments import parse
from fleetui.console.app import FleetApp
from fleetui.console.page import Page
from fleetui.console.terminal import choose
from fleetui.console.views import FLEET, View
from fleetui.model.freshness import Trust
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.core import Core
from fleetui.wiring.demo import simulated_fleet
from fleetui.wiring.screen import build_app
from fleetui.wiring.session import demo_session

ENVIRONMENT = {**os.environ, "COLORTERM": "truecolor", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
PATIENCE_S = 60.0
FAILURES = {
    "edge-cadiz-01": ("NODE FAILURE", "1 of 5 machines not Ready", "cordon cadiz1-wk-a-05"),
    "edge-perth-01": ("CONTROL-PLANE OUTAGE", "nothing listens at its API server", "nodes: silent"),
    "data-north-1": ("RESOURCE EXHAUSTION", "has reached its quota", "x etcd-recover-space data-north-1"),
    "nonprod-west-1": ("drift", "kubelets of 2 versions", "uncordon it when nobody needs it|an upgrade is half done"),
}

_SETTLED = (Trust.LIVE, Trust.SILENT)


@pytest.fixture(scope="module")
def demo() -> Iterator[FleetApp]:
    with simulated_fleet(seed=1, speed=1.0) as directory:
        session = demo_session(parse(["--demo"]), directory)
        yield build_app(session, choose(ENVIRONMENT), Clusters(session), Core(session), view=FLEET)


async def come_true(pilot: Pilot[int], predicate: Callable[[], object]) -> None:
    """Twenty clusters over the wire, on a machine that others use too."""
    async with asyncio.timeout(PATIENCE_S):
        while not predicate():
            await pilot.pause(0.05)


async def lens(pilot: Pilot[int], app: FleetApp, cluster: str, *said: str) -> str:
    def text() -> str:
        return " ".join(app.frame.query_one("#lens", Page).text.split()) if app.frame.PLACE == "lens" else ""

    app.go.open(View("lens", cluster=cluster))
    await come_true(pilot, lambda: app.screen is app.frame and app.frame.built)
    await come_true(
        pilot,
        lambda: all(any(word in text() for word in words.split("|")) for words in said),
    )
    return text()


@pytest.mark.timeout(240)
async def test_each_failure_of_the_demo_is_named_with_its_evidence(demo: FleetApp) -> None:
    async with demo.run_test(size=(160, 60)) as pilot:
        clusters = demo.session.clusters
        await come_true(
            pilot,
            lambda: all(name in clusters and clusters[name].trust in _SETTLED for name in FAILURES),
        )
        for cluster, said in FAILURES.items():
            text = await lens(pilot, demo, cluster, *said)
            assert "Would make it worse" in text or cluster == "nonprod-west-1", cluster
        burning = await lens(pilot, demo, "edge-turku-01", "budget gone in", "boards ✖ slo gone", "✖ cp available")
        assert "control-plane outage suspected" in burning, "its API server answers and its machines are Ready"
