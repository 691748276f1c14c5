"""From a key to a confirmed operation: frozen targets, rehearsal, arming, the typed word, one approval."""

import base64

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fleetui.console.app import FleetApp
from fleetui.console.controls import Choice, Push
from fleetui.console.grid import Grid
from fleetui.console.page import Page
from fleetui.console.paper import Paper
from fleetui.console.screens.confirm import ConfirmScreen
from fleetui.console.views import View
from fleetui.model.journal import RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import Outcome, Severity
from tests.console.samples import check, fill, machine, tense_plan
from tests.console.test_table_keys import grid, started
from tests.console.waiting import type_text, until
from tests.console.world import World

HERE = View("machines", cluster="prod-east-2")


async def drain(pilot: Pilot[int], world: World, *names: str) -> tuple[FleetApp, Operation]:
    """Marks machines, presses D, and waits for the proposal."""
    app = await started(pilot, world)
    for name in names:
        grid(app).go_to(f"prod-east-2/uid-prod-east-2-{name}")
        await pilot.press("space")
    await pilot.press("D")
    await until(
        pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted and world.desk.operations()
    )
    await until(pilot, lambda: shown(app))
    return app, world.desk.operations()[0]


def shown(app: FleetApp) -> str:
    return app.screen.query_one("#plan", Page).text


def button(app: FleetApp) -> str:
    return app.screen.query_one("#approve", Push).label


def arm(world: World) -> None:
    world.session.arming = msgspec.structs.replace(world.session.arming, reason="CHG-1", until=world.clock.at + 1800)


def approvals(world: World, op_id: str) -> list[str]:
    return [request.digest for request in world.store.load(op_id).requests if request.kind is RequestKind.APPROVE]


async def test_a_key_opens_a_rehearsal_with_cancel_focused() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03")
        assert [target.name for target in operation.intent.targets] == ["wk-b-01", "wk-b-03"]
        assert [target.uid for target in operation.intent.targets] == [
            "uid-prod-east-2-wk-b-01",
            "uid-prod-east-2-wk-b-03",
        ]
        assert operation.intent.kind == "drain"
        assert app.focused is app.screen.query_one("#cancel")
        assert "planning" in shown(app)
        world.plan(operation.op_id, world.plan_of(operation.op_id))
        await until(pilot, lambda: "moves 2 pods" in shown(app))
        assert "capacity left 81 % (needs 74 %)" in shown(app)
        assert "5 passed" in shown(app)
        await until(pilot, lambda: button(app) == "rehearsal only: arm with :write")
        assert "Rehearsal: drain 2 machines in prod-east-2" in str(app.screen.query_one("#box").border_title)
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame)
        assert approvals(world, operation.op_id) == []
        assert world.desk.operation(operation.op_id).aborting


async def test_the_button_of_a_rehearsal_leads_to_arming_and_arming_alone_approves_nothing() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01")
        world.plan(operation.op_id, world.plan_of(operation.op_id))
        await until(pilot, lambda: button(app).startswith("rehearsal"))
        app.screen.query_one("#approve").focus()
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ConfirmScreen))
        await type_text(pilot, "CHG-1")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and button(app) == "drain 1")
        assert "WRITE 30m left" in app.frame.query_one("#where", Paper).text
        assert approvals(world, operation.op_id) == []


async def test_two_enters_make_one_operation() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01")
        world.plan(operation.op_id, world.plan_of(operation.op_id))
        await until(pilot, lambda: button(app) == "drain 1")
        approve = app.screen.query_one("#approve", Push)
        approve.action_press()
        approve.action_press()
        await until(pilot, lambda: app.screen is app.frame)
        plan = world.desk.operation(operation.op_id).plan
        assert plan is not None
        assert approvals(world, operation.op_id) == [plan.digest]
        assert len(world.desk.operations()) == 1
        await until(pilot, lambda: not grid(app).marks)


async def test_the_targets_are_those_of_the_moment_of_the_key() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03")
        world.fleet.drop(machine("wk-b-01"))
        world.fleet.put(
            machine("wk-b-01", uid="uid-another"), machine("aa-first"), machine("wk-b-03", status="NotReady")
        )
        world.plan(operation.op_id, world.plan_of(operation.op_id))
        await until(pilot, lambda: button(app) == "drain 2")
        assert "targets frozen" in shown(app)
        app.screen.query_one("#approve", Push).action_press()
        await until(pilot, lambda: app.screen is app.frame)
        targets = world.desk.operation(operation.op_id).intent.targets
        assert [target.uid for target in targets] == ["uid-prod-east-2-wk-b-01", "uid-prod-east-2-wk-b-03"]


