"""A filter that names clusters asks only those."""

import pytest

from fleetui.model.table.columns_machine import MACHINES
from fleetui.model.table.filter import parse
from fleetui.model.table.scope import concerned

NAMES = ("prod-1", "prod-2", "edge-1")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", set(NAMES)),
        ("status=Ready", set(NAMES)),
        ("@prod-*", {"prod-1", "prod-2"}),
        ("@PROD-1 status=Ready", {"prod-1"}),
        ("@prod-* @*-2", {"prod-2"}),
        ("!@prod-*", set(NAMES)),
        ("@prod-1 or status=NotReady", set(NAMES)),
    ],
)
def test_concerned(query: str, expected: set[str]) -> None:
    assert concerned(parse(query, MACHINES).term, NAMES) == expected
