"""What runs, what waits and for whom; pausing, aborting, and coming back to a proposal."""

import pytest
from textual.pilot import Pilot

from fleetui.console import grid_attention
from fleetui.console.app import FleetApp
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.screens.ask import AskScreen
from fleetui.console.screens.confirm import ConfirmScreen
from fleetui.console.screens.document import DocumentScreen
from fleetui.console.table_screen import TableScreen
from fleetui.console.views import View
from fleetui.model import journal
from fleetui.model.config import Config
from fleetui.model.journal import RequestKind
from fleetui.model.operation import Intent, OpState, Target
from fleetui.model.picture import Delta
from fleetui.model.table.columns_operation import OPERATIONS
from tests.console.samples import NOON, calm_plan, fill, running_drain
from tests.console.test_operating import arm
from tests.console.test_table_keys import cursor_on, grid, said, started
from tests.console.waiting import until
from tests.console.world import World

HERE = View("operations")


def requests(world: World, op_id: str) -> list[RequestKind]:
    return [request.kind for request in world.store.load(op_id).requests]


async def opened(pilot: Pilot[int], world: World) -> FleetApp:
    app = await started(pilot, world)
    await until(pilot, lambda: grid(app).cursor_row is not None)
    return app


async def test_the_inspector_names_who_blocks_since_when_and_the_remedy() -> None:
    world = fill(World())
    running_drain(world, "wk-b-01", "wk-b-04", "wk-b-07")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        inspector = app.frame.query_one("#inspector", Page)
        await until(pilot, lambda: "budget shut since 14m" in inspector.text)
        text = " ".join(inspector.text.split())
        assert "pdb payments/api allows 0: needs 3, has 3" in text
        assert "owner Deployment/api" in text
        assert "raise the replicas of payments/api to 4" in text
        assert "CHG-4711" in text
        assert "1 blocked" in app.frame.query_one("#trust", Paper).text


async def test_the_inspector_says_when_an_outage_is_tried_again() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    step = next(step.id for step in world.desk.operation(op_id).steps if step.waiting)
    outage = journal.Waiting("cluster prod-east-2", "unreachable", "connection refused", since=NOON, next_within_s=36.0)
    world.write(op_id, journal.StepWaiting(step, (outage,), 1, NOON))
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: "next try within 36s" in app.frame.query_one("#inspector", Page).text)


async def test_p_pauses_and_p_again_goes_on() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await pilot.press("p")
        await until(pilot, lambda: requests(world, op_id)[-1] is RequestKind.PAUSE)
        await until(pilot, lambda: world.desk.operation(op_id).pausing)
        await until(pilot, lambda: "p resume" in app.frame.query_one("#keys", Paper).text)
        await pilot.press("p")
        await until(pilot, lambda: requests(world, op_id)[-1] is RequestKind.RESUME)
        await until(pilot, lambda: "p pause" in app.frame.query_one("#keys", Paper).text)


async def test_read_only_a_pause_is_confirmed_and_to_go_on_is_refused() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        for answer in (("enter",), ("tab", "enter")):
            assert RequestKind.PAUSE not in requests(world, op_id)
            await pilot.press("p")
            await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused is not None)
            about = " ".join(app.screen.query_one("#about", Paper).text.split())
            assert "read-only: allowed because it only stops" in about
            await pilot.press(*answer)
            await until(pilot, lambda: app.screen is app.frame)
        await until(pilot, lambda: requests(world, op_id)[-1] is RequestKind.PAUSE)
        await until(pilot, lambda: world.desk.operation(op_id).pausing)
        await pilot.press("p")
        await until(pilot, lambda: "read-only: :write REASON" in app.frame.query_one("#keys", Paper).text)
        assert requests(world, op_id)[-1] is RequestKind.PAUSE, "to go on is to act: it needs arming"


@pytest.mark.parametrize("key", ["p", "A"])
@pytest.mark.parametrize("paused", [False, True])
async def test_a_session_started_read_only_steers_nothing(key: str, paused: bool) -> None:
    world = fill(World(readonly=True))
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    if paused:
        world.desk.pause(op_id)
    before = requests(world, op_id)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await pilot.press(key)
        await until(pilot, lambda: "started with --readonly" in app.frame.query_one("#keys", Paper).text)
        assert app.screen is app.frame
        assert requests(world, op_id) == before


async def test_abort_asks_first_with_cancel_focused() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused is not None)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame)
        assert RequestKind.ABORT not in requests(world, op_id)
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused is not None)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: RequestKind.ABORT in requests(world, op_id))


