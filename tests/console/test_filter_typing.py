"""A filter as it is typed: its answer comes with the letter, and its count becomes final."""

import pytest

from fleetui.console.paper import Paper
from fleetui.console.prompt import Prompt, PromptInput
from fleetui.console.views import View
from fleetui.model.table import view as view_module
from tests.console.samples import fill
from tests.console.test_table_keys import names, said, started
from tests.console.waiting import type_text, until
from tests.console.world import World


async def test_the_rows_are_those_of_the_letter_before_anything_is_painted() -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        everything = names(app)
        await type_text(pilot, "/")
        await until(pilot, lambda: app.frame.query_one(Prompt).is_open)
        await until(pilot, lambda: app.frame.query_one("#prompt-hint", Paper).size.width)

        app.frame.query_one(PromptInput).value = "wk-b"  # no await from here: nothing else has had its turn

        shown = names(app)
        assert shown
        assert len(shown) < len(everything)
        assert f"{len(shown)} of" in app.frame.query_one("#prompt-hint", Paper).text


async def test_a_long_filter_ends_with_the_final_count_beside_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "SCANNED_PER_SLICE", 1)
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await type_text(pilot, "/cluster=prod-east-2")
        await until(pilot, lambda: "…" not in said(app, "prompt-hint") and " of " in said(app, "prompt-hint"))
        assert said(app, "prompt-hint").strip().startswith(f"{len(names(app))} of ")


async def test_a_letter_lays_nothing_out() -> None:
    """It would be a tenth of what a letter costs."""
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(160, 50)) as pilot:
        app = await started(pilot, world)
        await type_text(pilot, "/")
        await until(pilot, lambda: app.frame.query_one("#prompt-hint", Paper).size.width)
        await pilot.pause()
        layouts: list[object] = []
        app.frame.screen_layout_refresh_signal.subscribe(app.frame, layouts.append)

        await type_text(pilot, "wk-b")
        await until(pilot, lambda: f"{len(names(app))} of" in said(app, "prompt-hint"))

        assert app.frame.query_one(PromptInput).value == "wk-b"
        assert layouts == []
