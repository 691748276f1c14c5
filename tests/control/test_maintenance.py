"""The maintenance silences of a drain: while it works on a machine, everywhere or said where not, never in its way."""

import asyncio
import re
from typing import Any, cast

import pytest

from fleetui.control.effect_kind import Sides
from fleetui.control.maintenance import LIFT, SILENCE
from fleetui.control.start import clock_time
from fleetui.control.timing import Timing
from fleetui.model.alerts.label_set import USUAL, label_set
from fleetui.model.alerts.maintenance import CAUSED, Muted
from fleetui.model.alerts.silence import Silence, SilenceState
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import EffectIntended, EffectOutcome, RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import Check, OpState, Outcome, Severity
from fleetui.simulate.request import Delete
from tests.control.muting import StageAlerting
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual
from tests.model.alerts.samples import posted

MUTED = Muted(kind="drain", op="01J", by="ana@jump-1", cluster="prod", machine="wk-1")
OUTAGES = (
    "Watchdog", "TargetDown", "KubeletDown", "KubeAPIDown", "etcdNoLeader", "etcdMembersDown",
    "etcdInsufficientMembers", "etcdDatabaseQuotaLowSpace", "FleetEtcdQuorumLost", "FleetEtcdNoMargin",
    "FleetEtcdAlarm", "FleetEtcdOfQuota", "FleetControlPlaneDown",
)  # fmt: skip
FAILURES = (
    "KubeNodeNotReady", "KubeNodeReadinessFlapping", "KubeNodePressure", "KubeNodeUnreachable", "KubeNodeEviction",
    "KubeletPlegDurationHigh", "KubeletTooManyPods", "KubeletPodStartUpLatencyHigh", "NodeNotReady", "NodeDown",
    "NodeNotReadyForLong", "NodeFilesystemAlmostOutOfSpace", "NodeClockNotSynchronising",
)  # fmt: skip
"""What a machine says that fails: a drain never causes it."""


def muted_stage(*names: str) -> tuple[Stage, StageAlerting]:
    """``wk-1`` runs four pods; others have room. ``names``: of Alertmanagers that do not gossip."""
    stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
    stage.scene.workload("ReplicaSet", "api", replicas=4)
    alerting = StageAlerting(stage, names or ("am-a",))
    stage.open_mutes = alerting.open
    return stage, alerting


def held(stage: Stage) -> None:
    """No eviction is let through."""
    stage.now()
    stage.scene.budget("api", {"app": "api"}, minAvailable=4)


def line(operation: Operation) -> Check | None:
    assert operation.plan is not None
    return next((check for check in operation.plan.checks if check.id == "silence"), None)


def mutes(silence: Silence, **labels: str) -> bool:
    return silence.matches(tuple(sorted({"alertname": "KubeNodeUnschedulable", "cluster": "prod", **labels}.items())))


def test_it_mutes_that_machine_of_that_cluster_for_what_it_causes_and_nothing_else_and_lifts_it() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", silence=True)
            await stage.waiting(op_id, "budget")
            by_instance, by_node = sorted(alerting.active, key=lambda one: one.comment)
            assert mutes(by_node, node="wk-1")
            assert mutes(by_instance, instance="wk-1:9100")
            assert not any(
                mutes(one, **labels)
                for one in alerting.active
                for labels in (
                    {"node": "wk-11"},
                    {"instance": "wk-1.example:9100"},
                    {"node": "wk-1", "cluster": "other"},
                    {"node": "wk-1", "alertname": "etcdNoLeader"},
                    {},
                )
            )
            assert by_node.created_by == "ana@jump-1"
            assert by_node.comment == f"maintenance: drain wk-1 (node), operation {op_id}: new disks"
            stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
            operation = await stage.ended(op_id)
        assert operation.state is OpState.DONE
        assert alerting.active == []
        assert alerting.closed == 1

    run_virtual(story())


