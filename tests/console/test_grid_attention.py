"""What an eye can have taken in: when a row that came by itself counts as seen, and when a rest is told."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from fleetui.console.grid_attention import REST_S, SEEN_S, Attention
from fleetui.console.grid_cursor import GridCursor, Grip
from fleetui.console.grid_messages import RowRested
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.view import View
from tests.model.table.rows import NOW, delta, machine


class Timer:
    def __init__(self, done: Callable[[], None]) -> None:
        self.resets = 0
        self._done = done

    def reset(self) -> None:
        self.resets += 1

    def run_out(self) -> None:
        self._done()


class Grid:
    """As far as attention looks at a widget."""

    def __init__(self) -> None:
        self.is_mounted = True
        self.screen = object()
        self.app = SimpleNamespace(screen=self.screen)
        self.timers: dict[float, list[Timer]] = {REST_S: [], SEEN_S: []}
        self.told: list[RowRested] = []

    def set_timer(self, seconds: float, done: Callable[[], None]) -> Timer:
        self.timers[seconds].append(Timer(done))
        return self.timers[seconds][-1]

    def post_message(self, message: RowRested) -> None:
        self.told.append(message)


class Stage:
    """Three rows under a cursor that stands on the first and is shown."""

    def __init__(self, *, held: bool = True) -> None:
        self.view: View[Any] = View(MACHINES, now=NOW)
        self.grid = Grid()
        self.cursor = GridCursor(self.view)
        self.cursor.height = 10
        self.attention = Attention(self.grid, self.view, self.cursor)  # type: ignore[arg-type]
        self.grid.is_mounted = False
        self.hear(*map(machine, ("aaa", "bbb", "ccc")))
        self.grid.is_mounted = True
        if held:
            self.cursor.hold()

    def hear(self, *rows: Any, gone: str = "", by_hand: bool = False) -> None:
        self.view.apply(delta(*rows, removes=(f"eu-1/uid-{gone}",) if gone else ()))
        while not self.view.settled:
            self.view.advance()
        self.attention.follow(by_hand=by_hand)

    @property
    def sights(self) -> list[Timer]:
        return self.grid.timers[SEEN_S]

    @property
    def rests(self) -> list[Timer]:
        return self.grid.timers[REST_S]


def test_moves_that_leave_the_row_under_the_cursor_do_not_begin_its_time_anew() -> None:
    stage = Stage()
    stage.hear(gone="aaa")
    assert (stage.attention.slipped, len(stage.sights)) == (True, 1)
    stage.hear(machine("ddd"))
    stage.hear(gone="ccc")
    assert stage.sights[0].resets == 0, "else a row in a busy table is never seen"
    stage.hear(gone="bbb")
    assert stage.sights[0].resets == 1, "another row has its own time"


def test_a_row_that_slipped_in_is_seen_only_where_it_can_be_seen() -> None:
    stage = Stage()
    stage.hear(gone="aaa")
    stage.grid.app.screen = object()
    stage.sights[0].run_out()
    assert stage.attention.slipped
    stage.grid.app.screen = stage.grid.screen
    stage.attention.uncovered()
    stage.sights[1].run_out()
    assert not stage.attention.slipped


def test_what_was_fresh_behind_a_dialog_has_its_time_once_it_is_shown() -> None:
    stage = Stage(held=False)
    grips = [stage.cursor.grip]
    stage.attention.uncovered()
    stage.sights[0].run_out()
    assert [*grips, stage.cursor.grip] == [Grip.FRESH, Grip.SEEN]
    stage.attention.uncovered()
    assert len(stage.sights) == 1, "it is seen, and nothing has slipped"


def test_who_points_at_a_row_means_this_one_and_what_a_hand_moves_does_not_slip() -> None:
    stage = Stage()
    stage.hear(gone="aaa")
    stage.attention.point()
    assert not stage.attention.slipped
    stage.hear(gone="bbb", by_hand=True)
    assert not stage.attention.slipped


def test_a_rest_is_told_once_and_again_when_the_row_reads_otherwise() -> None:
    stage = Stage()
    stage.attention.await_rest()
    stage.attention.await_rest()
    assert (len(stage.rests), stage.rests[0].resets) == (1, 1)
    stage.rests[0].run_out()
    assert [(message.row_id, message.row) for message in stage.grid.told] == [("eu-1/uid-aaa", machine("aaa"))]
    stage.attention.await_rest()
    assert len(stage.rests) == 1, "nothing is new"
    stage.hear(machine("aaa", status="NotReady"))
    stage.attention.await_rest()
    assert len(stage.rests) == 2


def test_nothing_is_timed_before_there_is_a_screen() -> None:
    stage = Stage()
    stage.grid.is_mounted = False
    stage.hear(gone="aaa")
    stage.attention.await_rest()
    assert stage.grid.timers == {REST_S: [], SEEN_S: []}
