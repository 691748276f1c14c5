"""Another machine comes under the name of one that is being drained, with everything on it that the old one said.

``kubectl replace --force`` on a Node does just that: it is deleted and made again, with its annotations and its cordon,
and its pods run on, since nobody has collected them yet. Only the uid tells that nobody has confirmed anything of it.
"""

from collections.abc import Awaitable, Callable

import msgspec
import pytest

from fleetui.control.operation_kind import UNDO
from fleetui.model.drain import NodeState
from fleetui.model.journal import RequestKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.ports.target import PatchAnswer
from fleetui.simulate.request import Delete
from fleetui.simulate.state import State
from tests.control.stage import Stage, WatchedTarget, kinds_of
from tests.control.virtual_time import run_virtual

NEW_UID = "another-machine"
SAID = f"another machine is called wk-1 now (uid {NEW_UID})"
GIVEN_BACK = f"nothing to give back: {SAID}"


def _replace(stage: Stage, name: str = "wk-1") -> NodeState:
    """The machine that has the name from now on."""

    def act(state: State, _now: float) -> None:
        node = state.node(name)
        assert node is not None
        state.put(msgspec.structs.replace(node, uid=NEW_UID))

    stage.scene.world.plan(stage.clock.now(), 0.0, act)
    stage.now()
    assert stage.node(name).uid == NEW_UID
    return stage.node(name)


class Replaceable(WatchedTarget):
    """The machine may be replaced between our last look at it and the first PATCH of a kind; none may reach the new."""

    def __init__(self, stage: Stage, before: str = "") -> None:
        super().__init__(stage.host, stage.log)
        self._stage, self._before = stage, before
        self.new: NodeState | None = None
        stage.engine_target = lambda: self  # type: ignore[method-assign]

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        assert uid != NEW_UID, f"{kinds_of(patch)} of a machine that nobody meant"  # at once: else it is tried for ever
        if self.new is None and self._before in kinds_of(patch):
            self.new = _replace(self._stage)
        return await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)


def _open_budget(stage: Stage) -> None:
    stage.now()
    stage.scene.ask(Delete("poddisruptionbudgets", "api", "pay"))


async def _held_drain(stage: Stage, *machines: str) -> str:
    """Nothing of ``api`` may go."""
    stage.scene.workload("ReplicaSet", "api", replicas=6)
    await stage.clock.sleep(20)
    stage.scene.budget("api", {"app": "api"}, minAvailable=6)
    op_id = await stage.approved("drain", *machines)
    await stage.waiting(op_id, "budget")
    return op_id


def _assert_untouched(stage: Stage, new: NodeState, evicted_before: int) -> None:
    now = stage.node(new.name)
    assert (now.annotations, now.unschedulable) == (new.annotations, new.unschedulable)
    assert len(stage.evictions()) == evicted_before


def _goes_on(stage: Stage, _op_id: str) -> None:
    _open_budget(stage)


def _aborts(stage: Stage, op_id: str) -> None:
    stage.ask(op_id, RequestKind.ABORT)


@pytest.mark.parametrize(
    ("then", "state", "said"),
    [
        (_goes_on, OpState.FAILED, f"wk-1: {SAID} ({GIVEN_BACK})"),
        (_aborts, OpState.ABORTED, GIVEN_BACK),
    ],
    ids=["eviction", "undo"],
)
def test_pods_of_another_machine_stay_and_nothing_is_taken_off_it(
    then: Callable[[Stage, str], None], state: OpState, said: str
) -> None:
    async def story() -> None:
        stage = Stage()
        Replaceable(stage)
        async with stage.controller():
            op_id = await _held_drain(stage, "wk-1")
            new, running = _replace(stage), stage.names_on("wk-1")
            then(stage, op_id)
            operation = await stage.ended(op_id)
        assert (operation.state, operation.summary) == (state, said)
        assert running
        assert stage.names_on("wk-1") == running
        _assert_untouched(stage, new, 0)

    run_virtual(story())


def test_another_machine_is_not_locked_while_it_waits_for_its_turn() -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1", "wk-2", "wk-3"))
        Replaceable(stage)
        async with stage.controller():
            op_id = await _held_drain(stage, "wk-2", "wk-1")
            new = _replace(stage)
            operation = await stage.until(op_id, lambda op: any(step.id == f"{UNDO.name}/wk-1" for step in op.steps))
            assert {step.id: step.started for step in operation.steps}["evict/wk-1"] is None
            _open_budget(stage)
            operation = await stage.ended(op_id)
        assert operation.state is OpState.FAILED
        assert f"wk-1: {SAID} ({GIVEN_BACK})" in operation.summary
        assert stage.names_on("wk-2") == set()
        _assert_untouched(stage, new, len(stage.evictions()))

    run_virtual(story())


async def _cordoned(stage: Stage) -> Operation:
    return await stage.ended(await stage.approved("cordon", "wk-1"))


async def _drained(stage: Stage) -> Operation:
    return await stage.ended(await stage.approved("drain", "wk-1"))


async def _held_until_it_ends(stage: Stage) -> Operation:
    return await stage.ended(await _held_drain(stage, "wk-1"))


async def _given_back(stage: Stage) -> Operation:
    op_id = await _held_drain(stage, "wk-1")
    stage.ask(op_id, RequestKind.ABORT)
    return await stage.ended(op_id)


@pytest.mark.parametrize(
    ("kind", "story", "said"),
    [
        ("cordon", _cordoned, f"wk-1: {SAID} ({GIVEN_BACK})"),
        ("lock-and-cordon", _drained, f"wk-1: {SAID} ({GIVEN_BACK})"),
        ("renew", _held_until_it_ends, f"wk-1: {SAID} ({GIVEN_BACK})"),
        ("release", _drained, f"wk-1: {SAID} ({GIVEN_BACK})"),
        ("uncordon", _given_back, GIVEN_BACK),
    ],
)
def test_a_change_that_meets_another_machine_is_refused_and_not_made_again(
    kind: str, story: Callable[[Stage], Awaitable[Operation]], said: str
) -> None:
    async def play() -> None:
        stage = Stage()
        target = Replaceable(stage, kind)
        async with stage.controller():
            operation = await story(stage)
        assert operation.summary == said
        assert target.new is not None
        assert stage.log[-1][::3] == ("patch", 409)
        _assert_untouched(stage, target.new, len(stage.evictions()))

    run_virtual(play())
