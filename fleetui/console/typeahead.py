"""Keys in turn: each is done with, wherever it leads, before the next one is looked at.

Textual gives a key to the focused widget, and looks at the next key before the first one has come back as a command.
What is typed ahead (a fast hand, a slow line) then meets the wrong place: the letters after ``:`` run commands,
and ``j D`` could drain the row above. Here a key waits until the one before has been through every widget it
bubbles to, its command has run, and the focus has moved.
"""

import asyncio
from contextlib import suppress

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump

PATIENCE_S = 0.5
"""A command that waits for something must not swallow the keys behind it; ctrl-c must always arrive."""


class KeysInTurn(App[int]):
    """An app that takes one key at a time. The queue is worked off by a task, never inside the app's own queue."""

    _waiting: "asyncio.Queue[events.Key] | None" = None
    _taker: "asyncio.Task[None] | None" = None

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._waiting is None:
            self._waiting = asyncio.Queue()
            self._taker = asyncio.create_task(self._take_keys(self._waiting), name="keys in turn")
        self._waiting.put_nowait(event)

    async def on_unmount(self) -> None:
        if self._taker is not None:
            self._taker.cancel()

    async def _take_keys(self, waiting: "asyncio.Queue[events.Key]") -> None:
        while True:
            event = await waiting.get()
            target = self.focused or self.screen
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await super().on_event(event)
                    await self._done_with(target)

    async def _done_with(self, target: DOMNode) -> None:
        """Through the queue of each node that the key bubbles to, the app last; then what the command asked for later
        (Textual moves the focus so), and the screen that it may have opened."""
        for node in target.ancestors_with_self:
            await _reached(node)
        await _reached(self)
        await _reached(self.screen)


async def _reached(node: MessagePump) -> None:
    """Returns when ``node`` has handled all that was in its queue."""
    reached = asyncio.Event()
    if node.call_later(reached.set):
        await reached.wait()
