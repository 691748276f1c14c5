"""One thing that was looked for: found, not found, or not to be seen. The third is never taken for the second."""

from collections.abc import Sequence

import msgspec

NAMED = 3
"""Names said in a line before ``+4``."""


class Clue(msgspec.Struct, frozen=True):
    found: bool | None
    """None: nobody can tell, and ``text`` says why."""
    text: str
    """One line with names and numbers."""
    source: str = ""
    """Whose word it is: ``nodes``, ``etcd direct``, ``alerts``."""
    names: tuple[str, ...] = ()
    """Machines, members or pods that it is about."""


def seen(text: str, *, source: str, names: Sequence[str] = ()) -> Clue:
    return Clue(True, text, source, tuple(names))


def not_seen(text: str, *, source: str) -> Clue:
    return Clue(False, text, source)


def unseen(why: str, *, source: str = "") -> Clue:
    """Not to be seen, and why."""
    return Clue(None, why, source)


def listed(names: Sequence[str]) -> str:
    """``wk-1, wk-2, wk-3 +4``."""
    more = f" +{len(names) - NAMED}" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
