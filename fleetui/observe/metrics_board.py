"""A table that is made of what the sources of metrics say and of nothing else: every source is asked its fixed queries
while somebody looks, and what they say together becomes rows."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn, Protocol

from fleetui.model.fault import Fault
from fleetui.model.health.answers import Answers
from fleetui.model.health.series import Vector
from fleetui.observe.sources import Keep, Opened, Sources, latest
from fleetui.observe.table import Table
from fleetui.observe.waiting import Bell
from fleetui.ports.clock import Chance, Clock

_log = logging.getLogger(__name__)

JUDGE_EVERY_S = 6.0
"""How often time alone is asked for its verdict: what is not renewed grows late, then stale."""
SLICE = 50
"""Rows published in one go: a millisecond or two."""
ON_LOOP = 20
"""Clusters up to which the rows are made at once. Those of more are made in a thread."""
POINTS_ON_LOOP = 600
"""The same for points of answers: 8 ms."""


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
        names: Iterable[str] | None,
        sources: Opened,
        judge: Judge,
        clock: Clock,
        chance: Chance,
        keep: Keep = latest,
        besides: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """``names`` are the clusters that have rows; None: those of which the sources tell. ``besides`` is awaited
        before each verdict: it looks at what the judge needs and no source of metrics knows. It never raises."""
        self.rows: Table[Any] = Table()
        self._names = None if names is None else frozenset(names)
        self._judge = judge
        self._besides = besides
        self._clock = clock
        self._known: dict[str, dict[str, MetricsRow]] = {}
        self._drawn: frozenset[str] = frozenset()
        """Sources whose answers are in the rows."""
        self._focused = self._names
        self._bell = Bell(clock)
        self._sources = Sources(sources, told=self._bell.ring, clock=clock, chance=chance, keep=keep)

    @property
    def sources(self) -> frozenset[str]:
        """All of them, by name."""
        return self._sources.names

    @property
    def settled(self) -> bool:
        """Every source that is asked about a focused cluster has answered or failed, and rows say so."""
        return self._wanted() <= self._drawn and self._known.keys() >= (self._focused or frozenset())

    @property
    def waiting(self) -> frozenset[str]:
        """Sources that have done neither."""
        return self._wanted() - self._sources.answers.keys()

    def unheard(self, cluster: str) -> frozenset[str]:
        """Sources that are asked about it, and whose word is not in its rows yet."""
        drawn = self._focused is None or cluster in self._known
        return self._sources.about((cluster,)) - (self._drawn if drawn else frozenset())

    def doubt(self, cluster: str) -> str:
        """Why it may have no row of the cluster though there is something to tell: who has not answered yet, or cannot.
        Empty where all that are asked about it have answered, and where nobody is."""
        if waiting := self.unheard(cluster):
            return f"no answer yet from {', '.join(sorted(waiting))}"
        said = sorted((each for each in self.answers if each.about(cluster)), key=lambda each: each.source)
        return ", ".join(f"{each.source}: {fault.word}" for each in said if (fault := _fault(each)) is not None)

    @property
    def answers(self) -> tuple[Answers, ...]:
        """The last ones of each source."""
        return tuple(self._sources.answers.values())

    @property
    def took_s(self) -> float | None:
        """How long the slowest source took for its last round of questions; None before the first."""
        return max(self._sources.took_s.values(), default=None)

    def focus(self, clusters: frozenset[str]) -> None:
        """Rows of these alone. Sources that are asked about none of them are not asked from the next watch on."""
        self._focused = clusters if self._names is None else clusters & self._names
        for name in self._known.keys() - self._focused - {FLEET}:
            self._known.pop(name)
            self.rows.drop(name)
        self._bell.ring()

    async def watch(self) -> NoReturn:
        """Until cancelled. What was known before is judged at once: it may have grown stale."""
        async with asyncio.TaskGroup() as group:
            for source in sorted(self._wanted()):
                group.create_task(self._sources.ask_on(source), name=f"ask {source}")
            while True:
                await self._draw()
                await self._bell.wait(JUDGE_EVERY_S)
        raise AssertionError("it goes on until it is cancelled")

    async def close(self) -> None:
        await self._sources.close()

    def _wanted(self) -> frozenset[str]:
        """Sources that are asked about somebody who is looked at."""
        return self._sources.names if self._focused is None else self._sources.about(self._focused)

    async def _draw(self) -> None:
        answers, focused, at = self.answers, self._focused, self._clock.now()
        heard = frozenset(self._sources.answers)
        if not answers and self._wanted():
            return
        if self._besides is not None:
            await self._besides()
        try:
            if len(focused or ()) > ON_LOOP or sum(map(_points, answers)) > POINTS_ON_LOOP:
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
        for number, name in enumerate(self._places(rows), start=1):
            now, before = rows.get(name, {}), self._known.get(name, {})
            changed = [(id_, row) for id_, row in now.items() if before.get(id_) != row]
            gone = before.keys() - now.keys()
            if changed or gone:
                self.rows.apply(name, changed, gone)
            self._known[name] = dict(now)
            if number % SLICE == 0:
                await asyncio.sleep(0)

    def _places(self, told: Mapping[str, object]) -> Iterable[str]:
        """Of whom rows may come, change and go."""
        return sorted(told.keys() | self._known.keys()) if self._focused is None else (FLEET, *sorted(self._focused))


def _fault(answers: Answers) -> Fault | None:
    return answers.fault or next((reply for reply in answers.replies.values() if isinstance(reply, Fault)), None)


def _points(answers: Answers) -> int:
    return sum(len(reply.points) for reply in answers.replies.values() if isinstance(reply, Vector))


def _made(
    judge: Judge, answers: Sequence[Answers], focused: frozenset[str] | None, at: float
) -> dict[str, dict[str, MetricsRow]]:
    """By cluster."""
    found: dict[str, dict[str, MetricsRow]] = {}
    for id_, row in judge(answers, focused or frozenset(), at):
        found.setdefault(row.cluster, {})[id_] = row
    return found
