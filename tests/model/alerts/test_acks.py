"""Acknowledging exactly these alerts, prolonging while they fire."""

import pytest

from fleetui.model.alerts.ack import LONGEST_S, TOGETHER, AckError, Request, acks, prolonged
from fleetui.model.alerts.alert import Alert, Hush, Phase
from fleetui.model.alerts.breadth import refusals
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.matcher import Matcher, all_match
from fleetui.model.alerts.silence import ACK, Draft, Silence, SilenceState
from tests.model.alerts.samples import NOW, alert, labels, silence

REQUEST = Request("ana", "looking", incident="INC-4")


def on_nodes(*nodes: str, **more: object) -> list[Alert]:
    return [alert(labels=labels(node=node, zone="a"), **more) for node in nodes]


def mutes(drafts: tuple[Draft, ...], rows: list[Alert]) -> list[bool]:
    return [any(all_match(draft.matchers, row.labels) for draft in drafts) for row in rows]


def test_an_ack_is_a_short_silence_with_exactly_its_labels() -> None:
    (draft,) = acks(on_nodes("1"), REQUEST, now=NOW)

    assert draft.matchers == tuple(Matcher(name, value) for name, value in labels(node="1", zone="a"))
    assert (draft.comment, draft.created_by) == (f"{ACK} looking [INC-4]", "ana")
    assert (draft.starts_at, draft.ends_at) == (NOW, NOW + 900)
    assert refusals(draft, now=NOW) == ()


def test_those_that_differ_in_one_label_share_a_silence_that_mutes_no_other() -> None:
    acked, others = on_nodes("a.1", "a|2", "(b"), on_nodes("ax1", "a", "2", "b")
    drafts = acks(acked, REQUEST, now=NOW)

    assert len(drafts) == 1
    assert mutes(drafts, acked) == [True] * 3
    assert mutes(drafts, others) == [False] * 4


def test_those_that_differ_in_two_labels_get_one_each() -> None:
    acked = [alert(labels=labels(node=node, zone=zone)) for node, zone in (("1", "a"), ("2", "b"))]
    crossed = [alert(labels=labels(node=node, zone=zone)) for node, zone in (("1", "b"), ("2", "a"))]
    drafts = acks(acked, REQUEST, now=NOW)

    assert len(drafts) == 2
    assert mutes(drafts, acked) == [True, True]
    assert mutes(drafts, crossed) == [False, False]


def test_alerts_of_several_names_clusters_and_shapes() -> None:
    acked = [alert("A"), alert("B"), alert("A", "us-1"), *on_nodes("1", "2")]
    drafts = acks(acked, REQUEST, now=NOW)

    assert len(drafts) == 4
    assert mutes(drafts, acked) == [True] * 5


def test_two_hundred_alerts_are_two_silences() -> None:
    drafts = acks(on_nodes(*map(str, range(2 * TOGETHER))), REQUEST, now=NOW)
    assert len(drafts) == 2


def test_a_value_that_was_made_harmless_is_left_out_for_it_would_match_nothing() -> None:
    row = alert(labels=labels(node="1", odd="a\N{REPLACEMENT CHARACTER}b", long="x" * 1023 + "…"))
    (draft,) = acks([row], REQUEST, now=NOW)
    assert {matcher.name for matcher in draft.matchers} == {"alertname", "cluster", "severity", "node"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (alert(phase=Phase.PENDING), "it is pending"),
        (alert(phase=Phase.RESOLVED), "it is resolved"),
        (alert(labels=label_set({"alertname": "Broken"})), "no label cluster"),
    ],
)
def test_what_cannot_be_acknowledged_says_why(row: Alert, why: str) -> None:
    with pytest.raises(AckError, match=why):
        acks([row], REQUEST, now=NOW)


def test_one_that_is_unknown_can_be_acknowledged() -> None:
    assert acks([alert(phase=Phase.UNKNOWN)], REQUEST, now=NOW)


def an_ack(**more: object) -> Silence:
    defaults: dict[str, object] = {"comment": f"{ACK} on it", "starts_at": NOW - 700, "ends_at": NOW + 200}
    return silence(Matcher("alertname", "Broken"), **(defaults | more))


FIRING = alert(silenced_by=("s1",), hush=Hush.ACKED)


@pytest.mark.parametrize(
    ("ours", "rows", "until"),
    [
        (an_ack(), [FIRING], NOW + 900),
        (an_ack(ends_at=NOW + 301), [FIRING], None),
        (an_ack(ends_at=NOW + 300), [FIRING], NOW + 900),
        (an_ack(created_by="bo"), [FIRING], None),
        (an_ack(comment="a plain silence"), [FIRING], None),
        (an_ack(state=SilenceState.EXPIRED), [FIRING], None),
        (an_ack(), [], None),
        (an_ack(), [alert(silenced_by=("other",))], None),
        (an_ack(), [alert(silenced_by=("s1",), phase=Phase.UNKNOWN)], None),
        (an_ack(), [alert(silenced_by=("s1",), phase=Phase.RESOLVED)], None),
        (an_ack(starts_at=NOW - LONGEST_S + 400), [FIRING], NOW + 400),
        (an_ack(starts_at=NOW - LONGEST_S + 100), [FIRING], None),
        (an_ack(starts_at=NOW - LONGEST_S), [FIRING], None),
    ],
)
def test_an_ack_is_prolonged_near_its_end_while_its_alert_is_known_to_fire(
    ours: Silence, rows: list[Alert], until: float | None
) -> None:
    draft = prolonged(ours, rows, by="ana", now=NOW)

    assert (None if draft is None else draft.ends_at) == until
    assert draft is None or (draft.id, draft.matchers, draft.starts_at) == ("s1", ours.matchers, ours.starts_at)
