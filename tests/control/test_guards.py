"""Looking again at the point of no return: which checks, what they see, and what no answer means."""

import asyncio
from functools import partial

import msgspec

from fleetui.control.facts import Facts
from fleetui.control.guards import Guards
from fleetui.control.logbook import Logbook
from fleetui.control.operation_run import no_etcd
from fleetui.control.preflight import CheckKind, Finding, fail
from fleetui.control.registry import load_registry
from fleetui.control.safe_points import SafePoints
from fleetui.control.step_context import Surroundings
from fleetui.model.drain import NodeState
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.journal import StepStarted
from fleetui.model.operation import OpState, Outcome, Severity, Target
from fleetui.model.step_progress import StepState
from fleetui.simulate.request import Patch
from tests.control.samples import plan
from tests.control.stage import ANA, Stage, WatchedTarget
from tests.control.virtual_time import run_virtual


async def _no(_facts: Facts, _target: Target) -> Finding:
    return fail("no")


def _check(name: str, *, per_machine: bool, guards: bool, severity: Severity = Severity.BLOCK) -> CheckKind:
    return CheckKind(name, name, severity, "", _no, per_machine=per_machine, guards=guards)


class Kind:
    """An operation that objects to everything."""

    checks = (
        _check("machine", per_machine=True, guards=True),
        _check("capacity", per_machine=False, guards=True, severity=Severity.FORCE),
        _check("pods", per_machine=True, guards=False),
        _check("clock", per_machine=False, guards=False),
    )
    start_checks = (_check("came", per_machine=True, guards=False),)


def _guards(stage: Stage, accepted: tuple[tuple[str, str], ...] = ()) -> Guards:
    op_id = stage.propose("drain", "wk-1", "wk-2")
    logbook = Logbook(stage.store, stage.store.load(op_id), stage.store.claim(op_id, "c1", 1e6))
    intent = logbook.operation.intent
    around = Surroundings(
        cluster=stage.engine_target(), intent=intent, actor=ANA, options={}, holder="c1", logbook=logbook,
        safe_points=SafePoints(logbook, stage.clock), clock=stage.clock, chance=None, timing=stage.timing,  # type: ignore[arg-type]
        effects={}, renewals={}, open_etcd=partial(no_etcd, intent.cluster),
    )  # fmt: skip
    made = plan(intent=intent)
    (known,) = made.checks
    worded = tuple(
        msgspec.structs.replace(known, id=name, target=target, severity=Severity.FORCE, outcome=Outcome.FAIL)
        for name, target in accepted
    )
    return Guards(Kind(), msgspec.structs.replace(made, checks=worded), around)  # type: ignore[arg-type]


def test_at_the_start_all_guards_are_asked_again_and_what_has_come() -> None:
    async def story() -> None:
        said = await _guards(Stage()).at_start()
        assert {(check.id, check.target) for check in said} == {
            ("machine", "wk-1"), ("machine", "wk-2"), ("capacity", ""), ("came", "wk-1"), ("came", "wk-2"),
        }  # fmt: skip

    run_virtual(story())


def test_at_a_step_only_the_guards_of_its_own_machine_are_asked() -> None:
    """Room for all is a question before the beginning: a machine half empty is not better left so."""

    async def story() -> None:
        stage = Stage()
        said = await _guards(stage).at_step(Target("wk-2", stage.node("wk-2").uid))
        assert [(check.id, check.target) for check in said] == [("machine", "wk-2")]

    run_virtual(story())


def test_what_the_typed_word_accepted_is_no_objection() -> None:
    async def story() -> None:
        said = await _guards(Stage(), accepted=(("capacity", ""),)).at_start()
        assert "capacity" not in {check.id for check in said}

    run_virtual(story())


def test_what_blocks_is_never_accepted_with_the_plan() -> None:
    async def story() -> None:
        said = await _guards(Stage(), accepted=(("machine", "wk-1"),)).at_start()
        assert ("machine", "wk-1") in {(check.id, check.target) for check in said}

    run_virtual(story())


class Deaf(WatchedTarget):
    """Does not answer about nodes for a minute after the first step has begun."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.host, stage.log)
        self._stage = stage
        self.op_id = ""

    async def node(self, name: str) -> NodeState | None:
        records = self._stage.records(self.op_id) if self.op_id else ()
        begun = [record.at for record in records if isinstance(record, StepStarted)]
        if begun and self._stage.clock.now() - begun[0] < 60:
            raise ClusterError(Fault(FaultKind.TIMEOUT, "timeout", "no answer", "wait"))
        return await super().node(name)


def test_a_guard_without_an_answer_is_asked_again_before_anything_is_changed() -> None:
    async def story() -> None:
        stage = Stage()
        target = Deaf(stage)
        engine = stage.engine(target=target)
        work = asyncio.create_task(engine.run())
        target.op_id = op_id = await stage.approved("cordon", "wk-2")
        operation = await stage.waiting(op_id, "guard unknown")
        (waiting, *_) = operation.steps[0].waiting
        assert (waiting.object, waiting.remedy) == ("wk-2", "wait")
        assert waiting.next_within_s is not None
        assert stage.log == []
        ended = await stage.ended(op_id)
        assert (ended.state, ended.steps[0].waiting) == (OpState.DONE, ())
        engine.stop()
        await work

    run_virtual(story())


def test_a_machine_at_work_is_finished_by_the_next_controller_though_another_one_failed() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        for name in ("wk-1", "wk-2"):
            stage.scene.pod(f"db-{name}", node=name, labels={"app": name})
            stage.scene.budget(f"db-{name}", {"app": name}, minAvailable=1)
        async with stage.controller("c1"):
            op_id = await stage.approved("drain", "wk-1", "wk-2", force=True, max_parallel=2, settle_s=0)
            await stage.until(op_id, lambda op: sum(step.state is StepState.WAITING for step in op.steps) == 2)
            stage.now()
            stage.scene.ask(Patch("nodes", "wk-1", {"spec": {"unschedulable": None}}))
            await stage.until(op_id, lambda op: any(step.id == "undo/wk-1" and step.ended for step in op.steps))
        stage.now()
        stage.scene.ask(Patch("poddisruptionbudgets", "db-wk-2", {"spec": {"minAvailable": 0}}, "pay"))
        async with stage.controller("c2"):
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert "somebody uncordoned wk-1 meanwhile" in operation.summary
        assert operation.summary.endswith("wk-2: was finished and stays so")
        assert stage.evictions() == ["db-wk-2"]

    run_virtual(story())


def test_the_registry_has_a_guard_for_every_operation() -> None:
    """Or the points of no return would be none."""
    for kind in load_registry().values():
        assert any(check.guards and check.per_machine for check in kind.checks), kind.name
        assert any(step.guarded for step in kind.steps), kind.name
