"""``fleetui get`` as a process of its own against real API servers."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.bed import objects
from tests.bed.cluster import BedCluster

pytestmark = pytest.mark.bed


def fleetui(kubeconfig: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "KUBECONFIG": kubeconfig}
    command = [sys.executable, "-m", "fleetui", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def machine(bed_cluster: BedCluster) -> str:
    name = "cli-get-w1"
    bed_cluster.api().create("/api/v1/nodes", objects.node(name, labels={"rack": "a"}))
    return name


def test_machines_in_every_format(bed_cluster: BedCluster, machine: str) -> None:
    config = str(bed_cluster.kubeconfig)
    table = fleetui(config, "get", "machines", machine)
    assert table.returncode == 0, table.stderr
    assert table.stdout.split()[0] == "NAME"
    assert machine in table.stdout
    (row,) = json.loads(fleetui(config, "get", "machines", "-l", "rack=a", "-o", "json").stdout)
    assert (row["name"], row["cluster"], row["labels"]["rack"]) == (machine, bed_cluster.name, "a")
    (same,) = yaml.safe_load(fleetui(config, "get", "machines", machine, "-o", "yaml").stdout)
    assert same == row
    assert fleetui(config, "get", "machines", f"name={machine}", "-o", "name").stdout == f"{machine}\n"


def test_one_by_its_name_or_a_failure(bed_cluster: BedCluster, machine: str) -> None:
    config = str(bed_cluster.kubeconfig)
    assert fleetui(config, "get", f"node/{machine}", "-o", "name").stdout == f"{machine}\n"
    part = fleetui(config, "get", f"machine/{machine[:-1]}", "-o", "name")
    assert (part.returncode, part.stdout) == (1, "")
    assert part.stderr == f"fleetui: machine {machine[:-1]}: not found where it was asked for\n"


def test_clusters_tell_their_version_and_their_nodes(bed_cluster: BedCluster, machine: str) -> None:
    done = fleetui(str(bed_cluster.kubeconfig), "get", "clusters", "-o", "json")
    (row,) = json.loads(done.stdout)
    assert row["version"].startswith("v1.")
    assert row["nodesTotal"] >= 1


def test_a_dead_cluster_is_named_with_a_remedy_and_the_others_answer(
    bed_cluster: BedCluster, machine: str, tmp_path: Path
) -> None:
    config = yaml.safe_load(bed_cluster.kubeconfig.read_text())
    config["clusters"].append({"name": "dead", "cluster": {"server": "https://127.0.0.1:1"}})
    config["contexts"].append({"name": "dead", "context": {"cluster": "dead", "user": config["users"][0]["name"]}})
    both = tmp_path / "both"
    both.write_text(yaml.safe_dump(config))
    done = fleetui(str(both), "get", "machines", "-o", "name")
    assert done.returncode == 1
    assert machine in done.stdout.split()
    assert done.stderr.startswith("fleetui: dead: ")
    assert "refused" in done.stderr


def _contexts(bed_cluster: BedCluster, path: Path, **servers: str) -> str:
    """A kubeconfig with these contexts, all for the bed's user."""
    config = yaml.safe_load(bed_cluster.kubeconfig.read_text())
    (own,) = config["clusters"]
    user = config["users"][0]["name"]
    config["clusters"] = [
        {"name": name, "cluster": {**own["cluster"], "server": server}} for name, server in servers.items()
    ]
    config["contexts"] = [{"name": name, "context": {"cluster": name, "user": user}} for name in servers]
    path.write_text(yaml.safe_dump(config))
    return str(path)


def test_clusters_lists_the_named_contexts_alone(bed_cluster: BedCluster, tmp_path: Path) -> None:
    config = _contexts(
        bed_cluster, tmp_path / "three", one=bed_cluster.url, same=bed_cluster.url, dead="https://127.0.0.1:1"
    )
    done = fleetui(config, "get", "clusters", "--context", "one", "-o", "name")
    assert (done.returncode, done.stdout, done.stderr) == (0, "one\n", "")
    by_alias = fleetui(config, "get", "clusters", "--context", "same", "-o", "name")
    assert (by_alias.returncode, by_alias.stdout) == (0, "same\n")


def test_two_contexts_of_one_cluster_are_one_row_and_not_waited_for(bed_cluster: BedCluster, tmp_path: Path) -> None:
    config = _contexts(bed_cluster, tmp_path / "two", one=bed_cluster.url, same=bed_cluster.url)
    done = fleetui(config, "get", "clusters", "-o", "json", "--timeout", "59s")
    (row,) = json.loads(done.stdout)
    assert (row["name"], row["aliases"], done.returncode) == ("one", ["same"], 0)


@pytest.mark.parametrize("what", ["clusters", "machines"])
def test_who_does_not_answer_in_time_is_named_and_the_status_says_so(
    bed_cluster: BedCluster, tmp_path: Path, what: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"https://127.0.0.1:{mute.getsockname()[1]}"
        config = _contexts(bed_cluster, tmp_path / "mute", one=bed_cluster.url, mute=address)
        # On a busy machine the one that answers may be late too: then it has more time.
        said = (_late(config, what, seconds) for seconds in (2, 8, 30))
        assert any(status == 1 and lines == [line] for status, lines, line in said)
        others = fleetui(config, "get", what, "@one", "--timeout", "59s")
        assert (others.returncode, others.stderr) == (0, "")


def _late(config: str, what: str, seconds: int) -> tuple[int, list[str], str]:
    """(exit status, complaints, the complaint that there should be) with so much time."""
    done = fleetui(config, "get", what, "--timeout", f"{seconds}s")
    line = f"fleetui: mute: timeout: no complete answer within {seconds} s; try a longer --timeout"
    return done.returncode, done.stderr.splitlines(), line


def test_a_user_who_may_not_see_nodes_is_told_so(
    bed_factory: Callable[..., BedCluster], bed_cluster: BedCluster
) -> None:
    done = fleetui(str(bed_cluster.kubeconfig_for("nobody")), "get", "machines")
    assert done.returncode == 1
    assert "403" in done.stderr


def test_a_mistake_in_the_filter_is_told_with_its_place() -> None:
    done = fleetui("/nonexistent", "get", "machines", "statuz=Ready")
    assert done.returncode == 2
    assert "no column statuz" in done.stderr


@pytest.mark.parametrize("words", [("run", "drain", "w1"), ("op", "abort", "X")])
def test_a_read_only_session_changes_nothing(words: tuple[str, ...], tmp_path: Path) -> None:
    done = fleetui("/nonexistent", "--state-dir", str(tmp_path / "state"), "--readonly", *words)
    assert done.returncode == 2
    assert "--readonly" in done.stderr
