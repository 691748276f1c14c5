"""One feed by itself, to the second: when it waits, when it lists anew, and when it says that something is wrong."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from fleetui.model.fault import FaultKind
from fleetui.model.freshness import STALE_AFTER_S, Trust
from fleetui.observe.shelf import SLICE
from fleetui.ports.reader import Kind
from tests.observe.feeding import Feeding, feeding
from tests.observe.fleets import machine, server
from tests.observe.scripted import fault, gone
from tests.observe.virtual_clock import settle

RESET = fault(FaultKind.NETWORK, "connection reset")
BAD_GATEWAY = fault(FaultKind.SERVER_ERROR, "502")

# A list.


async def test_a_list_that_stands_still_for_a_minute_is_given_up_and_says_so_once() -> None:
    made = server(3)
    made.hanging.add("list nodes")
    async with feeding(made) as fed:
        await fed.passes(60.0)
        assert (fed.word, fed.alarms) == ("", 0)
        await fed.passes(0.5)
        assert (fed.word, fed.alarms) == ("list stalled", 1)
        made.hanging.clear()
        await fed.passes(5.0)
        assert fed.verdict is Trust.LIVE
        await fed.breaks()
        assert (fed.word, fed.alarms) == ("", 1)


async def test_a_list_that_failed_is_not_running_any_more() -> None:
    """The server asks for a pause that is longer than a list may stand still."""
    made = server(3)
    made.failing["list nodes"] = fault(FaultKind.THROTTLED, "429", retry_after_s=100.0)
    async with feeding(made) as fed:
        await fed.passes(99.0)
        made.failing.clear()
        await fed.passes(5.0)
        await fed.breaks()
        assert (fed.asked("list"), fed.word, fed.alarms) == (2, "", 0)


async def test_a_slow_list_goes_on_as_long_as_its_pages_come() -> None:
    made = server(4, page_size=1)
    made.between_pages = made.freeze
    async with feeding(made) as fed:
        for _ in range(3):
            await fed.passes(40.0)
            made.thaw()
            await settle()
        assert (fed.asked("list"), fed.word, fed.feed.complete) == (4, "", True)
        assert len(fed.table) == 4


async def test_the_first_page_after_a_failure_says_that_the_server_answers() -> None:
    made = server(2, page_size=1)
    made.failing["list nodes"] = BAD_GATEWAY
    async with feeding(made) as fed:
        assert (fed.word, fed.verdict) == ("502", Trust.SILENT)
        made.failing.clear()
        made.between_pages = made.freeze
        told = len(fed.told)
        await fed.passes(1.0)
        assert (fed.word, fed.verdict) == ("", Trust.CONNECTING)
        assert fed.feed.contact == fed.clock.monotonic()
        assert len(fed.told) == told + 1


async def test_a_list_ends_what_was_being_mended_before_its_watch_has_settled() -> None:
    async with feeding() as fed:
        fed.feed.suspect(fed.clock.monotonic())
        assert fed.verdict is Trust.STALE
        for _ in range(3):  # a position that only meets errors is given up
            await fed.breaks(BAD_GATEWAY)
            fed.server.hanging = {"watch nodes"} if fed.asked("watch") == 3 else set()
            await fed.passes(4.0)
        assert (fed.asked("list"), fed.mending_s, fed.verdict) == (2, None, Trust.LIVE)


async def test_a_list_tells_that_it_is_complete_without_waiting_for_its_watch() -> None:
    made = server(2, page_size=1)
    made.hanging.add("watch nodes")
    async with feeding(made) as fed:
        assert fed.told == [("", False), ("", False), ("", True)]


async def test_what_a_list_could_not_read_is_counted_in_its_feed() -> None:
    made = server(2)
    made.put(machine(9, uid=""))
    async with feeding(made) as fed:
        assert (fed.feed.undecodable, len(fed.table)) == (1, 2)


# 410.


async def test_a_list_that_hangs_after_a_410_makes_the_rows_old() -> None:
    async with feeding() as fed:
        fed.server.hanging.add("list nodes")
        await fed.passes(20.0)
        await fed.breaks(gone())
        assert (fed.mending_s, fed.verdict) == (0.0, Trust.LIVE)
        await fed.passes(STALE_AFTER_S)
        assert fed.verdict is Trust.LIVE
        await fed.passes(0.5)
        assert (fed.verdict, fed.word) == (Trust.STALE, "")


async def test_a_list_after_a_410_proves_nothing_before_its_watch_holds() -> None:
    async with feeding() as fed:
        fed.server.hanging.add("watch nodes")
        await fed.passes(20.0)
        await fed.breaks(gone())
        await fed.clock.advance(3.0)
        assert (fed.asked("list"), fed.mending_s) == (2, 3.0)


async def test_a_second_410_before_a_watch_has_held_makes_the_rows_old_at_once() -> None:
    async with feeding() as fed:
        await fed.passes(20.0)
        await fed.breaks(gone())
        await fed.clock.advance(1.0)
        assert (fed.asked("watch"), fed.verdict) == (2, Trust.LIVE)
        await fed.breaks(gone())
        assert fed.verdict is Trust.STALE
        await fed.clock.advance(2.0)
        assert (fed.asked("watch"), fed.verdict) == (3, Trust.STALE)


async def held_for_a_while(fed: Feeding) -> None:
    await fed.passes(3.5)


async def brought_something(fed: Feeding) -> None:
    fed.server.put(machine(7))
    await settle()


@pytest.mark.parametrize("proves", [held_for_a_while, brought_something])
async def test_after_a_watch_that_held_or_brought_something_a_410_is_the_first_again(
    proves: Callable[[Feeding], Awaitable[None]],
) -> None:
    async with feeding() as fed:
        await fed.breaks(gone())
        await fed.clock.advance(1.0)
        await proves(fed)
        assert fed.mending_s is None
        await fed.breaks(gone())
        assert (fed.mending_s, fed.verdict) == (0.0, Trust.LIVE)


async def test_lists_after_410_come_slower_until_a_watch_has_been_steady() -> None:
    async with feeding() as fed:
        await fed.breaks(gone())
        await fed.passes(1.0)
        await fed.breaks(gone())
        await fed.passes(1.5)
        assert fed.asked("list") == 2
        await fed.passes(0.5 + 11.0)
        assert fed.asked("list") == 3
        await fed.breaks(gone())
        await fed.clock.advance(1.0)
        assert fed.asked("list") == 4


async def test_the_first_410_after_errors_does_not_wait_as_long_as_they_do() -> None:
    async with feeding() as fed:
        for _ in range(2):
            await fed.breaks(BAD_GATEWAY)
            await fed.clock.advance(2.0)
        await fed.breaks(gone())
        await fed.clock.advance(1.0)
        assert fed.asked("list") == 2


# A watch.


async def test_a_quiet_watch_ends_a_fault_only_once_it_has_settled() -> None:
    async with feeding() as fed:
        await fed.breaks(RESET)
        await fed.passes(1.0)
        assert (fed.asked("watch"), fed.word) == (2, "connection reset")
        await fed.passes(3.0)
        assert (fed.word, fed.verdict) == ("connection reset", Trust.SILENT)
        told = len(fed.told)
        await fed.passes(0.5)
        assert (fed.word, fed.verdict, len(fed.told)) == ("", Trust.LIVE, told + 1)
        await fed.passes(5.0)
        assert len(fed.told) == told + 1


async def test_a_watch_that_has_settled_is_not_yet_steady() -> None:
    """Five seconds between two breaks are flapping: the delay goes on growing. After ten it starts small again."""
    async with feeding() as fed:
        await fed.breaks(BAD_GATEWAY)
        await fed.passes(1.0 + 5.0)
        await fed.breaks(BAD_GATEWAY)
        await fed.passes(1.5)
        assert fed.asked("watch") == 2
        await fed.passes(0.5 + 11.0)
        assert fed.asked("watch") == 3
        await fed.breaks(BAD_GATEWAY)
        await fed.passes(1.0)
        assert fed.asked("watch") == 4


async def test_errors_from_before_a_steady_watch_do_not_cost_a_list() -> None:
    async with feeding() as fed:
        for seconds in (2.0, 15.0, 3.0):
            await fed.breaks(BAD_GATEWAY)
            await fed.passes(seconds)
        assert (fed.asked("watch"), fed.asked("list")) == (4, 1)


async def test_the_third_error_of_a_row_costs_a_list_and_the_fourth_is_the_first_of_the_next() -> None:
    async with feeding() as fed:
        for lists in (1, 1, 2, 2, 2, 3):
            await fed.breaks(BAD_GATEWAY)
            await fed.clock.advance(60.0)
            assert fed.asked("list") == lists


async def test_a_server_that_is_busy_keeps_its_position() -> None:
    async with feeding() as fed:
        for _ in range(4):
            await fed.breaks(fault(FaultKind.THROTTLED, "429"))
            await fed.clock.advance(60.0)
        assert (fed.asked("watch"), fed.asked("list")) == (5, 1)


async def test_a_watch_is_opened_anew_only_after_three_minutes_without_a_word() -> None:
    async with feeding() as fed:
        await fed.passes(100.0)
        fed.server.bookmark()
        await fed.passes(180.0)
        assert fed.asked("watch") == 1
        await fed.passes(0.5)
        assert fed.asked("watch") == 2
        await fed.passes(180.0)
        assert fed.asked("watch") == 2


async def test_a_steady_watch_that_breaks_is_opened_at_once_and_nothing_said() -> None:
    async with feeding() as fed:
        await fed.passes(11.0)
        await fed.breaks(RESET)
        assert (fed.asked("watch"), fed.word, fed.alarms, fed.mending_s) == (2, "", 1, 0.0)


async def test_a_steady_watch_that_the_server_ends_with_an_error_says_so() -> None:
    async with feeding() as fed:
        await fed.passes(11.0)
        await fed.breaks(BAD_GATEWAY)
        assert (fed.asked("watch"), fed.word, fed.alarms) == (1, "502", 1)
        assert fed.told[-1] == ("502", True)


async def test_a_list_that_breaks_is_judged_by_itself_and_not_by_the_watch_before_it() -> None:
    async with feeding() as fed:
        await fed.passes(11.0)
        fed.server.failing["list nodes"] = RESET
        await fed.breaks(gone())
        await fed.clock.advance(1.0)
        assert (fed.asked("list"), fed.word) == (2, "connection reset")


async def test_the_server_is_asked_who_it_is_once_after_a_break() -> None:
    async with feeding() as fed:
        assert fed.confirmed == 0
        await fed.breaks(RESET)
        await fed.passes(3.0)
        assert fed.confirmed == 1
        await fed.breaks()
        assert (fed.asked("watch"), fed.confirmed) == (3, 1)


async def test_reopening_confirms_and_opens_anew_at_once_however_young_the_watch() -> None:
    async with feeding() as fed:
        fed.feeder.reopen()
        await settle()
        assert (fed.asked("watch"), fed.confirmed, fed.server.watching(Kind.MACHINES)) == (2, 1, 1)


async def test_reopening_ends_a_pause() -> None:
    async with feeding() as fed:
        await fed.breaks(RESET)
        fed.feeder.reopen()
        await settle()
        assert fed.asked("watch") == 2


async def test_after_a_defect_the_rows_are_listed_anew() -> None:
    async with feeding() as fed:
        await fed.breaks(ZeroDivisionError("a bug of ours"))
        assert fed.feed.fault is not None
        assert fed.feed.fault.kind is FaultKind.INTERNAL
        await fed.passes(1.0)
        assert fed.asked("list") == 2


async def test_a_stream_that_is_left_in_the_middle_is_closed() -> None:
    """A row of another cluster is a defect; whoever else holds the stream does not keep the connection."""
    async with feeding() as fed:
        streams = []
        real = fed.reader.watch

        def kept(kind: Kind, *, resource_version: str) -> AsyncIterator[object]:
            streams.append(real(kind, resource_version=resource_version))
            return streams[-1]

        fed.reader.watch = kept  # type: ignore[method-assign]
        await fed.passes(2.0)
        await fed.breaks()
        assert fed.server.watching(Kind.MACHINES) == 1
        fed.reader._name = "b"
        fed.server.put(machine(8))
        await settle()
        assert len(streams) == 1
        assert fed.server.watching(Kind.MACHINES) == 0


async def test_a_watch_that_is_cut_between_two_slices_goes_on_before_the_first() -> None:
    """The position stands behind what is in the table, never behind what is on its way there."""
    async with feeding(server(0)) as fed:
        subscription = fed.table.subscribe(fed.feeder.reopen)
        subscription.take()
        for number in range(3 * SLICE):
            fed.server.put(machine(number))
        await fed.passes(2.0)
        assert fed.confirmed == 1
        assert len(fed.table) == 3 * SLICE