def test_it_is_prolonged_as_the_same_silence_while_the_work_lasts_and_short_by_itself() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", silence=True)
            await stage.waiting(op_id, "budget")
            before = {one.id for one in alerting.active}
            await stage.clock.sleep(1_800)
            assert {one.id for one in alerting.active} == before
            assert all(one.left_s(stage.clock.now()) <= stage.timing.mute_s for one in alerting.active)
            stage.ask(op_id, RequestKind.PAUSE)
            await stage.until(op_id, lambda op: op.paused)
            await stage.clock.sleep(stage.timing.mute_s + 10)
            assert alerting.active == [], "a pause mutes nobody for long"
            stage.ask(op_id, RequestKind.RESUME)
            await stage.until(op_id, lambda op: not op.paused)
            await stage.clock.sleep(stage.timing.mute_renew_s)
            assert len(alerting.active) == 2
            stage.ask(op_id, RequestKind.ABORT)
            assert (await stage.ended(op_id)).state is OpState.ABORTED
        assert alerting.active == []

    run_virtual(story())


def test_where_an_alertmanagers_clock_is_behind_the_silence_is_prolonged_and_lifted_all_the_same() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        (member,) = alerting.members
        member.behind_s = 200.0
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", silence=True)
            await stage.waiting(op_id, "budget")
            assert [one.state for one in member.live] == [SilenceState.PENDING] * 2
            await stage.clock.sleep(stage.timing.mute_renew_s * 2.5)
            assert len(member.live) == 2, "prolonged, and not posted beside"
            stage.ask(op_id, RequestKind.ABORT)
            await stage.ended(op_id)
        assert member.live == []

    run_virtual(story())


async def opened(stage: Stage, op_id: str) -> Operation:
    """The budget lets the work end."""
    stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))
    return await stage.ended(op_id)


def said(operation: Operation, kind: str) -> str:
    """What the step of this kind came to."""
    return next(step.summary for step in operation.steps if step.kind == kind)


def noted(operation: Operation, text: str) -> bool:
    return any(text in note.text for note in operation.notes)


@pytest.mark.parametrize("trouble", ["down", "hangs"])
def test_an_alertmanager_that_does_not_answer_keeps_nobody_from_muting_at_the_others(trouble: str) -> None:
    async def story() -> None:
        stage, alerting = muted_stage("am-a", "am-b")
        healthy, other = alerting.members
        setattr(other, trouble, True)
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", silence=True)
            await stage.waiting(op_id, "budget")
            assert (len(healthy.active), len(other.active)) == (2, 0)
            operation = await opened(stage, op_id)
        assert operation.state is OpState.DONE
        assert healthy.active == []
        told = line(operation)
        assert told is not None
        assert (told.outcome, "no answer of am-b" in told.evidence) == (Outcome.UNKNOWN, True)
        assert said(operation, "mute") == "not all alerts of wk-1 are muted"
        assert noted(operation, "silence of wk-1: no answer of am-b")
        assert not noted(operation, "no Alertmanager answers")

    run_virtual(story())


def test_where_the_one_that_has_the_silence_is_down_nobody_says_that_its_alerts_are_heard_again() -> None:
    async def story() -> None:
        stage, alerting = muted_stage("am-a", "am-b")
        healthy, other = alerting.members
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", silence=True)
            await stage.waiting(op_id, "budget")
            other.down = True
            operation = await opened(stage, op_id)
        assert (len(healthy.active), len(other.active)) == (0, 2)
        assert operation.state is OpState.DONE
        found = re.fullmatch(r"the silence of wk-1 ends by itself at (\d\d:\d\d:\d\dZ)", said(operation, "unmute"))
        assert found is not None
        assert found[1] >= max(clock_time(one.ends_at) for one in other.active)
        assert noted(operation, "no answer of am-b: the silence of wk-1 ends by itself")

    run_virtual(story())


def test_a_mesh_that_answers_later_is_muted_then_and_the_others_keep_their_silence() -> None:
    async def story() -> None:
        stage, alerting = muted_stage("am-a", "am-b")
        first, late = alerting.members
        late.down = True
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", silence=True)
            await stage.waiting(op_id, "budget")
            before = {one.id for one in first.active}
            late.down = False
            await stage.clock.sleep(stage.timing.mute_renew_s * 2.5)
            assert {one.id for one in first.active} == before
            assert len(late.active) == 2
            operation = await opened(stage, op_id)
        assert alerting.active == []
        assert said(operation, "unmute") == "alerts of wk-1 are heard again"

    run_virtual(story())


