"""Whose replacements the settle step waits for, and how it asks for them."""

import asyncio

import msgspec
import pytest

from fleetui.model.drain import OwnerRef, PodState
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.ports.target import OwnerState
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual


class OwnedBy(WatchedTarget):
    """Says that every pod is owned so, and notes how the settle step asks for owners."""

    def __init__(self, stage: Stage, owner: OwnerRef) -> None:
        super().__init__(stage.host, stage.log)
        self._owner = owner
        self.asked: set[tuple[str, str, str]] = set()

    async def pods_on(self, node: str) -> tuple[PodState, ...]:
        pods = await super().pods_on(node)
        return tuple(msgspec.structs.replace(pod, controller=self._owner) for pod in pods)

    async def owner(self, pod: PodState) -> OwnerState | None:
        assert pod.controller is not None
        if not pod.node:  # the plan asks about pods that are somewhere
            self.asked.add((pod.controller.api_version, pod.controller.kind, pod.controller.name))
        return OwnerState(pod.controller.kind, pod.namespace, pod.controller.name, replicas=1, ready=1)


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("batch/v1", "Job"),
        ("v1", "ReplicationController"),
        ("apps/v1", "ReplicaSet"),
        ("apps/v1", "StatefulSet"),
    ],
)
def test_the_settle_step_looks_for_an_owner_in_its_own_group(api_version: str, kind: str) -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.pod("one", node="wk-1")
        target = OwnedBy(stage, OwnerRef(kind=kind, name="work", api_version=api_version))
        engine = stage.engine(target=target)
        work = asyncio.create_task(engine.run())
        operation = await stage.ended(await stage.approved("drain", "wk-1"))
        engine.stop()
        await work
        assert operation.state is OpState.DONE
        assert target.asked == {(api_version, kind, "work")}

    run_virtual(story())


class Mute(OwnedBy):
    """``said`` answers for the owner of every pod that was moved; an error is raised."""

    def __init__(self, stage: Stage, *said: OwnerState | FaultKind | None) -> None:
        super().__init__(stage, OwnerRef(kind="ReplicaSet", name="web", api_version="apps/v1"))
        self._said = list(said)

    async def owner(self, pod: PodState) -> OwnerState | None:
        if pod.node:  # the plan asks about pods that are somewhere
            return await super().owner(pod)
        said = self._said.pop(0) if len(self._said) > 1 else self._said[0]
        if isinstance(said, FaultKind):
            raise ClusterError(Fault(said, "no answer", "10.0.0.1 says nothing", "is it up?"))
        return said


WHOLE = OwnerState("ReplicaSet", "shop", "web", replicas=1, ready=1)


async def _drained(*said: OwnerState | FaultKind | None, settle_s: int = 60) -> tuple[Operation, str]:
    """The operation at its end, and what its settle step came to."""
    stage = Stage()
    stage.scene.pod("one", node="wk-1")
    engine = stage.engine(target=Mute(stage, *said))
    work = asyncio.create_task(engine.run())
    op_id = await stage.approved("drain", "wk-1", settle_s=settle_s)
    operation = await stage.ended(op_id)
    engine.stop()
    await work
    (step,) = [step for step in operation.steps if step.kind == "settle"]
    return operation, step.summary


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT, FaultKind.SERVER_ERROR, FaultKind.THROTTLED])
def test_without_an_answer_nothing_is_whole(kind: FaultKind) -> None:
    """It is asked again, and what stays unknown to the end is said."""

    async def story() -> None:
        operation, result = await _drained(kind, kind, WHOLE)
        assert (operation.state, result) == (OpState.DONE, "every moved workload is whole again")
        operation, result = await _drained(kind, settle_s=20)
        assert operation.state is OpState.DONE
        assert result.startswith("not whole after 20 s: ")
        assert result.endswith(" not known: no answer")
        assert [note.text for note in operation.notes] == [f"wk-1: {result}"]

    run_virtual(story())


@pytest.mark.parametrize("said", [None, OwnerState("Rollout", "shop", "web")])
def test_what_cannot_be_read_is_not_called_whole(said: OwnerState | None) -> None:
    """Forbidden, or of a kind that we do not know: it is not waited for."""

    async def story() -> None:
        operation, result = await _drained(said)
        assert operation.state is OpState.DONE
        assert "not known whether whole, for it cannot be read: " in result
        assert [note.text for note in operation.notes] == [f"wk-1: {result}"]

    run_virtual(story())
