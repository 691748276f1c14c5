"""The sources of metrics behind one board: each is asked on and on, beside the others, and its last answers stay."""

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import NoReturn

from fleetui.model.health.answers import Answers
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.questions import Asked
from fleetui.ports.clock import Chance, Clock

_log = logging.getLogger(__name__)

SLOWEST_S = 10.0
FASTEST_S = 2.0
"""A source is asked twice in the time in which it scrapes once, within these limits: oftener gives no newer figure."""

Opened = Mapping[str, tuple[Asked, MetricsConfig]]
"""By the source's name: how it is asked, and what the configuration says of it."""
Keep = Callable[[Answers | None, Answers], Answers]
"""(what a source said before, what it says now) -> what stands."""


def latest(_: Answers | None, now: Answers) -> Answers:
    """What it says now."""
    return now


class Sources:
    """Nothing raised by one of them ends anything. Everything on one loop."""

    def __init__(
        self, opened: Opened, *, told: Callable[[], None], clock: Clock, chance: Chance, keep: Keep = latest
    ) -> None:
        """``told`` is called after each round of questions to one, also when it has failed."""
        self.answers: dict[str, Answers] = {}
        """The last ones of each source that has any."""
        self.took_s: dict[str, float] = {}
        """How long each took for its last round of questions."""
        self._opened = opened
        self._told = told
        self._keep = keep
        self._clock = clock
        self._chance = chance

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._opened)

    def about(self, clusters: Iterable[str]) -> frozenset[str]:
        """Those that are asked about any of these clusters."""
        asked = tuple(clusters)
        return frozenset(name for name, (_, config) in self._opened.items() if any(map(config.covers, asked)))

    async def ask_on(self, name: str) -> NoReturn:
        """This one, until cancelled."""
        asked, _ = self._opened[name]
        while True:
            began = self._clock.monotonic()
            try:
                self.answers[name] = self._keep(self.answers.get(name), await asked.ask())
            except Exception:  # fence: a defect in one source's answers must not end the others; its figures grow stale
                _log.exception("asking %s failed", name)
            self.took_s[name] = self._clock.monotonic() - began
            self._told()
            pause = min(SLOWEST_S, max(FASTEST_S, asked.interval_s / 2))
            await self._clock.sleep(self._chance.uniform(pause * 0.9, pause))

    async def close(self) -> None:
        for asked, _ in self._opened.values():
            await asked.close()
