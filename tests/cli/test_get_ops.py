"""``fleetui get ops``: what runs on top, rehearsals only when asked for, each with the id that ``fleetui op`` takes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.journal import Finished, Record, Started
from fleetui.model.operation import OpState
from fleetui.model.plan_pages import plan_records
from tests.control.samples import StillClock, plan, submission

DONE, RUNNING, REHEARSED = "01KA0000000000000000000DNE", "01KA0000000000000000000RNN", "01KA0000000000000000000RHS"


def fleetui(state: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "fleetui", "--state-dir", str(state), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Three operations: the oldest runs, then one that is done, then one that was only planned."""
    store = SqliteStore(tmp_path / "state" / "operations.db", StillClock())
    ends: dict[str, list[Record]] = {
        RUNNING: [],
        DONE: [Finished(OpState.DONE, "done", 3.0)],
        REHEARSED: [Finished(OpState.ABORTED, "taken back", 3.0)],
    }
    for at, (op_id, end) in enumerate(ends.items()):
        store.submit(submission(op_id, at=float(at)), op_id)
        began = [] if op_id == REHEARSED else [Started("c1", 1, 2.0)]
        fence = store.claim(op_id, "c1", 60)
        for number, record in enumerate([*plan_records(plan()), *began, *end]):
            store.append(op_id, fence, number, record)
    store.close()
    return tmp_path / "state"


def names(state: Path, *words: str) -> list[str]:
    return [row["name"] for row in json.loads(fleetui(state, "get", "ops", "-o", "json", *words).stdout)]


def test_what_has_not_ended_is_on_top_and_rehearsals_are_counted(state: Path) -> None:
    assert names(state) == [RUNNING, DONE]
    assert fleetui(state, "get", "ops").stderr == (
        "fleetui: plans that were never approved, left out: 1; --all shows them\n"
    )


def test_all_shows_them_newest_first_among_equals(state: Path) -> None:
    assert names(state, "--all") == [RUNNING, REHEARSED, DONE]
    assert fleetui(state, "get", "ops", "--all").stderr == ""


def test_the_id_of_a_row_is_what_op_takes(state: Path) -> None:
    header, first, _ = fleetui(state, "get", "ops").stdout.splitlines()
    assert header.split()[0] == "ID"
    short = first.split()[0]
    assert RUNNING.endswith(short)
    assert RUNNING not in first
    assert RUNNING in fleetui(state, "op", "show", short).stdout
    assert names(state, f"id~{short}$") == [RUNNING]
    assert fleetui(state, "get", f"op/{short}", "-o", "name").stdout == f"{RUNNING}\n"
    assert RUNNING in fleetui(state, "get", "ops", "-o", "wide").stdout
