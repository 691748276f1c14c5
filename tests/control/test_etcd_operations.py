"""Operations on etcd through the engine, on a simulated etcd and a simulated API server on one virtual clock."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from fleetui.control import etcd_file
from fleetui.control.effect_kind import EffectKind, Sides
from fleetui.control.etcd_effects import DEFRAGMENT, DISARM, MOVE_LEADER
from fleetui.control.etcd_file import whole
from fleetui.control.memory_store import MemoryStore
from fleetui.control.registry import load_registry
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import ClusterError
from fleetui.model.journal import EffectIntended, EffectOutcome, RequestKind, StepDone
from fleetui.model.ledger import Operation
from fleetui.model.lock import read_lock
from fleetui.model.operation import ETCD_TARGET, OpState, Outcome
from fleetui.ports.clock import Clock
from fleetui.simulate.etcd_cluster import ELECTION_S
from tests.control.etcd_stage import QUOTA, EtcdStage, WatchedEtcd
from tests.control.muting import StageAlerting
from tests.control.stage import CLUSTER, WITNESSED, outline
from tests.control.virtual_time import run_virtual

Tale = Callable[[EtcdStage], Awaitable[None]]


def _play(tale: Tale, *, snapshots: Path | None = None, **scene: object) -> None:
    async def story() -> None:
        stage = EtcdStage(**scene)  # type: ignore[arg-type]
        stage.snapshots = snapshots
        async with stage.controller():
            await tale(stage)

    run_virtual(story())


async def _run(stage: EtcdStage, kind: str, **options: str | int | bool) -> Operation:
    return await stage.ended(await stage.approved(kind, ETCD_TARGET, **options))


def _objections(operation: Operation) -> dict[str, str]:
    """Id to evidence of every check that blocks."""
    assert operation.plan is not None
    return {check.id: check.evidence for check in operation.plan.checks if check.blocks}


def _is_unlocked(stage: EtcdStage) -> bool:
    return all(read_lock(stage.node(name)) is None for name in ("cp-1", "cp-2", "cp-3"))


# -- defragment --------------------------------------------------------------------------------------------------------


def test_followers_are_defragmented_first_and_the_leader_once_it_has_handed_over() -> None:
    async def tale(stage: EtcdStage) -> None:
        operation = await _run(stage, "etcd-defragment")
        assert operation.state is OpState.DONE, outline(operation)
        assert stage.mutations == [
            ("defragment", "m2"),
            ("defragment", "m3"),
            ("move-leader", "m2"),
            ("defragment", "m1"),
        ]
        assert all(member.db_size == member.db_in_use for member in stage.etcd.members)
        assert operation.summary == "; ".join(f"{name}: 32 MiB before, 16 MiB now" for name in ("m2", "m3", "m1"))
        assert _is_unlocked(stage)

    _play(tale)


def test_the_new_leader_is_given_time_before_the_old_one_stands_still() -> None:
    async def tale(stage: EtcdStage) -> None:
        operation = await _run(stage, "etcd-defragment", settle_s=40)
        moved, last = [effect for effect in operation.effects if effect.intended.kind in ("move-leader", "defragment")][
            -2:
        ]
        assert moved.answered is not None
        assert last.intended.at - moved.answered.at >= 40

    _play(tale)


def test_who_leads_by_now_hands_over_whatever_the_plan_saw() -> None:
    async def tale(stage: EtcdStage) -> None:
        op_id = stage.propose("etcd-defragment", ETCD_TARGET)
        planned = await stage.planned(op_id)
        stage.etcd.transfer(stage.etcd.by_name("m2"))
        assert planned.plan is not None
        stage.ask(op_id, RequestKind.APPROVE, digest=planned.plan.digest)
        assert (await stage.ended(op_id)).state is OpState.DONE
        assert stage.mutations[:2] == [("move-leader", "m1"), ("defragment", "m2")]
        assert stage.defragmented() == ["m2", "m3", "m1"]

    _play(tale)


def test_a_member_that_is_elected_again_and_again_is_never_defragmented_while_it_leads() -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.returns_to = "m1"
        operation = await _run(stage, "etcd-defragment")
        assert operation.state is OpState.FAILED
        assert "m1 leads again and again" in operation.summary
        assert stage.defragmented() == ["m2", "m3"]
        assert _is_unlocked(stage)

    _play(tale)


def test_a_refused_hand_over_is_asked_for_again_within_bounds() -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.refuses_to_move = 2
        operation = await _run(stage, "etcd-defragment")
        assert operation.state is OpState.DONE, outline(operation)
        assert stage.mutations.count(("move-leader", "m2")) == 3
        stage.refuses_to_move = 9
        operation = await _run(stage, "etcd-defragment")
        assert operation.state is OpState.FAILED
        assert "etcdserver: not leader" in operation.summary

    _play(tale)


def test_a_lock_is_kept_while_a_member_is_at_it_for_long() -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.slow_s = 300.0
        op_id = await stage.approved("etcd-defragment", ETCD_TARGET)
        await stage.until(op_id, lambda op: any(it.intended.kind == "defragment" for it in op.effects))
        for _ in range(5):
            await stage.clock.sleep(50)
            lock = read_lock(stage.node("cp-1"))
            assert lock is not None
            assert lock.expires > stage.clock.now()  # type: ignore[union-attr]
        assert (await stage.ended(op_id)).state is OpState.DONE

    _play(tale)


def test_a_member_that_falls_ill_stops_it_and_the_others_are_left_alone() -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.befalls = {"m2": "m3"}
        operation = await _run(stage, "etcd-defragment")
        assert operation.state is OpState.FAILED
        assert "not every member is well: m3: refused" in operation.summary
        assert stage.defragmented() == ["m2"]
        assert _is_unlocked(stage)

    _play(tale)


def _one_down(stage: EtcdStage) -> None:
    stage.etcd.by_name("m3").alive = False


def _corrupt(stage: EtcdStage) -> None:
    stage.etcd.alarms.add((stage.etcd.by_name("m2").id, "CORRUPT"))


def _joining(stage: EtcdStage) -> None:
    stage.etcd.add_learner("m4", peer_url="http://m4:2380", started=True).client_url = "http://m4:2379"


def _another(stage: EtcdStage) -> None:
    stage.etcd.cluster_id = 0xBAD


def test_whether_it_is_worth_it_is_not_blamed_on_the_version_while_a_member_is_down() -> None:
    async def tale(stage: EtcdStage) -> None:
        _one_down(stage)
        planned = await stage.planned(stage.propose("etcd-defragment", ETCD_TARGET))
        assert planned.plan is not None
        worth = next(check for check in planned.plan.checks if check.id == "etcd-worth")
        assert (worth.outcome, worth.remedy) == (Outcome.UNKNOWN, "bring m3 back: nobody else knows its database")
        assert "m3 is down" in worth.evidence

    _play(tale)


@pytest.mark.parametrize(
    ("kind", "befalls", "check", "said"),
    [
        ("etcd-defragment", _one_down, "etcd-well", "not every member is well: m3: refused"),
        ("etcd-defragment", _corrupt, "etcd-well", "alarm CORRUPT of m2"),
        ("etcd-defragment", _joining, "etcd-well", "m4"),
        ("etcd-defragment", _another, "etcd-meant", "another etcd cluster answers: id bad, meant was 5eed"),
        ("etcd-move-leader", _another, "etcd-meant", "another etcd cluster answers"),
        ("etcd-recover-space", lambda _: None, "etcd-space", "no member has raised NOSPACE"),
        ("etcd-recover-space", _one_down, "etcd-well", "m3: refused"),
        ("etcd-recover-space", _corrupt, "etcd-compact", "the history is evidence"),
        ("etcd-recover-space", _another, "etcd-meant", "another etcd cluster answers"),
    ],
)
def test_a_plan_is_blocked_by_what_makes_it_unsafe(
    kind: str, befalls: Callable[[EtcdStage], None], check: str, said: str
) -> None:
    async def tale(stage: EtcdStage) -> None:
        befalls(stage)
        objections = _objections(await stage.planned(stage.propose(kind, ETCD_TARGET)))
        assert said in objections[check]
        assert stage.mutations == []

    _play(tale)


def test_another_cluster_that_answers_later_is_refused_at_the_next_step() -> None:
    async def tale(stage: EtcdStage) -> None:
        op_id = await stage.approved("etcd-defragment", ETCD_TARGET)
        await stage.until(op_id, lambda op: any(step.id.startswith("defragment") and step.ended for step in op.steps))
        stage.etcd.cluster_id = 0xBAD
        operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "another etcd cluster answers: id bad, meant was 5eed" in operation.summary
        assert len(stage.defragmented()) < 3

    _play(tale)


def test_a_production_cluster_asks_for_its_name_and_a_single_member_for_consent_to_the_outage() -> None:
    async def tale(stage: EtcdStage) -> None:
        live = ClusterRef("pay", "prod", environment="production")
        for cluster, why in ((live, "production"), (CLUSTER, "it is the only member")):
            planned = await stage.planned(stage.propose("etcd-defragment", ETCD_TARGET, cluster=cluster))
            assert planned.plan is not None
            assert not planned.plan.blocked
            assert planned.plan.blast.confirm_word == cluster.name
            assert why in planned.plan.blast.confirm_why
        assert (await _run(stage, "etcd-defragment")).state is OpState.DONE
        assert stage.mutations == [("defragment", "m1")]

    _play(tale, size=1)


def test_a_database_without_holes_is_worth_a_warning_and_no_more() -> None:
    async def tale(stage: EtcdStage) -> None:
        planned = await stage.planned(stage.propose("etcd-defragment", ETCD_TARGET))
        assert planned.plan is not None
        worth = next(check for check in planned.plan.checks if check.id == "etcd-worth")
        assert (worth.outcome, worth.word) == (Outcome.FAIL, "warn")
        assert not planned.plan.blocked

    _play(tale)


# -- nobody else at it -------------------------------------------------------------------------------------------------


async def _busy(stage: EtcdStage) -> str:
    """A defragmentation whose first member takes long."""
    stage.slow_s = 100.0
    op_id = await stage.approved("etcd-defragment", ETCD_TARGET)
    await stage.until(op_id, lambda op: any(it.intended.kind == "defragment" for it in op.effects))
    return op_id


@pytest.mark.parametrize("kind", ["etcd-defragment", "etcd-move-leader", "etcd-recover-space"])
def test_two_operations_of_a_store_are_never_on_one_etcd(kind: str) -> None:
    async def tale(stage: EtcdStage) -> None:
        first = await _busy(stage)
        second = await stage.planned(stage.propose(kind, ETCD_TARGET))
        assert first in _objections(second)["others"]
        assert (await stage.ended(first)).state is OpState.DONE

    _play(tale)


def test_an_etcd_is_known_whichever_context_leads_to_it() -> None:
    async def tale(stage: EtcdStage) -> None:
        first = await _busy(stage)
        other = ClusterRef("prod-by-another-name", "admin@prod", uid="its API has said who it is")
        second = await stage.planned(stage.propose("etcd-move-leader", ETCD_TARGET, cluster=other))
        assert first in _objections(second)["others"]
        await stage.ended(first)

    _play(tale)


def test_one_that_was_planned_before_is_refused_when_it_is_to_begin() -> None:
    async def tale(stage: EtcdStage) -> None:
        early = stage.propose("etcd-move-leader", ETCD_TARGET)
        planned = await stage.planned(early)
        first = await _busy(stage)
        assert planned.plan is not None
        stage.ask(early, RequestKind.APPROVE, digest=planned.plan.digest)
        refused = await stage.ended(early)
        assert refused.state is OpState.FAILED
        assert "not begun" in refused.summary
        assert (await stage.ended(first)).state is OpState.DONE
        assert stage.mutations.count(("move-leader", "m2")) == 1, "the defragmentation's own"

    _play(tale)


@pytest.mark.parametrize("kind", ["etcd-defragment", "etcd-move-leader", "etcd-recover-space"])
def test_an_operation_of_another_store_sees_the_lock_on_the_control_plane(kind: str) -> None:
    async def tale(stage: EtcdStage) -> None:
        first = await _busy(stage)
        other = MemoryStore(stage.clock)
        async with stage.controller("c2", store=other):
            planned = await stage.planned(stage.propose(kind, ETCD_TARGET, store=other), store=other)
        assert f"cp-1: held by etcd-defragment {first}" in _objections(planned)["etcd-locks"]
        await stage.ended(first)

    _play(tale)


def test_a_drain_of_any_control_plane_machine_waits_for_the_etcd_operation_and_other_machines_do_not() -> None:
    async def tale(stage: EtcdStage) -> None:
        first = await _busy(stage)
        planned = await stage.planned(stage.propose("drain", "cp-3"))
        assert f"cp-1 is held by etcd-defragment {first}" in _objections(planned)["lock"]
        free = await stage.planned(stage.propose("drain", "wk-1"))
        assert _objections(free) == {}
        await stage.ended(first)

    _play(tale)


def test_an_etcd_operation_waits_for_the_drain_of_any_control_plane_machine() -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.now()
        stage.scene.pod("db", node="cp-2", finalizers=["a.example/b"])
        drain = await stage.approved("drain", "cp-2", force=True)
        await stage.until(drain, lambda op: any(step.kind == "evict" and step.started for step in op.steps))
        for kind in ("etcd-defragment", "etcd-recover-space"):
            planned = await stage.planned(stage.propose(kind, ETCD_TARGET))
            assert f"cp-2: held by drain {drain}" in _objections(planned)["etcd-locks"]
        stage.ask(drain, RequestKind.ABORT)
        await stage.ended(drain)

    _play(tale)


def test_without_a_control_plane_in_the_api_nothing_is_locked_and_the_plan_says_so() -> None:
    async def tale(stage: EtcdStage) -> None:
        operation = await _run(stage, "etcd-defragment")
        assert operation.plan is not None
        locks = next(check for check in operation.plan.checks if check.id == "etcd-locks")
        assert locks.word == "warn"
        assert operation.state is OpState.DONE
        assert len(stage.defragmented()) == 3
        assert {effect.intended.kind for effect in operation.effects} == {"defragment", "move-leader"}

    _play(tale, carriers=False)


# -- move the leader ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("options", "leads"), [({}, "m2"), ({"to": "m3"}, "m3")])
def test_the_leader_moves_to_who_was_named_or_to_the_best(options: dict[str, str], leads: str) -> None:
    async def tale(stage: EtcdStage) -> None:
        operation = await _run(stage, "etcd-move-leader", **options)
        assert operation.state is OpState.DONE, outline(operation)
        assert stage.etcd.leader is stage.etcd.by_name(leads)
        assert stage.mutations == [("move-leader", leads)]
        assert operation.summary == f"{leads} leads, m1 handed over"
        assert _is_unlocked(stage)

    _play(tale)


@pytest.mark.parametrize(("to", "said"), [("m9", "no member m9; there are m1 m2 m3"), ("m1", "it leads already")])
def test_who_cannot_lead_blocks_the_plan(to: str, said: str) -> None:
    async def tale(stage: EtcdStage) -> None:
        planned = await stage.planned(stage.propose("etcd-move-leader", ETCD_TARGET, to=to))
        assert said in _objections(planned)["etcd-move"]

    _play(tale)


# -- recover from NOSPACE ----------------------------------------------------------------------------------------------


def test_a_full_etcd_is_saved_compacted_to_now_defragmented_in_the_safe_order_and_then_disarmed(tmp_path: Path) -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.fill()
        revision = stage.etcd.revision
        assert not stage.etcd.write(100)
        operation = await _run(stage, "etcd-recover-space", path=str(tmp_path / "east.db"))
        assert operation.state is OpState.DONE, outline(operation)
        assert stage.mutations == [
            ("snapshot", "m2"),
            ("compact", ""),
            ("defragment", "m2"),
            ("defragment", "m3"),
            ("move-leader", "m2"),
            ("defragment", "m1"),
            ("disarm", "m1"),
        ]
        assert stage.etcd.compacted == revision
        assert stage.etcd.write(100)
        assert whole(tmp_path / "east.db"), "its hash is right"
        assert f"history before revision {revision} dropped" in operation.summary
        assert f"{tmp_path / 'east.db'}, sha256 " in operation.summary
        assert "delete it when you no longer need it: it holds every secret" in operation.summary

    _play(tale)


def test_the_plan_of_a_recovery_names_every_step_in_the_fields_words(tmp_path: Path) -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.fill()
        planned = await stage.planned(stage.propose("etcd-recover-space", ETCD_TARGET))
        assert planned.plan is not None
        path = tmp_path / f"prod-{planned.op_id}.db"
        assert [step.title for step in planned.plan.steps] == [
            f"snapshot of m2, read back and its hash verified: {path}",
            "compact the history before the revision of then (1 now)",
            "defragment m2 until its database has no holes",
            "defragment m3 until its database has no holes",
            "defragment m1 until its database has no holes",
            "disarm NOSPACE of every member that raised it",
        ]
        assert planned.plan.steps[0].id == "snapshot/etcd"
        first = next(check for check in planned.plan.checks if check.id == "etcd-snapshot-first")
        assert first.outcome is Outcome.OK
        assert f"{path} is free" in first.evidence
        stage.ask(planned.op_id, RequestKind.APPROVE, digest=planned.plan.digest)
        assert (await stage.ended(planned.op_id)).state is OpState.DONE
        assert whole(path)

    _play(tale, snapshots=tmp_path)


def test_a_snapshot_that_cannot_be_taken_stops_a_recovery_and_declining_it_takes_the_typed_word(tmp_path: Path) -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.fill()
        nowhere = str(tmp_path / "nowhere" / "east.db")
        blocked = await stage.planned(stage.propose("etcd-recover-space", ETCD_TARGET, path=nowhere))
        assert "is no directory" in _objections(blocked)["etcd-snapshot-first"]
        unsaid = await stage.planned(stage.propose("etcd-recover-space", ETCD_TARGET))
        assert _objections(unsaid)["etcd-snapshot-first"] == "no file is named"
        declined = await stage.planned(stage.propose("etcd-recover-space", ETCD_TARGET, snapshot=False))
        assert declined.plan is not None
        assert not declined.plan.blocked
        assert declined.plan.blast.confirm_word == "prod"
        assert "snapshot first: declined" in declined.plan.blast.confirm_why
        assert declined.plan.steps[0].kind == "compact"
        stage.ask(declined.op_id, RequestKind.APPROVE, digest=declined.plan.digest)
        assert (await stage.ended(declined.op_id)).state is OpState.DONE
        assert ("snapshot", "m2") not in stage.mutations

    _play(tale)


def test_a_recovery_without_its_snapshot_changes_nothing(tmp_path: Path) -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.fill()
        path = tmp_path / "east.db"
        op_id = stage.propose("etcd-recover-space", ETCD_TARGET, path=str(path))
        planned = await stage.planned(op_id)
        assert planned.plan is not None
        stage.broken_disk = "No space left on device"
        stage.ask(op_id, RequestKind.APPROVE, digest=planned.plan.digest)
        operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "No space left on device" in operation.summary
        assert {kind for kind, _ in stage.mutations} == {"snapshot"}
        assert stage.etcd.alarms

    _play(tale)


@pytest.mark.parametrize(
    ("folder", "free", "said"),
    [("nowhere", 1 << 40, "is no directory"), ("", 0, "0 B free"), ("", 1 << 40, "")],
)
def test_what_is_doubtful_of_the_source_hides_no_want_of_place_or_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str, free: int, said: str
) -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.fill()
        for name in ("m2", "m3"):
            stage.etcd.by_name(name).alive = False
        stage.etcd.tick(stage.clock.now())
        await stage.clock.sleep(5 * ELECTION_S)
        path = str(tmp_path / folder / "east.db")
        planned = await stage.planned(stage.propose("etcd-recover-space", ETCD_TARGET, path=path))
        assert planned.plan is not None
        first = next(check for check in planned.plan.checks if check.id == "etcd-snapshot-first")
        assert first.blocks is bool(said)
        assert (said or "m1 sees no leader") in first.evidence

    monkeypatch.setattr(etcd_file, "free_bytes", lambda _: free)
    _play(tale)


class LosingStore(MemoryStore):
    """Something happens to a file as soon as it is on record that the snapshot is there."""

    def __init__(self, clock: Clock, happens: Callable[[], object]) -> None:
        super().__init__(clock)
        self._happens = happens

    def append(self, op_id: str, fence: int, expected_seq: int, record: object) -> int:
        seq = super().append(op_id, fence, expected_seq, record)  # type: ignore[arg-type]
        if isinstance(record, StepDone) and record.step_id == "snapshot/etcd":
            self._happens()
        return seq


@pytest.mark.parametrize("happens", [Path.unlink, partial(os.truncate, length=1000)])
def test_no_history_is_dropped_once_the_snapshot_is_gone_or_broken(
    tmp_path: Path, happens: Callable[[Path], object]
) -> None:
    async def story() -> None:
        stage = EtcdStage()
        stage.fill()
        path = tmp_path / "east.db"
        stage.store = LosingStore(stage.clock, lambda: happens(path))
        async with stage.controller():
            operation = await _run(stage, "etcd-recover-space", path=str(path))
        assert operation.state is OpState.FAILED
        assert f"the snapshot {path} is not there any more, or not whole" in operation.summary
        assert "propose this operation anew" in operation.summary
        assert stage.mutations == [("snapshot", "m2")]

    run_virtual(story())


def test_a_leader_hands_over_also_where_every_member_has_raised_the_alarm() -> None:
    """Under load each raises its own, when it applies what does not fit."""

    async def tale(stage: EtcdStage) -> None:
        stage.fill()
        stage.etcd.alarms |= {(member.id, "NOSPACE") for member in stage.etcd.members}
        operation = await _run(stage, "etcd-recover-space", snapshot=False)
        assert operation.state is OpState.DONE, outline(operation)
        assert stage.defragmented() == ["m2", "m3", "m1"]
        assert stage.etcd.alarms == set()

    _play(tale)


def test_the_alarm_stays_while_a_member_has_no_room() -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.fill()
        stage.etcd.quota = QUOTA // 4
        operation = await _run(stage, "etcd-recover-space", snapshot=False)
        assert operation.state is OpState.FAILED
        assert "of its quota, needs under 90%" in operation.summary
        assert ("disarm", "m1") not in stage.mutations
        assert stage.etcd.alarms

    _play(tale)


# -- whoever dies ------------------------------------------------------------------------------------------------------


class _KilledError(BaseException):
    """Death: no handler of the controller may catch it and go on."""


class DyingStore(MemoryStore):
    """Kills its user at the n-th append, before or after the record is durable; then refuses everything else."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.dies_at: int | None = None
        self.after = False
        self.appended = 0
        self.dead = False

    def append(self, op_id: str, fence: int, expected_seq: int, record: object) -> int:
        if self.dead or (self.appended == self.dies_at and not self.after):
            self.dead = True
            raise _KilledError
        self.appended += 1
        seq = super().append(op_id, fence, expected_seq, record)  # type: ignore[arg-type]
        if self.appended - 1 == self.dies_at and self.after:
            self.dead = True
            raise _KilledError
        return seq


