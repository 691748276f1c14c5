"""The etcd table: members asked directly, sources asked by the fixed queries of the board, both folded into one row a
cluster. They are asked only while somebody looks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from typing import Any, NoReturn

from fleetui.model.health.etcd_board import EtcdRow, etcd_board
from fleetui.model.health.etcd_state import EtcdState, Known, etcd_state
from fleetui.observe.etcd_poll import EVERY_S, EtcdPoll, OpenEtcd
from fleetui.observe.sources import Opened, Sources
from fleetui.observe.table import Table
from fleetui.observe.waiting import Bell
from fleetui.ports.clock import Chance, Clock

__all__ = ["EtcdBoard", "OpenEtcd"]

_log = logging.getLogger(__name__)

JUDGE_EVERY_S = 2.0
"""How often time alone is asked for its verdict: what is not renewed grows late, then stale."""
BOARD_EVERY_S = 6.0
"""The same for what was scraped, which ages more slowly: its board of 500 clusters costs a quarter of a second."""
SLICE = 50
"""Rows judged in one go: a millisecond or two."""
ON_LOOP = 20
"""Clusters up to which the board is drawn at once: 10 ms. That of more is drawn in a thread."""


class EtcdBoard:
    """``observe.board.Board``. Everything on one loop."""

    def __init__(
        self,
        *,
        names: Iterable[str],
        members: Mapping[str, OpenEtcd],
        sources: Opened,
        clock: Clock,
        chance: Chance,
    ) -> None:
        """``names`` are the clusters that have a row; ``members`` those whose etcd can be asked directly."""
        self.rows: Table[Any] = Table()
        self._names = frozenset(names)
        self._clock = clock
        self._polls = {name: EtcdPoll(name, open_, clock=clock, chance=chance) for name, open_ in members.items()}
        self._board: dict[str, EtcdRow] = {}
        self._focused = self._names
        self._bell = Bell(clock)
        self._sources = Sources(sources, told=self._hear, clock=clock, chance=chance)
        self._hasty = False
        self._news = False
        self._drawn_at = float("-inf")
        self._running: dict[str, asyncio.Task[Any]] = {}
        self._group: asyncio.TaskGroup | None = None

    @property
    def waiting(self) -> frozenset[str]:
        """Clusters of which a way that is configured has neither answered nor failed."""
        return frozenset(name for name, row in self.rows.snapshot() if not row.settled)

    @property
    def settled(self) -> bool:
        return not self.waiting

    def focus(self, clusters: frozenset[str]) -> None:
        """Asks these alone. Rows of the others go; what was learned of them stays for when they return."""
        clusters &= self._names
        for name in self._focused - clusters:
            self.rows.drop(name)
        self._focused = clusters
        self._restart()
        for name in clusters:
            self._publish(name)
        self._hear()

    def hasten(self) -> None:
        """For who looks once: settled only when each has been looked at twice and given two samples of its metrics, so
        that no lost second is taken for silence and what a disk takes is known, or cannot be. Before anything runs."""
        self._hasty = True
        for poll in self._polls.values():
            poll.hasty = True

    async def watch(self) -> NoReturn:
        """Until cancelled. What was known before is judged at once: it may have grown stale."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._hear()
                self._restart()
                while True:
                    await self._draw_when_due()
                    await self._publish_all()
                    await self._bell.wait(JUDGE_EVERY_S)
        finally:
            self._group = None
            self._running.clear()

    async def close(self) -> None:
        for poll in self._polls.values():
            await poll.close()
        await self._sources.close()

    # Who is asked.

    def _restart(self) -> None:
        """Starts what is wanted and cuts what is not."""
        if self._group is None:
            return
        wanted = self._wanted()
        for key in self._running.keys() - wanted.keys():
            self._running.pop(key).cancel()
        for key, work in wanted.items():
            if key not in self._running:
                self._running[key] = self._group.create_task(_fenced(key, work), name=key)

    def _wanted(self) -> dict[str, Callable[[], Awaitable[object]]]:
        wanted: dict[str, Callable[[], Awaitable[object]]] = {}
        for name in sorted(self._focused & self._polls.keys()):
            wanted[f"etcd of {name}"] = self._poller(name)
        for source in sorted(self._sources.about(self._focused)):
            wanted[f"etcd in {source}"] = partial(self._sources.ask_on, source)
        return wanted

    def _poller(self, name: str) -> Callable[[], Awaitable[object]]:
        return lambda: self._polls[name].run(lambda: self._publish(name))

    # What it comes to.

    def _hear(self) -> None:
        """A source has answered, or others are asked for: the board is drawn now."""
        self._news = True
        self._bell.ring()

    async def _draw_when_due(self) -> None:
        now = self._clock.monotonic()
        if not self._news and now - self._drawn_at < BOARD_EVERY_S:
            return
        self._news, self._drawn_at = False, now
        answers, focused, at = tuple(self._sources.answers.values()), self._focused, self._clock.now()
        if not answers:
            return
        try:
            if len(focused) > ON_LOOP:
                rows = await asyncio.to_thread(etcd_board, answers, focused, now=at)
            else:
                rows = etcd_board(answers, focused, now=at)
        except Exception:  # fence: what was scraped must not take the members' own word from the screen
            _log.exception("the board of what was scraped failed")
            rows = ()
        self._board = {row.cluster: row for row in rows}

    async def _publish_all(self) -> None:
        """Keys come in between."""
        for number, name in enumerate(sorted(self._focused), start=1):
            self._publish(name)
            if number % SLICE == 0:
                await asyncio.sleep(0)

    def _publish(self, name: str) -> None:
        if name not in self._focused:
            return
        try:
            state = etcd_state(self._known(name), at=self._clock.now())
        except Exception:  # fence: a defect in one verdict must not stop the others
            _log.exception("judging the etcd of %s failed", name)
            defect = "a defect in fleetui: please report it with the log"
            state = EtcdState(name, word="internal error", reason=defect, settled=True)
        if self.rows.part(name).get(name) != state:
            self.rows.apply(name, [(name, state)])

    def _known(self, name: str) -> Known:
        poll = self._polls.get(name)
        sources, answered = self._sources.about((name,)), self._sources.answers.keys()
        board = self._board.get(name) if sources & answered else None
        return Known(
            name,
            course=poll.course if poll is not None else None,
            scraped=board,
            heard_at=poll.heard_at if poll is not None else None,
            settled=(poll is None or (poll.asked and (poll.compared or not self._hasty))) and sources <= answered,
            configured=poll is not None or bool(sources),
            period_s=EVERY_S,
        )


async def _fenced(name: str, work: Callable[[], Awaitable[object]]) -> None:
    try:
        await work()
    except Exception:  # fence: one that cannot even be opened must not end the fleet's supervisor; its row says no data
        _log.exception("%s failed", name)
