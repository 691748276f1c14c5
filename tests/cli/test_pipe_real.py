"""A reader that leaves (``| head -1``) and an operator who leaves (Ctrl-C) end the command, and leave no operation
half proposed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleetui.clients.system import SystemClock
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.ledger import fold
from tests.bed import objects
from tests.bed.cluster import BedCluster

READER_LEFT = 141
"""As a shell shows what SIGPIPE ended."""


def unread(*arguments: str, kubeconfig: Path = Path("/nonexistent")) -> tuple[int, str]:
    """(status, what was complained) of the program with an output that nobody reads."""
    reads, writes = os.pipe()
    os.close(reads)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "fleetui", *arguments],
            env={**os.environ, "KUBECONFIG": str(kubeconfig)},
            stdin=subprocess.DEVNULL,
            stdout=writes,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=90,
        )
    finally:
        os.close(writes)
    return done.returncode, done.stderr


@pytest.mark.parametrize("words", [("get", "ops"), ("info",), ("audit", "-o", "csv")])
def test_a_small_answer_is_dropped_without_a_word(words: tuple[str, ...], tmp_path: Path) -> None:
    assert unread("--state-dir", str(tmp_path / "state"), *words) == (READER_LEFT, "")


@pytest.mark.bed
@pytest.mark.parametrize("what", ["machines", "clusters"])
def test_clusters_are_read_for_nobody(bed_cluster: BedCluster, what: str) -> None:
    assert unread("get", what, kubeconfig=bed_cluster.kubeconfig) == (READER_LEFT, "")


@pytest.mark.bed
@pytest.mark.parametrize("words", [("plan", "cordon"), ("run", "cordon", "--yes")])
def test_a_plan_that_nobody_reads_leaves_nothing_proposed(
    bed_cluster: BedCluster, tmp_path: Path, words: tuple[str, ...]
) -> None:
    name = f"pipe-real-{words[0]}"
    bed_cluster.api().create(objects.NODES, objects.node(name))
    state = tmp_path / "state"
    done = unread("--state-dir", str(state), *words, name, kubeconfig=bed_cluster.kubeconfig)
    assert done == (READER_LEFT, "")
    _assert_taken_back(bed_cluster, state, name)


@pytest.mark.bed
def test_the_first_ctrl_c_at_the_question_is_an_answer(bed_cluster: BedCluster, tmp_path: Path) -> None:
    name = "pipe-real-asked"
    bed_cluster.api().create(objects.NODES, objects.node(name))
    state = tmp_path / "state"
    with subprocess.Popen(
        [sys.executable, "-m", "fleetui", "--state-dir", str(state), "run", "cordon", name],
        env={**os.environ, "KUBECONFIG": str(bed_cluster.kubeconfig)},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stderr is not None
        asked = b""
        while not asked.endswith(b"go on? [y/N] "):
            asked += (said := process.stderr.read(1))
            assert said, asked
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 128 + signal.SIGINT
        assert b"Traceback" not in process.stderr.read()
    _assert_taken_back(bed_cluster, state, name)


def _assert_taken_back(bed_cluster: BedCluster, state: Path, name: str) -> None:
    store = SqliteStore(state / "operations.db", SystemClock())
    (op_id,) = store.list_ids()
    operation = fold(store.load(op_id))
    store.close()
    assert operation.aborting or operation.rehearsal
    assert operation.approved_by is None
    assert not bed_cluster.api().get(f"{objects.NODES}/{name}")["spec"].get("unschedulable")
    bed_cluster.api().delete(f"{objects.NODES}/{name}")
