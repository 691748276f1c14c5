"""The sorted sequence under random changes, against a plain sorted list."""

import random

import pytest

from fleetui.model.table.order import LOAD, Entry, Order


def entry(number: int) -> Entry:
    return Entry((number, f"id{number}"), f"id{number}", None, "", "", 0)


@pytest.mark.parametrize("seed", range(5))
def test_stays_sorted_under_random_changes(seed: int) -> None:
    chance = random.Random(seed)
    order, naive = Order(), set[int]()
    order.merge([entry(number) for number in range(0, 6 * LOAD, 2)])
    naive.update(range(0, 6 * LOAD, 2))

    for _ in range(6_000):
        number = chance.randrange(6 * LOAD)
        if number in naive:
            order.remove(entry(number).key)
            naive.discard(number)
        else:
            order.add(entry(number))
            naive.add(number)

    expected = sorted(naive)
    assert [item.key[0] for item in order] == expected
    assert len(order) == len(expected)
    for number in chance.sample(expected, 50):
        assert order.index(entry(number).key) == expected.index(number)
        assert entry(number).key in order
    start = chance.randrange(len(expected))
    assert [item.key[0] for item in order.slice(start, 45)] == expected[start : start + 45]


@pytest.mark.parametrize("sizes", [(3, 5000), (5000, 3), (2000, 2000), (0, 700), (700, 0)])
def test_merge_equals_adding_one_by_one(sizes: tuple[int, int]) -> None:
    chance = random.Random(1)
    numbers = chance.sample(range(100_000), sum(sizes))
    order = Order()

    order.merge([entry(number) for number in numbers[: sizes[0]]])
    order.merge([entry(number) for number in numbers[sizes[0] :]])

    assert [item.key[0] for item in order] == sorted(numbers)


def test_run_after_walks_everything_once() -> None:
    order = Order()
    order.merge([entry(number) for number in range(3 * LOAD)])
    seen: list[int] = []
    key = None

    while run := order.run_after(key):
        seen += [item.key[0] for item in run]
        key = run[-1].key

    assert seen == list(range(3 * LOAD))


def test_run_after_a_key_that_has_gone_goes_on_behind_it() -> None:
    order = Order()
    order.merge([entry(number) for number in range(10)])
    order.remove(entry(4).key)

    assert order.run_after(entry(4).key)[0].key[0] == 5


def test_removing_what_is_not_there_says_so() -> None:
    order = Order()
    order.add(entry(1))

    with pytest.raises(KeyError):
        order.remove(entry(2).key)
    with pytest.raises(KeyError):
        order.remove(entry(0).key)
    assert len(order) == 1
