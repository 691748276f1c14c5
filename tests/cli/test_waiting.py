"""On a terminal a command tells what it waits for; the line is gone before the answer, and is never in a pipe."""

import asyncio
import io

import pytest

from fleetui.cli.waiting import FIRST_S, NEXT_S, telling, waiting_text
from tests.control.samples import StillClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def shown(self) -> str:
        """What stands on its one line."""
        cells: list[str] = []
        at = 0
        for char in self.getvalue():
            if char == "\r":
                at = 0
            else:
                cells[at : at + 1] = [char]
                at += 1
        return "".join(cells).rstrip()


async def passes(clock: StillClock, seconds: float) -> None:
    """Until the other side, the only one that sleeps on this clock, has slept so long."""
    until = clock.time + seconds
    async with asyncio.timeout(5):
        while clock.time < until:  # noqa: ASYNC110 - a clock that stands still has no event to wait for
            await asyncio.sleep(0)


async def test_it_names_who_is_waited_for_and_leaves_nothing() -> None:
    err, clock, waiting = Terminal(), StillClock(), {"eu-3", "ap-1"}
    async with telling(lambda: waiting, of=20, timeout_s=10, err=err, clock=clock):
        await passes(clock, FIRST_S + NEXT_S)
        assert err.shown() == "waiting for 2 of 20 clusters: ap-1, eu-3 (timeout 10s)"
        waiting.discard("ap-1")
        await passes(clock, 2 * NEXT_S)
        assert err.shown() == "waiting for 1 of 20 clusters: eu-3 (timeout 10s)"
    assert err.shown() == ""
    assert err.getvalue()


async def test_who_answers_at_once_is_not_announced() -> None:
    err = Terminal()
    async with telling(lambda: {"eu-3"}, of=1, timeout_s=10, err=err, clock=StillClock()):
        await asyncio.sleep(0)
    assert err.getvalue() == ""


async def test_a_failure_wipes_the_line_too() -> None:
    err, clock = Terminal(), StillClock()

    async def fail() -> None:
        async with telling(lambda: {"eu-3"}, of=1, timeout_s=10, err=err, clock=clock):
            await passes(clock, FIRST_S + NEXT_S)
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert (err.shown(), bool(err.getvalue())) == ("", True)


async def test_a_pipe_gets_nothing() -> None:
    err, clock = io.StringIO(), StillClock()
    async with telling(lambda: {"eu-3"}, of=1, timeout_s=10, err=err, clock=clock):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert (err.getvalue(), clock.time) == ("", StillClock().time)


@pytest.mark.parametrize("width", [60, 80, 160])
def test_many_names_stay_one_line(width: int) -> None:
    text = waiting_text([f"cluster-{n:03d}" for n in range(100)], of=150, timeout_s=10, width=width)
    assert len(text) < width
    assert text.startswith("waiting for 100 of 150 clusters: cluster")
    assert text.endswith("… (timeout 10s)")