async def test_a_word_must_be_typed_where_the_plan_asks_for_it() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03", "wk-b-04")
        world.plan(operation.op_id, tense_plan(operation.intent))
        await until(pilot, lambda: button(app) == "type prod-east-2")
        app.screen.query_one("#approve", Push).action_press()
        await pilot.pause()
        assert approvals(world, operation.op_id) == []
        app.screen.query_one("#word", Input).focus()
        await type_text(pilot, "prod-east")
        assert button(app) == "type prod-east-2"
        await type_text(pilot, "-2")
        await until(pilot, lambda: button(app) == "drain 2, wait 1")
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is app.screen.query_one("#approve"))
        assert approvals(world, operation.op_id) == []
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.frame)
        assert len(approvals(world, operation.op_id)) == 1


async def test_a_wrong_word_is_refused_in_its_field_and_the_correction_is_no_command() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(80, 24)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03")
        world.plan(operation.op_id, tense_plan(operation.intent))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await type_text(pilot, "wrong")
        await pilot.press("enter")
        await until(pilot, lambda: "that is not prod-east-2" in app.screen.query_one("#keys", Paper).text)
        assert isinstance(app.focused, Input)
        await pilot.press("ctrl+u")
        assert "that is not" not in app.screen.query_one("#keys", Paper).text
        await type_text(pilot, "prod-east-2")
        assert len(world.desk.operations()) == 1  # p would have planned again
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is app.screen.query_one("#approve"))
        assert approvals(world, operation.op_id) == []


async def test_enter_on_a_button_that_waits_for_the_word_goes_back_to_its_field() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(80, 24)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03")
        world.plan(operation.op_id, tense_plan(operation.intent))
        await until(pilot, lambda: isinstance(app.focused, Input))
        app.screen.query_one("#approve").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.focused, Input))
        assert approvals(world, operation.op_id) == []


async def test_no_key_is_offered_while_it_would_be_a_letter_of_the_word() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03")
        world.plan(operation.op_id, tense_plan(operation.intent))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await until(pilot, lambda: "frozen" in shown(app) and "p plans again" not in shown(app))
        assert "r opens" not in shown(app)
        assert app.screen.query_one("#chosen", Paper).text.startswith("options")
        assert "tab to buttons and keys" in app.screen.query_one("#keys", Paper).text
        await pilot.press("tab")
        await until(pilot, lambda: "p plans again" in shown(app) and "r opens" in shown(app))
        assert app.screen.query_one("#chosen", Paper).text.startswith("o options")


async def test_an_armed_operator_can_type_the_word_at_once() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03")
        plan = tense_plan(operation.intent)
        world.plan(operation.op_id, plan)
        await until(pilot, lambda: isinstance(app.focused, Input))
        await type_text(pilot, plan.blast.confirm_word)
        await pilot.press("enter", "enter", "enter")
        await until(pilot, lambda: not isinstance(app.screen, ConfirmScreen))
        assert approvals(world, operation.op_id) == [plan.digest]


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_a_long_reason_leaves_room_for_the_typed_word(size: tuple[int, int]) -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=size) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03")
        plan = tense_plan(operation.intent)
        reason = msgspec.structs.replace(plan.blast, confirm_why="pdb payments/api would wait, " * 10)
        world.plan(operation.op_id, msgspec.structs.replace(plan, blast=reason))
        await until(pilot, lambda: app.screen.query_one("#word", Input).size.width >= 24)
        assert "to go on" in app.screen.query_one("#prompt", Paper).text


