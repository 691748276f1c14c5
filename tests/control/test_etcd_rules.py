"""What operations on etcd go by, case by case, and what they make of a file."""

import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from fleetui.control import etcd_file
from fleetui.control.etcd_rules import (
    WrongEtcdError,
    check_identity,
    defragmented,
    full_members,
    ready_to_defragment,
    worth,
)
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.freshness import Source
from fleetui.model.health.etcd import Alarm, AlarmKind, Member, Picture, Status
from fleetui.model.health.sample import missing, sampled

NOW = 1_000.0
MIB = 1 << 20
OURS = "5eed"


def _status(**other: object) -> Status:
    said = Status(
        "3.6.16", leader="a", term=2, index=9, applied=9, db_size=400 * MIB, db_in_use=200 * MIB, cluster_id=OURS
    )
    return msgspec.structs.replace(said, **other)  # type: ignore[arg-type]


def _member(name: str, status: Status | None = None, **other: object) -> Member:
    said = sampled(status or _status(), at=NOW, source=Source.POLLED)
    return msgspec.structs.replace(Member(id=name, name=name, status=said), **other)  # type: ignore[arg-type]


def _picture(*members: Member, **other: object) -> Picture:
    drawn = Picture("east", at=NOW, members=members or (_member("a"), _member("b"), _member("c")), listed_at=NOW)
    return msgspec.structs.replace(drawn, **other)  # type: ignore[arg-type]


SILENT = _member("c", status=None)
SILENT = msgspec.structs.replace(SILENT, status=missing("refused", at=NOW, source=Source.POLLED))
FOREIGN = _member("x", _status(cluster_id="bad"))


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (_picture(FOREIGN), "another etcd cluster answers: id bad, meant was 5eed"),
        (_picture(_member("a"), FOREIGN), "id bad"),
        (_picture(strangers=(FOREIGN,)), "id bad"),
    ],
    ids=["all of it", "one member", "a stranger at one of our endpoints"],
)
def test_another_cluster_is_refused_wherever_it_answers(picture: Picture, said: str) -> None:
    with pytest.raises(WrongEtcdError, match=said):
        check_identity(picture, OURS)


def test_the_cluster_that_was_meant_is_enough_even_of_one_member() -> None:
    check_identity(_picture(_member("a"), SILENT), OURS)


def test_nobody_who_answers_is_unknown_and_not_another_cluster() -> None:
    with pytest.raises(ClusterError, match="none of 1 members answers"):
        check_identity(_picture(SILENT), OURS)
    with pytest.raises(ClusterError, match="no etcd certificates configured"):
        check_identity(Picture("east", at=NOW, why="no etcd certificates configured", remedy="write them"), OURS)


def _alarmed(kind: AlarmKind) -> Picture:
    alarmed = _status(alarms=(Alarm("b", kind),))
    return _picture(_member("a", alarmed), _member("b", alarmed), _member("c", alarmed))


@pytest.mark.parametrize(
    ("picture", "allowed", "said"),
    [
        (_picture(), True, "can lose 1"),
        (_alarmed(AlarmKind.NOSPACE), True, "can lose 1"),
        (_alarmed(AlarmKind.CORRUPT), False, "alarm CORRUPT of b"),
        (_picture(_member("a"), _member("b"), SILENT), False, "c: refused"),
        (_picture(_member("a"), _member("b")), False, "the API stands still meanwhile"),
        (_picture(_member("a"), _member("b"), _member("c"), _member("d", learner=True)), False, "d is still joining"),
        (_picture(at=NOW - 60), False, "60 s old"),
        (_picture(_member("a", _status(leader="", no_leader=True))), False, "no quorum"),
        (_picture(listed_at=None), False, "no member has told the member list"),
    ],
)
def test_when_a_member_may_be_defragmented(picture: Picture, allowed: bool, said: str) -> None:
    ruling = ready_to_defragment(picture, now=NOW)
    assert (ruling.allowed, ruling.outage) == (allowed, False)
    assert said in ruling.reason


