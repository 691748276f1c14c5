"""``fleetui get`` as an operator meets it: kubeconfigs of many hands, and clusters of which some are in trouble."""

import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from select import select
from socket import create_connection
from typing import Any

import pytest
import yaml

from tests.bed import objects
from tests.bed.cluster import BedCluster
from tests.bed.proxy import FaultProxy

pytestmark = pytest.mark.bed

MACHINE = "faults-real-w1"
CREDENTIALS = "client.authentication.k8s.io/v1"


@pytest.fixture(scope="module", autouse=True)
def machine(bed_cluster: BedCluster) -> Iterator[None]:
    bed_cluster.api().create(objects.NODES, objects.node(MACHINE))
    yield
    bed_cluster.api().delete(f"{objects.NODES}/{MACHINE}")


def fleetui(kubeconfig: Path | str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    env = {**os.environ, "KUBECONFIG": str(kubeconfig)}
    command = [sys.executable, "-m", "fleetui", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=60)


class Document:
    """A kubeconfig that starts as the cluster's own and gets more contexts."""

    def __init__(self, bed: BedCluster) -> None:
        self._content: dict[str, Any] = yaml.safe_load(bed.kubeconfig.read_text())
        self.cluster: dict[str, Any] = self._content["clusters"][0]["cluster"]
        self.user: dict[str, Any] = self._content["users"][0]["user"]

    def add(self, name: str, *, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None) -> None:
        """``cluster`` and ``user`` change what the first context has."""
        self._content["clusters"].append({"name": name, "cluster": {**self.cluster, **(cluster or {})}})
        self._content["users"].append({"name": name, "user": self.user if user is None else user})
        self._content["contexts"].append({"name": name, "context": {"cluster": name, "user": name}})

    def write(self, path: Path) -> Path:
        path.write_text(yaml.safe_dump(self._content))
        return path


def _plugin(script: str) -> dict[str, Any]:
    return {"exec": {"apiVersion": CREDENTIALS, "command": "sh", "args": ["-c", script], "interactiveMode": "Never"}}


# -- many contexts, some of them in trouble ----------------------------------------------------------------------------


class HangUp(socketserver.BaseRequestHandler):
    """Says nothing and hangs up."""

    def handle(self) -> None:
        self.server.calls += 1  # type: ignore[attr-defined]


@pytest.fixture
def hanging_up() -> Iterator[socketserver.TCPServer]:
    """A dead server that can still be counted at: ``calls``."""
    with socketserver.TCPServer(("127.0.0.1", 0), HangUp) as server:
        server.calls = 0  # type: ignore[attr-defined]
        yield from _served(server)


def _served(server: socketserver.TCPServer) -> Iterator[socketserver.TCPServer]:
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()


def test_300_contexts_of_which_30_are_dead_and_one_login_hangs(
    bed_cluster: BedCluster, hanging_up: socketserver.TCPServer, tmp_path: Path
) -> None:
    """That the dead are waited for would show: each would have five minutes. Seconds are not judged, they are the
    machine's."""
    document = Document(bed_cluster)
    for number in range(268):
        document.add(f"eu-{number:03d}")
    for number in range(20):
        document.add(f"dead-{number:02d}", cluster={"server": f"https://127.0.0.1:{number + 1}"})
    for number in range(10):
        document.add(f"dead-cut-{number}", cluster={"server": f"https://127.0.0.1:{hanging_up.server_address[1]}"})
    document.add("login", user=_plugin("echo 'to sign in, run: az login --tenant t1' >&2; exec sleep 300"))
    many = document.write(tmp_path / "many")

    asked = ("get", "machines", MACHINE, "-o", "name", "--timeout", "5m")
    done = fleetui(many, "--context", "eu-*", "--context", "dead-*", *asked)
    assert done.stdout.splitlines().count(MACHINE) == 1
    told = "267 contexts lead to a cluster that is listed already: eu-001 (eu-000), eu-002 (eu-000)"
    assert any(told in line for line in done.stderr.splitlines()), "268 answered"
    assert sum(": refused: " in line for line in done.stderr.splitlines()) == 20
    assert sum(line.startswith("fleetui: dead-cut-") for line in done.stderr.splitlines()) == 10
    assert hanging_up.calls == 10, "the dead are asked once each, so that they cost the others nothing"  # type: ignore[attr-defined]

    slow = fleetui(many, "--context", "eu-00*", "--context", "login", "get", "machines", MACHINE, "--timeout", "5s")
    assert slow.returncode == 1
    assert slow.stdout.count(MACHINE) == 1
    aliases, line = slow.stderr.splitlines()
    assert "9 contexts lead to" in aliases
    assert line.startswith("fleetui: login: waits for exec: sh: no answer yet; ")
    assert line.endswith("run: az login --tenant t1")

    few = fleetui(many, "get", "machines", MACHINE, "-o", "name")
    assert (few.returncode, few.stdout) == (0, f"{MACHINE}\n")
    assert few.stderr.startswith("fleetui: 299 contexts not asked; ")


def test_a_row_says_that_a_login_hangs_not_that_the_server_does(bed_cluster: BedCluster, tmp_path: Path) -> None:
    document = Document(bed_cluster)
    document.add("login", user=_plugin("exec sleep 300"))
    path = document.write(tmp_path / "login")
    done = fleetui(path, "--context", "login", "get", "clusters", "@login", "-o", "json", "--timeout", "20s")
    (row,) = json.loads(done.stdout)
    assert (row["trust"], row["fault"]["word"], row["fault"]["kind"]) == ("silent", "waits for exec", "credentials")
    assert "API server" not in row["fault"]["detail"]


def test_a_pattern_that_matches_nothing_names_what_is_near(bed_cluster: BedCluster, tmp_path: Path) -> None:
    document = Document(bed_cluster)
    document.add("prod-east-1")
    done = fleetui(document.write(tmp_path / "one"), "--context", "prod-eats-1", "get", "machines")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--context prod-eats-1: " in done.stderr
    assert "did you mean prod-east-1?" in done.stderr


def test_a_mistake_in_the_filter_does_not_wait_for_any_cluster(bed_cluster: BedCluster, tmp_path: Path) -> None:
    document = Document(bed_cluster)
    touched = tmp_path / "asked"
    document.add("login", user=_plugin(f"touch {touched}; exec sleep 300"))
    done = fleetui(document.write(tmp_path / "login"), "--context", "login", "get", "machines", "statuz=Ready")
    assert done.returncode == 2
    assert not touched.exists()


# -- what a kubeconfig may say -----------------------------------------------------------------------------------------


def test_a_list_of_kubeconfigs(bed_cluster: BedCluster, tmp_path: Path) -> None:
    """One is not there, one is broken, one has the cluster, one the user: the rest works, the broken one is named."""
    content = yaml.safe_load(bed_cluster.kubeconfig.read_text())
    users = tmp_path / "users"
    users.write_text(yaml.safe_dump({"users": content.pop("users")}))
    rest = tmp_path / "rest"
    rest.write_text(yaml.safe_dump(content))
    broken = tmp_path / "broken"
    broken.write_text("contexts: [{\n")
    done = fleetui(os.pathsep.join(map(str, (tmp_path / "none", broken, users, rest))), "get", "machines", MACHINE)
    assert MACHINE in done.stdout
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"fleetui: kubeconfig: {broken}:2:1: ")


