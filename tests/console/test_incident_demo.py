"""One incident on the simulated fleet, over the wire and through the real clients: from a page to its handover."""

import asyncio
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fleetui.cli.arguments import parse
from fleetui.console.app import FleetApp
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.terminal import choose
from fleetui.console.views import View
from fleetui.model.alerts.alert import Alert
from fleetui.wiring import _dispatch
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.core import Core
from fleetui.wiring.demo import simulated_fleet
from fleetui.wiring.screen import build_app
from fleetui.wiring.session import Session, demo_session
from tests.console.waiting import type_text

ENVIRONMENT = {**os.environ, "COLORTERM": "truecolor", "TERM": "xterm-256color", "LANG": "C.UTF-8"}
PATIENCE_S = 60.0
CLUSTER = "edge-cadiz-01"
"""One of its machines is down, and an alert says so."""


@pytest.fixture(scope="module")
def demo() -> Iterator[Session]:
    with simulated_fleet(seed=1, speed=1.0) as directory:
        yield demo_session(parse(["--demo", "--readonly"]), directory)


async def come_true(pilot: Pilot[int], predicate: Callable[[], object]) -> None:
    """Twenty clusters over the wire, on a machine that others use too."""
    async with asyncio.timeout(PATIENCE_S):
        while not predicate():
            await pilot.pause(0.05)


def page(app: FleetApp) -> str:
    return app.frame.query_one("#incident", Page).text if app.frame.PLACE == "incident" and app.frame.built else ""


def rings(app: FleetApp) -> bool:
    row = app.frame.query_one(Grid).cursor_row if app.frame.built and app.frame.PLACE == "alerts" else None
    return isinstance(row, Alert) and row.cluster == CLUSTER


async def walk(pilot: Pilot[int], app: FleetApp) -> None:
    """Five keys and a word: the alert, I, enter; n, a note; X, the summary."""
    await come_true(pilot, lambda: rings(app) and app.session.clusters[CLUSTER].trust.value == "live")
    await pilot.press("I")
    await come_true(pilot, lambda: isinstance(app.focused, Input))
    await pilot.press("enter")
    await come_true(pilot, lambda: "incident begun: KubeNodeNotReady in edge-cadiz-01" in page(app))
    await come_true(pilot, lambda: "KubeNodeNotReady fires: ticket" in page(app))
    await come_true(pilot, lambda: "all was read" in page(app).replace("\n", " "))
    for key, words, said in (("n", "the disk", "the disk  by"), ("X", "replaced", "incident closed: replaced")):
        await pilot.press(key)
        await come_true(pilot, lambda: isinstance(app.focused, Input))
        await type_text(pilot, words)
        await pilot.press("enter")
        await come_true(pilot, lambda said=said: said in page(app))


@pytest.mark.timeout(240)
def test_from_an_alert_of_the_demo_to_a_bundle(
    demo: Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The console begins, records and closes it; the command line hands over what the console wrote."""

    async def on_screen() -> None:
        view = View("alerts", query=f"@{CLUSTER} KubeNodeNotReady")
        app = build_app(demo, choose(ENVIRONMENT), Clusters(demo), Core(demo), view=view)
        async with app.run_test(size=(160, 50)) as pilot:
            await walk(pilot, app)

    asyncio.run(on_screen())
    assert _dispatch(demo, parse(["incident", "list", "-o", "name"])) == 0
    capsys.readouterr()
    assert _dispatch(demo, parse(["incident", "list"])) == 0
    incident_id = capsys.readouterr().out.splitlines()[1].split()[-1]
    file = tmp_path / "handover.tar.gz"
    assert _dispatch(demo, parse(["incident", "export", incident_id, "-o", str(file)])) == 0
    with tarfile.open(file) as archive:
        told = archive.extractfile("handover/timeline.md")
        clusters = archive.extractfile("handover/clusters.json")
        assert told is not None
        assert clusters is not None
        timeline, rows = told.read().decode(), clusters.read().decode()
    assert "KubeNodeNotReady fires: ticket" in timeline
    assert f'"name": "{CLUSTER}"' in rows


@pytest.mark.timeout(120)
def test_one_is_begun_without_a_screen_for_what_fires(demo: Session, capsys: pytest.CaptureFixture[str]) -> None:
    assert _dispatch(demo, parse(["incident", "start", "node down", f"@{CLUSTER}", "KubeNodeNotReady"])) == 0
    said = capsys.readouterr().out
    assert f"begun: 1 alert, clusters {CLUSTER}" in said
    assert "KubeNodeNotReady fires: ticket" in said, "what nobody can show later is shown now"
    assert "fleetui incident show" not in said
    (incident_id,) = re.findall(r"(\w{26}) begun", said)
    assert _dispatch(demo, parse(["incident", "show", incident_id])) == 0
    shown = capsys.readouterr().out
    assert "KubeNodeNotReady fires: ticket" in shown
    assert "nothing in the 2h before it, and all was read" in shown
    assert "no console was recording" not in shown
