"""The grace of a drain is the server's to keep: the number that was asked for, and none where none was."""

import asyncio

import pytest

from fleetui.model.operation import OpState
from fleetui.ports.target import EvictionAnswer
from fleetui.simulate.inprocess_target import SimulatedTarget
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual


class Listening(SimulatedTarget):
    """Keeps with what grace each pod was evicted, rehearsals apart."""

    asked: list[int | None]

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        if not dry_run:
            self.asked.append(grace_s)
        return await super().evict(namespace, name, uid=uid, grace_s=grace_s, dry_run=dry_run)


@pytest.mark.parametrize(("option", "asked"), [(0, 0), (1, 1), (45, 45), (-1, None)])
def test_the_grace_that_was_asked_for_reaches_the_server(option: int, asked: int | None) -> None:
    async def story() -> None:
        stage = Stage()
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        await stage.clock.sleep(20)
        target = Listening(stage.host)
        target.asked = []
        engine = stage.engine(target=target)
        work = asyncio.create_task(engine.run())
        ended = await stage.ended(await stage.approved("drain", "wk-1", grace_s=option))
        engine.stop()
        await work
        assert ended.state is OpState.DONE
        assert target.asked
        assert set(target.asked) == {asked}

    run_virtual(story())


def test_a_lock_that_was_just_taken_is_not_renewed_at_once() -> None:
    """Two PATCHes on a machine of a short drain: the lock with the cordon, and its release."""

    async def story() -> None:
        stage = Stage()
        stage.scene.workload("ReplicaSet", "api", replicas=4)
        await stage.clock.sleep(20)
        async with stage.controller():
            await stage.ended(await stage.approved("drain", "wk-1"))
        patches = [name for verb, name, _, code in stage.log if verb == "patch" and code == 200]
        assert patches == ["wk-1", "wk-1"]

    run_virtual(story())
