"""The systemd user unit, by systemd's own syntax (systemd.syntax(7), systemd.service(5))."""

import configparser
from pathlib import Path

import pytest

from fleetui.control.unit_file import install_steps, kept_environment, unit_path, unit_text


def parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_it_lies_where_systemd_looks() -> None:
    assert unit_path({}, Path("/home/ana")) == Path("/home/ana/.config/systemd/user/fleetui-controller.service")
    assert unit_path({"XDG_CONFIG_HOME": "/x"}, Path("/h")) == Path("/x/systemd/user/fleetui-controller.service")


def test_it_stops_gently_and_comes_back_after_a_crash() -> None:
    service = parsed(unit_text(("/usr/bin/fleetui", "controller", "run", "--stay"), environment={}))["Service"]
    assert service["ExecStart"] == "/usr/bin/fleetui controller run --stay"
    assert (service["Restart"], service["KillMode"], service["TimeoutStopSec"]) == ("on-failure", "mixed", "90")


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/home/ana b/x", '"/home/ana b/x"'),
        ("100%", "100%%"),
        ("$HOME", "$$HOME"),
        ('a"b', '"a\\"b"'),
        ("a\\b", '"a\\\\b"'),
        ("", '""'),
        ("a\nExecStart=/evil", '"a\\nExecStart=/evil"'),
    ],
)
def test_words_are_quoted_as_systemd_reads_them(word: str, written: str) -> None:
    text = unit_text(("/usr/bin/fleetui", word), environment={"KUBECONFIG": "/a b"})
    assert parsed(text)["Service"]["ExecStart"] == f"/usr/bin/fleetui {written}"
    assert 'Environment="KUBECONFIG=/a b"' in text


def test_the_environment_keeps_paths_and_no_secrets() -> None:
    kept = kept_environment(
        {"KUBECONFIG": "/k", "AWS_SECRET_ACCESS_KEY": "s", "TOKEN": "t", "PATH": "/bin", "LANG": ""}
    )
    assert kept == {"KUBECONFIG": "/k", "PATH": "/bin"}


def test_lingering_is_named() -> None:
    steps = install_steps(Path("/u"), "ana")
    assert any(step.startswith("loginctl enable-linger ana") for step in steps)
