"""Waits for what must come true, with a deadline; never for a fixed time."""

import asyncio
from collections.abc import Callable

from textual.pilot import Pilot

DEADLINE_S = 60.0
"""Of a busy machine; what comes true comes within a second on an idle one."""


async def until(pilot: Pilot[int], predicate: Callable[[], object]) -> None:
    """Lets the app work until the predicate holds. Raises AssertionError at the deadline."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + DEADLINE_S
    while not predicate():
        assert loop.time() < deadline, "it did not come true"
        assert pilot.app.return_code is None, "the app has ended"
        await pilot.pause(0.01)


async def type_text(pilot: Pilot[int], text: str) -> None:
    """Key by key."""
    await pilot.press(
        *({" ": "space", "=": "equals_sign", "*": "asterisk", "-": "minus", "@": "at"}.get(char, char) for char in text)
    )
