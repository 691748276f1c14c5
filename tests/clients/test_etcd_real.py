"""One real etcd with TLS: what its certificates can have wrong, what a snapshot of it holds, what metrics cost."""

import datetime as dt
import shutil
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fleetui.clients.etcd.connect import open_etcd
from fleetui.clients.etcd.members import EtcdMembers as Client
from fleetui.clients.etcd.metrics import counters
from fleetui.clients.system import SystemClock
from fleetui.model.config import EtcdConfig
from fleetui.model.fault import ClusterError, Fault, FaultKind
from fleetui.ports.etcd import Dialer
from tests.bed.authority import Authority
from tests.bed.etcd_members import EtcdMembers
from tests.bed.plain_http import ask

pytestmark = pytest.mark.bed


@pytest.fixture(scope="module")
def etcd() -> Iterator[EtcdMembers]:
    with EtcdMembers("tls", size=1) as members:
        yield members


def config(etcd: EtcdMembers, **changed: object) -> EtcdConfig:
    files = etcd.credentials
    said = {"ca": str(files.ca), "cert": str(files.cert), "key": str(files.key)}
    return EtcdConfig(**{"endpoints": (etcd.members["m1"].client_url,), **said, **changed})  # type: ignore[arg-type]


@asynccontextmanager
async def opened(said: EtcdConfig, dialer: Dialer | None = None) -> AsyncIterator[Client]:
    members = open_etcd("east", said, nodes=tuple, clock=SystemClock(), dialer=dialer)
    try:
        yield members
    finally:
        await members.close()


async def fault_of(said: EtcdConfig) -> Fault:
    async with opened(said) as members:
        (member,) = (await members.look()).members
    assert member.fault is not None
    return member.fault


async def test_the_right_certificates(etcd: EtcdMembers) -> None:
    async with opened(config(etcd)) as members:
        (member,) = (await members.look()).members
    assert (member.name, member.answers, member.leads) == ("m1", True, True)


async def test_another_authority(etcd: EtcdMembers, tmp_path: Path) -> None:
    fault = await fault_of(config(etcd, ca=str(Authority(tmp_path / "other").cert_file)))
    assert (fault.kind, fault.word) == (FaultKind.TLS, "unknown CA")


async def test_no_client_certificate(etcd: EtcdMembers) -> None:
    fault = await fault_of(config(etcd, cert="", key=""))
    assert (fault.kind, fault.word) == (FaultKind.UNAUTHORIZED, "client cert refused")


async def test_a_client_certificate_of_another_authority(etcd: EtcdMembers, tmp_path: Path) -> None:
    cert, key = Authority(tmp_path / "other").client("root")
    fault = await fault_of(config(etcd, cert=str(cert), key=str(key)))
    assert (fault.kind, fault.word) == (FaultKind.UNAUTHORIZED, "client cert refused")


async def test_a_client_certificate_that_has_ended(etcd: EtcdMembers) -> None:
    cert, key = Authority(etcd.credentials.ca.parent).client("late", valid=dt.timedelta(days=-1))
    fault = await fault_of(config(etcd, cert=str(cert), key=str(key)))
    assert (fault.kind, fault.word) == (FaultKind.UNAUTHORIZED, "client cert refused")


async def test_renewed_certificates_are_read_again(etcd: EtcdMembers, tmp_path: Path) -> None:
    """As kubeadm renews them: in place, while we are running."""
    wrong_cert, wrong_key = Authority(tmp_path / "other").client("root")
    cert, key = tmp_path / "client.crt", tmp_path / "client.key"
    shutil.copy(wrong_cert, cert)
    shutil.copy(wrong_key, key)
    async with opened(config(etcd, cert=str(cert), key=str(key))) as members:
        assert not (await members.look()).members[0].answers
        shutil.copy(etcd.credentials.cert, cert)
        shutil.copy(etcd.credentials.key, key)
        assert (await members.look()).members[0].answers


async def test_a_name_that_the_certificate_lacks(etcd: EtcdMembers) -> None:
    assert (await fault_of(config(etcd, server_name="etcd.example"))).word == "wrong cert name"
    async with opened(config(etcd, server_name="localhost")) as members:
        assert (await members.look()).members[0].answers


