"""The embedded operation store: one SQLite file that consoles and the controller of one login share.

Write-ahead log with synchronous=FULL: what a call has returned from survives kill -9 and a power cut. Submissions,
requests and records are never rewritten: triggers refuse it, and a hash chain per operation shows what got round them.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from fleetui.control.controller_lock import ControllerLock
from fleetui.control.migrations import MIGRATIONS, Migration, version_of
from fleetui.control.record_codec import encode_record
from fleetui.control.sqlite_chain import broken_links, link
from fleetui.control.sqlite_entries import read_submission, with_entries
from fleetui.control.sqlite_file import identity_of, open_database
from fleetui.control.state_dir import prepare_state_dir, read_mounts
from fleetui.control.store_faults import translated
from fleetui.model.journal import Record, Request, Stored, Submission
from fleetui.ports.clock import Clock
from fleetui.ports.store import (
    Changes,
    ClaimHeldError,
    DuplicateOperationError,
    FencedError,
    SequenceError,
    StoreUnusableError,
    UnknownOperationError,
)


class SqliteStore:
    """``ports.store.OperationStore`` on a local disk. One instance per thread; any number of processes per file."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        lock: ControllerLock | None = None,
        migrations: Sequence[Migration] = MIGRATIONS,
        mounts: Callable[[], str | None] = read_mounts,
    ) -> None:
        """Opens or makes the file (0600, in a directory 0700) and brings its schema up to date.

        ``lock`` is the controller's own; without it a schema that needs migrating is only touched while no controller
        runs. Raises StoreUnusableError.
        """
        self.path = prepare_state_dir(path.parent, mounts=mounts) / path.name
        self._clock = clock
        self._schema = len(migrations)
        with translated(self.path):
            self._connection = open_database(self.path, migrations=migrations, lock=lock)
        self._file = identity_of(self.path)
        self._cursor = 0
        self._data_version = -1
        self._wrote = False

    def submit(self, submission: Submission, idempotency_key: str) -> str:
        payload = msgspec.json.encode(submission).decode()
        with self._writing() as sql:
            seen = sql.execute("SELECT op_id FROM submissions WHERE idempotency_key = ?", (idempotency_key,)).fetchone()
            if seen is not None:
                return str(seen[0])
            op_id = submission.op_id
            if sql.execute("SELECT 1 FROM submissions WHERE op_id = ?", (op_id,)).fetchone():
                raise DuplicateOperationError(op_id)
            chain = link("", "submission", payload)
            row = (op_id, idempotency_key, payload, chain)
            sql.execute("INSERT INTO submissions (op_id, idempotency_key, payload, chain) VALUES (?, ?, ?, ?)", row)
            sql.execute("INSERT INTO claims VALUES (?, '', 0, 0.0)", (op_id,))
            sql.execute(_NEW_HEAD, (op_id, chain))
        return op_id

    def claim(self, op_id: str, holder: str, ttl_s: float) -> int:
        now = self._clock.now()
        with self._writing() as sql:
            held_by, fence, expires = self._claim_of(op_id)
            if held_by != holder:
                if expires > now:
                    raise ClaimHeldError(held_by, expires)
                fence += 1
                sql.execute(_TOUCH, (op_id,))
            row = (holder, fence, now + ttl_s, op_id)
            sql.execute("UPDATE claims SET holder = ?, fence = ?, expires = ? WHERE op_id = ?", row)
        return fence

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        payload = encode_record(record).decode()
        with self._writing() as sql:
            holder, newest, _ = self._claim_of(op_id)
            if fence == 0 or fence != newest:
                raise FencedError(f"fence {fence} of {op_id} is not the newest, {newest} is: {holder}")
            next_seq, pos, chain = self._head_of(op_id)
            if expected_seq != next_seq:
                raise SequenceError(f"record {expected_seq} of {op_id} cannot follow {next_seq - 1}")
            chain = link(chain, f"record {fence}", payload)
            row = (op_id, next_seq, fence, pos + 1, payload, chain)
            sql.execute("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", row)
            self._advance(op_id, next_seq=next_seq + 1, pos=pos + 1, chain=chain)
        return next_seq + 1

    def request(self, op_id: str, request: Request) -> None:
        payload = msgspec.json.encode(request).decode()
        with self._writing() as sql:
            next_seq, pos, chain = self._head_of(op_id)
            chain = link(chain, "request", payload)
            sql.execute("INSERT INTO requests VALUES (?, ?, ?, ?)", (op_id, pos + 1, payload, chain))
            self._advance(op_id, next_seq=next_seq, pos=pos + 1, chain=chain)

    def changes(self, since: int) -> Changes:
        with translated(self.path):
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
            if version == self._data_version and not self._wrote and since >= self._cursor:
                return Changes(self._cursor, ())
            self._refuse_another_file()
            query = "SELECT op_id, changed FROM heads WHERE changed > ? ORDER BY changed"
            rows = self._connection.execute(query, (since,)).fetchall()
        self._data_version, self._wrote = version, False
        self._cursor = max(self._cursor, since, rows[-1][1] if rows else 0)
        return Changes(self._cursor, tuple(op_id for op_id, _ in rows))

    def load(self, op_id: str, *, from_seq: int = 0) -> Stored:
        with self._reading() as sql:
            holder, fence, expires = self._claim_of(op_id)
            submission = sql.execute(_SUBMISSION, (op_id,)).fetchone()
            requests = sql.execute(_REQUESTS, (op_id,)).fetchall()
            records = sql.execute(_RECORDS, (op_id, from_seq)).fetchall()
        said = read_submission(op_id, submission)
        stored = Stored(said, (), (), holder, fence, expires, from_seq)
        return with_entries(stored, requests, records)

    def list_ids(self) -> tuple[str, ...]:
        with self._reading() as sql:
            return tuple(op_id for (op_id,) in sql.execute("SELECT op_id FROM submissions ORDER BY n DESC"))

    def close(self) -> None:
        self._connection.close()

    def is_in_place(self) -> bool:
        """Whether the path still names the file that is open here."""
        return self._file is not None and identity_of(self.path) == self._file

    def expire_claims(self, *, but: str) -> None:
        """Ends every claim of another holder at once. Only for who holds the controller's lock: it proves that no other
        controller of this store lives. Fences stay: the next claim gets a higher one."""
        with self._writing() as sql:
            sql.execute("UPDATE claims SET expires = 0.0 WHERE holder <> ?", (but,))

    def damage(self) -> tuple[str, ...]:
        """What SQLite's own check and the hash chains say against this file, in plain lines; empty when all is well."""
        with self._reading() as sql:
            found = [str(line) for (line,) in sql.execute("PRAGMA quick_check(10)")]
            lines = [f"SQLite: {line}" for line in found if line != "ok"]
            for op_id, chain in sql.execute("SELECT op_id, chain FROM heads").fetchall():
                lines += [f"operation {op_id}: {broken}" for broken in broken_links(sql, op_id, chain)]
        return tuple(lines)

    # Transactions.

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        self._wrote = True  # also when it fails: after an I/O error nobody knows
        with translated(self.path), self._transaction("BEGIN IMMEDIATE") as sql:
            yield sql

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with translated(self.path), self._transaction("BEGIN") as sql:
            yield sql

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        self._connection.execute(begin)
        try:
            self._refuse_another_file()
            yield self._connection
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:  # also when COMMIT itself failed: the disk is full
                self._connection.execute("ROLLBACK")

    # Rows.

    def _claim_of(self, op_id: str) -> tuple[str, int, float]:
        query = "SELECT holder, fence, expires FROM claims WHERE op_id = ?"
        row: tuple[str, int, float] | None = self._connection.execute(query, (op_id,)).fetchone()
        if row is None:
            raise UnknownOperationError(op_id)
        return row

    def _head_of(self, op_id: str) -> tuple[int, int, str]:
        query = "SELECT next_seq, pos, chain FROM heads WHERE op_id = ?"
        row: tuple[int, int, str] | None = self._connection.execute(query, (op_id,)).fetchone()
        if row is None:
            raise UnknownOperationError(op_id)
        return row

    def _advance(self, op_id: str, *, next_seq: int, pos: int, chain: str) -> None:
        self._connection.execute(
            "UPDATE heads SET next_seq = ?, pos = ?, chain = ? WHERE op_id = ?", (next_seq, pos, chain, op_id)
        )
        self._connection.execute(_TOUCH, (op_id,))

    def _refuse_another_file(self) -> None:
        """Looked at in every transaction, which is durable only in a file that the next program will open: the file may
        have been removed, replaced or migrated by a newer program while we had it open."""
        if not self.is_in_place():
            raise StoreUnusableError(
                f"{self.path} was removed or replaced while it was open", "start this program again"
            )
        present = version_of(self._connection)
        if present != self._schema:
            raise StoreUnusableError(
                f"{self.path} was brought to schema {present} by another fleetui; this one knows {self._schema}",
                "start this program again",
            )


_SUBMISSION = "SELECT CAST(payload AS BLOB) FROM submissions WHERE op_id = ?"
_REQUESTS = "SELECT pos, CAST(payload AS BLOB) FROM requests WHERE op_id = ? ORDER BY pos"
_RECORDS = "SELECT seq, CAST(payload AS BLOB) FROM records WHERE op_id = ? AND seq >= ? ORDER BY seq"
"""As bytes: text that is not UTF-8 is then one operation's damage, found with its place, and no error of the file."""

_NEW_HEAD = "INSERT INTO heads VALUES (?, 0, 0, ?, (SELECT coalesce(max(changed), 0) + 1 FROM heads))"
_TOUCH = "UPDATE heads SET changed = (SELECT max(changed) + 1 FROM heads) WHERE op_id = ?"
