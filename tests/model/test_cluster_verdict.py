"""One rule for what is wrong with a cluster: the worst of what anybody says of it, with whose word it is."""

import pytest

from fleetui.model.cluster import AlertSign, BoardSign, Cluster, EtcdSign, Health, Quiet
from fleetui.model.cluster_verdict import health, reasons
from fleetui.model.freshness import Trust
from fleetui.model.table import cluster_cells as cells

BURNS = BoardSign("slo", Health.BROKEN, "gone 6.7 h", "control plane available: burns 53.3 x its pace")
SLOW = BoardSign("controlplane", Health.WARNING, "writes 1.32 s")
LAGS = BoardSign("replication", Health.BROKEN, "link broken", unknown=2)
UNSCRAPED = BoardSign("controlplane", Health.UNKNOWN, "not scraped", unknown=1)
WELL = BoardSign("slo", Health.CALM, "")


def row(*boards: BoardSign, **more: object) -> Cluster:
    values: dict[str, object] = {
        "trust": Trust.LIVE, "nodes_total": 3, "nodes_ready": 3, "control_plane_total": 3, "control_plane_ready": 3,
        **more,
    }  # fmt: skip
    return Cluster("eu-1", boards=boards, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "verdict", "said", "state"),
    [
        (row(), Health.CALM, (), "live"),
        (row(WELL), Health.CALM, (), "live"),
        (row(BURNS), Health.BROKEN, ("slo gone 6.7 h",), "slo gone 6.7 h"),
        (row(WELL, SLOW), Health.WARNING, ("cp writes 1.32 s",), "cp writes 1.32 s"),
        (row(SLOW, LAGS), Health.BROKEN, ("repl link broken", "cp writes 1.32 s"), "repl link broken"),
        (row(UNSCRAPED), Health.UNKNOWN, ("cp not scraped",), "cp not scraped"),
        (row(BURNS, UNSCRAPED), Health.BROKEN, ("slo gone 6.7 h", "cp not scraped"), "slo gone 6.7 h"),
        (row(UNSCRAPED, operation="drain by ana"), Health.BUSY, ("drain by ana", "cp not scraped"), "cp not scraped"),
        (row(SLOW, cordoned=2), Health.WARNING, ("2 cordoned", "cp writes 1.32 s"), "live, 2 cordoned"),
        (row(BURNS, cordoned=2), Health.BROKEN, ("slo gone 6.7 h", "2 cordoned"), "slo gone 6.7 h"),
        (row(BURNS, trust=Trust.IDLE), Health.BROKEN, ("slo gone 6.7 h", "not connected"), "slo gone 6.7 h"),
        (row(cordoned=2), Health.WARNING, ("2 cordoned",), "live, 2 cordoned"),
        (row(BURNS, not_ready=1), Health.BROKEN, ("slo gone 6.7 h", "1 not Ready"), "slo gone 6.7 h"),
        (row(SLOW, not_ready=1), Health.WARNING, ("1 not Ready", "cp writes 1.32 s"), "1 not Ready"),
        (row(BURNS, trust=Trust.STALE), Health.BROKEN, ("slo gone 6.7 h", "stale"), "slo gone 6.7 h"),
        (row(BURNS, trust=Trust.SILENT), Health.BROKEN, ("silent", "slo gone 6.7 h"), "silent"),
    ],
)
def test_the_worst_verdict_wins_and_says_whose_it_is(
    shown: Cluster, verdict: Health, said: tuple[str, ...], state: str
) -> None:
    assert health(shown) is verdict
    assert tuple(reason.said for reason in reasons(shown)) == said
    assert cells.state_text(shown, 0.0) == state


def test_of_what_is_equally_bad_the_cause_is_named_before_what_comes_of_it() -> None:
    full = EtcdSign(Health.BROKEN, "NOSPACE", 1, 3)
    worse = BoardSign("controlplane", Health.BROKEN, "5xx 16%")
    shown = row(worse, BURNS, LAGS, etcd=full, alerts=AlertSign(pages=2), control_plane_ready=2)
    assert [reason.said for reason in reasons(shown)] == [
        "etcd NOSPACE", "alerts 2 pages", "control plane 2/3", "repl link broken", "slo gone 6.7 h", "cp 5xx 16%",
    ]  # fmt: skip
    assert cells.state_text(shown, 0.0) == "etcd NOSPACE"
    assert cells.state_text(row(BURNS, alerts=AlertSign(pages=1)), 0.0) == "alerts 1 page"


def test_the_state_says_what_makes_the_verdict_but_for_what_an_operation_or_a_colleague_does() -> None:
    full = EtcdSign(Health.BROKEN, "NOSPACE", 1, 3)
    shown = row(SLOW, etcd=full, alerts=AlertSign(pages=2))
    assert [reason.said for reason in reasons(shown)] == ["etcd NOSPACE", "alerts 2 pages", "cp writes 1.32 s"]
    assert cells.state_text(shown, 0.0) == "etcd NOSPACE"
    acked = AlertSign(hushed=1, quiet=(Quiet("ack", "acked by kim", until=720.0),))
    assert cells.state_text(row(alerts=acked), 0.0) == "live"
    assert cells.state_text(row(operation="drain by ana"), 0.0) == "live"
    assert cells.state_text(row(etcd=full), 0.0) == "etcd NOSPACE"


def test_a_managed_control_plane_is_not_missed_by_boards_that_cannot_see_it() -> None:
    managed = {"control_plane_total": None, "control_plane_ready": None}
    assert health(row(UNSCRAPED, **managed)) is Health.CALM
    assert health(row(BoardSign("replication", Health.UNKNOWN, "silent"), **managed)) is Health.UNKNOWN
    assert health(row(SLOW, **managed)) is Health.WARNING


def test_a_page_that_somebody_is_at_is_neither_calm_nor_an_alarm() -> None:
    acked = AlertSign(hushed=1, quiet=(Quiet("ack", "acked by kim", until=720.0),))
    assert health(row(alerts=acked)) is Health.BUSY
    assert [reason.said for reason in reasons(row(alerts=acked))] == ["alerts 1 page acked by kim"]
    assert health(row(SLOW, alerts=acked)) is Health.WARNING
    assert health(row(UNSCRAPED, alerts=acked)) is Health.UNKNOWN, "it hides nothing that is not known"


def test_a_pipeline_that_is_late_of_itself_alone_is_a_warning_in_words() -> None:
    late = AlertSign(late="rule Down at p cannot be evaluated: bad")
    (reason,) = reasons(row(alerts=late))
    assert (reason.level, reason.said, reason.why) == (
        Health.WARNING, "alerts pipeline late", "rule Down at p cannot be evaluated: bad",
    )  # fmt: skip
