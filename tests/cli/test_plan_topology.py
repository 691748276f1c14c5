"""``fleetui plan topology``: what it prints, the files it writes, its status."""

import json
import subprocess
from datetime import date
from pathlib import Path

import pytest
import yaml

from fleetui.__main__ import main
from fleetui.cli.topology_text import topology_lines
from fleetui.clients.racks_file import read_racks
from fleetui.clients.requirements_file import read_requirements
from fleetui.model.racks.basis import Basis
from fleetui.model.racks.survey import Survey
from fleetui.model.topology.plan import Plan
from fleetui.model.topology.planner import plan

EXAMPLE = Path(__file__).parents[2] / "examples" / "requirements.yaml"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def test_the_example_is_planned_without_a_fleet(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--demo", "plan", "topology"]) == 0
    out = capsys.readouterr().out
    for said in ("150 machines in 4 clusters", "any one rack: every quorum holds", "35 workers for the 60 of prod"):
        assert said in out


def test_json_has_every_machine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "topology", str(EXAMPLE), "-o", "json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["possible"], made["conflict"], len(made["plan"]["machines"])) == (True, [], 150)


def test_what_is_impossible_is_status_1_with_the_conflict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "r.yaml"
    file.write_text(EXAMPLE.read_text() + "control_planes: 6\n")
    assert main(["plan", "topology", str(file)]) == 1
    out = capsys.readouterr().out
    assert "impossible: no plan keeps this rule" in out
    assert "6 members may lose 2, as 5 may" in out
    assert "to mend: control_planes: 3, 5 or 7" in out
    assert main(["plan", "topology", str(file), "-o", "json"]) == 1
    assert [one["rule"] for one in json.loads(capsys.readouterr().out)["conflict"]] == ["etcd-odd"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["plan", "topology"], "which file?"),
        (["plan", "topology", "nowhere.yaml"], "nowhere.yaml: No such file"),
        (["--demo", "plan", "topology", "-o", "."], ".: is there already"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(line: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(line) == 2
    assert said in capsys.readouterr().err


@pytest.fixture
def written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    directory = tmp_path / "plan"
    assert main(["--demo", "plan", "topology", "-o", str(directory)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert sorted(told) == sorted(str(path) for path in directory.rglob("*") if path.is_file())
    return directory


def test_the_rack_file_is_one_that_the_racks_screen_reads(written: Path) -> None:
    layout = read_racks(written / "racks.yaml").layout
    assert len(layout.devices) == 150
    places = {(device.rack, device.position) for device in layout.devices}
    assert len(places) == 150, "no two machines in one unit"
    assert {rack.location for rack in layout.racks} == {"DC-East/hall-1/row-3", "DC-West/hall-2/row-1"}


def test_the_rules_of_racks_find_nothing_in_it_but_that_nobody_has_cabled_them(written: Path) -> None:
    survey = Survey(read_racks(written / "racks.yaml").layout, Basis.ALLOCATED, date(2026, 11, 22))
    assert {finding.rule.code for finding in survey.findings} == {"cabling-unknown"}


def test_the_manifests_have_as_many_replicas_as_are_planned(written: Path) -> None:
    sizes = {}
    for file in (written / "cluster-api").iterdir():
        topology = yaml.safe_load(file.read_text())["spec"]["topology"]
        workers = topology["workers"]["machineDeployments"]
        sizes[file.stem] = topology["controlPlane"]["replicas"] + sum(one["replicas"] for one in workers)
        assert len({one["name"] for one in workers}) == len(workers)
    assert sizes == {"pci": 18, "prod": 63, "dr": 38, "nonprod": 31}


def test_every_node_is_labelled_with_its_rack(written: Path, tmp_path: Path) -> None:
    """The script is run, with a kubectl that writes down what it is asked."""
    kubectl, asked = tmp_path / "kubectl", tmp_path / "asked"
    kubectl.write_text(f'#!/bin/sh\necho "$@" >> {asked}\n')
    kubectl.chmod(0o755)
    subprocess.run(["sh", str(written / "labels.sh")], check=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    labelled = {}
    for words in (line.split() for line in asked.read_text().splitlines()):
        nodes = [word for word in words[5:] if "=" not in word]
        if words[2] == "label":
            labelled |= {node: [word for word in words if "=" in word] for node in nodes}
    assert len(labelled) == 150
    assert "topology.kubernetes.io/zone=C" in labelled["pci-wk-c-05"]
    assert "node.kubernetes.io/gpu=nvidia-l40s" in labelled["prod-gpu-c-04"]
    assert "topology.kubernetes.io/region=west" in labelled["dr-cp-d-01"]


def test_pods_spread_over_racks_and_tolerate_what_their_machines_refuse(written: Path) -> None:
    patches = {one["metadata"]["name"]: one["spec"]["template"]["spec"]
               for one in yaml.safe_load_all((written / "workloads.yaml").read_text())}  # fmt: skip
    assert set(patches) == {"payments", "shop", "recommendations", "testing"}
    spread = patches["shop"]["topologySpreadConstraints"][0]
    assert (spread["whenUnsatisfiable"], spread["topologyKey"]) == ("ScheduleAnyway", "topology.kubernetes.io/zone")
    assert {one["key"] for one in patches["recommendations"]["tolerations"]} == {
        "nvidia.com/gpu", "node.kubernetes.io/pool",
    }  # fmt: skip


def test_on_a_terminal_of_80_columns_no_line_is_longer() -> None:
    made = plan(read_requirements(EXAMPLE))
    assert isinstance(made, Plan)
    lines = list(topology_lines(made, width=80))
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()) == " ".join(" ".join(topology_lines(made)).split()), "nothing is lost"