class DyingAtIts(DyingStore):
    """Once the first effect is announced."""

    def append(self, op_id: str, fence: int, expected_seq: int, record: object) -> int:
        if isinstance(record, EffectIntended) and self.dies_at is None:
            self.dies_at, self.after = self.appended, True
        return super().append(op_id, fence, expected_seq, record)


def test_a_plan_whose_directory_cannot_be_used_any_more_takes_no_snapshot_elsewhere(tmp_path: Path) -> None:
    async def story() -> None:
        stage = EtcdStage()
        stage.fill()
        stage.snapshots = tmp_path
        store = stage.store = DyingAtIts(stage.clock)
        people = asyncio.create_task(stage.approved("etcd-recover-space", ETCD_TARGET))
        first = asyncio.create_task(stage.engine("c1").run())
        await asyncio.wait({first}, timeout=200)
        assert first.done()
        await asyncio.gather(first, return_exceptions=True)
        store.dead, store.dies_at = False, -1
        stage.snapshots = None
        async with stage.controller("c2"):
            operation = await stage.ended(await people)
        assert operation.state is OpState.FAILED
        assert "the plan says a directory that cannot be used any more" in operation.summary
        assert stage.mutations == []

    run_virtual(story())


async def _lives(kind: str, dies_at: int | None, *, after: bool, folder: Path) -> int:
    """One life and, when it was cut short, a second; the number of records when it was not."""
    stage = EtcdStage()
    stage.snapshots = folder
    if kind == "etcd-recover-space":
        stage.fill()
    store = stage.store = DyingStore(stage.clock)
    store.dies_at, store.after = dies_at, after
    people = asyncio.create_task(stage.approved(kind, ETCD_TARGET))
    first = asyncio.create_task(stage.engine("c1").run())
    await asyncio.wait({first}, timeout=200)
    assert first.done() is (dies_at is not None), "the record at which it should have died was never written"
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    store.dead, store.dies_at = False, None
    async with stage.controller("c2"):
        operation = await stage.ended(await people)
    assert operation.state is OpState.DONE, outline(operation)
    assert operation.open_effects == ()
    _check_end(stage, kind)
    return store.appended