async def test_an_operation_that_has_ended_cannot_be_aborted() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    world.write(op_id, journal.Finished(OpState.DONE, "2 machines drained", NOON))
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await pilot.press("A")
        await until(pilot, lambda: "it has ended" in app.frame.query_one("#keys", Paper).text)


async def test_news_of_the_journal_reaches_the_row() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        world.write(op_id, journal.Finished(OpState.DONE, "2 machines drained", NOON))
        await until(pilot, lambda: grid(app).cursor_row.state is OpState.DONE)


async def test_enter_reads_the_whole_record() -> None:
    world = fill(World())
    running_drain(world, "wk-b-01", "wk-b-04")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await pilot.press("enter")
        await until(
            pilot, lambda: isinstance(app.screen, DocumentScreen) and "digest" in app.screen.query_one(Page).text
        )
        assert "payments/api-wk-b-04" in app.screen.query_one(Page).text
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)


async def test_a_proposal_of_an_earlier_session_is_asked_about_again_and_cancel_leaves_it() -> None:
    world = fill(World())
    ref = world.cluster_ref("prod-east-2")
    assert ref is not None
    op_id = world.desk.propose(Intent("cordon", ref, (Target("wk-b-01", "uid-prod-east-2-wk-b-01"),)), key="earlier")
    world.plan(op_id, world.plan_of(op_id))
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted)
        assert len(world.desk.operations()) == 1
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        assert requests(world, op_id) == []


async def test_the_bell_rings_once_when_an_operation_ends_and_the_desktop_is_told() -> None:
    world = fill(World(config=Config(notify=True)))
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: world.session.write_terminal is not None)
        app.poll_desk()
        written: list[str] = []
        world.session.write_terminal = written.append
        world.write(op_id, journal.Finished(OpState.FAILED, "budget", NOON))
        await until(pilot, lambda: written)
        assert written == ["\a", "\x1b]777;notify;fleetui: failed;drain wk-b-01 +1 in prod-east-2\x1b\\"]
        world.write(op_id, journal.Note("again", NOON))
        app.poll_desk()
        assert len(written) == 2
        assert said(app, "keys").strip() == "drain wk-b-01 +1 in prod-east-2: failed, budget"


async def test_a_plan_that_was_only_looked_at_calls_nobody() -> None:
    world = fill(World(config=Config(notify=True)))
    ref = world.cluster_ref("prod-east-2")
    assert ref is not None
    intent = Intent("drain", ref, (Target("wk-b-01", "uid-prod-east-2-wk-b-01"),))
    op_id = world.desk.propose(intent, key="a look")
    world.plan(op_id, calm_plan(intent, NOON))
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        await until(pilot, lambda: world.session.write_terminal is not None)
        app.poll_desk()
        written: list[str] = []
        world.session.write_terminal = written.append
        world.write(op_id, journal.Finished(OpState.ABORTED, "taken back", NOON))
        await until(pilot, lambda: world.desk.operation(op_id).state is OpState.ABORTED)
        app.poll_desk()
        assert written == []
        assert "taken back" not in said(app, "keys")


async def test_after_an_abort_the_cursor_stays_on_the_operation_that_was_looked_at() -> None:
    world = fill(World())
    first, second = running_drain(world, "wk-b-01", "wk-b-04"), running_drain(world, "wk-c-01", "wk-c-04")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        looked_at = grid(app).cursor
        other = first if looked_at == second else second
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, AskScreen) and app.focused is not None)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.screen is app.frame and world.desk.operation(looked_at).aborting)
        world.write(looked_at, journal.Finished(OpState.ABORTED, "given back", world.clock.at))
        await until(pilot, lambda: grid(app).view.index_of(other) == 0)
        assert grid(app).cursor == looked_at
        await pilot.press("A")
        await until(pilot, lambda: "it has ended" in app.frame.query_one("#keys", Paper).text)
        assert not world.desk.operation(other).aborting


async def test_what_slips_under_the_cursor_behind_a_dialog_has_not_been_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid_attention, "SEEN_S", 0.05)
    world = fill(World())
    first, second = running_drain(world, "wk-b-01", "wk-b-04"), running_drain(world, "wk-c-01", "wk-c-04")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        table = grid(app)
        await pilot.press("question_mark")
        await until(pilot, lambda: app.screen is not app.frame)
        gone = table.cursor
        table.apply(Delta(removes=(gone,)))
        assert table.cursor in {first, second} - {gone}
        await until(pilot, lambda: table._attention._sight is None)
        assert table.slipped, "its time has run out where nobody could see it"
        await pilot.press("escape")
        await until(pilot, lambda: not table.slipped)


