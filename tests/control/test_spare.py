"""Plans of work on machines ask etcd itself, and the lens never says otherwise of what they refuse."""

from collections.abc import Awaitable, Callable

import pytest

from fleetui.control.memory_store import MemoryStore
from fleetui.model.diagnosis.blocked import Deed
from fleetui.model.diagnosis.diagnosis import diagnose
from fleetui.model.fault import FaultKind
from fleetui.model.health.etcd_course import Course
from fleetui.model.health.etcd_state import EtcdState, Known, etcd_state
from fleetui.model.journal import RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import Check, OpState, Outcome, Severity
from fleetui.ports.target import PatchAnswer
from fleetui.simulate.request import Patch
from tests.control.etcd_stage import EtcdStage, WatchedEtcd
from tests.control.stage import WatchedTarget, outline
from tests.control.virtual_time import run_virtual
from tests.model.diagnosis.cases import case, machines, silent

Tale = Callable[[EtcdStage], Awaitable[None]]


def _play(tale: Tale, *, size: int = 3) -> None:
    async def story() -> None:
        stage = EtcdStage(size=size)
        async with stage.controller():
            await tale(stage)

    run_virtual(story())


def _check(operation: Operation, name: str) -> Check:
    assert operation.plan is not None, operation.summary
    return next(check for check in operation.plan.checks if check.id == name)


def _well(_stage: EtcdStage) -> None:
    """Nothing befalls it."""


def _thin(stage: EtcdStage) -> None:
    stage.etcd.by_name("m3").alive = False


def _lost(stage: EtcdStage) -> None:
    for name in ("m2", "m3"):
        stage.etcd.by_name(name).alive = False


def _full(stage: EtcdStage) -> None:
    stage.fill()


def _corrupt(stage: EtcdStage) -> None:
    stage.etcd.alarms.add((stage.etcd.by_name("m2").id, "CORRUPT"))


def _joining(stage: EtcdStage) -> None:
    stage.etcd.add_learner("m4", peer_url="http://m4:2380", started=True).client_url = "http://m4:2379"


def _hung(stage: EtcdStage) -> None:
    for member in stage.etcd.members:
        member.alive = False


def _nowhere(stage: EtcdStage) -> None:
    stage.configured = False


BLOCK, FORCE, WARN, INFO = Severity.BLOCK, Severity.FORCE, Severity.WARN, Severity.INFO
OK, FAIL, UNKNOWN = Outcome.OK, Outcome.FAIL, Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("befalls", "size", "outcome", "severity", "said"),
    [
        pytest.param(
            _thin, 3, FAIL, BLOCK, "can lose no member; without m1: 1 healthy of 3 voters, quorum 2", id="thin"
        ),
        pytest.param(_well, 2, FAIL, BLOCK, "1 healthy of 2 voters, quorum 2", id="two"),
        pytest.param(_lost, 3, FAIL, BLOCK, "the quorum is lost", id="lost"),
        pytest.param(_full, 3, FAIL, BLOCK, "NOSPACE: the whole cluster refuses writes", id="full"),
        pytest.param(_corrupt, 3, FAIL, BLOCK, "CORRUPT", id="corrupt"),
        pytest.param(_joining, 3, FAIL, BLOCK, "m4 is still joining", id="joining"),
        pytest.param(_well, 1, FAIL, FORCE, "the only member: the API is down without it", id="one"),
        pytest.param(_hung, 3, UNKNOWN, BLOCK, "not known well enough", id="nobody answers"),
        pytest.param(_nowhere, 3, UNKNOWN, FORCE, "no way to its etcd is configured", id="not configured"),
    ],
)
def test_a_control_plane_machine_is_not_drained_where_etcd_cannot_spare_it(
    befalls: Callable[[EtcdStage], None], size: int, outcome: Outcome, severity: Severity, said: str
) -> None:
    async def tale(stage: EtcdStage) -> None:
        befalls(stage)
        planned = await stage.planned(stage.propose("drain", "cp-2"))
        check = _check(planned, "etcd-spare")
        assert (check.outcome, check.severity, check.target) == (outcome, severity, "cp-2")
        assert said in check.evidence
        assert check.remedy
        assert planned.plan is not None
        assert planned.plan.blocked is (severity is BLOCK)
        if severity is FORCE:
            assert planned.plan.blast.confirm_word == "prod"
            assert said in planned.plan.blast.confirm_why

    _play(tale, size=size)


