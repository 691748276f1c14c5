"""``--watch``: one shape from the first line to the last, each change told once, nothing told that is none."""

import csv
import io
import json

import msgspec
import pytest
import yaml

from fleetui.cli.get import Printer, Request
from fleetui.cli.stream import Stream
from fleetui.cli.tables import table_of
from fleetui.clients.yaml_file import dump
from fleetui.model.cluster import Cluster
from fleetui.model.freshness import Trust
from fleetui.model.machine import Machine
from fleetui.model.picture import Delta, row_id
from fleetui.model.table.filter import parse
from tests.control.samples import StillClock


def machine(name: str, status: str = "Ready") -> Machine:
    return Machine(uid=f"uid-{name}", name=name, cluster="east", status=status)


W1, W2, W3 = machine("w1"), machine("w2"), machine("w3")
DOWN = machine("w1", "NotReady")


def upserts(*rows: Machine | Cluster, reset: bool = False) -> "Delta[Machine | Cluster]":
    return Delta(upserts=tuple((row_id(row), row) for row in rows), reset=reset)


class Told:
    """A stream into a string, begun with these rows."""

    def __init__(self, *rows: Machine | Cluster, output: str = "json", query: str = "", what: str = "machines") -> None:
        self.out = io.StringIO()
        printer = Printer(to_yaml=dump, clock=StillClock(), out=self.out, err=io.StringIO())
        request = Request(table=table_of(what), output=output, kept=parse(query, table_of(what)))
        self.stream = Stream(request, printer, keep=lambda row: row.name != "hidden")
        self.stream.begin(rows)

    def apply(self, *deltas: "Delta[Machine | Cluster]") -> "Told":
        for delta in deltas:
            self.stream.apply(delta)
        return self

    def events(self) -> list[tuple[str, str]]:
        lines = [json.loads(line) for line in self.out.getvalue().splitlines()]
        assert all(list(line)[:2] == ["event", "name"] for line in lines)
        return [(line["event"], line["name"]) for line in lines]


FIRST = [("added", "w1"), ("added", "w2")]


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        pytest.param(upserts(W3), [("added", "w3")], id="new"),
        pytest.param(upserts(DOWN), [("changed", "w1")], id="changed"),
        pytest.param(upserts(W1), [], id="heard again"),
        pytest.param(Delta(removes=(row_id(W2),)), [("removed", "w2")], id="gone"),
        pytest.param(Delta(removes=("east/never-seen",)), [], id="gone unseen"),
        pytest.param(upserts(W1, W3, reset=True), [("removed", "w2"), ("added", "w3")], id="all anew"),
        pytest.param(upserts(machine("hidden")), [], id="not asked for"),
    ],
)
def test_json_is_one_object_a_line_with_its_event(delta: "Delta[Machine | Cluster]", expected: list[object]) -> None:
    assert Told(W1, W2, machine("hidden")).apply(delta).events() == [*FIRST, *expected]


def test_what_is_gone_and_comes_back_is_added_again() -> None:
    told = Told(W1).apply(Delta(removes=(row_id(W1),)), upserts(W1))
    assert told.events() == [("added", "w1"), ("removed", "w1"), ("added", "w1")]


def test_leaving_the_filter_is_leaving() -> None:
    told = Told(W1, W2, query="status=Ready").apply(upserts(DOWN), upserts(DOWN), upserts(W1))
    assert told.events() == [*FIRST, ("removed", "w1"), ("added", "w1")]


def test_a_sign_of_life_alone_is_no_change() -> None:
    row = Cluster(name="east", trust=Trust.LIVE, last_contact=1.0, nodes_ready=3, nodes_total=3)
    alive = msgspec.structs.replace(row, last_contact=6.0, api_latency_s=0.004)
    worse = msgspec.structs.replace(alive, nodes_ready=2)
    for output in ("json", "yaml", "csv"):
        told = Told(row, what="clusters", output=output)
        before = told.out.getvalue()
        assert told.apply(upserts(alive)).out.getvalue() == before
        assert told.apply(upserts(worse)).out.getvalue() != before


def test_yaml_is_one_document_each() -> None:
    told = Told(W1, output="yaml").apply(upserts(DOWN))
    first, second = yaml.safe_load_all(told.out.getvalue())
    assert (first["event"], first["status"], second["event"], second["status"]) == (
        "added",
        "Ready",
        "changed",
        "NotReady",
    )


def test_csv_has_its_header_once() -> None:
    told = Told(W1, output="csv").apply(Delta(removes=(row_id(W1),)))
    rows = list(csv.DictReader(io.StringIO(told.out.getvalue())))
    assert [(row["event"], row["name"]) for row in rows] == [("added", "w1"), ("removed", "w1")]


def test_a_table_keeps_the_columns_of_its_beginning_and_does_not_tell_what_is_gone() -> None:
    told = Told(W1, W2, output="table")
    told.apply(Delta(removes=(row_id(W2),)), upserts(machine("a-much-longer-name"), DOWN))
    header, *lines = told.out.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["w1", "w2", "a-much-longer-name", "w1"]
    assert lines[-1].index("NotReady") == header.index("STATUS")


def test_names_are_told_once() -> None:
    told = Told(W1, output="name").apply(upserts(DOWN), upserts(W2), Delta(removes=(row_id(W2),)))
    assert told.out.getvalue() == "w1\nw2\n"
