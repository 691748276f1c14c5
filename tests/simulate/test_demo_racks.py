"""The racks of the demo are those that its labels say, and tell the stories that they should."""

from collections import Counter
from datetime import date

from fleetui.model.labels import ZONE_LABEL
from fleetui.model.racks.basis import Basis
from fleetui.model.racks.survey import Survey
from fleetui.simulate.demo_build import build
from fleetui.simulate.demo_clusters import PLANS
from fleetui.simulate.demo_racks import demo_layout
from fleetui.simulate.objects import Node

LAYOUT = demo_layout()
SURVEY = Survey(LAYOUT, Basis.ALLOCATED, date(2026, 11, 22))


def test_the_150_machines_stand_27_and_23_to_a_rack() -> None:
    machines = Counter(device.rack for device in LAYOUT.devices if device.cluster)
    assert [machines[rack] for rack in "ABCDEF"] == [27, 27, 27, 23, 23, 23]


def test_every_machine_of_the_fleet_stands_where_its_labels_say() -> None:
    placed = {device.name: (device.rack, device.cluster) for device in LAYOUT.devices if device.cluster}
    labelled = {
        node.name: (dict(node.labels)[ZONE_LABEL], plan.name)
        for plan in PLANS
        for node in build(plan, seed=1, speed=1.0, now=1_800_000_000.0).all("nodes")
        if isinstance(node, Node)
    }
    assert placed == labelled


def test_the_stories_are_all_that_is_wrong() -> None:
    assert [(finding.rule.code, finding.text.partition(":")[0]) for finding in SURVEY.findings] == [
        ("feed-failover", "feed B-A"),
        ("feed-failover", "feed B-B"),
        ("single-corded", "np1-wk-d-07"),
        ("cabling-unknown", "pe1-wk-c-05"),
    ]


def test_the_trap_of_rack_b_is_the_references() -> None:
    budget = SURVEY.budgets.racks["east/hall-1/row-3/B"]
    assert budget.supply_va == 5_888
    assert budget.failover is not None
    assert budget.failover > 1 > budget.failover / 2
