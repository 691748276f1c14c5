"""What a source makes of answers that no Prometheus here gives on command: warnings, refusals, other kinds, tenants."""

import asyncio
import base64
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from aiohttp import web

from fleetui.clients.prometheus.connect import open_sources
from fleetui.clients.prometheus.origin import origin
from fleetui.clients.prometheus.source import PrometheusSource
from fleetui.clients.system import SystemClock
from fleetui.model.fault import FaultKind
from fleetui.model.monitoring import AuthConfig, MetricsConfig, SecretConfig
from fleetui.ports.metrics import MetricsError
from tests.bed.authority import Authority
from tests.bed.etcd_members import EtcdMembers
from tests.clients.scripted import Handler, LowChance, Scripted, TurnedClock, server_tls, serving
from tests.clients.sources import CLIENTS, source

pytestmark = pytest.mark.parametrize("client", CLIENTS)
NOTHING = {"status": "success", "data": {"resultType": "vector", "result": []}}


def says(body: object, *, status: int = 200, **headers: str) -> Handler:
    async def handle(_: web.BaseRequest) -> web.Response:
        if isinstance(body, str):
            return web.Response(text=body, status=status, headers=headers)
        return web.json_response(body, status=status, headers=headers)

    return handle


def refuses(kind: str, error: str, *, status: int) -> Handler:
    return says({"status": "error", "errorType": kind, "error": error}, status=status)


async def fault_of(handle: Handler, client: str) -> MetricsError:
    async with serving(handle) as server, source(server.url, client=client) as asked:
        with pytest.raises(MetricsError) as caught:
            await asked.instant("up")
    return caught.value


def form(server: Scripted) -> dict[str, str]:
    return dict(parse_qsl(server.seen[-1].body.decode()))


async def test_the_question_is_a_form_with_a_shorter_timeout(client: str) -> None:
    async with serving(says(NOTHING)) as server, source(f"{server.url}/prefix/", client=client, timeout="5s") as asked:
        await asked.instant('up{a="ä b&c"}', at=1_700_000_000.25)
    (seen,) = server.seen
    assert (seen.method, seen.path, seen.query) == ("POST", "/prefix/api/v1/query", {})
    assert form(server) == {"query": 'up{a="ä b&c"}', "time": "1700000000.250", "timeout": "4000ms"}
    assert seen.headers["User-Agent"].startswith("fleetui/")


@pytest.mark.parametrize(
    ("said", "partial"),
    [
        ({}, False),
        ({"warnings": ["PromQL warning: quantile value should be between 0 and 1"]}, False),
        ({"infos": ["PromQL info: metric might not be a counter"]}, False),
        ({"warnings": ['fetch series for {c="1"} \u001b[31mStore 10.0.0.1:10901: deadline exceeded']}, True),
        ({"isPartial": True}, True),
    ],
)
async def test_what_is_missing_in_an_answer_is_kept(client: str, said: dict[str, object], partial: bool) -> None:
    async with serving(says(NOTHING | said)) as server, source(server.url, client=client) as asked:
        reply = (await asked.instant("up")).reply
    assert reply.partial is partial
    assert len(reply.warnings) == len(said.get("warnings", ()))  # type: ignore[arg-type]
    assert len(reply.infos) == len(said.get("infos", ()))  # type: ignore[arg-type]
    assert "\u001b" not in "".join(reply.warnings)


@pytest.mark.parametrize(
    ("kind", "extras", "behind"),
    [
        ("prometheus", {}, 0),
        ("mimir", {}, 0),
        ("thanos", {"dedup": "true", "partial_response": "true"}, 0),
        ("victoriametrics", {"nocache": "1"}, 30),
    ],
)
async def test_each_kind_is_asked_in_its_way(client: str, kind: str, extras: dict[str, str], behind: float) -> None:
    async with serving(says(NOTHING)) as server, source(server.url, client=client, kind=kind) as asked:
        vector = await asked.instant("up")
    assert form(server) == {"query": "up", "timeout": "8000ms", **extras}
    assert vector.reply.behind_s == behind


async def test_the_latency_offset_can_be_said(client: str) -> None:
    kind = "victoriametrics"
    async with (
        serving(says(NOTHING)) as server,
        source(server.url, client=client, kind=kind, latency_offset="5s") as asked,
    ):
        assert (await asked.instant("up")).reply.behind_s == 5


