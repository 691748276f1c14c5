"""Services end with whoever started them, however that ends."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bed import packages
from tests.bed.alertmanager import Alertmanagers
from tests.bed.plain_http import answers
from tests.bed.postgres import works_in
from tests.bed.service import Service, ServiceError
from tests.bed.test_cluster import eventually, runs

STARTS_EVERYTHING = """
from tests.bed.alertmanager import Alertmanagers
from tests.bed.etcd_members import EtcdMembers
from tests.bed.postgres import PostgresPair
from tests.bed.prometheus import Prometheus
from tests.bed.synthetic import SyntheticFleet

etcd = EtcdMembers(size=1)
with etcd.slow_disk("m1", 0.01):
    postgres = PostgresPair()
    others = [Prometheus(), Alertmanagers(1), SyntheticFleet(2)]
    tracer = etcd.slow["m1"].process
    pids = [process.pid for one in (etcd, postgres, *others) for process in one.processes.values()]
    print(postgres.folder, tracer.pid, *pids, flush=True)
    input()
"""


@pytest.mark.bed
@pytest.mark.xdist_group("health")
def test_nothing_survives_a_killed_interpreter(open_folder: Path) -> None:
    """Neither what was started, nor the tracer, nor what PostgreSQL has started itself."""
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_EVERYTHING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"TMPDIR": str(open_folder)},  # its files stay, as a killed process leaves them
    ) as parent:
        assert parent.stdout is not None
        folder, *numbers = parent.stdout.readline().split()
        pids = [int(number) for number in numbers]
        assert len(pids) == 1 + 1 + 4 + 3
        assert works_in(Path(folder) / "standby")
        parent.send_signal(signal.SIGKILL)
    eventually(lambda: not any(runs(pid) for pid in pids))
    eventually(lambda: not any(works_in(Path(folder) / role) for role in ("primary", "standby")))


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, as PostgreSQL must where we are root; pytest's own are closed."""
    with tempfile.TemporaryDirectory(prefix="fleetui-bed-open-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.bed
def test_what_is_closed_is_gone() -> None:
    with Alertmanagers(1) as service:
        url, pid = f"{service.urls[0]}/-/ready", service.processes["alertmanager-0"].pid
        assert answers(url)
    assert not answers(url)
    assert not runs(pid)
    assert not service.folder.exists()


class Failing(Service):
    """A Prometheus that does not know its flag."""

    def start_all(self) -> None:
        self.run("prometheus", [packages.program("prometheus"), "--no-such-flag"])
        self.until(lambda: None, "ready", part="prometheus")


@pytest.mark.bed
def test_a_program_that_ends_says_why_and_leaves_nothing() -> None:
    failing: list[Service] = []
    with pytest.raises(ServiceError, match="no-such-flag"):
        failing.append(Failing("failing"))
    assert not failing