def _check_end(stage: EtcdStage, kind: str) -> None:
    assert _is_unlocked(stage)
    assert stage.etcd.alarms == set()
    assert stage.etcd.leader is not stage.etcd.by_name("m1")
    if kind == "etcd-move-leader":
        assert stage.mutations == [("move-leader", "m2")]
        return
    assert stage.defragmented() == ["m2", "m3", "m1"], "each once, the leader last"
    assert all(member.db_size == member.db_in_use for member in stage.etcd.members)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", ["etcd-defragment", "etcd-move-leader", "etcd-recover-space"])
def test_whatever_record_a_controller_dies_at_the_next_one_finishes(kind: str, after: bool, tmp_path: Path) -> None:
    records = run_virtual(_lives(kind, None, after=False, folder=_folder(tmp_path, "whole")))
    assert records > 15
    for dies_at in range(records):
        run_virtual(_lives(kind, dies_at, after=after, folder=_folder(tmp_path, str(dies_at))))


def _folder(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def _effect(kind: EffectKind, obj: str, member: int) -> EffectIntended:
    return EffectIntended("e", "step/etcd", kind.name, "POST", obj, f"5eed/{member:x}", 1, 0.0)


@pytest.mark.parametrize(
    ("kind", "obj", "about"),
    [
        (MOVE_LEADER, "member m2", "m2"),
        (DEFRAGMENT, "member m1", "m1"),
        (DISARM, "alarm NOSPACE", "m1"),
    ],
    ids=["move-leader", "defragment", "disarm"],
)
def test_a_probe_tells_what_was_done_from_what_was_not_and_never_guesses(
    kind: EffectKind, obj: str, about: str
) -> None:
    async def story() -> None:
        stage = EtcdStage()
        stage.etcd.alarms.add((stage.etcd.by_name("m1").id, "NOSPACE"))
        etcd = WatchedEtcd(stage)
        effect = _effect(kind, obj, stage.etcd.by_name(about).id)
        sides = Sides(stage.engine_target(), etcd)
        assert (await kind.find_out(sides, effect, "op-1"))[0] is EffectOutcome.REFUSED
        stage.etcd.transfer(stage.etcd.by_name("m2"))
        stage.etcd.defragment(stage.etcd.by_name("m1"))
        stage.etcd.alarms.clear()
        assert (await kind.find_out(sides, effect, "op-1"))[0] is EffectOutcome.DONE
        stage.etcd.cluster_id = 0xBAD
        with pytest.raises(ClusterError, match="another etcd cluster answers"):
            await kind.find_out(sides, effect, "op-1")
        stage.etcd.cluster_id = 0x5EED
        for member in stage.etcd.members:
            member.alive = False
        with pytest.raises(ClusterError, match="none of 3 members answers"):
            await kind.find_out(sides, effect, "op-1")

    run_virtual(story())


def test_a_member_that_is_still_at_it_is_waited_for() -> None:
    async def story() -> None:
        stage = EtcdStage()
        stage.metrics = ("etcd_disk_defrag_inflight 0", "etcd_disk_defrag_inflight 1")
        effect = _effect(DEFRAGMENT, "member m1", stage.etcd.by_name("m1").id)
        stage.etcd.defragment(stage.etcd.by_name("m1"))
        with pytest.raises(ClusterError, match="m1 is being defragmented"):
            await DEFRAGMENT.find_out(Sides(stage.engine_target(), WatchedEtcd(stage)), effect, "op-1")

    run_virtual(story())


def test_of_every_effect_on_etcd_the_journal_knows_before_its_members(tmp_path: Path) -> None:
    """The other half is ``conftest``'s."""

    async def tale(stage: EtcdStage, alerting: StageAlerting) -> None:
        stage.fill()
        assert (await _run(stage, "etcd-recover-space", path=str(tmp_path / "a.db"))).state is OpState.DONE
        for kind in ("etcd-defragment", "etcd-move-leader"):
            assert (await _run(stage, kind, silence=True)).state is OpState.DONE
        assert [one.comment.partition(",")[0] for one in alerting.all] == [
            "maintenance: etcd-defragment etcd (etcd)",
            "maintenance: etcd-move-leader etcd (etcd)",
        ]
        assert alerting.active == []
        declared = {
            effect.name
            for name, kind in load_registry().items()
            if name.startswith("etcd-")
            for step in kind.steps
            for effect in step.effects
        }
        assert WITNESSED.kinds == declared

    async def story() -> None:
        stage = EtcdStage()
        alerting = StageAlerting(stage)
        stage.open_mutes = alerting.open
        async with stage.controller():
            await tale(stage, alerting)

    run_virtual(story())
