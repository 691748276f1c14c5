"""What would make it worse is barred with the reason; the safe operation is offered only where nothing bars it."""

import msgspec
import pytest

from fleetui.model.diagnosis.blocked import Deed
from fleetui.model.diagnosis.diagnosis import Diagnosis, diagnose
from fleetui.model.diagnosis.evidence import Evidence
from fleetui.model.fault import FaultKind
from fleetui.model.health.etcd import AlarmKind
from fleetui.model.work import Work
from tests.model.diagnosis.cases import case, cluster, etcd, machine, machines, pending, silent
from tests.model.diagnosis.test_modes import CORRUPT, DEAF, FULL, LOST, OTHERS_SILENT, THIN, WELL, ZONE_A_DARK
from tests.model.health.pictures import GIB, alarm, up
from tests.model.health.pictures import silent as no_answer


def reason(found: Diagnosis, deed: Deed) -> str:
    """Empty when nothing bars it."""
    return next((one.reason for one in found.blocked if one.deed is deed), "")


BARRED = {
    "quorum lost: no removal": (case(etcd=LOST), Deed.REMOVE_MEMBER, "quorum is lost"),
    "quorum lost: no defragmentation": (case(etcd=LOST), Deed.DEFRAGMENT, "quorum is lost"),
    "quorum lost: no restore": (case(etcd=LOST), Deed.RESTORE, "a member that comes back loses nothing"),
    "quorum lost: no restart of who still answers": (case(etcd=LOST), Deed.RESTART_ETCD, "newest data"),
    "CORRUPT: no defragmentation": (case(etcd=CORRUPT), Deed.DEFRAGMENT, "CORRUPT"),
    "CORRUPT: no compaction": (case(etcd=CORRUPT), Deed.COMPACT, "CORRUPT"),
    "CORRUPT: the alarm stays": (case(etcd=CORRUPT), Deed.DISARM, "CORRUPT"),
    "NOSPACE is not restart": (case(etcd=FULL), Deed.RESTART_ETCD, "comes back full"),
    "NOSPACE: the alarm is last": (case(etcd=FULL), Deed.DISARM, "until there is room"),
    "NOSPACE: no drain": (case(etcd=FULL), Deed.DRAIN, "writes are refused"),
    "can lose nobody": (case(etcd=THIN), Deed.STOP_CONTROL_PLANE_MACHINE, "can lose no member"),
    "members that hear nobody": (case(etcd=DEAF), Deed.REMOVE_MEMBER, "cannot hear each other"),
    "a silent member is not a dead one": (
        case(cluster=silent(FaultKind.REFUSED), etcd=etcd(up("a"), up("b"), no_answer("c"))),
        Deed.REMOVE_MEMBER,
        "can lose no member",
    ),
    "nothing known of etcd in an outage": (
        case(cluster=silent(FaultKind.REFUSED)),
        Deed.REMOVE_MEMBER,
        "not known well enough: no way to its etcd is configured",
    ),
    "a dark zone's nodes": (case(machines=ZONE_A_DARK), Deed.DELETE_NODE, "cut off is not dead"),
    "a failed machine's pods": (case(machines=machines("wk-2")), Deed.DELETE_NODE, "fence the machine first"),
    "our own network": (
        case(cluster=silent(FaultKind.TIMEOUT), others=OTHERS_SILENT),
        Deed.RESTART_CONTROL_PLANE,
        "the cluster may be well",
    ),
    "an expired certificate": (
        case(cluster=silent(FaultKind.TLS, "cert expired 2h ago")),
        Deed.RESTART_CONTROL_PLANE,
        "does not join again",
    ),
    "a backlog": (case(pods=pending(6, age_s=90)), Deed.DRAIN, "joins the queue"),
    "a quarter is out": (case(machines=machines("wk-1", "wk-2")), Deed.DRAIN, "2 of 6 machines are out already"),
    "no API server": (case(cluster=silent(FaultKind.REFUSED)), Deed.DRAIN, "does not answer"),
    "a slow disk": (
        case(etcd=etcd(up("a"), up("b"), up("c"), fsync_s=0.4)),
        Deed.DEFRAGMENT,
        "slow already",
    ),
}


