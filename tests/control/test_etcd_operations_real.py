"""Operations on etcd through the engine, on three real members with TLS, under writes that are counted.

The figures that these tests print (``pytest -s``) are those of ``docs/benchmarks.md``, section "etcd operations".
"""

import asyncio
import base64
import hashlib
import itertools
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import msgspec
import pytest

from fleetui.clients.etcd.connect import open_etcd
from fleetui.clients.etcd.members import EtcdMembers as Client
from fleetui.control.etcd_file import part_of, whole
from fleetui.control.memory_store import MemoryStore
from fleetui.control.timing import Timing
from fleetui.model.cluster import ClusterRef
from fleetui.model.config import EtcdConfig
from fleetui.model.journal import EffectIntended, EffectOutcome, Record
from fleetui.model.ledger import Operation
from fleetui.model.operation import ETCD_TARGET, OpState
from tests.bed.etcd_members import EtcdMembers
from tests.bed.plain_http import NO_ANSWER, HttpError
from tests.control.stage import WITNESSED, Stage, outline
from tests.control.virtual_time import START, VirtualClock

MIB = 1 << 20


class RealTime(VirtualClock):
    """In real time, from where the simulated cluster's calendar begins."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def now(self) -> float:
        return START + time.monotonic() - self._begun

    def monotonic(self) -> float:
        return time.monotonic()


class RealEtcdStage(Stage):
    """Real members; the API server that carries the lock is simulated."""

    def __init__(self, members: EtcdMembers) -> None:
        super().__init__(machines=(), timing=Timing(scan_s=0.05, poll_s=0.2), clock=RealTime())
        self.members = members
        self.scene.node("cp-1", labels={"node-role.kubernetes.io/control-plane": ""})
        self._uids = {ETCD_TARGET: f"{int(members.status('m1')['header']['cluster_id']):x}"}
        self.open_etcd = self._open

    async def _open(self, _ref: ClusterRef) -> Client:
        files, endpoint = self.members.credentials, self.members.members["m1"].client_url
        said = EtcdConfig(endpoints=(endpoint,), ca=str(files.ca), cert=str(files.cert), key=str(files.key))
        return open_etcd("east", said, nodes=tuple, clock=self.clock)


@asynccontextmanager
async def _staged(members: EtcdMembers) -> AsyncIterator[RealEtcdStage]:
    stage = RealEtcdStage(members)
    async with stage.controller():
        yield stage
    assert WITNESSED.unannounced == []


async def _run(stage: RealEtcdStage, kind: str, **options: str | int | bool) -> Operation:
    op_id = await stage.approved(kind, ETCD_TARGET, **options)
    operation = await stage.ended(op_id)
    assert operation.state is OpState.DONE, outline(operation)
    return operation


def _sizes(members: EtcdMembers) -> list[int]:
    return [int(members.status(name)["dbSize"]) for name in members.members]


def _mib(sizes: list[int]) -> str:
    return " ".join(f"{size / MIB:.1f}" for size in sizes)


# -- NOSPACE -----------------------------------------------------------------------------------------------------------


def _overwrite(members: EtcdMembers) -> int:
    """One key, again and again, until there is no space; how often that was acknowledged."""
    value = base64.b64encode(bytes(MIB)).decode()
    body = {"key": base64.b64encode(b"large").decode(), "value": value}
    for count in itertools.count():
        try:
            members.ask(members.leader(), "/v3/kv/put", body, timeout=30)
        except HttpError as error:
            if b"space exceeded" not in error.body:
                raise
            members.until(lambda: "NOSPACE" in dict(members.alarms()).values() or None, "the alarm NOSPACE")
            return count
    raise AssertionError("unreachable")


def _count(members: EtcdMembers, prefix: str) -> dict[str, str]:
    """All keys that begin so, with their values, by a linearizable read."""
    first, last = prefix.encode(), prefix.encode()[:-1] + bytes([prefix.encode()[-1] + 1])
    body = {"key": base64.b64encode(first).decode(), "range_end": base64.b64encode(last).decode()}
    found = members.ask(members.leader(), "/v3/kv/range", body, timeout=30).get("kvs", [])
    return {base64.b64decode(kv["key"]).decode(): base64.b64decode(kv["value"]).decode() for kv in found}


async def test_a_full_etcd_takes_writes_again_and_no_acknowledged_write_is_lost(
    etcd_members: EtcdMembers, tmp_path: Path
) -> None:
    acknowledged = {f"kept/{n:03d}": f"value {n}" for n in range(100)}
    for key, value in acknowledged.items():
        await asyncio.to_thread(etcd_members.put, key, value)
    overwritten = await asyncio.to_thread(_overwrite, etcd_members)
    with pytest.raises(HttpError):
        await asyncio.to_thread(etcd_members.put, "refused")
    before, began = _sizes(etcd_members), time.monotonic()
    async with _staged(etcd_members) as stage:
        operation = await _run(stage, "etcd-recover-space", settle_s=1, path=str(tmp_path / "full.db"))
    took = time.monotonic() - began
    found = await asyncio.to_thread(_count, etcd_members, "kept/")
    lost = acknowledged.items() - found.items()
    print(f"\nNOSPACE after {overwritten} writes of 1 MiB over one key; recovered in {took:.1f} s")
    print(f"databases {_mib(before)} MiB before, {_mib(_sizes(etcd_members))} MiB after; {operation.summary}")
    print(f"acknowledged {len(acknowledged)} keys before, {len(found)} there after, {len(lost)} lost")
    assert lost == set()
    assert etcd_members.alarms() == []
    await asyncio.to_thread(etcd_members.put, "accepted")
    assert max(_sizes(etcd_members)) < max(before) / 2
    assert whole(tmp_path / "full.db"), "and what was there before is saved"


# -- defragmentation under writes --------------------------------------------------------------------------------------


class Write(msgspec.Struct, frozen=True):
    at: float
    """When it was sent, on the stage's calendar."""
    took_s: float
    error: str
    """Empty when it was acknowledged."""


