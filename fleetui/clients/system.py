"""This machine and this login: real time, identifiers, chance, and who sits here."""

import asyncio
import os
import pwd
import random
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fleetui.model.operation import Actor

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_SYSTEM_RANDOM = random.SystemRandom()

_SLEEPLESS: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A clock that goes on while the machine is suspended, as the servers do. On Linux CLOCK_MONOTONIC, which
``time.monotonic`` reads, stands still then (clock_gettime(2)); macOS has none, its CLOCK_MONOTONIC goes on."""


class SystemClock:
    """``ports.clock.Clock`` by the machine's own clocks."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.clock_gettime(_SLEEPLESS)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class UlidIds:
    """``ports.clock.Ids`` as ULID: 48 bits of milliseconds, 80 random bits, and within one millisecond (or when the
    clock steps back) the last one plus one, so that the ids of one process sort in the order they were made."""

    def __init__(
        self, now: Callable[[], float] = time.time, random_bits: Callable[[int], int] = _SYSTEM_RANDOM.getrandbits
    ) -> None:
        self._now = now
        self._random_bits = random_bits
        self._last = 0

    def new(self) -> str:
        fresh = (int(self._now() * 1000) << _RANDOM_BITS) | self._random_bits(_RANDOM_BITS)
        same_millisecond = fresh >> _RANDOM_BITS <= self._last >> _RANDOM_BITS
        self._last = self._last + 1 if same_millisecond else fresh
        return "".join(_CROCKFORD[self._last >> shift & 31] for shift in range(125, -1, -5))


class SystemChance:
    """``ports.clock.Chance``: jitter, nothing that must not be guessed."""

    def uniform(self, low: float, high: float) -> float:
        return random.uniform(low, high)  # noqa: S311 - jitter is no secret


def login_actor(env: dict[str, str] | None = None) -> "Actor":
    """Who sits at this session, on which host, and from where the SSH line came (``local`` without one)."""
    from fleetui.model.operation import Actor  # a plain list asks for nobody's name

    environ = dict(os.environ) if env is None else env
    client = environ.get("SSH_CLIENT") or environ.get("SSH_CONNECTION") or ""
    return Actor(user=_user(environ), host=socket.gethostname(), origin=client.split(" ")[0] or "local")


def _user(environ: dict[str, str]) -> str:
    """The login's own name, and the one that became it through sudo: ``root (sudo by ana)``."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name  # not LOGNAME: the audit does not ask the environment who it is
    except KeyError:  # a container's uid may have no name
        user = f"uid {os.getuid()}"
    behind = environ.get("SUDO_USER", "")
    return f"{user} (sudo by {behind})" if behind and behind != user else user
