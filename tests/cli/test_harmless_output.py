"""Plain output of the whole program against clusters that mean harm: nothing a terminal obeys, no line without end."""

import csv
import io
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from fleetui.cli.arguments import FORMATS
from fleetui.clients.system import SystemClock
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model import journal
from fleetui.model.cluster import ClusterRef
from fleetui.model.journal import Record
from fleetui.model.lock import CORDON_ANNOTATION, LOCK_ANNOTATION
from fleetui.model.operation import (
    Actor,
    Blast,
    Check,
    Intent,
    OpState,
    Outcome,
    Plan,
    PlannedPod,
    PlannedStep,
    Severity,
    Target,
)
from fleetui.model.plan_pages import plan_records
from fleetui.model.text import REPLACEMENT
from fleetui.ports.store import RECORD_LIMIT
from fleetui.simulate.hostile import TEXTS, hostile_fleet
from fleetui.simulate.machine_clock import MachineClock
from tests.bed import objects
from tests.bed.cluster import BedCluster
from tests.simulate.wire_bed import WireBed, serve

UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
LONGEST = 3_000
"""Characters of a line: all columns of a wide table, each at its limit."""
LONG_NODES, LONG_PODS = 2, 2
"""Objects of the hostile cluster that have a value of a megabyte."""
ROWS = {"machines": len(TEXTS) + LONG_NODES, "pods": len(TEXTS) + LONG_PODS, "clusters": 2}
UNREADABLE = 1
"""Invalid UTF-8 spoils its own object."""
REFUSAL = "hostile-refusal"

Done = subprocess.CompletedProcess[bytes]


def fleetui(kubeconfig: Path, *arguments: str, **env: str) -> Done:
    command = [sys.executable, "-m", "fleetui", "--kubeconfig", str(kubeconfig), *arguments]
    return subprocess.run(command, env={**os.environ, **env}, capture_output=True, check=False, timeout=90)


def harmless(said: bytes, *, longest: int = LONGEST) -> str:
    """The text, once it is sure that a terminal may have it."""
    text = said.decode("utf-8")
    bad = {char for char in text if char != "\n" and unicodedata.category(char) in UNSAFE}
    assert not bad, sorted(map(ascii, bad))
    assert not {char for char in text if unicodedata.bidirectional(char) in RIGHT_TO_LEFT}
    assert max(map(len, text.split("\n"))) <= longest
    return text


@pytest.fixture(scope="module")
def harm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireBed]:
    with serve(hostile_fleet(MachineClock()), tmp_path_factory.mktemp("hostile")) as bed:
        yield bed


def _count(text: str, output: str) -> int:
    match output:
        case "json":
            return len(json.loads(text))
        case "yaml":
            return len(yaml.safe_load(text))
        case "csv":
            return len(list(csv.reader(io.StringIO(text)))) - 1
        case "name":
            return len(text.splitlines())
    return len(text.splitlines()) - 1


@pytest.mark.parametrize("what", ROWS)
def test_tables_in_every_format(harm: WireBed, what: str) -> None:
    for output in FORMATS:
        done = fleetui(harm.kubeconfig, "--context", "*", "get", what, "-o", output)
        text, complaints = harmless(done.stdout), harmless(done.stderr)
        assert _count(text, output) == ROWS[what] - (what != "clusters") * UNREADABLE, output
        assert (what, output) == ("clusters", "name") or REPLACEMENT in text, output
        assert complaints.startswith(f"fleetui: {REFUSAL}: 500 ")
        assert REPLACEMENT in complaints
        assert done.returncode == 1


def test_a_terminal_that_knows_no_utf_8(harm: WireBed) -> None:
    """The bytes of UTF-8 would be controls to it."""
    for encoding in ("ascii", "latin-1"):
        done = fleetui(harm.kubeconfig, "--context", "hostile", "get", "machines", PYTHONIOENCODING=encoding)
        assert done.returncode == 0, done.stderr
        assert not {byte for byte in done.stdout if (byte < 0x20 and byte != 0x0A) or 0x7F <= byte < 0xA0}
        assert len(done.stdout.splitlines()) == ROWS["machines"] - UNREADABLE + 1


# -- what a real API server takes --------------------------------------------------------------------------------------


