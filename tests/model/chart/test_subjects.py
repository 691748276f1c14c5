"""Which figure of a row is drawn: the one that decided its verdict."""

import pytest
from msgspec.structs import replace

from fleetui.model.alerts.alert import Alert, Phase
from fleetui.model.alerts.evidence import Rule
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.chart.alert_subject import alert_request
from fleetui.model.chart.board_subjects import controlplane_subject, fleet_subject, slo_subject
from fleetui.model.chart.catalogue import BOARDS, subject_of
from fleetui.model.chart.etcd_subjects import etcd_subject
from fleetui.model.chart.replication_subjects import kind_subjects, replica_place, replication_subject
from fleetui.model.cluster import Health
from fleetui.model.health import controlplane
from fleetui.model.health.etcd_finding import About, Finding
from fleetui.model.health.etcd_state import EtcdState
from fleetui.model.health.fleet_boards import FLEET_BOARDS
from fleetui.model.health.fleet_figures import fleet_figures
from fleetui.model.health.panel_board import panel_board
from fleetui.model.health.promql import Query, Scope
from fleetui.model.health.replication import Finding as Said
from fleetui.model.health.replication import Replica
from fleetui.model.health.replication_kind import BacklogRule, FigureRule, Kind, LinkRule, Role, SecondsRule
from fleetui.model.health.replication_reading import Figure, Link
from fleetui.model.health.slo_board import SloRow
from tests.model.health.panel_answers import NOW, answers

KIND = Kind(
    name="queue", title="Queue", exporter="x", marker="queue_up", group=("namespace",), instance=("pod",),
    seconds=SecondsRule("max by ($by) (queue_lag_seconds)"),
    backlog=BacklogRule("max by ($group, follower) (queue_backlog)", match=("follower",)),
    figures=(FigureRule("full", "share in use", "max by ($by) (queue_full)", unit="ratio", amber=0.8, word="filling"),),
)  # fmt: skip


def test_the_worst_figure_of_a_control_plane_is_drawn_and_of_a_calm_one_its_errors() -> None:
    said = answers({"errors": {"a": 0.0, "b": 0.002}, "writes": {"a": 0.1, "b": 9.0}})
    calm, bad = panel_board(controlplane.PANELS, [said], ["a", "b"], now=NOW)
    assert controlplane_subject(calm).id == "controlplane/errors"
    assert controlplane_subject(bad).id == "controlplane/writes", "red stands before amber"


@pytest.mark.parametrize(
    ("about", "figure"),
    [(About.FILLING, "of_quota"), (About.FLAPPING, "changes"), (About.SLOW_DISK, "fsync"), (About.NO_MARGIN, "up"),
     (About.SLOW_NETWORK, "rtt"), (None, "fsync")],
)  # fmt: skip
def test_of_an_etcd_the_figure_that_shows_what_is_worst(about: About | None, figure: str) -> None:
    findings = (Finding(Health.WARNING, about, "x", "x"),) if about else ()
    assert etcd_subject(EtcdState("a", findings=findings)).id == f"etcd/{figure}"


def test_a_budget_is_drawn_against_what_its_own_target_allows() -> None:
    row = SloRow(cluster="a", objective="api-errors", title="x", target=0.99)
    found = slo_subject(row)
    assert found.limit is not None
    assert found.limit.amber == pytest.approx(0.01)
    assert found.limit.red == pytest.approx(0.144)
    assert "[300s]" in Scope("cluster", "", ".*", 300).fill(Query(found.id, found.query))


def test_of_an_instance_what_its_word_is_about_else_its_lag() -> None:
    known = kind_subjects(KIND)
    assert set(known) == {"queue:lag", "queue:backlog", "queue:full"}
    calm = Replica("queue", "Queue", "a", "ns", "q-1", "central", Health.CALM, "in step")
    assert replication_subject(calm, known) == known["queue:lag"]
    full = replace(
        calm,
        findings=(Said(Health.WARNING, "filling"),),
        figures=(Figure(KIND.figures[0], 0.9),),
    )
    assert replication_subject(full, known) == known["queue:full"]
    assert (
        known["queue:lag"].row_query
        == "max by ($cluster, namespace, pod) (max by ($per, namespace, pod) (queue_lag_seconds))"
    )


