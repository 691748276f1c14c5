"""The embedded store's schema, as the ordered steps that make it. Version n is what the first n migrations leave.

A released migration is never changed: databases out there were made by it. Audit is never rewritten: a migration adds
tables and columns; it does not edit a submission, a request or a record.
"""

import sqlite3
from collections.abc import Sequence

APPLICATION_ID = 0x666C7569
"""``flui``, in the file's header: tells our database from another program's."""

Migration = tuple[str, ...]
"""SQL statements, run in one transaction with those of the other missing migrations."""

_TABLES: Migration = (
    """CREATE TABLE submissions (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        op_id TEXT NOT NULL UNIQUE,
        idempotency_key TEXT NOT NULL UNIQUE,
        payload TEXT NOT NULL,
        chain TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE requests (
        op_id TEXT NOT NULL REFERENCES submissions (op_id),
        pos INTEGER NOT NULL,
        payload TEXT NOT NULL,
        chain TEXT NOT NULL,
        PRIMARY KEY (op_id, pos)
    ) STRICT""",
    """CREATE TABLE records (
        op_id TEXT NOT NULL REFERENCES submissions (op_id),
        seq INTEGER NOT NULL,
        fence INTEGER NOT NULL CHECK (fence > 0),
        pos INTEGER NOT NULL,
        payload TEXT NOT NULL CHECK (length(CAST(payload AS BLOB)) <= 16384),
        chain TEXT NOT NULL,
        PRIMARY KEY (op_id, seq)
    ) STRICT""",
    """CREATE TABLE claims (
        op_id TEXT NOT NULL PRIMARY KEY REFERENCES submissions (op_id),
        holder TEXT NOT NULL,
        fence INTEGER NOT NULL,
        expires REAL NOT NULL
    ) STRICT""",
    # pos counts everything written about an operation; chain is the hash over all of it; changed is the store's counter
    # at the last change, so that "what is new since n" is one look into an index.
    """CREATE TABLE heads (
        op_id TEXT NOT NULL PRIMARY KEY REFERENCES submissions (op_id),
        next_seq INTEGER NOT NULL,
        pos INTEGER NOT NULL,
        chain TEXT NOT NULL,
        changed INTEGER NOT NULL UNIQUE
    ) STRICT""",
)


def _append_only(table: str) -> Migration:
    return tuple(
        f"CREATE TRIGGER {table}_never_{act.lower()} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} are never rewritten'); END"
        for act in ("UPDATE", "DELETE")
    )


_GAPLESS: Migration = (
    # Also what stops INSERT OR REPLACE, which deletes without firing a DELETE trigger.
    """CREATE TRIGGER records_in_order BEFORE INSERT ON records
    WHEN NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM records WHERE op_id = NEW.op_id)
    BEGIN SELECT RAISE(ABORT, 'records follow each other without a hole'); END""",
)

MIGRATIONS: tuple[Migration, ...] = (
    (*_TABLES, *_append_only("submissions"), *_append_only("requests"), *_append_only("records"), *_GAPLESS),
)


def version_of(connection: sqlite3.Connection) -> int:
    """0 for a database without a schema."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def is_foreign(connection: sqlite3.Connection) -> bool:
    """Whether another program made this database."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return application not in (0, APPLICATION_ID) or (application == 0 and tables > 0)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Runs what is missing, all or nothing. Another process may have been quicker: then there is nothing to do."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        present = version_of(connection)
        for migration in migrations[present:]:
            for statement in migration:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {max(present, len(migrations))}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