@pytest.fixture
def accepted(bed_cluster: BedCluster, bed_namespace: str) -> Iterator[str]:
    """A machine and its pod, with every family in each field that the API server does not check; their name."""
    api, name = bed_cluster.api(), f"evil-{bed_namespace}"
    text = "".join(text for family, text in TEXTS.items() if family != "bytes")
    note = json.dumps({"op": text, "by": text, "kind": text})
    api.create(
        objects.NODES,
        objects.node(name, kubelet=False, annotations={LOCK_ANNOTATION: note, CORDON_ANNOTATION: note, "e": text}),
    )
    info = {**api.get(f"{objects.NODES}/{name}")["status"]["nodeInfo"], "osImage": text, "kernelVersion": text,
            "containerRuntimeVersion": text, "kubeletVersion": text}  # fmt: skip
    condition = {"type": "Ready", "status": "False", "reason": text, "message": text + "x" * 2**19}
    api.patch(f"{objects.NODES}/{name}/status", {"status": {"nodeInfo": info, "conditions": [condition]}})
    pods = objects.pods_in(bed_namespace)
    api.create(pods, objects.pod(name, node=name, annotations={"e": text}))
    api.patch(f"{pods}/{name}/status", {"status": {"phase": "Failed", "reason": text, "message": text}})
    yield name
    api.delete(f"{pods}/{name}", {"gracePeriodSeconds": 0})
    api.delete(f"{objects.NODES}/{name}")


def test_a_real_server(bed_cluster: BedCluster, accepted: str) -> None:
    for what in ("machines", "pods"):
        for output in FORMATS:
            done = fleetui(bed_cluster.kubeconfig, "get", what, f"name={accepted}", "-o", output)
            text = harmless(done.stdout)
            assert _count(text, output) == 1, (output, done.stderr)
            assert (output == "name") != (REPLACEMENT in text), output
    planned = fleetui(bed_cluster.kubeconfig, "plan", "drain", accepted, "--reason", TEXTS["bidi"])
    assert f"drain 1 machine in {bed_cluster.name}: {accepted}\n" in harmless(planned.stdout), planned.stderr


# -- kubeconfigs and plugins -------------------------------------------------------------------------------------------


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A kubeconfig whose every name and every plugin's last word is hostile; two contexts differ in that alone."""
    parts: dict[str, list[object]] = {"clusters": [], "users": [], "contexts": []}
    texts = [text for family, text in TEXTS.items() if family != "bytes"]
    for number, text in enumerate([*texts, "same\x1b[1m", "same\x9b1m\x1b", "n" * 2**20]):
        script = tmp_path / f"plugin-{number}"
        (tmp_path / f"said-{number}").write_bytes(text.encode() + b"\xff\x9b31m")
        script.write_text(f"#!/bin/sh\ncat {tmp_path}/said-{number} >&2\nexit 3\n")
        script.chmod(0o700)
        api = "client.authentication.k8s.io/v1"
        plugin = {"apiVersion": api, "command": str(script), "args": [text.replace("\0", "")[:100]]}
        parts["clusters"].append({"name": text, "cluster": {"server": "https://127.0.0.1:1"}})
        parts["users"].append({"name": text, "user": {"exec": {**plugin, "interactiveMode": "Never"}}})
        parts["contexts"].append({"name": text, "context": {"cluster": text, "user": text}})
    parts["contexts"].append({"name": "lost", "context": {"cluster": f"nowhere{TEXTS['clear']}", "user": texts[0]}})
    path = tmp_path / f"kube{TEXTS['title']}config"
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **parts}))
    return path


def test_names_of_kubeconfigs_and_what_plugins_say(foreign: Path) -> None:
    count = len(TEXTS) - 1 + 4
    machines = fleetui(foreign, "--context", "*", "get", "machines")
    complaints = harmless(machines.stderr).splitlines()
    assert len(complaints) == count
    assert sum("exec failed" in line for line in complaints) == count - 1
    for output in FORMATS:
        done = fleetui(foreign, "--context", "*", "get", "clusters", "-o", output)
        assert _count(harmless(done.stdout), output) == count, output
        assert len(harmless(done.stderr).splitlines()) == count


def test_mistakes_that_quote_a_file(foreign: Path) -> None:
    foreign.write_text("contexts: [{")
    for command in (("get", "machines"), ("check-config",), ("--context", f"x{TEXTS['c1']}", "get", "machines")):
        done = fleetui(foreign, *command)
        assert REPLACEMENT in harmless(done.stdout + done.stderr)
        assert done.returncode != 0


