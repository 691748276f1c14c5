"""The controller process in one piece of it at a time: its lock, its status, its log, and the moment when it ends."""

import asyncio
import fcntl
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from fleetui.control.audit import damage_report
from fleetui.control.controller_lock import ControllerLock, LockHeldError, Status, read_status, running_status
from fleetui.control.controller_log import LOG_FILE, LOG_LIMIT, bound_log, open_log
from fleetui.control.controller_status import ControllerStatus, controller_status
from fleetui.control.detached import Waker
from fleetui.control.holder import Holder, is_alive, start_of, this_process
from fleetui.control.memory_store import MemoryStore
from fleetui.control.process import _Tenure, run_controller
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.journal import RequestKind
from fleetui.model.operation import OpState
from fleetui.ports.store import OperationStore
from tests.control.samples import StillClock, request, submission
from tests.control.stage import Stage
from tests.control.trivial_controller import TrivialEngine
from tests.control.virtual_time import run_virtual


def dead_holder() -> Holder:
    """A process of this boot that has ended, and was waited for."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        holder = msgspec.structs.replace(this_process(), pid=child.pid, start=start_of(child.pid))
        assert is_alive(holder)
    return holder


def still_store(path: Path, lock: ControllerLock) -> SqliteStore:
    return SqliteStore(path, StillClock(), lock=lock)


# Who holds it.


def test_a_process_is_known_by_more_than_its_pid() -> None:
    me = this_process()
    assert is_alive(me)
    assert not is_alive(msgspec.structs.replace(me, start=str(int(me.start) + 1))), "a pid that was given anew"
    assert not is_alive(msgspec.structs.replace(me, boot_id="another boot"))
    assert not is_alive(dead_holder())
    assert len({str(me), str(msgspec.structs.replace(me, start="1")), str(dead_holder())}) == 3


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()  # its end of the pipe is closed: it is ending
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert start_of(child.pid) == ""
    child.wait()
    child.stdout.close()


def test_a_programs_name_cannot_confuse_the_look(tmp_path: Path) -> None:
    script = tmp_path / "a) R 1 (b"
    script.write_text("#!/bin/sh\necho ready; read x\n")
    script.chmod(0o700)
    with subprocess.Popen([script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        start = int(start_of(child.pid))
        assert 0 <= start - int(start_of(os.getpid())) < 10_000_000
        assert child.stdin is not None
        child.stdin.close()


# The lock.


def test_the_lock_names_who_holds_it_and_ends_with_the_block(tmp_path: Path) -> None:
    with ControllerLock.acquire(tmp_path) as lock:
        with pytest.raises(LockHeldError, match="another process"):
            ControllerLock.acquire(tmp_path)
        lock.write_status(this_process(), started=1.0, now=2.0)
        with pytest.raises(LockHeldError, match=f"pid {os.getpid()} on .* \\(fleetui ") as held:
            ControllerLock.acquire(tmp_path, patience_s=1000.0)
        assert held.value.status == read_status(tmp_path)
    ControllerLock.acquire(tmp_path).release()


def test_a_lock_of_one_that_is_ending_is_waited_for(tmp_path: Path) -> None:
    lock = ControllerLock.acquire(tmp_path)
    lock.write_status(this_process(), started=1.0, now=2.0, ending="idle")
    waited: list[float] = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            lock.release()

    ControllerLock.acquire(tmp_path, patience_s=60.0, sleep=sleep).release()
    assert len(waited) == 3


def test_patience_has_an_end(tmp_path: Path) -> None:
    clock = StillClock()

    def sleep(seconds: float) -> None:
        clock.time += seconds

    with ControllerLock.acquire(tmp_path), pytest.raises(LockHeldError):
        ControllerLock.acquire(tmp_path, patience_s=5.0, monotonic=clock.monotonic, sleep=sleep)
    assert 1_000_005.0 <= clock.time < 1_000_006.0


def test_the_lock_is_not_inherited_by_what_the_controller_starts(tmp_path: Path) -> None:
    """Else a credential plugin that hangs would keep the next controller out."""
    lock = ControllerLock.acquire(tmp_path)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False) as child:
        lock.release()
        # The kernel lets a parent run on a blink before exec has closed the child's descriptors: hence the patience.
        ControllerLock.acquire(tmp_path, patience_s=10.0).release()
        assert child.stdin is not None
        child.stdin.close()


def test_looking_at_the_status_takes_no_lock(tmp_path: Path) -> None:
    with ControllerLock.acquire(tmp_path) as lock:
        lock.write_status(this_process(), started=1.0, now=2.0)
    holder = os.open(tmp_path / "controller.lock", os.O_RDWR)
    fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert controller_status(tmp_path).running
    os.close(holder)


# The status.


def put_status(state_dir: Path, holder: Holder, *, seen: float = 100.0, ending: str = "") -> None:
    status = Status(holder, "9.9", started=50.0, seen=seen, running=not ending, ending=ending)
    (state_dir / "controller.json").write_bytes(msgspec.json.encode(status))


def test_the_status_tells_a_living_controller_from_a_dead_one(tmp_path: Path) -> None:
    assert controller_status(tmp_path) == ControllerStatus()
    put_status(tmp_path, this_process())
    alive = controller_status(tmp_path)
    assert (alive.pid, alive.running, alive.version, alive.started) == (os.getpid(), True, "9.9", 50.0)
    put_status(tmp_path, this_process(), ending="stopped")
    ending = controller_status(tmp_path)
    assert (ending.pid, ending.running) == (os.getpid(), False)
    put_status(tmp_path, dead_holder())
    assert (controller_status(tmp_path).pid, running_status(tmp_path)) == (None, None)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 1}', b"\xff\xfe"])
def test_a_broken_status_is_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "controller.json").write_bytes(content)
    assert controller_status(tmp_path) == ControllerStatus()


def test_complaints_say_what_is_wrong_and_since_when(tmp_path: Path) -> None:
    assert controller_status(tmp_path).complaint(130.0) == "no controller has run here yet"
    put_status(tmp_path, this_process())
    assert controller_status(tmp_path).complaint(115.0) == ""
    assert controller_status(tmp_path).complaint(130.0) == f"the controller (pid {os.getpid()}) has been silent for 30s"
    put_status(tmp_path, this_process(), ending="stopped")
    assert controller_status(tmp_path).complaint(130.0) == "no controller, paused since 30s (stopped)"
    put_status(tmp_path, dead_holder())
    assert controller_status(tmp_path).complaint(700.0) == "no controller, paused since 10m (killed)"


# The log.


def test_the_log_stays_small_and_keeps_its_writers(tmp_path: Path) -> None:
    descriptor = open_log(tmp_path)
    for turn in range(5):
        os.write(descriptor, f"turn {turn}\n".encode() + b"x" * 300)
        bound_log(tmp_path, limit=1000)
    os.close(descriptor)
    log, older = tmp_path / "controller.log", tmp_path / "controller.log.1"
    assert log.stat().st_size <= 1000
    assert older.stat().st_size <= 1000
    assert older.read_text().startswith("turn 0\n")
    assert log.read_text().startswith("turn 4\n"), "the descriptor writes on, at the new end"
    assert {log.stat().st_mode & 0o777, older.stat().st_mode & 0o777} == {0o600}


def test_no_log_is_no_trouble(tmp_path: Path) -> None:
    bound_log(tmp_path / "empty")
    assert not (tmp_path / "empty").exists()


def test_a_full_disk_costs_the_log_its_older_half_and_not_the_controller(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        stage = Stage()
        state = tmp_path / "state"
        store = SqliteStore(state / "operations.db", stage.clock)
        os.close(open_log(state))
        os.truncate(state / LOG_FILE, LOG_LIMIT + 1)
        (state / "controller.log.1").symlink_to("/dev/full")
        with ControllerLock.acquire(state) as lock:
            tenure = _Tenure(state, lock, stage.clock)
            await tenure.serve(store, lambda store, holder: stage.engine(holder, store=store), idle_s=60.0)
        store.close()
        status = read_status(state)
        assert status is not None
        assert status.ending == "idle"
        assert (state / LOG_FILE).stat().st_size == LOG_LIMIT + 1

    run_virtual(story())
    assert "No space left on device" in caplog.text


# Its end.


class IdleLock(ControllerLock):
    """A console that submits between the controller's decision to end and its last look."""

    on_idle: Callable[[], None] | None = None

    def write_status(self, holder: Holder, *, started: float, now: float, ending: str = "") -> None:
        super().write_status(holder, started=started, now=now, ending=ending)
        if ending == "idle" and self.on_idle is not None:
            act, self.on_idle = self.on_idle, None
            act()