def test_the_only_member_may_be_for_who_accepts_the_outage_and_not_beside_one_that_joins() -> None:
    assert ready_to_defragment(_picture(_member("a")), now=NOW).outage
    assert not ready_to_defragment(_picture(_member("a"), _member("b", learner=True)), now=NOW).outage


@pytest.mark.parametrize(
    ("size", "in_use", "verdict"),
    [
        (400 * MIB, 200 * MIB, False),
        (400 * MIB, 359 * MIB, False),
        (400 * MIB, 361 * MIB, True),
        (3 * MIB, 2 * MIB, True),
        (None, MIB, None),
        (MIB, None, None),
    ],
)
def test_a_database_next_to_without_holes_counts_as_defragmented(
    size: int | None, in_use: int | None, verdict: bool | None
) -> None:
    assert defragmented(_status(db_size=size, db_in_use=in_use)) is verdict


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((_status(), _status(db_in_use=150 * MIB)), True),
        ((_status(db_in_use=390 * MIB), _status(db_in_use=380 * MIB)), False),
        ((_status(db_in_use=390 * MIB), _status(db_in_use=None)), None),
    ],
)
def test_it_is_worth_it_where_one_member_gains_and_unknown_where_nobody_can_tell(
    statuses: tuple[Status, ...], verdict: bool | None
) -> None:
    found = worth(_picture(*(_member(f"m{n}", said) for n, said in enumerate(statuses))))
    assert found.worth is verdict
    assert ("?" in found.text) is (verdict is None)


def test_of_a_member_that_is_down_it_is_said_that_it_is_down() -> None:
    refused = Fault(FaultKind.REFUSED, "refused", "connection refused", "start it")
    full = _status(db_in_use=390 * MIB)
    found = worth(_picture(_member("a", full), msgspec.structs.replace(SILENT, fault=refused), SILENT))
    assert found.worth is None
    assert found.text.endswith("; c is down; c does not answer")


def test_full_are_those_who_have_raised_it() -> None:
    assert full_members(_alarmed(AlarmKind.NOSPACE)) == ("b",)
    assert full_members(_alarmed(AlarmKind.CORRUPT)) == ()


# -- the file ----------------------------------------------------------------------------------------------------------


def _snapshot(path: Path) -> bytes:
    pages = os.urandom(8 * etcd_file.PAGE)
    path.write_bytes(pages + hashlib.sha256(pages).digest())
    return pages


def test_a_file_is_whole_when_it_ends_with_the_hash_of_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "etcd.db"
    pages = _snapshot(path)
    assert etcd_file.whole(path) == hashlib.sha256(pages).hexdigest()


@pytest.mark.parametrize("harm", ["shorter", "by a page", "one bit", "empty", "gone"])
def test_a_file_that_is_not_whole_is_not_believed(tmp_path: Path, harm: str) -> None:
    path = tmp_path / "etcd.db"
    _snapshot(path)
    written = path.read_bytes()
    spoiled = {
        "shorter": written[:-1],
        "by a page": written[etcd_file.PAGE :],
        "one bit": bytes([written[0] ^ 1]) + written[1:],
        "empty": b"",
    }
    path.unlink() if harm == "gone" else path.write_bytes(spoiled[harm])
    assert etcd_file.whole(path) == ""


def test_a_place_is_refused_before_anything_is_read_from_etcd(tmp_path: Path) -> None:
    path = tmp_path / "etcd.db"
    assert etcd_file.obstacle(path) == ""
    assert "write the whole path" in etcd_file.obstacle(Path("etcd.db"))
    assert "is no directory" in etcd_file.obstacle(tmp_path / "missing" / "etcd.db")
    etcd_file.part_of(path).touch()
    assert etcd_file.obstacle(path) == f"{path}.part exists: none is overwritten"
    path.symlink_to("/nowhere")
    assert etcd_file.obstacle(path) == f"{path} exists: none is overwritten"
    assert etcd_file.free_bytes(tmp_path / "missing") is None
    assert (etcd_file.free_bytes(tmp_path) or 0) > 0
