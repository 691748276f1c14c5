"""Requests: what they carry, what is done about a 401, and the word for everything that can go wrong."""

import asyncio
import base64
import datetime as dt
import gzip
import json
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.x509.oid import NameOID

from fleetui.clients.kube.connection import Impersonation, User
from fleetui.clients.kube.session import Call
from fleetui.model.fault import ClusterError, Fault, FaultKind, GoneError
from tests.bed.authority import Authority
from tests.bed.black_hole import BlackHole
from tests.bed.ports import Port
from tests.clients.scripted import Handler, TurnedClock, credential, plugin, server_tls, serving, session, status

DAY = dt.timedelta(days=1)


async def _ok(_: web.BaseRequest) -> web.StreamResponse:
    return web.json_response({"kind": "Node"})


async def _fault(call: Call, url: str, **options: object) -> Fault:
    async with session(url, **options) as made:  # type: ignore[arg-type]
        with pytest.raises(ClusterError) as raised:
            await made.get(call)
    fault = raised.value.fault
    assert len(fault.word.split()) <= 4
    assert fault.remedy
    assert "\n" not in fault.detail + fault.remedy
    return fault


# -- what requests carry -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "authorization"),
    [
        (User(token="tok"), "Bearer tok"),
        (User(username="ana", password="pw"), "Basic " + base64.b64encode(b"ana:pw").decode()),
        (User(token="tok", username="ana"), "Bearer tok"),
        (User(), None),
    ],
)
async def test_proof(user: User, authorization: str | None) -> None:
    async with serving(_ok) as server, session(server.url, user=user) as made:
        await made.get(Call("/api", (("a", "1 &"),), accept="x/y"))
    (seen,) = server.seen
    assert seen.headers.get("Authorization") == authorization
    assert (seen.path, seen.query, seen.headers["Accept"]) == ("/api", {"a": "1 &"}, "x/y")
    assert seen.headers["User-Agent"].startswith("fleetui/")


