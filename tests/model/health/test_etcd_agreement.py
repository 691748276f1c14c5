"""What the members say and what was scraped of them, side by side."""

from typing import Any

import pytest

from fleetui.model.fault import Fault, FaultKind
from fleetui.model.freshness import Source
from fleetui.model.health.etcd import Member, Picture, Status
from fleetui.model.health.etcd_agreement import Agreement, agreement
from fleetui.model.health.etcd_board import etcd_board
from fleetui.model.health.sample import missing, sampled
from tests.model.health.scrapes import DOWN, IDS, NOW, answers, cluster

REFUSED = Fault(FaultKind.REFUSED, "refused", "connection refused", "look")
SILENT = Fault(FaultKind.TIMEOUT, "no answer", "no answer within 1 s", "look")


def member(name: str, *, fault: Fault | None = None, leader: str = "a1", **said: Any) -> Member:
    status = Status(**{"version": "3.6.16", "leader": leader, "term": 2, "index": 9, "applied": 9, **said})
    told = sampled(status, at=NOW, source=Source.POLLED)
    absent = missing(fault.word, at=NOW, source=Source.POLLED) if fault else None
    number = list(IDS).index(name) + 1
    return Member(IDS[name], name, absent or told, client_urls=(f"https://10.0.0.{number}:2379",), fault=fault)


def picture(*members: Member) -> Picture:
    return Picture("c1", NOW, members, listed_at=NOW)


def compared(direct: Picture, *, now: float = NOW, **different: Any) -> Agreement:
    (row,) = etcd_board([answers(cluster(**different))], ["c1"], now=now)
    return agreement(direct, row, now=now)


ALL = (member("m1"), member("m2"), member("m3"))


def test_two_views_of_one_truth_agree() -> None:
    assert compared(picture(*ALL)).text == "agree"


@pytest.mark.parametrize(
    ("direct", "different", "about"),
    [
        (ALL, {"m3": DOWN}, "m3 up"),
        ((*ALL[:2], member("m3", fault=REFUSED)), {}, "m3 up"),
        ((*ALL[:2], member("m3", fault=SILENT)), {}, ""),  # our way to it may be broken: no contradiction
        ((*ALL[:2], member("m3", fault=REFUSED)), {"m3": DOWN}, ""),
        (ALL[:2], {}, "members"),
        (tuple(member(name, leader="b2") for name in IDS), {}, "leader"),
        ((member("m1", version="3.6.17"), *ALL[1:]), {}, "version of m1"),
        ((*ALL[:2], member("m3", db_size=100 * 2**20)), {}, "database of m3"),
        ((*ALL[:2], member("m3", db_size=590 * 2**20)), {}, ""),
        (ALL, {"m2": {"has_leader": 0}, "m3": {"has_leader": 0}}, "quorum"),
    ],
)
def test_what_they_differ_in(direct: tuple[Member, ...], different: dict[str, Any], about: str) -> None:
    found = compared(picture(*direct), **different)
    assert found.text == (f"disagree: {about}" if about else "agree")
    assert all(each.direct != each.scraped and each.likely for each in found.differences)


def test_a_member_is_found_by_its_address_where_the_store_has_no_id() -> None:
    different: dict[str, Any] = {name: {"id": ""} for name in IDS} | {"m3": {**DOWN, "id": ""}}
    found = compared(picture(*ALL), **different)
    assert [(each.about, each.host) for each in found.differences] == [("m3 up", "m3")]


def test_what_is_too_old_or_not_there_is_not_compared() -> None:
    assert compared(picture(*ALL), now=NOW + 100).text == "not compared: what was scraped is 103s old"
    silent = picture(*(member(name, fault=SILENT) for name in IDS))
    assert compared(silent).text == "not compared: no member answers us"
    (row,) = etcd_board([answers()], ["c1"], now=NOW)
    assert agreement(picture(*ALL), row, now=NOW).text == "not compared: not scraped"
