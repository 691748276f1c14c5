"""One plain HTTP server on a port of its own on loopback, as small simulated services need it."""

from collections.abc import Awaitable, Callable

from aiohttp import web

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Loopback:
    def __init__(self, answer: Answering) -> None:
        self._answer = answer
        self._runner: web.AppRunner | None = None
        self.url = ""
        """Once started."""

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Again does nothing."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
