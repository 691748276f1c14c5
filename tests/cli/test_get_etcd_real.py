"""``fleetui get etcd`` beside a real etcd of three members with TLS: what befalls it is in the very next answer."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bed.etcd_members import EtcdMembers

pytestmark = pytest.mark.bed


class Plain:
    """The program as a user starts it, with a kubeconfig whose API server is dead: etcd is asked all the same."""

    def __init__(self, home: Path, etcd: EtcdMembers | None) -> None:
        self._home = home
        cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}
        contexts = [{"name": name, "context": {"cluster": "c", "user": ""}} for name in ("east", "west")]
        kubeconfig = {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": contexts}
        (home / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
        (home / "config.yaml").write_text(yaml.safe_dump({"clusters": {"east": {"etcd": said(etcd)}}} if etcd else {}))

    def get(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        files = ["--kubeconfig", str(self._home / "kubeconfig"), "--config", str(self._home / "config.yaml")]
        command = [sys.executable, "-m", "fleetui", *files, "get", "etcd", *arguments]
        env = {**os.environ, "HOME": str(self._home), "XDG_CONFIG_HOME": str(self._home)}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)

    def east(self) -> dict[str, Any]:
        answer = self.get("@east", "-o", "json")
        assert answer.returncode == 0, answer.stderr
        (row,) = json.loads(answer.stdout)
        found: dict[str, Any] = row
        return found


def said(etcd: EtcdMembers) -> dict[str, Any]:
    files = etcd.credentials
    endpoints = [etcd.members["m1"].client_url]
    return {"endpoints": endpoints, "ca": str(files.ca), "cert": str(files.cert), "key": str(files.key)}


@pytest.fixture
def plain(tmp_path: Path, etcd_members: EtcdMembers) -> Plain:
    return Plain(tmp_path, etcd_members)


def test_three_members_that_are_well(plain: Plain, etcd_members: EtcdMembers) -> None:
    row = plain.east()
    assert (row["health"], row["state"], row["membersUp"], row["membersTotal"]) == ("calm", "can lose 1", 3, 3)
    assert (row["leader"], row["alarms"], row["source"]) == (etcd_members.leader(), [], "direct")
    assert sorted(member["role"] for member in row["members"]) == ["follower", "follower", "leader"]
    assert row["sampledAt"]


def test_what_is_not_configured_is_unknown_and_says_how(plain: Plain) -> None:
    answer = plain.get("-o", "json")
    west = next(row for row in json.loads(answer.stdout) if row["name"] == "west")
    assert (west["health"], west["state"], west["canLose"], west["alarms"]) == ("unknown", "not configured", None, None)
    assert "etcd:" in west["remedy"]
    assert answer.returncode == 0, "nobody promised to watch it"


def test_one_dead_member(plain: Plain, etcd_members: EtcdMembers) -> None:
    victim = next(name for name in etcd_members.members if name != etcd_members.leader() and name != "m1")
    etcd_members.kill(victim)
    row = plain.east()
    assert (row["health"], row["canLose"], row["quorumLost"], row["badHosts"]) == ("warning", 0, False, [victim])
    table = plain.get("@east")
    assert "2/3" in table.stdout
    assert "+0" in table.stdout
    assert victim in table.stdout


def test_two_dead_members_are_a_lost_quorum(plain: Plain, etcd_members: EtcdMembers) -> None:
    etcd_members.kill("m2")
    etcd_members.kill("m3")
    row = plain.east()
    assert (row["health"], row["state"], row["quorumLost"]) == ("broken", "quorum lost", True)
    assert row["badHosts"] == ["m2", "m3"]
    assert "lost" in plain.get("@east").stdout


def test_a_full_database(plain: Plain, etcd_members: EtcdMembers) -> None:
    etcd_members.fill()
    row = plain.east()
    assert (row["health"], row["state"], row["alarms"]) == ("broken", "NOSPACE", ["NOSPACE"])
    assert "a restart does not help" in row["reason"]
    assert plain.get("@east", "alarms=NOSPACE", "-o", "name").stdout == "east\n"


def test_nobody_there_is_status_1_with_the_reason(tmp_path: Path, plain: Plain) -> None:
    config = {"clusters": {"east": {"etcd": {"endpoints": ["http://127.0.0.1:1"]}}}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))
    answer = plain.get("@east")
    assert answer.returncode == 1
    assert "refused" in answer.stderr
    assert "3/3" not in answer.stdout


def test_nothing_configured_is_said_instead_of_an_empty_table(tmp_path: Path) -> None:
    answer = Plain(tmp_path, None).get()
    assert answer.returncode == 2
    assert "etcd:" in answer.stderr
    assert answer.stdout == ""
