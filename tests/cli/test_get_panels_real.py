"""``fleetui get controlplane`` and ``get slo`` beside a real Prometheus: what befalls a cluster is in the next one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bed.prometheus import Prometheus
from tests.bed.synthetic import SyntheticFleet

pytestmark = pytest.mark.bed
NAMES = ("c000", "c001", "c002")


class Plain:
    """The program as a user starts it, with a kubeconfig whose API servers are dead: the metrics are asked all the
    same."""

    def __init__(self, home: Path, url: str) -> None:
        self.home = home
        contexts = [{"name": name, "context": {"cluster": "c", "user": ""}} for name in NAMES]
        cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}
        kubeconfig = {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": contexts}
        (home / "kubeconfig").write_text(yaml.safe_dump(kubeconfig))
        config = {"metrics": {"central": {"url": url}}} if url else {}
        (home / "config.yaml").write_text(yaml.safe_dump(config))

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        files = ["--kubeconfig", str(self.home / "kubeconfig"), "--config", str(self.home / "config.yaml")]
        command = [sys.executable, "-m", "fleetui", *files, *arguments]
        env = {**os.environ, "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home)}
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)

    def rows(self, what: str, *arguments: str) -> dict[str, dict[str, Any]]:
        answer = self.run("get", what, "-o", "json", *arguments)
        return {row["name"]: row for row in json.loads(answer.stdout)}


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plain]:
    """c001's API servers fail a quarter of their requests; nothing is heard of c002."""
    with SyntheticFleet(3) as fleet, Prometheus([fleet.job], scrape=1) as prometheus:
        fleet.strike("c001", "errors")
        fleet.strike("c002", "silent")
        failed = 'sum(increase(apiserver_request_total{cluster="c001",code="500"}[1m]) > bool 10)'
        prometheus.until_value(failed, 1, within=60)
        yield Plain(tmp_path_factory.mktemp("home"), prometheus.url)


def test_a_failing_control_plane_is_first_and_a_silent_one_is_unknown_with_status_1(plain: Plain) -> None:
    answer = plain.run("get", "cp", "-o", "name")
    assert answer.stdout.split() == ["c001", "c002", "c000"]
    assert answer.returncode == 1
    assert answer.stderr.count("c002: not scraped") == 1
    rows = plain.rows("controlplane")
    assert (rows["c001"]["health"], rows["c002"]["health"], rows["c000"]["health"]) == ("broken", "unknown", "calm")
    assert rows["c001"]["errors"] > 0.1
    assert rows["c000"]["cpu"] is None
    assert rows["c000"]["missing"]["cpu"] == "not scraped"
    assert rows["c000"]["sampledAt"]


def test_one_cluster_that_is_known_is_status_0(plain: Plain) -> None:
    answer = plain.run("get", "cp", "@c000")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "within limits" in answer.stdout


def test_a_budget_that_burns_is_a_page(plain: Plain) -> None:
    rows = plain.rows("slo", "call=page")
    assert list(rows) == ["c001/api-errors"]
    row = rows["c001/api-errors"]
    assert row["burnRate"] > 14.4
    assert "x its pace over" in row["reason"]
    assert plain.rows("slo", "@c000")["c000/availability"]["budgetLeft"] == 1.0


def test_without_a_source_nothing_is_printed_and_the_remedy_is_said(tmp_path: Path) -> None:
    answer = Plain(tmp_path, "").run("get", "slo")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "metrics:" in answer.stderr
