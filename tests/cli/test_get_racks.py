"""``fleetui get racks|devices|feeds|places`` and ``check-config`` on a file of racks, by the whole command line."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest
import yaml

from fleetui.cli.arguments import parse
from fleetui.cli.get import Printer
from fleetui.wiring import listing, run

RACKS = """# Two feeds of 5.9 kVA, and 6.5 kW between them.
sites: [{name: east}]
locations:
  - {name: hall, kind: room, site: east}
  - {name: row-1, kind: row, site: east, parent: hall}
racks:
  - {name: A, site: east, location: row-1, max_power_w: 7000}
  - {name: B, site: east, location: row-1}
power_panels: [{name: pa, site: east}, {name: pb, site: east}]
power_feeds:
  - {name: A-A, panel: pa, rack: A, path: A, voltage: 230, amperage: 32}
  - {name: A-B, panel: pb, rack: A, path: B, voltage: 230, amperage: 32}
  - {name: B-A, panel: pa, rack: B, path: A, voltage: 400, amperage: 32, phase: three-phase}
devices:
  - name: big
    rack: A
    position: 1
    face: front
    role: worker
    cluster: prod-1
    labels: {pool: gpu}
    allocated_draw: 6500
    maximum_draw: 6800
    power_redundancy: 2N
    power_ports: [{name: psu1, feed: A-A}, {name: psu2, feed: A-B}]
  - {name: lost, rack: B, allocated_draw: 200}
"""
CONFIG = "racks: {path: racks.yaml}\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration beside its racks, and a kubeconfig without clusters. What is printed goes where pytest reads."""
    (tmp_path / "kubeconfig").write_text("apiVersion: v1\nkind: Config\n")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setattr(listing, "Printer", lambda **said: Printer(out=sys.stdout, err=sys.stderr, **said))
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "racks.yaml").write_text(RACKS)
    return tmp_path


def fleetui(home: Path, *words: str) -> int:
    return run(parse(["--config", str(home / "config.yaml"), "--state-dir", str(home / "state"), *words]))


def rows(home: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, object]]:
    assert fleetui(home, "get", *words, "-o", "json") == 0
    told: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return told


def test_a_rack_shows_its_budget_and_what_is_wrong_with_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = rows(home, capsys, "racks")
    assert first["path"] == "east/hall/row-1/A"
    assert first["health"] == "broken"
    assert first["supplyVA"] == 5_888
    assert first["failover"] == 1.162
    assert first["power"] == {
        "value": 6500, "atLeast": 6500, "limit": 7000, "share": 0.9286, "over": False, "unknownOf": [],
    }  # fmt: skip
    assert [finding["code"] for finding in first["findings"]] == ["feed-failover"] * 2  # type: ignore[index, union-attr]
    assert first["findings"][0]["place"] == f"{home}/racks.yaml:11"  # type: ignore[index]
    assert second["health"] == "unknown"
    assert second["failover"] is None
    assert second["space"]["share"] is None  # type: ignore[index, call-overload]


def test_a_table_fits_the_same_into_a_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fleetui(home, "get", "racks") == 0
    told = capsys.readouterr()
    header, first, second = told.out.splitlines()
    assert header.split() == [
        "NAME", "SITE", "ROOM", "ROW", "DEVICES", "SPACE", "FREE", "POWER", "FAILOVER", "WEIGHT", "STATE", "WHY",
    ]  # fmt: skip
    assert first.split()[:11] == [
        "A", "east", "hall", "row-1", "1", "1/42U", "41U", "6.5/7kW", "116%", "?kg", "2",
    ]  # fmt: skip
    assert "feed A-A: 6,842 of 5,888 VA would hang on it with the other path lost (racks.yaml:11)" in first
    assert second.split()[:10] == ["B", "east", "hall", "row-1", "1", "?/42U", "?", "0.2kW", "?", "?kg"]
    assert told.err == (
        "fleetui: racks: 2 errors, 2 unknown; fleetui check-config shows each with its line and the fix\n"
    )


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("racks", "failover>100"), ["A"]),
        (("racks", "power<1"), ["B"]),
        (("rack/B",), ["B"]),
        (("devices", "rack=A"), ["big"]),
        (("devices", "-l", "pool=gpu"), ["big"]),
        (("devices", "@prod-*"), ["big"]),
        (("devices", "feeds=A-B"), ["big"]),
        (("feeds", "path=B"), ["A-B"]),
        (("feeds", "--sort", "-available"), ["B-A", "A-A", "A-B"]),
        (("places", "kind=room"), ["hall"]),
        (("sites",), ["east", "hall", "row-1"]),
    ],
)
def test_filters_know_what_the_columns_say(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], names: list[str]
) -> None:
    assert [row["name"] for row in rows(home, capsys, *words)] == names


