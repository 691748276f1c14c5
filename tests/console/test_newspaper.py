"""Two columns where a place is low and wide."""

import pytest

from fleetui.console.ink import Line, line, plain, width
from fleetui.console.newspaper import in_two_columns


def lay_out(cells: int) -> tuple[Line, ...]:
    return (line("head".ljust(cells, "-")), (), *(line(f"fact {number}") for number in range(12)))


def test_reads_down_the_left_and_then_down_the_right() -> None:
    said = [plain(one).split() for one in in_two_columns(lay_out, cells=43, height=3)]
    assert said == [["head" + "-" * 16, "fact", "2"], ["fact", "0", "fact", "3"], ["fact", "1", "fact", "4"]]


def test_the_right_column_is_aligned_and_nothing_is_wider_than_the_place() -> None:
    said = in_two_columns(lay_out, cells=43, height=4)
    assert [plain(one).rindex("fact") for one in said] == [23] * 4
    assert all(width(one) <= 43 for one in said)


def torn(cells: int) -> tuple[Line, ...]:
    return (line("name"), line("status Running"), line("owner  none: nothing will"), line("       replace it"))


def test_a_value_is_not_torn_from_its_label() -> None:
    said = [plain(one).split() for one in in_two_columns(torn, cells=80, height=3)]
    assert said == [
        ["name", "owner", "none:", "nothing", "will"],
        ["status", "Running", "replace", "it"],
    ]


def test_nothing_is_left_out_to_keep_a_value_together() -> None:
    said = [
        plain(one) for one in in_two_columns(lambda cells: (*torn(cells)[2:], *torn(cells)[:2]), cells=80, height=2)
    ]
    assert "name" in said[0]
    assert "status" in said[1]
    full = [plain(one) for one in in_two_columns(lambda cells: (*torn(cells), line("age 4h")), cells=80, height=3)]
    assert sum("age" in one for one in full) == 1
    tight = [plain(one) for one in in_two_columns(lambda _: (*torn(0), *torn(0)[:2]), cells=80, height=3)]
    assert sum("status" in one for one in tight) == 2


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_lines_stay_on_the_left(count: int) -> None:
    said = in_two_columns(lambda _: (line("x"),) * count, cells=40, height=5)
    assert [plain(one) for one in said] == ["x"] * count