class Writers:
    """One for each member, as each API server writes to its own: some twenty small keys a second."""

    def __init__(self, members: EtcdMembers, clock: VirtualClock) -> None:
        self.writes: list[Write] = []
        self.acknowledged: set[str] = set()
        self._members, self._clock = members, clock
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._write, args=(name,)) for name in members.members]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join(timeout=30)

    def _write(self, name: str) -> None:
        for number in itertools.count():
            if self._stop.wait(0.05):
                return
            self._put(name, f"load/{name}/{number:05d}")

    def _put(self, name: str, key: str) -> None:
        at, error = self._clock.now(), ""
        try:
            self._members.put(key, member=name)
            self.acknowledged.add(key)
        except (HttpError, *NO_ANSWER) as raised:
            error = f"{type(raised).__name__}: {raised}"
        self.writes.append(Write(at, self._clock.now() - at, error))

    def during(self, begin: float, end: float) -> list[Write]:
        """Those that were under way at some moment between."""
        return [write for write in self.writes if write.at <= end and write.at + write.took_s >= begin]


def _said(name: str, writes: list[Write]) -> str:
    errors = [write.error for write in writes if write.error]
    longest = max((write.took_s for write in writes), default=0.0)
    return f"{name}: {len(writes)} writes, {len(errors)} errors, the longest took {longest * 1000:.0f} ms {errors[:2]}"


def _spans(operation: Operation, kind: str) -> list[tuple[float, float]]:
    return [
        (effect.intended.at, effect.answered.at)
        for effect in operation.effects
        if effect.intended.kind == kind and effect.answered is not None
    ]


