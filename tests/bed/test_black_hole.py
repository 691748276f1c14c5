"""Nothing comes back from it, and its port is free afterwards."""

import socket

import pytest

from tests.bed.black_hole import BlackHole
from tests.bed.ports import Port


def test_a_connection_is_neither_taken_nor_refused() -> None:
    port = Port()
    try:
        with BlackHole(port.number), pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", port.number), timeout=0.3)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port.number), timeout=0.3)
    finally:
        port.release()
