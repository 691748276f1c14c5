"""The configuration file: the example is the schema, and a mistake is told with its line, its field and the fix."""

import re
from pathlib import Path

import msgspec
import pytest

from fleetui.clients.config_file import ConfigError, parse_config, read_config
from fleetui.clients.paths import data_file
from fleetui.clients.yaml_file import load
from fleetui.model.config import ClusterConfig, Config, EtcdConfig
from fleetui.model.monitoring import AlertmanagerConfig, AuthConfig, LabelsConfig, MetricsConfig, SecretConfig

EXAMPLE = data_file("config.example.yaml").read_text(encoding="utf-8")


def test_the_example_is_the_defaults() -> None:
    assert parse_config(EXAMPLE, where="example") == Config()


def test_the_example_names_every_field_and_no_other() -> None:
    document = load(EXAMPLE, "example")
    assert isinstance(document, dict)
    assert set(document) == {field.name for field in msgspec.structs.fields(Config)}
    operations = {field.name for field in msgspec.structs.fields(Config().operations.__class__)}
    assert set(document["operations"]) == operations


def test_the_examples_cluster_names_every_field_of_a_cluster() -> None:
    lines = EXAMPLE.split("left out:\n#\n")[1].split("clusters: {}")[0].splitlines()
    text = "clusters:\n" + "\n".join(line.removeprefix("#").split("   # shown")[0] for line in lines)
    said = load(text, "example")
    assert isinstance(said, dict)
    assert set(said["clusters"]["prod-east-1"]) == {field.name for field in msgspec.structs.fields(ClusterConfig)}
    assert set(said["clusters"]["prod-east-1"]["etcd"]) == {field.name for field in msgspec.structs.fields(EtcdConfig)}
    cluster = parse_config(text, where="example").cluster("prod-east-1")
    assert cluster.labels == {"site": "east"}
    assert cluster.etcd.configured


def test_the_examples_source_names_every_field_of_a_source_of_metrics() -> None:
    lines = EXAMPLE.split("one cluster each. Such as:\n#\n")[1].split("metrics: {}")[0].splitlines()
    text = "metrics:\n" + "\n".join(line.removeprefix("#") for line in lines)
    said = load(text, "example")
    assert isinstance(said, dict)
    example = said["metrics"]["eu-store"]
    for part, schema in {
        "": MetricsConfig,
        "auth": AuthConfig,
        "labels": LabelsConfig,
    }.items():
        assert set(example[part] if part else example) == {field.name for field in msgspec.structs.fields(schema)}
    assert set(example["auth"]["token"]) == {field.name for field in msgspec.structs.fields(SecretConfig)}
    assert parse_config(text, where="example").metrics["eu-store"].auth.tenant == "team-a"


