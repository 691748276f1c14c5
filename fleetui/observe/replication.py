"""The replication table: every source is asked the queries of the kinds that it has metrics of, a fixed number however
many clusters are in it, and only while somebody looks."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NoReturn

import msgspec

from fleetui.model.fault import Fault
from fleetui.model.health.answers import Answers
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_board import replication_board
from fleetui.model.health.replication_kind import Kind
from fleetui.model.health.replication_queries import DOWN, PRESENT, all_queries, presence, present, query_id
from fleetui.model.health.series import Vector
from fleetui.model.monitoring import MetricsConfig
from fleetui.observe.questions import Asked, Board
from fleetui.observe.table import Table
from fleetui.observe.waiting import Bell
from fleetui.ports.clock import Chance, Clock

_log = logging.getLogger(__name__)

SLOWEST_S, FASTEST_S = 10.0, 2.0
"""A source is asked twice in the time in which it scrapes once, within these limits: oftener gives no newer figure."""
JUDGE_EVERY_S = 5.0
"""How often time alone is asked for its verdict, between answers: what is not renewed grows stale."""
ON_LOOP = 600
"""Points of answers, some twenty for an instance, up to which they are judged at once: 8 ms. More: in a thread."""


def questions(kinds: Sequence[Kind]) -> Board:
    """What a source is asked: first which kinds it has, then about those."""
    return Board(
        queries=(),
        anchors=(PRESENT,),
        first=(presence(kinds), DOWN),
        choose=lambda answers: all_queries(present(kinds, answers)),
        unlabelled=True,
    )


class ReplicationBoard:
    """``observe.board.Board``. Everything on one loop."""

    def __init__(
        self,
        kinds: Sequence[Kind],
        sources: Mapping[str, tuple[Asked, MetricsConfig]],
        *,
        clock: Clock,
        chance: Chance,
        mistakes: Sequence[Fault] = (),
    ) -> None:
        """``mistakes``: files of kinds that cannot be used."""
        self.rows: Table[Replica] = Table()
        self.drawn = asyncio.Event()
        """Set once every source has answered, or failed, and what came of it is in the rows."""
        self.mistakes: tuple[Fault, ...] = tuple(mistakes)
        self._kinds = tuple(kinds)
        self._sources = sources
        self._clock = clock
        self._chance = chance
        self._answers: dict[str, Answers] = {}
        self._known: dict[str, Replica] = {}
        self._bell = Bell(clock)

    @property
    def sources(self) -> tuple[str, ...]:
        return tuple(self._sources)

    @property
    def waiting(self) -> frozenset[str]:
        """Sources that have not answered yet."""
        return frozenset(self._sources) - self._answers.keys()

    @property
    def faults(self) -> tuple[tuple[str, Fault], ...]:
        """Sources that cannot be asked now, and questions that fail; by the source's name. What is shown of them is
        older, and says how old."""
        return tuple((name, fault) for name, said in sorted(self._answers.items()) if (fault := _fault(said)))

    async def watch(self) -> NoReturn:
        """Until cancelled. What was known before is judged at once: it may have grown stale."""
        async with asyncio.TaskGroup() as group:
            for name in self._sources:
                group.create_task(self._ask_on(name), name=f"replication in {name}")
            while True:
                await self._draw()
                await self._bell.wait(JUDGE_EVERY_S)

    async def close(self) -> None:
        for asked, _ in self._sources.values():
            await asked.close()

    async def _ask_on(self, name: str) -> NoReturn:
        asked, _ = self._sources[name]
        while True:
            try:
                self._answers[name] = _whole(self._kinds, self._answers.get(name), await asked.ask())
            except Exception:  # fence: a defect in one source's answers must not end the others; its rows grow stale
                _log.exception("asking %s failed", name)
            self._bell.ring()
            pause = min(SLOWEST_S, max(FASTEST_S, asked.interval_s / 2))
            await self._clock.sleep(self._chance.uniform(pause * 0.9, pause))

    async def _draw(self) -> None:
        complete, now = not self.waiting, self._clock.now()
        answers = tuple(self._answers.values())
        try:
            if sum(map(_points, answers)) > ON_LOOP:
                found = await asyncio.to_thread(replication_board, self._kinds, answers, now=now)
            else:
                found = replication_board(self._kinds, answers, now=now)
        except Exception:  # fence: a defect in one verdict must not end the watch; the rows are as they were, and age
            _log.exception("judging replication failed")
            return
        self._publish({id_: row for id_, row in found.items() if self._covers(row)})
        if complete:
            self.drawn.set()

    def _publish(self, found: dict[str, Replica]) -> None:
        """A new sample is news, also when it says the same: whoever shows a row shows its age."""
        before, self._known = self._known, found
        news: dict[str, list[tuple[str, Replica]]] = {}
        gone: dict[str, list[str]] = {}
        for id_, row in found.items():
            if row != before.get(id_):
                news.setdefault(row.cluster, []).append((id_, row))
        for id_, row in before.items():
            if id_ not in found:
                gone.setdefault(row.cluster, []).append(id_)
        for cluster in news.keys() | gone.keys():
            self.rows.apply(cluster, news.get(cluster, []), gone.get(cluster, []))

    def _covers(self, row: Replica) -> bool:
        """Whether its source is asked about its cluster."""
        _, config = self._sources[row.source]
        return bool(config.cluster) or any(fnmatchcase(row.cluster, pattern) for pattern in config.clusters)


def _points(answers: Answers) -> int:
    return sum(len(reply.points) for reply in answers.replies.values() if isinstance(reply, Vector))


def _fault(answers: Answers) -> Fault | None:
    return answers.fault or next((reply for reply in answers.replies.values() if isinstance(reply, Fault)), None)


def _whole(kinds: Sequence[Kind], before: Answers | None, now: Answers) -> Answers:
    """A kind whose samples cannot be dated now keeps its last answers: they age, and no row vanishes."""
    undated = [kind for kind in kinds if now.fault_of(query_id(kind, "seen")) is not None]
    if before is None or not undated:
        return now
    kept = {
        id_: reply
        for id_, reply in before.replies.items()
        if any(id_.startswith(query_id(kind, "")) for kind in undated) and not isinstance(reply, Fault)
    }
    fault = now.fault_of(query_id(undated[0], "seen"))
    return msgspec.structs.replace(now, replies={**now.replies, **kept}, fault=now.fault or fault)
