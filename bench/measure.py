"""What is measured of a console, each from a start of its own: starting, keys, rest, storm, bytes."""

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import gauge
from bench.pty_probe import TRUECOLOR, Act, NotSeenError, Probe
from bench.subjects import ROOT, Scale, Subject, environment

FILTER = "9412"  # typed letter by letter; each changes the rows that are seen
FILTER_PAUSE = 0.1  # seconds of quiet that end a letter's answer, a quick hand's; the inspector follows after 0.15 s
REST = 0.35  # seconds between keys: the inspector follows a rest of 0.15 s and is counted apart


@dataclass(frozen=True)
class Bench:
    """Where and how often: the cluster's kubeconfig, what it holds, repeats of a start, keys of a kind.

    `alone`: peers that are not installed are left out.
    """

    kubeconfig: Path
    scale: Scale
    starts: int = 5
    keys: int = 60
    seconds: float = 20.0
    alone: bool = False


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the process."""

    byte: float
    frame: float
    rows: float
    all: float


@dataclass(frozen=True)
class Keys:
    """Seconds from a key to the last byte of its answer (`screenfuls`: to the first), and bytes.

    `move_bytes` answer a cursor move; `afterwards` follow once the cursor rests.
    """

    moves: list[float]
    move_bytes: list[int]
    afterwards: list[int]
    letters: list[float]
    screenfuls: list[float]
    cleared: list[float]


@dataclass(frozen=True)
class Storm:
    """Seconds from a key to the cursor on its new row, the share of a core used, and how many changes a second came."""

    moves: list[float]
    load: float
    rate: float


@contextmanager
def opened(
    subject: Subject, bench: Bench, view: str, *, terminal: Mapping[str, str] = TRUECOLOR, settled: bool = True
) -> Iterator[Probe]:
    """The console in a fresh home, at the view, with all rows where `settled`."""
    with tempfile.TemporaryDirectory(prefix="fleetui-bench-") as home:
        argv = subject.argv(bench.kubeconfig, view)
        with Probe(argv, env=environment(Path(home), dict(terminal))) as probe:
            if settled:
                probe.wait_for(subject.frame)
                probe.wait_for(subject.has_all(view, bench.scale))
                probe.settle()
            yield probe


def start(subject: Subject, bench: Bench, view: str) -> Start:
    """One cold start into the view; cold: no cache of an earlier session."""
    with opened(subject, bench, view, settled=False) as probe:
        frame = probe.wait_for(subject.frame)
        if view not in subject.row:
            raise ValueError(f"{subject.name} has no view {view}")
        rows = max(frame, probe.wait_for(subject.has_rows(view)))
        whole = max(rows, probe.wait_for(subject.has_all(view, bench.scale)))
        return Start(probe.reads[0].at - probe.started, frame, rows, whole)


def keys(subject: Subject, bench: Bench, probe: Probe) -> Keys:
    """Cursor moves, then a filter typed and cleared, on a console at rest."""
    moves, afterwards = [], []
    for _ in range(bench.keys):
        moves.append(probe.act("j"))
        afterwards.append(probe.bytes_during(REST))
    rounds = [_filter(subject, bench, probe) for _ in range(max(2, bench.keys // 6))]
    return Keys(
        moves=_times(moves),
        move_bytes=[act.size for act in moves],
        afterwards=afterwards,
        letters=_times([letter for typed, _ in rounds for letter in typed]),
        screenfuls=[letter.first or 0.0 for typed, _ in rounds for letter in typed],
        cleared=_times([cleared for _, cleared in rounds]),
    )


def storm(subject: Subject, bench: Bench, probe: Probe, *, rate: float = 300) -> Storm:
    """Cursor moves while `rate` changes a second arrive."""
    moves: list[float] = []
    with raging(bench, rate=rate, seconds=bench.seconds) as sender:
        time.sleep(1)
        before, began = gauge.cost_of(probe.pid).cpu, time.monotonic()
        while time.monotonic() - began < bench.seconds - 3:
            moves.append(move_seen(subject, probe))
            time.sleep(REST)
        load = (gauge.cost_of(probe.pid).cpu - before) / (time.monotonic() - began)
        said = sender.communicate()[0]
    return Storm(moves, load, rate=float(said.rsplit(":", 1)[1].split()[0]))


def move_seen(subject: Subject, probe: Probe) -> float:
    """Seconds from the key to the read after which the cursor's marker stands elsewhere."""
    probe.show()
    row = subject.cursor_row(probe.screen)
    key = "j" if row < probe.screen.rows - 8 else "k" * 20
    at = probe.send(key)
    return probe.wait_for(lambda screen: subject.cursor_row(screen) not in (row, -1), within=5, since=at)


