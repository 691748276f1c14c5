"""Keys in turn: each is done with, wherever it leads, before the next one is looked at.

Textual gives a key to the focused widget, and looks at the next key before the first one has come back as a command.
What is typed ahead (a fast hand, a slow line) then meets the wrong place: the letters after ``:`` run commands,
and ``j D`` could drain the row above. Here a key waits until the one before has been through every widget it
bubbles to, its command has run, and the focus has moved.

No key is ever taken back: what takes longer than anyone waits goes on beside the keys behind it.
"""

import asyncio

from textual import events
from textual.app import App
from textual.dom import DOMNode
from textual.message_pump import MessagePump

PATIENCE_S = 0.5
"""A command that waits for something must not hold up the keys behind it; ctrl-c must always arrive."""
GLANCES = 25
"""The patience is counted in so many glances, each of which lets everything else have its turn: while the loop is busy
(a plan is laid out, a thousand rows have come) time passes, and the key's own turn has not come yet."""


class KeysInTurn(App[int]):
    """An app that takes one key at a time. The queue is worked off by a task, never inside the app's own queue."""

    _waiting: "asyncio.Queue[events.Key] | None" = None
    _taker: "asyncio.Task[None] | None" = None
    _turns: "frozenset[asyncio.Task[None]]" = frozenset()

    async def ready_for_key(self) -> None:
        """Returns when a key can find its place; an app may have something to put there first."""

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._waiting is None:
            self._waiting = asyncio.Queue()
            self._taker = asyncio.create_task(self._take_keys(self._waiting), name="keys in turn")
        self._waiting.put_nowait(event)

    async def on_unmount(self) -> None:
        for task in (self._taker, *self._turns):
            if task is not None:
                task.cancel()

    async def _take_keys(self, waiting: "asyncio.Queue[events.Key]") -> None:
        while True:
            event = await waiting.get()
            turn = asyncio.create_task(self._take(event), name=f"key {event.key}")
            self._turns |= {turn}
            for _ in range(GLANCES):
                if (await asyncio.wait({turn}, timeout=PATIENCE_S / GLANCES))[0]:
                    break
            self._turns = frozenset(turn for turn in self._turns if not turn.done())

    async def _take(self, event: events.Key) -> None:
        try:
            await self.ready_for_key()
            target = self.focused or self.screen
            await super().on_event(event)
            await self._done_with(target)
        except Exception as error:  # what Textual does with an error in its own queue; a task would swallow it
            self._handle_exception(error)

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
