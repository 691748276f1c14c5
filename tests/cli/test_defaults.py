"""The configuration's defaults hold on the plain command line as in the dialog."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bed import objects
from tests.bed.cluster import BedCluster

pytestmark = pytest.mark.bed


def test_the_configured_grace_is_in_the_plan_and_an_option_overrides_it(
    bed_cluster: BedCluster, tmp_path: Path
) -> None:
    name = "cli-defaults-w1"
    bed_cluster.api().create("/api/v1/nodes", objects.node(name))
    config = tmp_path / "config.yaml"
    config.write_text("operations: {grace: 45s, max_parallel: 3}\n")
    state = tmp_path / "state"
    words = ["run", "drain", name, "--yes", "--no-follow", "--option", "max_parallel=2"]
    command = [sys.executable, "-m", "fleetui", "--config", str(config), "--state-dir", str(state), *words]
    env = {**os.environ, "KUBECONFIG": str(bed_cluster.kubeconfig)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr
    audit = subprocess.run(
        [*command[:7], "get", "ops", "-o", "json"], env=env, capture_output=True, text=True, check=True
    )
    assert name in audit.stdout
    from fleetui.clients.system import SystemClock
    from fleetui.control.sqlite_store import SqliteStore

    store = SqliteStore(state / "operations.db", SystemClock())
    (op_id,) = store.list_ids()
    options = dict(store.load(op_id).submission.intent.options)
    store.close()
    assert (options["grace_s"], options["max_parallel"]) == (45, 2)