def test_the_machine_of_the_leader_is_a_warning_to_move_it_first_and_that_of_a_dead_member_may_go() -> None:
    async def tale(stage: EtcdStage) -> None:
        for number, member in enumerate(stage.etcd.members, start=1):
            member.name = f"cp-{number}"
        leading = _check(await stage.planned(stage.propose("drain", "cp-1")), "etcd-spare")
        assert (leading.outcome, leading.severity, leading.remedy) == (FAIL, WARN, "etcd-move-leader first")
        follows = _check(await stage.planned(stage.propose("drain", "cp-2")), "etcd-spare")
        assert (follows.outcome, follows.evidence) == (OK, "without cp-2: 2 healthy of 3 voters, quorum 2")
        stage.etcd.by_name("cp-3").alive = False
        dead = _check(await stage.planned(stage.propose("drain", "cp-3")), "etcd-spare")
        assert dead.outcome is OK
        other = _check(await stage.planned(stage.propose("drain", "cp-2")), "etcd-spare")
        assert (other.word, "cp-3: refused" in other.evidence) == ("blocked", True)

    _play(tale)


def _spares(operation: Operation) -> dict[str, Check]:
    assert operation.plan is not None, operation.summary
    return {check.target: check for check in operation.plan.checks if check.id == "etcd-spare"}


def _called_alike(stage: EtcdStage) -> None:
    """Members are called like their machines."""
    for number, member in enumerate(stage.etcd.members, start=1):
        member.name = f"cp-{number}"


@pytest.mark.parametrize("called", [_called_alike, _well])
@pytest.mark.parametrize(
    ("size", "machines", "said"),
    [
        (3, ("cp-2", "cp-3"), "1 healthy of 3 voters, quorum 2"),
        (3, ("cp-1", "cp-2", "cp-3"), "0 healthy of 3 voters, quorum 2"),
        (5, ("cp-2", "cp-3"), ""),
        (5, ("cp-2", "cp-3", "wk-1"), ""),
        (5, ("cp-2", "cp-3", "cp-4"), "2 healthy of 5 voters, quorum 3"),
    ],
)
def test_machines_of_one_drain_are_taken_from_the_quorum_together(
    called: Callable[[EtcdStage], None], size: int, machines: tuple[str, ...], said: str
) -> None:
    async def tale(stage: EtcdStage) -> None:
        called(stage)
        planned = await stage.planned(stage.propose("drain", *machines))
        assert planned.plan is not None
        assert planned.plan.blocked is bool(said)
        for name, check in _spares(planned).items():
            if name == "wk-1":
                assert check.evidence == "not a control-plane machine"
                continue
            others = ", ".join(f"{it} (of this operation)" for it in machines if it not in (name, "wk-1"))
            assert f"counted as stopped too: {others}" in check.evidence
            assert said in check.evidence
            assert check.blocks is bool(said)
            assert not said or "one at a time" in check.remedy

    _play(tale, size=size)


async def _held_up(stage: EtcdStage, machine: str) -> str:
    """A drain that waits for a pod which does not end."""
    stage.now()
    stage.scene.pod("db", node=machine, finalizers=["a.example/b"])
    op_id = await stage.approved("drain", machine, force=True)
    await stage.until(op_id, lambda op: any(step.kind == "evict" and step.started for step in op.steps))
    return op_id


def test_a_drain_that_is_at_work_counts_whichever_store_it_is_of_and_is_not_held_up_itself() -> None:
    async def tale(stage: EtcdStage) -> None:
        _called_alike(stage)
        first = await _held_up(stage, "cp-2")
        ours = _spares(await stage.planned(stage.propose("drain", "cp-3")))["cp-3"]
        assert (ours.blocks, f"cp-2 (drain {first} by " in ours.evidence) == (True, True)
        store = MemoryStore(stage.clock)
        async with stage.controller("c2", store=store):
            theirs = _spares(await stage.planned(stage.propose("drain", "cp-3", store=store), store=store))["cp-3"]
        assert (theirs.blocks, f"cp-2 (held by drain {first} by " in theirs.evidence) == (True, True)
        stage.now()
        stage.scene.ask(Patch("pods", "db", {"metadata": {"finalizers": None}}, "pay"))
        assert (await stage.ended(first)).state is OpState.DONE, outline(stage.operation(first))

    _play(tale)


