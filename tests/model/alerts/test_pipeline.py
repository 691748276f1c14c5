"""A dead pipeline is the loudest thing there is, and nothing resolves in its silence."""

from typing import Any

import pytest

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.evidence import AlertmanagerSays, Evaluation, Origin, PrometheusSays
from fleetui.model.alerts.heard import heard, unheard
from fleetui.model.alerts.label_set import label_set
from fleetui.model.alerts.lifetime import CONFIRMED_EVERY_S, KEPT_S, follow
from fleetui.model.alerts.pipeline import Level, Pipeline, Rhythm, Silent, pipeline
from fleetui.model.health import series
from tests.model.alerts.samples import AWAITED, DOWN, NOW, alert, alertmanager, labels, posted, prometheus, watchdog

RHYTHM = Rhythm(evaluate_s=30.0, resend_s=60.0)


def verdict(*told: AlertmanagerSays, asked: tuple[PrometheusSays, ...] = (), now: float = NOW, **more: Any) -> Pipeline:
    return pipeline(asked, told, now=now, rhythm=RHYTHM, **more)


def test_the_limits_are_those_that_were_measured() -> None:
    assert (RHYTHM.late_after_s, RHYTHM.dead_after_s) == (120.0, 240.0)


@pytest.mark.parametrize(
    ("age", "level"), [(20, Level.OK), (120, Level.OK), (121, Level.LATE), (240, Level.LATE), (241, Level.DEAD)]
)
def test_the_watchdogs_age_is_the_sign_of_life(age: float, level: Level) -> None:
    found = verdict(alertmanager(watchdog(sent=NOW - age, cluster="eu-1")))

    assert found.level is level
    assert [trouble.cluster for trouble in found.troubles] == ([] if level is Level.OK else ["eu-1"])
    assert all("eu-1" in trouble.what and trouble.remedy for trouble in found.troubles)


def test_an_empty_alertmanager_is_not_healthy() -> None:
    found = verdict(alertmanager())
    assert found.level is Level.UNKNOWN
    assert "proves nothing" in found.troubles[0].what


def test_a_watchdog_that_has_vanished_is_missed_at_once() -> None:
    before = verdict(alertmanager(watchdog(sent=NOW - 10)))
    restarted = verdict(alertmanager(), now=NOW + 5, known=before.watchdogs)
    later = verdict(alertmanager(), now=NOW + 300, known=restarted.watchdogs)

    assert (before.level, restarted.level, later.level) == (Level.OK, Level.LATE, Level.DEAD)
    assert "gone from Alertmanager" in restarted.troubles[0].what
    assert not restarted.trusts_end_of(alert())


def test_in_a_pair_of_alertmanagers_the_one_that_heard_it_last_counts() -> None:
    found = verdict(alertmanager(watchdog(sent=NOW - 500), name="a"), alertmanager(watchdog(), name="b"))
    assert found.level is Level.OK


def test_each_way_has_its_own_watchdog() -> None:
    dogs = (watchdog(cluster="eu-1"), watchdog(cluster="us-1", sent=NOW - 999))
    found = verdict(alertmanager(*dogs))
    assert [(trouble.level, trouble.cluster) for trouble in found.troubles] == [(Level.DEAD, "us-1")]


def test_a_clock_ahead_over_there_does_not_hide_an_old_watchdog() -> None:
    found = verdict(alertmanager(watchdog(sent=NOW + 100), skew_s=400.0))
    assert found.level is Level.DEAD


@pytest.mark.parametrize(
    ("faults", "level"),
    [
        ((DOWN, DOWN), Level.DEAD),
        ((DOWN, None), Level.LATE),
        ((None, None), Level.OK),
        ((AWAITED, AWAITED), Level.UNKNOWN),
        ((AWAITED, None), Level.UNKNOWN),
        ((AWAITED, DOWN), Level.DEAD),
    ],
)
def test_alertmanagers_that_give_no_answer(faults: tuple[Any, ...], level: Level) -> None:
    told = [alertmanager(*([] if fault else [watchdog()]), name=str(n), fault=fault) for n, fault in enumerate(faults)]
    found = verdict(*told)
    assert found.level is level
    assert found.failed == {str(n) for n, fault in enumerate(faults) if fault}