@pytest.mark.parametrize("what", ["racks", "feeds"])
def test_a_narrow_terminal_leaves_columns_out_and_cuts_no_number(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    (home / "racks.yaml").write_text(RACKS.replace("max_power_w: 7000", "max_power_w: 17250"))
    for width in range(50, 111):
        monkeypatch.setattr(Printer, "width", width)
        assert fleetui(home, "get", what) == 0
        header, *lines = capsys.readouterr().out.splitlines()
        figures = header.index("STATE")
        assert "FAILOVER" in header
        assert not [line for line in (header, *lines) if "\N{HORIZONTAL ELLIPSIS}" in line[:figures]], width


@pytest.mark.parametrize("what", ["racks", "devices", "feeds", "places"])
def test_every_form_says_the_same(home: Path, capsys: pytest.CaptureFixture[str], what: str) -> None:
    told = {}
    for output in ("json", "yaml", "csv", "name", "wide"):
        assert fleetui(home, "get", what, "-o", output) == 0
        told[output] = capsys.readouterr().out
    said = json.loads(told["json"])
    assert yaml.safe_load(told["yaml"]) == said
    listed = list(csv.DictReader(io.StringIO(told["csv"])))
    assert [set(row) for row in listed] == [set(row) for row in said]
    assert [row["path"] for row in listed] == [row["path"] for row in said]
    assert told["name"].split() == [row["path"] for row in said]
    assert len(told["wide"].splitlines()) == len(said) + 1


def test_the_figure_of_power_is_the_configurations(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config.yaml").write_text("racks: {path: racks.yaml, draw: nameplate}\n")
    big, lost = rows(home, capsys, "devices")
    assert (big["basis"], big["drawW"]) == ("nameplate", 6800)
    assert lost["drawW"] is None


def test_what_is_wrong_is_told_with_its_line_and_the_fix(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fleetui(home, "check-config") == 1
    told = capsys.readouterr().out
    assert (
        f"{home}/racks.yaml:11: error: feed A-A: 6,842 of 5,888 VA would hang on it with the other path lost; "
        "move machines to another rack, or ask for a larger feed [feed-failover]\n" in told
    )
    assert f"{home}/racks.yaml:26: unknown: lost: is in a rack, nobody says where; " in told
    assert f"{home}/racks.yaml: 2 racks, 2 devices\n" in told


def test_unknown_alone_is_no_error(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "racks.yaml").write_text(RACKS.replace("allocated_draw: 6500", "allocated_draw: 500"))
    assert fleetui(home, "check-config") == 0
    assert "unknown: lost" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("racks", "--watch"), "--watch: racks come from a file"),
        (("racks", "--context", "x"), "--context: racks come from a file"),
        (("racks", "colour=red"), "colour"),
    ],
)
def test_what_makes_no_sense_is_answered_with_a_line(
    home: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert fleetui(home, "get", *words) == 2
    assert said in capsys.readouterr().err


def test_without_a_file_it_says_where_to_write_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config.yaml").write_text("{}\n")
    assert fleetui(home, "get", "racks") == 2
    assert "write racks: with a path in the configuration" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "racks.yaml").unlink()
    assert fleetui(home, "get", "racks") == 2
    assert f"{home}/racks.yaml: No such file" in capsys.readouterr().err


def test_all_mistakes_of_shape_are_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "racks.yaml").write_text("racks:\n  - name: A\n  - {name: B, site: e, status: x}\n")
    assert fleetui(home, "get", "racks") == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith(f"fleetui: {home}/racks.yaml:2: racks.0: says no site")
    assert "racks.yaml:3: racks.1.status: 'x' is no such word" in second


def test_a_rack_of_that_name_that_is_not_there_is_a_failure(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fleetui(home, "get", "rack/Z") == 1
    assert "rack Z: not found" in capsys.readouterr().err