async def test_impersonation_as_client_go_writes_it() -> None:
    who = Impersonation(user="boss", uid="7", groups=("a", "b"), extra=(("Reason/For it", ("x", "y")),))
    async with serving(_ok) as server, session(server.url, user=User(impersonation=who)) as made:
        await made.get(Call("/api"))
    sent = [(name, value) for name, value in server.seen[0].header_list if name.startswith("Impersonate")]
    assert sent == [
        ("Impersonate-User", "boss"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-reason%2Ffor%20it", "x"),
        ("Impersonate-Extra-reason%2Ffor%20it", "y"),
    ]


async def test_a_path_prefix_of_the_server_stays() -> None:
    async with serving(_ok) as server, session(f"{server.url}/k8s/c-1") as made:
        await made.get(Call("/api/v1/nodes"))
    assert server.seen[0].path == "/k8s/c-1/api/v1/nodes"


async def test_nothing_is_compressed_on_loopback_and_what_is_gets_read() -> None:
    async def zipped(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=gzip.compress(b"text"), headers={"Content-Encoding": "gzip"})

    async with serving(zipped) as server, session(server.url) as made:
        assert (await made.get(Call("/"))).body == b"text"
    assert server.seen[0].headers["Accept-Encoding"] == "identity"


async def test_a_redirect_is_not_followed_with_our_credentials() -> None:
    async def elsewhere(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"})

    async with serving(elsewhere) as server:
        fault = await _fault(Call("/"), server.url, user=User(token="tok"))
    assert fault.word == "not Kubernetes (302)"


async def test_http_proxy_of_the_kubeconfig() -> None:
    async with serving(_ok) as proxy, session("http://api.example:6443", proxy_url=proxy.url) as made:
        await made.get(Call("/api"))
    assert proxy.seen[0].headers["Host"] == "api.example:6443"


async def _endless(request: web.BaseRequest) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:  # until the connection is gone
        await response.write(bytes(1 << 16))


async def _bomb(_: web.BaseRequest) -> web.StreamResponse:
    packed = gzip.compress(bytes(200 << 20), compresslevel=1)
    return web.Response(body=packed, headers={"Content-Encoding": "gzip"})


@pytest.mark.parametrize("handle", [_endless, _bomb])
@pytest.mark.parametrize("method", ["get", "send"])
async def test_an_answer_without_end_is_a_fault(handle: Handler, method: str) -> None:
    async with serving(handle) as server, session(server.url) as made:
        with pytest.raises(ClusterError) as raised:
            await getattr(made, method)(Call("/version", limit=3 << 20))
    fault = raised.value.fault
    assert (fault.kind, fault.word) == (FaultKind.SERVER_ERROR, "answer too large")
    assert "/version has more than 3 MiB" in fault.detail


# -- 401 ---------------------------------------------------------------------------------------------------------------


def _wants(token: str) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Authorization") == f"Bearer {token}":
            return web.json_response({"kind": "Node"})
        return status(401, "Unauthorized")

    return handle


async def test_a_401_renews_the_plugins_answer_once(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = f"echo x >> {count}; n=$(wc -l < {count}); {credential('tok-N')} | sed s/N/$n/"
    spec = plugin(tmp_path, script)
    async with serving(_wants("tok-2")) as server, session(server.url, user=User(exec=spec)) as made:
        for _ in range(3):
            await made.send(Call("/", method="POST", body=b"{}"))
    assert [seen.headers["Authorization"][-1] for seen in server.seen] == ["1", "2", "2", "2"]
    assert {seen.body for seen in server.seen} == {b"{}"}


async def test_a_401_that_stays_says_whose_fault_it_is(tmp_path: Path) -> None:
    spec = plugin(tmp_path, credential("tok"), args=("--profile", "prod"))
    async with serving(_wants("other")) as server:
        fault = await _fault(Call("/"), server.url, user=User(name="sso", exec=spec))
    assert (fault.kind, fault.word) == (FaultKind.UNAUTHORIZED, "401 unauthorized")
    assert fault.remedy == "log in again; the plugin is: plugin (users.sso.exec)"
    assert len(server.seen) == 2


async def test_a_403_is_never_retried(tmp_path: Path) -> None:
    async def forbid(_: web.BaseRequest) -> web.StreamResponse:
        return status(403, 'pods is forbidden: User "ana" cannot list', reason="Forbidden")

    spec = plugin(tmp_path, credential("tok"))
    async with serving(forbid) as server:
        fault = await _fault(Call("/", what="pods"), server.url, user=User(exec=spec))
    assert (fault.kind, fault.word, fault.what) == (FaultKind.FORBIDDEN, "403 pods", "pods")
    assert "cannot list" in fault.detail
    assert len(server.seen) == 1


async def test_a_token_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")
    clock = TurnedClock()
    async with serving(_ok) as server, session(server.url, user=User(token_file=str(file)), clock=clock) as made:
        await made.get(Call("/"))
        file.write_text("new\n")
        clock.ahead += 11
        await made.get(Call("/"))
    assert [seen.headers["Authorization"] for seen in server.seen] == ["Bearer old", "Bearer new"]


async def test_a_token_file_that_has_changed_is_tried_on_a_401(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    async with serving(_wants("new")) as server, session(server.url, user=User(token_file=str(file))) as made:
        with pytest.raises(ClusterError):
            await made.get(Call("/"))
        assert len(server.seen) == 1
        file.write_text("new")
        assert (await made.get(Call("/"))).code == 200
    assert [seen.headers["Authorization"] for seen in server.seen] == ["Bearer old", "Bearer old", "Bearer new"]


def _jwt(expires: float) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{claims}.c2lnbmF0dXJl"


async def test_an_expired_token_says_since_when() -> None:
    token = _jwt(time.time() - 7500)
    async with serving(_wants("other")) as server:
        fault = await _fault(Call("/"), server.url, user=User(name="ana", token=token))
    assert fault.word == "token expired 2h ago"
    assert "users.ana" in fault.remedy


async def test_a_context_without_a_user_says_so() -> None:
    async with serving(_wants("other")) as server:
        fault = await _fault(Call("/"), server.url)
    assert "names no way to log in" in fault.detail


# -- everything else that goes wrong -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "word"),
    [
        (lambda: status(429, "slow down", headers={"Retry-After": "7"}), FaultKind.THROTTLED, "429 throttled"),
        (lambda: status(500, "etcd is away", reason="InternalError"), FaultKind.SERVER_ERROR, "500 InternalError"),
        (lambda: status(404, "no pods", reason="NotFound"), FaultKind.SERVER_ERROR, "404 pods"),
        (lambda: web.Response(status=503, text="<html>no upstream</html>"), FaultKind.SERVER_ERROR, "503 from proxy"),
        (lambda: web.Response(status=404, text="nginx"), FaultKind.SERVER_ERROR, "not Kubernetes (404)"),
        (lambda: web.Response(status=403, text="squid"), FaultKind.SERVER_ERROR, "not Kubernetes (403)"),
    ],
)
async def test_refusals(answer: Callable[[], web.Response], kind: FaultKind, word: str) -> None:
    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        return answer()

    async with serving(handle) as server:
        fault = await _fault(Call("/", what="pods"), server.url)
    assert (fault.kind, fault.word) == (kind, word)
    assert fault.retry_after_s == (7.0 if kind is FaultKind.THROTTLED else None)


@pytest.mark.parametrize("said", [{"code": 410}, {"code": 400, "reason": "Expired"}])
async def test_410_and_expired_mean_list_again(said: dict[str, object]) -> None:
    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        return status(**said)  # type: ignore[arg-type]

    async with serving(handle) as server, session(server.url) as made:
        with pytest.raises(GoneError):
            await made.get(Call("/"))


async def test_nothing_listens() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        fault = await _fault(Call("/"), f"https://127.0.0.1:{held.getsockname()[1]}")
    assert (fault.kind, fault.word) == (FaultKind.REFUSED, "refused")


async def test_an_unknown_host() -> None:
    fault = await _fault(Call("/"), "https://no-such-host.invalid:6443")
    assert (fault.kind, fault.word) == (FaultKind.UNKNOWN_HOST, "unknown host")
    assert "no-such-host.invalid:6443" in fault.detail


async def test_no_answer_in_time() -> None:
    release = asyncio.Event()

    async def hang(_: web.BaseRequest) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    async with serving(hang) as server:
        fault = await _fault(Call("/", timeout_s=0.05), server.url)
        release.set()
    assert (fault.kind, fault.word) == (FaultKind.TIMEOUT, "no answer")
    assert "no answer within 0.05 s" in fault.detail


async def test_an_answer_that_breaks_off() -> None:
    async def cut(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b'{"kind":')
        assert request.transport is not None
        request.transport.abort()
        return response

    async with serving(cut) as server:
        fault = await _fault(Call("/"), server.url)
    assert fault.kind is FaultKind.NETWORK


async def test_something_that_speaks_no_http() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await _fault(Call("/"), f"http://127.0.0.1:{port}")
    assert (fault.kind, fault.word) == (FaultKind.SERVER_ERROR, "not Kubernetes (200)")


async def test_where_nothing_comes_back_is_not_a_server_that_says_nothing() -> None:
    """Also where the whole answer has less time than a connection usually has."""
    port = Port()
    try:
        with BlackHole(port.number):
            fault = await _fault(Call("/", timeout_s=0.5), f"https://127.0.0.1:{port.number}")
    finally:
        port.release()
    assert (fault.kind, fault.word) == (FaultKind.TIMEOUT, "timeout")
    assert "no connection within 0.4 s" in fault.detail


async def test_a_proxy_that_is_not_there() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        proxy = f"http://user:hush@127.0.0.1:{held.getsockname()[1]}"
        fault = await _fault(Call("/"), "https://api.example", proxy_url=proxy)
    assert (fault.kind, fault.word) == (FaultKind.NETWORK, "proxy unreachable")
    assert "hush" not in fault.detail + fault.remedy


async def test_a_line_break_in_a_token_is_a_fault_that_does_not_show_it() -> None:
    async with serving(_ok) as server:
        fault = await _fault(Call("/"), server.url, user=User(token="sec\r\nret"))
    assert fault.kind is FaultKind.CONFIG
    assert "sec" not in fault.detail.replace("sec\r", "")
    assert server.seen == []


async def test_a_server_that_quotes_the_token_is_redacted() -> None:
    token = _jwt(0)

    async def quote(request: web.BaseRequest) -> web.StreamResponse:
        return status(500, f"invalid header {request.headers['Authorization']}")

    async with serving(quote) as server:
        fault = await _fault(Call("/"), server.url, user=User(token=token))
    assert token.split(".")[2] not in fault.detail
    assert "invalid header" in fault.detail


# -- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


async def test_tls_with_the_clusters_authority(authority: Authority) -> None:
    async with (
        serving(_ok, tls=server_tls(*authority.serving())) as server,
        session(server.url, ca_pem=authority.cert_file.read_bytes()) as made,
    ):
        assert (await made.get(Call("/"))).code == 200


async def test_insecure_takes_any_certificate(authority: Authority) -> None:
    async with (
        serving(_ok, tls=server_tls(*authority.serving())) as server,
        session(server.url, insecure=True) as made,
    ):
        assert (await made.get(Call("/"))).code == 200


async def test_unknown_authority(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    async with serving(_ok, tls=server_tls(*authority.serving())) as server:
        fault = await _fault(Call("/"), server.url, ca_pem=other.cert_file.read_bytes())
        assert (fault.kind, fault.word) == (FaultKind.TLS, "unknown CA")
        assert (await _fault(Call("/"), server.url)).word == "unknown CA"


def _named(authority: Authority, stem: str, name: str, *, valid: dt.timedelta = DAY) -> tuple[Path, Path]:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return authority.issue(stem, subject=subject, names=x509.SubjectAlternativeName([x509.DNSName(name)]), valid=valid)


async def test_wrong_name_and_the_name_that_mends_it(authority: Authority) -> None:
    ca_pem = authority.cert_file.read_bytes()
    async with serving(_ok, tls=server_tls(*_named(authority, "named", "kubernetes"))) as server:
        fault = await _fault(Call("/"), server.url, ca_pem=ca_pem)
        assert (fault.kind, fault.word) == (FaultKind.TLS, "wrong cert name")
        assert "tls-server-name" in fault.remedy
        async with session(server.url, ca_pem=ca_pem, tls_server_name="kubernetes") as made:
            assert (await made.get(Call("/"))).code == 200


async def test_an_expired_server_certificate_says_since_when(authority: Authority) -> None:
    cert = _named(authority, "expired", "localhost", valid=-3 * DAY)
    async with serving(_ok, tls=server_tls(*cert)) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        fault = await _fault(Call("/"), url, ca_pem=authority.cert_file.read_bytes())
    assert (fault.kind, fault.word) == (FaultKind.TLS, "cert expired 3d ago")
    assert "kubeadm certs renew" in fault.remedy


async def test_plain_http_behind_https(authority: Authority) -> None:
    async with serving(_ok) as server:
        fault = await _fault(Call("/"), server.url.replace("http:", "https:"), ca_pem=authority.cert_file.read_bytes())
    assert (fault.kind, fault.word) == (FaultKind.TLS, "not TLS")


async def test_a_client_certificate_is_shown_and_left_nowhere(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    untouched = os.listdir(tmp_path)
    cert, key = authority.client("ana")
    user = User(client_cert_pem=cert.read_bytes(), client_key_pem=key.read_bytes())
    tls = server_tls(*authority.serving(), client_ca=authority.cert_file)

    async def who(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        shown = request.transport.get_extra_info("peercert")
        return web.json_response(dict(pair for part in shown["subject"] for pair in part))

    before = set(os.listdir("/proc/self/fd"))
    async with serving(who, tls=tls) as server:
        ca_pem = authority.cert_file.read_bytes()
        async with session(server.url, ca_pem=ca_pem, user=user) as made:
            assert json.loads((await made.get(Call("/"))).body)["commonName"] == "ana"
            assert not [name for name in map(_link, os.listdir("/proc/self/fd")) if "memfd:tls" in name]
    assert os.listdir(tmp_path) == untouched
    assert len(set(os.listdir("/proc/self/fd")) - before) < 3


def _link(descriptor: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return ""


async def test_an_expired_client_certificate_says_since_when(authority: Authority) -> None:
    cert, key = authority.client("late", valid=-2 * DAY)
    user = User(client_cert_pem=cert.read_bytes(), client_key_pem=key.read_bytes())
    async with serving(_wants("nothing")) as server:
        fault = await _fault(Call("/"), server.url, user=user)
    assert (fault.kind, fault.word) == (FaultKind.UNAUTHORIZED, "login expired 2d ago")
    assert "client certificate, which has expired" in fault.detail
    assert "kubeadm certs renew" in fault.remedy


async def test_a_key_that_does_not_fit_is_a_fault_of_the_kubeconfig(authority: Authority) -> None:
    cert, _ = authority.client("one")
    _, key = authority.client("two")
    user = User(client_cert_pem=cert.read_bytes(), client_key_pem=key.read_bytes())
    fault = await _fault(Call("/"), "https://127.0.0.1:1", user=user, ca_pem=authority.cert_file.read_bytes())
    assert (fault.kind, fault.word) == (FaultKind.CONFIG, "bad certificate")


def _no_certificate(_: Authority, __: Path) -> User:
    return User()


def _of_another_authority(_: Authority, folder: Path) -> User:
    return _shown(Authority(folder / "stranger").client("ana"))


def _expired(authority: Authority, _: Path) -> User:
    return _shown(authority.client("expired", valid=-2 * DAY))


def _shown(files: tuple[Path, Path]) -> User:
    cert, key = files
    return User(client_cert_pem=cert.read_bytes(), client_key_pem=key.read_bytes())


@asynccontextmanager
async def _refusing(tls: ssl.SSLContext) -> AsyncIterator[str]:
    """The URL of a server that ends a failed handshake with its alert, as OpenSSL and Go do; asyncio's servers drop
    the connection without a word."""

    async def shake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
        shaking = tls.wrap_bio(heard, said, server_side=True)
        refused = False
        while data := await reader.read(65536):  # to the end: closing on unread data would reset the connection
            heard.write(data)
            try:
                if not refused:
                    shaking.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                refused = True
            writer.write(said.read())
            if refused and writer.can_write_eof():
                writer.write_eof()
        writer.close()

    async with await asyncio.start_server(shake, "127.0.0.1", 0) as server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("newest", "user"),
    [
        (ssl.TLSVersion.TLSv1_2, _of_another_authority),
        (ssl.TLSVersion.TLSv1_2, _expired),
        (ssl.TLSVersion.TLSv1_3, _no_certificate),
        (ssl.TLSVersion.TLSv1_3, _of_another_authority),
        (ssl.TLSVersion.TLSv1_3, _expired),
    ],
)
async def test_a_server_that_refuses_the_client_certificate_in_the_handshake(
    authority: Authority, tmp_path: Path, newest: ssl.TLSVersion, user: Callable[[Authority, Path], User]
) -> None:
    tls = server_tls(*authority.serving(), client_ca=authority.cert_file, newest=newest)
    ca_pem = authority.cert_file.read_bytes()
    async with _refusing(tls) as url:
        fault = await _fault(Call("/"), url, ca_pem=ca_pem, user=user(authority, tmp_path))
    assert (fault.kind, fault.word) == (FaultKind.UNAUTHORIZED, "client cert refused")
    assert fault.remedy == "the client certificate is not accepted: fetch the kubeconfig again"
