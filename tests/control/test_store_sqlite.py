"""What only the embedded store promises: its file, its place, its versions, what it says when a disk lets it down."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from fleetui.control.audit import audit_lines
from fleetui.control.controller_lock import ControllerLock
from fleetui.control.holder import this_process
from fleetui.control.migrations import MIGRATIONS, version_of
from fleetui.control.sqlite_store import SqliteStore
from fleetui.control.state_dir import file_system_of, is_network
from fleetui.model.operation import SCHEMA_VERSION
from fleetui.ports.store import StoreUnusableError
from tests.control.samples import StillClock, note, request, submission

NEXT = (*MIGRATIONS, ("CREATE TABLE something_new (x INTEGER) STRICT",))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "operations.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path, StillClock())
    store.submit(submission(), "k")
    store.append("OP1", store.claim("OP1", "h", 10.0), 0, note("first"))
    store.request("OP1", request())
    store.append("OP1", 1, 1, note("second"))
    yield store
    store.close()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Its file.


def test_what_was_written_is_there_after_reopening(store: SqliteStore, path: Path) -> None:
    before = store.load("OP1")
    store.close()
    reopened = SqliteStore(path, StillClock())
    assert reopened.load("OP1") == before
    assert reopened.changes(0).op_ids == ("OP1",)
    reopened.close()


def test_only_the_owner_can_read_it(store: SqliteStore, path: Path) -> None:
    assert mode(path.parent) == 0o700
    files = {file.name: mode(file) for file in path.parent.iterdir()}
    assert files == dict.fromkeys(("operations.db", "operations.db-wal", "operations.db-shm"), 0o600)


def test_a_file_that_others_could_read_is_closed_to_them(store: SqliteStore, path: Path) -> None:
    store.close()
    path.chmod(0o644)
    SqliteStore(path, StillClock()).close()
    assert mode(path) == 0o600


def test_every_commit_reaches_the_disk(store: SqliteStore) -> None:
    settings = {
        name: store._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    }
    assert settings == {"journal_mode": "wal", "synchronous": 2}  # 2: FULL


@pytest.mark.parametrize("table", ["submissions", "requests", "records"])
@pytest.mark.parametrize(
    "act", ["UPDATE {} SET payload = '{{}}'", "DELETE FROM {}", "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"]
)
def test_what_was_written_is_never_rewritten(store: SqliteStore, path: Path, table: str, act: str) -> None:
    """Through any connection, not only ours: the triggers are in the file. (REPLACE of a submission or a request is
    only refused by connections that ask for recursive triggers, as ours do; elsewhere the chain shows it.)"""
    other = sqlite3.connect(path)
    other.execute("PRAGMA recursive_triggers = ON")
    before = store.load("OP1")
    with pytest.raises(sqlite3.IntegrityError):
        other.execute(act.format(table))
    other.close()
    assert store.load("OP1") == before
    assert store.damage() == ()


def test_a_record_cannot_be_put_in_out_of_order(store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path)
    for seq in (0, 1, 3):
        with pytest.raises(sqlite3.IntegrityError, match="without a hole"):
            other.execute("INSERT OR REPLACE INTO records VALUES ('OP1', ?, 1, 9, '{}', '')", (seq,))
    other.close()


TAMPERING = {
    "edited": 'UPDATE records SET payload = \'{"type":"note","text":"nothing happened","at":3.0}\' WHERE seq = 0',
    "another fence": "UPDATE records SET fence = 7 WHERE seq = 1",
    "last taken away": "DELETE FROM records WHERE seq = 1",
    "request taken away": "DELETE FROM requests",
    "other person": "UPDATE submissions SET payload = replace(payload, 'ana', 'eve')",
    "put in": 'INSERT INTO records VALUES (\'OP1\', 2, 1, 4, \'{"type":"note","text":"x","at":1.0}\', \'made up\')',
}


@pytest.mark.parametrize("how", TAMPERING)
def test_what_got_round_the_triggers_shows(store: SqliteStore, path: Path, how: str) -> None:
    assert store.damage() == ()
    other = sqlite3.connect(path)
    for (trigger,) in other.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        other.execute(f"DROP TRIGGER {trigger}")
    other.execute(TAMPERING[how])
    other.commit()
    other.close()
    (line,) = store.damage()
    assert line.startswith("operation OP1: ")


# Its place.

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home rw shared:2 - autofs systemd-1 rw,fd=30
31 30 0:41 / /home/ana rw shared:3 master:1 - nfs4 filer:/home/ana rw,vers=4.2
32 31 0:42 / /home/ana/local\\040disk rw - xfs /dev/sdb1 rw
33 22 0:43 / /mnt/share rw - cifs //nas/share rw
34 22 0:44 / /mnt/remote rw - fuse.sshfs ana@host:/ rw
35 22 0:45 / /mnt/usb rw - fuseblk /dev/sdc1 rw
36 22 0:46 / /mnt/twice rw - nfs4 filer:/x rw
37 36 0:47 / /mnt/twice rw - tmpfs tmpfs rw
"""


