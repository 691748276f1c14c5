"""The simulated etcd by itself: time, elections, load. What it says on the wire is held by the contract suite."""

from fleetui.simulate import etcd_answers
from fleetui.simulate.etcd_cluster import ELECTION_S, SimulatedEtcd

NAMES = ("a", "b", "c")


def running(**more: int) -> SimulatedEtcd:
    etcd = SimulatedEtcd(NAMES, **more)
    etcd.tick(0.0)
    return etcd


def test_the_same_cluster_has_the_same_ids_in_every_run() -> None:
    ids = [[member.id for member in SimulatedEtcd(NAMES).members] for _ in range(2)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3
    assert [m.id for m in SimulatedEtcd(NAMES, cluster_id=2).members] != ids[0]


def test_another_leads_an_election_after_the_leader_died() -> None:
    etcd = running()
    a, b, c = etcd.members
    a.alive = False
    etcd.tick(1.0)
    assert (b.leader, etcd.term) == (a.id, 2)  # nobody has noticed yet
    etcd.tick(1.0 + ELECTION_S)
    assert (b.leader, c.leader, etcd.term) == (b.id, b.id, 3)
    a.alive = True
    etcd.tick(3.0)
    assert (a.leader, etcd.term) == (b.id, 3)


def test_a_learner_is_no_voter() -> None:
    etcd = running()
    etcd.add_learner("d", peer_url="http://d", started=True)
    etcd.by_name("b").alive = etcd.by_name("c").alive = False
    for now in (1.0, 1.0 + ELECTION_S):
        etcd.tick(now)
    assert not etcd.has_quorum
    assert [member.leader for member in etcd.members if member.works] == [0, 0]
    assert not etcd.write(1)


def test_the_load_writes_by_the_second_and_fills_up() -> None:
    etcd = running(quota=1 << 20)
    etcd.writes_per_s = 10
    for quarter in range(41):
        etcd.tick(quarter / 4)
    assert etcd.revision == 101
    etcd.tick(1_000.0)
    assert {kind for _, kind in etcd.alarms} == {"NOSPACE"}
    assert all(member.db_size <= 1 << 20 for member in etcd.members)


def test_a_stuck_member_answers_and_applies_nothing() -> None:
    etcd = running()
    stuck = etcd.by_name("c")
    stuck.stuck, at = True, stuck.applied
    for _ in range(5):
        assert etcd.write(100)
    etcd.tick(1.0)
    assert (stuck.applied, etcd.by_name("b").applied) == (at, at + 5)
    assert etcd_answers.status(etcd, stuck)["leader"] == str(etcd.by_name("a").id)


def test_a_slow_disk_shows_in_the_metrics() -> None:
    etcd = running()
    etcd.by_name("c").fsync_s = 0.2
    assert etcd.write(100)
    slow = etcd_answers.metrics(etcd, etcd.by_name("c"))
    assert 'fsync_duration_seconds_bucket{le="0.128"} 0' in slow
    assert 'fsync_duration_seconds_bucket{le="0.256"} 1' in slow
    assert 'fsync_duration_seconds_bucket{le="0.008"} 1' in etcd_answers.metrics(etcd, etcd.by_name("b"))