async def test_what_failed_comes_first_and_unknown_is_unknown() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03", "wk-b-04")
        world.plan(operation.op_id, tense_plan(operation.intent))
        await until(pilot, lambda: "at risk" in shown(app))
        text = shown(app)
        assert text.index("at risk") < text.index("warn") < text.index("unknown") < text.index("5 passed")
        assert "owner Deployment/api" in text
        assert "  GET /apis/policy/v1/namespaces/*/poddisruptionbudgets, computed\n" in text
        assert "no other operation" not in text
        await pilot.press("r")
        await until(pilot, lambda: "no other operation in this cluster" in shown(app))
        await pilot.press("m")
        await until(
            pilot, lambda: "pdb payments/api allows 0: needs 3, has 3 of 4 pods" in shown(app).partition("wk-b-04 ")[2]
        )
        await pilot.press("K")
        await until(pilot, lambda: "kubectl --context prod-east-2 drain wk-b-01 wk-b-03 wk-b-04" in shown(app))


async def test_a_blocked_plan_cannot_be_approved() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01")
        blocked = check("rights", "we may evict", "403 pods/eviction", Outcome.FAIL, Severity.BLOCK)
        world.plan(operation.op_id, world.plan_of(operation.op_id, checks=(blocked,)))
        await until(pilot, lambda: button(app) == "blocked")
        app.screen.query_one("#approve", Push).action_press()
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        assert approvals(world, operation.op_id) == []


async def test_an_option_makes_another_plan_and_withdraws_the_first() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, first = await drain(pilot, world, "wk-b-01")
        world.plan(first.op_id, world.plan_of(first.op_id))
        await until(pilot, lambda: button(app) == "drain 1")
        await pilot.press("o")
        app.screen.query_one("#option-delete-emptydir-data").focus()
        await pilot.press("right")
        await until(pilot, lambda: len(world.desk.operations()) == 2)
        second = world.desk.operations()[0]
        assert second.intent.option("delete_emptydir_data", False) is True
        assert second.intent.targets == first.intent.targets
        assert world.desk.operation(first.op_id).aborting
        assert button(app) == "planning"
        world.plan(second.op_id, world.plan_of(second.op_id))
        await until(pilot, lambda: button(app) == "drain 1")
        app.screen.query_one("#approve", Push).action_press()
        await until(pilot, lambda: app.screen is app.frame)
        assert approvals(world, first.op_id) == []
        assert len(approvals(world, second.op_id)) == 1


async def test_several_clusters_are_asked_about_one_after_the_other() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        for row_id in ("prod-east-2/uid-prod-east-2-wk-b-01", "prod-east-1/uid-prod-east-1-wk-e-02"):
            grid(app).go_to(row_id)
            await pilot.press("space")
        await pilot.press("C")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted)
        assert "cluster 1 of 2" in str(app.screen.query_one("#box").border_subtitle)
        first = world.desk.operations()[0]
        assert first.intent.cluster.name == "prod-east-1"
        await until(pilot, lambda: "then asks about 1 machine in prod-east-2" in shown(app))
        world.plan(first.op_id, world.plan_of(first.op_id))
        await until(pilot, lambda: button(app) == "cordon 1")
        app.screen.query_one("#approve", Push).action_press()
        await until(pilot, lambda: len(world.desk.operations()) == 2)
        assert world.desk.operations()[0].intent.cluster.name == "prod-east-2"
        await until(pilot, lambda: "cluster 2 of 2" in str(app.screen.query_one("#box").border_subtitle))
        assert "then asks" not in shown(app)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        assert grid(app).marks == {"prod-east-2/uid-prod-east-2-wk-b-01"}, "what was not approved stays marked"


async def test_escape_ends_the_whole_sequence_and_hidden_marks_are_said_before_they_are_acted_on() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        for row_id in (
            "prod-east-1/uid-prod-east-1-wk-e-02",
            "prod-east-2/uid-prod-east-2-wk-b-01",
            "prod-east-2/uid-prod-east-2-wk-b-03",
        ):
            grid(app).go_to(row_id)
            await pilot.press("space")
        assert "3 marked" in app.frame.query_one("#where", Paper).text
        assert "hidden" not in app.frame.query_one("#trust", Paper).text
        app.frame.narrow("@prod-east-1")
        await until(pilot, lambda: "3 marked, 2 hidden by the filter" in app.frame.query_one("#trust", Paper).text)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted and shown(app))
        assert shown(app).startswith("▲ then asks about 2 machines in prod-east-2 (2 hidden by the filter)\n")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.frame)
        assert len(world.desk.operations()) == 1
        await until(pilot, lambda: "nothing more is asked" in app.frame.query_one("#keys", Paper).text)


