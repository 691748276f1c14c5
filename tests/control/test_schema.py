"""Journals of other versions: older ones are read, newer ones are named and left alone."""

import msgspec
import pytest

from fleetui.control.desk import Desk, DeskError
from fleetui.model.journal import RequestKind, Started, Submission
from fleetui.model.ledger import fold
from fleetui.model.operation import SCHEMA_VERSION, OpState
from tests.control.samples import ANA, INTENT, CountingIds, note, submission
from tests.control.stage import Stage
from tests.control.virtual_time import run_virtual

NEWER = msgspec.structs.replace(submission("OP-FUTURE"), schema=SCHEMA_VERSION + 1)
SAID = (
    f"operation OP-FUTURE was written by a newer fleetui (schema {SCHEMA_VERSION + 1}, this one knows "
    f"{SCHEMA_VERSION}): upgrade fleetui here"
)


def test_a_submission_says_its_schema_and_an_old_one_is_of_version_1() -> None:
    async def story() -> None:
        stage = Stage()
        desk = Desk(stage.store, clock=stage.clock, ids=CountingIds(), actor=ANA)
        assert stage.store.load(desk.propose(INTENT, key="k")).submission.schema == SCHEMA_VERSION

    run_virtual(story())
    written = msgspec.to_builtins(submission())
    assert written.pop("schema") == 1
    old = msgspec.convert(written, Submission)
    assert (old.schema, old.newer) == (1, "")


def test_a_newer_operation_is_named_and_not_touched_while_others_run() -> None:
    async def story() -> None:
        stage = Stage()
        stage.store.submit(NEWER, "k")
        async with stage.controller():
            mine = await stage.approved("cordon", "wk-1")
            assert (await stage.ended(mine)).state is OpState.DONE
        stored = stage.store.load("OP-FUTURE")
        assert (stored.records, stored.fence) == ((), 0)

    run_virtual(story())


def test_a_newer_operation_is_shown_with_the_remedy_and_takes_no_wishes() -> None:
    async def story() -> None:
        stage = Stage()
        stage.store.submit(NEWER, "k")
        fence = stage.store.claim("OP-FUTURE", "newer controller", 60.0)
        stage.store.append("OP-FUTURE", fence, 0, Started("newer controller", fence, 1.0))
        desk = Desk(stage.store, clock=stage.clock, ids=CountingIds(), actor=ANA)
        (operation,) = desk.operations()
        assert (operation.newer, operation.plan_error) == (SAID, SAID)
        assert operation.started is None, "what its records mean is not known"
        assert not operation.needs_controller
        for wish in (desk.pause, desk.abort, desk.resume):
            with pytest.raises(DeskError, match="upgrade fleetui here"):
                wish("OP-FUTURE")
        stage.store.append("OP-FUTURE", fence, 1, note("later"))
        assert desk.operation("OP-FUTURE").next_seq == 2
        assert RequestKind.ABORT not in {request.kind for request in stage.store.load("OP-FUTURE").requests}
        assert fold(stage.store.load("OP-FUTURE")) == desk.operation("OP-FUTURE")

    run_virtual(story())
