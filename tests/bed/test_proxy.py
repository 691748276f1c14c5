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

NODES = objects.NODES


@pytest.fixture
def proxy(bed_cluster: BedCluster) -> Iterator[FaultProxy]:
    with FaultProxy(bed_cluster) as proxy:
        yield proxy


class Line:
    """One keep-alive connection through the proxy."""

    def __init__(self, cluster: BedCluster, proxy: FaultProxy, *, timeout: float = 5) -> None:
        port = int(proxy.url.rpartition(":")[2])
        context = ssl.create_default_context(cafile=str(cluster.ca))
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=timeout)

    def get(self, path: str) -> http.client.HTTPResponse:
        self.connection.request("GET", path, headers={"Authorization": "Bearer tok-admin"})
        return self.connection.getresponse()

    def read(self, path: str) -> Any:
        return json.loads(self.get(path).read())


@pytest.fixture
def line(bed_cluster: BedCluster, proxy: FaultProxy) -> Iterator[Line]:
    line = Line(bed_cluster, proxy)
    with closing(line.connection):
        yield line


def touch(cluster: BedCluster, name: str) -> None:
    """Make an event about the node `name` (which is created when there is none)."""
    api = cluster.api("filler")
    if name not in [node["metadata"]["name"] for node in api.get(NODES)["items"]]:
        api.create(NODES, objects.node(name))
    api.patch(f"{NODES}/{name}", {"metadata": {"labels": {"touched": str(time.monotonic_ns())}}})


def watch(cluster: BedCluster, line: Line) -> http.client.HTTPResponse:
    """A watch that has brought its first event."""
    touch(cluster, "proxied")
    answer = line.get(f"{NODES}?watch=true&resourceVersion=0&fieldSelector=metadata.name=proxied")
    assert json.loads(answer.readline())["type"] == "ADDED"
    return answer


def test_passes_lists_and_mutations(bed_cluster: BedCluster, proxy: FaultProxy) -> None:
    kubectl = ("--kubeconfig", str(proxy.kubeconfig_for("other")))
    touch(bed_cluster, "through")
    bed_cluster.kubectl("label", "node", "through", "by=proxy", *kubectl)
    assert "through" in bed_cluster.kubectl("get", "nodes", "-l", "by=proxy", *kubectl)
    assert proxy.seen("PATCH /api/v1/nodes/through") == 1


def test_answers_for_the_server_as_often_as_told(proxy: FaultProxy, line: Line) -> None:
    fault = proxy.answer(429, r"GET /api/v1/nodes", times=1, retry_after=7)
    refused = line.get(NODES)
    assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert json.loads(refused.read())["reason"] == "TooManyRequests"
    assert line.read(NODES)["kind"] == "NodeList"
    assert line.read("/api/v1/namespaces")["kind"] == "NamespaceList"
    assert fault.struck == 1


def test_cuts_a_watch_in_the_middle_of_a_line(bed_cluster: BedCluster, proxy: FaultProxy, line: Line) -> None:
    stream = watch(bed_cluster, line)
    proxy.cut()
    touch(bed_cluster, "proxied")
    with pytest.raises(http.client.IncompleteRead) as broken:
        stream.read()
    assert broken.value.partial.startswith(b'{"type":')
    assert b"\n" not in broken.value.partial


def test_a_clean_cut_ends_well_formed_with_half_a_line(bed_cluster: BedCluster, proxy: FaultProxy, line: Line) -> None:
    stream = watch(bed_cluster, line)
    proxy.cut(clean=True)
    touch(bed_cluster, "proxied")
    rest = stream.read()
    assert rest.startswith(b'{"type":')
    with pytest.raises(json.JSONDecodeError):
        json.loads(rest)


def test_expires_open_watches(bed_cluster: BedCluster, proxy: FaultProxy, line: Line) -> None:
    stream = watch(bed_cluster, line)
    assert proxy.open_watches == 1
    proxy.expire_watches()
    event = json.loads(stream.read())
    assert (event["type"], event["object"]["code"]) == ("ERROR", 410)


def test_forgets_a_watch_whose_client_left(bed_cluster: BedCluster, proxy: FaultProxy, line: Line) -> None:
    watch(bed_cluster, line).close()
    line.connection.close()
    deadline = time.monotonic() + 5
    while proxy.open_watches:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_frozen_it_answers_nothing_until_thawed(bed_cluster: BedCluster, proxy: FaultProxy, line: Line) -> None:
    proxy.freeze()
    hasty = Line(bed_cluster, proxy, timeout=0.3)
    with closing(hasty.connection), pytest.raises(TimeoutError):
        hasty.get("/readyz")
    proxy.thaw()
    assert line.get("/readyz").status == 200


def test_delays_and_limits(proxy: FaultProxy, line: Line) -> None:
    started = time.monotonic()
    line.get("/readyz").read()
    quick = time.monotonic() - started
    proxy.delay(0.3, "readyz")
    started = time.monotonic()
    line.get("/readyz").read()
    assert time.monotonic() - started >= 0.3 > quick
    size = len(line.get("/openapi/v2").read())
    proxy.limit(size / 0.4, "openapi")
    started = time.monotonic()
    line.get("/openapi/v2").read()
    assert time.monotonic() - started >= 0.4


def test_moves_the_servers_clock(proxy: FaultProxy, line: Line) -> None:
    proxy.skew = -3600
    said = email.utils.parsedate_to_datetime(line.get("/readyz").headers["Date"]).timestamp()
    assert said == pytest.approx(time.time() - 3600, abs=3)


def test_changes_bytes_to_what_no_server_would_hold(bed_cluster: BedCluster, proxy: FaultProxy, line: Line) -> None:
    touch(bed_cluster, "replaced")
    proxy.replace(b'"kubernetes.io/hostname":"replaced"', b'"kubernetes.io/hostname":"\xff\x1b[2J"')
    assert b"\xff\x1b[2J" in line.get(f"{NODES}/replaced").read()


def test_breaks_and_refuses_connections(bed_cluster: BedCluster, proxy: FaultProxy, line: Line) -> None:
    stream = watch(bed_cluster, line)
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
