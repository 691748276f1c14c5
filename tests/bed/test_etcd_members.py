"""Real etcd members break as told, show it themselves, and are whole again afterwards."""

import ssl

import pytest

from tests.bed.etcd_members import EtcdMembers
from tests.bed.fixtures import REAL_HEALTH
from tests.bed.plain_http import NO_ANSWER, HttpError, ask, ask_json
from tests.bed.test_cluster import eventually

FSYNC = "etcd_disk_wal_fsync_duration_seconds"


def over(members: EtcdMembers, name: str, seconds: float) -> float:
    """How many fsyncs of that member took longer than `seconds` (a bound of its histogram)."""
    buckets = dict(members.metrics(name).buckets(FSYNC))
    return buckets[float("inf")] - buckets[seconds]


def test_three_members_speak_tls_alone_and_metrics_in_plain(etcd_members: EtcdMembers) -> None:
    member = etcd_members.members["m1"]
    assert len({etcd_members.status(name)["header"]["member_id"] for name in etcd_members.members}) == 3
    assert etcd_members.status("m1")["version"].startswith("3.6.")
    strangers = ssl.create_default_context(cafile=str(etcd_members.credentials.ca))  # without a certificate
    with pytest.raises(NO_ANSWER):
        ask(f"{member.client_url}/health", context=strangers)
    with pytest.raises(NO_ANSWER):
        ask(member.client_url.replace("https", "http") + "/health")
    assert ask_json(f"{member.metrics_url}/health")["health"] == "true"
    assert etcd_members.metrics("m1").buckets("grpc_server_handling_seconds")  # of --metrics=extensive alone
    ask_json(f"{member.peer_url}/version", context=etcd_members.credentials.context())


def test_one_of_three_killed_leaves_a_quorum_and_two_do_not(etcd_members: EtcdMembers) -> None:
    etcd_members.kill(etcd_members.leader())
    etcd_members.put("after", "one")
    last = etcd_members.leader()
    other = next(n for n in etcd_members.members if n != last and etcd_members.process(n).alive)
    etcd_members.kill(other)
    eventually(lambda: etcd_members.metrics(last).value("etcd_server_has_leader") == 0)
    status = etcd_members.status(last)
    assert "leader" not in status
    assert status["errors"] == ["etcdserver: no leader"]
    etcd_members.mend()
    assert all(etcd_members.process(name).alive for name in etcd_members.members)
    assert etcd_members.metrics(last).value("etcd_server_has_leader") == 1


def test_a_restarted_member_has_its_data(etcd_members: EtcdMembers) -> None:
    etcd_members.put("kept", "all along")
    etcd_members.kill("m2")
    with pytest.raises(ConnectionRefusedError):
        etcd_members.status("m2")
    etcd_members.restart("m2")
    assert etcd_members.get("kept") == "all along"


def test_a_frozen_member_takes_connections_and_says_nothing(etcd_members: EtcdMembers) -> None:
    etcd_members.freeze("m3")
    with pytest.raises(TimeoutError):
        etcd_members.ask("m3", "/v3/maintenance/status", timeout=0.3)
    etcd_members.thaw("m3")
    eventually(lambda: etcd_members.follows("m3"))


@pytest.mark.parametrize(
    "generation", [pytest.param(name, marks=REAL_HEALTH) for name in ("etcd_members", "etcd34_members")]
)
def test_a_full_one_takes_no_write_until_it_is_mended(generation: str, request: pytest.FixtureRequest) -> None:
    members: EtcdMembers = request.getfixturevalue(generation)
    members.put("before")
    written = members.fill()
    assert 8 <= len(written) <= 16  # of 1 MiB each, in 16 MiB
    with pytest.raises(HttpError) as refused:
        members.put("more")
    assert refused.value.code == 429
    assert members.get("before") == "x"
    assert "NOSPACE" in {alarm for _, alarm in members.alarms()}
    members.mend()
    assert members.alarms() == []
    members.put("more")
    assert int(members.status("m1")["dbSize"]) < 1 << 20


