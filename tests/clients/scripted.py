"""An API server that says what a test tells it to: what a real one never says, or not on command."""

import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from fleetui.clients.kube.connect import Connector
from fleetui.clients.kube.connection import Connection, ExecSpec, Server, User
from fleetui.clients.kube.credentials import Plugins
from fleetui.clients.kube.identity import Identity
from fleetui.clients.kube.reader import KubeReader
from fleetui.clients.kube.session import Session
from fleetui.clients.system import SystemClock

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Seen:
    """What arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    header_list: list[tuple[str, str]]
    body: bytes


@dataclass
class Scripted:
    """Answers requests with ``handle``; keeps what it saw."""

    handle: Handler
    url: str = ""
    seen: list[Seen] = field(default_factory=list)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = [(name.decode(), value.decode()) for name, value in request.raw_headers]
        self.seen.append(
            Seen(
                request.method, request.path, dict(request.query), request.headers.copy(), headers, await request.read()
            )
        )
        return await self.handle(request)


@asynccontextmanager
async def serving(handle: Handler, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    """The server, on a free port of 127.0.0.1."""
    scripted = Scripted(handle)
    runner = web.ServerRunner(web.Server(scripted, handler_cancellation=True), shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    host, port = runner.addresses[0][:2]
    scripted.url = f"{'https' if tls else 'http'}://{host}:{port}"
    try:
        yield scripted
    finally:
        await runner.cleanup()


def server_tls(
    cert: Path, key: Path, *, client_ca: Path | None = None, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> ssl.SSLContext:
    """With ``client_ca`` a client has to show a certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    context.load_cert_chain(cert, key)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context


class TurnedClock(SystemClock):
    """The machine's clock, turned forward at will."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


@asynccontextmanager
async def session(
    url: str,
    *,
    clock: SystemClock | None = None,
    exec_timeout_s: float = 30.0,
    user: User | None = None,
    **server: object,
) -> AsyncIterator[Session]:
    """A session to ``url``; ``server`` are more fields of Server."""
    clock = clock or SystemClock()
    plugins = Plugins(clock, timeout_s=exec_timeout_s)
    connection = Connection(server=Server(url=url, **server), user=user or User())  # type: ignore[arg-type]
    made = Session(connection, identity=Identity(connection, plugins, clock), clock=clock)
    try:
        yield made
    finally:
        await made.close()
        await plugins.close()


class StillClock(SystemClock):
    """Stands still at half past a second; time passes only where a test says so."""

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> float:
        return 1_790_000_000.5 + self.passed

    def monotonic(self) -> float:
        return 1_000.0 + self.passed


class LowChance:
    """Always the lowest."""

    def uniform(self, low: float, high: float) -> float:
        return low


@asynccontextmanager
async def reading(url: str, directory: Path, *, clock: SystemClock | None = None) -> AsyncIterator[KubeReader]:
    """A reader of the server at ``url``, by a kubeconfig in ``directory``."""
    file = write_kubeconfig(directory / "kubeconfig", url=url)
    connector = Connector((file,), clock=clock or SystemClock(), chance=LowChance())
    reader = connector.open_reader("scripted", name="scripted")
    try:
        yield reader
    finally:
        await reader.close()
        await connector.close()


def write_kubeconfig(file: Path, *, url: str, token: str = "tok") -> Path:
    config = {
        "clusters": [{"name": "scripted", "cluster": {"server": url}}],
        "users": [{"name": "scripted", "user": {"token": token}}],
        "contexts": [{"name": "scripted", "context": {"cluster": "scripted", "user": "scripted"}}],
    }
    file.write_text(json.dumps(config))
    return file


def status(code: int, message: str = "", *, reason: str = "", headers: Mapping[str, str] | None = None) -> web.Response:
    body = {"kind": "Status", "apiVersion": "v1", "code": code, "message": message, "reason": reason}
    return web.json_response(body, status=code, headers=headers)


def plugin(directory: Path, script: str, **fields: object) -> ExecSpec:
    """A credential plugin that is a shell script."""
    file = directory / "plugin"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return ExecSpec(command=str(file), **fields)  # type: ignore[arg-type]


def credential(token: str, *, expires: str = "", version: str = "v1") -> str:
    """The line a plugin's script echoes."""
    said: dict[str, object] = {"token": token, **({"expirationTimestamp": expires} if expires else {})}
    answer = {"kind": "ExecCredential", "apiVersion": f"client.authentication.k8s.io/{version}", "status": said}
    return f"echo '{json.dumps(answer)}'"
