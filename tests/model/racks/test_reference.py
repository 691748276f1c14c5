"""Names by their ends."""

import pytest

from fleetui.model.racks.reference import Book, distinct, round_trip

BOOK = Book(("east/hall/row-1/A", "east/hall/row-2/A", "west/hall/row-1/A", "west/hall/row-1/B"))


@pytest.mark.parametrize(
    ("name", "near", "found"),
    [
        ("B", (), ("west/hall/row-1/B",)),
        ("row-2/A", (), ("east/hall/row-2/A",)),
        ("row-1/A", (), ("east/hall/row-1/A", "west/hall/row-1/A")),
        ("row-1/A", ("west",), ("west/hall/row-1/A",)),
        ("A", ("east",), ("east/hall/row-1/A", "east/hall/row-2/A", "west/hall/row-1/A")),
        ("A", ("east/hall/row-2", "west"), ("east/hall/row-2/A",)),
        ("west/hall/row-1/A", (), ("west/hall/row-1/A",)),
        ("ow-1/A", (), ()),
        ("C", (), ()),
    ],
)
def test_as_much_of_the_path_as_it_takes(name: str, near: tuple[str, ...], found: tuple[str, ...]) -> None:
    assert BOOK.find(name, near=near) == found


def test_a_whole_key_is_never_two() -> None:
    assert Book(("a", "x/a")).find("a") == ("a",)


def test_a_slip_of_the_finger_is_answered_with_what_is_near() -> None:
    assert Book(("east/rack-1", "east/rack-2", "east/pdu")).similar("rakc-1")[0] == "rack-1"
    assert Book(("a", "b")).similar("zzz") == ("a", "b")


def test_a_second_of_one_name_is_not_hidden_by_the_first() -> None:
    assert distinct(("a", "b", "a", "a")) == ("a", "b", "a#2", "a#3")


@pytest.mark.parametrize(
    ("parents", "bites"), [({1: 2, 2: 3}, False), ({1: 2, 2: 1}, True), ({1: 1}, True), ({1: 2, 2: 3, 3: 2}, False)]
)
def test_only_who_comes_by_itself_again_bites_its_tail(parents: dict[int, int], bites: bool) -> None:
    assert round_trip(1, parents) is bites
