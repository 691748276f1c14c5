"""The lens's boards of metrics: that there is nothing, and that nobody has told yet, look different."""

import pytest

from fleetui.console.boxes import Box
from fleetui.console.glyphs import UNICODE
from fleetui.console.lens_figures import figures, replication, service_levels
from fleetui.console.views import View
from tests.console.test_lens_screen import EAST, at_lens, filled, opened, text
from tests.console.waiting import until
from tests.model.diagnosis.cases import case


def said(box: Box) -> tuple[str, str]:
    """Its first line and the style of its words."""
    first = box[1][0]
    return "".join(part for part, _ in first), first[-1][1]


@pytest.mark.parametrize(
    ("board", "drawn", "none"),
    [
        ("slo", service_levels, ("? no source of metrics tells of it", "unknown")),
        ("controlplane", figures, ("? no source of metrics tells of it", "unknown")),
        ("replication", replication, ("nothing that replicates is known here", "muted")),
    ],
)
def test_what_was_not_told_yet_is_unknown_and_not_nothing(board, drawn, none) -> None:  # type: ignore[no-untyped-def]
    assert said(drawn(case(), UNICODE, {})) == none
    for why in ("not asked yet", "no answer yet from central", "central: timeout"):
        assert said(drawn(case(unheard={board: why}), UNICODE, {})) == (f"? {why}", "unknown")


class Hung:
    """A board whose only source has not answered."""

    def doubt(self, _: str) -> str:
        return "no answer yet from central"


async def test_the_lens_says_who_has_not_answered() -> None:
    world = filled()
    world.fleet.boards |= dict.fromkeys(("slo", "controlplane", "replication"), Hung())
    async with world.app().run_test(size=(160, 50)) as pilot:
        app = await opened(pilot, world, View("lens", cluster=EAST))
        await at_lens(pilot, app, "Replication")
        await until(pilot, lambda: text(app).count("? no answer yet from central") == 3)
        assert "nothing that replicates" not in text(app)