async def test_a_blocked_operation_is_trouble_on_the_fleet() -> None:
    world = fill(World())
    running_drain(world, "wk-b-01", "wk-b-04")
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        line = app.frame.query_one("#trust", Paper)
        await until(pilot, lambda: "prod-east-2: drain 1/2 blocked 14m" in line.text)
        assert "(pdb payments/api" in line.text
        await cursor_on(pilot, app, "prod-east-2")
        inspector = " ".join(app.frame.query_one("#inspector", Page).text.split())
        assert "▲ drain 1/2 blocked 14m by ana" in inspector
        assert "owner Deployment/api" in inspector
        assert "raise the replicas of payments/api to 4" in inspector


def ended(world: World, state: OpState, *, approved: bool, kind: str = "drain") -> str:
    """One that was submitted a while ago and has ended."""
    ref = world.cluster_ref("prod-east-2")
    assert ref is not None
    targets = tuple(Target(name, f"uid-prod-east-2-{name}") for name in ("wk-a-01", "wk-a-02"))
    op_id = world.desk.propose(Intent(kind, ref, targets), key=f"{state}{approved}{world.clock.at}")
    plan = world.plan_of(op_id)
    world.plan(op_id, plan)
    if approved:
        world.desk.approve(op_id, plan.digest)
        world.write(op_id, journal.StepStarted(plan.steps[0].id, NOON), journal.StepDone(plan.steps[0].id, "", NOON))
    world.write(op_id, journal.Finished(state, f"it was {state.value}", NOON))
    world.clock.at += 1
    return op_id


async def test_what_goes_on_is_on_top_then_the_newest_and_rehearsals_are_counted() -> None:
    world = fill(World())
    failed = ended(world, OpState.FAILED, approved=True)
    rehearsals = [ended(world, OpState.ABORTED, approved=False) for _ in range(2)]
    done = ended(world, OpState.DONE, approved=True)
    running = running_drain(world, "wk-b-01", "wk-b-04")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        assert shown_ids(app) == [running, done, failed]
        line = app.frame.query_one("#trust", Paper)
        assert "2 rehearsals hidden, z shows them" in line.text
        await pilot.press("z")
        await until(pilot, lambda: shown_ids(app) == [running, done, *reversed(rehearsals), failed])
        assert "hidden" not in line.text
        await pilot.press("z")
        await until(pilot, lambda: shown_ids(app) == [running, done, failed])


async def test_a_proposal_that_is_taken_back_leaves_the_list() -> None:
    world = fill(World())
    running = running_drain(world, "wk-b-01", "wk-b-04")
    ref = world.cluster_ref("prod-east-2")
    assert ref is not None
    proposal = world.desk.propose(Intent("cordon", ref, (Target("wk-a-01", "u"),)), key="looked-at")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        assert set(shown_ids(app)) == {running, proposal}
        world.write(proposal, journal.Finished(OpState.ABORTED, "taken back", NOON))
        await until(pilot, lambda: shown_ids(app) == [running])
        assert "1 rehearsal hidden" in app.frame.query_one("#trust", Paper).text


def shown_ids(app: FleetApp) -> list[str]:
    assert isinstance(app.frame, TableScreen)
    return [row.op_id for row in app.frame.rows.rows()]


async def test_the_inspector_says_what_goes_on_first_and_of_an_ended_one_what_was_not_done() -> None:
    world = fill(World())
    ended(world, OpState.FAILED, approved=True)
    running_drain(world, "wk-b-01", "wk-b-04", "wk-b-09")
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world)
        inspector = app.frame.query_one("#inspector", Page)
        await until(pilot, lambda: "blocked 14m" in inspector.text)
        text = inspector.text
        assert text.index("now 1") < text.index("pdb payments/api") < text.index("by ") < text.index("done 1")
        assert text.index("done 1") < text.index("to come 1")
        assert "1 of 3 done" in text
        await pilot.press("j")
        await until(pilot, lambda: "it was failed" in inspector.text)
        assert "not done 1" in inspector.text
        assert "1 of 2 done" in inspector.text
        assert "to come" not in inspector.text


@pytest.mark.parametrize(
    ("state", "approved", "said"),
    [(OpState.DONE, True, "100%"), (OpState.FAILED, True, "1/2"), (OpState.ABORTED, True, "1/2"),
     (OpState.ABORTED, False, "–")],
)  # fmt: skip
def test_of_an_ended_operation_done_is_what_was_done(state: OpState, approved: bool, said: str) -> None:
    world = fill(World())
    operation = world.desk.operation(ended(world, state, approved=approved))
    column = OPERATIONS.column("done")
    assert column is not None

    assert column.text(operation, NOON) == said
