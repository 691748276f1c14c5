"""A record holds 16 kB: what a cluster says is cut to it, and a record that is too large is no fault of the store."""

import pytest

from fleetui.control.memory_store import MemoryStore
from fleetui.model.journal import Record, StepDone, StepWaiting
from fleetui.model.operation import OpState
from fleetui.ports.store import RecordTooLargeError
from fleetui.ports.target import EvictionAnswer
from fleetui.simulate.host import Host
from tests.control.stage import Stage, WatchedTarget
from tests.control.virtual_time import run_virtual

DENIED = "admission webhook denied the request: " + "驱逐被策略拒绝" * 40
"""300 characters and more as a real one has them, 800 bytes and more."""


class Denying(WatchedTarget):
    def __init__(self, host: Host, log: list[tuple[str, str, str, int]], message: str) -> None:
        super().__init__(host, log)
        self._message = message

    async def evict(self, namespace: str, name: str, *, uid: str, grace_s: int | None, dry_run: bool) -> EvictionAnswer:
        if dry_run:
            return await super().evict(namespace, name, uid=uid, grace_s=grace_s, dry_run=dry_run)
        self._log.append(("evict", name, uid, 403))
        return EvictionAnswer(code=403, reason="Forbidden", message=self._message)


def _waits(stage: Stage, op_id: str) -> list[StepWaiting]:
    return [record for record in stage.records(op_id) if isinstance(record, StepWaiting)]


@pytest.mark.parametrize("denied", [DENIED, "admission webhook denied the request"])
def test_thirty_pods_that_a_webhook_refuses_at_length_are_said_and_counted(denied: str) -> None:
    async def story() -> None:
        stage = Stage(machines=("wk-1",))
        stage.engine_target = lambda: Denying(stage.host, stage.log, denied)  # type: ignore[method-assign]
        stage.scene.workload("ReplicaSet", "api", replicas=30)
        await stage.clock.sleep(60)
        async with stage.controller():
            op_id = await stage.approved("drain", "wk-1")
            await stage.waiting(op_id, "webhook")
            said_once = _waits(stage, op_id)
            await stage.clock.sleep(120.0)
            assert _waits(stage, op_id) == said_once, "nothing has changed, and it is said again"
        said = said_once[-1]
        listed = [one for one in said.waiting if one.why == "webhook"]
        assert said.left == 30
        assert all(one.detail.startswith("admission webhook denied") for one in listed)
        assert said.waiting[-1].object == f"and {30 - len(listed)} more pods"
        assert len(set(stage.evictions(403))) == 30

    run_virtual(story())


class Narrow(MemoryStore):
    """Takes no record of a step that is done."""

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        if isinstance(record, StepDone) and record.step_id == "cordon/wk-1":
            raise RecordTooLargeError("StepDone takes 18773 bytes, 16384 fit a record")
        return super().append(op_id, fence, expected_seq, record)


def test_a_record_that_is_too_large_ends_its_operation_with_the_reason_and_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        stage = Stage()
        stage.store = Narrow(stage.clock)
        async with stage.controller():
            large = await stage.approved("cordon", "wk-1")
            failed = await stage.ended(large)
            other = await stage.ended(await stage.approved("cordon", "wk-2"))
        assert failed.state is OpState.FAILED
        assert "18773 bytes" in failed.summary
        assert "cordons stay, locks run out" in failed.summary
        assert failed.fence == 1  # not claimed again
        assert other.state is OpState.DONE

    run_virtual(story())
    assert "the store cannot be used" not in caplog.text
