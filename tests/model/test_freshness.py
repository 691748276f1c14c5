"""The verdict on a feed: a failure outweighs silence, silence outweighs a connection, nothing unknown looks live."""

import pytest

from fleetui.model.freshness import (
    ANSWER_WITHIN_S,
    LIFE_WITHIN_S,
    POLL_EVERY_S,
    POLL_TIMEOUT_S,
    SILENT_AFTER_S,
    STALE_AFTER_S,
    TOLD_WITHIN_S,
    Trust,
    trust,
)

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


def test_the_slowest_answer_that_still_counts_leaves_its_server_live() -> None:
    assert verdict(ASKED + POLL_EVERY_S + ANSWER_WITHIN_S) is Trust.LIVE


def test_it_is_stale_while_it_is_asked_for_a_sign_of_life_and_no_longer() -> None:
    asked_again = ASKED + POLL_EVERY_S + ANSWER_WITHIN_S
    assert verdict(asked_again + 0.01) is verdict(asked_again + LIFE_WITHIN_S) is Trust.STALE
    assert verdict(asked_again + LIFE_WITHIN_S + 0.01) is Trust.SILENT


def test_a_poll_that_hangs_and_one_that_fails_are_told_in_time() -> None:
    assert STALE_AFTER_S < SILENT_AFTER_S < TOLD_WITHIN_S
    assert POLL_EVERY_S + POLL_TIMEOUT_S < TOLD_WITHIN_S
    assert POLL_TIMEOUT_S > ANSWER_WITHIN_S + LIFE_WITHIN_S, "else it is cut off before it can say what is wrong"


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
