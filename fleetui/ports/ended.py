"""How a change that was asked of a server ended: what nobody knows is never taken for done or not done."""

from enum import StrEnum


class Ended(StrEnum):
    DONE = "done"
    """The server says that it did it, that it was so already, or was found to have done it."""
    REFUSED = "refused"
    """Certainly not done: refused, or never sent."""
    UNKNOWN = "unknown"
    """Sent, and no answer that settles it, nor was it found afterwards. Look again before anything is sent again."""
