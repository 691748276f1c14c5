"""A simulated etcd beside the simulated cluster, on the same virtual clock: the real client, without a wire."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from fleetui.clients.etcd import faults, wire
from fleetui.clients.etcd.faults import EtcdError
from fleetui.clients.etcd.members import EtcdMembers
from fleetui.control.operation_run import no_etcd
from fleetui.model.cluster import ClusterRef
from fleetui.model.fault import Fault, FaultKind
from fleetui.model.health.etcd import Alarm
from fleetui.model.operation import ETCD_TARGET
from fleetui.ports.clock import Clock
from fleetui.ports.ended import Ended
from fleetui.ports.etcd import Outcome, Progress, Snapshot, SnapshotError
from fleetui.simulate import etcd_answers as answers
from fleetui.simulate.etcd_cluster import PAGE, SimulatedEtcd, SimulatedMember
from tests.control.stage import WITNESSED, Stage

T = TypeVar("T")
QUOTA = 64 << 20
CLUSTER_ID = 0x5EED


class LocalGateway:
    """What ``Gateway`` is on the wire; ``slow_s`` is how long a defragmentation takes."""

    def __init__(self, stage: "EtcdStage") -> None:
        self._stage = stage

    async def ask(self, endpoint: str, path: str, answer: type[T], *, body: object = None, timeout_s: float = 1.0) -> T:
        stage, member = self._stage, self._member(endpoint)
        if path.endswith("defragment"):
            await stage.clock.sleep(stage.slow_s)
        try:
            said = answers.perform(stage.etcd, member, path, body or {})  # type: ignore[arg-type]
        except answers.GatewayError as refused:
            await stage.clock.sleep(min(refused.late_s, timeout_s))
            raise faults.refused(refused.status, answers.encode(refused.body), host=member.name) from refused
        return wire.decode(answers.encode(said), answer)

    async def text(self, endpoint: str, path: str, *, timeout_s: float) -> bytes:
        said = answers.metrics(self._stage.etcd, self._member(endpoint))
        return said.replace(*self._stage.metrics).encode()

    @asynccontextmanager
    async def stream(self, endpoint: str, path: str, *, silence_s: float) -> AsyncIterator[AsyncIterator[bytes]]:
        lines = answers.snapshot(self._member(endpoint))

        async def pieces() -> AsyncIterator[bytes]:
            for line in lines:
                yield answers.encode(line) + b"\n"

        yield pieces()

    async def close(self) -> None:
        """Nothing is open."""

    def _member(self, endpoint: str) -> SimulatedMember:
        etcd = self._stage.etcd
        etcd.tick(self._stage.clock.now())
        member = next(it for it in etcd.members if it.client_url == endpoint)
        if not member.works:
            raise EtcdError(Fault(FaultKind.REFUSED, "refused", f"{member.name} is down", "start it"), sent=False)
        return member


class WatchedEtcd(EtcdMembers):
    """Writes down every mutation as it comes, and whether a journal had announced it."""

    def __init__(self, stage: "EtcdStage") -> None:
        seeds = tuple(member.client_url for member in stage.etcd.members)
        clock: Clock = stage.clock
        super().__init__("prod", LocalGateway(stage), seeds=lambda: seeds, clock=clock)  # type: ignore[arg-type]
        self._stage = stage

    async def defragment(self, member: str) -> Outcome:
        self._came("defragment", f"member {self._name(member)}", member)
        outcome = await super().defragment(member)
        self._stage.after_defragment(self._name(member))
        return outcome

    async def move_leader(self, to: str) -> Outcome:
        self._came("move-leader", f"member {self._name(to)}", to)
        if self._stage.refuses_to_move > 0:
            self._stage.refuses_to_move -= 1
            return Outcome(Ended.REFUSED, "etcdserver: not leader")
        outcome = await super().move_leader(to)
        if self._stage.returns_to:
            back = self._stage.etcd.by_name(self._stage.returns_to)
            asyncio.get_running_loop().call_later(2.0, self._stage.etcd.transfer, back)
        return outcome

    async def compact(self, revision: int) -> Outcome:
        self._came("compact", f"revision {revision}", "")
        return await super().compact(revision)

    async def snapshot(self, member: str, path: Path, *, progress: Progress | None = None) -> Snapshot:
        self._came("snapshot", f"file {path}", member)
        if said := self._stage.broken_disk:
            raise SnapshotError(Fault(FaultKind.CONFIG, "unwritable", said, "make room"))
        return await super().snapshot(member, path, progress=progress)

    async def disarm(self, alarm: Alarm) -> Outcome:
        self._came("disarm", f"alarm {alarm.kind}", alarm.member)
        return await super().disarm(alarm)

    def _came(self, kind: str, obj: str, member: str) -> None:
        WITNESSED.came("POST", obj, f"{CLUSTER_ID:x}/{member}", {kind})
        self._stage.mutations.append((kind, self._name(member) if member else ""))

    def _name(self, member: str) -> str:
        found = self._stage.etcd.by_id(int(member, 16))
        assert found is not None
        return found.name


class EtcdStage(Stage):
    """Machines cp-1, cp-2, cp-3 of the control plane and wk-1; members m1 (leads), m2, m3, half of them holes.

    With ``size`` above 3 as many of both."""

    def __init__(self, *, size: int = 3, carriers: bool = True) -> None:
        super().__init__(machines=())
        self.etcd = SimulatedEtcd(tuple(f"m{n}" for n in range(1, size + 1)), quota=QUOTA, cluster_id=CLUSTER_ID)
        for member in self.etcd.members:
            member.client_url = f"http://{member.name}:2379"
            member.db_size, member.db_in_use = QUOTA // 2, QUOTA // 4
        labels = {"node-role.kubernetes.io/control-plane": ""}
        machines = [f"cp-{number}" for number in range(1, max(size, 3) + 1)]
        for name in machines:
            self.scene.node(name, labels=labels if carriers else {})
        self.scene.node("wk-1")
        self._uids |= {name: self.node(name).uid for name in (*machines, "wk-1")}
        self._uids[ETCD_TARGET] = f"{CLUSTER_ID:x}"
        self.mutations: list[tuple[str, str]] = []
        """(kind, member), as they came."""
        self.slow_s = 0.0
        self.metrics = ("", "")
        """What the members' metrics say, and what instead."""
        self.open_etcd = self._open
        self.configured = True
        """Whether the controller's configuration names a way to it."""
        self.broken_disk = ""
        """Why no file can be written."""
        self.refuses_to_move = 0
        """How often an election comes between a look and the request to hand over."""
        self.returns_to = ""
        """Who leads again two seconds after every handing over."""
        self.befalls: dict[str, str] = {}
        """Member to who dies as soon as it has been defragmented."""

    def fill(self) -> None:
        """The quota is reached; a compaction and a defragmentation leave a third."""
        for member in self.etcd.members:
            member.db_size = member.db_in_use = QUOTA // PAGE * PAGE
        self.etcd.alarms.add((self.etcd.members[0].id, "NOSPACE"))

    def after_defragment(self, name: str) -> None:
        if victim := self.befalls.get(name):
            self.etcd.by_name(victim).alive = False

    def defragmented(self) -> list[str]:
        return [name for kind, name in self.mutations if kind == "defragment"]

    async def _open(self, ref: ClusterRef) -> EtcdMembers:
        if not self.configured:
            await no_etcd(ref)
        return WatchedEtcd(self)
