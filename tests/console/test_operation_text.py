"""An operation in words: what it waits for now, what it waited for when it was paused, and who asked what of it."""

from fleetui.console.glyphs import UNICODE
from fleetui.console.ink import plain
from fleetui.console.operation_text import clock_time, inspector_lines
from fleetui.model import journal
from fleetui.model.ledger import Operation
from tests.console.samples import NOON, fill, running_drain
from tests.console.world import World


def said(operation: Operation, *, now: float = NOON) -> str:
    return "\n".join(plain(one).rstrip() for one in inspector_lines(operation, now=now, glyphs=UNICODE, cells=60))


def test_what_a_paused_operation_waited_for_is_no_news_of_now() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    running = said(world.desk.operation(op_id))
    assert "\nnow 1\n" in running
    assert "▲ budget shut since 14m" in running
    world.desk.pause(op_id)
    world.write(op_id, journal.Paused(NOON - 60, "evict"))
    paused = world.desk.operation(op_id)
    text = said(paused)
    assert f"\nwhen paused {clock_time(NOON - 60)} 1\n" in text
    assert "now 1" not in text
    assert text.partition("when paused")[2] == said(paused, now=NOON + 3600).partition("when paused")[2]


def test_what_passes_by_itself_is_no_trouble() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    step = next(step.id for step in world.desk.operation(op_id).steps if step.waiting)
    replacing = journal.Waiting("StatefulSet catalog/db", "replacement", "1 of 3 ready")
    world.write(op_id, journal.StepWaiting(step, (replacing,), 0, NOON))
    text = said(world.desk.operation(op_id))
    assert "~ replacement" in text
    assert "▲" not in text


def test_who_paused_and_aborted_is_said_with_the_time() -> None:
    world = fill(World())
    op_id = running_drain(world, "wk-b-01", "wk-b-04")
    assert "asked" not in said(world.desk.operation(op_id)), "who approved is said apart"
    world.desk.pause(op_id)
    world.desk.abort(op_id)
    asked = [line for line in said(world.desk.operation(op_id)).splitlines() if line.startswith("asked")]
    assert asked == [
        f"asked    {kind} by {world.session.actor}, {clock_time(world.clock.at)}" for kind in ("pause", "abort")
    ]
