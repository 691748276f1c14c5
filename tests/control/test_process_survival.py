"""Real processes, real signals: what dies, what goes on, and what nobody does twice."""

import json
import os
import pty
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fleetui.clients.system import SystemClock, UlidIds
from fleetui.control.controller_lock import read_status
from fleetui.control.desk import Desk
from fleetui.control.holder import is_alive, start_of
from fleetui.control.process import Waker, controller_status, start_detached
from fleetui.control.sqlite_store import SqliteStore
from fleetui.model.ledger import Operation
from fleetui.model.operation import OpState
from fleetui.ports.store import FencedError
from tests.control.samples import ANA, INTENT, note
from tests.control.trivial_controller import EFFECTS, LOCK_HELD, read_effects, set_gates

CONTROLLER = (sys.executable, "-m", "tests.control.trivial_controller")
DEADLINE_S = 60.0


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_S:.0f} s: {what}"
        time.sleep(0.01)


class Bench:
    """One state directory with a console's desk; it ends every controller that it or its consoles started."""

    def __init__(self, world: Path) -> None:
        self.world = world
        self.state = world / "state"
        self.store = SqliteStore(self.state / "operations.db", SystemClock())
        self.waker = Waker(self.state, self.start)
        self.desk = Desk(self.store, clock=SystemClock(), ids=UlidIds(), actor=ANA, wake=self.waker.wake)
        self.idle_s = 30.0

    def start(self, *options: str) -> int:
        pid = start_detached((*CONTROLLER, str(self.state), "--idle", str(self.idle_s), *options), self.state)
        with (self.world / "started").open("a") as started:
            started.write(f"{pid} {start_of(pid)}\n")
        return pid

    def propose_and_approve(self, key: str) -> str:
        op_id = self.desk.propose(INTENT, key=key)
        until(lambda: self.desk.operation(op_id).plan, "planned")
        plan = self.desk.operation(op_id).plan
        assert plan is not None
        self.desk.approve(op_id, plan.digest)
        return op_id

    def wait_for(self, op_id: str, condition: Callable[[Operation], object], what: str) -> Operation:
        until(lambda: condition(self.desk.operation(op_id)), what)
        return self.desk.operation(op_id)

    def wait_done(self, op_id: str) -> Operation:
        return self.wait_for(op_id, lambda operation: operation.state is OpState.DONE, "done")

    def wait_open(self, op_id: str, number: int) -> Operation:
        """Until exactly this effect is intended and not answered."""
        return self.wait_for(
            op_id,
            lambda operation: [effect.intended.effect_id for effect in operation.open_effects] == [f"{op_id}/{number}"],
            f"effect {number} under way",
        )

    def controller(self) -> int:
        until(lambda: controller_status(self.state).running, "a controller")
        pid = controller_status(self.state).pid
        assert pid is not None
        return pid

    def close(self) -> None:
        self.store.close()
        started = self.world / "started"
        for line in started.read_text().splitlines() if started.exists() else ():
            pid, _, start = line.partition(" ")
            if start and start_of(int(pid)) == start:
                os.kill(int(pid), signal.SIGKILL)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("PYTHONPATH", str(Path.cwd()))  # a detached controller's directory is /
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def test_a_proposal_starts_a_controller_that_takes_it_to_its_end(bench: Bench) -> None:
    op_id = bench.propose_and_approve("key")
    done = bench.wait_done(op_id)
    assert read_effects(bench.world) == [f"{op_id}/{n}" for n in range(1, EFFECTS + 1)]
    assert (done.fence, done.approved_by) == (1, ANA)
    status = controller_status(bench.state)
    assert (status.running, status.complaint(time.time())) == (True, "")
    assert done.holder == str(read_status(bench.state).holder)  # type: ignore[union-attr]


