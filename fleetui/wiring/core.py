"""The controller core of a session: the store, the desk that writes to it, and the process that works on it."""

import getpass
import logging
import os
import sys
from functools import partial
from pathlib import Path

from fleetui.clients.login import login_facts
from fleetui.clients.system import SystemChance, SystemClock, UlidIds, login_actor
from fleetui.control.audit import damage_report
from fleetui.control.desk import Desk
from fleetui.control.process import Waker, controller_status, run_controller, start_detached
from fleetui.control.sqlite_store import SqliteStore
from fleetui.control.state_dir import prepare_state_dir
from fleetui.control.unit_file import install_steps, kept_environment, unit_path, unit_text, withheld, write_unit
from fleetui.model.cluster import ClusterRef
from fleetui.model.login import CredentialUse, login_checks
from fleetui.model.operation import Check
from fleetui.ports.store import OperationStore, StoreUnusableError
from fleetui.wiring.clusters import Clusters
from fleetui.wiring.session import Session

log = logging.getLogger(__name__)


class Core:
    """Opens the store when it is first needed. Raises StoreUnusableError then."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.clock = SystemClock()
        self.ids = UlidIds()
        self.actor = login_actor()
        self.waker = Waker(session.paths.state_dir, lambda: start_detached(_command(session), session.paths.state_dir))
        self.store: OperationStore = SqliteStore(session.paths.operations, self.clock)
        self.desk = Desk(self.store, clock=self.clock, ids=self.ids, actor=self.actor, wake=self.waker.wake)

    def complaint(self) -> str:
        """One sentence when operations wait and nobody works on them; looks for a controller again by the way."""
        if not any(operation.needs_controller for operation in self.desk.operations()):
            return ""
        self.waker.revive()
        return self.waker.trouble or controller_status(self._session.paths.state_dir).complaint(self.clock.now())


def _login(clusters: Clusters, ref: ClusterRef) -> tuple[Check, ...]:
    """Whether this controller and what it logs in with live on when the login ends."""
    use = CredentialUse(exec_command=clusters.connector.exec_command(ref))
    return login_checks(login_facts(), use, at=clusters.clock.now())


def _command(session: Session) -> list[str]:
    """The controller of this very session: same program, same configuration, same store."""
    command = [sys.executable, "-m", "fleetui", "--state-dir", str(session.paths.state_dir)]
    if session.paths.config_file.exists():
        command += ["--config", str(session.paths.config_file)]
    return [*command, "controller"]


def store_damage(session: Session) -> tuple[str, ...]:
    """What of the store is not as it was written, a line each; reads the whole file. Empty without a store."""
    if not session.paths.operations.exists():
        return ()
    store = SqliteStore(session.paths.operations, SystemClock())
    try:
        return damage_report(store)
    finally:
        store.close()


def install_unit(session: Session) -> tuple[str, ...]:
    """Writes the systemd user unit of a controller that stays; what is left for the operator to run. Raises OSError."""
    path = unit_path(os.environ, Path.home())
    write_unit(path, unit_text([*_command(session), "--stay"], environment=kept_environment(os.environ)))
    return (f"wrote {path}", *withheld(os.environ), "now run:", *install_steps(path, getpass.getuser()))


def snapshots_dir(state_dir: Path) -> Path | None:
    """Where snapshots of etcd go of which nobody says where; None when it cannot be used: then their plans ask where,
    and everything else goes on."""
    try:
        return prepare_state_dir(state_dir / "snapshots")
    except StoreUnusableError as error:
        log.warning("no directory for snapshots of etcd: %s", error)
        return None


def run_engine(session: Session, *, stay: bool) -> None:
    """The whole life of a controller process. Raises LockHeldError, StoreUnusableError."""
    from fleetui.control.engine import Engine
    from fleetui.control.registry import load_registry

    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    clusters = Clusters(session)
    clock = SystemClock()

    def engine(store: OperationStore, holder: str) -> Engine:
        return Engine(
            store,
            holder=holder,
            registry=load_registry(),
            connect=clusters.target,
            clock=clock,
            chance=SystemChance(),
            around=partial(_login, clusters),
            open_etcd=clusters.etcd,
            open_mutes=clusters.mutes,
            snapshots=snapshots_dir(session.paths.state_dir),
        )

    run_controller(
        session.paths.operations,
        engine,
        open_store=lambda path, lock: SqliteStore(path, clock, lock=lock),
        clock=clock,
        stay=stay,
    )
