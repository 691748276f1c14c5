"""Ack and silence from the screen: shown first, read-only until armed, posted once, and told as it ended."""

import asyncio

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fleetui.console.app import FleetApp
from fleetui.console.arming import Arming
from fleetui.console.controls import Choice, Push
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.screens.arm import ArmScreen
from fleetui.console.screens.hush import HushScreen
from fleetui.model.alerts.alert import Alert
from fleetui.model.alerts.keeping import Kept
from fleetui.model.fault import Fault, FaultKind
from fleetui.ports.alerting import Outcome
from fleetui.ports.ended import Ended
from tests.console.alert_samples import ALERTS, NO_LEADER, BoardOfAlerts, ring
from tests.console.samples import fill
from tests.console.test_alerts_screen import HERE, opened, shown
from tests.console.test_table_keys import said
from tests.console.waiting import type_text, until
from tests.console.world import World

CRASHING = tuple(one for one in ALERTS if one.name == "KubePodCrashLooping")


def rung(*, armed: bool = True, readonly: bool = False) -> tuple[World, BoardOfAlerts]:
    world = fill(World(readonly=readonly))
    if armed:
        world.session.arming = Arming("rack C repair", until=world.clock.at + 1800)
    return world, ring(world, *ALERTS)


async def asked(pilot: Pilot[int], world: World, *chosen: Alert, key: str = "A") -> FleetApp:
    """The dialog about these."""
    app = await opened(pilot, world)
    await until(pilot, lambda: len(shown(app)) == len(ALERTS))
    grid = app.frame.query_one(Grid)
    for alert in chosen:
        assert grid.go_to(alert.key)
        if len(chosen) > 1:
            await pilot.press("space")
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, HushScreen) and app.screen.query("#post") and text(app))
    return app


def text(app: FleetApp) -> str:
    return app.screen.query_one("#outlook", Page).text


def title(app: FleetApp) -> str:
    return str(app.screen.query_one("#box").border_title)


def label(app: FleetApp) -> str:
    return app.screen.query_one("#post", Push).label


async def test_three_keys_ack_what_is_marked_when_the_arming_has_said_why() -> None:
    world, board = rung()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, *CRASHING)
        assert title(app) == " Ack 3 alerts "
        assert "mutes 3 alerts  0 page  in prod-east-2" in text(app)
        assert app.screen.query_one("#by", Input).value == "ana@jump-1"
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.screen is app.frame)
        await until(pilot, lambda: "acked 3 alerts for 15m" in said(app, "keys"))
        assert app.frame.query_one(Grid).marks == frozenset()
    assert len(board.posted) == 3, "they differ in two labels: one silence for all would mute more than these"
    for draft, near in board.posted:
        assert (draft.comment, draft.created_by, near) == ("ACK! rack C repair", "ana@jump-1", ("eu-a",))
        assert 'cluster="prod-east-2"' in map(str, draft.matchers)
        assert draft.ends_at - draft.starts_at == 900


async def test_what_is_typed_takes_the_place_of_the_reason_that_was_filled_in() -> None:
    world, _ = rung()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, NO_LEADER)
        because = app.screen.query_one("#because", Input)
        await until(pilot, lambda: app.focused is because and because.value == "rack C repair")
        await type_text(pilot, "on it")
        assert because.value == "on it"


async def test_read_only_it_is_a_rehearsal_that_offers_to_arm() -> None:
    world, board = rung(armed=False)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, NO_LEADER)
        assert title(app) == " Rehearsal: ack 1 alert "
        assert label(app) == "rehearsal only: arm with :write"
        app.screen.query_one("#post").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ArmScreen) and app.focused is not None)
        await type_text(pilot, "quorum")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, HushScreen) and label(app) == "ack 1 alert")
        because = app.screen.query_one("#because", Input)
        await until(pilot, lambda: because.value == "quorum" and because.selected_text == "quorum")
    assert board.posted == []


async def test_a_session_that_is_read_only_for_good_only_looks() -> None:
    world, board = rung(armed=False, readonly=True)
    async with world.app(view=HERE).run_test(size=(120, 30)) as pilot:
        app = await asked(pilot, world, NO_LEADER)
        assert label(app) == "rehearsal only: --readonly"
        app.screen.query_one("#post").focus()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, HushScreen)
    assert board.posted == []


async def test_a_comment_is_required_and_the_time_must_make_sense() -> None:
    world, board = rung()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, NO_LEADER, key="s")
        assert title(app) == " Silence 1 alert "
        await pilot.press("enter", "enter")
        assert (label(app), app.focused and app.focused.id) == ("say why", "because")
        await type_text(pilot, "disk")
        app.screen.query_one("#for", Input).value = "soon"
        await until(pilot, lambda: label(app) == "mend the time")
        app.screen.query_one("#for", Input).value = "1h30m"
        await until(pilot, lambda: label(app) == "silence 1 alert")
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.screen is app.frame)
    ((draft, _),) = board.posted
    assert (draft.comment, draft.ends_at - draft.starts_at) == ("disk", 5400)


