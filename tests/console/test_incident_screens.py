"""From alerts to an incident and back: begun with a key, written into, worked off, closed; harmless and read-only."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fleetui.console import frame
from fleetui.console.app import FleetApp
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.screens.incident_words import WordsScreen
from fleetui.console.views import View
from fleetui.model.incident.checklist import CHECKLIST
from fleetui.model.incident.entry import EntryKind
from fleetui.model.incident.incident import Incident, fold
from fleetui.model.incident.record import LackOf, Looked, Noted, Opened
from fleetui.wiring import incident_file
from tests.console.alert_samples import ALERTS, alert, ring
from tests.console.incident_samples import ANA, FEED, STORY, Journal, register
from tests.console.samples import fill
from tests.console.test_harmless import EVIL, assert_harmless, sent
from tests.console.test_table_keys import started
from tests.console.waiting import type_text, until
from tests.console.world import NOON, World
from tests.model.incident import stories


def page(app: FleetApp) -> str:
    found = app.frame.query("#incident").results(Page) if app.frame.PLACE == "incident" else ()
    return "\n".join(one.text for one in found)


def trust(app: FleetApp) -> str:
    return app.frame.query_one("#trust", Paper).text


def latest(journal: Journal) -> Incident:
    return fold(journal.records)[-1]


async def on_alerts(pilot: Pilot[int], world: World, app: FleetApp) -> None:
    ring(world, *ALERTS)
    app.go.open(View("alerts"))
    await until(pilot, lambda: app.frame.built and app.frame.PLACE == "alerts")
    await until(pilot, lambda: app.frame.query_one(Grid).cursor_row is not None)


async def asked(pilot: Pilot[int], app: FleetApp) -> None:
    await until(pilot, lambda: isinstance(app.screen, WordsScreen) and isinstance(app.focused, Input))


async def on_incident(pilot: Pilot[int], app: FleetApp) -> None:
    app.go.open(View("incident", cluster="prod-east-2", item=FEED))
    await until(pilot, lambda: app.screen is app.frame and "Timeline" in page(app))


async def test_marked_alerts_become_an_incident_also_read_only() -> None:
    """It is our own record: --readonly refuses changes of clusters, and this is none."""
    world = fill(World(readonly=True))
    _, journal = await register(world)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await on_alerts(pilot, world, app)
        chosen = [one for one in ALERTS if one.name == "KubePodCrashLooping"]
        for one in chosen:
            app.frame.query_one(Grid).go_to(one.key)
            await pilot.press("space")
        await pilot.press("I")
        await asked(pilot, app)
        assert app.focused.value.startswith("KubePodCrashLooping in")  # type: ignore[union-attr]
        await pilot.press("enter")
        await until(pilot, lambda: "incident begun: KubePodCrashLooping" in page(app))
        made = latest(journal)
        assert {ref.key for ref in made.alerts} == {one.key for one in chosen}
        assert set(made.clusters) == {one.cluster for one in chosen}
        assert made.symptom == min(one.since or NOON for one in chosen)
        assert {"incidents", "alerts"} <= world.fleet.looked[-1]
        await pilot.press("escape")
        await until(pilot, lambda: app.frame.PLACE == "alerts" and not app.frame.query_one(Grid).marks)


async def test_the_alert_under_the_cursor_is_enough_and_a_title_may_be_typed() -> None:
    world = fill(World())
    _, journal = await register(world)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await on_alerts(pilot, world, app)
        await pilot.press("colon")
        await type_text(pilot, "incident checkout is slow")
        await pilot.press("enter")
        await until(pilot, lambda: "incident begun: checkout is slow" in page(app))
        assert len(latest(journal).alerts) == 1


async def test_an_incident_may_be_begun_for_a_cluster() -> None:
    world = fill(World())
    _, journal = await register(world)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        app.frame.query_one(Grid).go_to("prod-east-2")
        await pilot.pause()
        app.incidents.start("rack C")
        await until(pilot, lambda: "incident begun: rack C" in page(app))
        assert latest(journal).clusters == ("prod-east-2",)


async def test_notes_ticks_and_the_end_are_written_with_their_author_and_seen() -> None:
    world = fill(World())
    _, journal = await register(world, *STORY)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await on_incident(pilot, app)
        await pilot.press("n")
        await asked(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: "a few words are needed" in app.screen.query_one("#problem", Paper).text)
        await type_text(pilot, "power is back")
        await pilot.press("enter")
        await until(pilot, lambda: "power is back  by ana@jump-1" in page(app))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await type_text(pilot, "lens")
        await pilot.press("enter")
        await until(pilot, lambda: "3 of 9" in page(app))
        await pilot.press("X")
        await asked(pilot, app)
        await type_text(pilot, "rack C has power again")
        await pilot.press("enter")
        await until(pilot, lambda: "incident closed: rack C has power again" in page(app))
        await until(pilot, lambda: "closed <1m ago by ana@jump-1" in trust(app))
        await until(pilot, lambda: "X close" not in app.frame.query_one("#keys", Paper).text)
        await pilot.press("X")
        await until(pilot, lambda: "closed by ana@jump-1 already" in app.frame.query_one("#keys", Paper).text)
    made = latest(journal)
    assert [entry.text for entry in made.entries if entry.kind is EntryKind.NOTE][-1] == "power is back"
    assert made.ticks["look"].by == ANA


async def test_a_tick_is_taken_back_by_the_same_word() -> None:
    world = fill(World())
    _, journal = await register(world, *STORY)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await on_incident(pilot, app)
        app.incidents.tick("lead")
        await until(pilot, lambda: "1 of 9" in page(app))
    assert "lead" not in latest(journal).ticks


async def test_what_another_console_writes_appears_where_it_is_looked_at() -> None:
    world = fill(World())
    board, journal = await register(world, *STORY)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await on_incident(pilot, app)
        journal.append([Noted(incident=FEED, at=NOON, by="eve@jump-3", text="from elsewhere")])
        await board.refresh()
        await until(pilot, lambda: "from elsewhere  by eve@jump-3" in page(app))


async def test_a_full_disk_is_said_and_nothing_breaks() -> None:
    world = fill(World())
    _, journal = await register(world, *STORY)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await on_incident(pilot, app)
        journal.broken = "no space left on device"
        app.incidents.note("x")
        await until(pilot, lambda: "no space left" in app.frame.query_one("#keys", Paper).text)
        assert app.is_running


async def test_a_state_directory_that_others_may_write_to_is_said_and_nothing_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real journal, as a console has it: an incident that cannot be begun is a word on the last line."""
    monkeypatch.setattr(frame, "FLASH_S", 60.0)  # a busy machine looks seldom
    directory = tmp_path / "state"
    directory.mkdir(mode=0o700)
    directory.chmod(0o770)
    paths = SimpleNamespace(state_dir=directory)
    world = fill(World())
    await register(world, kept=incident_file.journal(SimpleNamespace(paths=paths)))  # type: ignore[arg-type]
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        app.frame.query_one(Grid).go_to("prod-east-2")
        await pilot.pause()
        app.incidents.start("rack C")
        await until(pilot, lambda: "others may write to" in app.frame.query_one("#keys", Paper).text)
        assert app.is_running
    assert list(directory.iterdir()) == []


