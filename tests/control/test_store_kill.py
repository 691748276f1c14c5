"""The embedded store under SIGKILL and beside other processes: what was acknowledged is there, and nothing twice."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleetui.control.sqlite_store import SqliteStore
from tests.control.samples import StillClock, submission

_APPENDER = """
import sys
from pathlib import Path
from fleetui.control.sqlite_store import SqliteStore
from tests.control.samples import StillClock, note
store = SqliteStore(Path(sys.argv[1]), StillClock())
store.expire_claims(but=sys.argv[2])
fence = store.claim("OP1", sys.argv[2], 60.0)
seq = len(store.load("OP1").records)
while True:
    seq = store.append("OP1", fence, seq, note(f"{sys.argv[2]} {seq} " + "x" * 3000))
    print(seq, flush=True)
"""

_RACER = """
import sys
from pathlib import Path
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.journal import RequestKind
from fleetui.ports.store import SequenceError
from tests.control.samples import StillClock, note, request, submission
name, rounds = sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
store = SqliteStore(Path(sys.argv[1]), StillClock())
op = store.submit(submission(f"OP-{name}"), "the same key")
fence = store.claim(op, "one holder in several processes", 60.0)
won = 0
for n in range(rounds):
    store.request(op, request(at=float(n)))
    try:
        store.append(op, fence, n, note(f"{name} {n}"))
        won += 1
    except SequenceError:
        pass
print(op, fence, won)
"""

_OPENER = """
import sys
from pathlib import Path
from fleetui.control.sqlite_store import SqliteStore
from tests.control.samples import StillClock, submission
for path in sys.stdin:
    store = SqliteStore(Path(path.strip()), StillClock())
    print(store.submit(submission("OP1"), "the same key"), flush=True)
    store.close()
"""


def child(code: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd())


def test_every_acknowledged_append_survives_sigkill(tmp_path: Path) -> None:
    """Twelve writers in turn, each killed after it has acknowledged some records, wherever it then happens to be."""
    path = tmp_path / "state" / "operations.db"
    store = SqliteStore(path, StillClock())
    store.submit(submission(), "k")
    chance = random.Random(4711)
    acknowledged = 0
    for turn in range(12):
        with child(_APPENDER, str(path), f"writer-{turn}") as writer:
            assert writer.stdout is not None
            for _ in range(chance.randrange(1, 60)):
                acknowledged = int(writer.stdout.readline())
            os.kill(writer.pid, signal.SIGKILL)
            said = writer.stdout.read().split()
        acknowledged = int(said[-1]) if said and said[-1].isdigit() else acknowledged
        stored = store.load("OP1")
        assert stored.fence == turn + 1
        assert len(stored.records) >= acknowledged, "an acknowledged record is gone"
        assert len(stored.records) <= acknowledged + 1, "more was written than one record under way"
        acknowledged = len(stored.records)
    texts = [record.text.split()[1] for record in stored.records]  # type: ignore[union-attr]
    assert texts == [str(n) for n in range(acknowledged)], "a hole, or one record twice"
    assert acknowledged > 12
    assert store.damage() == ()
    store.close()


@pytest.mark.parametrize("processes", [2, 4])
def test_processes_that_race_share_one_operation_and_one_sequence(tmp_path: Path, processes: int) -> None:
    """They make the file, the operation and its records at the same time: one operation comes of it, and each number is
    given once."""
    path, rounds = tmp_path / "state" / "operations.db", 100
    racers = [child(_RACER, str(path), f"p{n}", str(rounds)) for n in range(processes)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    said = [racer.communicate(timeout=60)[0].split() for racer in racers]
    store = SqliteStore(path, StillClock())
    (op_id,) = store.list_ids()
    assert {answer[0] for answer in said} == {op_id}
    assert {answer[1] for answer in said} == {"1"}
    stored = store.load(op_id)
    assert sum(int(answer[2]) for answer in said) == len(stored.records)
    assert len(stored.requests) == processes * rounds
    assert store.damage() == ()
    store.close()


def test_processes_that_make_the_store_at_once_all_can_use_it(tmp_path: Path) -> None:
    """To switch a new file to its write-ahead log does not wait for others that do the same: it fails as busy."""
    openers = [child(_OPENER) for _ in range(4)]
    for turn in range(60):
        for opener in openers:
            assert opener.stdin is not None
            opener.stdin.write(f"{tmp_path}/{turn}/operations.db\n")
            opener.stdin.flush()
        for opener in openers:
            assert opener.stdout is not None
            assert opener.stdout.readline() == "OP1\n"
    for opener in openers:
        opener.communicate(timeout=60)


def test_a_process_learns_of_anothers_write(tmp_path: Path) -> None:
    path = tmp_path / "state" / "operations.db"
    ours, theirs = SqliteStore(path, StillClock()), SqliteStore(path, StillClock())
    ours.submit(submission("OP1"), "k1")
    cursor = ours.changes(0).cursor
    for n in range(5):
        assert ours.changes(cursor).op_ids == ()
        theirs.submit(submission(f"OP-{n}"), f"key {n}")
        changes = ours.changes(cursor)
        assert changes.op_ids == (f"OP-{n}",)
        cursor = changes.cursor
    ours.close()
    theirs.close()
