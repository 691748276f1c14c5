"""``fleetui audit``: an export that proves itself, and says when somebody has changed it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fleetui.control.sqlite_store import SqliteStore
from tests.control.samples import StillClock, submission


def fleetui(state: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fleetui", "--state-dir", str(state), "audit", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture(params=["jsonl", "json"])
def exported(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Two operations, exported."""
    store = SqliteStore(tmp_path / "state" / "operations.db", StillClock())
    for op_id in ("OP1", "OP2"):
        store.submit(submission(op_id), op_id)
    store.close()
    path = tmp_path / "audit.jsonl"
    path.write_text(fleetui(tmp_path / "state", "-o", request.param).stdout)
    return path


def test_an_export_proves_itself(exported: Path) -> None:
    text = exported.read_text()
    lines = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.splitlines()]
    assert [line["op"] for line in lines] == ["OP1", "OP2"]
    done = fleetui(exported.parent / "state", "--verify", str(exported))
    assert done.returncode == 0
    assert done.stdout.startswith(f"whole: {exported}: 2 lines, none changed, missing or moved")
    assert lines[-1]["hash"] in done.stdout


def test_a_changed_export_is_told(exported: Path) -> None:
    exported.write_text(exported.read_text().replace("ana", "eve", 1))
    done = fleetui(exported.parent / "state", "--verify", str(exported))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"NOT whole: {exported}: line 1 was changed\n"


def test_a_line_taken_out_is_told(exported: Path) -> None:
    exported.write_text(exported.read_text().partition("\n")[2])
    done = fleetui(exported.parent / "state", "--verify", str(exported))
    assert done.returncode == 1
    assert "line 1 does not follow the line before it: one is missing" in done.stdout


def test_people_read_a_table(exported: Path) -> None:
    header, first, second = fleetui(exported.parent / "state").stdout.splitlines()
    assert header.split() == ["TIME", "WHO", "ID", "CLUSTER", "WHAT", "OUTCOME"]
    assert first.split("   ")[:2] == ["1970-01-01T00:00:01Z", "ana@bastion from 10.0.0.7"]
    assert "asks for drain wk-b-01: disk swap, ticket 4711" in first
    assert [line.split("   ")[2].strip() for line in (first, second)] == ["OP1", "OP2"]
    assert fleetui(exported.parent / "state", "--no-headers").stdout.splitlines() == [first, second]
