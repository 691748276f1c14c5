"""Whose replacements the settle step waits for, and how it asks for them."""

import asyncio

import msgspec
import pytest

from fleetui.model.drain import OwnerRef, PodState
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
