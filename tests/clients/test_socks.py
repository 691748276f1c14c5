"""Clusters behind ``ssh -D``: a real SSH connection with a SOCKS5 listener, in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest
from aiohttp import web

from fleetui.clients.kube.session import Call
from fleetui.model.fault import ClusterError, Fault, FaultKind
from tests.bed.authority import Authority
from tests.clients.scripted import Scripted, server_tls, serving, session

FAR = "api.only-there.example"
"""A name that is known behind the tunnel alone."""


class Bastion(asyncssh.SSHServer):
    """Leads ``FAR`` to ``port`` on this machine, and nowhere else; ``asked`` is what it was asked for."""

    def __init__(self, port: int, asked: list[tuple[str, int]]) -> None:
        self._port = port
        self._asked = asked

    def begin_auth(self, username: str) -> bool:
        return False

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool | asyncssh.SSHTCPSession[bytes]:
        self._asked.append((dest_host, dest_port))
        if dest_host != FAR:
            return False
        return self._forward()  # type: ignore[return-value]

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn

    async def _forward(self) -> object:
        return await self._conn.forward_connection("127.0.0.1", self._port)


@asynccontextmanager
async def tunnel(port: int) -> AsyncIterator[tuple[str, list[tuple[str, int]]]]:
    """The proxy's URL, and what was asked of it."""
    asked: list[tuple[str, int]] = []
    key = asyncssh.generate_private_key("ssh-ed25519")
    ssh = await asyncssh.listen("127.0.0.1", 0, server_factory=lambda: Bastion(port, asked), server_host_keys=[key])
    try:
        async with asyncssh.connect(
            "127.0.0.1", ssh.get_port(), known_hosts=None, config=None, client_keys=None, username="ana"
        ) as line:
            listener = await line.forward_socks("127.0.0.1", 0)
            yield f"socks5://127.0.0.1:{listener.get_port()}", asked
            listener.close()
            await listener.wait_closed()
    finally:
        ssh.close()
        await ssh.wait_closed()


async def _ok(_: web.BaseRequest) -> web.StreamResponse:
    return web.json_response({"kind": "Node"})


async def _fault(url: str, **options: object) -> Fault:
    async with session(url, **options) as made:  # type: ignore[arg-type]
        with pytest.raises(ClusterError) as raised:
            await made.get(Call("/api"))
    return raised.value.fault


def port_of(server: Scripted) -> int:
    return int(server.url.rpartition(":")[2])


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
async def test_names_are_looked_up_behind_the_proxy(scheme: str) -> None:
    async with serving(_ok) as server, tunnel(port_of(server)) as (proxy, asked):
        url = proxy.replace("socks5", scheme)
        async with session(f"http://{FAR}:6443", proxy_url=url) as made:
            await made.get(Call("/api"))
    assert asked == [(FAR, 6443)]
    assert server.seen[0].headers["Host"] == f"{FAR}:6443"


async def test_tls_is_with_the_server_behind_the_proxy(tmp_path: Path) -> None:
    """Also by another name than the address has: ``tls-server-name``."""
    authority = Authority(tmp_path)
    cert, key = authority.serving()
    ca = authority.cert_file.read_bytes()
    async with serving(_ok, tls=server_tls(cert, key)) as server, tunnel(port_of(server)) as (proxy, _):
        url = f"https://{FAR}:6443"
        async with session(url, proxy_url=proxy, ca_pem=ca, tls_server_name="localhost") as made:
            assert (await made.get(Call("/api"))).code == 200
        fault = await _fault(url, proxy_url=proxy, ca_pem=ca)
    assert fault.kind is FaultKind.TLS
    assert FAR in fault.detail


async def test_an_address_that_the_tunnel_does_not_lead_to() -> None:
    async with serving(_ok) as server, tunnel(port_of(server)) as (proxy, asked):
        fault = await _fault("http://other.example:6443", proxy_url=proxy)
    assert set(asked) == {("other.example", 6443)}
    assert (fault.kind, fault.word) == (FaultKind.NETWORK, "connection lost")  # all that this proxy lets us see


async def test_what_a_proxy_says_that_refuses() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(2 + 1)
        writer.write(b"\5\0")
        await reader.readexactly(4 + 1 + len("other.example") + 2)
        writer.write(b"\5\2\0\1" + bytes(6))  # not allowed by ruleset (RFC 1928, section 6)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await _fault("http://other.example:6443", proxy_url=f"socks5://127.0.0.1:{port}")
    assert (fault.kind, fault.word) == (FaultKind.NETWORK, "proxy refuses")
    assert "other.example:6443" in fault.detail
    assert "ruleset" in fault.detail


async def test_a_tunnel_that_is_not_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        fault = await _fault("https://api.example", proxy_url=f"socks5://ana:hush@127.0.0.1:{held.getsockname()[1]}")
    assert (fault.kind, fault.word) == (FaultKind.NETWORK, "proxy unreachable")
    assert "hush" not in fault.detail + fault.remedy


async def test_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(_ok) as server, tunnel(port_of(server)) as (proxy, asked):
        monkeypatch.setenv("HTTP_PROXY", proxy)
        async with session(f"http://{FAR}") as made:
            await made.get(Call("/api"))
    assert asked == [(FAR, 80)]
