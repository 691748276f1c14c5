"""Line 1: what must be read at once stays on any width, and what nobody needs in a hurry goes first."""

import pytest

from fleetui.console.alert_text import counts_line
from fleetui.console.arming import Arming
from fleetui.console.glyphs import UNICODE
from fleetui.console.headline import where_line
from fleetui.console.ink import plain, width
from fleetui.model.alerts.grouping import Total
from tests.console.world import NOON

LOUD = Total(pages=4, tickets=12, infos=0, pending=0, unknown=1, hushed=0)
ARMED = Arming(reason="drain", until=NOON + 840)


def said(cells: int, *, armed: bool = False, way: tuple[str, ...] = ("Alerts",)) -> str:
    shown = where_line(
        way,
        counts_line(LOUD, UNICODE),
        arming=ARMED if armed else Arming(),
        actor="ana@bastion-berlin-1",
        now=NOON,
        glyphs=UNICODE,
        cells=cells,
    )
    assert width(shown) <= cells
    return plain(shown)


@pytest.mark.parametrize("armed", [False, True])
def test_80_cells_have_room_for_all_that_is_loud(armed: bool) -> None:
    line = said(80, armed=armed)
    assert "✖ 4 page  ▲ 12 ticket  ? 1" in line
    assert ("WRITE 14m left" if armed else "READ-ONLY") in line
    assert "ana@" not in line, "the actor goes first"


def test_what_gives_way_is_the_actor_then_the_clock_then_the_counts_from_their_end() -> None:
    parts = ("ana@", ":", "? 1", "▲ 12 ticket", "✖ 4 page", "READ-ONLY")
    lost = [sum(part in said(cells) for part in parts) for cells in range(120, 20, -1)]
    assert lost == sorted(lost, reverse=True)
    assert set(lost) >= {6, 5, 4, 3, 2}
    for cells in range(120, 20, -1):
        kept = [part in said(cells) for part in parts]
        assert kept == sorted(kept), f"{cells}: a later part is given up before an earlier one"


@pytest.mark.parametrize("armed", [False, True])
def test_pages_stay_beside_a_long_name_that_is_cut(armed: bool) -> None:
    line = said(70, armed=armed, way=("Fleet", "prod-europe-west-payments-primary-berlin"))
    assert "✖ 4 page" in line
    assert ("WRITE" if armed else "READ-ONLY") in line
    assert "fleetui ▸ Fleet ▸ prod-eur" in line
