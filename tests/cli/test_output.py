"""Rows as text: what people read, what scripts parse, what spreadsheets open."""

import csv
import json

import pytest

from fleetui.cli.output import render
from fleetui.clients.yaml_file import dump, load
from fleetui.model.machine import Machine
from fleetui.model.table.columns_machine import MACHINES

NOW = 1_800_000_000.0


def machine(name: str, **fields: object) -> Machine:
    said = {"uid": f"uid-{name}", "cluster": "east", "status": "Ready", "version": "v1.36.3", "created": NOW - 7200}
    return Machine(name=name, **(said | fields))  # type: ignore[arg-type]


ROWS = (
    machine("w1", roles=("control-plane",)),
    machine("worker-with-a-long-name", status="NotReady,SchedulingDisabled", version="", created=None),
)


def text(output: str, rows: tuple[Machine, ...] = ROWS, *, headers: bool = True) -> str:
    return render(MACHINES, rows, output=output, now=NOW, headers=headers, to_yaml=dump)


def test_columns_are_aligned_and_unknown_is_a_question_mark() -> None:
    lines = text("table").splitlines()
    starts = [line.index(word) for line, word in zip(lines, ("STATUS", "Ready", "NotReady"), strict=True)]
    assert len(set(starts)) == 1
    assert lines[2].split() == ["worker-with-a-long-name", "NotReady,cordoned", "east", "–", "–", "?", "?", "?"]


def test_wide_adds_what_the_plain_table_leaves_out() -> None:
    plain, wide = text("table").splitlines()[0].split(), text("wide").splitlines()[0].split()
    assert set(wide) - set(plain) == {"OS", "KERNEL", "RUNTIME"}


def test_a_column_without_a_source_is_not_there() -> None:
    racked = (machine("w1", labels=(("topology.kubernetes.io/zone", "rack-a"),)),)
    assert "RACK" not in text("table").splitlines()[0]
    assert "RACK" in text("table", racked).splitlines()[0]


def test_without_headers_and_without_rows() -> None:
    assert len(text("table", headers=False).splitlines()) == 2
    assert text("table", ()).split()[0] == "NAME"
    assert json.loads(text("json", ())) == []
    assert load(text("yaml", ()), "out") == []


def test_json_and_yaml_say_the_same() -> None:
    said = json.loads(text("json"))
    assert [item["name"] for item in said] == ["w1", "worker-with-a-long-name"]
    assert said[1]["version"] is None
    assert load(text("yaml"), "out") == said


def test_csv_has_one_column_for_each_field() -> None:
    header, first, second = csv.reader(text("csv").splitlines())
    assert header == [field.name for field in MACHINES.fields]
    assert dict(zip(header, first, strict=True))["roles"] == '["control-plane"]'
    assert dict(zip(header, second, strict=True))["version"] == ""


@pytest.mark.parametrize("start", ["=", "@", "+"])
def test_csv_keeps_a_spreadsheet_from_running_a_name(start: str) -> None:
    rows = (machine(f"{start}cmd|'/c calc'!A0"),)
    assert text("csv", rows, headers=False).startswith(f"'{start}cmd")


def test_names_only() -> None:
    assert text("name") == "w1\nworker-with-a-long-name\n"