def test_mistakes_that_quote_the_line(harm: WireBed) -> None:
    for command in (
        ("plan", "drain", TEXTS["clear"]),
        ("op", "show", TEXTS["c1"]),
        ("get", "pods", "--sort", TEXTS["link"]),
    ):
        done = fleetui(harm.kubeconfig, "--context", "hostile", *command)
        assert harmless(done.stderr).startswith("fleetui: "), command
        assert done.returncode == 2


# -- operations --------------------------------------------------------------------------------------------------------


def test_the_plan_of_a_hostile_machine(harm: WireBed) -> None:
    only = ("--context", "hostile")
    names = harmless(fleetui(harm.kubeconfig, *only, "get", "machines", "-o", "name").stdout).splitlines()
    (name,) = [name for name in names if name.startswith("node-quote-")]
    planned = fleetui(harm.kubeconfig, *only, "plan", "drain", name, "--reason", TEXTS["c1"])
    assert "digest: " in harmless(planned.stdout), planned.stderr
    assert REPLACEMENT in planned.stdout.decode()


EVIL = "".join(text for family, text in TEXTS.items() if family != "bytes")


def _evil_records(intent: Intent) -> Iterator[Record]:
    """A journal that some other program wrote: nothing in it went through our clients."""
    (target,) = intent.targets
    pods = tuple(PlannedPod(EVIL, EVIL, EVIL, action, EVIL, EVIL, EVIL) for action in ("evict", "skip"))
    step = PlannedStep("evict/evil", "evict", target, EVIL, EVIL, EVIL, 1.0, pods)
    checks = (Check(EVIL, EVIL, Severity.BLOCK, Outcome.FAIL, EVIL, EVIL, 1.0, target=EVIL, remedy=EVIL),)
    blast = Blast(1, (EVIL,), None, None, (EVIL,), (EVIL,), EVIL, EVIL)
    yield from plan_records(Plan(intent, (step,), checks, blast, 2.0))
    yield journal.Started(EVIL, 1, 4.0)
    yield journal.StepStarted("evict/evil", 5.0)
    yield journal.EffectIntended("e/1", "evict/evil", "evict", "POST", EVIL, EVIL, 1, 6.0)
    yield journal.EffectAnswered("e/1", journal.EffectOutcome.REFUSED, 429, EVIL, 7.0)
    yield journal.StepWaiting("evict/evil", (journal.Waiting(EVIL, EVIL, EVIL, EVIL, 7.0, EVIL),), 1, 7.0)
    yield journal.Note(EVIL, 8.0)
    yield journal.Finished(OpState.FAILED, EVIL, 9.0)


@pytest.fixture
def told(tmp_path: Path) -> Path:
    """A state directory with one operation that is hostile in every text."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    store = SqliteStore(state / "operations.db", SystemClock())
    ref = ClusterRef(name=EVIL, context=EVIL, uid=EVIL)
    intent = Intent("drain", ref, (Target(EVIL, EVIL),), options=((EVIL, EVIL),), reason=EVIL)
    actor = Actor(EVIL, EVIL, EVIL)
    op_id = store.submit(journal.Submission("01EVIL", intent, actor, 1.0), "key")
    store.request(op_id, journal.Request(journal.RequestKind.APPROVE, actor, 3.0, EVIL))
    fence = store.claim(op_id, EVIL, 60.0)
    for number, record in enumerate(_evil_records(intent)):
        store.append(op_id, fence, number, record)
    store.close()
    return state


def test_operations_of_a_foreign_journal(told: Path, tmp_path: Path) -> None:
    state = ("--state-dir", str(told))
    for output in FORMATS:
        done = fleetui(tmp_path, *state, "get", "ops", "-o", output)
        text = harmless(done.stdout)
        assert _count(text, output) == 1, done.stderr
        assert output == "name" or REPLACEMENT in text
    shown = fleetui(tmp_path, *state, "op", "show", "01EVIL")
    lines = harmless(shown.stdout).splitlines()
    assert any(line.startswith("digest: ") for line in lines), shown.stderr
    assert any(line.startswith("01EVIL failed: ") for line in lines)
    assert not any(line.startswith("FAKE") for line in lines)
    for output in ("jsonl", "csv"):
        told_back = fleetui(tmp_path, *state, "audit", "-o", output)
        text = harmless(told_back.stdout, longest=RECORD_LIMIT)  # kept to the letter, in ASCII
        assert "effect-answered" in text, told_back.stderr
    table = harmless(fleetui(tmp_path, *state, "audit").stdout, longest=RECORD_LIMIT)
    assert "asks for drain" in table