@pytest.mark.parametrize(
    ("where", "kind", "refused"),
    [
        ("/var/tmp/x", "ext4", False),
        ("/home/ana/.local/state/fleetui", "nfs4", True),
        ("/home/ana", "nfs4", True),
        ("/home/anabel/x", "autofs", False),
        ("/home/ana/local disk/x", "xfs", False),
        ("/mnt/share/x", "cifs", True),
        ("/mnt/remote/x", "fuse.sshfs", True),
        ("/mnt/usb/x", "fuseblk", False),
        ("/mnt/twice/x", "tmpfs", False),
    ],
)
def test_the_file_system_under_a_path_is_known(where: str, kind: str, refused: bool) -> None:
    assert file_system_of(Path(where), MOUNTS) == kind
    assert is_network(kind) is refused


def test_a_network_file_system_is_refused_with_the_remedy(path: Path) -> None:
    mounts = f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n31 22 0:41 / {path.parent.parent} rw - nfs4 filer:/home rw\n"
    with pytest.raises(StoreUnusableError, match=r"network file system \(nfs4\).*--state-dir") as refused:
        SqliteStore(path, StillClock(), mounts=lambda: mounts)
    assert "--state-dir" in refused.value.remedy
    assert not path.parent.exists(), "nothing was left there"


def test_a_link_to_a_network_home_is_seen_through(tmp_path: Path) -> None:
    real = tmp_path / "filer"
    real.mkdir()
    (tmp_path / "state").symlink_to(real)
    mounts = f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n31 22 0:41 / {real} rw - nfs filer:/home rw\n"
    with pytest.raises(StoreUnusableError, match="nfs"):
        SqliteStore(tmp_path / "state" / "operations.db", StillClock(), mounts=lambda: mounts)


def test_without_a_mount_table_nothing_is_refused(path: Path) -> None:
    SqliteStore(path, StillClock(), mounts=lambda: None).close()


def test_a_directory_that_others_may_write_to_is_refused(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o777)
    with pytest.raises(StoreUnusableError, match="chmod 700"):
        SqliteStore(path, StillClock())


def test_a_directory_that_is_a_file_is_said(path: Path) -> None:
    path.parent.write_text("")
    with pytest.raises(StoreUnusableError, match="cannot be used"):
        SqliteStore(path, StillClock())


# Its versions.


def test_a_newer_store_is_refused_by_an_older_program(store: SqliteStore, path: Path) -> None:
    store.close()
    SqliteStore(path, StillClock(), migrations=NEXT).close()
    with pytest.raises(StoreUnusableError, match=r"newer fleetui wrote.*schema 2, this one knows 1"):
        SqliteStore(path, StillClock())


def test_a_migration_keeps_everything(store: SqliteStore, path: Path) -> None:
    before = store.load("OP1")
    store.close()
    migrated = SqliteStore(path, StillClock(), migrations=NEXT)
    assert migrated.load("OP1") == before
    assert migrated.damage() == ()
    migrated.close()


def test_nobody_migrates_under_a_live_controller(store: SqliteStore, path: Path) -> None:
    with ControllerLock.acquire(path.parent) as lock:
        lock.write_status(this_process(), started=1.0, now=1.0)
        with pytest.raises(
            StoreUnusableError, match=rf"schema 2 first, but the controller with pid {os.getpid()} .*fleetui"
        ):
            SqliteStore(path, StillClock(), migrations=NEXT)
        assert store.load("OP1").records, "the older one goes on"
    SqliteStore(path, StillClock(), migrations=NEXT).close()


def test_the_controller_itself_migrates(store: SqliteStore, path: Path) -> None:
    store.close()
    with ControllerLock.acquire(path.parent) as lock:
        migrated = SqliteStore(path, StillClock(), lock=lock, migrations=NEXT)
        assert migrated.load("OP1").records == (note("first"), note("second")), "the old record is readable"
        migrated.close()
    with closing(sqlite3.connect(path)) as reader:
        assert version_of(reader) == len(NEXT)
        assert reader.execute("SELECT * FROM something_new").fetchall() == []


def test_a_program_that_had_the_file_open_notices_the_migration(store: SqliteStore, path: Path) -> None:
    cursor = store.changes(0).cursor
    SqliteStore(path, StillClock(), migrations=NEXT).close()
    for call in (lambda: store.load("OP1"), lambda: store.request("OP1", request()), lambda: store.changes(cursor)):
        with pytest.raises(StoreUnusableError, match="start this program again"):
            call()


def test_a_migration_that_fails_changes_nothing(store: SqliteStore, path: Path) -> None:
    broken = (*MIGRATIONS, ("CREATE TABLE half (x INTEGER)", "CREATE TABLE half (x INTEGER)"))
    with pytest.raises(StoreUnusableError, match="half"):
        SqliteStore(path, StillClock(), migrations=broken)
    assert store.load("OP1").records
    assert store.damage() == ()


def test_another_programs_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (x)")
    other.commit()
    other.close()
    with pytest.raises(StoreUnusableError, match="another program's"):
        SqliteStore(path, StillClock())