def test_a_detached_controller_has_nothing_of_its_console(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT_FOR_PLUGINS", "yes")
    pid = bench.start("--stay")
    assert bench.controller() == pid
    proc = Path("/proc") / str(pid)
    assert os.getsid(pid) not in (os.getsid(0), pid), "its own session, and not its leader: it can get no terminal"
    assert (proc / "cwd").readlink() == Path("/")
    descriptors = {number: (proc / "fd" / number).readlink().name for number in ("0", "1", "2")}
    assert descriptors == {"0": "null", "1": "controller.log", "2": "controller.log"}
    assert b"KEPT_FOR_PLUGINS=yes" in (proc / "environ").read_bytes().split(b"\0")
    assert (proc / "status").read_text().split("PPid:")[1].split()[0] != str(os.getpid())
    os.kill(pid, signal.SIGHUP)
    op_id = bench.propose_and_approve("after the hang-up")
    bench.wait_done(op_id)
    assert controller_status(bench.state).pid == pid


@pytest.mark.parametrize("end", ["sigkill", "closed terminal"])
def test_the_console_dies_and_the_operation_goes_on(bench: Bench, end: str) -> None:
    """A console that proposes, approves and dies: killed with its whole process group, or with its terminal gone."""
    set_gates(bench.world, act=0, answer=0)
    pid, terminal = pty.fork()
    if pid == 0:
        code = "import sys; from tests.control.test_process_survival import console; console(sys.argv[1])"
        os.execv(sys.executable, [sys.executable, "-c", code, str(bench.world)])
    until(lambda: any(operation.approved_by for operation in bench.desk.operations()), "approved by the console")
    (operation,) = bench.desk.operations()
    bench.wait_open(operation.op_id, 1)
    if end == "sigkill":
        os.killpg(pid, signal.SIGKILL)
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    assert os.WTERMSIG(status) == (signal.SIGKILL if end == "sigkill" else signal.SIGHUP)
    set_gates(bench.world, act=EFFECTS, answer=EFFECTS)
    done = bench.wait_done(operation.op_id)
    assert done.fence == 1, "the same controller, start to end"
    assert read_effects(bench.world) == [f"{operation.op_id}/{n}" for n in range(1, EFFECTS + 1)]


def console(world: str) -> None:
    """What the console process of the test above does."""
    bench = Bench(Path(world))
    bench.propose_and_approve("from a console")
    signal.pause()
    signal.pause()


@pytest.mark.parametrize(("act", "answer"), [(1, 1), (2, 1)], ids=["before its act", "after its act"])
def test_the_controller_is_killed_inside_an_effect_and_the_next_one_goes_on(
    bench: Bench, act: int, answer: int
) -> None:
    set_gates(bench.world, act=act, answer=answer)
    op_id = bench.propose_and_approve("key")
    bench.wait_open(op_id, 2)
    until(lambda: len(read_effects(bench.world)) == act, "as far as the gates allow")
    first = bench.controller()
    os.kill(first, signal.SIGKILL)
    until(lambda: not start_of(first), "killed")
    assert controller_status(bench.state).complaint(time.time()).startswith("no controller, paused since")
    stale = bench.desk.operation(op_id)

    set_gates(bench.world, act=EFFECTS, answer=EFFECTS)
    bench.waker.wake()
    done = bench.wait_done(op_id)
    assert (stale.fence, done.fence) == (1, 2)
    assert bench.controller() != first
    assert read_effects(bench.world) == [f"{op_id}/{n}" for n in range(1, EFFECTS + 1)], "one missing, or one twice"
    with pytest.raises(FencedError):
        bench.store.append(op_id, stale.fence, done.next_seq, note("the dead one writes"))
    assert bench.desk.operation(op_id) == done
    assert bench.store.damage() == ()


def test_sigterm_finishes_the_effect_under_way_and_begins_no_other(bench: Bench) -> None:
    set_gates(bench.world, act=1, answer=1)
    op_id = bench.propose_and_approve("key")
    bench.wait_open(op_id, 2)
    pid = bench.controller()
    os.kill(pid, signal.SIGTERM)
    until(lambda: controller_status(bench.state).ending == "stopped", "it says that it stops")
    assert controller_status(bench.state).pid == pid, "it waits for the effect under way"
    set_gates(bench.world, act=EFFECTS, answer=EFFECTS)
    until(lambda: not start_of(pid), "ended")
    stopped = bench.desk.operation(op_id)
    assert (stopped.open_effects, len(stopped.effects), stopped.state) == ((), 2, OpState.RUNNING)
    assert "(stopped)" in controller_status(bench.state).complaint(time.time())


def test_a_stopped_controller_stays_down_until_a_person_asks(bench: Bench) -> None:
    set_gates(bench.world, act=1, answer=1)
    op_id = bench.propose_and_approve("key")
    bench.wait_open(op_id, 2)
    pid = bench.controller()
    os.kill(pid, signal.SIGTERM)
    set_gates(bench.world, act=EFFECTS, answer=EFFECTS)
    until(lambda: not start_of(pid), "ended")
    bench.waker.revive()
    assert bench.waker._child == (pid, bench.waker._child[1])  # type: ignore[index]
    bench.desk.pause(op_id)
    bench.desk.resume(op_id)
    bench.wait_done(op_id)


def test_a_killed_controller_is_revived_by_a_polling_console(bench: Bench) -> None:
    set_gates(bench.world, act=1, answer=1)
    op_id = bench.propose_and_approve("key")
    bench.wait_open(op_id, 2)
    pid = bench.controller()
    os.kill(pid, signal.SIGKILL)
    until(lambda: not start_of(pid), "killed")
    set_gates(bench.world, act=EFFECTS, answer=EFFECTS)
    console = Desk(bench.store, clock=SystemClock(), ids=UlidIds(), actor=ANA, revive=bench.waker.revive)
    until(lambda: (console.poll(), console.operation(op_id).state is OpState.DONE)[1], "done by another controller")


def test_of_controllers_started_at_once_one_serves(bench: Bench) -> None:
    command = [*CONTROLLER, str(bench.state), "--stay"]
    rivals = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    try:
        until(lambda: sum(rival.poll() is not None for rival in rivals) == 3, "three gave up")
        (winner,) = [rival for rival in rivals if rival.poll() is None]
        assert controller_status(bench.state).pid == winner.pid
        for loser in rivals:
            if loser is not winner:
                said = loser.communicate()[1]
                assert loser.returncode == LOCK_HELD
                assert f"the controller with pid {winner.pid} on " in said
    finally:
        for rival in rivals:
            rival.kill()
            rival.wait()
            assert rival.stderr is not None
            rival.stderr.close()


def test_two_consoles_start_a_controller_at_once_and_submit_the_same_key(bench: Bench, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tests.control.test_process_survival import Bench; "
        "bench = Bench(Path(sys.argv[1])); sys.stdin.readline(); print(bench.propose_and_approve('one wish'))"
    )
    consoles = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    for console in consoles:
        assert console.stdin is not None
        console.stdin.write("go\n")
        console.stdin.flush()
    said = {console.communicate(timeout=DEADLINE_S)[0].strip() for console in consoles}
    (op_id,) = said
    assert bench.wait_done(op_id).fence == 1
    assert [operation.op_id for operation in bench.desk.operations()] == [op_id]
    assert read_effects(bench.world) == [f"{op_id}/{n}" for n in range(1, EFFECTS + 1)]


def test_an_idle_controller_ends_and_no_submission_is_left_alone(bench: Bench) -> None:
    """Controllers that end at once when idle, submissions at every moment of their ends: each wakes whom it needs."""
    bench.idle_s = 0.0
    chance = random.Random(7)
    pids: set[int] = set()
    for n in range(12):
        op_id = bench.desk.propose(INTENT, key=f"key {n}")
        bench.wait_for(op_id, lambda operation: operation.plan, "planned")
        bench.desk.abort(op_id)
        bench.wait_for(op_id, lambda operation: operation.state.ended, "ended")
        status = read_status(bench.state)
        assert status is not None
        pids.add(status.holder.pid)
        if n % 3 == 0:
            until(lambda holder=status.holder: not is_alive(holder), "an idle controller ends")
            assert read_status(bench.state).ending == "idle"  # type: ignore[union-attr]
        else:
            time.sleep(chance.uniform(0.0, 0.5))  # not a wait: this is where in its life the submission hits it
    assert len(pids) > 3, "the controller never ended: nothing was tested"


def test_a_controller_without_a_store_has_nothing_to_do(tmp_path: Path) -> None:
    """As when the demo's directory is gone before its controller has begun: it must not make it anew."""
    state = tmp_path / "gone" / "state"
    done = subprocess.run([*CONTROLLER, str(state)], capture_output=True, text=True, timeout=DEADLINE_S, check=True)
    assert "nothing to do" in done.stderr
    assert not state.parent.exists()


def test_what_cannot_be_started_is_told_not_raised(tmp_path: Path) -> None:
    waker = Waker(tmp_path, lambda: start_detached((sys.executable, "-c", "pass"), tmp_path / "file" / "state"))
    (tmp_path / "file").write_text("")
    waker.wake()
    assert "cannot be used" in waker.trouble


def test_the_status_file_is_always_whole(bench: Bench) -> None:
    bench.start("--stay")
    bench.controller()
    for _ in range(500):
        assert json.loads((bench.state / "controller.json").read_bytes())["running"] is True
