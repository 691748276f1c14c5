"""The simulated fleet spoken as Kubernetes over HTTPS on loopback: one port, a path prefix and a token per cluster."""

import asyncio
import hmac
import re
from email.utils import formatdate
from http import HTTPStatus

from aiohttp import web

from fleetui.simulate import discovery, exchange, refusals, route
from fleetui.simulate.certificate import Authority
from fleetui.simulate.encoding import Form, encode, status_document
from fleetui.simulate.exchange import Exchange
from fleetui.simulate.fleet import Fleet, Member
from fleetui.simulate.kinds import BY_RESOURCE
from fleetui.simulate.request import Document, Refused, Status
from fleetui.simulate.streaming import Watch

PREFIX = "/clusters"
USER = "demo"
BODY_LIMIT = 3 * 2**20
"""As the API server's limit for a request body."""
_RESOURCE_PATH = re.compile(r"api/v1/|apis/[^/]+/[^/]+/")
_PROBES = frozenset({"readyz", "healthz", "livez"})


class WireFleet:
    """An HTTPS server on 127.0.0.1 for all clusters of a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._members = fleet.by_name
        self._authority = Authority()
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def certificate_authority(self) -> bytes:
        """PEM."""
        return self._authority.pem

    @property
    def port(self) -> int:
        """0 before ``start``."""
        return self._port

    def url(self, name: str) -> str:
        return f"https://127.0.0.1:{self._port}{PREFIX}/{name}"

    async def start(self) -> None:
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", PREFIX + "/{cluster}/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._authority.server_context())
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        member = self._members.get(request.match_info["cluster"])
        if member is None:
            return web.Response(status=HTTPStatus.NOT_FOUND, text="404 page not found\n")
        try:
            await _pass_troubles(request, member)
            return await _Call(request, member).answer()
        except Refused as refused:
            return _refusal(refused.status, member)


async def _pass_troubles(request: web.Request, member: Member) -> None:
    """Raises Refused; hangs; cuts the line: what the cluster's troubles say."""
    trouble = member.host.trouble
    if trouble.dead and request.transport is not None:
        request.transport.abort()
        raise asyncio.CancelledError
    while trouble.hang:
        await member.host.sleep(0.2)
    if trouble.slow_s:
        await member.host.sleep(trouble.slow_s)
    if trouble.throttled:
        raise Refused(refusals.throttled())
    if trouble.server_error:
        raise Refused(refusals.internal_error(trouble.says))


class _Call:
    """One request to one cluster that answers."""

    def __init__(self, request: web.Request, member: Member) -> None:
        self._request = request
        self._member = member
        self._host = member.host
        self._path = request.match_info["path"].strip("/")

    async def answer(self) -> web.StreamResponse:
        user = self._user()
        if self._path in _PROBES:
            return self._text("ok")
        if self._path == "version":
            return self._json(discovery.version_document(self._host.world.version))
        found = discovery.find(self._path, self._request.headers.get("Accept", ""))
        if found is not None:
            return self._json(found[1], content_type=found[0])
        if not _RESOURCE_PATH.match(self._path):
            return self._text("404 page not found\n", code=HTTPStatus.NOT_FOUND)
        return await self._resource(user)

    def _user(self) -> str:
        """Raises Refused: 401 to a wrong token. Without one, a request is anonymous."""
        header = self._request.headers.get("Authorization", "")
        if self._host.trouble.unauthorized:
            raise Refused(refusals.unauthorized())
        if not header:
            return "system:anonymous"
        if not hmac.compare_digest(header, f"Bearer {self._member.accepted}"):
            raise Refused(refusals.unauthorized())
        return USER

    async def _resource(self, user: str) -> web.StreamResponse:
        asked = Exchange(
            method=self._request.method,
            route=route.read(self._path),
            query=self._request.query,
            body=await self._request.read(),
            content_type=self._request.headers.get("Content-Type", ""),
        )
        self._authorize(asked, user)
        if exchange.is_review(asked):
            return self._json(exchange.review(asked, self._host), code=201)
        if exchange.is_eviction(asked):
            status = self._host.ask(exchange.eviction(asked)).status or Status(201)
            return self._json(status_document(status), code=status.code)
        form = Form(
            self._host.world,
            asked.route.resource,
            accept=self._request.headers.get("Accept", ""),
            include=self._request.query.get("includeObject", ""),
        )
        if asked.watching:
            return await self._watch(asked, form)
        code, document = exchange.perform(asked, self._host, form)
        return self._json(document, code=code)

    def _authorize(self, asked: Exchange, user: str) -> None:
        resource = asked.route.qualified
        if exchange.is_review(asked) and user == USER:
            return
        if user == USER and not self._host.trouble.denies(asked.verb, resource):
            return
        kind = BY_RESOURCE.get(asked.route.resource)
        raise Refused(
            refusals.forbidden(
                user=user,
                verb=asked.verb,
                resource=resource,
                group=kind.group if kind else "",
                namespace=asked.route.namespace,
                name=asked.route.name,
            )
        )

    async def _watch(self, asked: Exchange, form: Form) -> web.StreamResponse:
        response = web.StreamResponse(headers={**self._headers(), "Content-Type": "application/json"})
        lines = Watch(self._host, asked.watch_query(), form).lines()
        await response.prepare(self._request)
        try:
            async for line in lines:
                await response.write(line)
            await response.write_eof()
        except ConnectionResetError:
            pass  # the client has gone: watches end like that
        finally:
            await lines.aclose()
        return response

    def _json(self, document: Document, *, code: int = 200, content_type: str = "application/json") -> web.Response:
        headers = {**self._headers(), "Content-Type": content_type}
        return web.Response(status=code, body=encode(document), headers=headers)

    def _text(self, text: str, *, code: int = 200) -> web.Response:
        return web.Response(status=code, text=text, headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return _headers(self._member)


def _headers(member: Member) -> dict[str, str]:
    """The cluster's own idea of the time."""
    return {"Date": formatdate(member.host.says_it_is(), usegmt=True)}


def _refusal(status: Status, member: Member) -> web.Response:
    headers = {**_headers(member), "Content-Type": "application/json"}
    if status.retry_after_s is not None:
        headers["Retry-After"] = str(status.retry_after_s)
    return web.Response(status=status.code, body=encode(status_document(status)), headers=headers)