@pytest.mark.parametrize(
    ("asked", "level", "what"),
    [
        (prometheus(), Level.OK, ""),
        (prometheus(evaluated=NOW - 61), Level.LATE, "evaluated its rules 61s ago"),
        (prometheus(evaluated=NOW - 121), Level.DEAD, "evaluated its rules 2m ago"),
        (prometheus(evaluated=NOW + 900, skew_s=1000.0), Level.LATE, "evaluated"),
        (prometheus(fault=DOWN), Level.DEAD, "refused"),
        (prometheus(fault=AWAITED), Level.UNKNOWN, "no answer yet"),
        (prometheus(warnings=("store x did not answer",)), Level.LATE, "answers in part"),
        (prometheus(evaluations=(Evaluation("Bad", NOW, 30.0, "parse error"),)), Level.LATE, "parse error"),
        (prometheus(evaluated=None), Level.OK, ""),
    ],
)
def test_what_is_wrong_with_a_prometheus(asked: PrometheusSays, level: Level, what: str) -> None:
    found = verdict(alertmanager(watchdog()), asked=(asked,))
    assert found.level is level
    assert all(what in trouble.what and trouble.remedy for trouble in found.troubles)


def test_a_silent_cluster_is_dead_and_the_worst_is_said_first() -> None:
    found = verdict(alertmanager(watchdog(sent=NOW - 130)), silent=(Silent("us-1", NOW - 7200), Silent("us-2", None)))
    assert [trouble.level for trouble in found.troubles] == [Level.DEAD, Level.DEAD, Level.LATE]
    assert found.troubles[0].what.startswith("us-1 has sent no metrics for 2h")
    assert found.troubles[1].what.startswith("us-2 has sent no metrics:")


FRESH = alertmanager(watchdog())
BARE = prometheus(name="prom")


@pytest.mark.parametrize(
    ("row", "found", "trusted"),
    [
        (alert(), verdict(FRESH), True),
        (alert(), verdict(alertmanager()), False),
        (alert(), verdict(alertmanager(watchdog(sent=NOW - 121))), False),
        (alert(), verdict(alertmanager(watchdog(cluster="eu-1"))), True),
        (alert(), verdict(alertmanager(watchdog(cluster="us-1"))), False),
        (alert(), verdict(alertmanager(watchdog(cluster="eu-1"), watchdog(sent=NOW - 500))), False),
        (alert(), verdict(FRESH, silent=(Silent("eu-1", None),)), False),
        (alert(), verdict(alertmanager(fault=DOWN)), False),
        (alert(), verdict(alertmanager(fault=DOWN), alertmanager(watchdog(), name="b")), False),
        (alert(sources=("am", "b"), alertmanagers=("am", "b")),
         verdict(alertmanager(fault=DOWN), alertmanager(watchdog(), name="b")), True),
        (alert(sources=("am", "prom")), verdict(alertmanager(), asked=(BARE,)), True),
        (alert(sources=("am", "prom")), verdict(FRESH, asked=(prometheus(fault=DOWN),)), True),
        (alert(sources=("prom",), alertmanagers=()), verdict(FRESH, asked=(prometheus(fault=DOWN),)), False),
        (alert(sources=("prom",), alertmanagers=()), verdict(FRESH, asked=(prometheus(evaluated=NOW - 99),)), False),
        (alert(sources=("prom",), alertmanagers=()), verdict(FRESH, asked=(prometheus(warnings=("part",)),)), False),
        (alert(sources=("prom",), alertmanagers=()), verdict(FRESH, asked=(BARE,)), True),
        (alert(sources=("gone",), alertmanagers=()), verdict(FRESH), False),
    ],
)  # fmt: skip
def test_whose_end_is_believed(row: Alert, found: Pipeline, trusted: bool) -> None:
    assert found.trusts_end_of(row) is trusted


def after(before: Alert, found: Pipeline, *said: Alert) -> Alert | None:
    return follow({before.key: before}, said, found, rhythm=RHYTHM).get(before.key)


ALIVE = verdict(FRESH)
DEAD = verdict(alertmanager(watchdog(sent=NOW - 999)))


def test_an_end_seen_through_a_living_pipeline_is_resolved_and_kept_a_while() -> None:
    row = after(alert(), ALIVE)
    assert row is not None
    assert (row.phase, row.ended_at) == (Phase.RESOLVED, NOW)
    assert after(row, verdict(FRESH, now=NOW + KEPT_S - 1)) is row
    assert after(row, verdict(FRESH, now=NOW + KEPT_S)) is None


