"""What each says of itself joined with what its primary says: above all, that nobody gets another one's health."""

import msgspec
import pytest

from fleetui.model.cluster import Health
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.replication_group import readings
from fleetui.model.health.replication_reading import Link
from fleetui.model.health.replication_verdict import judge
from fleetui.model.health.series import Labels, Reply, Target, Vector
from tests.model.health.replicas import MIB, NOW, PAIRED, STATE, answers, at, rows, vector

P, A, B = "10.0.0.1:9187", "10.0.0.2:9187", "10.0.0.3:9187"


def peer(address: str, **more: str) -> Labels:
    return {"cluster": "eu", "client_addr": address, **more}


def trio(**said: list[tuple[Labels, float]]) -> dict[str, list[tuple[Labels, float]]]:
    """A primary and two replicas that are seen, alive and of known roles."""
    known: dict[str, list[tuple[Labels, float]]] = {
        "seen": [(at(one), NOW - 1) for one in (P, A, B)],
        "alive": [(at(one), 1) for one in (P, A, B)],
        "role": [(at(P), 0), (at(A), 1), (at(B), 1)],
    }
    return {**known, **said}


def test_the_primary_names_whom_it_sends_to() -> None:
    said = trio(
        peers=[(peer("10.0.0.2"), 1), (peer("10.0.0.3"), 1)],
        backlog=[(peer("10.0.0.2"), 0), (peer("10.0.0.3"), 20 * MIB)],
    )
    found = rows(PAIRED, said)
    assert [found[one].link for one in (P, A, B)] == [Link.NONE, Link.UP, Link.UP]
    assert (found[A].backlog, found[B].backlog) == (0, 20 * MIB)
    assert (found[A].backlog_as, found[B].backlog_as) == ("10.0.0.2", "10.0.0.3"), "for the line of its backlog"
    assert (found[A].word, found[B].word) == ("in step", "lagging")


def test_a_replica_that_the_primary_does_not_send_to_is_broken_though_it_says_0_s() -> None:
    said = trio(peers=[(peer("10.0.0.2"), 1)], backlog=[(peer("10.0.0.2"), 0)], seconds=[(at(A), 0), (at(B), 0)])
    found = rows(PAIRED, said)
    assert (found[A].level, found[B].level) == (Health.CALM, Health.BROKEN)
    assert found[B].lag_s is None


def test_a_stream_that_names_nobody_is_nobodys_health() -> None:
    """A logical subscriber, or a standby behind an address that we do not know: neither well nor certainly broken."""
    found = rows(PAIRED, trio(peers=[(peer("192.168.7.7"), 1)], seconds=[(at(A), 0), (at(B), 0)]))
    assert {found[one].level for one in (A, B)} == {Health.UNKNOWN}
    assert "enable the collector" in found[A].link_how


def test_its_own_word_comes_before_the_primarys() -> None:
    found = rows(PAIRED, trio(link=[(at(A), 1), (at(B), 0)], backlog=[(peer("10.0.0.2"), 0)]))
    assert (found[A].link, found[B].link) == (Link.UP, Link.BROKEN)


def test_a_stream_to_one_that_speaks_for_itself_is_not_left_for_another() -> None:
    """Its address is not known; it says itself that it receives, so nothing is left for the silent one."""
    found = rows(PAIRED, trio(link=[(at(A), 1)], peers=[(peer("192.168.7.7"), 1)]))
    assert (found[A].link, found[B].link) == (Link.UP, Link.BROKEN)


def test_a_dead_primary_says_nothing_about_links() -> None:
    said = trio(alive=[(at(P), 0), (at(A), 1), (at(B), 1)], seconds=[(at(A), 0), (at(B), 0)])
    found = rows(PAIRED, said)
    assert found[P].word == "down"
    assert {found[one].word for one in (A, B)} == {"link unknown"}
    received = rows(PAIRED, {**said, "before": [(at(A), 9)]})
    assert (received[A].link, received[B].link) == (Link.BROKEN, Link.UNKNOWN)


def test_two_replicas_behind_one_address_are_told_apart_by_nobody() -> None:
    said = trio(peers=[(peer("10.0.0.2"), 1)])
    said["seen"][2] = (at("10.0.0.2:9188"), NOW - 1)
    said["role"][2] = (at("10.0.0.2:9188"), 1)
    assert {row.link for row in rows(PAIRED, said).values()} == {Link.NONE, Link.UNKNOWN}


