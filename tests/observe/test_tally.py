"""Counters that follow the rows one by one end where a count of all rows would."""

import random

import pytest

from fleetui.model.machine import Machine
from fleetui.observe.tally import MachineTally, PodTally
from tests.observe.fleets import machine, pod

STATUSES = ["Ready", "NotReady", "Unknown", "Ready,SchedulingDisabled", "NotReady,SchedulingDisabled"]


@pytest.mark.parametrize("seed", range(20))
def test_in_and_out_equals_a_count_of_what_is_there(seed: int) -> None:
    chance = random.Random(seed)
    tally, rows = MachineTally(), {}
    for _ in range(300):
        number = chance.randrange(30)
        if number in rows:
            tally.count(rows.pop(number), -1)
        if chance.random() < 0.7:
            row = machine(
                number,
                chance.choice(STATUSES),
                roles=chance.choice([(), ("control-plane",), ("worker",)]),
                operation=chance.choice(["", "", "drain by ana", "cordon by ben"]),
            )
            rows[number] = row
            tally.count(row, 1)
    _assert_counts(tally, list(rows.values()))


def _assert_counts(tally: MachineTally, rows: list[Machine]) -> None:
    planes = [row for row in rows if row.control_plane]
    assert tally.total == len(rows)
    assert tally.ready == sum(row.ready is True for row in rows)
    assert tally.cordoned == sum(row.cordoned for row in rows)
    assert (tally.control_plane_total, tally.control_plane_ready) == (len(planes), sum(bool(r.ready) for r in planes))
    assert bool(tally.operation) == any(row.operation for row in rows)


def test_the_operation_names_the_commonest_lock_and_counts_the_others() -> None:
    tally = MachineTally()
    locks = ["drain by ben", "drain by ana", "drain by ana", "cordon by eve"]
    rows = [machine(number, operation=words) for number, words in enumerate(locks)]
    for row in rows:
        tally.count(row, 1)
    assert tally.operation == "drain by ana +2"
    for row in rows[1:]:
        tally.count(row, -1)
    assert tally.operation == "drain by ben"
    tally.count(rows[0], -1)
    assert tally.operation == ""


def test_a_node_that_never_reported_is_not_ready() -> None:
    tally = MachineTally()
    tally.count(machine(1, "Unknown"), 1)
    assert (tally.total, tally.ready) == (1, 0)


def test_finished_pods_are_neither_ready_nor_missing() -> None:
    tally = PodTally()
    for number, status in enumerate(["Running", "Completed", "Failed", "CrashLoopBackOff", "Pending"]):
        tally.count(pod(number, status), 1)
    assert (tally.ready, tally.total) == (1, 3)