@pytest.mark.parametrize("name", BARRED)
def test_what_would_make_it_worse_is_barred_with_the_reason(name: str) -> None:
    evidence, deed, said = BARRED[name]
    assert said in reason(diagnose(evidence), deed)


@pytest.mark.parametrize(
    ("evidence", "deed"),
    [
        (case(etcd=FULL), Deed.DEFRAGMENT),
        (case(etcd=FULL), Deed.COMPACT),
        (case(machines=machines("wk-2"), etcd=WELL), Deed.DRAIN),
        (case(machines=machines("wk-2")), Deed.DEFRAGMENT),
    ],
)
def test_what_helps_or_has_nothing_to_do_with_it_is_not_barred(evidence: Evidence, deed: Deed) -> None:
    assert reason(diagnose(evidence), deed) == ""


def test_one_change_at_a_time() -> None:
    row = cluster(works=(Work("op-1", "drain", "ana", "east", total=2),))
    found = diagnose(case(cluster=row, machines=machines("wk-2")))
    assert reason(found, Deed.UPGRADE) == "one change at a time: drain 0/2 is under way"


def test_a_failed_machine_is_proposed_to_be_cordoned_unless_it_is_or_an_operation_has_it() -> None:
    found = diagnose(case(machines=machines("wk-2", "wk-4", zones="")))
    assert found.proposal is not None
    assert found.proposal.kind == "cordon"
    assert [target.name for target in found.proposal.machines] == ["wk-2", "wk-4"]
    held = (
        machine("wk-1", status="NotReady,SchedulingDisabled"),
        machine("wk-2", status="NotReady", operation="drain by ana"),
    )
    assert diagnose(case(machines=(*machines(zones="", of=9)[2:], *held))).proposal is None


def test_room_that_an_operation_of_ours_left_behind_is_proposed_to_be_given_back() -> None:
    ours = machine("wk-8", status="Ready,SchedulingDisabled", cordoned_by="ana drain 0012")
    by_hand = machine("wk-9", status="Ready,SchedulingDisabled")
    found = diagnose(case(machines=(*machines(), ours, by_hand), pods=pending(1, age_s=900)))
    assert found.proposal is not None
    assert (found.proposal.kind, [row.name for row in found.proposal.machines]) == ("uncordon", ["wk-8"])


def test_a_full_etcd_is_proposed_to_be_recovered_unless_it_is_corrupt_too() -> None:
    found = diagnose(case(etcd=FULL)).proposal
    assert found is not None
    assert (found.kind, found.names) == ("etcd-recover-space", ("east",))
    raised = (*alarm("b"), *alarm("c", AlarmKind.CORRUPT))
    worse = etcd(*(up(name, alarms=raised, db_size=8 * GIB) for name in "abc"))
    assert diagnose(case(etcd=worse)).proposal is None


def test_the_leadership_is_proposed_to_move_from_a_slow_disk_to_one_that_is_well() -> None:
    slow = msgspec.structs.replace(etcd(up("a"), up("b"), up("c"), fsync_s=0.4), bad=("a",))
    found = diagnose(case(etcd=slow)).proposal
    assert found is not None
    assert found.kind == "etcd-move-leader"
    follower = msgspec.structs.replace(slow, bad=("b",))
    assert diagnose(case(etcd=follower)).proposal is None


def test_nothing_is_proposed_in_a_partition_or_without_an_answer() -> None:
    assert diagnose(case(machines=ZONE_A_DARK)).proposal is None
    assert diagnose(case(cluster=silent(FaultKind.TIMEOUT), machines=machines("wk-2"))).proposal is None
