"""What a step of an operation waits for, said so that a person can act on it."""

import msgspec

PASSING = frozenset({"queued", "terminating", "replacement", "rate limit"})
"""Causes that pass by themselves: while one of them is among the causes, the step still moves."""


class Waiting(msgspec.Struct, frozen=True):
    """One thing a step waits for."""

    object: str
    """``pod payments/api-7d9-x``."""
    why: str
    """One of ``budget``, ``terminating``, ``finalizer``, ``volume``, ``webhook``, ``rate limit``, ``unreachable``,
    ``misconfigured``, ``queued``, ``replacement``."""
    detail: str
    """``pdb payments/api allows 0: needs 3, has 3``."""
    owner: str = ""
    """``Deployment/api``: whose it is."""
    since: float | None = None
    remedy: str = ""
    """What would unblock it."""
    next_within_s: float | None = None
    """Seconds within which it is tried again, whoever does nothing. A bound, not a time: it stays the same while the
    cause does, so that an outage of a night is one record. None where nothing is tried."""


def holding(waiting: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
    """What blocks a step that waits for all of these; empty while anything of it still moves."""
    return () if any(one.why in PASSING for one in waiting) else waiting