def test_the_old_generation_speaks_the_old_api(etcd34_members: EtcdMembers) -> None:
    assert etcd34_members.status("m1")["version"].startswith("3.4.")
    with pytest.raises(HttpError) as missing:
        ask(f"{etcd34_members.members['m1'].metrics_url}/livez")
    assert missing.value.code == 404


def test_a_slow_disk_is_seen_in_the_fsync_histogram_and_ends(etcd_members: EtcdMembers) -> None:
    """Each write waits for the leader's log: with 40 ms more, each fsync counts above 32 ms."""
    leader = etcd_members.leader()
    before = over(etcd_members, leader, 0.032)
    with etcd_members.slow_disk(leader, 0.04):
        for number in range(5):
            etcd_members.put(f"slow{number}", member=leader)
        assert over(etcd_members, leader, 0.032) - before >= 5
    pid = etcd_members.process(leader).pid
    with open(f"/proc/{pid}/status") as status:
        assert "TracerPid:\t0\n" in status.read()
    total = dict(etcd_members.metrics(leader).buckets(FSYNC))[float("inf")]
    slow = over(etcd_members, leader, 0.032)
    for number in range(20):
        etcd_members.put(f"quick{number}", member=leader)
    quick = dict(etcd_members.metrics(leader).buckets(FSYNC))[float("inf")] - total
    assert over(etcd_members, leader, 0.032) - slow < quick / 2  # a busy machine's own disk may be slow now and then


def test_a_learner_that_never_came_stays_a_learner(etcd_members: EtcdMembers) -> None:
    etcd_members.add_learner("stuck", start=False)
    listed = etcd_members.ask("m1", "/v3/cluster/member/list")["members"]
    (learner,) = [member for member in listed if member.get("isLearner")]
    assert not learner.get("name")
    with pytest.raises(HttpError, match="learner"):
        etcd_members.ask("m1", "/v3/cluster/member/promote", {"ID": learner["ID"]})


def test_a_learner_follows_and_is_gone_after_mending(etcd_members: EtcdMembers) -> None:
    etcd_members.put("known")
    etcd_members.add_learner()
    status = etcd_members.status("learner")
    assert status["isLearner"]
    eventually(lambda: etcd_members.metrics("learner").value("etcd_debugging_mvcc_current_revision") > 1)
    etcd_members.mend()
    assert list(etcd_members.members) == ["m1", "m2", "m3"]
    assert len(etcd_members.ask("m1", "/v3/cluster/member/list")["members"]) == 3


def test_the_leader_moves_and_members_count_it(etcd_members: EtcdMembers) -> None:
    leader = etcd_members.leader()
    target = next(name for name in etcd_members.members if name != leader)
    before = etcd_members.metrics(target).value("etcd_server_leader_changes_seen_total")
    etcd_members.move_leader(target)
    assert etcd_members.leader() == target
    eventually(lambda: etcd_members.metrics(target).value("etcd_server_leader_changes_seen_total") > before)


def test_an_alarm_of_corruption_stops_everything_until_it_is_mended(etcd_members: EtcdMembers) -> None:
    etcd_members.raise_alarm("m2", "CORRUPT")
    assert etcd_members.alarms() == [(etcd_members.member_id("m2"), "CORRUPT")]
    with pytest.raises(HttpError, match="corrupt"):
        etcd_members.put("no")
    etcd_members.mend()
    etcd_members.put("yes")


def test_nobody_counts_an_alarm_of_old_after_mending(etcd_members: EtcdMembers) -> None:
    leader = etcd_members.leader()
    etcd_members.raise_alarm(leader, "NOSPACE")
    etcd_members.raise_alarm(leader, "NOSPACE")
    etcd_members.recover()
    assert etcd_members.alarms() == []
    assert [etcd_members.counts_alarms(name) for name in etcd_members.members] == [True] * 3
    etcd_members.mend()
    assert [etcd_members.counts_alarms(name) for name in etcd_members.members] == [False] * 3
    etcd_members.put("whole")


def test_mending_what_is_whole_restarts_nobody(etcd_members: EtcdMembers) -> None:
    etcd_members.mend()
    before = [etcd_members.process(name).pid for name in etcd_members.members]
    etcd_members.mend()
    assert [etcd_members.process(name).pid for name in etcd_members.members] == before
