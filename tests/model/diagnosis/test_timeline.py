"""What happened, in one order: transitions, alerts and operations, from ten minutes before the first symptom."""

import msgspec

from fleetui.model.alerts.alert import Hush, Phase
from fleetui.model.alerts.page_or_ticket import Call
from fleetui.model.cluster import ClusterRef, Health
from fleetui.model.diagnosis.timeline import BEFORE_S, since, timeline
from fleetui.model.history import Transition
from fleetui.model.ledger import Operation
from fleetui.model.operation import Actor, Intent, OpState, Target
from tests.model.diagnosis.cases import alert
from tests.model.health.pictures import AT

INTENT = Intent("drain", ClusterRef("east", "east"), (Target("wk-1", "1"), Target("wk-2", "2")))
DRAIN = Operation("op-1", INTENT, Actor("ana", "jump-1"), AT - 500, state=OpState.RUNNING, started=AT - 400)


def test_it_reaches_back_to_ten_minutes_before_the_oldest_page_that_is_loud() -> None:
    ticket = msgspec.structs.replace(alert("C"), call=Call.TICKET, since=AT - 19 * 86_400)
    old = msgspec.structs.replace(alert("A"), since=AT - 4000)
    hushed = msgspec.structs.replace(alert("B"), since=AT - 9000, hush=Hush.SILENCED)
    assert since(AT, ()) == AT - BEFORE_S
    assert since(AT, (old, hushed, ticket)) == AT - 4000 - BEFORE_S
    assert since(AT, (ticket,)) == AT - BEFORE_S


def test_alerts_of_one_name_are_told_apart() -> None:
    labels = (("alertname", "A"), ("instance", "cp-a:2379"))
    firing = msgspec.structs.replace(alert("A"), labels=labels, firing_since=AT - 50)
    pending = msgspec.structs.replace(alert("A", Phase.PENDING), labels=labels)
    told = timeline((), (firing, pending), (), since=AT - 600)
    assert [one.text for one in told] == ["A fires: page, instance=cp-a:2379", "A is pending, instance=cp-a:2379"]


def test_the_newest_stands_first_whoever_saw_it() -> None:
    status = Transition(AT - 300, "east", "machine", "wk-1", "status", "Ready", "NotReady")
    gone = Transition(AT - 200, "east", "machine", "wk-9", "exists", "Ready", "")
    pod = Transition(AT - 100, "east", "pod", "web-1", "status", "Running", "OOMKilled", "", "shop")
    fired = msgspec.structs.replace(alert("KubeNodeNotReady"), firing_since=AT - 250)
    told = timeline((status, gone, pod), (fired,), (DRAIN,), since=AT - 600)
    assert [(one.text, one.level) for one in told] == [
        ("shop/web-1 status Running → OOMKilled", Health.BROKEN),
        ("machine wk-9 is gone", Health.WARNING),
        ("KubeNodeNotReady fires: page", Health.WARNING),
        ("wk-1 status Ready → NotReady", Health.BROKEN),
        ("drain wk-1 +1 begun by ana", Health.BUSY),
    ]


def test_what_is_older_is_left_out_and_ends_are_told() -> None:
    over = msgspec.structs.replace(alert("A", Phase.RESOLVED), firing_since=AT - 5000, ended_at=AT - 50)
    failed = msgspec.structs.replace(DRAIN, state=OpState.FAILED, started=AT - 5000, ended=AT - 20)
    told = timeline((), (over,), (failed,), since=AT - 600)
    assert [(one.text, one.level) for one in told] == [
        ("drain wk-1 +1 failed", Health.WARNING),
        ("A resolved", Health.CALM),
    ]


def test_a_plan_that_nobody_approved_is_nothing_that_happened() -> None:
    rehearsal = msgspec.structs.replace(DRAIN, state=OpState.ABORTED, ended=AT - 20)
    assert timeline((), (), (rehearsal,), since=AT - 600) == ()