async def test_the_list_has_what_is_open_on_top_and_leads_on() -> None:
    world = fill(World())
    await register(world, *STORY)
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        app.go.open(View("incidents"))
        await until(pilot, lambda: app.frame.built and app.frame.query_one(Grid).cursor_row is not None)
        assert app.frame.query_one(Grid).cursor == FEED
        await until(pilot, lambda: "rack C dark" in app.frame.query_one("#inspector", Page).text)
        assert "1 open, recorded while this console runs" in trust(app)
        await pilot.press("enter")
        await until(pilot, lambda: "first symptom" in page(app))
        assert app.go.here == View("incident", cluster="prod-east-2", item=FEED)


async def test_a_session_that_keeps_no_incidents_says_so() -> None:
    world = fill(World())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await on_alerts(pilot, world, app)
        await pilot.press("I")
        await until(pilot, lambda: "keeps no incidents" in app.frame.query_one("#keys", Paper).text)
        assert "incidents" not in world.fleet.looked[-1]


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_a_hostile_incident_reaches_the_terminal_harmlessly(size: tuple[int, int]) -> None:
    evil = EVIL[:900]
    records = [
        stories.opened(title=evil, clusters=(evil,)),
        Looked(incident=stories.ID, at=NOON, cluster=evil, about="changes", since=0.0, lacks=(LackOf(evil, evil),)),
        stories.seen(stories.change(evil, NOON - 400, who=evil, cluster=evil)),
        stories.seen(stories.fires(evil, NOON - 100)),
        stories.watched(NOON, silent=(evil,)),
        stories.watched(NOON + 60, silent=(evil,)),
        Noted(incident=stories.ID, at=NOON, by=evil, text=evil),
    ]
    world = fill(World())
    await register(world, *records)
    async with world.app().run_test(size=size) as pilot:
        app = await started(pilot, world)
        app.go.open(View("incidents"))
        await until(pilot, lambda: app.frame.built and app.frame.query_one(Grid).cursor_row is not None)
        await until(pilot, lambda: app.frame.query_one("#inspector", Page).text)
        assert_harmless(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame and "Timeline" in page(app))
        await pilot.press("G")
        await pilot.pause()
        assert_harmless(app)
        assert "�" in sent(app)


async def test_from_the_lens_its_loud_alerts_are_what_it_is_about() -> None:
    world = fill(World(), whole=True)
    _, journal = await register(world)
    ring(world, *ALERTS, alert("KubeNodeNotReady", "prod-east-2", page=True, labels={"node": "wk-c-03"}))
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        app.go.open(View("lens", cluster="prod-east-2"))
        await until(pilot, lambda: app.screen is app.frame and app.frame.built and app.frame.PLACE == "lens")
        await until(pilot, lambda: "KubeNodeNotReady" in app.frame.query_one("#lens", Page).text)
        app.incidents.start("node down")
        await until(pilot, lambda: "incident begun: node down" in page(app))
    made = latest(journal)
    assert made.clusters == ("prod-east-2",)
    assert "KubeNodeNotReady" in [ref.name for ref in made.alerts]


def test_every_item_of_the_checklist_fits_its_box() -> None:
    assert all(len(item.text) <= 44 for item in CHECKLIST)
    assert len({item.id for item in CHECKLIST}) == len(CHECKLIST)


def test_the_sample_is_an_incident_that_begins_before_it_is_told_of() -> None:
    assert isinstance(STORY[0], Opened)
    assert fold(STORY)[-1].symptom < fold(STORY)[-1].opened
