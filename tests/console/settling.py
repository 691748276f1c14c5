"""When a console under test has nothing left to do: what Pilot waits for after each key.

Textual's own rule is that the process used less than a millisecond of 20. That costs 40 ms a key where nothing is left
to do, and is true too early where a busy machine gave the process no time at all. Here the event loop itself is asked.
"""

import asyncio
from asyncio import AbstractEventLoop
from typing import Any

import pytest

FRAME_S = 0.02
"""What is due within a frame is waited for: a screen paints by a timer of 1/60 s."""
FRAMES_S = 0.1
"""In all: something may move on every frame."""
LONGEST_S = 1.0
"""Textual's own bound; something may wait for ever."""
_WORK = "_console_tests_threads"


async def settled(min_sleep: float = 0.0, max_sleep: float = LONGEST_S) -> None:
    """Returns when nothing is ready to run, no thread is at work and no timer is due within a frame."""
    loop: Any = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() - began < max_sleep:
        await asyncio.sleep(0)
        if loop._ready:
            continue
        if getattr(loop, _WORK, 0):
            await asyncio.sleep(0.001)
        elif (rest := _until_due(loop)) < FRAME_S and loop.time() - began < FRAMES_S:
            await asyncio.sleep(max(0.0, rest))
        elif loop.time() - began >= min_sleep:
            return
        else:
            await asyncio.sleep(0.001)


def _until_due(loop: Any) -> float:
    """Seconds to the next timer."""
    due = min((handle.when() for handle in loop._scheduled if not handle.cancelled()), default=float("inf"))
    return float(due - loop.time())


def teach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Pilot wait so, for one test."""
    original = asyncio.BaseEventLoop.run_in_executor

    def counted(loop: AbstractEventLoop, *arguments: Any) -> "asyncio.Future[Any]":
        future = original(loop, *arguments)  # type: ignore[arg-type]
        setattr(loop, _WORK, getattr(loop, _WORK, 0) + 1)
        future.add_done_callback(lambda _: setattr(loop, _WORK, getattr(loop, _WORK) - 1))
        return future

    monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", counted)
    for module in ("app", "pilot"):
        monkeypatch.setattr(f"textual.{module}.wait_for_idle", settled)