def test_the_examples_alertmanager_names_every_field_of_one() -> None:
    lines = EXAMPLE.split("half is known. Such as:\n#\n")[1].split("alertmanagers: {}")[0].splitlines()
    text = "alertmanagers:\n" + "\n".join(line.removeprefix("#") for line in lines)
    said = load(text, "example")
    assert isinstance(said, dict)
    example = said["alertmanagers"]["eu-a"]
    assert set(example) == {field.name for field in msgspec.structs.fields(AlertmanagerConfig)}
    assert set(example["labels"]) == {field.name for field in msgspec.structs.fields(LabelsConfig)}
    expected = AlertmanagerConfig(url="https://alertmanager-a.example.org")
    assert parse_config(text, where="example").alertmanagers == {"eu-a": expected}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("a: {}", r"^c\.yaml:2: alertmanagers\.a\.url: '' is no address"),
        ("a: {url: 'http://h', timeout: soon}", r"alertmanagers\.a\.timeout: 'soon' is not a duration"),
        ("a: {url: 'http://h', auth: {key: k}}", r"alertmanagers\.a\.auth\.key: has no cert"),
        ("a: {url: 'http://h', labels: {replica: 'a b'}}", r"alertmanagers\.a\.labels\.replica: 'a b' is no label"),
        ("a: {url: 'http://h', kind: thanos}", r"alertmanagers\.a\.kind: no such field"),
        (
            "a: {url: 'http://h'}\n  b: {url: 'http://i', labels: {cluster: k8s}}",
            r"alertmanagers\.a\.labels\.cluster: differs among the Alertmanagers: auto, k8s",
        ),
    ],
)
def test_a_mistake_about_an_alertmanager(said: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_config(f"alertmanagers:\n  {said}\n", where="c.yaml")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{}", r"^c\.yaml:2: metrics\.s\.url: '' is no address"),
        ("{url: 'ftp://h'}", r"metrics\.s\.url: 'ftp://h' is no address: write http://"),
        ("{url: 'http://h:x'}", r"metrics\.s\.url: 'http://h:x' is no address"),
        ("{url: 'http://ana:pw@h'}", r"metrics\.s\.url: holds a user or a password: write them under auth:"),
        ("{url: 'http://h/?a=1'}", r"metrics\.s\.url: has a query"),
        ("{url: 'http://h', kind: promethius}", r"metrics\.s\.kind: 'promethius' is not known; there are prometheus,"),
        ("{url: 'http://h', client: fast}", r"metrics\.s\.client: 'fast' is not known; there are auto, async, package"),
        ("{url: 'http://h', timeout: soon}", r"metrics\.s\.timeout: 'soon' is not a duration"),
        ("{url: 'http://h', latency_offset: x}", r"metrics\.s\.latency_offset: 'x' is not a duration"),
        (
            "{url: 'http://h', labels: {cluster: 'a) or b'}}",
            r"metrics\.s\.labels\.cluster: 'a\) or b' is no label's name",
        ),
        ("{url: 'http://h', tenant: a}", r"metrics\.s\.tenant: no such field"),
        ("{url: 'http://h', auth: {token: {file: a, env: B}}}", r"metrics\.s\.auth\.token: is said twice"),
        (
            "{url: 'http://h', auth: {token: {env: B}, username: u}}",
            r"metrics\.s\.auth\.username: stands beside a token",
        ),
        ("{url: 'http://h', auth: {password: {env: B}}}", r"metrics\.s\.auth\.password: has no username"),
        ("{url: 'http://h', auth: {key: k}}", r"metrics\.s\.auth\.key: has no cert"),
        ('{url: "http://h", auth: {tenant: "a\\nb"}}', r"metrics\.s\.auth\.tenant: has characters"),
    ],
)
def test_a_mistake_about_a_source_of_metrics(source: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_config(f"metrics:\n  s: {source}\n", where="c.yaml")


def test_an_empty_file_and_no_file_are_all_defaults(tmp_path: Path) -> None:
    assert parse_config("# nothing\n", where="x") == Config()
    assert read_config(tmp_path / "none.yaml") == Config()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theme: dark\nbell: loud\n", r"^c\.yaml:2: bell: Expected `bool`, got `str`$"),
        ("theme: dark\n\ncolour: red\n", r"^c\.yaml:3: colour: no such field; there are kubeconfigs, connect"),
        ("clusters:\n  a: {tier: gold}\n  b:\n    tier: 3\n", r"^c\.yaml:4: clusters\.b\.tier: Expected `str`"),
        ("clusters:\n  a:\n    etcd: {ca: 1}\n", r"^c\.yaml:3: clusters\.a\.etcd\.ca: Expected `str`"),
        ("clusters:\n  a:\n    owners: me\n", r"^c\.yaml:3: clusters\.a\.owners: no such field"),
        ("exec_timeout: soon\n", r"^c\.yaml:1: exec_timeout: 'soon' is not a duration: write 30s"),
        ("operations:\n  grace: 1y\n", r"^c\.yaml:2: operations\.grace: '1y' is not a duration"),
        ("- a\n", r"^c\.yaml.*: the file: Expected `object`, got `array`"),
        ("theme: [dark\n", r"^c\.yaml:\d+:\d+: .*bracket"),
    ],
)
def test_a_mistake_has_its_line_and_its_fix(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        parse_config(text, where="c.yaml")


def test_a_file_that_is_not_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"\xff\xfe\x00theme")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_config(path)


def test_targets_are_by_tier_and_those_of_any_stand_in() -> None:
    text = "slo: {targets: {gold: {availability: 0.9995}, '*': {api-errors: 0.99}}}"
    said = parse_config(text, where="c").slo
    assert [said.target("gold", "availability"), said.target("gold", "api-errors")] == [0.9995, 0.99]
    assert said.target("", "availability") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("slo: {policy: loud}", "c:1: slo.policy: 'loud' is not known; there are pairs, low-budget, half-spent"),
        ("slo: {targets: {gold: {speed: 0.9}}}", "slo.targets.gold.speed: is not known; there are availability,"),
        ("slo: {targets: {gold: {availability: 99.9}}}", "slo.targets.gold.availability: 99.9 is no share"),
    ],
)
def test_a_mistake_in_what_is_promised(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        parse_config(text, where="c")
