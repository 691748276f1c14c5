"""What ``fleetui get`` can print, by the word on the command line: the screens' tables, and what paper needs besides.

A screen says a row's verdict with a sign and a colour; plain output says it with a word.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from fleetui.model.cluster import Cluster, health
from fleetui.model.ledger import Operation
from fleetui.model.table.column import Column, Table
from fleetui.model.table.columns_cluster import CLUSTERS
from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.columns_operation import OPERATIONS
from fleetui.model.table.columns_pod import PODS

SHORT_ID = 6
"""Letters of an id's end that are shown at least: 30 bits of chance, and few enough to type."""

_HEALTH: Column[Cluster] = Column(
    id="health",
    title="HEALTH",
    doc="The verdict: broken, warning, busy, unknown, calm.",
    value=lambda row: health(row).value,
    known=True,
    text=lambda row, _: health(row).value,
    least=7,
    priority=2,
)


def _clusters() -> Table[Cluster]:
    """With the verdict; the share of ready pods is there only where pods are read."""
    name, *others = CLUSTERS.columns
    columns = (msgspec.structs.replace(each, optional=True) if each.id == "pods" else each for each in others)
    return msgspec.structs.replace(CLUSTERS, columns=(name, _HEALTH, *columns))


def operations(known: Iterable[Operation] = (), *, whole: bool = False) -> Table[Operation]:
    """The id comes first, as every ``fleetui op`` asks for it: by its end, as long as it takes to tell those that are
    ``known`` apart."""
    size = short_size(operation.op_id for operation in known)
    id_column = next(column for column in OPERATIONS.columns if column.id == "id")
    first = msgspec.structs.replace(
        id_column,
        wide=False,
        least=size,
        doc="For `fleetui op`: the end of it, as much as tells it apart; whole with `-o wide`.",
        text=lambda row, _: row.op_id if whole else row.op_id[-size:],
    )
    others = tuple(column for column in OPERATIONS.columns if column is not id_column)
    return msgspec.structs.replace(OPERATIONS, columns=(first, *others))


def short_size(ids: Iterable[str]) -> int:
    """How many letters of their ends tell these ids apart."""
    known = set(ids)
    longest = max(map(len, known), default=SHORT_ID)
    return next((n for n in range(SHORT_ID, longest) if len({each[-n:] for each in known}) == len(known)), longest)


BY_TROUBLE = frozenset({"clusters"})
"""Tables in the screen's order, trouble first; machines and pods come as their servers list them, operations running
first and then the newest."""

PULSE = frozenset({"lastContact", "apiLatencySeconds", "podsAt"})
"""Fields that every sign of life changes; where nothing else does, a watch has nothing to tell."""

TABLES: dict[str, Table[Any]] = {"clusters": _clusters(), "machines": MACHINES, "pods": PODS, "ops": operations()}