def _submit_and_take_back(console: SqliteStore) -> None:
    """Taken back at once: a proposal would keep the controller for a quarter of an hour."""
    console.submit(submission(), "late")
    console.request("OP1", request(RequestKind.ABORT))


async def test_work_that_comes_while_it_ends_is_not_left_alone(tmp_path: Path) -> None:
    clock = StillClock()
    state = tmp_path / "state"
    store, console = (SqliteStore(state / "operations.db", clock) for _ in range(2))
    with IdleLock.acquire(state) as lock:
        assert isinstance(lock, IdleLock)
        lock.on_idle = lambda: _submit_and_take_back(console)
        tenure = _Tenure(state, lock, clock)
        engine = lambda store, holder: TrivialEngine(store, holder, tmp_path)  # noqa: E731 - as wiring passes it
        await asyncio.wait_for(tenure.serve(store, engine, idle_s=5.0), timeout=30.0)
    assert console.load("OP1").records, "submitted, and nobody planned it"
    assert read_status(state).ending == "idle"  # type: ignore[union-attr]
    store.close()
    console.close()


def test_a_proposal_that_nobody_approves_keeps_its_controller_until_it_has_ended_it(tmp_path: Path) -> None:
    async def story() -> None:
        stage = Stage()
        state = tmp_path / "state"
        store = SqliteStore(state / "operations.db", stage.clock)
        op_id = stage.propose("drain", "wk-1", store=store)  # and the console vanishes
        with ControllerLock.acquire(state) as lock:
            tenure = _Tenure(state, lock, stage.clock)
            await tenure.serve(store, lambda store, holder: stage.engine(holder, store=store), idle_s=60.0)
        operation = stage.operation(op_id, store=store)
        assert operation.state is OpState.ABORTED
        assert operation.summary.startswith("never approved")
        assert operation.rehearsal
        assert 900 <= stage.clock.monotonic() < 1_000, "it ends once there is nothing to wait for"
        store.close()

    run_virtual(story())


