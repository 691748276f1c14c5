"""The life of a screen: begun once, shown with one clock, and told nothing once its widgets go."""

import pytest

from fleetui.console.frame import Frame
from fleetui.console.screens.machines import MachinesScreen
from fleetui.console.views import View
from tests.console.samples import CLUSTERS, fill
from tests.console.test_table_keys import started
from tests.console.waiting import until
from tests.console.world import World


async def test_a_screen_begins_once_and_has_one_clock_each_time_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual calls the handlers of every class by itself: one that calls its parent's too does all of it twice."""
    done: list[str] = []

    def counted(name: str) -> None:
        real = getattr(Frame, name)

        def spy(self: Frame) -> None:
            done.append(f"{self.view.screen} {name}")
            real(self)

        monkeypatch.setattr(Frame, name, spy)

    counted("begin")
    counted("_wait_for_minute")
    world = fill(World())
    async with world.app().run_test(size=(120, 30)) as pilot:
        app = await started(pilot, world)
        for screen in ("operations", "fleet"):
            app.go.open(View(screen))
            await until(pilot, lambda screen=screen: app.screen is app.go.frame and app.go.here.screen == screen)
            await until(pilot, lambda screen=screen: done[-1] == f"{screen} _wait_for_minute")
        assert done == [
            *("fleet begin", "fleet _wait_for_minute", "operations begin", "operations _wait_for_minute"),
            "fleet _wait_for_minute",
        ]


async def test_a_screen_whose_widgets_are_gone_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clusters go on changing while the program leaves, and the widgets of a screen go before the screen does."""
    told: list[int] = []

    async def on_unmount(self: MachinesScreen) -> None:
        self.session.clusters.pop(CLUSTERS[0].name)
        self.clusters_changed()
        self.flash("too late", "warn")
        self.show_keys()
        self.prompt("/")
        told.append(len(self.query("#where, #trust, #keys, #prompt-input")))

    monkeypatch.setattr(MachinesScreen, "on_unmount", on_unmount, raising=False)
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(120, 30)) as pilot:
        await started(pilot, world)
    assert told == [0]


async def test_a_prompt_asked_for_before_it_is_there_opens_when_it_is() -> None:
    world = fill(World())
    async with world.app(view=View("machines")).run_test(size=(120, 30)) as pilot:
        app = await started(pilot, world)
        app.go.open(View("pods"))
        frame = app.frame
        assert not frame.whole.is_set()
        app.choosing.prompt("/")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "prompt-input")
        assert app.screen is frame
