"""``fleetui get replication`` where there is nobody to ask, or nobody who answers."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml


def get(home: Path, metrics: dict[str, Any], *arguments: str) -> "subprocess.CompletedProcess[str]":
    (home / "config.yaml").write_text(yaml.safe_dump({"metrics": metrics}))
    command = [sys.executable, "-m", "fleetui", "--config", str(home / "config.yaml"), *arguments, "get", "replication"]
    return subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("metrics", [{}, {"rules": {"url": "http://127.0.0.1:1", "clusters": []}}])
def test_nobody_to_ask_is_a_mistake_with_its_remedy_and_no_empty_table(tmp_path: Path, metrics: dict[str, Any]) -> None:
    answer = get(tmp_path, metrics)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "metrics:" in answer.stderr


def test_a_source_that_is_dead_is_status_1_with_the_reason(tmp_path: Path) -> None:
    answer = get(tmp_path, {"central": {"url": "http://127.0.0.1:1"}})
    assert answer.returncode == 1
    assert "central: refused" in answer.stderr


def test_a_wrong_file_of_a_kind_is_told_beside_the_answer(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "mine.yaml").write_text("name: mine\ntitle: 3\n")
    answer = get(tmp_path, {"central": {"url": "http://127.0.0.1:1"}})
    assert answer.returncode == 1
    assert "mine.yaml:2: title: Expected `str`, got `int`" in answer.stderr


def test_contexts_are_not_what_it_is_asked_by(tmp_path: Path) -> None:
    answer = get(tmp_path, {"central": {"url": "http://127.0.0.1:1"}}, "--context", "x")
    assert answer.returncode == 2
    assert "'@prod-*'" in answer.stderr
