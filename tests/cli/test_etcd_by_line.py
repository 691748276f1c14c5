"""Operations on etcd from the command line: which etcd is meant, by the configuration as it is at that moment."""

import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleetui.cli.arguments import parse
from fleetui.cli.operate_arguments import ETCD_OPERATIONS
from fleetui.clients.paths import paths_under
from fleetui.clients.system import SystemClock
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import ClusterError
from fleetui.model.operation import ETCD_TARGET, Target
from fleetui.simulate.etcd_cluster import SimulatedEtcd
from fleetui.simulate.etcd_gateway import EtcdGateways
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.etcd_control import etcd_target
from fleetui.wiring.session import Session

EAST = ClusterRef("east", "east")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "etcd-defragment"], "one cluster: --cluster NAME"),
        (["plan", "etcd-snapshot", "cp-1", "--cluster", "east"], "it names no machines"),
        (["run", "drain"], "run drain: which machines?"),
    ],
)
def test_a_line_names_machines_or_the_cluster_whose_etcd_is_meant(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        parse(words)
    assert exit_.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("kind", ETCD_OPERATIONS)
def test_an_operation_on_etcd_needs_the_cluster_alone(kind: str) -> None:
    assert parse(["plan", kind, "--cluster", "east"]).machines == []


@pytest.fixture
async def etcds() -> AsyncIterator[tuple[SimulatedEtcd, SimulatedEtcd]]:
    """Two clusters of one member each."""
    made = SimulatedEtcd(("m1",), cluster_id=0xA), SimulatedEtcd(("m1",), cluster_id=0xB)
    gateways = [EtcdGateways(etcd, SystemClock()) for etcd in made]
    for gateway in gateways:
        await gateway.start()
    yield made
    for gateway in gateways:
        await gateway.stop()


def _configure(folder: Path, *endpoints: str) -> None:
    etcd = f"{{etcd: {{endpoints: [{', '.join(endpoints)}]}}}}" if endpoints else "{}"
    paths_under(folder).config_file.write_text(f"clusters:\n  east: {etcd}\n")


async def test_the_way_is_the_configurations_of_the_moment(
    tmp_path: Path, etcds: tuple[SimulatedEtcd, SimulatedEtcd]
) -> None:
    first, second = (etcd.members[0].client_url for etcd in etcds)
    _configure(tmp_path)
    clusters = Clusters(Session(paths=paths_under(tmp_path)))
    with pytest.raises(ClusterError, match="no way to the etcd of east is configured"):
        await clusters.etcd(EAST)
    _configure(tmp_path, first)
    assert await etcd_target(await clusters.etcd(EAST)) == Target(ETCD_TARGET, "a")
    _configure(tmp_path, second)
    assert await etcd_target(await clusters.etcd(EAST)) == Target(ETCD_TARGET, "b")
    _configure(tmp_path, first, second)
    with pytest.raises(ClusterError, match="several etcd clusters answer: ids a b"):
        await etcd_target(await clusters.etcd(EAST))


def test_a_snapshot_from_the_line_is_whole_and_lies_where_the_line_was_written(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fleetui", "--demo", "run", "etcd-snapshot", "--cluster", "data-north-1", "--yes"]
    done = subprocess.run(
        [*command, "--option", "path=etcd.db"], capture_output=True, text=True, check=False, timeout=100, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = (tmp_path / "etcd.db").read_bytes()
    digest = hashlib.sha256(written[:-32])
    assert digest.digest() == written[-32:]
    assert digest.hexdigest() in done.stdout.splitlines()[-1]
