"""Which acks are prolonged, ended or let go of: the whole rule as a table."""

from typing import Any

import msgspec
import pytest

from fleetui.model.alerts.ack import LONGEST_S
from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.keeping import AT_LEAST_LEFT_S, Chores, Kept, chores
from fleetui.model.alerts.matcher import Matcher
from fleetui.model.alerts.silence import ACK, Silence, SilenceState
from tests.model.alerts.samples import NOW, alert, silence

OURS = Kept("s1", "ana", NOW + 200)
FIRING = alert(silenced_by=("s1",), hush=Hush.ACKED)
RESOLVED = alert(phase=Phase.RESOLVED, ended_at=NOW - 5)
ELSEWHERE = alert("Broken", "eu-2", silenced_by=())
MATCHERS = (Matcher("alertname", "Broken"), Matcher("cluster", "eu-1"))
DAY_S = 86_400.0


def ack(**more: Any) -> Silence:
    defaults: dict[str, Any] = {"comment": f"{ACK} on it", "starts_at": NOW - 700, "ends_at": NOW + 200}
    return silence(*more.pop("matchers", MATCHERS), **(defaults | more))


def due(known: Silence | None, *alerts: Alert, kept: Kept = OURS) -> Chores:
    return chores([kept], {} if known is None else {known.id: known}, alerts, now=NOW)


@pytest.mark.parametrize(
    ("why", "known", "alerts", "prolonged", "ended", "kept"),
    [
        ("it fires and the end is near", ack(), (FIRING,), True, False, True),
        ("it fires and there is time", ack(ends_at=NOW + 301), (FIRING,), False, False, True),
        ("just before it is too late", ack(ends_at=NOW + AT_LEAST_LEFT_S), (FIRING,), True, False, True),
        ("too late: it would become another", ack(ends_at=NOW + AT_LEAST_LEFT_S - 1), (FIRING,), False, False, True),
        ("it is over by our clock", ack(ends_at=NOW), (FIRING,), False, False, False),
        ("a shift is over", ack(starts_at=NOW - LONGEST_S), (FIRING,), False, False, True),
        ("it has resolved", ack(), (RESOLVED,), False, True, False),
        ("it has resolved, the same elsewhere fires", ack(), (RESOLVED, ELSEWHERE), False, True, False),
        ("one of two has resolved", ack(), (RESOLVED, FIRING), True, False, True),
        ("nobody knows whether it fires", ack(), (alert(phase=Phase.UNKNOWN),), False, False, True),
        ("it waits to fire again", ack(), (RESOLVED, alert(phase=Phase.PENDING)), False, False, True),
        ("nothing of it is seen: no end", ack(), (ELSEWHERE,), False, False, True),
        ("a colleague has ended it", ack(state=SilenceState.EXPIRED), (FIRING,), False, False, False),
        ("a colleague has taken it over", ack(created_by="bo"), (FIRING,), False, False, False),
        ("somebody made a plain silence of it", ack(comment="for good"), (FIRING,), False, False, False),
        ("it is not seen yet", None, (FIRING,), False, False, True),
        ("what nobody can read stays", ack(matchers=(Matcher("a", "(?<", True),)), (FIRING,), True, False, True),
    ],
)
def test_what_becomes_of_an_ack(
    why: str, known: Silence | None, alerts: tuple[Alert, ...], prolonged: bool, ended: bool, kept: bool
) -> None:
    found = due(known, *alerts)
    assert (bool(found.prolong), bool(found.end), bool(found.kept)) == (prolonged, ended, kept), why


def test_one_that_is_never_seen_is_kept_until_it_must_have_ended() -> None:
    assert due(None, kept=Kept("s1", "ana", NOW + 1)).kept
    assert not due(None, kept=Kept("s1", "ana", NOW)).kept


def test_prolonging_is_an_edit_in_place_and_its_end_is_remembered() -> None:
    found = due(ack(), FIRING)
    ((draft,), (on,)) = found.prolong, found.kept
    assert (draft.id, draft.starts_at, draft.ends_at) == ("s1", NOW - 700, NOW + 900)
    assert on.until == NOW + 200


def test_without_a_human_it_never_lasts_longer_than_a_day() -> None:
    """Looked at every five seconds of a week in which its alert never stops to fire."""
    one = ack(starts_at=NOW, ends_at=NOW + 900)
    kept: tuple[Kept, ...] = (Kept("s1", "ana", one.ends_at),)
    now = NOW
    while kept:
        now += 5
        found = chores(kept, {"s1": one}, [FIRING], now=now)
        kept = found.kept
        for draft in found.prolong:
            one = msgspec.structs.replace(one, ends_at=draft.ends_at)
    assert NOW + LONGEST_S - 300 <= one.ends_at <= NOW + DAY_S
