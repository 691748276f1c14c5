"""The members of a simulated etcd on loopback: a port each, so that one can be gone while the others answer."""

from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from fleetui.ports.clock import Clock
from fleetui.simulate import etcd_answers as answers
from fleetui.simulate.etcd_cluster import SimulatedEtcd, SimulatedMember


class EtcdGateways:
    """Serves every member that is started and alive; ``refresh`` after one has died, risen or joined."""

    def __init__(self, etcd: SimulatedEtcd, clock: Clock) -> None:
        self._etcd = etcd
        self._clock = clock
        self._open: dict[int, web.AppRunner] = {}

    async def start(self) -> None:
        for member in self._etcd.members:
            await self._serve(member)
        self._etcd.tick(self._clock.now())

    async def refresh(self) -> None:
        """Ports open and close as members live and die; nobody who is served is disturbed."""
        for member in self._etcd.members:
            if member.alive and member.started and member.id not in self._open:
                await self._serve(member)
            elif not member.alive and member.id in self._open:
                await self._open.pop(member.id).cleanup()

    async def stop(self) -> None:
        for runner in self._open.values():
            await runner.cleanup()
        self._open.clear()

    async def _serve(self, member: SimulatedMember) -> None:
        """At the port that it had before, so that its address stays."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._answer(request, member)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05, handler_cancellation=True)
        await runner.setup()
        port = urlsplit(member.client_url).port or 0
        await web.TCPSite(runner, "127.0.0.1", port).start()
        member.client_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        self._open[member.id] = runner

    async def _answer(self, request: web.Request, member: SimulatedMember) -> web.StreamResponse:
        while member.hung:
            await self._clock.sleep(0.05)
        self._etcd.tick(self._clock.now())
        if request.path == "/v3/maintenance/snapshot":
            return await _stream(request, member)
        if request.method == "POST":
            return await self._post(request, member)
        if request.path == "/metrics":
            return web.Response(text=answers.metrics(self._etcd, member))
        return web.Response(status=404, text="404 page not found\n")

    async def _post(self, request: web.Request, member: SimulatedMember) -> web.Response:
        try:
            body = msgspec.json.decode(await request.read(), type=dict)
            said, code = answers.perform(self._etcd, member, request.path, body), 200
        except answers.GatewayError as refused:
            await self._clock.sleep(refused.late_s)
            said, code = refused.body, refused.status
        return web.Response(status=code, body=answers.encode(said), content_type="application/json")


async def _stream(request: web.Request, member: SimulatedMember) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for line in answers.snapshot(member):
        await response.write(answers.encode(line) + b"\n")
    await response.write_eof()
    return response
