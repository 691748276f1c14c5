"""What boards of metrics and a pipeline that is half alive do to a diagnosis."""

from typing import Any

import msgspec
import pytest

from fleetui.model.alerts.pipeline import Level, Pipeline, Trouble
from fleetui.model.cluster import Health
from fleetui.model.diagnosis.diagnosis import diagnose
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.diagnosis.figure_signs import API_AILS, SHORT, filling, lagging
from fleetui.model.diagnosis.mode import Mode
from fleetui.model.diagnosis.rule import Look, State
from fleetui.model.freshness import Source
from fleetui.model.health.board import Cell, nothing
from fleetui.model.health.panel_board import PanelRow
from fleetui.model.health.replication import Replica
from fleetui.model.health.sample import Age, Sample
from fleetui.model.health.slo_board import SloRow, Sort
from tests.model.diagnosis.cases import case, etcd
from tests.model.health.pictures import AT, GIB, alarm, up

BAD_RULE = Pipeline(
    at=AT,
    level=Level.LATE,
    troubles=(
        Trouble(Level.LATE, "rule KubeNodeNotReady at p: bad", "mend", cluster="east", rule="KubeNodeNotReady"),
        Trouble(Level.LATE, "rule Other at p: bad", "mend", cluster="west", rule="KubePodNotScheduled"),
    ),
)


def test_a_rule_that_cannot_be_evaluated_hides_its_own_alert_alone() -> None:
    evidence = case(alerts=(), pipeline=BAD_RULE)
    assert evidence.alerts_doubt == ""
    assert evidence.alerts_late == "rule KubeNodeNotReady at p: bad"
    found = diagnose(evidence)
    assert "rule KubeNodeNotReady at p: bad" in found.of(Mode.NODE).missing
    assert not any("rule" in why for why in found.of(Mode.SCHEDULING).missing), "the other rule is of another cluster"


def test_a_pipeline_that_is_late_for_all_is_told_and_hides_nothing() -> None:
    late = Pipeline(at=AT, level=Level.LATE, troubles=(Trouble(Level.LATE, "ruler-b: 87s ago", "look"),))
    evidence = case(alerts=(), pipeline=late)
    assert (evidence.alerts_late, evidence.alerts_doubt) == ("ruler-b: 87s ago", "")


def test_a_pipeline_that_is_dead_elsewhere_hides_nothing_here() -> None:
    elsewhere = Pipeline(at=AT, level=Level.DEAD, troubles=(Trouble(Level.DEAD, "silent", "look", cluster="west"),))
    assert case(alerts=(), pipeline=elsewhere).alerts_doubt == ""


def promise(objective: str, level: Health, word: str, **more: Any) -> SloRow:
    values: dict[str, Any] = {"title": objective, "age": Age.FRESH, "settled": True, **more}
    return SloRow(cluster="east", objective=objective, level=level, word=word, **values)


def figure(panel: str, value: float, level: Health, host: str = "") -> Cell:
    sample = Sample(source=Source.SCRAPED, received_at=AT, value=value, sample_at=AT)
    return Cell(panel, sample, level, Age.FRESH, host)


BURNS = promise("availability", Health.BROKEN, "gone in 6.7 h", reason="burns 53.3 x its pace", value=0.9467)
ENDS = promise("credentials", Health.WARNING, "missed", value=20.0, unit="d", sort=Sort.FIGURE, named="cp-a")
REPLICA = Replica(
    kind="postgres", title="PostgreSQL", cluster="east", group="", instance="db-2", source="store",
    level=Health.BROKEN, word="link broken",
)  # fmt: skip


@pytest.mark.parametrize(
    ("evidence", "mode", "said"),
    [
        (case(slo=(BURNS,)), Mode.CONTROL_PLANE, "availability: budget gone in 6.7 h, burns 53.3 x its pace"),
        (
            case(figures=PanelRow("east", cells=(figure("errors", 0.16, Health.BROKEN),))),
            Mode.CONTROL_PLANE, "5xx 16%",
        ),
        (
            case(figures=PanelRow("east", cells=(figure("scheduling", 62.8, Health.WARNING),))),
            Mode.SCHEDULING, "scheduling 62.8 s",
        ),
        (case(slo=(ENDS,)), Mode.CERTIFICATES, "the first certificate ends in 20 d (cp-a)"),
        (case(replicas=(REPLICA,)), Mode.STORAGE, "PostgreSQL db-2: link broken"),
        (
            case(slo=(promise("cap-disk", Health.WARNING, "full in 12 d", sort=Sort.CAPACITY),)),
            Mode.EXHAUSTION, "cap-disk: full in 12 d",
        ),
    ],
)  # fmt: skip
def test_what_a_board_of_metrics_says_is_a_suspicion_with_a_first_step(
    evidence: Evidence, mode: Mode, said: str
) -> None:
    found = diagnose(evidence).of(mode)
    assert found.state is State.SUSPECTED
    assert found.evidence[0].text == said
    assert found.first