def _make_holes(members: EtcdMembers, mebibytes: int) -> None:
    """So much is written, and two thirds of it deleted again."""
    value = base64.b64encode(bytes(MIB)).decode()
    leader = members.leader()
    for n in range(mebibytes):
        body = {"key": base64.b64encode(b"hole/%05d" % n).decode(), "value": value}
        members.ask(leader, "/v3/kv/put", body, timeout=30)
    last = base64.b64encode(b"hole/%05d" % (mebibytes * 2 // 3)).decode()
    spoiled = {"key": base64.b64encode(b"hole/").decode(), "range_end": last}
    gone = members.ask(leader, "/v3/kv/deleterange", spoiled, timeout=30)
    compaction = {"revision": gone["header"]["revision"], "physical": True}
    members.ask(leader, "/v3/kv/compaction", compaction, timeout=120)


async def _defragment_under_writes(members: EtcdMembers, mebibytes: int) -> None:
    await asyncio.to_thread(_make_holes, members, mebibytes)
    before, led = _sizes(members), await asyncio.to_thread(members.leader)
    async with _staged(members) as stage:
        writers = Writers(members, stage.clock)
        with writers.at_work():
            operation = await _run(stage, "etcd-defragment", settle_s=2)
    _print_figures(operation, writers, sizes=f"{_mib(before)} MiB before, {_mib(_sizes(members))} MiB after")
    order = [effect.intended.object for effect in operation.effects if effect.intended.kind == "defragment"]
    assert (len(order), order[-1]) == (3, f"member {led}")
    assert members.leader() != led
    lost = writers.acknowledged - set(await asyncio.to_thread(_count, members, "load/"))
    print(f"acknowledged {len(writers.acknowledged)}, lost {len(lost)}")
    assert lost == set()
    assert len(writers.writes) > 50
    errors = sum(bool(write.error) for write in writers.writes)
    assert errors <= len(writers.writes) // 20, "who writes to a member that stands still waits, and is not refused"
    assert all(after < size for after, size in zip(_sizes(members), before, strict=True))


def _print_figures(operation: Operation, writers: Writers, *, sizes: str) -> None:
    ((moved, handed),) = _spans(operation, "move-leader")
    stood = _spans(operation, "defragment")
    print(f"\ndatabases {sizes}")
    print(_said("whole operation", writers.writes))
    print(_said("while a member stood still", [write for span in stood for write in writers.during(*span)]))
    print(_said("leader move and the second after", writers.during(moved, handed + 1)))
    took = " ".join(f"{(end - begin) * 1000:.0f}" for begin, end in stood)
    print(f"defragmentations took {took} ms, the leader move {(handed - moved) * 1000:.0f} ms")


async def test_defragmenting_three_members_under_writes_costs_few_and_loses_none(etcd_members: EtcdMembers) -> None:
    await _defragment_under_writes(etcd_members, 6)


@pytest.mark.bed
@pytest.mark.drill
@pytest.mark.xdist_group("health")
@pytest.mark.timeout(400)
async def test_defragmenting_large_databases_under_writes() -> None:
    with await asyncio.to_thread(EtcdMembers, "etcd-large", quota=2 << 30) as members:
        await _defragment_under_writes(members, 384)


# -- snapshot ----------------------------------------------------------------------------------------------------------


async def test_a_snapshot_is_whole_and_never_overwrites(etcd_members: EtcdMembers, tmp_path: Path) -> None:
    await asyncio.to_thread(etcd_members.put, "kept", "in the snapshot")
    path = tmp_path / "etcd.db"
    async with _staged(etcd_members) as stage:
        operation = await _run(stage, "etcd-snapshot", path=str(path))
        written = path.read_bytes()
        again = await stage.planned(stage.propose("etcd-snapshot", ETCD_TARGET, path=str(path)))
        full = await stage.planned(stage.propose("etcd-snapshot", ETCD_TARGET, path="relative.db"))
    digest = hashlib.sha256(written[:-32])
    assert digest.digest() == written[-32:]
    assert digest.hexdigest() in operation.summary
    said, _, where = operation.summary.partition("hash verified: ")
    assert "KiB" in said, "how it ended is said before where, and a small one is not nought"
    assert where.startswith(str(path))
    assert b"in the snapshot" in written
    assert path.stat().st_mode & 0o777 == 0o600
    for planned, said in ((again, "none is overwritten"), (full, "write the whole path")):
        assert planned.plan is not None
        assert said in next(check.evidence for check in planned.plan.checks if check.id == "file")
        assert planned.plan.blocked
    assert path.read_bytes() == written


class _KilledError(BaseException):
    """Death: no handler of the controller may catch it and go on."""


class DyingStore(MemoryStore):
    """Kills its user once the first intent is durable; then refuses everything until it is revived."""

    deadly, dead = True, False

    def append(self, op_id: str, fence: int, expected_seq: int, record: Record) -> int:
        if self.dead:
            raise _KilledError
        seq = super().append(op_id, fence, expected_seq, record)
        if self.deadly and isinstance(record, EffectIntended):
            self.deadly, self.dead = False, True
            raise _KilledError
        return seq


async def test_what_a_controller_left_half_written_is_taken_away_by_the_next_one(
    etcd_members: EtcdMembers, tmp_path: Path
) -> None:
    path, stage = tmp_path / "etcd.db", RealEtcdStage(etcd_members)
    store = stage.store = DyingStore(stage.clock)
    first = asyncio.create_task(stage.engine("c1").run())
    op_id = await stage.approved("etcd-snapshot", ETCD_TARGET, path=str(path))
    await asyncio.wait({first}, timeout=30)
    assert isinstance(first.exception(), BaseExceptionGroup)
    part_of(path).write_bytes(b"half of a page")
    store.dead = False
    stage.timing = msgspec.structs.replace(stage.timing, claim_ttl_s=0.5)
    async with stage.controller("c2"):
        operation = await stage.ended(op_id)
    assert operation.state is OpState.DONE, outline(operation)
    assert [effect.answered.outcome for effect in operation.effects if effect.answered] == [
        EffectOutcome.REFUSED,
        EffectOutcome.DONE,
    ]
    assert whole(path) in operation.summary
    assert not part_of(path).exists()