@pytest.mark.parametrize("trouble", ["swallows", "hangs_on_change", "refuses"])
def test_a_change_that_one_refuses_or_of_which_nobody_hears_is_not_taken_for_made(trouble: str) -> None:
    async def story() -> None:
        stage, alerting = muted_stage("am-a", "am-b")
        await stage.clock.sleep(20)
        alerting.trouble(trouble, of_all=False)
        async with stage.controller():
            begun = stage.clock.now()
            operation = await stage.ended(await stage.approved("drain", "wk-1", silence=True, settle_s=0))
        assert operation.state is OpState.DONE
        assert stage.clock.now() - begun < 240
        assert said(operation, "mute") == "not all alerts of wk-1 are muted"
        posts = [effect.answered for effect in operation.effects if effect.intended.kind == "silence"]
        assert {answered.outcome for answered in posts if answered} == {EffectOutcome.REFUSED}
        assert alerting.active == []

    run_virtual(story())


def test_alertmanagers_that_cannot_be_used_do_not_fail_the_work() -> None:
    async def story() -> None:
        stage, _ = muted_stage()

        async def unusable() -> None:
            raise ClusterError(Fault(FaultKind.CONFIG, "no way", "its proxy cannot be used", ""))

        stage.open_mutes = unusable
        await stage.clock.sleep(20)
        async with stage.controller():
            operation = await stage.ended(await stage.approved("drain", "wk-1", silence=True, settle_s=0))
        assert operation.state is OpState.DONE, operation.summary
        told = line(operation)
        assert told is not None
        assert told.outcome is Outcome.FAIL

    run_virtual(story())


DONE, REFUSED = EffectOutcome.DONE, EffectOutcome.REFUSED


@pytest.mark.parametrize(
    ("posted_at", "down", "silence", "lift"),
    [
        ("ab", "", DONE, REFUSED),
        ("", "", REFUSED, DONE),
        ("a", "", REFUSED, REFUSED),
        ("ab", "b", REFUSED, REFUSED),
        ("b", "b", REFUSED, REFUSED),
        ("", "ab", REFUSED, REFUSED),
    ],
)
def test_a_probe_says_done_only_of_what_all_alertmanagers_agree_on(
    posted_at: str, down: str, silence: EffectOutcome, lift: EffectOutcome
) -> None:
    async def story() -> None:
        stage, alerting = muted_stage("a", "b")
        now = stage.clock.now()
        draft = MUTED.drafts(USUAL, now=now)["node"]
        for member in alerting.members:
            if member.name in posted_at:
                member.mesh.post(draft, now)
            member.hangs = member.name in down
        sides = Sides(stage.engine_target(), alerting=cast(Any, alerting), timing=Timing(mute_ask_s=1.0))
        for kind, outcome in ((SILENCE, silence), (LIFT, lift)):
            effect = EffectIntended("e", "mute/wk-1", kind.name, "POST", "silence wk-1 node", "uid", 1, now)
            asked = stage.clock.monotonic()
            found, seen = await kind.find_out(sides, effect, MUTED.op)
            assert found is outcome
            assert ("ends by itself at" in seen) is bool(down)
            assert stage.clock.monotonic() - asked == pytest.approx(1.0 if down else 0.0), (
                "as the operation's timing says"
            )

    run_virtual(story())


def test_a_machine_that_waits_for_its_turn_is_not_muted_and_one_that_fails_is_heard_again() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", "wk-2", silence=True, timeout_s=20, settle_s=0)
            await stage.waiting(op_id, "budget")
            machines = {one.comment.split(" ")[2] for one in alerting.active}
            assert len(machines) == 1
            assert (await stage.ended(op_id)).state is OpState.FAILED
        assert alerting.active == []

    run_virtual(story())


@pytest.mark.parametrize(
    ("trouble", "outcome"), [("down", Outcome.UNKNOWN), ("hangs", Outcome.UNKNOWN), ("gone", Outcome.FAIL)]
)
def test_without_an_answer_of_an_alertmanager_the_plan_warns_and_the_drain_goes_on(
    trouble: str, outcome: Outcome
) -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        if trouble == "gone":
            stage.open_mutes = Stage().open_mutes
        else:
            alerting.trouble(trouble)
        async with stage.controller():
            begun = stage.clock.now()
            op_id = await stage.approved("drain", "wk-1", silence=True, settle_s=0)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.DONE, operation.summary
        told = line(operation)
        assert told is not None
        assert (told.outcome, told.blocks, told.needs_word) == (outcome, False, False)
        assert stage.clock.now() - begun < 240
        if trouble != "gone":
            assert noted(operation, "maintenance silence of wk-1: no Alertmanager answers")
            assert said(operation, "unmute") == "alerts of wk-1 were never muted"

    run_virtual(story())


