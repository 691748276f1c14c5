"""Requirements as a file: what is read, and every mistake with its line and its fix."""

from pathlib import Path

import pytest

from fleetui.clients.requirements_file import RequirementsError, parse_requirements, read_requirements

GOOD = """\
hardware:
  standard: {cores: 32, memory_gb: 128}
stock: {standard: 40}
sites:
  east:
    racks:
      A: {}
      B: {row: r1}
workloads:
  shop:
    machines: 6
"""


def wrong(text: str) -> str:
    with pytest.raises(RequirementsError) as told:
        parse_requirements(text, where="r.yaml")
    return str(told.value)


def test_a_good_file_says_what_it_says_and_defaults_the_rest() -> None:
    needs = parse_requirements(GOOD, where="r.yaml")
    assert (needs.stock, needs.sites["east"].racks["B"].row, needs.control_planes) == ({"standard": 40}, "r1", 3)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("machines: 6", "machines: six", "r.yaml:11: workloads.shop.machines: expected int, got str"),
        ("machines: 6", "machines: 0", "r.yaml:11: workloads.shop.machines: write at least 1"),
        ("machines: 6", "team: a", "r.yaml:10: workloads.shop: machines is missing; add it"),
        ("machines: 6", "machines: 6\n    rack: A", "12: workloads.shop.rack: no such field; there are machines, "),
        (
            "machines: 6",
            "machines: 6\n    criticality: urgent",
            "r.yaml:12: workloads.shop.criticality: no such word; there are high, normal, low",
        ),
        ("machines: 6", "machines: 6\n    hardware: big", "hardware: no hardware big; there are standard"),
        ("machines: 6", "machines: 6\n    site: west", "site: no site west; there are east"),
        ("A: {}", "A: {units: tall}", "r.yaml:7: sites.east.racks.A.units: expected float, got str"),
        ("A: {}", "A: {height: 42}", "sites.east.racks.A.height: no such field; there are room, row, "),
        ("A: {}", "12: {}", "sites.east.racks: a name that reads as a number or a word of YAML; put it in quotes"),
        ("A: {}", "b: {}", "east has a rack of that name too"),
        ("A: {}", "A: {machines: {gpu: 1}}", "r.yaml:7: sites.east.racks.A.machines.gpu: no such hardware"),
        ("A: {}", "A: {machines: {standard: 1}}", "r.yaml:3: stock.standard: some of them stand in racks"),
        ("A: {}", "A/1: {}", "'A/1' is no name"),
        ("stock: {standard: 40}", "stock: {standard: -1}", "r.yaml:3: stock.standard: write how many there are"),
        ("stock: {standard: 40}", "survive: [rack, fire]", "survive.1: no such word; there are rack, site"),
        ("stock: {standard: 40}", "standby_percent: 101", "r.yaml:3: standby_percent: write 0 to 100"),
        ("stock: {standard: 40}", "control_plane_hardware: big", "no such hardware; there are standard"),
        (
            "stock: {standard: 40}",
            "links: [{between: [east, west], rtt_ms: 5}]",
            "r.yaml:3: links.0.between: no site west; there are east",
        ),
        ("memory_gb: 128", "memory_gb: 0", "r.yaml:2: hardware.standard.memory_gb: write a number above 0"),
        ("stock:", "stocks:", "r.yaml:3: stocks: no such field; there are hardware, sites, workloads, "),
        ("sites:", "sites: [", "r.yaml:"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place_and_its_fix(before: str, after: str, said: str) -> None:
    assert before in GOOD
    assert said in wrong(GOOD.replace(before, after, 1))


def test_machines_that_cannot_stand_where_they_are_said_to_stand_are_a_mistake() -> None:
    full = "A: {units: 4, taken_units: 2, watts: 500, kg: 10, machines: {heavy: 3}}"
    text = GOOD.replace("A: {}", full).replace(
        "memory_gb: 128}", "memory_gb: 128}\n  heavy: {cores: 8, memory_gb: 8, kg: 9}"
    )
    said = wrong(text).splitlines()
    assert [line.partition("A: ")[2].partition(";")[0] for line in said] == [
        "its machines take 3 U of 2", "its machines take 900 W of 500", "its machines weigh 27 kg of 10",
    ]  # fmt: skip


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = GOOD.replace("machines: 6", "machines: 0\n    site: west")
    assert len(wrong(text).splitlines()) == 2


def test_an_empty_file_says_what_it_needs() -> None:
    assert "hardware is missing" in wrong("")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    file = tmp_path / "r.yaml"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RequirementsError, match="UTF-8"):
        read_requirements(file)
