"""Monitoring is asked for a list of clusters wherever it says a verdict: what nobody was asked about is not calm."""

import pytest

from fleetui.cli.cluster_table import cluster_table
from fleetui.cli.get import Request
from fleetui.model.table.filter import parse
from fleetui.wiring.vitals import asked_for


@pytest.mark.parametrize(
    ("output", "sort", "query", "wanted"),
    [
        ("table", "trouble", "", True),
        ("table", "name", "@prod-* nodes>3", True),
        ("name", "nodes", "@prod-* nodes>3", False),
        ("csv", "", "", True),
        ("wide", "", "", True),
        ("json", "", "", True),
        ("yaml", "", "", True),
        ("name", "-pages", "", True),
        ("name", "", "pages>0", True),
        ("name", "", "health=broken", True),
        ("name", "", "@prod-* !etcd=NOSPACE or nodes>3", True),
        ("name", "", "!alerts>1", True),
    ],
)
def test_what_the_answer_needs(output: str, sort: str, query: str, wanted: bool) -> None:
    table = cluster_table()
    request = Request(table=table, kept=parse(query, table), output=output, sort=sort)
    assert asked_for(request) is wanted