@pytest.mark.parametrize("part", ["peers", "link"])
def test_an_answer_that_is_partial_or_failed_breaks_no_link_and_heals_none(part: str) -> None:
    """What is not in it may be in the store that did not answer."""
    said = answers(PAIRED, trio(peers=[], link=[]))
    reply = Reply("thanos", NOW, NOW, warnings=("store east did not answer",), partial=True)
    timeout = Fault(FaultKind.TIMEOUT, "timeout", "", "")
    for poor in (Vector((), reply), timeout):
        found = readings(PAIRED, msgspec.structs.replace(said, replies={**said.replies, f"pg/{part}": poor}), now=NOW)
        replica = next(judge(one, now=NOW) for one in found if one.instance == A)
        assert (replica.level, replica.word) == (Health.UNKNOWN, "link unknown")
        assert replica.link_how in ("store answers in part", "store: timeout")


def test_groups_do_not_mix() -> None:
    said = trio(peers=[(peer("10.0.0.2", namespace="other"), 1)])
    assert rows(PAIRED, said)[A].link is Link.BROKEN


def test_of_a_pair_of_scrapers_the_frozen_one_does_not_speak() -> None:
    """The old view still has the receiver; the new one has not."""
    said = trio(
        seen=[(at(one, replica="old"), NOW - 90) for one in (P, A, B)]
        + [(at(one, replica="new"), NOW - 1) for one in (P, A, B)],
        alive=[(at(one, replica="new"), 1) for one in (P, A, B)],
        role=[(at(P, replica="new"), 0), (at(A, replica="new"), 1), (at(B, replica="new"), 1)],
        link=[(at(A, replica="old"), 1)],
        peers=[(peer("10.0.0.2", replica="old"), 1)],
    )
    assert rows(PAIRED, said, replica="replica")[A].link is Link.BROKEN


def test_one_whose_series_have_ended_keeps_its_row_while_it_is_expected() -> None:
    said = trio(roster=[(at(one), 1) for one in (P, A, B, "10.0.0.4:9187", "10.0.0.5:9187")])
    assert rows(PAIRED, said)["10.0.0.4:9187"].word == "silent"
    known = Target(labels=at("10.0.0.4:9187"), url="", up=False, last_error="connection refused", interval_s=1.0)
    found = rows(PAIRED, said, targets=(known,))
    assert "10.0.0.5:9187" not in found, "whoever scrapes knows that it is gone"
    assert (found["10.0.0.4:9187"].level, found["10.0.0.4:9187"].word) == (Health.UNKNOWN, "silent")
    assert "connection refused" in found["10.0.0.4:9187"].reason


def test_the_exporter_of_many_takes_none_of_them_along_when_it_dies() -> None:
    kind = msgspec.structs.replace(PAIRED, instance=("topic",))
    topic = {"cluster": "eu", "topic": "clicks"}
    exporter = Target(labels=at("10.0.0.9:9308"), url="", up=False, last_error="connection refused", interval_s=1.0)
    row = rows(kind, {"roster": [(topic, 1)]}, targets=(exporter,))["clicks"]
    assert (row.level, row.word) == (Health.UNKNOWN, "silent")


def test_whose_interval_nobody_tells_is_not_called_stale_by_that_of_others() -> None:
    """The exporter of a topic may be scraped less often than the targets that are known."""
    kind = msgspec.structs.replace(PAIRED, instance=("topic",))
    topic = {"cluster": "eu", "topic": "clicks"}
    said = {"seen": [(topic, NOW - 60)], "role": [(topic, 0)], "alive": [(topic, 1)]}
    exporter = Target(labels=at("10.0.0.9:9308"), url="", up=True, interval_s=5.0)
    assert rows(kind, said, targets=(exporter,))["clicks"].word == "primary"


@pytest.mark.parametrize(("interval", "level"), [(10.0, Health.BROKEN), (1.0, Health.UNKNOWN)])
def test_old_is_measured_in_scrapes_of_its_own_target(interval: float, level: Health) -> None:
    said = trio(seen=[(at(one), NOW - 12) for one in (P, A, B)])
    targets = tuple(Target(labels=at(one), url="", up=True, interval_s=interval) for one in (P, A, B))
    assert rows(PAIRED, said, targets=targets)[A].level is level


def test_the_worst_of_several_slots_counts() -> None:
    slots = [(at(P, slot_name="a"), 1 * MIB), (at(P, slot_name="b"), 70 * MIB)]
    row = rows(PAIRED, trio(**{"figure:slot": slots}))[P]
    assert (row.level, row.word) == (Health.WARNING, "slot filling")
    assert "(b)" in row.reason


def test_nan_is_no_figure() -> None:
    found = rows(PAIRED, trio(link=[(at(A), 1)], seconds=[(at(A), float("nan"))]))
    assert found[A].word == "lag unknown"


def test_a_kind_without_instances_has_a_row_a_cluster() -> None:
    said = {"seen": [({"cluster": "eu"}, NOW), ({"cluster": "us"}, NOW)], "figure:health": [({"cluster": "eu"}, 1)]}
    found = rows(STATE, said)
    assert list(found) == [""]
    assert answers(STATE, said).points("ceph/seen") == vector(said["seen"]).points
