"""What is imported when: a heavy library before the first frame is seconds on a slow disk and a slow line.

Real starts. The imports are recorded, and held where they go beyond what the first frame may need: a frame that
is seen meanwhile needed nothing of what is held.
"""

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from bench.pty_probe import TRUECOLOR, Probe
from bench.screen import Screen
from bench.subjects import environment
from tests.bed import objects
from tests.bed.cluster import BedCluster

PAINT_ENDS = b"\x1b[?2026l"
FLEETUI = [sys.executable, "-m", "fleetui"]
SCREEN = frozenset({"rich", "textual"})
PLAIN = frozenset({"fleetui", "msgspec", "typing_extensions", "yaml"})
FIRST_FRAME = PLAIN | SCREEN | {"platformdirs"}
CLIENT = frozenset({"aiohttp", "yarl", "multidict"})
CONTROLLER = frozenset({"kubernetes", "asyncssh", "prometheus_api_client", "keyring", "requests"})
ELSEWHERE = tuple(
    f"fleetui.{room}"
    for room in (
        "clients.alertmanager", "clients.etcd", "clients.monitoring", "clients.prometheus", "console", "control",
        "model.alerts", "model.diagnosis", "model.health", "model.incident", "observe.fleet", "ports.store", "simulate",
    )
)  # fmt: skip
"""What a list of machines or pods never looks at."""
SELDOM = frozenset({"cryptography", "csv", "difflib", "python_socks", "sqlite3", *SCREEN, *CONTROLLER})
"""What only mistakes, detours, screens and controllers need."""

# Python runs `sitecustomize` before anything else, so that the program itself is started as it always is.
RECORDER = """
import os, sys, time
class Recorder:
    def __init__(self):
        self.names = os.open(os.environ["RECORD_NAMES"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.held = set(os.environ["RECORD_HELD"].split())
        self.gate = os.environ["RECORD_GATE"]
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        os.write(self.names, (top + "\\n").encode())
        while top in self.held and not os.path.exists(self.gate):
            time.sleep(0.01)
sys.meta_path.insert(0, Recorder())
"""


@dataclass
class Recorded:
    """The imports of one process: `env` makes it record them."""

    names: Path
    gate: Path
    env: dict[str, str]

    @property
    def packages(self) -> set[str]:
        """What was asked for and exists, without the standard library."""
        asked = set(self.names.read_text().split()) if self.names.exists() else set()
        ours = asked - sys.stdlib_module_names - {"sitecustomize"}
        return {name for name in ours if importlib.util.find_spec(name) is not None}

    def release(self) -> None:
        self.gate.touch()


