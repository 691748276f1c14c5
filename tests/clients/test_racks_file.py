"""A file of racks: what is read, and what is said of what cannot be."""

import re
from pathlib import Path

import pytest

from fleetui.clients.racks_file import RacksError, parse_racks, read_racks
from fleetui.model.racks.device import Device
from fleetui.model.racks.rack import Face, RackStatus

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "racks.md"
GOOD = """# The east.
sites:
  - name: east
racks:  # one
  - name: A
    site: east
    status: planned
devices:
  - {name: wk-1, rack: A, position: 1.5, face: rear}
"""


def test_what_is_said_is_read() -> None:
    layout = parse_racks(GOOD, where="r.yaml").layout
    assert layout.racks[0].status is RackStatus.PLANNED
    assert layout.devices == (Device(name="wk-1", rack="A", position=1.5, face=Face.REAR),)


def test_an_empty_file_is_an_empty_layout() -> None:
    assert parse_racks("", where="r.yaml").layout.racks == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("racks:\n  - name: A\n", "r.yaml:2: racks.0: says no site; add site: text, in quotes"),
        ("racks:\n  - name: A\n    site: e\n    status: acive\n",
         "r.yaml:4: racks.0.status: 'acive' is no such word; write one of reserved, available, planned, active, "
         "deprecated"),
        ("racks:\n  - name: A\n    site: e\n    u_hieght: 42\n",
         "r.yaml:4: racks.0.u_hieght: no such field; write u_height"),
        ("racks:\n  - name: A\n    site: e\n    u_height: tall\n",
         "r.yaml:4: racks.0.u_height: is text; write a whole number"),
        ("racks:\n  - {name: A, site: e, max_weight: heavy}\n",
         "r.yaml:2: racks.0.max_weight: is text; write a number"),
        ("racks:\n  - name: 7\n    site: e\n", "r.yaml:2: racks.0.name: is a whole number; write text, in quotes"),
        ("racks:\n  - {name: A, site: e, desc_units: 1}\n",
         "r.yaml:2: racks.0.desc_units: is a whole number; write true or false"),
        ("reservations:\n  - {rack: A, units: 3}\n",
         "r.yaml:2: reservations.0.units: is a whole number; write a list, such as [1, 2]"),
        ("devices:\n  - name: a\n    power_ports:\n      - name: p\n        maximum_draw: much\n",
         "r.yaml:5: devices.0.power_ports.0.maximum_draw: is text; write a number"),
        ("devices:\n  - name: a\n    labels: {a: 1}\n",
         "r.yaml:3: devices.0.labels: is a whole number; write text, in quotes"),
        ("devices:\n  - name: a\n    bmc: 10.0.0.1\n", "r.yaml:3: devices.0.bmc: is text; write a mapping"),
        ("devices:\n  - {name: a, position: .inf}\n",
         "r.yaml:2: devices.0.position: is too large, too small or no number; write a number"),
        ("devices:\n  - {name: a, allocated_draw: .nan}\n",
         "r.yaml:2: devices.0.allocated_draw: is too large, too small or no number; write a number"),
        ("racks:\n  - {name: A, site: e, u_height: 10000000000000}\n",
         "r.yaml:2: racks.0.u_height: is too large, too small or no number; write a whole number"),
        ("racks:\n  - {name: A, site: e, width: 12}\n",
         "r.yaml:2: racks.0.width: 12 is no such word; write one of 10, 19, 20, 21, 23"),
        ("rack:\n  - name: A\n", "r.yaml:1: rack: no such section; write racks"),
        ("racks: A\n", "r.yaml:1: racks: is text; write a list"),
        ("- name: A\n", "r.yaml:1: the file is no mapping; write sections, such as racks:"),
        ("version: 2\n",
         "r.yaml:1: version: this fleetui reads 1, not 2; write version: 1, or use the fleetui that it was made "
         "for"),
        ("racks:\n  - name: A\n   site: e\n", "r.yaml:3:4:"),
        ("racks:\n  - name: A\n    name: B\n", "'name' is said twice; keep one"),
    ],
)  # fmt: skip
def test_a_mistake_of_shape_is_told_with_its_line_and_what_to_write(text: str, said: str) -> None:
    with pytest.raises(RacksError) as error:
        parse_racks(text, where="r.yaml")
    assert said in str(error.value)
    if said.count(":") > 2:
        assert str(error.value) == said or said.endswith(":") or "twice" in said


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    with pytest.raises(RacksError) as error:
        parse_racks("racks:\n  - name: A\n  - site: e\n    name: 1\ndevices:\n  - {}\n", where="r.yaml")
    assert [line.split(": ")[0] for line in str(error.value).splitlines()] == ["r.yaml:2", "r.yaml:4", "r.yaml:6"]


def test_a_storm_of_mistakes_is_counted() -> None:
    with pytest.raises(RacksError) as error:
        parse_racks("racks:\n" + "  - {}\n" * 50, where="r.yaml")
    lines = str(error.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "r.yaml: and 30 mistakes more"


def test_a_directory_is_read_as_one_and_each_part_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("racks:\n  - {name: C, site: west}\n")
    (tmp_path / "a.yaml").write_text("\nracks:\n  - {name: A, site: east}\n  - name: B\n    site: east\n")
    (tmp_path / "notes.txt").write_text("no YAML: [")
    read = read_racks(tmp_path)
    assert [rack.name for rack in read.layout.racks] == ["A", "B", "C"]
    assert read.where(("racks", "1", "site")) == f"{tmp_path}/a.yaml:5"
    assert read.where(("racks", "2", "site")) == f"{tmp_path}/b.yaml:2"
    assert read.where(("racks", "1", "status")) == f"{tmp_path}/a.yaml:4"


def test_all_files_of_a_directory_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("racks: 1\n")
    (tmp_path / "b.yaml").write_bytes(b"name: \xff\n")
    with pytest.raises(RacksError) as error:
        read_racks(tmp_path)
    first, second = str(error.value).splitlines()
    assert first == f"{tmp_path}/a.yaml:1: racks: is a whole number; write a list"
    assert second == f"{tmp_path}/b.yaml: not text; save the file as UTF-8"


def test_an_empty_directory_is_no_fleet_without_racks(tmp_path: Path) -> None:
    with pytest.raises(RacksError, match=r"no \*\.yaml in it"):
        read_racks(tmp_path)


def test_a_file_that_is_not_there_is_told_by_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_racks(tmp_path / "racks.yaml")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_text_is_kept_to_the_byte_for_an_edit(tmp_path: Path, newline: str) -> None:
    file = tmp_path / "racks.yaml"
    said = GOOD.replace("\n", newline).encode()
    file.write_bytes(said)
    (text,) = read_racks(file).texts
    assert text.text.encode() == said
    assert text.where(("racks", "0", "status")) == f"{file}:7"


def test_the_example_of_the_document_is_right() -> None:
    (example,) = re.findall(r"```yaml\n(version.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert len(parse_racks(example, where="racks.md").layout.devices) == 2
