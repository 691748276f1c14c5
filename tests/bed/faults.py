"""What a fault proxy may do to a request: each fault matches "METHOD /path?query" and counts how often it struck."""

import re
import threading
from dataclasses import dataclass, field

EVERYTHING = ""
WATCHES = r"[?&]watch=(1|true)"


@dataclass
class Fault:
    """`match` is searched in "METHOD /path?query"; after `times` strikes the fault is spent (None: never)."""

    match: str = EVERYTHING
    times: int | None = None
    struck: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def strikes(self, request: str) -> bool:
        """Does it hit this request? Counts when it does."""
        with self._lock:
            if not re.search(self.match, request) or (self.times is not None and self.struck >= self.times):
                return False
            self.struck += 1
            return True


@dataclass
class Answer(Fault):
    """Answered here with `code` and a Kubernetes Status; the API server never sees the request."""

    code: int = 500
    retry_after: int | None = None  # seconds
    body: bytes | None = None


@dataclass
class Delay(Fault):
    """Reaches the API server `seconds` late."""

    seconds: float = 1.0


@dataclass
class Limit(Fault):
    """The answer's body comes at `rate` bytes a second."""

    rate: float = 64_000.0


@dataclass
class Replace(Fault):
    """`old` becomes `new` in the answer's body: bytes that a real API server would refuse to hold."""

    old: bytes = b""
    new: bytes = b""


@dataclass
class Cut(Fault):
    """The stream ends in the middle of its next event: with a broken connection, or `clean`, a well-formed HTTP end."""

    clean: bool = False