async def test_by_name_says_whom_nobody_has_chosen() -> None:
    world, board = rung()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, CRASHING[0], key="s")
        app.screen.query_one(Choice).focus()
        await pilot.press("right")
        await until(pilot, lambda: "mutes 3 alerts" in text(app))
        assert "it mutes 2 alerts that you have not chosen:" in text(app)
        assert app.screen.query_one("#matchers", Input).value == (
            'alertname="KubePodCrashLooping" cluster="prod-east-2"'
        )
    assert board.posted == []


async def test_what_is_too_broad_is_refused_with_the_reason_and_not_posted() -> None:
    world, board = rung()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, CRASHING[0], key="s")
        app.screen.query_one("#because", Input).value = "why"
        app.screen.query_one("#matchers", Input).value = 'alertname="KubePodCrashLooping"'
        await until(pilot, lambda: label(app) == "refused")
        assert "refused: it names no cluster: it would mute the same alert everywhere" in text(app)
        app.screen.query_one("#post").focus()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, HushScreen)
    assert board.posted == []


async def test_a_headline_stands_for_its_group_and_everything_can_be_marked() -> None:
    world, _ = rung()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(ALERTS))
        app.frame.group("name")  # type: ignore[attr-defined]
        grid = app.frame.query_one(Grid)
        await until(pilot, lambda: grid.go_to("\0group\0KubePodCrashLooping"))
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, HushScreen) and app.screen.query("#post") and text(app))
        assert title(app) == " Ack 3 alerts "
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        await pilot.press("asterisk", "A")
        await until(pilot, lambda: isinstance(app.screen, HushScreen) and app.screen.query("#post") and text(app))
        assert title(app) == f" Ack {len(ALERTS)} alerts "
        assert "not muted by it: 2 alerts of those you have chosen" in text(app), "pending and resolved"


LOST = Fault(FaultKind.TIMEOUT, "no answer", "eu-b", "is it up?")


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (Outcome(Ended.UNKNOWN, "eu-b", fault=LOST), "sent, and nobody knows whether it arrived"),
        (Outcome(Ended.REFUSED, "eu-b", fault=LOST), "not done: no answer; is it up?"),
    ],
)
async def test_what_did_not_arrive_is_told_and_never_posted_again_by_another_enter(outcome: Outcome, told: str) -> None:
    world, board = rung()
    board.outcomes = (outcome,)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, NO_LEADER)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: told in text(app).replace("\n", " "))
        assert label(app) == "close"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame)
    assert len(board.posted) == 1


async def test_what_is_on_its_way_is_waited_for() -> None:
    world, board = rung()
    board.slow = asyncio.Event()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, NO_LEADER)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: label(app) == "posting")
        await pilot.press("enter", "escape")
        assert isinstance(app.screen, HushScreen)
        board.slow.set()
        await until(pilot, lambda: app.screen is app.frame)
    assert len(board.posted) == 1


async def test_without_an_alertmanager_it_says_so() -> None:
    world, board = rung()
    board.takes_silences = False
    async with world.app(view=HERE).run_test(size=(120, 30)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(ALERTS))
        await pilot.press("A")
        await until(pilot, lambda: "no Alertmanager is configured" in said(app, "keys"))
        assert app.screen is app.frame


async def test_an_ack_is_kept_alive_on_every_screen_and_a_silence_is_not() -> None:
    world, board = rung()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await asked(pilot, world, NO_LEADER, key="s")
        app.screen.query_one("#because", Input).value = "why"
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.screen is app.frame)
        assert board.kept == []
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, HushScreen) and app.screen.query("#post") and text(app))
        await pilot.press("enter", "enter")
        await until(pilot, lambda: app.screen is app.frame)
        (kept,) = board.kept
        assert (kept.id, kept.by, kept.until) == ("new", "ana@jump-1", world.clock.at + 900)
        await pilot.press("o")
        await until(pilot, lambda: app.go.here.screen == "operations")
        assert world.fleet.looked[-1] == frozenset({"alerts"})


async def test_an_ack_that_the_board_has_found_is_kept_alive_on_every_screen_too() -> None:
    """One of the same operator's command line, seen once while alerts were looked at."""
    world, board = rung()
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: len(shown(app)) == len(ALERTS))
        board.kept.append(Kept("theirs", "ana@jump-1", world.clock.at + 900))
        await pilot.press("o")
        await until(pilot, lambda: app.go.here.screen == "operations")
        await until(pilot, lambda: world.fleet.looked[-1] == frozenset({"alerts"}))
