"""The systemd user unit, by systemd's own syntax (systemd.syntax(7), systemd.service(5))."""

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fleetui.control.unit_file import install_steps, kept_environment, unit_path, unit_text, withheld, write_unit


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


@pytest.mark.parametrize(
    ("proxy", "kept"),
    [
        ("http://ana:s3cret@proxy:3128", "http://proxy:3128"),
        ("ana:s3cret@proxy:3128", "proxy:3128"),
        ("http://ana:s3cret/p@rt@proxy:3128/", "http://proxy:3128/"),
        ("http://s3cret@[::1]:3128", "http://[::1]:3128"),
        ("ana:s3://cret@proxy", "proxy"),
    ],
)
def test_a_proxy_is_kept_without_its_password_and_a_line_says_so(proxy: str, kept: str) -> None:
    env = {"HTTPS_PROXY": proxy, "http_proxy": proxy, "NO_PROXY": "10.0.0.0/8", "KUBECONFIG": "/home/a@b/config"}
    assert kept_environment(env) == {**env, "HTTPS_PROXY": kept, "http_proxy": kept}
    said = withheld(env)
    assert [line.split()[0] for line in said] == ["HTTPS_PROXY", "http_proxy"]
    assert not [secret for secret in ("s3", "cret", "ana:") if secret in " ".join(said)]


def test_a_proxy_without_a_password_is_kept_whole_and_needs_no_word() -> None:
    env = {"HTTPS_PROXY": "http://proxy:3128"}
    assert (kept_environment(env), withheld(env)) == (env, ())


def test_the_file_is_for_its_owner_alone_whatever_the_umask_and_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "systemd" / "user" / "x.service"
    before = os.umask(0)
    try:
        write_unit(path, "one")
        path.chmod(0o644)
        write_unit(path, "two")
    finally:
        os.umask(before)
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("two", 0o600)
    assert list(path.parent.iterdir()) == [path]


def test_a_unit_that_cannot_be_written_leaves_what_was_there_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "user" / "x.service"
    path.mkdir(parents=True)
    with pytest.raises(OSError, match=r"x\.service"):
        write_unit(path, "new")
    assert list(path.parent.iterdir()) == [path]


def test_a_path_that_is_not_utf8_is_written_as_it_is(tmp_path: Path) -> None:
    write_unit(tmp_path / "x.service", os.fsdecode(b"/home/\xff"))
    assert (tmp_path / "x.service").read_bytes() == b"/home/\xff"


def test_what_install_writes_and_prints_has_no_password(tmp_path: Path) -> None:
    """The command itself."""
    proxy = "http://ana:s3cret@proxy:3128"
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "HTTPS_PROXY": proxy}
    argv = [sys.executable, "-m", "fleetui", "--state-dir", str(tmp_path / "state"), "controller", "install"]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=True)
    unit = unit_path(env, tmp_path)
    assert "Environment=HTTPS_PROXY=http://proxy:3128\n" in unit.read_text()
    assert "HTTPS_PROXY is kept without its user name and password" in done.stdout
    assert "s3cret" not in unit.read_text() + done.stdout + done.stderr
    assert unit.stat().st_mode & 0o777 == 0o600


def test_lingering_is_named() -> None:
    steps = install_steps(Path("/u"), "ana")
    assert any(step.startswith("loginctl enable-linger ana") for step in steps)