# Its disk.


def test_a_full_disk_is_said_and_loses_nothing(store: SqliteStore) -> None:
    (pages,) = store._connection.execute("PRAGMA page_count").fetchone()
    store._connection.execute(f"PRAGMA max_page_count = {pages}")  # SQLite's own way to run out of disk
    written = 2
    with pytest.raises(StoreUnusableError, match=r"disk is full.*make room"):  # noqa: PT012 - one of many fails
        for _ in range(50):
            written = store.append("OP1", 1, written, note("x" * 4000))
    assert len(store.load("OP1").records) == written
    assert store.damage() == ()
    store._connection.execute("PRAGMA max_page_count = 1073741823")
    assert store.append("OP1", 1, written, note("room again")) == written + 1


_FILL = """
import resource, sys
from pathlib import Path
from fleetui.control.sqlite_store import SqliteStore
from fleetui.ports.store import StoreUnusableError
from tests.control.samples import StillClock, note
store = SqliteStore(Path(sys.argv[1]), StillClock())
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
seq = 2
try:
    while True:
        seq = store.append("OP1", 1, seq, note("x" * 9000))
except StoreUnusableError as error:
    print(seq, error)
"""


def test_a_write_that_the_kernel_refuses_is_said_and_loses_nothing(store: SqliteStore, path: Path) -> None:
    """A file size limit makes real write(2) calls fail in the middle of a transaction."""
    done = subprocess.run(
        [sys.executable, "-c", _FILL, str(path)], capture_output=True, text=True, cwd=Path.cwd(), check=True, timeout=60
    )
    acknowledged, _, error = done.stdout.partition(" ")
    assert int(acknowledged) > 5
    assert "SQLITE_" in error
    assert "what was acknowledged is safe" in error
    assert len(store.load("OP1").records) == int(acknowledged)
    assert store.damage() == ()


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be taken for one" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_file_is_said_and_left_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(content)
    with pytest.raises(StoreUnusableError, match="nothing was changed: keep a copy"):
        SqliteStore(path, StillClock())
    assert path.read_bytes() == content


def test_a_damaged_page_is_said_where_it_is_read(store: SqliteStore, path: Path) -> None:
    for n in range(2, 40):
        store.append("OP1", 1, n, note("x" * 4000))
    store.close()
    data = bytearray(path.read_bytes())
    data[20 * 4096 : 30 * 4096] = b"\xa5" * (10 * 4096)
    path.write_bytes(bytes(data))
    damaged = SqliteStore(path, StillClock())
    with pytest.raises(StoreUnusableError, match="damaged"):
        damaged.load("OP1")
    assert damaged.list_ids() == ("OP1",), "what is whole can still be read"
    damaged.close()


def test_a_row_that_is_no_record_is_said(store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path)
    other.execute("INSERT INTO records VALUES ('OP1', 2, 1, 4, '{\"type\":\"from the future\"}', '')")
    other.commit()
    other.close()
    with pytest.raises(StoreUnusableError, match=r"damaged.*from the future"):
        store.load("OP1")


def test_what_a_newer_program_wrote_is_not_called_damage(store: SqliteStore, path: Path) -> None:
    store.submit(msgspec.structs.replace(submission("OP2"), schema=SCHEMA_VERSION + 1), "k2")
    other = sqlite3.connect(path)
    other.execute("INSERT INTO records VALUES ('OP2', 0, 1, 1, '{\"type\":\"from the future\"}', '')")
    other.commit()
    other.close()
    stored = store.load("OP2")
    assert stored.records == ()
    assert stored.submission.newer.endswith("upgrade fleetui here")
    assert [line.text for line in audit_lines(store) if line.op == "OP2"] == [stored.submission.newer]
    assert store.load("OP1").records == (note("first"), note("second"))


def test_a_store_that_another_process_keeps_locked_is_said(store: SqliteStore, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    store._connection.execute("PRAGMA busy_timeout = 1")
    with pytest.raises(StoreUnusableError, match="another process keeps it locked"):
        store.request("OP1", request())
    assert store.load("OP1").requests == (request(),), "reading needs no lock"
    other.execute("ROLLBACK")
    other.close()
    store.request("OP1", request())


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_was_taken_away_takes_no_more_writes(store: SqliteStore, path: Path, replaced: bool) -> None:
    """They would be acknowledged, and gone: the file that is open has no name any more."""
    path.unlink()
    if replaced:
        path.write_bytes(b"")
    for call in (lambda: store.request("OP1", request()), lambda: store.load("OP1"), store.list_ids):
        with pytest.raises(StoreUnusableError, match="removed or replaced"):
            call()


def test_claims_of_the_dead_end_when_the_lock_says_so(store: SqliteStore) -> None:
    store.submit(submission("OP2"), "k2")
    store.claim("OP2", "alive", 10.0)
    store.expire_claims(but="alive")
    assert store.claim("OP1", "alive", 10.0) == 2, "a higher fence than the dead one's"
    assert store.load("OP2").claim_expires > 0.0
