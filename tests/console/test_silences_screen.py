"""``:silences``: what ends first on top, and nothing is ended or extended without a question and an arming."""

import msgspec
import pytest
from textual.pilot import Pilot

from fleetui.console.app import FleetApp
from fleetui.console.arming import Arming
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.screens.ask import AskScreen
from fleetui.console.views import View
from fleetui.model.alerts.matcher import parse_matchers
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.table.columns_silence import brief_text
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended
from tests.console.alert_samples import ALERTS, STANDINGS, BoardOfAlerts, hush, ring
from tests.console.samples import fill
from tests.console.test_alerts_screen import opened
from tests.console.test_table_keys import grid, said
from tests.console.waiting import until
from tests.console.world import NOON, World

HERE = View("silences")


def known(*, armed: bool = True) -> tuple[World, BoardOfAlerts]:
    world = fill(World())
    if armed:
        world.session.arming = Arming("cleanup", until=world.clock.at + 1800)
    board = ring(world, *ALERTS)
    hush(world, *STANDINGS)
    return world, board


async def shown(pilot: Pilot[int], world: World) -> FleetApp:
    app = await opened(pilot, world)
    await until(pilot, lambda: len(ids(app)) == len(STANDINGS))
    return app


def ids(app: FleetApp) -> list[str]:
    lines = app.frame.rows.window(0, 100)  # type: ignore[attr-defined]
    return [line.id for line in lines]


async def on(pilot: Pilot[int], app: FleetApp, silence_id: str) -> None:
    assert app.frame.query_one(Grid).go_to(silence_id)


async def test_what_ends_first_is_on_top_and_what_is_over_below() -> None:
    world, _ = known()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await shown(pilot, world)
        assert ids(app) == ["6d1c", "9f00", "77aa"]
        assert "2 active  1 mute nothing  ▲ 1 not everywhere" in said(app, "trust")
        assert world.fleet.looked[-1] == frozenset({"alerts", "silences"})
        await on(pilot, app, "9f00")
        await until(pilot, lambda: "RAID battery" in app.frame.query_one("#inspector", Page).text)
        assert "lacking   eu-b" in app.frame.query_one("#inspector", Page).text


async def test_marked_ones_are_ended_after_a_question() -> None:
    world, board = known()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await shown(pilot, world)
        for silence_id in ("6d1c", "9f00"):
            await on(pilot, app, silence_id)
            await pilot.press("space")
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused is not None)

        def about() -> str:
            return app.screen.query_one("#about", Paper).text.replace("\n", " ")

        await until(pilot, lambda: "maria@jump-2: RAID battery" in about() and "(1 alert) notifies again" in about())
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame)
        assert board.expired == [], "the harmless answer has the focus"
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused is not None)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: board.expired == ["6d1c", "9f00"])
        await until(pilot, lambda: "ended 2 silences" in said(app, "keys"))


async def test_extending_keeps_all_but_the_end() -> None:
    world, board = known()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await shown(pilot, world)
        await on(pilot, app, "9f00")
        await pilot.press("E")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused is not None)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: len(board.posted) == 1)
    ((draft, _),) = board.posted
    before = STANDINGS[1].silence
    assert (draft.id, draft.matchers, draft.ends_at) == (before.id, before.matchers, before.ends_at + 3600)


async def test_what_did_not_end_is_told() -> None:
    world, board = known()
    fault = Fault(FaultKind.TIMEOUT, "no answer", "eu-a", "is it up?")
    board.outcomes = (Outcome(Ended.UNKNOWN, "eu-a", fault=fault),)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await shown(pilot, world)
        await on(pilot, app, "6d1c")
        await pilot.press("X")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused is not None)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: "eu-a: nobody knows whether it arrived, look again: no answer" in said(app, "keys"))


async def test_read_only_and_what_is_over_are_refused() -> None:
    world, _ = known(armed=False)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await shown(pilot, world)
        await on(pilot, app, "6d1c")
        await pilot.press("X")
        await until(pilot, lambda: "read-only: :write REASON arms you to change silences" in said(app, "keys"))
        await on(pilot, app, "77aa")
        await pilot.press("E")
        await until(pilot, lambda: "it is over already" in said(app, "keys"))
        assert app.screen is app.frame


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_what_each_mutes_is_in_sight_at_every_size(size: tuple[int, int]) -> None:
    world, _ = known()
    async with world.app(view=HERE).run_test(size=size) as pilot:
        app = await shown(pilot, world)
        table = grid(app)

        def painted() -> str:
            return "\n".join(table.render_line(y).text for y in range(8))

        await until(pilot, lambda: "KubeNodeCordoned cluster=dr-west" in painted())
        text = painted()
        for column in ("MATCHERS", "ENDS IN", "STATE", "MUTES", "BY"):
            assert column in text
        assert ("COMMENT" in text) is (size[0] > 80)


@pytest.mark.parametrize(
    ("matchers", "said"),
    [
        ('cluster="eu-1" alertname="A"', "A cluster=eu-1"),
        ('cluster=~"eu-1|eu-2" alertname!="A"', "alertname!=A cluster=~eu-1|eu-2"),
        ('alertname=~"A|B" cluster="eu-1"', "cluster=eu-1 alertname=~A|B"),
        ('alertname="A" path="/var lib"', 'A path="/var lib"'),
        ('alertname="A" pod=""', 'A pod=""'),
    ],
)
def test_matchers_are_said_in_few_letters_that_mean_the_same(matchers: str, said: str) -> None:
    standing = msgspec.structs.replace(
        STANDINGS[0], silence=msgspec.structs.replace(STANDINGS[0].silence, matchers=parse_matchers(matchers))
    )
    assert brief_text(standing, NOON) == said
