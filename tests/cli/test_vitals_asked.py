"""Monitoring is asked for a list of clusters only where the answer needs it: each source costs a second."""

import pytest

from fleetui.cli.cluster_table import cluster_table
from fleetui.cli.get import Request
from fleetui.model.table.filter import parse
from fleetui.wiring.vitals import asked_for


@pytest.mark.parametrize(
    ("output", "sort", "query", "wanted"),
    [
        ("table", "trouble", "", False),
        ("name", "nodes", "@prod-* nodes>3", False),
        ("csv", "", "", True),
        ("wide", "", "", True),
        ("json", "", "", True),
        ("yaml", "", "", True),
        ("table", "-pages", "", True),
        ("table", "", "pages>0", True),
        ("table", "", "health=broken", True),
        ("table", "", "@prod-* !etcd=NOSPACE or nodes>3", True),
        ("table", "", "!alerts>1", True),
    ],
)
def test_what_the_answer_needs(output: str, sort: str, query: str, wanted: bool) -> None:
    table = cluster_table()
    request = Request(table=table, kept=parse(query, table), output=output, sort=sort)
    assert asked_for(request) is wanted
