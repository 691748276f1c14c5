"""The whole chain, really: a member dies, both Prometheis see it, both Alertmanagers hold one alert, and it ends."""

from tests.bed.alertmanager import Alertmanagers
from tests.bed.health_bed import CLUSTER, HealthBed
from tests.bed.plain_http import NO_ANSWER, ask, ask_json
from tests.bed.prometheus import hangs
from tests.bed.test_cluster import eventually


def silence(alertmanagers: Alertmanagers, number: int, alert: str) -> str:
    """Silence `alert` for an hour; returns the silence's id."""
    matcher = {"name": "alertname", "value": alert, "isRegex": False, "isEqual": True}
    body = {
        "matchers": [matcher],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2999-01-01T00:00:00Z",
        "createdBy": "bed",
        "comment": "test",
    }
    return str(ask_json(f"{alertmanagers.urls[number]}/api/v2/silences", body)["silenceID"])


def test_a_killed_member_is_one_alert_at_both_alertmanagers_and_ends(health_bed: HealthBed) -> None:
    etcd, one = health_bed.etcd, health_bed.prometheis.a
    assert one.value(f'count(etcd_server_has_leader{{cluster="{CLUSTER}"}})') == 3
    etcd.kill("m1")
    for prometheus in health_bed.prometheis.both:
        prometheus.until_value(f'sum(up{{job="etcd",cluster="{CLUSTER}"}})', 2)
        prometheus.until_firing("etcdMembersDown")
    for number in range(2):
        health_bed.alertmanagers.until_alert("etcdMembersDown", number)
        (alert,) = health_bed.alertmanagers.named("etcdMembersDown", number)
        assert alert["labels"] == {
            "alertname": "etcdMembersDown",
            "cluster": CLUSTER,
            "region": "eu",
            "severity": "warning",
        }
    eventually(lambda: "firing" in health_bed.sink.statuses("etcdMembersDown"))
    etcd.restart("m1")
    eventually(lambda: not health_bed.alertmanagers.named("etcdMembersDown"))
    eventually(lambda: health_bed.sink.statuses("etcdMembersDown")[-1] == "resolved")


def test_a_lost_quorum_hides_what_it_implies(health_bed: HealthBed) -> None:
    for name in ("m1", "m2"):
        health_bed.etcd.kill(name)
    worst = health_bed.alertmanagers.until_alert("etcdInsufficientMembers")
    hidden = health_bed.alertmanagers.until_alert("etcdMembersDown", state="suppressed")
    assert hidden["status"]["inhibitedBy"] == [worst["fingerprint"]]


def test_broken_replication_fires(health_bed: HealthBed) -> None:
    health_bed.postgres.break_link()
    health_bed.alertmanagers.until_alert("PostgresNotStreaming")


def test_a_frozen_prometheus_hangs_while_its_twin_answers(health_bed: HealthBed) -> None:
    pair = health_bed.prometheis
    pair.a.freeze()
    assert hangs(pair.a)
    assert not hangs(pair.b)
    pair.a.thaw()
    eventually(lambda: not hangs(pair.a))


def test_a_killed_prometheus_comes_back_with_its_data(health_bed: HealthBed) -> None:
    prometheus = health_bed.prometheis.b
    before = prometheus.value("count_over_time(up[1h]) > 0 and on (instance) topk(1, up)")
    prometheus.kill()
    try:
        ask(f"{prometheus.url}/-/healthy", timeout=1)
    except NO_ANSWER:
        prometheus.restart()
    else:
        raise AssertionError("a dead one answered")
    assert before is not None
    after = prometheus.value("count_over_time(up[1h]) > 0 and on (instance) topk(1, up)")
    assert after is not None
    assert after >= before


def test_silences_are_told_to_the_peer_and_outlive_one_of_two(alertmanagers: Alertmanagers) -> None:
    alertmanagers.post({"alertname": "Posted", "cluster": "x"}, number=1)
    alertmanagers.until_alert("Posted", 1)
    told = silence(alertmanagers, 0, "Posted")
    quiet = alertmanagers.until_alert("Posted", 1, state="suppressed")
    assert quiet["status"]["silencedBy"] == [told]
    alertmanagers.kill(0)
    assert [one["id"] for one in alertmanagers.silences(1) if one["status"]["state"] == "active"] == [told]
    alertmanagers.restart(0)
    eventually(lambda: told in [one["id"] for one in alertmanagers.silences(0)])
    alertmanagers.mend()
    eventually(lambda: all(one["status"]["state"] == "expired" for one in alertmanagers.silences(1)))
    assert not alertmanagers.named("Posted", 1)


def test_a_storm_arrives_whole(alertmanagers: Alertmanagers) -> None:
    storm = [{"alertname": "Storm", "cluster": f"c{i:04d}"} for i in range(5000)]
    alertmanagers.post(*storm)
    assert len(alertmanagers.named("Storm")) == 5000
    alertmanagers.resolve(*storm)
    eventually(lambda: not alertmanagers.named("Storm"))