async def test_the_first_line_names_the_targets_that_the_filter_hides() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(80, 24)) as pilot:
        app = await started(pilot, world)
        for name in ("wk-b-01", "wk-b-03"):
            grid(app).go_to(f"prod-east-2/uid-prod-east-2-{name}")
            await pilot.press("space")
        app.frame.narrow("wk-b-03")
        await until(pilot, lambda: "1 hidden" in app.frame.query_one("#trust", Paper).text)
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.is_mounted and shown(app))
        assert shown(app).splitlines()[0].strip() == "▲ marked, but hidden by the filter: wk-b-01"


async def test_the_end_of_the_time_stops_new_approvals_only() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01")
        world.plan(operation.op_id, world.plan_of(operation.op_id))
        await until(pilot, lambda: button(app) == "drain 1")
        world.clock.at += 1801
        app.screen.query_one("#approve", Push).action_press()
        await until(pilot, lambda: not isinstance(app.screen, ConfirmScreen))
        assert approvals(world, operation.op_id) == []


async def test_write_arms_with_a_reason_and_a_time_and_readonly_ends_it() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "write rack C repair 21m")
        await pilot.press("enter")
        await until(pilot, lambda: "WRITE 21m left" in app.frame.query_one("#where", Paper).text)
        assert world.session.arming.reason == "rack C repair"
        await pilot.press("colon")
        await type_text(pilot, "readonly")
        await pilot.press("enter")
        await until(pilot, lambda: "READ-ONLY" in app.frame.query_one("#where", Paper).text)


async def test_a_session_started_read_only_cannot_be_armed() -> None:
    world = fill(World(readonly=True))
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await pilot.press("colon")
        await type_text(pilot, "write because 30m")
        await pilot.press("enter")
        await until(pilot, lambda: "--readonly" in app.frame.query_one("#keys", Paper).text)
        assert not world.session.armed


async def test_a_rehearsal_asks_for_no_word_and_an_armed_one_does() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(80, 24)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03", "wk-b-04")
        world.plan(operation.op_id, tense_plan(operation.intent))
        await until(pilot, lambda: button(app) == "rehearsal only: arm with :write")
        assert not app.screen.query_one("#typed").display
        await pilot.press("colon")
        assert ":write stands on the tables" in str(app.screen.query_one("#box").border_subtitle)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: app.screen.query("#reason"))
        await pilot.press("enter")
        await until(pilot, lambda: "into every operation's record" in app.screen.query_one("#problem", Paper).text)
        await type_text(pilot, "rack C")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ConfirmScreen) and app.screen.query_one("#typed").display)
        await until(pilot, lambda: isinstance(app.focused, Input) and button(app) == "type prod-east-2")
        assert "Rehearsal" not in str(app.screen.query_one("#box").border_title)
        world.clock.at += 1801
        await until(pilot, lambda: not app.screen.query_one("#typed").display)
        assert "Rehearsal" in str(app.screen.query_one("#box").border_title)


async def test_a_session_started_read_only_rehearses_and_says_why_it_does_no_more() -> None:
    world = fill(World(readonly=True))
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01")
        world.plan(operation.op_id, world.plan_of(operation.op_id))
        await until(pilot, lambda: button(app) == "rehearsal only: --readonly")
        app.screen.query_one("#approve").focus()
        await pilot.press("enter", "colon")
        await pilot.pause()
        assert isinstance(app.screen, ConfirmScreen)
        assert approvals(world, operation.op_id) == []


async def test_the_plan_says_its_age_and_can_be_made_again() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, first = await drain(pilot, world, "wk-b-01")
        world.plan(first.op_id, world.plan_of(first.op_id))
        await until(pilot, lambda: "seen just now" in shown(app))
        world.clock.at += 47
        await until(pilot, lambda: "seen 40s ago" in shown(app))
        world.clock.at += 200
        await until(pilot, lambda: "seen 4m ago" in shown(app))
        await pilot.press("p")
        await until(pilot, lambda: len(world.desk.operations()) == 2 and button(app) == "planning")
        again = world.desk.operations()[0]
        assert (again.intent.targets, again.intent.options) == (first.intent.targets, first.intent.options)
        assert world.desk.operation(first.op_id).aborting
        world.plan(again.op_id, world.plan_of(again.op_id))
        await until(pilot, lambda: "seen just now" in shown(app) and button(app) == "drain 1")


