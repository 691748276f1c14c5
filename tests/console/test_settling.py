"""Pilot waits for all that a key has brought about, and for nothing else."""

import asyncio
import threading

from tests.console.settling import FRAMES_S, settled


async def test_it_waits_for_a_chain_of_turns_a_thread_and_a_frame() -> None:
    done: list[str] = []
    gate = threading.Event()
    loop = asyncio.get_running_loop()

    async def work() -> None:
        for _ in range(50):
            await asyncio.sleep(0)
        loop.call_later(0.002, gate.set)
        await asyncio.to_thread(gate.wait)
        done.append("thread")
        loop.call_later(0.016, done.append, "painted")

    task = asyncio.create_task(work())
    await settled()
    assert done == ["thread", "painted"]
    await task


async def test_what_is_due_later_is_not_waited_for() -> None:
    later = asyncio.get_running_loop().call_later(3600, lambda: None)
    forever = asyncio.create_task(asyncio.Event().wait())
    async with asyncio.timeout(60):
        await settled(max_sleep=3600)
    later.cancel()
    forever.cancel()


async def test_what_moves_on_every_frame_is_not_waited_for_until_it_stops() -> None:
    turns = 0

    async def moves() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0.01)
            turns += 1

    moving = asyncio.create_task(moves())
    async with asyncio.timeout(60):
        await settled(max_sleep=3600)
    assert turns <= 2 * FRAMES_S / 0.01
    moving.cancel()