DARK = figure("errors", 0.0, Health.UNKNOWN)
UNASKED = nothing("errors", "not asked yet", at=AT)
FULL_WHEN = promise("cap-disk", Health.UNKNOWN, "stale 5m", sort=Sort.CAPACITY)
SILENT = msgspec.structs.replace(REPLICA, level=Health.UNKNOWN, word="silent 4m")
LATE = {"replication": "no answer yet from central"}
UNMEASURED = "no source of metrics tells of its figures"


@pytest.mark.parametrize(
    ("look", "evidence", "why"),
    [
        (API_AILS, case(), UNMEASURED),
        (API_AILS, case(figures=PanelRow("east", word="stale 5m", cells=(DARK,))), "controlplane: stale 5m"),
        (API_AILS, case(figures=PanelRow("east", cells=(UNASKED,))), "controlplane: not asked yet"),
        (API_AILS, case(slo=(promise("availability", Health.UNKNOWN, "stale 5m"),)), "slo: stale 5m"),
        (API_AILS, case(slo=(promise("pod-ready", Health.CALM, "kept"),)), UNMEASURED),
        (API_AILS, case(slo=(promise("availability", Health.UNKNOWN, "no source"),)), UNMEASURED),
        (SHORT, case(figures=PanelRow("east", level=Health.CALM, cells=(UNASKED,))), UNMEASURED),
        (filling, case(), UNMEASURED),
        (filling, case(slo=(FULL_WHEN,)), "slo: stale 5m"),
        (filling, case(slo=(promise("availability", Health.CALM, "kept"),)), UNMEASURED),
        (lagging, case(), UNMEASURED),
        (lagging, case(replicas=(SILENT,)), "replication: silent 4m"),
        (lagging, case(unheard=LATE), "replication: no answer yet from central"),
    ],
)
def test_what_no_figure_tells_is_not_taken_for_looked_for_and_not_found(
    look: Look, evidence: Evidence, why: str
) -> None:
    clue = look(evidence)
    assert (clue.found, clue.text) == (None, why)


@pytest.mark.parametrize(
    ("look", "evidence", "said"),
    [
        (
            API_AILS,
            case(figures=PanelRow("east", cells=(figure("errors", 0.0, Health.CALM),))),
            "its figures are within their limits",
        ),
        (filling, case(slo=(msgspec.structs.replace(FULL_WHEN, level=Health.CALM), FULL_WHEN)), "nothing fills"),
        (
            lagging,
            case(replicas=(SILENT, msgspec.structs.replace(REPLICA, level=Health.CALM))),
            "what replicates keeps up",
        ),
    ],
)
def test_one_figure_that_is_known_and_well_is_enough_to_say_so(look: Look, evidence: Evidence, said: str) -> None:
    clue = look(evidence)
    assert (clue.found, clue.text) == (False, said)


def test_an_api_server_that_is_only_slow_is_no_outage() -> None:
    slow = PanelRow("east", cells=(figure("writes", 1.32, Health.WARNING),))
    assert diagnose(case(figures=slow)).of(Mode.CONTROL_PLANE).state is State.ABSENT


def test_certificates_that_live_long_are_looked_for_and_not_found() -> None:
    long = msgspec.structs.replace(ENDS, level=Health.CALM, value=300.0)
    assert diagnose(case(slo=(long,))).of(Mode.CERTIFICATES).state is State.ABSENT
    unread = msgspec.structs.replace(ENDS, level=Health.UNKNOWN, value=None)
    assert diagnose(case(slo=(unread,))).of(Mode.CERTIFICATES).state is State.UNKNOWN


def test_a_full_etcd_is_the_whole_clusters_and_the_alarm_a_members() -> None:
    found = diagnose(case(etcd=etcd(*(up(name, alarms=alarm("b"), db_size=8 * GIB) for name in "abc")))).of(
        Mode.EXHAUSTION
    )
    assert found.state is State.PRESENT
    assert "NOSPACE, raised by b: the whole cluster refuses writes" in found.evidence[0].text
