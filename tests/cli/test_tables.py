"""What plain output has besides the screens' tables."""

import msgspec
import pytest

from fleetui.cli.operation_table import operation_table, short_size
from fleetui.cli.output import shown_columns
from fleetui.cli.select import BY_TROUBLE, select
from fleetui.cli.tables import table_of
from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Trust
from fleetui.model.ledger import Operation
from fleetui.model.table.filter import parse
from tests.control.samples import ANA, INTENT

CALM = Cluster(name="a", trust=Trust.LIVE, nodes_ready=3, nodes_total=3)
HURT = Cluster(name="b", trust=Trust.LIVE, nodes_ready=2, nodes_total=3, not_ready=1)
DEAD = Cluster(name="c", trust=Trust.SILENT)
WITH_PODS = msgspec.structs.replace(CALM, pods_ready=1, pods_total=1)


def operation(op_id: str) -> Operation:
    return Operation(op_id=op_id, intent=INTENT, actor=ANA, submitted=0.0)


def test_clusters_say_their_health_and_the_worst_comes_first() -> None:
    chosen = select(table_of("clusters"), [CALM, HURT, DEAD], sort=BY_TROUBLE, now=0).rows
    column = table_of("clusters").column("health")
    assert column is not None
    assert [column.text(row, 0) for row in chosen] == ["broken", "warning", "calm"]
    assert select(
        table_of("clusters"), [CALM, DEAD], kept=parse("health=broken", table_of("clusters")), now=0
    ).rows == [DEAD]


@pytest.mark.parametrize(
    ("rows", "wide", "there"), [((CALM,), False, False), ((CALM, WITH_PODS), False, True), ((CALM,), True, True)]
)
def test_pods_are_a_column_only_where_they_are_read(rows: tuple[Cluster, ...], wide: bool, there: bool) -> None:
    assert ("pods" in [column.id for column in shown_columns(table_of("clusters"), rows, wide=wide, now=0)]) is there


@pytest.mark.parametrize(
    ("ids", "size"),
    [
        ((), 6),
        (("01KABCDEFGH",), 6),
        (("01KA0000001", "01KA0000002"), 6),
        (("01KAX000001", "01KBX000001", "01KBY000001"), 8),
        (("SAME", "SAME"), 6),
    ],
)
def test_an_id_is_as_long_as_it_takes(ids: tuple[str, ...], size: int) -> None:
    assert short_size(ids) == size or (len(set(ids)) == 1 and short_size(ids) <= size)


def test_operations_show_the_end_of_their_id_first_and_the_whole_of_it_where_there_is_room() -> None:
    rows = [operation("01KA0000000000000000ABCDEF"), operation("01KA000000000000000012XDEF")]
    assert [operation_table(rows).columns[0].text(row, 0) for row in rows] == ["ABCDEF", "12XDEF"]
    assert [operation_table(rows, whole=True).columns[0].text(row, 0) for row in rows] == [row.op_id for row in rows]