async def test_series_with_native_histograms_only_are_left_out(client: str) -> None:
    result = [{"metric": {"a": "1"}, "histogram": [1.0, {}]}, {"metric": {"a": "2\u202e"}, "value": [1.5, "NaN"]}]
    body = {"status": "success", "data": {"resultType": "vector", "result": result}}
    async with serving(says(body)) as server, source(server.url, client=client) as asked:
        (point,) = (await asked.instant("up")).points
    assert (point.labels, point.at, point.idle) == ({"a": "2\ufffd"}, 1.5, True)


@pytest.mark.parametrize(
    ("handle", "kind", "word", "asked_wrong"),
    [
        (refuses("execution", "the query hit the max series limit", status=422), "server error", "query refused", True),
        (refuses("422", "vm: too many series", status=422), "server error", "query refused", True),
        (refuses("timeout", "query timed out in evaluation", status=503), "timeout", "query timed out", True),
        (refuses("internal", "boom", status=500), "server error", "500 error", False),
        (says("upstream connect error", status=503), "server error", "503 not ready", False),
        (says("no such page", status=404), "server error", "404 query", True),
        (says("", status=401), "unauthorized", "401 unauthorized", False),
        (says("no org id", status=403), "forbidden", "403 forbidden", False),
        (says("", status=302, Location="https://login.example/"), "unauthorized", "302 redirect", False),
        (says("<html>Sign in</html>"), "server error", "not Prometheus", False),
        (says({"status": "success", "data": {"resultType": "streams", "result": []}}), "server error", "not Prometheus",
         False),
        (says({"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "x"]}]}}),
         "server error", "not Prometheus", False),
    ],
)  # fmt: skip
async def test_refusals(client: str, handle: Handler, kind: str, word: str, asked_wrong: bool) -> None:
    error = await fault_of(handle, client)
    assert (error.fault.kind.value, error.fault.word, error.asked_wrong) == (kind, word, asked_wrong)
    assert error.fault.remedy


async def test_who_sheds_load_says_when_to_come_back(client: str) -> None:
    error = await fault_of(says("", status=429, **{"Retry-After": "17"}), client)
    assert (error.fault.kind, error.fault.retry_after_s) == (FaultKind.THROTTLED, 17)


async def test_a_redirect_is_never_followed_with_the_secret(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("T", "sesame")
    async with serving(says(NOTHING)) as elsewhere:
        handle = says("", status=307, Location=f"{elsewhere.url}/api/v1/query")
        auth = AuthConfig(token=SecretConfig(env="T"))
        async with serving(handle) as server, source(server.url, client=client, auth=auth) as asked:
            with pytest.raises(MetricsError):
                await asked.instant("up")
        assert elsewhere.seen == []


async def test_a_server_error_is_not_asked_again_by_itself(client: str) -> None:
    async with serving(says("", status=503)) as server, source(server.url, client=client) as asked:
        with pytest.raises(MetricsError):
            await asked.instant("up")
        assert len(server.seen) == 1


async def test_an_answer_without_end_is_cut(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fleetui.clients.prometheus.carrier.ANSWER_LIMIT", 1 << 20)
    monkeypatch.setattr("fleetui.clients.prometheus.package.ANSWER_LIMIT", 1 << 20)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 65_536)

    error = await fault_of(handle, client)
    assert error.fault.word == "answer too large"


async def test_an_answer_in_drops_is_over_when_its_time_is(client: str) -> None:
    """Each byte comes in time, the whole never."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.01)

    async with serving(handle) as server, source(server.url, client=client, timeout="0.5") as asked:
        with pytest.raises(MetricsError) as caught:
            await asked.instant("up")
    assert caught.value.fault.word == "no answer"


async def test_whoever_gives_up_cuts_the_connection(client: str) -> None:
    """A minute's patience, and no thread is left behind."""
    asked_for, cut = asyncio.Event(), asyncio.Event()

    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        asked_for.set()
        try:
            await asyncio.Event().wait()
        finally:
            cut.set()
        raise AssertionError

    async with serving(handle) as server, source(server.url, client=client, timeout="60s") as asked:
        question = asyncio.create_task(asked.instant("up"))
        await asyncio.wait_for(asked_for.wait(), 60)
        question.cancel()
        await asyncio.gather(question, return_exceptions=True)
        await asyncio.wait_for(cut.wait(), 60)
    await until(lambda: not any(thread.name.startswith("prometheus s") for thread in threading.enumerate()))


async def until(holds: Callable[[], bool], within: float = 60) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.005)


# -- who asks ----------------------------------------------------------------------------------------------------------


async def header(auth: AuthConfig, client: str) -> str:
    async with serving(says(NOTHING)) as server, source(server.url, client=client, auth=auth) as asked:
        await asked.instant("up")
    return server.seen[0].headers.get("Authorization", "")


async def test_a_token_from_the_environment_a_file_and_a_command(
    client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROM_TOKEN", "from-env")
    (tmp_path / "token").write_text("from-file\n")
    kept = {
        "from-env": SecretConfig(env="PROM_TOKEN"),
        "from-file": SecretConfig(file=str(tmp_path / "token")),
        "from-command": SecretConfig(command=("sh", "-c", "echo from-command; echo chatter >&2")),
    }
    for token, secret in kept.items():
        assert await header(AuthConfig(token=secret), client) == f"Bearer {token}"


async def test_a_user_with_a_password_and_a_tenant(client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PW", "pa:ss")
    auth = AuthConfig(username="ana", password=SecretConfig(env="PW"), tenant="a|b")
    async with serving(says(NOTHING)) as server, source(server.url, client=client, auth=auth) as asked:
        await asked.instant("up")
    headers = server.seen[0].headers
    assert headers["Authorization"] == "Basic " + base64.b64encode(b"ana:pa:ss").decode()
    assert headers["X-Scope-OrgID"] == "a|b"


@pytest.mark.parametrize(
    ("secret", "detail"),
    [
        (SecretConfig(env="NOT_SET"), "NOT_SET is empty or not set"),
        (SecretConfig(file="/nonexistent/token"), "/nonexistent/token: No such file"),
        (SecretConfig(command=("sh", "-c", "echo login first >&2; exit 3")), "login first"),
        (SecretConfig(command=("/nonexistent/helper",)), "/nonexistent/helper: No such file"),
        (SecretConfig(command=("printf", "a\\001b")), "characters that no header can carry"),
    ],
)
async def test_without_its_secret_nobody_is_asked(client: str, secret: SecretConfig, detail: str) -> None:
    auth = AuthConfig(token=secret)
    async with serving(says(NOTHING)) as server, source(server.url, client=client, auth=auth) as asked:
        with pytest.raises(MetricsError) as caught:
            await asked.instant("up")
    assert caught.value.fault.kind is FaultKind.CREDENTIALS
    assert detail in caught.value.fault.detail
    assert server.seen == []


@pytest.mark.parametrize("script", ["exit 3", "echo token=hushed-1 >&2; exit 3", "true", "printf 'a\\001b'"])
async def test_what_a_command_is_given_is_not_told(client: str, script: str) -> None:
    auth = AuthConfig(token=SecretConfig(command=("/bin/sh", "-c", script, "--password", "hushed-2")))
    async with serving(says(NOTHING)) as server, source(server.url, client=client, auth=auth) as asked:
        with pytest.raises(MetricsError) as caught:
            await asked.instant("up")
    said = f"{caught.value} {caught.value.fault}"
    assert "/bin/sh" in said
    assert "hushed" not in said


async def test_a_refused_token_is_fetched_anew_once(client: str, tmp_path: Path) -> None:
    """The command counts how often it ran."""
    runs = tmp_path / "runs"
    script = f"echo x >> {runs}; echo token-$(wc -l < {runs})"

    async def handle(request: web.BaseRequest) -> web.Response:
        good = request.headers.get("Authorization") == "Bearer token-2"
        return web.json_response(NOTHING, status=200 if good else 401)

    auth = AuthConfig(token=SecretConfig(command=("sh", "-c", script)))
    async with serving(handle) as server, source(server.url, client=client, auth=auth) as asked:
        await asyncio.gather(*(asked.instant("up") for _ in range(4)))
        await asked.instant("up")
    assert runs.read_text().count("x") == 2


async def test_a_token_file_is_read_again(client: str, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old")
    clock = TurnedClock()
    auth = AuthConfig(token=SecretConfig(file=str(file)))
    async with serving(says(NOTHING)) as server, source(server.url, client=client, auth=auth, clock=clock) as asked:
        await asked.instant("up")
        file.write_text("new")
        await asked.instant("up")
        clock.ahead += 11
        await asked.instant("up")
    assert [seen.headers["Authorization"] for seen in server.seen] == ["Bearer old", "Bearer old", "Bearer new"]


# -- TLS ---------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def secured(tmp_path: Path, *, mutual: bool = False) -> AsyncIterator[tuple[Scripted, Authority]]:
    authority = Authority(tmp_path / "pki")
    serving_pair = authority.serving()
    tls = server_tls(*serving_pair, client_ca=authority.cert_file if mutual else None)
    async with serving(says(NOTHING), tls=tls) as server:
        yield server, authority


async def test_the_authority_and_the_client_certificate_are_shown(client: str, tmp_path: Path) -> None:
    async with secured(tmp_path, mutual=True) as (server, authority):
        cert, key = authority.client("fleetui")
        auth = AuthConfig(ca=str(authority.cert_file), cert=str(cert), key=str(key))
        async with source(server.url, client=client, auth=auth) as asked:
            await asked.instant("up")


@pytest.mark.bed
async def test_a_server_that_refuses_our_certificate(client: str, tmp_path: Path) -> None:
    """Go's TLS, which ends the handshake with an alert; asyncio's servers drop the connection without a word."""
    cert, key = Authority(tmp_path / "other").client("fleetui")
    with EtcdMembers(size=1) as etcd:
        ca = str(etcd.credentials.ca)
        for auth in (AuthConfig(ca=ca), AuthConfig(ca=ca, cert=str(cert), key=str(key))):
            async with source(etcd.members["m1"].client_url, client=client, auth=auth) as asked:
                with pytest.raises(MetricsError) as caught:
                    await asked.instant("up")
            # urllib3 writes twice; when the server has hung up in between, its alert is lost.
            lost = client == "package" and caught.value.fault.word == "TLS closed"
            assert lost or caught.value.fault.word == "client cert refused"
            assert "auth: of this source" in caught.value.fault.remedy


@pytest.mark.parametrize(
    ("auth", "word"),
    [
        ({}, "unknown CA"),
        ({"ca": "CA", "server_name": "other.example"}, "wrong cert name"),
        ({"ca": "NOTHING"}, "bad certificates"),
    ],
)
async def test_a_certificate_that_does_not_fit(client: str, tmp_path: Path, auth: dict[str, str], word: str) -> None:
    async with secured(tmp_path) as (server, authority):
        ca = auth.get("ca", "").replace("CA", str(authority.cert_file))
        said = AuthConfig(ca=ca, server_name=auth.get("server_name", ""))
        async with source(server.url, client=client, auth=said) as asked:
            with pytest.raises(MetricsError) as caught:
                await asked.instant("up")
    assert caught.value.fault.word == word
    assert caught.value.fault.remedy


async def test_plain_http_behind_https_and_a_name_that_is_none(client: str) -> None:
    async def why(url: str) -> MetricsError:
        async with source(url, client=client) as asked:
            with pytest.raises(MetricsError) as caught:
                await asked.instant("up")
        return caught.value

    async with serving(says(NOTHING)) as server:
        assert (await why(server.url.replace("http:", "https:"))).fault.word == "not TLS"
    assert (await why("http://no-such-host.invalid:9090")).fault.kind is FaultKind.UNKNOWN_HOST


# -- several -----------------------------------------------------------------------------------------------------------


async def test_sources_of_one_server_find_out_its_silence_together(client: str) -> None:
    async with serving(says("", status=502)) as server:
        configured = {
            name: MetricsConfig(url=f"{server.url}/{name}", client=client) for name in ("tenant-a", "tenant-b")
        }
        sources = open_sources(configured, clock=SystemClock(), chance=LowChance())
        for asked in (sources["tenant-a"], sources["tenant-a"], sources["tenant-a"], sources["tenant-b"]):
            with pytest.raises(MetricsError):
                await asked.instant("up")
        assert [seen.path for seen in server.seen] == ["/tenant-a/api/v1/query"] * 3
        assert sources["tenant-b"].held_up is not None
        for asked in sources.values():
            await asked.close()


async def test_the_pause_doubles_and_a_good_answer_ends_it(client: str) -> None:
    clock, well = TurnedClock(), False

    async def handle(_: web.BaseRequest) -> web.Response:
        return web.json_response(NOTHING, status=200 if well else 502)

    async def asks(asked: PrometheusSource) -> bool:
        """Whether the server heard of it."""
        heard = len(server.seen)
        with pytest.raises(MetricsError):
            await asked.instant("up")
        return len(server.seen) > heard

    async with serving(handle) as server, source(server.url, client=client, clock=clock) as asked:
        assert [await asks(asked) for _ in range(4)] == [True, True, True, False]
        for pause in (2.5, 5.0, 10.0, 20.0, 30.0, 30.0):  # half of it is the least that chance draws
            clock.ahead += pause - 0.5
            assert not await asks(asked)
            clock.ahead += 1.0
            assert await asks(asked)
        well = True
        clock.ahead += 60
        await asyncio.gather(asked.instant("up"))
        assert asked.held_up is None


def test_which_client_serves_what(client: str) -> None:
    shared, own = MetricsConfig(url="http://h"), MetricsConfig(url="http://h", cluster="c1")
    assert (origin("s", shared, environ={}).package, origin("s", own, environ={}).package) == (True, False)
    said = MetricsConfig(url="http://h", client=client)
    assert origin("s", said, environ={}).package is (client == "package")
