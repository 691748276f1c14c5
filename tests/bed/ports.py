"""Loopback ports that stay ours while a server is down.

The kernel's own free ports come from the ephemeral range, where any outgoing connection may take the port of a server
that a test has stopped. These lie below it, and a lock file per port keeps parallel test workers apart.
"""

import errno
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

_RANGE = range(20_000, 32_000)  # below Linux's ephemeral range, which starts at 32768


class Port:
    """One reserved port: `number` until `release`."""

    def __init__(self) -> None:
        self.number, self._lock = _reserve()

    def release(self) -> None:
        self._lock.close()


def _reserve() -> tuple[int, IO[str]]:
    folder = Path(tempfile.gettempdir()) / f"fleetui-bed-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    for number in random.sample(_RANGE, len(_RANGE)):
        lock = (folder / str(number)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _bind(number)
        except OSError as error:
            lock.close()
            if error.errno not in (errno.EADDRINUSE, errno.EWOULDBLOCK, errno.EACCES):
                raise
        else:
            return number, lock
    raise RuntimeError("no free port on loopback")


def _bind(number: int) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", number))
