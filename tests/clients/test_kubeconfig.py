"""Kubeconfigs as kubectl reads them, and what each mistake says."""

import base64
import os
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from fleetui.clients.kube.connection import Connection
from fleetui.clients.kube.kubeconfig import Kubeconfig, read_kubeconfig
from fleetui.model.fault import ClusterError, Fault, FaultKind

PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
DATA = base64.b64encode(PEM.encode()).decode()


def _config(
    *, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, name: str = "c", current: str = ""
) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": "https://10.0.0.1:6443", **(cluster or {})}}],
        "users": [{"name": name, "user": user or {}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": current,
    }


def _write(path: Path, config: dict[str, Any] | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(config if isinstance(config, str) else yaml.safe_dump(config, sort_keys=False))
    return path


def _connection(tmp_path: Path, **said: Any) -> Connection:
    return read_kubeconfig([_write(tmp_path / "config", _config(**said))]).connection("c")


def _fault(config: Kubeconfig, context: str = "c") -> Fault:
    with pytest.raises(ClusterError) as raised:
        config.connection(context)
    assert raised.value.fault.kind is FaultKind.CONFIG
    return raised.value.fault


def test_the_first_file_to_say_something_wins(tmp_path: Path) -> None:
    first = _write(tmp_path / "1", _config(name="a", cluster={"server": "https://first"}, current=""))
    second = _config(name="a", cluster={"server": "https://second"}, current="b")
    second["contexts"].append({"name": "b", "context": {"cluster": "a", "user": "a", "namespace": "team"}})
    missing = tmp_path / "not-there"
    config = read_kubeconfig([missing, first, _write(tmp_path / "2", second)])
    assert tuple(config.contexts) == ("a", "b")
    assert config.current == "b"
    assert config.connection("b").server.url == "https://first"
    assert config.namespace("b") == "team"
    assert config.problems == ()


def test_relative_paths_are_relative_to_their_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("ca.pem", "cert.pem", "key.pem"):
        _write(tmp_path / "etc" / name, PEM.replace("AAAA", name))
    config = _config(
        cluster={"certificate-authority": "ca.pem"},
        user={
            "client-certificate": "cert.pem",
            "client-key": "./key.pem",
            "tokenFile": "token",
            "exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "bin/login"},
        },
    )
    connection = read_kubeconfig([_write(tmp_path / "etc" / "config", config)]).connection("c")
    assert b"ca.pem" in (connection.server.ca_pem or b"")
    assert b"key.pem" in (connection.user.client_key_pem or b"")
    assert connection.user.token_file == str(tmp_path / "etc" / "token")
    assert connection.user.exec is not None
    assert connection.user.exec.command == str(tmp_path / "etc" / "bin" / "login")


def test_a_command_without_a_slash_is_looked_up_in_the_path(tmp_path: Path) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1beta1", "command": "aws", "args": None, "env": None}
    found = _connection(tmp_path, user={"exec": plugin}).user.exec
    assert found is not None
    assert (found.command, found.args, found.env) == ("aws", (), ())
    assert found.interactive_mode == "IfAvailable"


def test_data_wins_over_files(tmp_path: Path) -> None:
    cluster = {"certificate-authority": "/nowhere", "certificate-authority-data": DATA}
    assert _connection(tmp_path, cluster=cluster).server.ca_pem == PEM.encode()


def test_every_field_arrives(tmp_path: Path) -> None:
    connection = _connection(
        tmp_path,
        cluster={
            "server": "https://rancher.example/k8s/clusters/c-1/",
            "insecure-skip-tls-verify": True,
            "tls-server-name": "kubernetes",
            "proxy-url": "http://proxy:3128",
            "disable-compression": True,
            "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}],
        },
        user={
            "token": "s3cret",
            "username": "ana",
            "password": "pw",
            "as": "boss",
            "as-uid": "7",
            "as-groups": ["a", "b"],
            "as-user-extra": {"Reason/For": ["x", "y"]},
        },
    )
    server, user = connection.server, connection.user
    assert server.url == "https://rancher.example/k8s/clusters/c-1"
    assert (server.insecure, server.tls_server_name, server.proxy_url) == (True, "kubernetes", "http://proxy:3128")
    assert (server.compress, server.exec_config) == (False, '{"audience": "x"}')
    assert (user.token, user.username, user.password) == ("s3cret", "ana", "pw")
    who = user.impersonation
    assert (who.user, who.uid, who.groups, who.extra) == ("boss", "7", ("a", "b"), (("Reason/For", ("x", "y")),))


def test_secrets_do_not_show_in_a_repr(tmp_path: Path) -> None:
    user = {"token": "s3cret", "password": "hush", "username": "ana", "client-certificate-data": DATA}
    user["client-key-data"] = DATA
    text = repr(_connection(tmp_path, user=user, cluster={"proxy-url": "http://u:hush@proxy"}))
    assert "s3cret" not in text
    assert "hush" not in text
    assert "AAAA" not in text


@pytest.mark.parametrize(
    ("server", "tls", "url", "host"),
    [
        ("10.0.0.1:6443", True, "https://10.0.0.1:6443", "10.0.0.1:6443"),
        ("localhost:8080", False, "http://localhost:8080", "localhost:8080"),
        ("https://[fd00::1]:6443", False, "https://[fd00::1]:6443", "[fd00::1]:6443"),
        ("https://u:pw@api.example", False, "https://u:pw@api.example", "api.example"),
    ],
)
def test_addresses(tmp_path: Path, server: str, tls: bool, url: str, host: str) -> None:
    cluster = {"server": server, **({"certificate-authority-data": DATA} if tls else {})}
    found = _connection(tmp_path, cluster=cluster).server
    assert (found.url, found.host) == (url, host)


@pytest.mark.parametrize(
    ("cluster", "user", "place", "fix"),
    [
        pytest.param({"server": ""}, {}, ":6: clusters.c.server: no address", "https://HOST", id="no server"),
        pytest.param({"server": "ftp://x"}, {}, ":6: clusters.c.server: not an", "https://HOST", id="bad server"),
        pytest.param({"server": 8080}, {}, ":6: clusters.c.server: expected text", "quote it", id="server is a number"),
        pytest.param({"certificate-authority": "/no/ca"}, {}, ":7: clusters.c.certificate-authority: /no/ca: No such",
                     "correct the path", id="missing ca"),
        pytest.param({"certificate-authority-data": "%%"}, {}, ":7: clusters.c.certificate-authority-data: not base64",
                     "base64 -w0", id="not base64"),
        pytest.param({"certificate-authority-data": "aGk="}, {}, "holds no PEM", "-----BEGIN", id="not PEM"),
        pytest.param({"certificate-authority-data": DATA, "insecure-skip-tls-verify": True}, {}, "although", "remove",
                     id="insecure with an authority"),
        pytest.param({"insecure-skip-tls-verify": "yes"}, {}, "expected true or false", "true or false", id="flag"),
        pytest.param({"proxy-url": "socks4://x:1"}, {}, ":7: clusters.c.proxy-url: not the", "socks5://", id="socks 4"),
        pytest.param({}, {"auth-provider": {"name": "gcp"}}, ":10: users.c.auth-provider: gcp: removed", "gcloud",
                     id="auth-provider"),
        pytest.param({}, {"client-certificate-data": DATA}, "has no client-key", "client-key-data", id="no key"),
        pytest.param({}, {"client-key-data": DATA}, "has no client-certificate", "client-certificate", id="no cert"),
        pytest.param({}, {"token": 12345}, ":10: users.c.token: expected text", 'quote it: "12345"', id="token"),
        pytest.param({}, {"as-groups": ["a"]}, "without a user", "add as:", id="groups without a user"),
        pytest.param({}, {"exec": {"command": "aws", "apiVersion": "client.authentication.k8s.io/v1alpha1"}},
                     "v1alpha1 is not supported", "update the plugin", id="exec version"),
        pytest.param({}, {"exec": {"apiVersion": "x"}}, "no command", "credential plugin", id="exec without command"),
        pytest.param({}, {"exec": "aws"}, "expected a mapping, got text", "indentation", id="exec is text"),
    ],
)  # fmt: skip
def test_a_mistake_says_the_place_and_the_fix(
    tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any], place: str, fix: str
) -> None:
    file = _write(tmp_path / "config", _config(cluster=cluster, user=user))
    fault = _fault(read_kubeconfig([file]))
    assert fault.detail.startswith(f"{file}:")
    assert place in fault.detail
    assert fix in fault.remedy


def test_a_broken_entry_breaks_its_own_contexts_only(tmp_path: Path) -> None:
    config = _config()
    config["clusters"].append({"name": "broken", "cluster": {"server": 1}})
    config["contexts"].append({"name": "broken", "context": {"cluster": "broken", "user": "c"}})
    config["contexts"].append({"name": "lost", "context": {"cluster": "nowhere", "user": "c"}})
    config["contexts"].append("not a context")
    read = read_kubeconfig([_write(tmp_path / "config", config)])
    assert tuple(read.contexts) == ("c", "broken", "lost")
    assert read.connection("c").server.url
    assert "clusters.broken.server" in _fault(read, "broken").detail
    assert "there is no cluster 'nowhere'" in _fault(read, "lost").detail


def test_an_entry_that_is_there_twice_is_refused_as_kubectl_does(tmp_path: Path) -> None:
    config = _config()
    config["users"].append({"name": "c", "user": {"token": "another"}})
    fault = _fault(read_kubeconfig([_write(tmp_path / "config", config)]))
    assert "users.c: 'c' is there twice" in fault.detail
    assert fault.remedy == "remove one"


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    fault = _fault(read_kubeconfig([_write(tmp_path / "config", _config())]), "other")
    assert "there is no context 'other'" in fault.detail


def test_a_broken_file_leaves_the_others_alone(tmp_path: Path) -> None:
    broken = _write(tmp_path / "broken", "clusters: [\nusers: {")
    text = _write(tmp_path / "text", "just words")
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe\x00")
    good = _write(tmp_path / "good", _config())
    config = read_kubeconfig([broken, text, binary, tmp_path, good])
    assert config.connection("c").server.url
    details = [problem.detail for problem in config.problems]
    assert details[0].startswith(f"{broken}:3:")
    assert details[1] == f"{text}:1: not a kubeconfig"
    assert "not text" in details[2]
    assert "Is a directory" in details[3]
    assert all(problem.remedy for problem in config.problems)


def test_without_any_file_it_says_what_to_do(tmp_path: Path) -> None:
    (problem,) = read_kubeconfig([tmp_path / "none"]).problems
    assert "no kubeconfig" in problem.detail
    assert "fleetui demo" in problem.remedy


def test_a_file_that_changed_has_another_signature(tmp_path: Path) -> None:
    file = _write(tmp_path / "config", _config())
    before = read_kubeconfig([file]).signature
    assert read_kubeconfig([file]).signature == before
    os.utime(file, (1, 1))
    assert read_kubeconfig([file]).signature != before


def test_300_contexts_are_read_before_anyone_notices(tmp_path: Path) -> None:
    """A tenth of a second on an idle machine; certificates are decoded when a context is opened."""
    config: dict[str, Any] = _config()
    for number in range(300):
        one = _config(name=f"cluster-{number}", cluster={"certificate-authority-data": DATA * 20})
        for list_name in ("clusters", "users", "contexts"):
            config[list_name] += one[list_name]
    file = _write(tmp_path / "config", config)
    spent = min(_spent(file) for _ in range(3))
    assert spent < 0.5


def _spent(file: Path) -> float:
    began = time.process_time()
    assert len(read_kubeconfig([file]).contexts) == 301
    return time.process_time() - began