def test_unless_it_is_asked_for_nothing_is_muted_and_no_line_speaks_of_it() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        async with stage.controller():
            operation = await stage.ended(await stage.approved("drain", "wk-1", settle_s=0))
        assert operation.state is OpState.DONE
        assert line(operation) is None
        assert alerting.all == ()
        assert {step.kind for step in operation.steps} == {"cordon", "evict", "settle", "release"}

    run_virtual(story())


def test_when_the_controller_dies_and_none_comes_the_silence_ends_within_minutes() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        held(stage)
        work = asyncio.create_task(stage.engine("c1").run())
        op_id = await stage.approved("drain", "wk-1", silence=True)
        await stage.waiting(op_id, "budget")
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert alerting.active
        await stage.clock.sleep(stage.timing.mute_s)
        assert alerting.active == []
        async with stage.controller("c2"):
            await stage.until(op_id, lambda op: op.fence == 2)
            await stage.clock.sleep(stage.timing.mute_renew_s)
            assert len(alerting.active) == 2, "the next controller mutes it again"
            stage.ask(op_id, RequestKind.ABORT)
            await stage.ended(op_id)
        assert alerting.active == []

    run_virtual(story())


@pytest.mark.parametrize("kind", CAUSED)
@pytest.mark.parametrize("name", OUTAGES)
def test_an_outage_is_never_muted(kind: str, name: str) -> None:
    assert not re.fullmatch(CAUSED[kind], name)


@pytest.mark.parametrize("name", FAILURES)
def test_a_machine_that_fails_while_it_is_drained_pages(name: str) -> None:
    assert not re.fullmatch(CAUSED["drain"], name)


def test_a_page_that_fires_before_the_work_and_would_be_muted_is_warned_of() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        labels = {"alertname": "KubeNodeUnschedulable", "cluster": "prod", "node": "wk-1", "severity": "critical"}
        alerting.members[0].posted = (posted(label_set(labels)),)
        async with stage.controller():
            operation = await stage.ended(await stage.approved("drain", "wk-1", silence=True, settle_s=0))
        told = line(operation)
        assert told is not None
        assert (told.outcome, told.severity, told.blocks) == (Outcome.FAIL, Severity.WARN, False)
        assert "KubeNodeUnschedulable, which pages now" in told.evidence
        assert operation.state is OpState.DONE

    run_virtual(story())


def test_work_that_is_stuck_for_hours_is_muted_no_more_also_not_by_the_next_controller() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", silence=True, timeout_s=86_400)
            await stage.waiting(op_id, "budget")
            begun = stage.clock.now()
            await stage.clock.sleep(stage.timing.mute_most_s / 2)
            assert len(alerting.active) == 2
            await stage.clock.sleep(begun + stage.timing.mute_most_s - stage.clock.now())
            assert alerting.active == []
        async with stage.controller("c2"):
            await stage.until(op_id, lambda op: op.fence == 2)
            await stage.clock.sleep(stage.timing.mute_renew_s * 3)
            assert alerting.active == []
            stage.ask(op_id, RequestKind.ABORT)
            operation = await stage.ended(op_id)
        assert [note.text for note in operation.notes if "muted no more: 2 h" in note.text]

    run_virtual(story())


def test_a_pause_does_not_count_towards_the_longest_time_that_work_is_muted() -> None:
    async def story() -> None:
        stage, alerting = muted_stage()
        await stage.clock.sleep(20)
        held(stage)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1", silence=True, timeout_s=86_400)
            await stage.waiting(op_id, "budget")
            stage.ask(op_id, RequestKind.PAUSE)
            await stage.until(op_id, lambda op: op.paused)
            await stage.clock.sleep(2 * stage.timing.mute_most_s)
            assert alerting.active == [], "a pause mutes nobody"
            stage.ask(op_id, RequestKind.RESUME)
            await stage.until(op_id, lambda op: not op.paused)
            await stage.clock.sleep(stage.timing.mute_renew_s * 2)
            assert len(alerting.active) == 2
            await stage.clock.sleep(stage.timing.mute_most_s)
            assert alerting.active == []
            stage.ask(op_id, RequestKind.ABORT)
            await stage.ended(op_id)

    run_virtual(story())