def test_of_two_drains_that_are_confirmed_at_once_one_goes_on_and_the_other_moves_nobody() -> None:
    async def tale(stage: EtcdStage) -> None:
        _called_alike(stage)
        for name in ("cp-2", "cp-3"):
            stage.scene.pod(f"db-{name}", node=name)
        ids = [stage.propose("drain", name, force=True) for name in ("cp-2", "cp-3")]
        plans = [(await stage.planned(op_id)).plan for op_id in ids]
        for op_id, plan in zip(reversed(ids), reversed(plans), strict=True):
            assert plan is not None
            assert not plan.blocked
            stage.ask(op_id, RequestKind.APPROVE, digest=plan.digest)
        ended = [await stage.ended(op_id) for op_id in ids]
        assert sorted(operation.state for operation in ended) == sorted((OpState.DONE, OpState.FAILED))
        refused = next(operation for operation in ended if operation.state is OpState.FAILED)
        assert "1 healthy of 3 voters, quorum 2" in refused.summary
        done = next(operation for operation in ended if operation.state is OpState.DONE)
        assert stage.evictions() == [f"db-{target.name}" for target in done.intent.targets]

    _play(tale)


def test_two_drains_that_five_members_can_spare_go_on_beside_each_other_and_a_third_does_not() -> None:
    async def tale(stage: EtcdStage) -> None:
        _called_alike(stage)
        first = await _held_up(stage, "cp-2")
        second = await stage.ended(await stage.approved("drain", "cp-3"))
        assert second.state is OpState.DONE, outline(second)
        third = _spares(await stage.planned(stage.propose("drain", "cp-4")))["cp-4"]
        assert (third.outcome, third.severity) == (FAIL, FORCE), "cp-3 may have been worked on by now"
        assert f"cp-2 (drain {first} by " in third.evidence
        assert "cp-3 (cordoned by " in third.evidence
        stage.now()
        stage.scene.ask(Patch("pods", "db", {"metadata": {"finalizers": None}}, "pay"))
        assert (await stage.ended(first)).state is OpState.DONE

    _play(tale, size=5)


def test_one_that_is_only_cordoned_is_the_operators_to_accept() -> None:
    async def tale(stage: EtcdStage) -> None:
        _called_alike(stage)
        assert (await stage.ended(await stage.approved("drain", "cp-2"))).state is OpState.DONE
        op_id = stage.propose("drain", "cp-3")
        planned = await stage.planned(op_id)
        check = _spares(planned)["cp-3"]
        assert (check.outcome, check.severity) == (FAIL, FORCE)
        assert "without cp-3 and cp-2: 1 healthy of 3 voters, quorum 2" in check.evidence
        assert "cp-2 (cordoned by " in check.evidence
        assert planned.plan is not None
        stage.ask(op_id, RequestKind.APPROVE, digest=planned.plan.digest)
        assert (await stage.ended(op_id)).state is OpState.DONE

    _play(tale)


@pytest.mark.parametrize("kind", ["drain", "cordon"])
@pytest.mark.parametrize(
    ("befalls", "outcome", "severity", "said"),
    [
        (_well, OK, WARN, "a quorum works, can lose 1, no alarm"),
        (_thin, OK, WARN, "2/3 up, next loss fatal"),
        (_full, FAIL, BLOCK, "NOSPACE: writes are refused"),
        (_lost, FAIL, BLOCK, "nothing can be written"),
        (_hung, UNKNOWN, WARN, "not known well enough"),
        (_nowhere, UNKNOWN, INFO, "no way to its etcd is configured"),
    ],
)
def test_no_machine_is_touched_while_etcd_refuses_writes(
    kind: str, befalls: Callable[[EtcdStage], None], outcome: Outcome, severity: Severity, said: str
) -> None:
    async def tale(stage: EtcdStage) -> None:
        befalls(stage)
        planned = await stage.planned(stage.propose(kind, "wk-1"))
        check = _check(planned, "etcd-writes")
        assert (check.outcome, check.severity) == (outcome, severity)
        assert said in check.evidence
        assert planned.plan is not None
        assert planned.plan.blocked is (severity is BLOCK)
        if kind == "drain":
            assert _check(planned, "etcd-spare").evidence == "not a control-plane machine"

    _play(tale)


