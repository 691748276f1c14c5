"""Faults of every kind, one after another, drawn from a seed: of the API server, the line to it, and the controller.

Each fault is mended before the next is drawn, except that a controller may be killed in the middle of any of them.
"""

import time
from collections.abc import Callable
from random import Random

from tests.bed.cluster import BedCluster
from tests.bed.proxy import FaultProxy
from tests.drills.nursery import Controller

WRITES = r"^(PATCH /api/v1/nodes|POST /api/v1/.*/eviction$)"
KILLS_WITHIN = 0.3
"""The chance of a death in the middle of another fault."""


KINDS = (
    "stop-server",
    "freeze-server",
    "answer-429",
    "answer-500",
    "cut-connections",
    "refuse-connections",
    "lose-answers",
    "kill-controller",
)


class Storm:
    """``start`` makes a controller."""

    def __init__(
        self,
        bed: BedCluster,
        proxy: FaultProxy,
        chance: Random,
        *,
        start: Callable[[], Controller],
    ) -> None:
        self._bed, self._proxy, self._chance = bed, proxy, chance
        self._start = start
        self._controller = start()
        self.log: list[str] = []
        """What was done, with seconds since the storm began."""
        self._begun = time.monotonic()

    def rage(self, seconds: float) -> None:
        """Every kind of fault once, in any order, then any of them until the time is over; then all is mended."""
        kinds = [self._stop_server, self._freeze_server, self._throttle, self._fail, self._cut, self._refuse]
        kinds += [self._lose_answers, self._kill]
        first = self._chance.sample(kinds, len(kinds))
        try:
            while first or time.monotonic() - self._begun < seconds:
                (first.pop() if first else self._chance.choice(kinds))()
                self._hold(self._chance.uniform(0.0, 1.0))
        finally:
            self._proxy.clear()
            self._proxy.listen()

    @property
    def has_spared(self) -> tuple[str, ...]:
        """The kinds of faults that have not struck."""
        return tuple(kind for kind in KINDS if not any(kind in line for line in self.log))

    def end(self) -> int:
        """The exit status of the last controller, told to stop."""
        self._controller.terminate()
        return self._controller.wait(timeout=30)

    # One fault each.

    def _stop_server(self) -> None:
        self._say("stop-server")
        self._bed.stop_api()
        self._suffer(2.0)
        self._bed.start_api()

    def _freeze_server(self) -> None:
        self._say("freeze-server")
        self._bed.freeze_api()
        try:
            self._suffer(5.0)
        finally:
            self._bed.thaw_api()

    def _throttle(self) -> None:
        self._answer(429, retry_after=self._chance.choice((None, 1)))

    def _fail(self) -> None:
        self._answer(500)

    def _answer(self, code: int, *, retry_after: int | None = None) -> None:
        match, times = self._chance.choice(("", WRITES)), self._chance.randint(1, 8)
        self._say(f"answer-{code} {times} times to {match or 'everything'}, retry after {retry_after}")
        self._proxy.answer(code, match, times=times, retry_after=retry_after)
        self._suffer(2.0)
        self._proxy.clear()

    def _cut(self) -> None:
        self._say("cut-connections")
        for _ in range(self._chance.randint(1, 5)):
            self._proxy.drop()
            self._hold(self._chance.uniform(0.0, 0.2))

    def _refuse(self) -> None:
        self._say("refuse-connections")
        self._proxy.refuse()
        self._suffer(2.0)
        self._proxy.listen()

    def _lose_answers(self) -> None:
        """The change is made and its answer never arrives: the outcome is unknown to who asked for it."""
        self._say("lose-answers")
        slow = self._proxy.limit(10.0, WRITES)
        self._hold(3.0, until=lambda: slow.struck > 0)
        self._hold(self._chance.uniform(0.0, 0.3))
        self._proxy.drop()
        self._proxy.clear()

    def _kill(self) -> None:
        self._say("kill-controller")
        self._controller.kill()
        self._controller.wait()
        self._controller = self._start()

    # How.

    def _suffer(self, most: float) -> None:
        """The fault lasts; perhaps a controller dies of something else meanwhile."""
        self._hold(self._chance.uniform(0.1, most))
        if self._chance.random() < KILLS_WITHIN:
            self._kill()
            self._hold(self._chance.uniform(0.1, most))

    def _hold(self, seconds: float, *, until: Callable[[], bool] = lambda: False) -> None:
        """Lets the drain run on for so long, or until what was waited for has happened."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and not until():
            time.sleep(0.02)

    def _say(self, what: str) -> None:
        self.log.append(f"{time.monotonic() - self._begun:6.2f} {what}".strip())
