"""All instances of all kinds that the sources of metrics know, each once."""

from collections.abc import Iterable, Sequence

from fleetui.model.health.answers import Answers
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_group import readings
from fleetui.model.health.replication_kind import Kind
from fleetui.model.health.replication_queries import present
from fleetui.model.health.replication_verdict import judge


def replication_board(kinds: Sequence[Kind], answers: Iterable[Answers], *, now: float) -> dict[str, Replica]:
    """By the row's id. Of several sources that know one instance the youngest sample counts: another may be frozen."""
    best: dict[str, Replica] = {}
    for each in answers:
        for kind in present(kinds, each):
            for reading in readings(kind, each, now=now):
                row = judge(reading, now=now)
                known = best.get(row.id)
                if known is None or _moment(row) > _moment(known):
                    best[row.id] = row
    return best


def _moment(row: Replica) -> float:
    return float("-inf") if row.sampled_at is None else row.sampled_at