@pytest.mark.parametrize("size", [(160, 50), (80, 24)])
async def test_options_unfold_with_what_each_decides_and_the_buttons_stay(size: tuple[int, int]) -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=size) as pilot:
        app, first = await drain(pilot, world, "wk-b-01", "wk-b-03", "wk-b-04")
        world.plan(first.op_id, tense_plan(first.intent))
        await until(pilot, lambda: isinstance(app.focused, Input))
        assert "as usual" in app.screen.query_one("#chosen", Paper).text
        await pilot.press("tab")
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.focused, Choice))
        await until(pilot, lambda: app.screen.query_one("#buttons").region.bottom < size[1])
        await until(pilot, lambda: app.screen.query_one("#plan").region.height >= 6)
        await pilot.press("tab", "tab", "tab")
        assert app.focused is app.screen.query_one("#option-settle-s")
        await pilot.press("right")
        await until(pilot, lambda: len(world.desk.operations()) == 2)
        assert world.desk.operations()[0].intent.option("settle_s", 300) == 0
        await pilot.press("o")
        await until(pilot, lambda: "replacements no wait" in app.screen.query_one("#chosen", Paper).text)
        assert not app.screen.query_one("#options").display


async def test_options_fold_where_the_word_is_typed_so_that_what_it_accepts_is_in_sight() -> None:
    world = fill(World())
    arm(world)
    async with world.app(view=HERE).run_test(size=(80, 24)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01", "wk-b-03", "wk-b-04")
        world.plan(operation.op_id, tense_plan(operation.intent))
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("tab", "o")
        await until(pilot, lambda: isinstance(app.focused, Choice))
        await pilot.press(*["tab"] * 8)
        await until(pilot, lambda: isinstance(app.focused, Input))
        assert not app.screen.query_one("#options").display
        page = app.screen.query_one("#plan")
        until_frozen = shown(app).partition("targets frozen")[0].count("\n") + 1
        await until(pilot, lambda: until_frozen <= page.region.height)
        assert page.scroll_offset.y == 0


async def test_kubectl_is_copied_with_the_flags_of_what_was_chosen() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, operation = await drain(pilot, world, "wk-b-01")
        world.plan(operation.op_id, world.plan_of(operation.op_id))
        await until(pilot, lambda: "passed" in shown(app))
        sent: list[str] = []
        world.session.write_terminal = sent.append
        await pilot.press("K")
        command = "kubectl --context prod-east-2 drain wk-b-01 --ignore-daemonsets"
        await until(pilot, lambda: f"$ {command}\n  copied" in shown(app))
        assert base64.b64encode(command.encode()).decode() in sent[0]
        await pilot.press("K")
        await until(pilot, lambda: "kubectl" not in shown(app))
        assert len(sent) == 1


async def test_a_cluster_nobody_knows_is_not_touched() -> None:
    world = fill(World())
    world.fleet.put(machine("wk-x-01", "edge-new"))
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        grid(app).go_to("edge-new/uid-edge-new-wk-x-01")
        await pilot.press("D")
        await until(pilot, lambda: "edge-new has not answered yet" in app.frame.query_one("#keys", Paper).text)
        assert world.desk.operations() == ()


async def test_a_missing_controller_is_said_while_it_plans() -> None:
    world = fill(World())
    world.problem = "no controller since 13:55: start fleetui controller"
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app, _ = await drain(pilot, world, "wk-b-01")
        assert "no controller since 13:55" in shown(app)


async def test_the_cursor_is_the_target_when_nothing_is_marked() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(80, 24)) as pilot:
        app = await started(pilot, world)
        app.frame.query_one(Grid).go_to("prod-east-2/uid-prod-east-2-wk-c-09")
        await pilot.press("U")
        await until(pilot, lambda: world.desk.operations())
        assert [target.name for target in world.desk.operations()[0].intent.targets] == ["wk-c-09"]
        assert world.desk.operations()[0].intent.kind == "uncordon"


async def test_a_plan_may_be_there_before_the_dialog_is_drawn() -> None:
    world = fill(World())
    async with world.app(view=HERE).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        app.operating.operate("cordon")
        assert isinstance(app.screen, ConfirmScreen)
        app.screen.operations_changed(world.desk.operations())
        app.screen.show()
        await until(pilot, lambda: world.desk.operations() and app.screen.is_mounted and shown(app))
