"""What follows closely is left to the kernel for a moment, on bare connections and under TLS."""

import asyncio
import fcntl
import struct
import termios
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, cast

import aiohttp
import pytest
from aiohttp import web

from fleetui.clients.kube.gathering import BEHIND, BUSY_S, GATHER_S, gathered
from fleetui.clients.system import SystemClock
from tests.bed.authority import Authority
from tests.clients.scripted import server_tls, serving

PIECE, PIECES = b"x" * 1_000, 10
TURNS = 50
"""Of the loop, in each of which a connection that is not paused is read."""


def _unread(response: aiohttp.ClientResponse) -> int:
    """Bytes that the kernel holds for this connection."""
    assert response.connection is not None
    assert response.connection.transport is not None
    told = fcntl.ioctl(response.connection.transport.get_extra_info("socket").fileno(), termios.FIONREAD, b"\0" * 4)
    return int(struct.unpack("i", told)[0])


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


class _Still(SystemClock):
    """No time passes; whoever sleeps sleeps through what ``asleep`` does."""

    def __init__(self, asleep: Callable[[], Any]) -> None:
        self._asleep = asleep

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        assert seconds == GATHER_S
        await self._asleep()


@pytest.mark.parametrize("tls", [False, True])
async def test_what_comes_while_it_sleeps_stays_in_the_kernel_and_comes_as_one(tls: bool, authority: Authority) -> None:
    taken, asleep, written = asyncio.Event(), asyncio.Event(), asyncio.Event()
    held: list[int] = []

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(PIECE)
        await taken.wait()
        await response.write(PIECE)
        await asleep.wait()
        for _ in range(PIECES):
            await response.write(PIECE)
        written.set()
        await asyncio.Event().wait()
        return response

    async def sleeping() -> None:
        asleep.set()
        await written.wait()
        for _ in range(TURNS):
            await asyncio.sleep(0)
        held.append(_unread(response))

    sizes: list[int] = []
    context = server_tls(*authority.serving()) if tls else None
    async with (
        serving(handle, tls=context) as server,
        aiohttp.ClientSession() as http,
        http.get(server.url, ssl=False) as response,
    ):
        async for piece in gathered(response, _Still(sleeping)):
            sizes.append(len(piece))
            taken.set()
            if sum(sizes) == (PIECES + 2) * len(PIECE):
                break
    assert sizes == [len(PIECE), len(PIECE), PIECES * len(PIECE)]
    assert len(held) == 1
    assert held[0] >= PIECES * len(PIECE)


async def _pieces(*sizes: int) -> AsyncIterator[bytes]:
    for size in sizes:
        yield b"x" * size


def _answer(*sizes: int) -> aiohttp.ClientResponse:
    answer = SimpleNamespace(content=SimpleNamespace(iter_any=partial(_pieces, *sizes)), connection=None)
    return cast(aiohttp.ClientResponse, answer)


@pytest.mark.parametrize(("size", "naps"), [(BEHIND - 1, 2), (BEHIND, 0)])
async def test_who_is_behind_does_not_pause(size: int, naps: int) -> None:
    slept: list[float] = []

    async def sleeping() -> None:
        slept.append(GATHER_S)

    read = [len(piece) async for piece in gathered(_answer(size, size, size), _Still(sleeping))]
    assert (read, len(slept)) == ([size] * 3, naps)


async def test_what_comes_right_after_a_pause_is_not_told_alone() -> None:
    """A storm would else be read twice for each pause: what has gathered, and the next change by itself."""
    told: list[float | str] = []
    times = [BUSY_S * at for at in (0, 1.5, 2.4, 4)]

    class Clock(SystemClock):
        def monotonic(self) -> float:
            return float(told[-1])

        async def sleep(self, seconds: float) -> None:
            told.append("pause")

    pieces = gathered(_answer(*[1] * len(times)), Clock())
    for at in times:
        assert await anext(pieces) == b"x"
        told.append(at)
    assert told == [*times[:3], "pause", times[3]]
