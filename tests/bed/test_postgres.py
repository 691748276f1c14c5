"""What replication shows when it is well, paused and broken: above all where a lag of 0 is a lie."""

from tests.bed.postgres import SLOT, PostgresPair
from tests.bed.test_cluster import eventually

LAG = "pg_replication_lag_seconds"
BEHIND = "pg_stat_replication_pg_wal_lsn_diff"
RECEIVER = "pg_stat_wal_receiver_flushed_lsn"
RETAINED = f'pg_replication_slots_pg_wal_lsn_diff{{database="",server="127.0.0.1:%d",slot_name="{SLOT}"}}'


def test_a_healthy_pair_streams(postgres_pair: PostgresPair) -> None:
    postgres_pair.write(1)
    postgres_pair.wait_streaming()
    eventually(lambda: postgres_pair.metrics("primary").value(BEHIND) == 0)  # the server writes by itself too
    eventually(lambda: postgres_pair.metrics("standby").value(LAG) == 0)
    primary, standby = (postgres_pair.metrics(role) for role in ("primary", "standby"))
    assert primary.value("pg_replication_is_replica") == 0
    assert standby.value("pg_replication_is_replica") == 1
    assert standby.value(RECEIVER) > 0
    assert postgres_pair.sql("standby", "SELECT count(*) > 0 FROM written") == "t"


def test_paused_replay_is_seconds_and_bytes_behind(postgres_pair: PostgresPair) -> None:
    postgres_pair.pause_replay()
    postgres_pair.write(2)
    eventually(lambda: postgres_pair.metrics("primary").value(BEHIND) > 1_000_000)
    eventually(lambda: postgres_pair.metrics("standby").value(LAG) > 0)
    assert postgres_pair.metrics("standby").value(RECEIVER) > 0
    postgres_pair.mend()
    eventually(lambda: postgres_pair.lag_bytes() == 0)


def test_a_broken_link_reads_0_seconds_and_shows_elsewhere(postgres_pair: PostgresPair) -> None:
    """The trap that a board must not fall into: nothing is received, so all that was received is replayed."""
    postgres_pair.break_link()
    postgres_pair.write(2)
    eventually(lambda: postgres_pair.metrics("standby").value(LAG) == 0)
    primary, standby = (postgres_pair.metrics(role) for role in ("primary", "standby"))
    assert not primary.has(BEHIND)
    assert not standby.has(RECEIVER)
    assert primary.value(RETAINED % postgres_pair.port_of("primary")) > 1_000_000
    postgres_pair.mend_link()
    eventually(lambda: postgres_pair.lag_bytes() == 0)


def test_a_slot_that_nobody_reads_keeps_what_is_written(postgres_pair: PostgresPair) -> None:
    postgres_pair.add_slot("forgotten")
    postgres_pair.write(2)
    kept = (
        "SELECT active, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > 1000000 "
        "FROM pg_replication_slots WHERE slot_name = 'forgotten'"
    )
    assert postgres_pair.sql("primary", kept) == "f|t"
    postgres_pair.mend()
    assert postgres_pair.sql("primary", "SELECT slot_name FROM pg_replication_slots") == SLOT


def test_each_part_can_be_killed_and_comes_back(postgres_pair: PostgresPair) -> None:
    for part in ("primary", "standby", "primary-exporter"):
        postgres_pair.kill(part)
        assert not postgres_pair.processes[part].alive
    postgres_pair.mend()
    postgres_pair.write(1)
    postgres_pair.wait_streaming()
    assert postgres_pair.metrics("primary").value("pg_up") == 1
