"""The lock on one machine: how long it is called ours, and whose it is that is taken away."""

import msgspec
import pytest

from fleetui.control.machine_lock import MachineLock, hand_back
from fleetui.model.lock import Lock, LockState, judge, read_lock, take_patch
from fleetui.ports.target import PatchAnswer
from fleetui.simulate.request import Patch
from tests.control.lone_step import lone_step
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual

LATE_S = 25.0


class SlowAnswers(WatchedTarget):
    """Its answers are this long on the line: what they say is as old as that."""

    def __init__(self, stage: Stage, slow: str) -> None:
        super().__init__(stage.host, stage.log)
        self._stage, self._slow = stage, slow

    async def server_now(self) -> float:
        said = await super().server_now()
        await self._late("server_now")
        return said

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        answer = await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)
        await self._late("patch_node")
        return answer

    async def _late(self, request: str) -> None:
        if request == self._slow:
            await self._stage.clock.sleep(LATE_S)


@pytest.mark.parametrize("slow", ["server_now", "patch_node"])
def test_a_lock_is_never_called_ours_for_longer_than_it_says_itself(slow: str) -> None:
    async def story() -> None:
        stage = Stage()
        context = lone_step(stage, cluster=SlowAnswers(stage, slow))
        node = await MachineLock(context).take()
        lock = read_lock(node)
        assert isinstance(lock, Lock)
        ago = stage.clock.monotonic() - context.around.renewals[node.uid]
        assert lock.expires - stage.clock.now() == pytest.approx(stage.timing.lock_ttl_s - ago)
        assert ago >= LATE_S

    run_virtual(story())


@pytest.mark.parametrize("uncordon", [False, True])
def test_a_lock_that_another_has_left_behind_is_not_taken_off_a_machine_that_is_handed_back(uncordon: bool) -> None:
    """Its own operation may still come for it, or a person look for who it was."""

    async def story() -> None:
        stage = Stage()
        dead = Lock("c9", "op-ben", "ben@jump-2", "drain", 1, stage.clock.now() - 2 * stage.timing.lock_ttl_s)
        assert stage.scene.ask(Patch("nodes", "wk-1", msgspec.json.decode(take_patch(dead, None)))).code == 200
        assert judge(stage.node("wk-1"), op="op-1", fence=1, server_now=stage.clock.now()).state is LockState.LAPSED
        await hand_back(lone_step(stage), uncordon)
        assert read_lock(stage.node("wk-1")) == dead
        assert stage.log == []

    run_virtual(story())
