"""A real PostgreSQL primary with a standby that streams from it, an exporter beside each, and how replication breaks.

PostgreSQL refuses to run as root: then it runs as `nobody`, from a copy of its programs in a folder that everybody may
enter. Logins are trusted: the servers listen on loopback alone.
"""

import os
import shutil
import subprocess
from pathlib import Path

from tests.bed import packages
from tests.bed.plain_http import Exposition, answers
from tests.bed.service import Service, ServiceError

NOBODY = 65534  # user and group; initdb wants one that the machine knows by name
DEAD_PORT = 1  # tcpmux: nobody listens there
# The exporter of Debian is older than the metrics that boards read today: these give them the newer exporter's names
# and meaning, its fault included (0 seconds while all that was received is replayed, also when nothing is received).
QUERIES = """
pg_replication:
  query: >
    SELECT pg_is_in_recovery()::int AS is_replica,
      CASE WHEN NOT pg_is_in_recovery() OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
        ELSE greatest(0, extract(epoch FROM now() - pg_last_xact_replay_timestamp())) END AS lag_seconds,
      coalesce(extract(epoch FROM now() - pg_last_xact_replay_timestamp()), 0) AS last_replay_seconds
  metrics:
    - is_replica: {usage: GAUGE, description: 1 on a standby}
    - lag_seconds: {usage: GAUGE, description: Age of the last replayed transaction unless all received is replayed}
    - last_replay_seconds: {usage: GAUGE, description: Age of the last replayed transaction}
pg_stat_wal_receiver:
  query: >
    SELECT sender_host AS upstream_host, slot_name, status, flushed_lsn - '0/0' AS flushed_lsn,
      extract(epoch FROM last_msg_receipt_time) AS last_msg_receipt_time FROM pg_stat_wal_receiver
  metrics:
    - upstream_host: {usage: LABEL, description: Where it receives from}
    - slot_name: {usage: LABEL, description: The slot that it uses}
    - status: {usage: LABEL, description: What the receiver does}
    - flushed_lsn: {usage: COUNTER, description: Position in the WAL up to which it is safe here}
    - last_msg_receipt_time: {usage: COUNTER, description: When the primary was heard of last}
"""
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "wal_level": "replica",
    "hot_standby": "on",
    "max_connections": 30,
    "shared_buffers": "16MB",
    "max_slot_wal_keep_size": -1,
    "wal_receiver_status_interval": "1s",
    "wal_retrieve_retry_interval": "500ms",
    "fsync": "off",
    "jit": "off",
    "logging_collector": "off",
    "lc_messages": "C",
}
SLOT = "standby"


