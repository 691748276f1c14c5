"""The proxy passes what is well and breaks what it is told to break."""

import email.utils
import http.client
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.bed import objects
from tests.bed.cluster import BedCluster
from tests.bed.proxy import FaultProxy
from tests.bed.test_cluster import eventually

NODES = objects.NODES


@pytest.fixture
def proxy(bed_cluster: BedCluster) -> Iterator[FaultProxy]:
    with FaultProxy(bed_cluster) as proxy:
        yield proxy


class Line:
    """One keep-alive connection through the proxy."""

    def __init__(self, cluster: BedCluster, proxy: FaultProxy, *, timeout: float = 30) -> None:
        port = int(proxy.url.rpartition(":")[2])
        context = ssl.create_default_context(cafile=str(cluster.ca))
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=timeout)

    def get(self, path: str) -> http.client.HTTPResponse:
        self.connection.request("GET", path, headers={"Authorization": "Bearer tok-admin"})
        return self.connection.getresponse()

    def read(self, path: str) -> Any:
        return json.loads(self.get(path).read())

    def seconds(self, path: str) -> float:
        """From asking until the last byte of the answer."""
        started = time.monotonic()
        self.get(path).read()
        return time.monotonic() - started


@pytest.fixture
def line(bed_cluster: BedCluster, proxy: FaultProxy) -> Iterator[Line]:
    line = Line(bed_cluster, proxy)
    with closing(line.connection):
        yield line


class Notes:
    """A ConfigMap. Controllers and kubelets write a Node too; here each event on the watch is ours."""

    def __init__(self, cluster: BedCluster, namespace: str) -> None:
        self._api, self._path = cluster.api(), f"/api/v1/namespaces/{namespace}/configmaps"
        self._made = self._api.create(self._path, {"metadata": {"name": "notes"}})

    def touch(self) -> None:
        """Make one event."""
        self._api.patch(f"{self._path}/notes", {"data": {"touched": str(time.monotonic_ns())}})

    def watch(self, line: Line) -> http.client.HTTPResponse:
        """A watch that has brought the one event there is."""
        since = self._made["metadata"]["resourceVersion"]
        self.touch()
        answer = line.get(f"{self._path}?watch=true&resourceVersion={since}&fieldSelector=metadata.name=notes")
        assert json.loads(answer.readline())["type"] == "MODIFIED"
        return answer


@pytest.fixture
def notes(bed_cluster: BedCluster, bed_namespace: str) -> Notes:
    return Notes(bed_cluster, bed_namespace)


def test_passes_lists_and_mutations(bed_cluster: BedCluster, bed_namespace: str, proxy: FaultProxy) -> None:
    kubectl, name = ("--kubeconfig", str(proxy.kubeconfig_for("other"))), f"through-{bed_namespace}"
    bed_cluster.api().create(NODES, objects.node(name))
    bed_cluster.kubectl("label", "node", name, "by=proxy", *kubectl)
    assert name in bed_cluster.kubectl("get", "nodes", "-l", "by=proxy", *kubectl)
    assert proxy.seen(f"PATCH /api/v1/nodes/{name}") == 1


def test_answers_for_the_server_as_often_as_told(proxy: FaultProxy, line: Line) -> None:
    fault = proxy.answer(429, r"GET /api/v1/nodes", times=1, retry_after=7)
    refused = line.get(NODES)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert json.loads(refused.read())["reason"] == "TooManyRequests"
    assert line.read(NODES)["kind"] == "NodeList"
    assert line.read("/api/v1/namespaces")["kind"] == "NamespaceList"
    assert fault.struck == 1


def test_cuts_a_watch_in_the_middle_of_a_line(notes: Notes, proxy: FaultProxy, line: Line) -> None:
    stream = notes.watch(line)
    proxy.cut()
    notes.touch()
    with pytest.raises(http.client.IncompleteRead) as broken:
        stream.read()
    assert broken.value.partial.startswith(b'{"type":')
    assert b"\n" not in broken.value.partial


def test_a_clean_cut_ends_well_formed_with_half_a_line(notes: Notes, proxy: FaultProxy, line: Line) -> None:
    stream = notes.watch(line)
    proxy.cut(clean=True)
    notes.touch()
    rest = stream.read()
    assert rest.startswith(b'{"type":')
    with pytest.raises(json.JSONDecodeError):
        json.loads(rest)


def test_expires_open_watches(notes: Notes, proxy: FaultProxy, line: Line) -> None:
    stream = notes.watch(line)
    assert proxy.open_watches == 1
    proxy.expire_watches()
    event = json.loads(stream.read())
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)


def test_forgets_a_watch_whose_client_left(notes: Notes, proxy: FaultProxy, line: Line) -> None:
    notes.watch(line).close()
    line.connection.close()
    eventually(lambda: not proxy.open_watches)


def test_frozen_it_answers_nothing_until_thawed(bed_cluster: BedCluster, proxy: FaultProxy, line: Line) -> None:
    proxy.freeze()
    hasty = Line(bed_cluster, proxy, timeout=0.3)
    with closing(hasty.connection), pytest.raises(TimeoutError):
        hasty.get("/readyz")
    proxy.thaw()
    assert line.get("/readyz").status == 200


def test_delays_and_limits(proxy: FaultProxy, line: Line) -> None:
    eventually(lambda: line.seconds("/readyz") < 0.3)
    proxy.delay(0.3, "readyz")
    assert line.seconds("/readyz") >= 0.3
    size = len(line.get("/openapi/v2").read())
    proxy.limit(size / 0.4, "openapi")
    assert line.seconds("/openapi/v2") >= 0.4


def test_moves_the_servers_clock(proxy: FaultProxy, line: Line) -> None:
    proxy.skew = -3600
    said = email.utils.parsedate_to_datetime(line.get("/readyz").headers["Date"]).timestamp()
    assert said == pytest.approx(time.time() - 3600, abs=3)


def test_changes_bytes_to_what_no_server_would_hold(
    bed_cluster: BedCluster, bed_namespace: str, proxy: FaultProxy, line: Line
) -> None:
    name = f"replaced-{bed_namespace}"
    bed_cluster.api().create(NODES, objects.node(name))
    proxy.replace(b'"kubernetes.io/hostname":"' + name.encode(), b'"kubernetes.io/hostname":"\xff\x1b[2J')
    assert b"\xff\x1b[2J" in line.get(f"{NODES}/{name}").read()


def test_breaks_and_refuses_connections(bed_cluster: BedCluster, notes: Notes, proxy: FaultProxy, line: Line) -> None:
    stream = notes.watch(line)
    proxy.drop()
    with pytest.raises((http.client.HTTPException, OSError)):
        stream.read()
    proxy.refuse()
    with pytest.raises(ConnectionRefusedError):
        Line(bed_cluster, proxy).get("/readyz")
    proxy.listen()
    again = Line(bed_cluster, proxy)
    with closing(again.connection):
        assert again.get("/readyz").status == 200
