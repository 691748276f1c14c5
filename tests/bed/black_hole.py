"""A port from which nothing comes back, as behind a cut cable: connections are neither taken nor refused.

A listener whose queue is full: the kernel then drops every further SYN. Needs neither root nor a packet filter.
"""

import socket
from typing import Self

_ENOUGH = 8
"""Connections that fill a queue of length 0: the kernel takes one or two."""


class BlackHole:
    """From the constructor's return until `close`. Nobody else may listen on `port` meanwhile."""

    def __init__(self, port: int) -> None:
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(0)
        self._queued = [_connecting(port) for _ in range(_ENOUGH)]

    def close(self) -> None:
        for one in (*self._queued, self._listener):
            one.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _connecting(port: int) -> socket.socket:
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(("127.0.0.1", port))
    return one