def test_impersonation_is_the_servers_to_judge(bed_cluster: BedCluster, tmp_path: Path) -> None:
    document = Document(bed_cluster)
    as_nobody = {"as": "ben", "as-groups": ["ops", "night"], "as-uid": "u1", "as-user-extra": {"Reason": ["ticket 7"]}}
    document.add("as-nobody", user={**document.user, **as_nobody})
    document.add("as-admin", user={**document.user, "as": "ben", "as-groups": ["system:masters"]})
    path = document.write(tmp_path / "as")
    refused = fleetui(path, "--context", "as-nobody", "get", "machines")
    assert 'User "ben" cannot list resource "nodes"' in refused.stderr
    assert MACHINE in fleetui(path, "--context", "as-admin", "get", "machines", MACHINE).stdout


class Tunnel(socketserver.StreamRequestHandler):
    """One CONNECT through the proxy, which knows every name as this machine's."""

    def handle(self) -> None:
        words = self.rfile.readline().decode().split()
        while self.rfile.readline().strip():
            pass
        self.server.asked.append(words[:2])  # type: ignore[attr-defined]
        with create_connection(("127.0.0.1", int(words[1].rpartition(":")[2])), timeout=10) as upstream:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            pairs = {self.connection: upstream, upstream: self.connection}
            while ready := select([*pairs], [], [], 30)[0]:
                for side in ready:
                    if not (data := side.recv(65_536)):
                        return
                    pairs[side].sendall(data)


@pytest.fixture
def tunnel() -> Iterator[socketserver.TCPServer]:
    """An HTTP proxy that only connects; ``asked`` is what it was asked for."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Tunnel) as server:
        server.daemon_threads = True
        server.asked = []  # type: ignore[attr-defined]
        yield from _served(server)


def test_a_proxy_and_another_name_in_the_certificate(
    bed_cluster: BedCluster, tunnel: socketserver.TCPServer, tmp_path: Path
) -> None:
    """The address is a name that only the proxy knows; the certificate says ``localhost``."""
    proxy = f"http://127.0.0.1:{tunnel.server_address[1]}"
    address = f"api.example:{bed_cluster.port}"
    through = {"server": f"https://{address}", "proxy-url": proxy, "tls-server-name": "localhost"}
    document = Document(bed_cluster)
    document.add("through", cluster=through)
    document.add("misnamed", cluster={**through, "tls-server-name": "other.example"})
    document.add("no-proxy", cluster={"proxy-url": "http://127.0.0.1:1"})
    path = document.write(tmp_path / "proxied")
    assert MACHINE in fleetui(path, "--context", "through", "get", "machines", MACHINE).stdout
    assert ["CONNECT", address] in tunnel.asked  # type: ignore[attr-defined]
    misnamed = fleetui(path, "--context", "misnamed", "get", "machines")
    assert misnamed.stderr.startswith("fleetui: misnamed: wrong cert name: ")
    assert "tls-server-name" in misnamed.stderr
    unreachable = fleetui(path, "--context", "no-proxy", "get", "machines")
    assert unreachable.stderr.startswith("fleetui: no-proxy: proxy unreachable: ")


# -- faults of the server, on one line each ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (401, "401 unauthorized: "),
        (403, "403 nodes: "),
        (410, "410 expired: "),
        (429, "429 throttled: "),
        (500, "500 InternalError: "),
    ],
)
def test_a_refusal_is_one_line_with_its_remedy(bed_cluster: BedCluster, code: int, said: str) -> None:
    with FaultProxy(bed_cluster) as proxy:
        proxy.answer(code)
        done = fleetui(proxy.kubeconfig_for(), "get", "machines")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"fleetui: {bed_cluster.name}: {said}")
    assert "; " in line
