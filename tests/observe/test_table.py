"""One writer, immutable rows, coalesced deltas: whoever applies them holds the same rows as the table."""

import random

import pytest

from fleetui.model.picture import Delta
from fleetui.model.pod import Pod
from fleetui.observe.table import Table
from tests.observe.fleets import pod


def entry(number: int, status: str = "Running") -> tuple[str, Pod]:
    row = pod(number, status, cluster="a")
    return f"a/{row.uid}", row


def applied(rows: dict[str, Pod], delta: Delta[Pod]) -> dict[str, Pod]:
    held = {} if delta.reset else dict(rows)
    held.update(delta.upserts)
    for row_id in delta.removes:
        held.pop(row_id, None)
    return held


def test_the_first_take_is_a_reset_and_the_next_is_empty() -> None:
    table: Table[Pod] = Table()
    table.apply("a", [entry(1), entry(2)])
    subscription = table.subscribe()
    first = subscription.take()
    assert first.reset
    assert dict(first.upserts) == dict([entry(1), entry(2)])
    assert not subscription.take()


def test_changes_of_a_row_between_takes_are_one_entry() -> None:
    table: Table[Pod] = Table()
    subscription = table.subscribe()
    subscription.take()
    for status in ("Pending", "ContainerCreating", "Running"):
        table.apply("a", [entry(1, status)])
    table.apply("a", [entry(2)])
    table.apply("a", removes=["a/pod-2"])
    delta = subscription.take()
    assert delta == Delta(upserts=(entry(1),), removes=("a/pod-2",))


def test_wake_comes_once_between_two_takes() -> None:
    table: Table[Pod] = Table()
    woken: list[int] = []
    subscription = table.subscribe(lambda: woken.append(len(table)))
    subscription.take()
    table.apply("a", [entry(1)])
    table.apply("a", [entry(2)])
    assert woken == [1]
    subscription.take()
    table.apply("a", [entry(3)])
    assert woken == [1, 3]
    subscription.close()
    subscription.close()
    table.apply("a", [entry(4)])
    assert woken == [1, 3]


def test_nothing_new_wakes_nobody() -> None:
    table: Table[Pod] = Table()
    table.apply("a", [entry(1)])
    woken: list[bool] = []
    subscription = table.subscribe(lambda: woken.append(True))
    subscription.take()
    table.apply("a", quiet=[entry(1)])
    table.apply("a", removes=["a/never-there"])
    table.drop("b")
    assert (woken, bool(subscription.take())) == ([], False)


def test_a_wake_that_fails_harms_neither_the_writer_nor_the_others() -> None:
    table: Table[Pod] = Table()
    woken: list[bool] = []

    def broken() -> None:
        raise ZeroDivisionError

    for wake in (broken, lambda: woken.append(True)):
        table.subscribe(wake).take()
    table.apply("a", [entry(1)])
    assert (woken, len(table)) == ([True], 1)


def test_a_reader_that_never_asks_is_bounded_by_the_rows() -> None:
    table: Table[Pod] = Table()
    subscription = table.subscribe()
    subscription.take()
    for number in range(5_000):
        table.apply("a", [entry(number)])
        table.apply("a", removes=[f"a/pod-{number}"])
    table.apply("a", [entry(1)])
    delta = subscription.take()
    assert len(delta.upserts) + len(delta.removes) <= 1_024
    assert applied({"a/pod-7": pod(7)}, delta) == dict([entry(1)]) or not delta.reset


@pytest.mark.parametrize("seed", range(20))
def test_whoever_applies_the_deltas_holds_the_table(seed: int) -> None:
    chance = random.Random(seed)
    table: Table[Pod] = Table()
    held: dict[str, Pod] = {}
    subscription = table.subscribe()
    for _ in range(400):
        number = chance.randrange(60)
        match chance.randrange(6):
            case 0:
                table.apply("a", removes=[f"a/pod-{number}"])
            case 1 if chance.random() < 0.1:
                table.drop("a")
            case 2:
                held = applied(held, subscription.take())
                assert held == dict(table.snapshot())
            case _:
                table.apply("a", [entry(number, chance.choice(["Running", "Pending"]))])
    assert applied(held, subscription.take()) == dict(table.snapshot())
    assert len(table) == len(table.snapshot())