class CrashingEngine:
    def __init__(self, store: OperationStore, holder: str) -> None:
        self.stopped = 0

    async def run(self) -> None:
        raise RuntimeError("a defect")

    def stop(self) -> None:
        self.stopped += 1


def test_an_engine_that_crashes_ends_its_controller_loudly(tmp_path: Path) -> None:
    state = tmp_path / "state"
    SqliteStore(state / "operations.db", StillClock()).close()
    with pytest.raises(RuntimeError, match="a defect"):
        run_controller(state / "operations.db", CrashingEngine, open_store=still_store, clock=StillClock())
    assert controller_status(state).ending == "crashed"
    ControllerLock.acquire(state).release()


@pytest.mark.parametrize("taken", ["state", "state/operations.db"])
def test_a_controller_whose_store_is_taken_away_ends(tmp_path: Path, taken: str) -> None:
    """As at the end of a demo. It must not make anything anew, nor hold office for a file that nobody can open."""
    state = tmp_path / "state"
    SqliteStore(state / "operations.db", StillClock()).close()

    class Leaving(CrashingEngine):
        async def run(self) -> None:
            (tmp_path / taken).rename(tmp_path / "taken away")
            while not self.stopped:  # noqa: ASYNC110 - as an engine between two looks
                await asyncio.sleep(0)

    run_controller(state / "operations.db", Leaving, open_store=still_store, clock=StillClock(), stay=True)
    assert not (tmp_path / taken).exists(), "it was made anew"


