"""The replication table: what every source is asked of the kinds that it has metrics of, a fixed number of questions
however many clusters are in it, and what becomes of the answers."""

from collections.abc import Iterable, Sequence
from functools import partial

import msgspec

from fleetui.model.fault import Fault
from fleetui.model.health.answers import Answers
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_board import replication_board
from fleetui.model.health.replication_kind import Kind
from fleetui.model.health.replication_queries import DOWN, PRESENT, all_queries, presence, present, query_id
from fleetui.observe.metrics_board import MetricsBoard
from fleetui.observe.questions import Board
from fleetui.observe.sources import Opened
from fleetui.ports.clock import Chance, Clock


def questions(kinds: Sequence[Kind]) -> Board:
    """What a source is asked: first which kinds it has, then about those."""
    return Board(
        queries=(),
        anchors=(PRESENT,),
        first=(presence(kinds), DOWN),
        choose=lambda answers: all_queries(present(kinds, answers)),
        unlabelled=True,
    )


class ReplicationBoard(MetricsBoard):
    """Of every cluster that a source tells of, and of databases that no label gives to a cluster."""

    def __init__(
        self, kinds: Sequence[Kind], sources: Opened, *, clock: Clock, chance: Chance, mistakes: Sequence[Fault] = ()
    ) -> None:
        """``mistakes``: files of kinds that cannot be used."""
        kinds = tuple(kinds)
        judge, keep = partial(_judge, kinds), partial(_whole, kinds)
        super().__init__(names=None, sources=sources, judge=judge, clock=clock, chance=chance, keep=keep)
        self.mistakes: tuple[Fault, ...] = tuple(mistakes)

    @property
    def faults(self) -> tuple[tuple[str, Fault], ...]:
        """Sources that cannot be asked now, and questions that fail; by the source's name. What is shown of them is
        older, and says how old."""
        said = sorted(self.answers, key=lambda each: each.source)
        return tuple((each.source, fault) for each in said if (fault := _fault(each)))


def _judge(
    kinds: Sequence[Kind], answers: Sequence[Answers], _: frozenset[str], now: float
) -> Iterable[tuple[str, Replica]]:
    """A source is believed about the clusters that it is asked about alone."""
    said = {each.source: each for each in answers}
    rows = replication_board(kinds, answers, now=now)
    return ((id_, row) for id_, row in rows.items() if said[row.source].about(row.cluster))


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