@pytest.fixture
def record(tmp_path: Path) -> Callable[[], Recorded]:
    """Makes a new recording; sessions of one test share their home."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(RECORDER)
    names = iter(range(9))

    def start() -> Recorded:
        made = tmp_path / f"recording-{next(names)}"
        made.mkdir()
        env = environment(tmp_path / "home", TRUECOLOR)
        env["PYTHONPATH"] = os.pathsep.join((str(site), env["PYTHONPATH"]))
        held = " ".join(CLIENT | CONTROLLER)
        env |= {"RECORD_NAMES": str(made / "names"), "RECORD_GATE": str(made / "gate"), "RECORD_HELD": held}
        return Recorded(made / "names", made / "gate", env)

    return start


@pytest.fixture
def refused(tmp_path: Path) -> Path:
    """A kubeconfig whose one cluster refuses connections."""
    cluster = {"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}
    context = {"name": "far-away", "context": {"cluster": "c", "user": ""}}
    path = tmp_path / "kubeconfig"
    content = {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": [context]}
    path.write_text(yaml.safe_dump(content))
    return path


def until(holds: Callable[[], object], what: str, *, within: float = 30) -> None:
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"not within {within} s: {what}"
        time.sleep(0.01)


def test_the_first_frame_needs_textual_and_nothing_heavy(record: Callable[[], Recorded], refused: Path) -> None:
    recorded = record()
    with Probe([*FLEETUI, "--kubeconfig", str(refused)], env=recorded.env) as probe:
        probe.wait_for(lambda screen: all(word in screen.text for word in ("fleetui", "READ-ONLY", "far-away", "help")))
        until(lambda: recorded.packages & CLIENT, "the client is imported after the first frame")
        assert recorded.packages >= SCREEN
        assert recorded.packages - CLIENT <= FIRST_FRAME
        assert "refused" not in probe.show()
        probe.send("/zzz")
        probe.wait_for("zzz")  # keys are answered while the client is imported
        recorded.release()
        probe.wait_for("refused")
    assert recorded.packages.isdisjoint(CONTROLLER)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_the_first_paint_is_whole(record: Callable[[], Recorded], refused: Path, size: tuple[int, int]) -> None:
    """No empty headline, and no layout of another width, that the next paint puts right."""
    recorded = record()
    with Probe([*FLEETUI, "--kubeconfig", str(refused)], env=recorded.env, size=size) as probe:
        probe.wait_for("far-away")
        probe.settle()
        settled = probe.show().splitlines()
        written = b"".join(read.data for read in probe.reads)
    paints = (paint for paint in written.split(PAINT_ENDS) if len(paint) > 1_000)
    first = Screen(*size)
    first.feed(next(paints))
    where, _, header, *_, keys = settled
    shown = first.text.splitlines()
    assert (shown[0], shown[-1]) == (where, keys)
    assert shown[2].split()[:4] == header.split()[:4] == ["NAME", "STATE", "NODES", "CP"]
    assert shown[2].find("CP") == header.find("CP")


def test_the_next_first_frame_shows_the_last_picture_without_a_client(
    record: Callable[[], Recorded], bed_cluster: BedCluster
) -> None:
    """Instant on: machines and version are there while nothing that could ask a cluster is imported."""
    bed_cluster.api().create(objects.NODES, objects.node("start-1"))
    command = [*FLEETUI, "--kubeconfig", str(bed_cluster.kubeconfig)]
    row = re.compile(rf"{bed_cluster.name} .* [\d?]+/(\d+) .* v1\.36")  # how many are Ready is unknown at first
    first, second = record(), record()
    first.release()
    with Probe(command, env=first.env) as probe:
        probe.wait_for("1 live")
        probe.wait_for(lambda screen: row.search(screen.text) is not None)
        probe.settle()
        (before,) = row.findall(probe.show())
        probe.send(":q\r")
        until(lambda: not probe.alive, "the first session ends")
    with Probe(command, env=second.env) as probe:
        probe.wait_for(lambda screen: row.search(screen.text) is not None)
        until(lambda: second.packages & CLIENT, "the client is imported after the first frame")
        assert row.findall(probe.show()) == [before]
        assert second.packages - CLIENT <= FIRST_FRAME
        assert "1 live" not in probe.show()
        second.release()
        probe.wait_for("1 live")


def test_help_imports_nothing_but_the_command_line(record: Callable[[], Recorded]) -> None:
    recorded = record()
    said = subprocess.run([*FLEETUI, "get", "--help"], env=recorded.env, capture_output=True, check=True, timeout=30)
    assert b"usage: fleetui get" in said.stdout
    assert recorded.packages == {"fleetui"}
    assert "asyncio" not in recorded.names.read_text().split()


def test_a_list_needs_no_screen_and_nothing_of_the_controller(
    record: Callable[[], Recorded], bed_cluster: BedCluster
) -> None:
    recorded = record()
    recorded.release()
    command = [*FLEETUI, "--kubeconfig", str(bed_cluster.kubeconfig), "get", "clusters"]
    said = subprocess.run(command, env=recorded.env, capture_output=True, check=True, timeout=30)
    assert bed_cluster.name.encode() in said.stdout
    assert "aiohttp" in recorded.packages
    assert recorded.packages.isdisjoint(SCREEN | CONTROLLER)


@pytest.mark.parametrize("what", ["machines", "pods"])
def test_a_list_of_rows_imports_what_it_lists_and_no_more(what: str, tmp_path: Path, refused: Path) -> None:
    """Each module is a part of a millisecond, a library many; kubectl is what it is measured against."""
    command = [sys.executable, "-X", "importtime", "-m", "fleetui", "--kubeconfig", str(refused), "get", what]
    said = subprocess.run(command, env=environment(tmp_path, {}), capture_output=True, text=True, timeout=30).stderr
    imported = {name.strip() for line in said.splitlines() if (name := line.rpartition("|")[2]) != line}
    assert "far-away: refused" in said
    assert imported >= {"aiohttp", "fleetui.clients.kube.session"}
    assert {name for name in imported if name.startswith(ELSEWHERE)} == set()
    assert imported.isdisjoint(SELDOM)


def test_operations_are_read_without_a_client(record: Callable[[], Recorded], refused: Path) -> None:
    recorded = record()
    command = [*FLEETUI, "--kubeconfig", str(refused), "get", "ops"]
    subprocess.run(command, env=recorded.env, capture_output=True, check=True, timeout=30)
    assert recorded.packages <= PLAIN
