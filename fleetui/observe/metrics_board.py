"""A table that is made of what the sources of metrics say and of nothing else: every source is asked its fixed queries
while somebody looks, and what they say together becomes rows."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NoReturn, Protocol

from fleetui.model.health.answers import Answers
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.questions import Asked
from fleetui.observe.table import Table
from fleetui.observe.waiting import Bell
from fleetui.ports.clock import Chance, Clock

_log = logging.getLogger(__name__)

SLOWEST_S = 10.0
FASTEST_S = 2.0
"""A source is asked twice in the time in which it scrapes once, within these limits: oftener gives no newer figure."""
JUDGE_EVERY_S = 6.0
"""How often time alone is asked for its verdict: what is not renewed grows late, then stale."""
SLICE = 50
"""Rows published in one go: a millisecond or two."""
ON_LOOP = 20
"""Clusters up to which the rows are made at once. Those of more are made in a thread."""


FLEET = ""
"""The cluster of rows that are of all clusters."""


class MetricsRow(Protocol):
    """One row of such a table."""

    @property
    def cluster(self) -> str: ...


Judge = Callable[[Sequence[Answers], frozenset[str], float], Iterable[tuple[str, MetricsRow]]]
"""(what the sources that were asked have said, clusters that must have rows, now) -> (id, row). Pure; it may run in a
thread."""


class MetricsBoard:
    """``observe.board.Board``. Everything on one loop."""

    def __init__(
        self,
        *,
        names: Iterable[str],
        sources: Mapping[str, tuple[Asked, MetricsConfig]],
        judge: Judge,
        clock: Clock,
        chance: Chance,
    ) -> None:
        """``names`` are the clusters that have rows."""
        self.rows: Table[Any] = Table()
        self._names = frozenset(names)
        self._sources = sources
        self._judge = judge
        self._clock = clock
        self._chance = chance
        self._answers: dict[str, Answers] = {}
        self._took: dict[str, float] = {}
        self._known: dict[str, dict[str, MetricsRow]] = {}
        self._drawn: frozenset[str] = frozenset()
        """Sources whose answers are in the rows."""
        self._focused = self._names
        self._bell = Bell(clock)

    @property
    def settled(self) -> bool:
        """Every source that is asked about a focused cluster has answered or failed, and rows say so."""
        return self._wanted() <= self._drawn and self._known.keys() >= self._focused

    @property
    def waiting(self) -> frozenset[str]:
        """Sources that have done neither."""
        return frozenset(self._wanted() - self._answers.keys())

    @property
    def answers(self) -> tuple[Answers, ...]:
        """The last ones of each source."""
        return tuple(self._answers.values())

    @property
    def took_s(self) -> float | None:
        """How long the slowest source took for its last round of questions; None before the first."""
        return max(self._took.values(), default=None)

    def focus(self, clusters: frozenset[str]) -> None:
        """Rows of these alone. Sources that are asked about none of them are not asked from the next watch on."""
        self._focused = clusters & self._names
        for name in self._known.keys() - self._focused - {FLEET}:
            self._known.pop(name)
            self.rows.drop(name)
        self._bell.ring()

    async def watch(self) -> NoReturn:
        """Until cancelled. What was known before is judged at once: it may have grown stale."""
        async with asyncio.TaskGroup() as group:
            for source in sorted(self._wanted()):
                group.create_task(self._ask_on(source), name=f"ask {source}")
            while True:
                await self._draw()
                await self._bell.wait(JUDGE_EVERY_S)
        raise AssertionError("it goes on until it is cancelled")

    async def close(self) -> None:
        for asked, _ in self._sources.values():
            await asked.close()

    def _wanted(self) -> set[str]:
        """Sources that are asked about somebody who is looked at."""
        return {
            source
            for source, (_, config) in self._sources.items()
            if any(covers(config, name) for name in self._focused)
        }

    async def _ask_on(self, source: str) -> NoReturn:
        asked, _ = self._sources[source]
        while True:
            began = self._clock.monotonic()
            try:
                self._answers[source] = await asked.ask()
            except Exception:  # fence: a defect in one source's answers must not end the others; its figures grow stale
                _log.exception("asking %s failed", source)
            self._took[source] = self._clock.monotonic() - began
            self._bell.ring()
            pause = min(SLOWEST_S, max(FASTEST_S, asked.interval_s / 2))
            await self._clock.sleep(self._chance.uniform(pause * 0.9, pause))

    async def _draw(self) -> None:
        answers, focused, at = self.answers, self._focused, self._clock.now()
        heard = frozenset(self._answers)
        if not answers and self._wanted():
            return
        try:
            if len(focused) > ON_LOOP:
                rows = await asyncio.to_thread(_made, self._judge, answers, focused, at)
            else:
                rows = _made(self._judge, answers, focused, at)
        except Exception:  # fence: a defect in a verdict leaves the last rows, which say how old they are
            _log.exception("judging what the sources say has failed")
            return
        await self._publish(rows)
        self._drawn = heard

    async def _publish(self, rows: Mapping[str, Mapping[str, MetricsRow]]) -> None:
        """Only what is different from before. Keys come in between."""
        for number, name in enumerate((FLEET, *sorted(self._focused)), start=1):
            now, before = rows.get(name, {}), self._known.get(name, {})
            changed = [(id_, row) for id_, row in now.items() if before.get(id_) != row]
            gone = before.keys() - now.keys()
            if changed or gone:
                self.rows.apply(name, changed, gone)
            self._known[name] = dict(now)
            if number % SLICE == 0:
                await asyncio.sleep(0)


def covers(config: MetricsConfig, name: str) -> bool:
    """Whether a source is asked about a cluster."""
    if config.cluster:
        return config.cluster == name
    return any(fnmatchcase(name, pattern) for pattern in config.clusters)


def _made(
    judge: Judge, answers: Sequence[Answers], focused: frozenset[str], at: float
) -> dict[str, dict[str, MetricsRow]]:
    found: dict[str, dict[str, MetricsRow]] = {name: {} for name in (FLEET, *focused)}
    for id_, row in judge(answers, focused, at):
        if row.cluster in found:
            found[row.cluster][id_] = row
    return found
