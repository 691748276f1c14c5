"""A real controller process that kills itself at one point of its journal: ``python -m tests.drills.controller_entry``.

The production code has no hooks. The store is wrapped at its port: the moments around an append are the moments before
and after every intent, and, since an answer is appended right after the act, those after the act.
"""

import os
import signal
import sys
from pathlib import Path

import msgspec

from fleetui.clients.alertmanager.connect import open_alertmanagers
from fleetui.clients.etcd.connect import open_etcd
from fleetui.clients.kube.connect import Connector
from fleetui.clients.system import SystemChance, SystemClock
from fleetui.control.engine import Engine
from fleetui.control.mutes import Mutes
from fleetui.control.process import run_controller
from fleetui.control.registry import load_registry
from fleetui.control.sqlite_store import SqliteStore
from fleetui.control.timing import Timing
from fleetui.model.cluster import ClusterRef
from fleetui.model.config import EtcdConfig
from fleetui.model.journal import Record
from fleetui.model.monitoring import AlertmanagerConfig
from fleetui.ports.etcd import EtcdCluster
from fleetui.ports.store import OperationStore
from fleetui.ports.target import TargetCluster
from tests.drills.kill_points import KillPoint, Watch

TIMING = Timing(
    scan_s=0.05,
    claim_ttl_s=5.0,
    approval_s=90.0,
    lock_ttl_s=10.0,
    lock_renew_s=0.4,
    mute_renew_s=0.4,
    poll_s=0.1,
    evict_retry_s=0.3,
    evict_retry_max_s=0.6,
    outage_retry_s=0.1,
    outage_retry_max_s=0.5,
)
"""As in production, only quicker."""
ALERTMANAGER = "FLEETUI_DRILL_ALERTMANAGER"
"""Environment variable: its address; not set where nothing is muted."""


class KillingStore:
    """The store of the process, and its death."""

    def __init__(self, store: OperationStore, point: KillPoint) -> None:
        self._store = store
        self._watch = Watch(point)

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        if self._watch.before(record):
            os.kill(os.getpid(), signal.SIGKILL)
        seq = self._store.append(op_id, fence, expected_seq, record)
        if self._watch.after(record):
            os.kill(os.getpid(), signal.SIGKILL)
        return seq

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)


def main() -> None:
    store_path, kubeconfig, point = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    etcd = EtcdConfig(endpoints=tuple(sys.argv[4:]))
    clock, chance = SystemClock(), SystemChance()
    connector = Connector((kubeconfig,), clock=clock, chance=chance)

    async def connect(ref: ClusterRef) -> TargetCluster:
        return connector.open_target(ref)

    async def open_members(ref: ClusterRef) -> EtcdCluster:
        return open_etcd(ref.name, etcd, nodes=tuple, clock=clock)

    async def open_mutes() -> Mutes | None:
        url = os.environ.get(ALERTMANAGER)
        configured = {"am": AlertmanagerConfig(url=url)} if url else {}
        return Mutes(open_alertmanagers(configured, clock=clock, chance=chance)) if url else None

    def engine(store: OperationStore, holder: str) -> Engine:
        watched = KillingStore(store, msgspec.json.decode(point, type=KillPoint)) if point else store
        return Engine(
            watched,  # type: ignore[arg-type]
            holder=holder,
            registry=load_registry(),
            connect=connect,
            clock=clock,
            chance=chance,
            timing=TIMING,
            open_etcd=open_members,
            open_mutes=open_mutes,
        )

    run_controller(
        store_path, engine, open_store=lambda path, lock: SqliteStore(path, clock, lock=lock), clock=clock, stay=True
    )


if __name__ == "__main__":
    main()
