"""What the alerts of one name and cluster differ in is read first, and not cut off."""

from fleetui.model.alerts.apart import differing
from fleetui.model.alerts.label_set import Labels, label_set
from fleetui.model.table.alert_cells import what
from tests.model.alerts.samples import alert


def said(*sets: dict[str, str]) -> list[str]:
    found: list[Labels] = [label_set({"alertname": "Broken", **one}) for one in sets]
    return [what(alert(labels=labels, apart=differing(found))) for labels in found]


def test_a_value_alone_where_it_is_all_that_differs() -> None:
    a = {"area": "db", "instance": "da1-cp-1:2379", "team": "core"}
    b = {**a, "instance": "da1-cp-2:2379"}
    assert said(a, b) == ["da1-cp-1:2379 area=db team=core", "da1-cp-2:2379 area=db team=core"]


def test_names_stand_with_their_values_where_more_than_one_differs() -> None:
    a = {"area": "db", "device": "sda", "node": "wk-1"}
    b = {"area": "db", "node": "wk-2"}
    assert said(a, b) == ["device=sda node=wk-1 area=db", "node=wk-2 area=db"]


def test_what_other_columns_say_is_not_said_again() -> None:
    assert said({"severity": "critical", "node": "a"}, {"severity": "warning", "node": "b"}) == ["a", "b"]


def test_one_that_is_alone_says_all_its_labels() -> None:
    assert said({"area": "db", "node": "wk-1"}) == ["area=db node=wk-1"]
