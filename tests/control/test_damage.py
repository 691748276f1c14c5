"""Damage to what is written about one operation is that operation's: it is shown as that, and the others go on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from fleetui.control.audit import damage_report
from fleetui.control.desk import Desk, DeskError
from fleetui.control.folds import Folds
from fleetui.control.process import _has_work
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.journal import RequestKind, Submission
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.ports.store import DamagedOperationError
from fleetui.simulate.inprocess_target import SimulatedTarget
from tests.control.samples import ANA, INTENT, CountingIds, StillClock, note, request, submission
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual

ULID = "01ARYZ6S41ZZZZZZZZZZZZZZZZ"
"""Made 1469918176.385, as the specification's example."""

DAMAGES = [
    ('UPDATE records SET payload = \'{"type":"zz"}\' WHERE op_id = ? AND seq = 1', "record 1 cannot be read"),
    ("UPDATE records SET payload = CAST(x'22ff22' AS TEXT) WHERE op_id = ? AND seq = 0", "record 0 cannot be read"),
    ("DELETE FROM records WHERE op_id = ? AND seq = 0", "record 0 is missing"),
    ("UPDATE requests SET payload = '{' WHERE op_id = ?", "request at 3 cannot be read"),
    ("UPDATE submissions SET payload = 'x' WHERE op_id = ?", "its submission cannot be read"),
]


def damage(path: Path, statement: str, op_id: str) -> None:
    """As another program would, past the triggers."""
    with closing(sqlite3.connect(path)) as other:
        for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            other.execute(f"DROP TRIGGER {name}")
        assert other.execute(statement, (op_id,)).rowcount == 1
        other.commit()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "operations.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """Two operations, each with two records and a pause."""
    store = SqliteStore(path, StillClock())
    for op_id in (ULID, "OP2"):
        store.submit(submission(op_id), op_id)
        fence = store.claim(op_id, "h", 10.0)
        store.append(op_id, fence, 0, note("first"))
        store.append(op_id, fence, 1, note("second"))
        store.request(op_id, request())
    yield store
    store.close()


def desk_of(store: SqliteStore) -> Desk:
    return Desk(store, clock=StillClock(), ids=CountingIds(), actor=ANA)


def by_id(desk: Desk) -> dict[str, Operation]:
    return {operation.op_id: operation for operation in desk.operations()}


@pytest.mark.parametrize(("statement", "place"), DAMAGES)
def test_it_is_shown_with_its_place_and_what_to_do(store: SqliteStore, path: Path, statement: str, place: str) -> None:
    damage(path, statement, ULID)
    seen = by_id(desk_of(store))[ULID]
    assert seen.state is OpState.FAILED
    assert f"operation {ULID} is damaged: {place}" in seen.damaged
    assert "see its machines" in seen.damaged
    assert seen.summary == seen.plan_error == seen.damaged
    assert not seen.needs_controller


@pytest.mark.parametrize(("statement", "place"), DAMAGES)
def test_the_others_can_be_seen_and_stopped(store: SqliteStore, path: Path, statement: str, place: str) -> None:
    damage(path, statement, ULID)
    desk = desk_of(store)
    assert [operation.op_id for operation in desk.poll()] == [ULID, "OP2"]
    assert [note.text for note in by_id(desk)["OP2"].notes] == ["first", "second"]
    desk.abort("OP2")
    assert store.load("OP2").requests[-1].kind is RequestKind.ABORT
    with pytest.raises(DeskError, match=place):
        desk.abort(ULID)


def test_who_wanted_it_is_kept_where_it_can_be_read(store: SqliteStore, path: Path) -> None:
    damage(path, DAMAGES[0][0], ULID)
    seen = by_id(desk_of(store))[ULID]
    assert (seen.intent, seen.actor, seen.submitted) == (INTENT, ANA, 1.0)


def test_what_cannot_be_read_of_it_is_unknown_but_for_the_time_in_its_id(store: SqliteStore, path: Path) -> None:
    damage(path, DAMAGES[-1][0], ULID)
    damage(path, DAMAGES[-1][0], "OP2")
    seen = by_id(desk_of(store))
    assert (seen[ULID].intent.kind, str(seen[ULID].actor)) == ("?", "?@?")
    assert [seen[ULID].submitted, seen["OP2"].submitted] == [1469918176.385, 0.0]


def test_a_newer_programs_records_are_no_damage(store: SqliteStore, path: Path) -> None:
    newer = Submission("OP3", INTENT, ANA, 1.0, schema=99)
    store.submit(newer, "OP3")
    store.append("OP3", store.claim("OP3", "h", 10.0), 0, note("from the future"))
    damage(path, 'UPDATE records SET payload = \'{"type":"zz"}\' WHERE op_id = ?', "OP3")
    assert "newer fleetui" in by_id(desk_of(store))["OP3"].newer
    assert by_id(desk_of(store))["OP3"].damaged == ""


def test_a_controller_with_nothing_else_to_do_may_end(store: SqliteStore, path: Path) -> None:
    damage(path, DAMAGES[0][0], ULID)
    folds = Folds(store)
    assert _has_work(folds)
    damage(path, DAMAGES[0][0], "OP2")
    assert not _has_work(Folds(store))
    assert len(damage_report(store)) == 2


@pytest.mark.parametrize(("statement", "place"), DAMAGES)
def test_a_controller_goes_on_with_the_others_and_says_it_once(
    path: Path, caplog: pytest.LogCaptureFixture, statement: str, place: str
) -> None:
    async def story() -> None:
        stage = Stage()
        store = SqliteStore(path, stage.clock)
        store.submit(submission(ULID), ULID)
        fence = store.claim(ULID, "c0", 0.0)
        store.append(ULID, fence, 0, note("first"))
        store.append(ULID, fence, 1, note("second"))
        store.request(ULID, request())
        damage(path, statement, ULID)
        stage.engine_target = lambda: SimulatedTarget(stage.host)  # type: ignore[method-assign]
        async with stage.controller(store=store):
            op_id = await stage.approved("cordon", "wk-1", store=store)
            assert (await stage.ended(op_id, store=store)).state is OpState.DONE
            await stage.clock.sleep(60.0)
        with pytest.raises(DamagedOperationError):
            store.load(ULID)
        store.close()

    run_virtual(story())
    assert [place in record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [True]
    assert "cannot be used" not in caplog.text
