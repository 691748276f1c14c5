"""Names to addresses, one daemon thread per lookup.

asyncio's own lookups share a pool of a few threads: six names whose DNS does not answer would hold up every other
cluster, and the process at its exit as well.
"""

import asyncio
import socket
import threading
from contextlib import suppress

from fleetui.clients.http.library import aiohttp

Infos = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]]


class Resolver(aiohttp.abc.AbstractResolver):
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[aiohttp.abc.ResolveResult]:
        """Raises socket.gaierror."""
        infos = await _lookup(host, port, family)
        return [
            aiohttp.abc.ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=found, proto=proto, flags=socket.AI_NUMERICHOST
            )
            for found, _, proto, _, address in infos
        ]

    async def close(self) -> None:
        """Nothing is held between lookups."""


async def _lookup(host: str, port: int, family: socket.AddressFamily) -> Infos:
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Infos] = loop.create_future()

    def settle(infos: Infos, error: OSError | None) -> None:
        if answer.done():
            return
        if error is None:
            answer.set_result(infos)
        else:
            answer.set_exception(error)

    def look_up() -> None:
        infos: Infos = []
        failed: OSError | None = None
        try:
            infos = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM)  # type: ignore[assignment]
        except OSError as error:
            failed = error
        with suppress(RuntimeError):  # the loop has ended while DNS was silent
            loop.call_soon_threadsafe(settle, infos, failed)

    threading.Thread(target=look_up, name=f"dns {host}", daemon=True).start()
    return await answer