def test_a_controller_says_at_its_start_what_was_tampered_with(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "state" / "operations.db"
    store = SqliteStore(path, StillClock())
    store.submit(submission("OP1"), "k1")
    store.submit(submission("OP2"), "k2")
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TRIGGER submissions_never_update")
        other.execute("UPDATE submissions SET payload = replace(payload, 'ana', 'eve') WHERE op_id = 'OP2'")
        other.commit()
    report = damage_report(store)
    store.close()
    assert report == ("operation OP2: entry 0 (submission) is not what was written",)
    with pytest.raises(RuntimeError, match="a defect"):
        run_controller(path, CrashingEngine, open_store=still_store, clock=StillClock())
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == [f"the store is not what was written: {report[0]}; see: fleetui controller status"]


def test_a_store_without_a_file_has_nothing_to_report() -> None:
    assert damage_report(MemoryStore(StillClock())) == ()


class AnyStore(MemoryStore):
    """Another store than the embedded one, that takes itself away at the first heartbeat."""

    def __init__(self) -> None:
        super().__init__(StillClock())
        self.said: list[str] = []

    def expire_claims(self, *, but: str) -> None:
        self.said.append(f"claims of others than {but} expire")

    def is_in_place(self) -> bool:
        self.said.append("gone")
        return False

    def close(self) -> None:
        self.said.append("closed")


def test_a_controller_works_on_whatever_store_it_is_given(tmp_path: Path) -> None:
    store = AnyStore()

    class Waiting(CrashingEngine):
        async def run(self) -> None:
            while not self.stopped:  # noqa: ASYNC110 - as an engine between two looks
                await asyncio.sleep(0)

    run_controller(
        tmp_path / "state" / "anything",
        Waiting,
        open_store=lambda path, lock: store,
        clock=StillClock(),
        stay=True,
    )
    assert store.said == [f"claims of others than {this_process()} expire", "gone", "closed"]


def test_signals_are_given_back(tmp_path: Path) -> None:
    state = tmp_path / "state"
    SqliteStore(state / "operations.db", StillClock()).close()
    before = [signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)]

    class Hung(CrashingEngine):
        async def run(self) -> None:
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGTERM)
            while not self.stopped:  # noqa: ASYNC110 - as an engine between two looks
                await asyncio.sleep(0)

    run_controller(state / "operations.db", Hung, open_store=still_store, clock=StillClock(), stay=True)
    assert controller_status(state).ending == "stopped"
    assert [signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)] == before


# Revival.


def test_revivals_come_ever_more_slowly_until_a_person_asks(tmp_path: Path) -> None:
    clock = StillClock()
    starts: list[float] = []
    dead = dead_holder().pid

    def start() -> int:
        starts.append(clock.time - 1_000_000.0)
        return dead

    waker = Waker(tmp_path, start, monotonic=clock.monotonic, first_s=5.0, longest_s=20.0)
    for _ in range(60):
        waker.revive()
        clock.time += 1.0
    assert starts == [0.0, 10.0, 30.0, 50.0]
    waker.wake()
    clock.time += 5.0
    waker.revive()
    assert starts[4:] == [60.0, 65.0]


def test_one_on_its_way_is_not_revived_again(tmp_path: Path) -> None:
    clock = StillClock()
    starts: list[int] = []
    waker = Waker(tmp_path, lambda: starts.append(1) or os.getpid(), monotonic=clock.monotonic)  # type: ignore[func-returns-value]
    for _ in range(100):
        waker.revive()
        clock.time += 1.0
    assert len(starts) == 1


def test_a_running_controller_is_left_alone(tmp_path: Path) -> None:
    put_status(tmp_path, this_process())
    waker = Waker(tmp_path, lambda: pytest.fail("it was started"))
    waker.wake()
    waker.revive()
    assert waker.trouble == ""
