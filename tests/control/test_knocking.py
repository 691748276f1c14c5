"""A server that says no for now is asked again after a growing pause: a controller never adds to the load it meets."""

import asyncio
from itertools import pairwise

import pytest

from fleetui.control.machine_lock import CONFLICT_RETRY_S
from fleetui.model.operation import OpState
from fleetui.ports.target import PatchAnswer
from fleetui.simulate.inprocess_target import SimulatedTarget
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual

REFUSALS = 5
JITTER = 0.2


class Refusing(SimulatedTarget):
    """The first PATCHes are refused with a code that passes; keeps when each was tried."""

    def __init__(self, stage: Stage, code: int) -> None:
        super().__init__(stage.host)
        self._clock, self._code = stage.clock, code
        self.tried: list[float] = []

    async def patch_node(self, name: str, *, uid: str, resource_version: str, patch: bytes) -> PatchAnswer:
        self.tried.append(self._clock.monotonic())
        if len(self.tried) <= REFUSALS:
            return PatchAnswer(self._code, "not now")
        return await super().patch_node(name, uid=uid, resource_version=resource_version, patch=patch)


@pytest.mark.parametrize("code", [409, 429])
def test_a_refused_change_is_tried_again_ever_more_slowly(code: int) -> None:
    async def story() -> None:
        stage = Stage()
        target = Refusing(stage, code)
        engine = stage.engine(target=target)
        work = asyncio.create_task(engine.run())
        ended = await stage.ended(await stage.approved("cordon", "wk-1"))
        engine.stop()
        await work
        assert ended.state is OpState.DONE
        assert len(target.tried) == REFUSALS + 1
        waits = [later - earlier for earlier, later in pairwise(target.tried)]
        for number, wait in enumerate(waits):
            meant = CONFLICT_RETRY_S * 2**number
            assert meant * (1 - JITTER) <= wait <= meant * (1 + JITTER) + 1, (number, waits)

    run_virtual(story())
