"""When something is full, and what its loss of a node would mean."""

import pytest

from fleetui.model.cluster import Health
from fleetui.model.health.capacity import RESOURCES, Supply, outlook


@pytest.mark.parametrize(
    ("supply", "level", "word"),
    [
        (Supply(50, 100, before=43), Health.CALM, "full in 50 d"),
        (Supply(50, 100, before=36), Health.WARNING, "full in 25 d"),
        (Supply(90, 100, before=76), Health.BROKEN, "full in 5.0 d"),
        (Supply(50, 100, before=50), Health.CALM, "not growing"),
        (Supply(50, 100, before=60), Health.CALM, "not growing"),
        (Supply(100, 100, before=90), Health.BROKEN, "full"),
        (Supply(50, 100), Health.UNKNOWN, "trend unknown"),
        (Supply(None, 100), Health.UNKNOWN, "no data"),
        (Supply(5, None), Health.UNKNOWN, "no data"),
        (Supply(0, 0), Health.UNKNOWN, "no data"),
        (Supply(50, 100, before=50, largest=40), Health.CALM, "not growing"),
        (Supply(70, 100, before=70, largest=40), Health.WARNING, "cannot lose a node"),
        (Supply(70, 100, before=70, largest=10, zone=34), Health.WARNING, "cannot lose a zone"),
        (Supply(70, 100, before=70, largest=10, zone=100), Health.CALM, "not growing"),
        (Supply(95, 100, before=85, largest=40), Health.BROKEN, "full in 3.5 d"),
    ],
)
def test_outlook(supply: Supply, level: Health, word: str) -> None:
    found = outlook(supply)
    assert (found.level, found.word) == (level, word)


def test_what_is_not_spread_over_nodes_does_not_go_with_one() -> None:
    assert outlook(Supply(70, 100, before=70, largest=40), shared=False).level is Health.CALM


def test_a_week_ago_is_asked_in_every_resource() -> None:
    for resource in RESOURCES:
        asked = {panel.id.removeprefix(f"{resource.id}:"): panel.promql for panel in resource.panels}
        assert asked["before"].count("offset 7d") == resource.used.count("@ago")
        assert not any("@" in text for text in asked.values())
        assert "offset" not in asked["used"]