def test_the_line_of_what_a_primary_says_of_its_followers_is_found_by_the_name_that_it_gives_them() -> None:
    known = kind_subjects(KIND)
    row = Replica("queue", "Queue", "a", "ns", "q-1", "central", Health.CALM, "in step", backlog_as="10.0.0.2")
    backlog = known["queue:backlog"]
    assert replica_place(row, backlog) == ("a", "ns", "10.0.0.2")
    assert replica_place(row, known["queue:lag"]) == ("a", "ns", "q-1")
    assert backlog.row_query.startswith("max by ($cluster, namespace, follower) (")
    assert replica_place(replace(row, backlog_as=""), backlog) is None, "a guess would show another's"
    told = replace(KIND, seconds=SecondsRule("max by ($group, follower) (queue_lag)", match=("follower",)))
    assert replication_subject(row, kind_subjects(told)) == backlog, "nobody names it where its lag is said"


def test_the_lag_of_what_does_not_receive_is_a_gap_and_never_its_exporters_zero() -> None:
    linked = replace(KIND, link=LinkRule(own="max by ($by) (queue_link)"))
    known = kind_subjects(linked)
    labels = "$per, namespace, pod"
    lag, link = f"max by ({labels}) (queue_lag_seconds)", f"max by ({labels}) (queue_link)"
    assert known["queue:lag"].query == f"({lag}) and on ({labels}) (({link}) > 0)"
    broken = Replica(
        "queue", "Queue", "a", "ns", "q-1", "central", Health.BROKEN, "link broken", role=Role.REPLICA, link=Link.BROKEN
    )
    assert replication_subject(broken, {"queue:lag": known["queue:lag"]}) is None
    assert replication_subject(replace(broken, link=Link.UP), known) == known["queue:lag"]


def test_what_is_counted_and_asked_of_no_source_has_no_history() -> None:
    silent = fleet_figures(FLEET_BOARDS["oncall"].panels, [answers({"pending": {"a": 1.0}})], ["a", "never"], now=NOW)[
        0
    ]
    with pytest.raises(ValueError, match="clusters unheard are counted now"):
        fleet_subject("oncall", silent)


def test_a_figure_of_the_fleet_is_drawn_of_the_worst_clusters_or_of_all_as_one() -> None:
    panel = FLEET_BOARDS["oncall"].panels[0]
    limit = panel.limit
    assert limit is not None
    bad = limit.red - 1 if limit.falling else limit.red + 1
    good = limit.amber + 1 if limit.falling else 0.0
    of_bad, of_good = (
        fleet_figures([panel], [answers({panel.id: {"a": value, "b": good}})], ["a", "b"], now=NOW)[0]
        for value in (bad, good)
    )
    assert fleet_subject("oncall", of_bad)[1] == ("a",)
    subject, clusters = fleet_subject("oncall", of_good)
    assert clusters == ()
    assert "of all clusters" in subject.title


def _alert(query: str) -> Alert:
    rule = Rule("Full", query, labels=(("severity", "page"),))
    return Alert(
        key="k", name="Full", cluster="eu-1", phase=Phase.FIRING, call=Call.PAGE, why="", confirmed_at=0, rule=rule,
        labels=(("alertname", "Full"), ("cluster", "eu-1"), ("instance", "a"), ("severity", "page")),
        sources=("ruler",),
    )  # fmt: skip


def test_an_alert_is_drawn_by_the_left_side_of_its_own_rule() -> None:
    found = alert_request(_alert('size{job=~"etcd$"} / quota > 0.95'))
    assert found is not None
    assert Scope().fill(Query("x", found.subject.query)) == 'size{job=~"etcd$"} / quota'
    assert found.subject.limit is not None
    assert [found.subject.judge(value) for value in (0.95, 0.96)] == [Health.CALM, Health.BROKEN]
    assert found.labels == (("cluster", "eu-1"), ("instance", "a"))
    assert found.sources == ("ruler",)


def test_a_rule_that_cannot_be_split_is_drawn_as_it_is() -> None:
    found = alert_request(_alert("absent(up)"))
    assert found is not None
    assert (found.subject.query, found.subject.limit) == ("absent(up)", None)


@pytest.mark.parametrize("board", BOARDS)
def test_names_are_those_of_the_command_line(board: str) -> None:
    for name, subject in BOARDS[board].items():
        assert subject.id == f"{board}/{name}"
        assert subject_of(subject.id, kinds={}, one=False) == subject


@pytest.mark.parametrize(
    ("path", "says"),
    [("etcd", "write BOARD/PANEL"), ("nothing/x", "boards are etcd"), ("etcd/fsyn", "did you mean fsync")],
)
def test_a_wrong_name_is_told_with_what_there_is(path: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        subject_of(path, kinds={}, one=False)
