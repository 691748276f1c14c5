"""``fleetui chart`` by its words: what it understands, what it refuses and with which hint, how it ends."""

import json

import pytest

from fleetui.cli.arguments import parse
from fleetui.cli.chart import ChartError, moments, rendered, request_of, status
from fleetui.model.fault import Fault, FaultKind
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
