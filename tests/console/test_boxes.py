"""Boxes side by side fill their place exactly, whatever is in them."""

import pytest

from fleetui.console.boxes import row_of_boxes
from fleetui.console.glyphs import ASCII, UNICODE, Glyphs
from fleetui.console.ink import line, plain, width


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@pytest.mark.parametrize("cells", [60, 110, 157, 158])
def test_every_line_is_as_wide_as_the_place_and_every_box_as_high_as_the_highest(glyphs: Glyphs, cells: int) -> None:
    boxes = (
        (line("a title that is too long for any box of this width and goes on and on " * 3), (line("x" * 200),)),
        (line("empty"), ()),
        (line("two"), (line("wide 日本"), line("last"))),
    )
    lines = row_of_boxes(boxes, glyphs=glyphs, cells=cells)
    assert {width(one) for one in lines} == {cells}
    assert len(lines) == 4
    said = [plain(one) for one in lines]
    assert said[0].startswith(glyphs.corners[0])
    assert said[-1].endswith(glyphs.corners[3])
    assert "last" in said[2]
    assert "…" in said[1]