@pytest.mark.parametrize("name", ["ALIVE", "DEAD"])
def test_a_pending_one_that_passes_leaves_nothing(name: str) -> None:
    """Also when its source is late: what has never fired cannot have resolved, and would pile up as unknown."""
    assert after(alert(phase=Phase.PENDING), {"ALIVE": ALIVE, "DEAD": DEAD}[name]) is None


@pytest.mark.parametrize("phase", [Phase.FIRING, Phase.PENDING])
def test_an_end_in_silence_is_unknown_since_it_was_last_confirmed(phase: Phase) -> None:
    row = after(alert(phase=phase, value=3.0), DEAD if phase is Phase.FIRING else verdict(alertmanager(fault=DOWN)))
    assert row is not None
    assert (row.phase, row.ended_at, row.value) == (Phase.UNKNOWN, NOW - 20, None)


def test_what_was_unknown_is_never_called_resolved() -> None:
    row = after(alert(), DEAD)
    seen = []
    for second in range(0, 1_200, 30):
        assert row is not None
        alive = verdict(alertmanager(watchdog(sent=NOW + second)), now=NOW + second)
        row = after(row, alive)
        seen.append(None if row is None else row.phase)
        if row is None:
            break

    assert set(seen) == {Phase.UNKNOWN, Phase.ENDED_UNSEEN, None}
    assert seen.index(Phase.ENDED_UNSEEN) == RHYTHM.settle_s / 30


def test_a_pipeline_that_dies_again_starts_the_wait_anew() -> None:
    row = after(alert(), DEAD)
    assert row is not None
    row = after(row, verdict(alertmanager(watchdog(sent=NOW + 60)), now=NOW + 60))
    assert row is not None
    assert row.calm_since == NOW + 60
    row = after(row, verdict(alertmanager(fault=DOWN), now=NOW + 90))
    assert row is not None
    assert row.calm_since is None
    row = after(row, verdict(alertmanager(watchdog(sent=NOW + 200)), now=NOW + 200))
    assert row is not None
    assert (row.phase, row.calm_since) == (Phase.UNKNOWN, NOW + 200)


def test_one_that_is_said_again_fires_as_before() -> None:
    lost = after(alert(), DEAD)
    assert lost is not None
    again = alert()
    assert after(lost, ALIVE, again) is again


def test_rows_that_say_the_same_stay_the_same_object() -> None:
    before = alert(confirmed_at=NOW)
    same = alert(confirmed_at=NOW + CONFIRMED_EVERY_S - 1)
    later = alert(confirmed_at=NOW + CONFIRMED_EVERY_S)
    other = alert(confirmed_at=NOW, value=2.0)

    assert after(before, ALIVE, same) is before
    assert after(before, ALIVE, later) is later
    assert after(before, ALIVE, other) is other


def test_the_answer_of_a_metrics_source_becomes_evidence() -> None:
    said = series.Alert(label_set({"alertname": "A"}), label_set({"summary": "s"}), "firing", NOW - 60, float("nan"))
    odd = series.Alert(label_set({"alertname": "A"}), (), "inactive", None, 1.0)
    rule = series.Rule(
        "A",
        "alerting",
        "up == 0",
        "g",
        "f",
        15.0,
        hold_s=60.0,
        health="err",
        last_evaluation=NOW - 3,
        alerts=(said, odd),
    )
    record = series.Rule("r", "recording", "sum(x)", "g", "f", 15.0)
    reply = series.Reply("p", NOW - 1, NOW, warnings=("half of it",), partial=True)

    found = heard(series.Rules((rule, record), reply), Origin("p"), skew_s=2.0)

    assert [(one.labels, one.value, one.firing) for one in found.active] == [
        (label_set({"alertname": "A"}), None, True)
    ]
    assert [(one.name, one.hold_s, one.interval_s) for one in found.rules] == [("A", 60.0, 15.0)]
    assert found.evaluations == (Evaluation("A", NOW - 3, 15.0, "no reason given"),)
    assert (found.at, found.warnings, found.skew_s) == (NOW, ("half of it",), 2.0)
    assert unheard(DOWN, Origin("p"), at=NOW).fault is DOWN


def test_labels_of_a_watchdog_that_say_nothing_of_its_way_do_not_count() -> None:
    dog = watchdog(namespace="monitoring", prometheus_replica="a", prometheus="k8s")
    found = verdict(alertmanager(dog, posted()))

    assert found.trusts_end_of(alert(labels=labels(prometheus="k8s")))
    assert not found.trusts_end_of(alert(labels=labels(prometheus="other")))
