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


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """Two operations, exported as JSON lines."""
    store = SqliteStore(tmp_path / "state" / "operations.db", StillClock())
    for op_id in ("OP1", "OP2"):
        store.submit(submission(op_id), op_id)
    store.close()
    path = tmp_path / "audit.jsonl"
    path.write_text(fleetui(tmp_path / "state").stdout)
    return path


def test_an_export_proves_itself(exported: Path) -> None:
    lines = [json.loads(line) for line in exported.read_text().splitlines()]
    assert [line["op"] for line in lines] == ["OP1", "OP2"]
    done = fleetui(exported.parent / "state", "--verify", str(exported))
    assert (done.returncode, done.stdout.startswith("2 lines, whole")) == (0, True)


def test_a_changed_export_is_told(exported: Path) -> None:
    exported.write_text(exported.read_text().replace("ana", "eve", 1))
    done = fleetui(exported.parent / "state", "--verify", str(exported))
    assert done.returncode == 2
    assert "line 1 was changed" in done.stderr
