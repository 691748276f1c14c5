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


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_lines_stay_on_the_left(count: int) -> None:
    said = in_two_columns(lambda _: (line("x"),) * count, cells=40, height=5)
    assert [plain(one) for one in said] == ["x"] * count
