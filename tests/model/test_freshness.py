"""The verdict on a feed: a failure outweighs silence, silence outweighs a connection, nothing unknown looks live."""

import pytest

from fleetui.model.freshness import Trust, trust

ASKED = 100.0


def verdict(now: float, contact: float | None = ASKED, **more: bool) -> Trust:
    facts = {"connected": contact is not None, "failed": False, **more}
    return trust(last_contact=contact, now=now, since=ASKED, **facts)


@pytest.mark.parametrize(
    ("age", "expected"),
    [(0.0, Trust.LIVE), (8.0, Trust.LIVE), (8.1, Trust.STALE), (9.0, Trust.STALE), (9.1, Trust.SILENT)],
)
def test_silence_is_stale_and_then_silent_within_ten_seconds(age: float, expected: Trust) -> None:
    assert verdict(ASKED + age) is expected


def test_who_never_answered_is_connecting_only_so_long() -> None:
    assert verdict(ASKED + 9.0, None) is Trust.CONNECTING
    assert verdict(ASKED + 9.1, None) is Trust.SILENT


def test_a_failure_outweighs_a_fresh_contact() -> None:
    assert verdict(ASKED, failed=True) is Trust.SILENT


def test_a_lost_connection_is_not_live_whatever_it_once_said() -> None:
    assert verdict(ASKED, connected=False) is Trust.CONNECTING


def test_who_is_not_wanted_is_not_connected_even_after_a_failure() -> None:
    assert verdict(ASKED, wanted=False, failed=True) is Trust.IDLE


def test_a_connection_that_has_said_nothing_yet_is_no_live_one() -> None:
    assert verdict(ASKED, None, connected=True) is Trust.CONNECTING
    assert verdict(ASKED + 9.1, None, connected=True) is Trust.SILENT


def test_who_was_never_asked_is_not_called_silent() -> None:
    assert trust(connected=False, failed=False, last_contact=None, now=1e6) is Trust.CONNECTING