@contextmanager
def raging(bench: Bench, *, rate: float, seconds: float, pod: int | None = None) -> Iterator[subprocess.Popen[str]]:
    """A storm in a process of its own, ended with the block."""
    argv = [sys.executable, "-m", "bench.storm", str(bench.kubeconfig), f"--rate={rate}", f"--seconds={seconds}"]
    argv += [f"--nodes={bench.scale.nodes}", f"--pods={bench.scale.pods}"]
    argv += [f"--pod={pod}"] if pod is not None else []
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def move_sizes(probe: Probe, *, keys: int) -> list[int]:
    """Bytes of a cursor move each, down and up again; what follows once the cursor rests is not in them."""
    probe.act("g", quiet=REST)
    sizes = []
    for number in range(keys):
        sizes.append(probe.act("j" if number % 20 < 10 else "k").size)
        probe.bytes_during(REST)
    probe.act("g", quiet=REST)
    return sizes


def repainted(probe: Probe, upheaval: Callable[[Probe], None]) -> int:
    """Bytes that come of an upheaval, until the console is at rest again."""
    before = len(probe.reads)
    upheaval(probe)
    probe.settle()
    return sum(len(read.data) for read in probe.reads[before:])


def resized(probe: Probe, *, columns: int, rows: int) -> None:
    """Another size, and the first bytes that answer it."""
    before = len(probe.reads)
    probe.resize(columns, rows)
    probe.wait_for(lambda _: len(probe.reads) > before)


def frozen(probe: Probe) -> None:
    """The program is stopped without being asked, and continued; it is awake when a key is answered."""
    os.kill(probe.pid, signal.SIGSTOP)
    probe.wait_stopped()
    os.kill(probe.pid, signal.SIGCONT)
    probe.act("j")


def suspended(probe: Probe) -> None:
    """ctrl-z, as a shell's job; ``fg`` is its terminal given back whole."""
    probe.send("\x1a")
    probe.wait_stopped()
    before = len(probe.reads)
    os.killpg(probe.pid, signal.SIGCONT)
    probe.wait_for(lambda _: len(probe.reads) > before)


def changed_cell(bench: Bench, probe: Probe, *, pod: int, seconds: float) -> float:
    """Bytes for each change of one visible cell, one change a second. Raises NotSeenError where few were painted."""
    probe.settle()
    before = len(probe.reads)
    with raging(bench, rate=1, seconds=seconds, pod=pod) as sender:
        said = sender.communicate()[0]
    time.sleep(1)
    changes = int(said.split()[0])
    reads = probe.reads[before:]
    bursts = sum(later.at - earlier.at > 0.3 for earlier, later in itertools.pairwise(reads)) + 1
    if bursts < 0.7 * changes:
        raise NotSeenError(f"{bursts} paintings of {changes} changes")
    return sum(len(read.data) for read in reads) / changes


def wall(argv: list[str], *, lines: int, env: Mapping[str, str]) -> float:
    """Seconds of a command whose output has at least `lines` lines. Raises RuntimeError where it has not."""
    with tempfile.TemporaryFile() as out:
        began = time.monotonic()
        done = subprocess.run(argv, stdout=out, stderr=subprocess.PIPE, env=dict(env), check=False)
        seconds = time.monotonic() - began
        out.seek(0)
        found = out.read().count(b"\n")
    if done.returncode != 0 or found < lines:
        raise RuntimeError(
            f"{' '.join(argv)}: {found} lines of {lines}, exit {done.returncode}: {done.stderr[-800:]!r}"
        )
    return seconds


def _filter(subject: Subject, bench: Bench, probe: Probe) -> tuple[list[Act], Act]:
    """Each letter of a filter, and the key that clears it; all rows must be back after that."""
    probe.act("/", quiet=0.3)
    letters = [probe.act(letter, quiet=FILTER_PAUSE) for letter in FILTER]
    cleared = probe.act(subject.clear, quiet=0.3)
    probe.wait_for(subject.has_all("pods", bench.scale), within=5)
    return letters, cleared


def _times(acts: list[Act]) -> list[float]:
    silent = [act for act in acts if act.last is None]
    if silent:
        raise NotSeenError(f"{len(silent)} of {len(acts)} keys brought no answer")
    return [act.last for act in acts if act.last is not None]
