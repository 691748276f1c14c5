"""The etcd client against gateways that say what a test wants: refusals, nonsense, silence, broken snapshots."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from fleetui.clients.etcd.connect import NO_NODES, normal, open_etcd
from fleetui.clients.etcd.look import NOT_CONFIGURED
from fleetui.clients.etcd.members import EtcdMembers
from fleetui.clients.system import SystemClock
from fleetui.model.config import EtcdConfig
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.model.health.etcd import Alarm, AlarmKind
from fleetui.ports.ended import Ended
from fleetui.ports.etcd import SnapshotError
from tests.clients.scripted import Scripted, serving

ME, PEER = 0xA1, 0xB2
STATUS = {
    "header": {"cluster_id": "77", "member_id": str(ME), "revision": "12", "raft_term": "3"},
    "version": "3.6.16",
    "dbSize": "40960",
    "dbSizeInUse": "20480",
    "dbSizeQuota": "1048576",
    "leader": str(ME),
    "raftIndex": "20",
    "raftTerm": "3",
    "raftAppliedIndex": "20",
}
Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Gateway:
    """A one-member etcd that answers well, except where a path is given another answer."""

    def __init__(self) -> None:
        self.answers: dict[str, Answering] = {}
        self.status = dict(STATUS)
        self.listed: list[dict[str, object]] = []
        self.url = ""

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.path in self.answers:
            return await self.answers[request.path](request)
        if request.path == "/v3/maintenance/status":
            return web.json_response(self.status)
        me = {"ID": str(ME), "name": "me", "peerURLs": ["http://me:2380"], "clientURLs": [self.url]}
        return web.json_response({"header": STATUS["header"], "members": [me, *self.listed]})


@asynccontextmanager
async def gateway():  # type: ignore[no-untyped-def]
    """(the gateway, what it saw, a client of it)."""
    script = Gateway()
    async with serving(script) as seen:
        script.url = seen.url
        async with opened(EtcdConfig(endpoints=(seen.url,))) as members:
            yield script, seen, members


@asynccontextmanager
async def opened(config: EtcdConfig, *, nodes: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
    members = open_etcd("east", config, nodes=lambda: nodes, clock=SystemClock())
    try:
        yield members
    finally:
        await members.close()


def answer(body: object, code: int = 200) -> Answering:
    async def reply(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=code, body=body if isinstance(body, bytes) else json.dumps(body).encode())

    return reply


def paths(seen: Scripted) -> list[str]:
    return [request.path.rpartition("/")[2] for request in seen.seen]


# -- looks -------------------------------------------------------------------------------------------------------------


async def fault_of(members: EtcdMembers) -> Fault:
    (member,) = (await members.look()).members
    assert member.fault is not None
    assert member.said is None
    return member.fault


@pytest.mark.parametrize(
    ("said", "code", "kind", "word"),
    [
        (b"404 page not found\n", 404, FaultKind.SERVER_ERROR, "no JSON gateway"),
        (b"<html>hello</html>", 200, FaultKind.SERVER_ERROR, "not etcd"),
        (b"<html>bad gateway</html>", 502, FaultKind.SERVER_ERROR, "not etcd (502)"),
        (b'{"version": 7}', 200, FaultKind.SERVER_ERROR, "not etcd"),
        (b'{"code":16,"message":"etcdserver: user name is empty"}', 401, FaultKind.UNAUTHORIZED, "user required"),
        (b'{"code":8,"message":"etcdserver: too many requests"}', 429, FaultKind.THROTTLED, "refused by etcd"),
        (
            b'{"code":14,"message":"connection error: desc = \\"transport: authentication handshake failed\\""}',
            503,
            FaultKind.SERVER_ERROR,
            "gateway broken",
        ),
        (
            b'{"error":"x","message":"etcdserver: corrupt cluster","code":15}',
            500,
            FaultKind.SERVER_ERROR,
            "corrupt cluster",
        ),
    ],
)
async def test_what_is_no_good_answer_is_a_fault(said: bytes, code: int, kind: FaultKind, word: str) -> None:
    async with gateway() as (script, _, members):
        script.answers["/v3/maintenance/status"] = answer(said, code)
        fault = await fault_of(members)
    assert (fault.kind, fault.word) == (kind, word)
    assert fault.remedy


async def test_redirects_are_not_followed() -> None:
    async with gateway() as (script, seen, members):

        async def elsewhere(_: web.BaseRequest) -> web.StreamResponse:
            raise web.HTTPFound("/v3/elsewhere")

        script.answers["/v3/maintenance/status"] = elsewhere
        assert (await fault_of(members)).word == "not etcd (302)"
        assert set(paths(seen)) == {"status"}


async def test_hostile_text_is_harmless() -> None:
    async with gateway() as (script, _, members):
        script.status |= {"version": "3.6\x1b[31m", "errors": ["\x9b2J\u202eboom"]}
        script.listed = [{"ID": str(PEER), "name": "e\x1bvil", "clientURLs": ["http://\x1b:1"]}]
        evil, me = (await members.look()).members
    assert "\x1b" not in evil.name + "".join(evil.client_urls) + me.said.version
    assert all("\x9b" not in error and "\u202e" not in error for error in me.said.errors)


async def test_alarms_and_complaints_are_read_from_the_status() -> None:
    async with gateway() as (script, _, members):
        script.status["errors"] = [
            f"memberID:{PEER} alarm:CORRUPT ",
            f"memberID:{ME} alarm:NOSPACE ",
            f"memberID:{ME} alarm:UNHEARD ",
            "etcdserver: no leader",
            "something else",
        ]
        del script.status["leader"]
        (me,) = (await members.look()).members
    assert [(alarm.member, alarm.kind, alarm.said) for alarm in me.said.alarms] == [
        ("a1", AlarmKind.NOSPACE, "NOSPACE"),
        ("a1", AlarmKind.OTHER, "UNHEARD"),
        ("b2", AlarmKind.CORRUPT, "CORRUPT"),
    ]
    assert (me.said.no_leader, me.said.leader, me.said.errors) == (True, "", ("something else",))


@pytest.mark.parametrize(
    ("version", "quota"), [("3.6.5", None), ("3.6.6", 1048576), ("3.7.0", 1048576), ("4", 1048576)]
)
async def test_the_quota_is_believed_from_the_version_that_tells_it_right(version: str, quota: int | None) -> None:
    async with gateway() as (script, _, members):
        script.status["version"] = version
        (me,) = (await members.look()).members
    assert me.said.quota == quota


async def test_what_an_old_version_leaves_out_is_unknown_and_not_zero() -> None:
    async with gateway() as (script, _, members):
        script.status = {"header": {"member_id": str(ME)}, "version": "3.4.23", "leader": str(ME)}
        (me,) = (await members.look()).members
    assert (me.said.db_size, me.said.db_in_use, me.said.quota, me.said.revision) == (None, None, None, None)
    assert (me.said.learner, me.said.cluster_id) == (False, "")


@pytest.mark.parametrize(
    ("advertised", "followed"),
    [
        ("http://127.0.0.1:1", True),
        ("https://127.0.0.1:1", True),
        ("ftp://127.0.0.1:1", False),
        ("", False),
    ],
)
async def test_an_advertised_address_is_followed_if_it_can_be_one(advertised: str, followed: bool) -> None:
    async with gateway() as (script, _, members):
        script.listed = [{"ID": str(PEER), "name": "peer", "clientURLs": [advertised] if advertised else []}]
        peer = next(member for member in (await members.look()).members if member.name == "peer")
    assert peer.endpoint == (advertised if followed else "")
    assert (peer.fault.word == "no endpoint") is not followed


async def test_who_answers_and_is_not_listed_is_a_stranger() -> None:
    async with gateway() as (script, _, _), gateway() as (other, seen, _):
        other.status = {**STATUS, "header": {"cluster_id": "99", "member_id": "1000"}}
        async with opened(EtcdConfig(endpoints=(script.url, seen.url))) as both:
            picture = await both.look()
    assert [member.name for member in picture.members] == ["me"]
    assert [(member.id, member.said.cluster_id, member.endpoint) for member in picture.strangers] == [
        ("3e8", "63", seen.url)
    ]


async def test_a_lost_member_list_is_remembered_and_a_fault_too() -> None:
    async with gateway() as (script, _, members):
        first = await members.look()
        script.answers["/v3/cluster/member/list"] = answer({}, 500)
        assert (await members.look()).listed_at == first.listed_at
        script.answers["/v3/maintenance/status"] = answer(b"", 500)
        (me,) = (await members.look()).members
    assert (me.name, me.answers) == ("me", False)


async def test_a_connection_that_died_while_it_was_kept_is_not_held_against_the_member() -> None:
    async with gateway() as (script, _, members):
        await members.look()
        dropped: list[str] = []

        async def drop_once(request: web.BaseRequest) -> web.StreamResponse:
            if not dropped:
                dropped.append(request.path)
                request.transport.abort()  # type: ignore[union-attr]
            return web.json_response(STATUS)

        script.answers["/v3/maintenance/status"] = drop_once
        (me,) = (await members.look()).members
    assert dropped
    assert me.answers


# -- where to ask ------------------------------------------------------------------------------------------------------


async def test_without_configuration_the_picture_says_what_to_set() -> None:
    async with opened(EtcdConfig(), nodes=("https://10.0.0.1:2379",)) as members:
        picture = await members.look()
    assert (picture.why, picture.remedy, picture.members) == (NOT_CONFIGURED.why, NOT_CONFIGURED.remedy, ())


async def test_certificates_without_endpoints_ask_the_nodes(tmp_path: Path) -> None:
    config = EtcdConfig(ca=str(tmp_path / "ca"), cert=str(tmp_path / "cert"), key=str(tmp_path / "key"))
    async with opened(config) as members:
        assert (await members.look()).why == NO_NODES.why
    async with opened(config, nodes=("https://127.0.0.1:1",)) as members:
        fault = await fault_of(members)
    assert (fault.kind, fault.word) == (FaultKind.CONFIG, "bad certificates")
    assert str(tmp_path / "ca") in fault.detail


@pytest.mark.parametrize(
    ("said", "meant"),
    [("10.0.0.1:2379", "https://10.0.0.1:2379"), ("http://a:1/", "http://a:1"), ("https://[::1]:2", "https://[::1]:2")],
)
def test_an_endpoint_without_a_scheme_is_encrypted(said: str, meant: str) -> None:
    assert normal(said) == meant


# -- actions -----------------------------------------------------------------------------------------------------------

ALARM = Alarm("a1", AlarmKind.NOSPACE, "NOSPACE")


@pytest.mark.parametrize(
    ("said", "code", "ended"),
    [
        ({}, 200, Ended.DONE),
        ({"code": 9, "message": "etcdserver: not leader"}, 400, Ended.REFUSED),
        ({"code": 9, "message": "etcdserver: not leader"}, 412, Ended.REFUSED),
        ({"code": 14, "message": "etcdserver: no leader"}, 503, Ended.REFUSED),
        ({"code": 14, "message": "etcdserver: request timed out"}, 503, Ended.UNKNOWN),
        ({"code": 14, "message": "etcdserver: leader changed"}, 503, Ended.UNKNOWN),
        ({"code": 4, "message": "context deadline exceeded"}, 504, Ended.UNKNOWN),
        ({"code": 13, "message": "internal"}, 500, Ended.UNKNOWN),
        (b"<html>bad gateway</html>", 502, Ended.UNKNOWN),
        (b"half an ans", 200, Ended.UNKNOWN),
    ],
)
async def test_how_an_action_ends(said: object, code: int, ended: Ended) -> None:
    async with gateway() as (script, _, members):
        await members.look()
        for path in ("maintenance/alarm", "maintenance/defragment", "kv/compaction"):
            script.answers[f"/v3/{path}"] = answer(said, code)
        outcomes = [await members.disarm(ALARM), await members.defragment("a1"), await members.compact(5)]
    assert [outcome.ended for outcome in outcomes] == [ended] * 3
    assert all((outcome.fault is None) is (ended is Ended.DONE) for outcome in outcomes)


async def test_an_answer_that_never_comes_leaves_it_unknown() -> None:
    async with gateway() as (script, _, members):
        await members.look()

        async def cut(request: web.BaseRequest) -> web.StreamResponse:
            request.transport.abort()  # type: ignore[union-attr]
            return web.Response()

        script.answers["/v3/maintenance/defragment"] = cut
        outcome = await members.defragment("a1")
    assert outcome.ended is Ended.UNKNOWN
    assert outcome.fault.kind is FaultKind.NETWORK


async def test_what_was_never_sent_is_refused() -> None:
    async with gateway() as (script, _, members):
        await members.look()
        script.status["leader"] = str(PEER)
        script.listed = [{"ID": str(PEER), "name": "peer", "clientURLs": ["http://127.0.0.1:1"]}]
        await members.look()
        outcome = await members.defragment("b2")
    assert outcome.fault.kind is FaultKind.REFUSED
    assert outcome.ended is Ended.REFUSED


async def test_the_alarm_is_disarmed_for_its_member() -> None:
    async with gateway() as (script, seen, members):
        script.answers["/v3/maintenance/alarm"] = answer({})
        await members.disarm(ALARM)
    body = json.loads(seen.seen[-1].body)
    assert body == {"action": "DEACTIVATE", "memberID": str(ME), "alarm": "NOSPACE"}


async def test_without_a_leader_the_alarm_endpoint_is_not_asked() -> None:
    async with gateway() as (script, seen, members):
        script.status["leader"] = ""
        script.status["errors"] = ["etcdserver: no leader"]
        with pytest.raises(ClusterError, match="no leader"):
            await members.alarms()
        assert (await members.disarm(ALARM)).ended is Ended.REFUSED
        assert (await members.compact(3)).ended is Ended.REFUSED
    assert set(paths(seen)) == {"status", "list"}


# -- snapshots ---------------------------------------------------------------------------------------------------------

DATABASE = bytes(range(256)) * 16


def lines(*parts: bytes, **more: object) -> list[bytes]:
    return [
        json.dumps({"result": {"blob": base64.b64encode(part).decode(), **more}}).encode() + b"\n" for part in parts
    ]


WHOLE = lines(DATABASE[:1000], DATABASE[1000:], hashlib.sha256(DATABASE).digest(), version="3.6.0")


def stream(*pieces: bytes, cut: bool = False) -> Answering:
    async def reply(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for piece in pieces:
            await response.write(piece)
        if cut and request.transport is not None:
            request.transport.abort()
        return response

    return reply


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(WHOLE, id="a line at a time"),
        pytest.param([b"".join(WHOLE)], id="at once"),
        pytest.param([b"".join(WHOLE)[:77], b"".join(WHOLE)[77:]], id="torn in a line"),
        pytest.param([*WHOLE[:-1], WHOLE[-1].rstrip()], id="no last line break"),
    ],
)
async def test_a_snapshot_however_it_is_cut(tmp_path: Path, pieces: list[bytes]) -> None:
    async with gateway() as (script, _, members):
        script.answers["/v3/maintenance/snapshot"] = stream(*pieces)
        taken = await members.snapshot("a1", tmp_path / "s.db")
    assert (tmp_path / "s.db").read_bytes() == DATABASE + hashlib.sha256(DATABASE).digest()
    assert (taken.version, taken.revision, taken.size) == ("3.6.0", 12, len(DATABASE) + 32)


@pytest.mark.parametrize(
    ("pieces", "cut", "word"),
    [
        pytest.param(WHOLE[:-1], False, "snapshot cut off", id="no hash"),
        pytest.param([*WHOLE[:1], *WHOLE[2:]], False, "snapshot cut off", id="a part is missing"),
        pytest.param(lines(DATABASE, b"\0" * 32), False, "snapshot hash wrong", id="another hash"),
        pytest.param([*WHOLE[:1], b'{"result": {"blob": "AA'], False, "snapshot cut off", id="cut in a line"),
        pytest.param(
            [WHOLE[0], b'{"error": {"code": 14, "message": "stopped"}}\n'], False, "snapshot broke off", id="error"
        ),
        pytest.param([WHOLE[0], b"{}\n"], False, "snapshot broke off", id="an empty line of JSON"),
        pytest.param([WHOLE[0]], True, "connection lost", id="connection cut"),
        pytest.param([], False, "snapshot cut off", id="nothing"),
    ],
)
async def test_a_broken_snapshot_leaves_nothing(tmp_path: Path, pieces: list[bytes], cut: bool, word: str) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    async with gateway() as (script, _, members):
        script.answers["/v3/maintenance/snapshot"] = stream(*pieces, cut=cut)
        with pytest.raises(SnapshotError) as raised:
            await members.snapshot("a1", folder / "s.db")
    assert raised.value.fault.word == word
    assert list(folder.iterdir()) == []


async def test_a_cancelled_snapshot_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "snapshots"
    folder.mkdir()
    begun = asyncio.Event()

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(WHOLE[0])
        await asyncio.Event().wait()
        return response

    async with gateway() as (script, _, members):
        script.answers["/v3/maintenance/snapshot"] = endless
        taking = asyncio.create_task(members.snapshot("a1", folder / "s.db", progress=lambda *_: begun.set()))
        await asyncio.wait_for(begun.wait(), 5)
        assert [file.name for file in folder.iterdir()] == ["s.db.part"]
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("member", ["b2", "c3"])
async def test_a_snapshot_of_nobody(tmp_path: Path, member: str) -> None:
    async with gateway() as (script, _, members):
        script.listed = [{"ID": str(PEER), "name": "peer", "clientURLs": ["http://127.0.0.1:1"]}]
        with pytest.raises(SnapshotError) as raised:
            await members.snapshot(member, tmp_path / "s.db")
    assert raised.value.fault.word == {"b2": "refused", "c3": "unknown member"}[member]
