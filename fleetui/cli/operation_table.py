"""Operations on paper: their ids first, short enough to type."""

from collections.abc import Iterable

import msgspec

from fleetui.model.ledger import Operation
from fleetui.model.table.column import Table
from fleetui.model.table.columns_operation import OPERATIONS

SHORT_ID = 6
"""Letters of an id's end that are shown at least: 30 bits of chance, and few enough to type."""


def operation_table(known: Iterable[Operation] = (), *, whole: bool = False) -> Table[Operation]:
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