class PostgresPair(Service):
    """`primary` and `standby`, streaming when the constructor returns, with the exporters' metrics of both."""

    def __init__(self, name: str = "postgres") -> None:
        super().__init__(name)

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
        for role in ("primary", "standby"):
            self._wait_orphans(role)
        super().close()

    def start_all(self) -> None:
        self._root = _root_for_all(self.folder)
        self._init_primary()
        self._launch("primary")
        self._clone_standby()
        self._launch("standby")
        for role in ("primary", "standby"):
            self._launch_exporter(role)
        self.sql("primary", "CREATE TABLE written (at timestamptz, filler text)")
        self.wait_streaming()

    # -- what it is ----------------------------------------------------------------------------------------------------

    def sql(self, role: str, statement: str, timeout: float = 20) -> str:
        """What psql prints for the statement: rows by line, columns by "|". Raises ServiceError."""
        where = f"host=127.0.0.1 port={self.port_of(role)} user=postgres dbname=postgres connect_timeout=5"
        argv = [self._program("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", where, "-c", statement]
        done = subprocess.run(
            argv, env=self._environment(), capture_output=True, text=True, check=False, timeout=timeout
        )
        if done.returncode != 0:
            raise ServiceError(f"{role}: {statement}: {done.stderr}")
        return done.stdout.strip()

    def exporter(self, role: str) -> str:
        """host:port of the exporter, as Prometheus wants it."""
        return f"127.0.0.1:{self.port_of(f'{role}-exporter')}"

    def metrics(self, role: str) -> Exposition:
        return Exposition.of(f"http://{self.exporter(role)}/metrics")

    def lag_bytes(self) -> int | None:
        """How far the standby's replay is behind, as the primary sees it; None where no standby is connected."""
        found = self.sql(
            "primary", "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) FROM pg_stat_replication LIMIT 1"
        )
        return int(found) if found else None

    def write(self, megabytes: float = 1) -> None:
        """A committed row of about that size on the primary, uncompressed, so that as much goes into the WAL."""
        count = max(1, round(megabytes * 128))
        self.sql(
            "primary",
            f"ALTER TABLE written ALTER filler SET STORAGE PLAIN; "
            f"INSERT INTO written SELECT now(), repeat('x', 7900) FROM generate_series(1, {count})",
        )

    # -- what can happen to it -----------------------------------------------------------------------------------------

    def pause_replay(self) -> None:
        """The standby receives and does not replay."""
        self.sql("standby", "SELECT pg_wal_replay_pause()")
        self.until(lambda: self._said("standby", "SELECT pg_get_wal_replay_pause_state()") == "paused" or None, "pause")

    def resume_replay(self) -> None:
        self.sql("standby", "SELECT pg_wal_replay_resume()")

    def break_link(self) -> None:
        """The standby looks for its primary at a port where nobody is; the primary has no standby connected."""
        self._point_standby(DEAD_PORT)
        self.until(lambda: self.lag_bytes() is None or None, "the primary sees no standby")

    def mend_link(self) -> None:
        self._point_standby(self.port_of("primary"))
        self.wait_streaming()

    def add_slot(self, name: str) -> None:
        """A slot that nobody reads: the primary keeps every WAL segment from now on."""
        self.sql("primary", f"SELECT pg_create_physical_replication_slot('{name}', true)")

    def drop_slot(self, name: str) -> None:
        self.sql("primary", f"SELECT pg_drop_replication_slot('{name}')")

    def kill(self, part: str) -> None:
        """SIGKILL to `primary`, `standby`, `primary-exporter` or `standby-exporter`."""
        self.processes[part].kill()

    def restart(self, part: str) -> None:
        """Start a dead part again; returns when it answers."""
        if not part.endswith("-exporter"):
            self._wait_orphans(part)
        self.processes[part].start()
        self._wait_answering(part)

    def mend(self) -> None:
        """All alive, streaming, replaying, with no slot but the standby's and an empty table."""
        for part in self.processes:
            if not self.processes[part].alive:
                self.restart(part)
        if self.sql("standby", "SELECT pg_is_wal_replay_paused()") == "t":
            self.resume_replay()
        if f"port={self.port_of('primary')}" not in self.sql("standby", "SHOW primary_conninfo"):
            self._point_standby(self.port_of("primary"))
        for slot in self.sql("primary", "SELECT slot_name FROM pg_replication_slots").split():
            if slot != SLOT:
                self.drop_slot(slot)
        self.sql("primary", "TRUNCATE written; CHECKPOINT")
        self.wait_streaming()

    def wait_streaming(self) -> None:
        """Return when the standby streams and has replayed everything."""
        self.until(lambda: self.lag_bytes() == 0 or None, "the standby has all", part="standby")

    # -- how it starts -------------------------------------------------------------------------------------------------

    def _init_primary(self) -> None:
        data = self.folder / "primary"
        self._once(
            "initdb",
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=trust",
            "--no-sync",
            "--no-locale",
            "--encoding=UTF8",
        )
        (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 trust\nhost replication all 127.0.0.1/32 trust\n")
        self._configure("primary")

    def _clone_standby(self) -> None:
        data = self.folder / "standby"
        source = f"host=127.0.0.1 port={self.port_of('primary')} user=postgres"
        self._once(
            "pg_basebackup",
            f"--pgdata={data}",
            f"--dbname={source}",
            "--write-recovery-conf",
            "--no-sync",
            "--wal-method=stream",
            "--checkpoint=fast",
            "--create-slot",
            f"--slot={SLOT}",
        )
        self._configure("standby")

    def _configure(self, role: str) -> None:
        settings = {**_SETTINGS, "port": self.port_of(role), "cluster_name": role}
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        (self.folder / role / "postgresql.conf").write_text("".join(lines))

    def _launch(self, role: str) -> None:
        argv = [*_demoted(), self._program("postgres"), "-D", str(self.folder / role)]
        self.run(role, list(argv), self._environment())
        self._wait_answering(role)

    def _launch_exporter(self, role: str) -> None:
        (self.folder / "queries.yaml").write_text(QUERIES)
        source = f"postgresql://postgres@127.0.0.1:{self.port_of(role)}/postgres?sslmode=disable"
        argv = [
            packages.program("postgres-exporter"),
            f"--web.listen-address={self.exporter(role)}",
            f"--extend.query-path={self.folder / 'queries.yaml'}",
        ]
        self.run(f"{role}-exporter", list(argv), {"DATA_SOURCE_NAME": source})
        self._wait_answering(f"{role}-exporter")

    def _wait_answering(self, part: str) -> None:
        if part.endswith("-exporter"):
            url = f"http://127.0.0.1:{self.port_of(part)}/metrics"
            self.until(lambda: answers(url, timeout=5), "answers", part=part)
        else:
            self.until(lambda: self._said(part, "SELECT 1") == "1" or None, "takes connections", part=part)

    def _wait_orphans(self, role: str) -> None:
        """The children of a killed postmaster end by themselves; the next one may not start before."""
        self.until(lambda: not works_in(self.folder / role) or None, f"old processes of {role} have ended")

    def _point_standby(self, port: int) -> None:
        conninfo = f"host=127.0.0.1 port={port} user=postgres"
        self.sql("standby", f"ALTER SYSTEM SET primary_conninfo = '{conninfo}'")
        self.sql("standby", "SELECT pg_reload_conf()")

    # -- as whom, and from where ---------------------------------------------------------------------------------------

    def _program(self, name: str) -> str:
        return str(self._root / packages.POSTGRES / name)

    def _environment(self) -> dict[str, str]:
        return {"LD_LIBRARY_PATH": packages.libraries(self._root), "PATH": os.environ["PATH"]}

    def _once(self, program: str, *options: str) -> None:
        argv = [*_demoted(), self._program(program), *options]
        done = subprocess.run(
            argv, env=self._environment() | {"HOME": str(self.folder), "LC_ALL": "C"}, cwd=self.folder,
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        if done.returncode != 0:
            raise ServiceError(f"{program}: {done.stdout}{done.stderr}")

    def _said(self, role: str, statement: str) -> str | None:
        try:
            return self.sql(role, statement)
        except (ServiceError, subprocess.TimeoutExpired):
            return None


def _demoted() -> tuple[str, ...]:
    """What makes a command run as nobody where we are root; the parent's death must be asked for anew then."""
    if os.geteuid() != 0:
        return ()
    return ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--pdeathsig=KILL", "--")


def _root_for_all(folder: Path) -> Path:
    """Where PostgreSQL's programs are for whoever runs it: the cache, or for nobody a copy in `folder`, now theirs."""
    unpacked = packages.ensure()
    if os.geteuid() != 0:
        return unpacked
    os.chown(folder, NOBODY, NOBODY)
    needless = shutil.ignore_patterns("bitcode", "llvmjit*", "pgxs", "man")
    parts = [unpacked / "usr/lib/postgresql", unpacked / "usr/share/postgresql", *packages.library_folders(unpacked)]
    for part in parts:
        shutil.copytree(part, folder / part.relative_to(unpacked), ignore=needless, symlinks=True)
    return folder


def works_in(folder: Path) -> bool:
    """Does a process work in that folder, as every process of a server does in its data?"""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                return True
        except OSError:  # ended meanwhile, or another user's
            continue
    return False
