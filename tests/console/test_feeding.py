"""When a screen takes what its table has for it: fake timers, a real table."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

from fleetui.console.feeding import AT_ONCE_S, Feeding
from fleetui.console.pace import BURST, GAP_S, PAINT_S
from fleetui.console.session import Session
from fleetui.model.picture import Delta
from fleetui.observe.table import Table
from tests.console.samples import cluster


class Timer:
    def __init__(self, delay: float, ring: Callable[[], None]) -> None:
        self.delay, self.ring, self.stopped = delay, ring, False

    def stop(self) -> None:
        self.stopped = True


class Stage:
    """A feeding of clusters; ``now`` is the clock's, ``timers`` those that were set and not stopped, oldest first."""

    def __init__(self) -> None:
        self.now = 100.0
        self.set: list[Timer] = []
        self.taken: list[Delta[Any]] = []
        self.table: Table[Any] = Table()
        self.app = SimpleNamespace(is_running=True)
        clock = SimpleNamespace(monotonic=lambda: self.now)
        fleet = SimpleNamespace(subscribe=lambda _, wake: self.table.subscribe(wake))
        session = cast(Session, SimpleNamespace(clock=clock, fleet=fleet))
        self.feeding = Feeding(cast(Any, self), session, "clusters", self.taken.append)

    def begin(self) -> None:
        """The first take is all there is; a screen shows it at once."""
        self.feeding.start()
        assert [delta.reset for delta in self.taken] == [True]
        self.taken.clear()

    def set_timer(self, delay: float, ring: Callable[[], None]) -> Timer:
        self.set.append(Timer(delay, ring))
        return self.set[-1]

    @property
    def timers(self) -> list[Timer]:
        return [timer for timer in self.set if not timer.stopped]

    def news(self) -> None:
        name = f"c-{len(self.table)}"
        self.table.apply(name, [(name, cluster(name, "edge", 3))])

    def pass_time(self) -> float:
        """The next timer rings; how long it took."""
        (timer,) = self.timers
        timer.stop()
        self.now += timer.delay
        timer.ring()
        return timer.delay


def test_the_first_news_after_a_rest_come_at_once_and_then_a_few_times_a_second() -> None:
    stage = Stage()
    stage.begin()
    stage.now += 60
    waits = []
    for _ in range(8):
        stage.news()
        waits.append(stage.pass_time())
    assert waits[0] == AT_ONCE_S
    assert all(AT_ONCE_S < wait < GAP_S + 1e-6 for wait in waits[1 : int(BURST)])
    assert all(wait > GAP_S for wait in waits[int(BURST) + 1 :])
    assert abs(waits[-1] - PAINT_S) < 0.01
    assert [len(delta.upserts) for delta in stage.taken] == [1] * 8


def test_nothing_is_set_without_news_and_once_for_many() -> None:
    stage = Stage()
    stage.begin()
    assert stage.timers == []
    stage.news()
    stage.news()
    stage.pass_time()
    assert [len(delta.upserts) for delta in stage.taken] == [2]


def test_what_comes_while_nobody_looks_waits_for_the_next_look() -> None:
    stage = Stage()
    stage.begin()
    stage.news()
    stage.feeding.pause()
    stage.news()
    assert (stage.timers, stage.taken) == ([], [])
    stage.feeding.start()
    assert [len(delta.upserts) for delta in stage.taken] == [2]
    stage.news()
    assert len(stage.timers) == 1


def test_a_look_takes_what_a_timer_was_set_for() -> None:
    stage = Stage()
    stage.begin()
    stage.news()
    stage.feeding.start()
    assert (len(stage.taken), stage.timers) == (1, [])


def test_nothing_is_shown_by_an_app_that_is_leaving_or_after_the_end() -> None:
    stage = Stage()
    stage.begin()
    stage.news()
    stage.app.is_running = False
    stage.pass_time()
    assert stage.taken == []
    stage.feeding.close()
    stage.news()
    assert (stage.timers, stage.taken) == ([], [])
