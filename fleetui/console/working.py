"""Work beside the keys that the next one of its kind replaces: what was begun for a row that is gone is given up."""

from collections.abc import Awaitable, Callable
from typing import Any

from textual.dom import DOMNode


def start(node: DOMNode, work: Callable[[], Awaitable[Any]], *, group: str) -> None:
    """Given as a function: a coroutine that is replaced before it begins would be one that nobody awaits."""
    node.run_worker(work, group=group, exclusive=True)
