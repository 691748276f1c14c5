"""What would come of an ack or a silence: exactly what is chosen, what is not, and why not."""

from typing import Any

import pytest

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.hushing import MOST_SILENCES, Kind, Known, Outlook, Reach, Wish, near, outlook
from fleetui.model.alerts.matcher import Matcher, MatcherError, parse_matchers
from fleetui.model.alerts.silence import ACK
from tests.model.alerts.samples import NOW, alert, labels, silence

A, B, C = (alert("Disk", labels=labels("Disk", node=node)) for node in ("a.1", "a.2", "b"))
OTHER = alert("Disk", "eu-2", labels=labels("Disk", "eu-2", node="a.1"))
LEADER = alert("NoLeader")
WAITING = alert("Filling", phase=Phase.PENDING)
FLEET = (A, B, C, OTHER, LEADER, WAITING)


def looked(kind: Kind, *chosen: Alert, alerts: tuple[Alert, ...] = FLEET, **more: Any) -> Outlook:
    silences = more.pop("silences", ())
    said: dict[str, Any] = {"by": "ana", "comment": "why", "lasts_s": 900.0} | more
    known = Known(alerts=alerts, now=NOW, silences=silences, clusters=("eu-1", "eu-2"))
    return outlook(Wish(kind=kind, chosen=chosen, **said), known)


def nodes(alerts: tuple[Alert, ...]) -> list[tuple[str, str]]:
    return [(alert.cluster, dict(alert.labels).get("node", "")) for alert in alerts]


@pytest.mark.parametrize("kind", list(Kind))
def test_just_these_mutes_what_is_chosen_and_nothing_else(kind: Kind) -> None:
    found = looked(kind, A, B)
    assert found.ready
    assert (nodes(found.muted), found.extra, found.left_out) == ([("eu-1", "a.1"), ("eu-1", "a.2")], (), ())
    ((draft, _),) = found.drafts
    assert Matcher("cluster", "eu-1") in draft.matchers
    assert (draft.ends_at, draft.created_by) == (NOW + 900, "ana")
    assert draft.comment.startswith(ACK) is (kind is Kind.ACK)


def test_by_name_tells_whom_nobody_has_chosen_and_never_leaves_the_cluster() -> None:
    found = looked(Kind.SILENCE, A, reach=Reach.NAME)
    assert nodes(found.muted) == [("eu-1", "a.1"), ("eu-1", "a.2"), ("eu-1", "b")]
    assert nodes(found.extra) == [("eu-1", "a.2"), ("eu-1", "b")]
    assert [sorted(map(str, draft.matchers)) for draft, _ in found.drafts] == [['alertname="Disk"', 'cluster="eu-1"']]


def test_many_clusters_are_as_many_silences() -> None:
    found = looked(Kind.SILENCE, A, OTHER, reach=Reach.NAME)
    clusters = [next(m.value for m in draft.matchers if m.name == "cluster") for draft, _ in found.drafts]
    assert (clusters, found.ready) == (["eu-1", "eu-2"], True)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("alertname=Disk", "it names no cluster"),
        ('alertname=Disk cluster=~"eu-1|eu-2"', "matches all 2 clusters of the fleet"),
        ("cluster=eu-1", "it mutes every alert of its cluster"),
        ("alertname=~.+ cluster=eu-1", "matches everything"),
        ("alertname=Disk cluster=eu-1 nonsense", "'nonsense' is no part of a matcher"),
        ("alertname=~( cluster=eu-1", "is not a regular expression"),
        ("", "it names no cluster"),
    ],
)
def test_too_broad_is_refused_with_the_reason(typed: str, reason: str) -> None:
    found = looked(Kind.SILENCE, A, typed=typed)
    assert not found.ready
    assert reason in " ".join(refusal.reason for refusal in found.refusals)
    assert all(refusal.fix for refusal in found.refusals)


def test_typed_matchers_may_miss_what_was_chosen() -> None:
    found = looked(Kind.SILENCE, A, typed="alertname=Disk cluster=eu-1 node=b")
    assert (nodes(found.extra), found.left_out, found.ready) == ([("eu-1", "b")], (A,), True)


def test_an_ack_leaves_out_what_does_not_fire_and_says_so() -> None:
    found = looked(Kind.ACK, A, WAITING)
    assert (found.left_out, found.ready) == ((WAITING,), True)
    alone = looked(Kind.ACK, WAITING)
    assert "nothing that fires is chosen" in alone.refusals[0].reason
    assert not alone.ready
    assert looked(Kind.SILENCE, WAITING).ready, "a silence can come before it fires"


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(("field", "reason"), [("by", "it has no author"), ("comment", "it has no comment")])
def test_author_and_comment_are_required(kind: Kind, field: str, reason: str) -> None:
    found = looked(kind, A, **{field: " "})
    assert [refusal.reason for refusal in found.refusals] == [reason]


def test_what_is_there_already_is_told() -> None:
    known = silence(Matcher("alertname", "Disk"), Matcher("cluster", "eu-1"))
    found = looked(Kind.SILENCE, A, reach=Reach.NAME, silences=(known,))
    assert [one.similar for _, one in found.drafts] == [(known,)]


def test_an_alert_without_a_cluster_is_never_muted_everywhere() -> None:
    lost = alert("Disk", "", labels=labels("Disk", ""))
    for reach in Reach:
        found = looked(Kind.SILENCE, lost, reach=reach, alerts=(*FLEET, lost))
        assert "in every cluster" in found.refusals[0].reason


def test_more_silences_than_anybody_can_look_at_are_refused_and_by_name_is_one() -> None:
    """In each, two labels differ, so that each alert would take a silence of its own."""
    storm = tuple(
        alert("Disk", labels=labels("Disk", node=str(number), pod=f"p{number}")) for number in range(MOST_SILENCES + 1)
    )
    found = looked(Kind.ACK, *storm, alerts=storm)
    assert f"it would take {MOST_SILENCES + 1} silences" in found.refusals[0].reason
    assert looked(Kind.ACK, *storm[1:], alerts=storm).ready
    by_name = looked(Kind.SILENCE, *storm, alerts=storm, reach=Reach.NAME)
    assert (by_name.ready, len(by_name.drafts), len(by_name.muted)) == (True, 1, len(storm))


def test_a_matcher_of_a_label_that_is_not_there_finds_those_without_it() -> None:
    found = looked(Kind.SILENCE, LEADER, typed='cluster=eu-1 severity=warning node=""')
    assert {alert.name for alert in found.muted} == {"NoLeader", "Filling"}


def test_near_are_those_that_could_notify() -> None:
    assert near((alert(alertmanagers=("am-b",)), alert(alertmanagers=("am-a", "am-b")))) == ("am-a", "am-b")


def test_matchers_are_read_as_amtool_writes_them() -> None:
    found = parse_matchers('alertname="A b", cluster=~"eu-1|eu-2" node!=n1 path="C:\\\\x \\"y\\""')
    assert found == (
        Matcher("alertname", "A b"),
        Matcher("cluster", "eu-1|eu-2", is_regex=True),
        Matcher("node", "n1", is_equal=False),
        Matcher("path", 'C:\\x "y"'),
    )
    assert parse_matchers(" ".join(matcher.text for matcher in found)) == found
    with pytest.raises(MatcherError, match="is no part of a matcher"):
        parse_matchers('alertname="A" or')
