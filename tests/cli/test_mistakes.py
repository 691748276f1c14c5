"""A mistake on the command line is answered at once, with one line that says what to write instead."""

import subprocess
import sys
from pathlib import Path

import pytest

from fleetui.cli import drawing_arguments
from fleetui.cli.arguments import TABLE_WORDS
from fleetui.console.app import SCREENS


def complaint(*words: str, cwd: Path) -> str:
    """The one line on standard error. Nothing may be on standard output, and the status is 2."""
    command = [sys.executable, "-m", "fleetui", "--kubeconfig", str(cwd / "none"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30, cwd=cwd)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("fleetui: ")
    return line


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["gte"], "'get'"),
        (
            ["-c", "podz @eu-*"],
            f"-c podz: no such view; there are {', '.join(sorted(SCREENS.keys() - {'lens', 'incident'}))}",
        ),
        (["get"], f"{'|'.join(TABLE_WORDS)}; see: fleetui get --help"),
        (["get", "foo"], "'foo': write one of clusters, machines, pods, ops"),
        (["get", "pods", "-o", "xml"], "'table', 'wide', 'json'"),
        (["get", "pods", "--timeout", "soon"], "write 30s, 5m"),
        (
            ["screenshot", "nosuch", "-o", "x.svg"],
            ", ".join(map(repr, drawing_arguments.SCREENS)),
        ),
        (["screenshot", "fleet"], "-o/--output"),
        (["screenshot", "fleet", "-o", "no/such/x.svg"], "there is no directory no/such"),
        (["screenshot", "fleet", "-o", "."], "it is a directory"),
        (["screenshot", "fleet", "-o", "x.svg", "--theme", "pink"], "no theme 'pink': write one of ansi-16, dark"),
        (["audit", "--verify", "no-such-file"], "no-such-file: No such file or directory"),
    ],
)
def test_one_line_says_what_to_write(words: list[str], said: str, tmp_path: Path) -> None:
    assert said in complaint(*words, cwd=tmp_path)


def test_a_full_disk_is_one_line_too(tmp_path: Path) -> None:
    full = tmp_path / "full.svg"
    full.symlink_to("/dev/full")
    assert complaint("screenshot", "fleet", "-o", str(full), cwd=tmp_path).startswith("fleetui: ")