def test_going_back_is_never_held_up_by_etcd() -> None:
    async def tale(stage: EtcdStage) -> None:
        assert (await stage.ended(await stage.approved("cordon", "cp-2"))).state is OpState.DONE
        _thin(stage)
        assert (await stage.ended(await stage.approved("uncordon", "cp-2"))).state is OpState.DONE

    _play(tale)


def test_what_befalls_etcd_after_the_plan_stops_it_before_it_begins_and_before_the_machine_is_emptied() -> None:
    async def tale(stage: EtcdStage) -> None:
        planned = await stage.planned(op_id := stage.propose("drain", "cp-2"))
        assert planned.plan is not None
        assert not planned.plan.blocked
        _thin(stage)
        stage.ask(op_id, RequestKind.APPROVE, digest=planned.plan.digest)
        refused = await stage.ended(op_id)
        assert refused.state is OpState.FAILED
        assert "not begun" in refused.summary
        assert "etcd can lose no member" in refused.summary
        assert stage.log == [], "nothing was changed"

    _play(tale)


class Thinning(WatchedTarget):
    """A member of etcd dies when the first machine has been cordoned."""

    def __init__(self, stage: EtcdStage) -> None:
        super().__init__(stage.host, stage.log)
        self._stage = stage

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        answer = await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)
        _thin(self._stage)
        return answer


def test_the_rule_is_asked_again_at_the_point_of_no_return() -> None:
    async def tale(stage: EtcdStage) -> None:
        stage.scene.pod("db", node="cp-2")
        stage.engine_target = lambda: Thinning(stage)  # type: ignore[method-assign]
        operation = await stage.ended(await stage.approved("drain", "cp-2", force=True))
        assert operation.state is OpState.FAILED, outline(operation)
        assert "etcd can lose no member" in operation.summary
        assert stage.evictions() == []

    _play(tale)


@pytest.mark.parametrize(
    ("befalls", "size"),
    [(_well, 3), (_thin, 3), (_well, 2), (_lost, 3), (_full, 3), (_corrupt, 3), (_joining, 3), (_well, 1), (_hung, 3)],
)
def test_the_lens_and_the_plan_never_disagree(befalls: Callable[[EtcdStage], None], size: int) -> None:
    """What the lens forbids no plan lets pass; what a plan refuses as known, the lens forbids in the same words."""

    async def tale(stage: EtcdStage) -> None:
        befalls(stage)
        planned = await stage.planned(stage.propose("drain", "cp-2"))
        spare, writes = (_check(planned, name) for name in ("etcd-spare", "etcd-writes"))
        state = await _on_screen(stage)
        now = stage.clock.now()
        calm = {one.deed: one.reason for one in diagnose(_evidence(state, now, outage=False)).blocked}
        dark = {one.deed for one in diagnose(_evidence(state, now, outage=True)).blocked}
        for deed, check in ((Deed.STOP_CONTROL_PLANE_MACHINE, spare), (Deed.DRAIN, writes)):
            assert (calm.get(deed) == check.evidence) is (check.outcome is FAIL), (deed, check.evidence, calm.get(deed))
            if check.outcome is not OK:
                assert deed in dark

    _play(tale, size=size)


async def _on_screen(stage: EtcdStage) -> EtcdState:
    """As the live picture has it, which asks by itself."""
    etcd = WatchedEtcd(stage)
    picture = await etcd.look()
    heard_at = picture.at if picture.answering else None
    known = Known("prod", course=Course().after(picture), heard_at=heard_at, settled=True)
    return etcd_state(known, at=stage.clock.now())


def _evidence(state: EtcdState, now: float, *, outage: bool):  # type: ignore[no-untyped-def]
    if outage:
        return case(cluster=silent(FaultKind.REFUSED), etcd=state, now=now)
    return case(machines=machines("wk-2"), etcd=state, now=now)
