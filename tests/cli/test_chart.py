"""``fleetui chart`` by its words: what it understands, what it refuses and with which hint, how it ends."""

import json

import pytest

from fleetui.cli.arguments import parse
from fleetui.cli.chart import ChartError, moments, of_alert, rendered, request_of, status
from fleetui.model.chart.alert_subject import rule_subjects
from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.series import Rule
from tests.model.chart.samples import chart, of

CLUSTERS = ("prod-1", "prod-2")
FAULT = Fault(FaultKind.TIMEOUT, "no answer", "silent", "")


def asked(*words: str):
    return request_of(parse(["chart", *words]), kinds={}, clusters=CLUSTERS)


def test_a_figure_of_named_clusters() -> None:
    found = asked("etcd/fsync", "--cluster", "prod-1", "--cluster", "prod-2", "--since", "6h")
    assert (found.subject.id, found.clusters) == ("etcd/fsync", CLUSTERS)
    assert parse(["chart", "etcd/fsync", "--since", "6h"]).since == 6 * 3_600


def test_a_board_of_the_fleet_is_one_line_unless_clusters_are_named() -> None:
    assert "of all clusters" in asked("oncall/errors").subject.title
    assert "of all clusters" not in asked("oncall/errors", "--cluster", "prod-1").subject.title


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("etcd/fsyn",), "did you mean fsync"),
        (("fsync",), "write BOARD/PANEL"),
        (("replication/postgres:lag",), "no figure 'postgres:lag' here"),
        (("etcd/fsync", "--cluster", "prod-9"), "no cluster prod-9; see: fleetui get clusters"),
    ],
)
def test_what_nobody_knows_is_refused_with_a_hint(words: tuple[str, ...], says: str) -> None:
    with pytest.raises(ChartError, match=says):
        asked(*words)


def rule(name: str, query: str, *, kind: str = "alerting", **labels: str) -> Rule:
    return Rule(name=name, kind=kind, query=query, group="g", file="f", interval_s=30.0, labels=tuple(labels.items()))


RULES = rule_subjects(
    [
        ("ruler-a", rule("EtcdFull", "100 * a_bytes / b_bytes > 95", severity="critical")),
        ("ruler-b", rule("EtcdFull", "100 * a_bytes / b_bytes > 95", severity="critical")),
        ("ruler-b", rule("EtcdFull", "100 * a_bytes / b_bytes > 80", severity="warning")),
        ("ruler-a", rule("recorded", "a_bytes", kind="recording")),
    ]
)


def test_an_alert_is_the_expression_of_its_rule_against_its_threshold_asked_of_who_evaluates_it() -> None:
    said = parse(["chart", "alerts/EtcdFull", "--cluster", "prod-1"])
    assert of_alert(said)
    assert not of_alert(parse(["chart", "etcd/fsync"]))
    found = request_of(said, kinds={}, clusters=CLUSTERS, rules=RULES)
    limit = found.subject.limit
    assert limit is not None
    assert (found.subject.query.strip(), found.subject.unit) == ("100 * a_bytes / b_bytes", "%")
    assert (limit.judge(95.0), limit.judge(95.1)) == (Health.CALM, Health.BROKEN)
    assert (found.clusters, found.sources) == (("prod-1",), ("ruler-a", "ruler-b"))


def test_another_rule_of_the_same_name_is_found_by_its_severity_and_recordings_are_no_alerts() -> None:
    assert set(RULES) == {"EtcdFull", "EtcdFull:warning"}
    with pytest.raises(ChartError, match="did you mean EtcdFull"):
        request_of(parse(["chart", "alerts/EtcdFul"]), kinds={}, clusters=CLUSTERS, rules=RULES)


@pytest.mark.parametrize("words", [("etcd/fsync", "--since", "soon"), ("etcd/fsync", "-o", "png"), ()])
def test_a_line_that_makes_no_sense_is_status_2(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(["chart", *words])
    assert ended.value.code == 2


def test_text_fits_and_is_ascii_where_the_terminal_is() -> None:
    found = chart(of([0.2] * 61), of([0.5] * 61, name="cp-b"))
    said = rendered(found, "text", size=(70, 24), ascii_only=True)
    assert said.isascii()
    assert len(said.splitlines()) <= 24
    assert max(map(len, said.splitlines()[1:])) <= 70
    assert moments("text", (70, 24)) == 140


def test_json_and_svg_are_what_they_say() -> None:
    found = chart(of([0.2, 0.3]))
    assert json.loads(rendered(found, "json", size=(70, 24), ascii_only=False))["curves"]
    assert rendered(found, "svg", size=(70, 24), ascii_only=False).startswith("<svg ")


def test_the_status_says_whether_anything_is_missing() -> None:
    assert status(chart(of([0.2, 0.3]))) == 0
    assert status(chart()) == 1
    assert status(chart(of([0.2, 0.3]), faults=(("b", FAULT),))) == 1
    assert status(chart(of([0.2, 0.3]), partial="a store is down")) == 1