async def test_plain_http_where_tls_is_spoken(etcd: EtcdMembers) -> None:
    plain = etcd.members["m1"].client_url.replace("https:", "http:")
    fault = await fault_of(config(etcd, endpoints=(plain,)))
    assert fault.word in ("connection lost", "not plain HTTP")  # 3.6 hangs up, 3.4 says so
    assert "write https://" in fault.remedy


async def test_tls_where_plain_http_is_spoken(etcd: EtcdMembers) -> None:
    encrypted = etcd.members["m1"].metrics_url.replace("http:", "https:")
    fault = await fault_of(config(etcd, endpoints=(encrypted,)))
    assert (fault.kind, fault.word) == (FaultKind.TLS, "not TLS")


async def test_an_unknown_host(etcd: EtcdMembers, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)  # a test must not ask the network's own DNS
    fault = await fault_of(config(etcd, endpoints=("https://etcd.invalid:2379",)))
    assert (fault.kind, fault.word) == (FaultKind.UNKNOWN_HOST, "unknown host")


async def test_another_way_to_a_member_keeps_the_name_of_its_certificate(etcd: EtcdMembers) -> None:
    """A port-forward leads elsewhere; the certificate is still checked against the endpoint's own host."""
    real = etcd.members["m1"].client_url

    class Tunnel:
        def __init__(self) -> None:
            self.asked: list[str] = []

        async def address(self, endpoint: str) -> str:
            self.asked.append(endpoint)
            if endpoint == real:
                raise ClusterError(Fault(FaultKind.REFUSED, "no tunnel", "the pod is gone", "look at it"))
            return real

    tunnel = Tunnel()
    async with opened(config(etcd, endpoints=("https://localhost:2379",)), tunnel) as members:
        picture = await members.look()
    assert tunnel.asked[0] == "https://localhost:2379"
    assert [(member.name, member.answers, member.endpoint) for member in picture.members] == [
        ("m1", True, "https://localhost:2379")
    ]
    async with opened(config(etcd, endpoints=("https://etcd.example:2379",)), Tunnel()) as members:
        assert (await members.look()).members[0].status.why == "wrong cert name"
    async with opened(config(etcd), Tunnel()) as members:
        assert (await members.look()).members[0].status.why == "no tunnel"


async def test_a_snapshot_holds_what_was_written(etcd: EtcdMembers, tmp_path: Path) -> None:
    etcd.put("witness", "a value that must be in it")
    async with opened(config(etcd)) as members:
        (member,) = (await members.look()).members
        taken = await members.snapshot(member.id, tmp_path / "s.db")
    assert b"a value that must be in it" in (tmp_path / "s.db").read_bytes()
    assert taken.revision == member.said.revision
    assert taken.version == "3.6.0"


def test_the_lines_that_are_wanted_are_all_there(etcd: EtcdMembers) -> None:
    """Against a real page: every figure that 3.6 exports is read, and nothing else is parsed."""
    text = ask(f"{etcd.members['m1'].metrics_url}/metrics")
    found = counters(text, at=1.0)
    unread = [name for name in found.__struct_fields__ if getattr(found, name) in (None, ())]
    assert unread == ["round_trips"]  # it has no peers
    assert found.fsync[-1][0] == float("inf")
    assert found.fsync[-1][1] > 0
    assert [count for _, count in found.fsync] == sorted(count for _, count in found.fsync)


@pytest.mark.parametrize(
    ("page", "read"),
    [
        (b"", {}),
        (b"etcd_server_quota_backend_bytes 2.147483648e+09\n", {"quota": 2147483648}),
        (b"etcd_server_quota_backend_bytes banana\n", {}),
        (b"# etcd_disk_defrag_inflight 1\netcd_disk_defrag_inflight 0\n", {"defragmenting": False}),
        (b'etcd_disk_wal_fsync_duration_seconds_bucket{le="0.001"} x\n', {}),
    ],
)
def test_what_cannot_be_read_is_unknown(page: bytes, read: dict[str, object]) -> None:
    found = counters(page, at=1.0)
    known = {name: getattr(found, name) for name in found.__struct_fields__ if getattr(found, name) not in (None, ())}
    assert known == {"at": 1.0, **read}
